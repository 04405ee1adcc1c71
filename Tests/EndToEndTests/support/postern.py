import base64
import contextlib
import json
import os
import pathlib
import signal
import subprocess
import tempfile

import requests

from . import secrets
from .ports import free_port
from .wait import wait_until

ROOT = pathlib.Path(__file__).resolve().parents[3]
EXECUTABLE = os.environ.get("POSTERN_EXECUTABLE", str(ROOT / ".build/release/postern"))


def clean_environment(**settings):
    """The environment without any setting of Postern, and then `settings`."""
    inherited = {
        key: value for key, value in os.environ.items() if not key.startswith("POSTERN_") and key != "DATABASE_URL"
    }
    return inherited | {key: str(value) for key, value in settings.items() if value is not None}


def new_secret():
    return base64.b64encode(os.urandom(32)).decode()


class Postern:
    """The built executable, started with `serve` on a port of its own."""

    def __init__(self, database_url, command=None, pass_fds=(), **settings):
        self.serve_command = command or [EXECUTABLE, "serve"]
        self.pass_fds = pass_fds
        self.port = int(settings.pop("port", 0)) or free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.admin_port = free_port()
        self.admin_url = f"http://127.0.0.1:{self.admin_port}"
        self.env = clean_environment(
            **{
                "DATABASE_URL": database_url,
                "POSTERN_SECRET": new_secret(),
                "POSTERN_LISTEN": f"127.0.0.1:{self.port}",
                "POSTERN_ADMIN_LISTEN": f"127.0.0.1:{self.admin_port}",
                "POSTERN_WORKERS": 2,
                "POSTERN_SHUTDOWN_DELAY": "0s",
                "POSTERN_LOG_LEVEL": "debug",
                # All clients of the tests are one address.
                "POSTERN_RATE_LIMIT_FAILED": "off",
                "POSTERN_RATE_LIMIT_SIGN_IN": "off",
                **settings,
            }
        )
        secrets.remember_settings(self.env)
        self.log_path = pathlib.Path(tempfile.mkstemp(prefix="postern-", suffix=".log")[1])
        self.process = None

    # The process

    def start(self, until="/readyz"):
        with self.log_path.open("a") as log:
            self.process = subprocess.Popen(
                self.serve_command, env=self.env, stdout=log, stderr=log, pass_fds=self.pass_fds
            )
        if until:
            wait_until(lambda: self._answers(until), timeout=30, what=f"{until}; the log:\n{self.log}\n")
            wait_until(lambda: len(self.ready_workers()) >= self.worker_count, what="all workers being ready")
        return self

    def _answers(self, path):
        assert self.process.poll() is None, f"postern serve ended:\n{self.log}"
        with contextlib.suppress(requests.RequestException):
            return requests.get(self.url + path, timeout=2).status_code == 200

    def stop(self, how=signal.SIGTERM, timeout=30):
        """Sends the signal and returns the exit status."""
        if self.process.poll() is None:
            self.process.send_signal(how)
        return self.process.wait(timeout=timeout)

    def end(self):
        """For fixtures: whatever a test did, nothing is left."""
        if self.process and self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        for pid in self.workers():
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        log = self.log if self.log_path.exists() else ""
        self.log_path.unlink(missing_ok=True)
        assert secrets.found_in(log) == [], "the log holds secrets"

    @property
    def worker_count(self):
        return int(self.env["POSTERN_WORKERS"])

    def workers(self):
        """The process ids of the workers, also of those whose supervisor is gone."""
        marker = f"POSTERN_LISTEN={self.env['POSTERN_LISTEN']}".encode()
        found = []
        for folder in pathlib.Path("/proc").glob("[0-9]*"):
            with contextlib.suppress(OSError):
                arguments = (folder / "cmdline").read_bytes().split(b"\0")
                if arguments[1:2] == [b"worker"] and marker in (folder / "environ").read_bytes().split(b"\0"):
                    found.append(int(folder.name))
        return found

    def ready_workers(self):
        """The process ids of living workers that said they are ready."""
        alive = set(self.workers())
        ready = {int(line["pid"]) for line in self.log_lines() if str(line.get("msg", "")).startswith("worker ready")}
        return alive & ready

    def status(self):
        """What the admin listener says of the installation."""
        return requests.get(f"{self.admin_url}/status", timeout=10).json()

    # The log

    @property
    def log(self):
        return self.log_path.read_text()

    def messages(self):
        return [line.get("msg") for line in self.log_lines()]

    def log_lines(self):
        lines = []
        for line in self.log.splitlines():
            with contextlib.suppress(ValueError):
                lines.append(json.loads(line))
        return [line for line in lines if isinstance(line, dict)]

    # Commands with the same settings

    def command(self, *arguments, **settings):
        done = subprocess.run(
            [EXECUTABLE, *arguments],
            env=self.env | {key: str(value) for key, value in settings.items()},
            capture_output=True,
            text=True,
            timeout=60,
        )
        secrets.remember_output(done.stdout)
        return done

    def bootstrap(self, email="admin@example.com"):
        done = self.command("bootstrap", "--email", email, "--json")
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    # Requests

    def get(self, path, **options):
        return self.request("GET", path, **options)

    def post(self, path, **options):
        return self.request("POST", path, **options)

    def delete(self, path, **options):
        return self.request("DELETE", path, **options)

    def request(self, method, path, token=None, key=None, headers=None, **options):
        headers = dict(headers or {})
        if token is not None:
            headers["Authorization"] = f"Bearer {token}"
        if key is not None:
            headers["X-API-Key"] = key
        options.setdefault("timeout", 10)
        options.setdefault("allow_redirects", False)
        return requests.request(method, self.url + path, headers=headers, **options)
