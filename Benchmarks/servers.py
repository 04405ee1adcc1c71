"""Postern, and the nginx that says the same without thinking."""

import contextlib
import http.client
import json
import os
import pathlib
import socket
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor

import processes

WORKERS = 2
ROOT = pathlib.Path(__file__).resolve().parent.parent
EXECUTABLE = os.environ.get("POSTERN_EXECUTABLE", str(ROOT / ".build/release/postern"))


class Server:
    """A process with workers that listens on a free port."""

    def __init__(self, worker_count=WORKERS):
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port = free.getsockname()[1]
        self.worker_count = worker_count
        self.process = None
        self.remarks = []

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.process:
            self.process.terminate()
            self.process.wait(timeout=40)

    @property
    def pid(self):
        return self.process.pid

    @property
    def workers(self):
        return processes.children(self.pid)

    def request(self, method, path, headers={}, body=None):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        with contextlib.closing(connection):
            connection.request(method, path, body, headers)
            answer = connection.getresponse()
            return Answer(answer.status, answer.getheaders(), answer.read())

    def wait_until_it_answers(self, path):
        deadline = time.monotonic() + 30
        while True:
            if self.process.poll() is not None or time.monotonic() > deadline:
                sys.exit(f"{type(self).__name__} does not start:\n{self.log_end}")
            with contextlib.suppress(OSError):
                if self.request("GET", path).status == 200 and len(self.workers) == self.worker_count:
                    return
            time.sleep(0.05)

    def empty_log(self):
        """Keeps the end of what is no access log, which would be written to the disk while others are measured."""
        with self.log_path.open("r+") as log:
            self.remarks = [*self.remarks, *(line for line in log if '"level":"info"' not in line)][-20:]
            log.truncate(0)

    @property
    def log_end(self):
        self.empty_log()
        return "".join(self.remarks)


class Answer:
    def __init__(self, status, headers, body):
        self.status = status
        self.headers = headers
        self.body = body.decode()


class Postern(Server):
    def __init__(self, directory, database, secret, worker_count=WORKERS, public_url=None, access_log=False):
        super().__init__(worker_count)
        self.public_url = public_url or f"http://127.0.0.1:{self.port}"
        inherited = {key: value for key, value in os.environ.items() if not key.startswith("POSTERN_")}
        self.environment = inherited | {
            "DATABASE_URL": database.url,
            "POSTERN_SECRET": secret,
            "POSTERN_LISTEN": f"127.0.0.1:{self.port}",
            "POSTERN_ADMIN_LISTEN": "off",
            "POSTERN_PUBLIC_URL": self.public_url,
            "POSTERN_WORKERS": str(worker_count),
            "POSTERN_LOG_LEVEL": "info" if access_log else "warning",
            # All users sign in from here before anything is measured.
            "POSTERN_RATE_LIMIT_SIGN_IN": "off",
            # Every worker is asked until it refuses, all from one address.
            "POSTERN_RATE_LIMIT_FAILED": "off",
        }
        self.log_path = directory / f"postern-{self.port}.log"

    def migrate(self):
        command = [EXECUTABLE, "migrate", "up"]
        done = subprocess.run(command, env=self.environment, capture_output=True, text=True)
        if done.returncode != 0:
            sys.exit(done.stderr)

    def start(self):
        with self.log_path.open("a") as log:
            self.process = subprocess.Popen([EXECUTABLE, "serve"], env=self.environment, stdout=log, stderr=log)
        self.wait_until_it_answers("/readyz")

    def sign_in(self, links):
        """The access tokens that sign-in links give."""
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        answers = [self.request("POST", "/api/v1/auth/link", headers, f"token={link}") for link in links]
        return [json.loads(answer.body)["access_token"] for answer in answers]

    def refresh(self, refresh_tokens):
        """The access tokens that refresh tokens are swapped for; eight at once, because each waits for the disk."""

        def swap(token):
            headers = {"Content-Type": "application/json"}
            answer = self.request("POST", "/api/v1/auth/refresh", headers, json.dumps({"refresh_token": token}))
            return json.loads(answer.body)["access_token"]

        with ThreadPoolExecutor(8) as pool:
            return list(pool.map(swap, refresh_tokens))


class Nginx(Server):
    """Gives at each path the answer that Postern gave there, header fields included."""

    def __init__(self, directory, answers):
        super().__init__()
        self.log_path = directory / "nginx.log"
        self.configuration = directory / "nginx.conf"
        temporary = "".join(
            f"{kind}_temp_path {directory};\n" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
        )
        locations = "".join(_location(path, answer) for path, answer in answers.items())
        self.configuration.write_text(
            f"daemon off; worker_processes {WORKERS}; pid {directory}/nginx.pid; error_log {self.log_path};\n"
            "events { worker_connections 1024; }\n"
            f"http {{\n{temporary}access_log off; server_tokens off; keepalive_requests 1000000000;\n"
            f"server {{\nlisten 127.0.0.1:{self.port} reuseport;\n{locations}}}\n}}\n"
        )
        self.path = next(iter(answers), None)

    def __enter__(self):
        if not self.path:
            return self
        self.process = subprocess.Popen(["nginx", "-c", self.configuration, "-e", self.log_path])
        self.wait_until_it_answers(self.path)
        return self


def _location(path, answer):
    fields = {name.lower(): value for name, value in answer.headers}
    content_type = fields["content-type"]
    # nginx writes these itself.
    others = [name for name in fields if name not in ("content-length", "content-type", "date")]
    added = "".join(f"add_header {name} {_quoted(fields[name])};\n" for name in others)
    return f"location = {path} {{\ndefault_type {content_type};\n{added}return 200 {_quoted(answer.body)};\n}}\n"


def _quoted(text):
    assert "$" not in text, "nginx would take it for a variable"
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'
