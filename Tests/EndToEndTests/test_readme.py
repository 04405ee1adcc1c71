"""The README's tour, line by line: every command as printed, every answer as shown."""

import http.server
import os
import pathlib
import re
import signal
import subprocess
import tempfile
import threading

import pytest

from support.ports import free_port
from support.postern import EXECUTABLE, ROOT, clean_environment
from support.wait import wait_until

SHOWN_ADDRESS = "127.0.0.1:8080"


def tour():
    """The commands of the README's console blocks, each with the lines that it shows."""
    steps = []
    for block in re.findall(r"```console\n(.*?)```", (ROOT / "README.md").read_text(), re.S):
        for line in block.splitlines():
            if line.startswith("$ "):
                steps.append((line[2:], []))
            else:
                steps[-1][1].append(line)
    return steps


def pattern(shown):
    """What an answer must match: the shown text, with … for what differs from run to run."""
    return ".+?".join(re.escape(part) for part in "\n".join(shown).split("…"))


class Development:
    """`postern dev` as `make run` starts it, in a folder of its own."""

    def __init__(self, folder):
        self.folder = folder
        self.address = f"127.0.0.1:{free_port()}"
        (folder / ".postern").mkdir()
        (folder / ".postern/venv").symlink_to(ROOT / ".postern/venv")
        (folder / "migrations").symlink_to(ROOT / "migrations")
        self.log = folder / "dev.log"

    def start(self):
        environment = clean_environment(POSTERN_LISTEN=self.address)
        with self.log.open("w") as log:
            self.process = subprocess.Popen(
                [EXECUTABLE, "dev"], cwd=self.folder, env=environment, stdout=log, stderr=log, start_new_session=True
            )
        wait_until(self._is_ready, timeout=90, what="postern dev being ready")
        return self.log.read_text()

    def _is_ready(self):
        assert self.process.poll() is None, self.log.read_text()
        return "Ctrl-C stops it" in self.log.read_text()

    def stop(self, how=signal.SIGINT):
        if self.process.poll() is None:
            self.process.send_signal(how)
        return self.process.wait(timeout=60)

    def processes(self):
        """What runs on behalf of this folder."""
        found = []
        for path in pathlib.Path("/proc").glob("[0-9]*"):
            try:
                command = (path / "cmdline").read_bytes().replace(b"\0", b" ").decode()
                if os.readlink(path / "cwd").startswith(str(self.folder)) or str(self.folder) in command:
                    found.append(command)
            except OSError:
                continue
        return found


@pytest.fixture
def development():
    # Not one of pytest's folders: they are for their owner alone, and PostgreSQL, which does not run as root, must reach
    # its data.
    with tempfile.TemporaryDirectory(prefix="postern-dev-") as folder:
        folder = pathlib.Path(folder)
        folder.chmod(0o755)
        development = Development(folder)
        yield development
        development.stop(signal.SIGKILL)
        wait_until(lambda: not development.processes(), timeout=60, what="everything being stopped")


def test_tour_givesWhatTheReadmeShows(development):
    development.start()
    steps = tour()
    assert len(steps) > 8

    shell = subprocess.Popen(
        ["bash"], cwd=development.folder, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        text=True, env=clean_environment(),
    )
    for command, shown in steps:
        shell.stdin.write(command.replace(SHOWN_ADDRESS, development.address) + "\necho; echo '--- done'\n")
        shell.stdin.flush()
        lines = []
        while (line := shell.stdout.readline().rstrip("\n")) != "--- done":
            lines.append(line)
        answer = "\n".join(lines).strip().replace(development.address, SHOWN_ADDRESS)
        assert re.fullmatch(pattern(shown), answer, re.S), f"$ {command}\n{answer}\n\nthe README shows:\n{shown}"
    shell.stdin.close()
    assert shell.wait(timeout=10) == 0


def test_dev_printsAWayIn_keepsItsData_andLeavesNothingRunning(development):
    first = development.start()
    assert f"Postern is ready: http://{development.address}" in first
    assert "/api/v1/auth/link?token=" in first and "/api/v1/auth/demo/login" in first
    curl = next(line.strip() for line in first.splitlines() if line.strip().startswith("curl "))
    me = run(curl, development)
    assert '"roles":["admin"]' in me
    assert development.stop() == 0
    assert development.processes() == []

    second = development.start()
    assert "/api/v1/auth/link" not in second, "the link was shown once"
    assert run(curl, development) == me
    assert development.stop(signal.SIGTERM) == 0


def test_dev_whenKilled_leavesNothingInTheWayOfTheNextOne(development):
    development.start()
    development.process.kill()
    development.process.wait()

    assert "Postern is ready" in development.start()


def test_dev_whenTheAddressIsAnothersServers_doesNotTakeThatForItsOwn(development):
    class Ready(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_):
            pass

    with http.server.HTTPServer(("127.0.0.1", 0), Ready) as other:
        threading.Thread(target=other.serve_forever, daemon=True).start()
        development.address = f"127.0.0.1:{other.server_port}"
        with pytest.raises(AssertionError, match="cannot listen on .*: Address already in use"):
            development.start()
        other.shutdown()
    assert development.process.returncode == 1
    assert "Postern is ready" not in development.log.read_text()


def run(command, development):
    done = subprocess.run(["bash", "-c", command], cwd=development.folder, capture_output=True, text=True, timeout=30)
    assert done.returncode == 0, done.stderr
    return done.stdout
