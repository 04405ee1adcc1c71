"""What passes between the supervisor and a service manager: notifications, the watchdog, sockets that are handed in."""

import contextlib
import os
import pathlib
import signal
import socket
import sys
import time

import pytest
import requests

from support.database import Database
from support.ports import free_port
from support.postern import EXECUTABLE
from support.wait import wait_until

ACTIVATE = """
import os, sys
names, descriptors, command = sys.argv[1], sys.argv[2].split(","), sys.argv[3:]
for number, descriptor in enumerate(descriptors):
    os.dup2(int(descriptor), 3 + number, inheritable=True)
os.environ |= {"LISTEN_PID": str(os.getpid()), "LISTEN_FDS": str(len(descriptors)), "LISTEN_FDNAMES": names}
os.execv(command[0], command)
"""


# Notifications


class ServiceManager:
    """The end of a notification socket that systemd has."""

    def __init__(self, name):
        self.name = name
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.settimeout(40)
        self.socket.bind(name.replace("@", "\0", 1) if name.startswith("@") else name)

    def next(self, but=("WATCHDOG=1",)):
        """The next message, as a dictionary."""
        while (text := self.socket.recv(4096).decode()) in but:
            pass
        return dict(line.split("=", 1) for line in text.splitlines())


@pytest.fixture(params=["path", "abstract"])
def manager(request, tmp_path):
    name = f"{tmp_path}/notify" if request.param == "path" else f"@postern-test-{os.getpid()}-{time.monotonic_ns()}"
    manager = ServiceManager(name)
    yield manager
    manager.socket.close()


def test_supervisor_tellsTheServiceManagerHowItIs(start_postern, manager):
    server = start_postern(NOTIFY_SOCKET=manager.name)
    assert manager.next()["READY"] == "1"
    assert server.get("/readyz").status_code == 200

    before = time.clock_gettime_ns(time.CLOCK_MONOTONIC) // 1000
    server.process.send_signal(signal.SIGHUP)
    reloading = manager.next()
    assert reloading["RELOADING"] == "1"
    assert before <= int(reloading["MONOTONIC_USEC"]) <= time.clock_gettime_ns(time.CLOCK_MONOTONIC) // 1000
    assert manager.next()["READY"] == "1"
    assert "reloaded" in server.messages()

    server.process.send_signal(signal.SIGUSR2)
    assert manager.next()["RELOADING"] == "1"
    assert manager.next()["READY"] == "1"
    wait_until(lambda: "upgraded" in server.messages(), what="the upgrade")

    server.process.send_signal(signal.SIGTERM)
    assert manager.next()["STOPPING"] == "1"
    assert server.process.wait(timeout=30) == 0


def test_supervisor_whenAReloadIsRefused_endsItForTheServiceManager(start_postern, manager, tmp_path):
    file = tmp_path / "postern.conf"
    file.write_text("")
    start = start_postern(NOTIFY_SOCKET=manager.name, POSTERN_CONFIG=file)
    assert manager.next()["READY"] == "1"
    file.write_text("POSTERN_NONSENSE=1\n")

    start.process.send_signal(signal.SIGHUP)

    assert manager.next()["RELOADING"] == "1"
    assert manager.next()["READY"] == "1"


def test_supervisor_beforeAWorkerIsReady_saysNothing(start_postern, manager):
    server = start_postern(Database.empty().url, until=None, NOTIFY_SOCKET=manager.name)

    assert server.process.wait(timeout=30) == 64
    manager.socket.setblocking(False)
    with pytest.raises(BlockingIOError):
        manager.socket.recv(4096)


def test_supervisor_underAWatchdog_showsThatItLives_andStillDoesAfterAnUpgrade(start_postern, manager):
    server = start_postern(NOTIFY_SOCKET=manager.name, WATCHDOG_USEC=1_000_000)
    assert manager.next()["READY"] == "1"

    def expect_signs():
        times = []
        for _ in range(4):
            while manager.socket.recv(4096) != b"WATCHDOG=1":
                pass
            times.append(time.monotonic())
        assert times[-1] - times[0] < 3, "each within the second that the service manager waits"

    expect_signs()
    server.process.send_signal(signal.SIGUSR2)
    wait_until(lambda: "upgraded" in server.messages(), timeout=30, what="the upgrade")
    expect_signs()


@pytest.mark.parametrize("manager", ["path"], indirect=True)
def test_supervisor_thatHangs_showsNoLifeUntilItGoesOn(start_postern, manager):
    server = start_postern(NOTIFY_SOCKET=manager.name, WATCHDOG_USEC=1_000_000)
    assert manager.next()["READY"] == "1"
    while manager.socket.recv(4096) != b"WATCHDOG=1":
        pass

    server.process.send_signal(signal.SIGSTOP)
    wait_until(lambda: state_of(server.process.pid) == "T", what="the supervisor being stopped")
    manager.socket.settimeout(0)
    with contextlib.suppress(BlockingIOError):
        while manager.socket.recv(4096):
            pass
    manager.socket.settimeout(3)
    with pytest.raises(TimeoutError):
        manager.socket.recv(4096)
    assert server.get("/livez").status_code == 200, "the workers serve on"

    server.process.send_signal(signal.SIGCONT)
    for _ in range(3):
        assert manager.socket.recv(4096) == b"WATCHDOG=1"
    assert not {"worker is stuck", "worker exited"} & set(server.messages())


def state_of(pid):
    # After the name, which may hold spaces, comes the state.
    return pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(") ")[2][0]


@pytest.mark.parametrize("manager", ["path"], indirect=True)
def test_supervisor_whoseWorkersAllHang_showsNoLifeUntilTheyAreReplaced(start_postern, manager):
    server = start_postern(NOTIFY_SOCKET=manager.name, WATCHDOG_USEC=1_000_000)
    assert manager.next()["READY"] == "1"
    hanging = set(server.workers())
    for pid in hanging:
        os.kill(pid, signal.SIGSTOP)

    # It ends a worker 5 seconds after the 10 in which it gave no sign; for those 5 nothing serves.
    manager.socket.settimeout(2)
    with pytest.raises(TimeoutError):
        while manager.socket.recv(4096):
            assert hanging & set(server.workers()), "replaced without a silence before"
    wait_until(lambda: len(server.ready_workers() - hanging) == 2, timeout=30, what="other workers")
    assert manager.socket.recv(4096) == b"WATCHDOG=1"


def test_supervisor_underAWatchdogOfAnotherProcess_keepsSilent(start_postern, manager):
    start_postern(NOTIFY_SOCKET=manager.name, WATCHDOG_USEC=200_000, WATCHDOG_PID=1)
    assert manager.next()["READY"] == "1"

    manager.socket.settimeout(1)
    with pytest.raises(TimeoutError):
        manager.socket.recv(4096)


def test_workers_knowNothingOfTheServiceManager(start_postern, manager):
    server = start_postern(NOTIFY_SOCKET=manager.name, WATCHDOG_USEC=60_000_000)

    for worker in server.workers():
        names = {entry.split(b"=")[0] for entry in pathlib.Path(f"/proc/{worker}/environ").read_bytes().split(b"\0")}
        assert not names & {b"NOTIFY_SOCKET", b"WATCHDOG_USEC", b"WATCHDOG_PID", b"LISTEN_FDS", b"LISTEN_PID"}


# Sockets that are handed in


def activated(names, *sockets):
    numbers = [listener.fileno() for listener in sockets]
    arguments = [sys.executable, "-c", ACTIVATE, names, ",".join(map(str, numbers)), EXECUTABLE, "serve"]
    return {"command": arguments, "pass_fds": numbers}


def listen(port):
    return socket.create_server(("127.0.0.1", port), backlog=64)


def test_supervisor_servesTheSocketsThatWereHandedIn_alsoAfterAnUpgrade(start_postern):
    public, admin = free_port(), free_port()
    with listen(public) as listener, listen(admin) as admin_listener:
        # As systemd may leave it; to the workers it would be a busy loop.
        listener.setblocking(False)
        options = activated("postern-admin:postern", admin_listener, listener)
        server = start_postern(port=public, POSTERN_ADMIN_LISTEN="127.0.0.1:1", **options)
        listening = next(line for line in server.log_lines() if line["msg"] == "listening")
        assert (listening["address"], listening["admin"]) == (f"127.0.0.1:{public}", f"127.0.0.1:{admin}")
        assert requests.get(f"http://127.0.0.1:{admin}/metrics", timeout=10).status_code == 200

        server.process.send_signal(signal.SIGUSR2)
        wait_until(lambda: "upgraded" in server.messages(), timeout=40, what="the upgrade")
        assert server.get("/livez").status_code == 200
        environment = pathlib.Path(f"/proc/{server.process.pid}/environ").read_bytes()
        assert b"LISTEN_FDS" not in environment
        assert server.stop() == 0


def test_socketThatWasHandedIn_outlivesTheServer_soThatNobodyIsRefusedInARestart(start_postern):
    port = free_port()
    with listen(port) as listener:
        first = start_postern(port=port, **activated("postern", listener))
        assert first.stop() == 0

        with socket.create_connection(("127.0.0.1", port), timeout=30) as client:
            client.sendall(b"GET /livez HTTP/1.1\r\nHost: x\r\n\r\n")
            start_postern(port=port, **activated("postern", listener))
            assert client.recv(4096).startswith(b"HTTP/1.1 200")


def test_socketFileThatWasHandedIn_isNotRemoved(start_postern, tmp_path):
    path = f"{tmp_path}/s"
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(path)
        listener.listen()
        server = start_postern(
            until=None,
            POSTERN_LISTEN=f"unix:{path}",
            POSTERN_PUBLIC_URL="http://localhost",
            **activated("postern.socket", listener),
        )
        wait_until(lambda: server.command("healthcheck").returncode == 0, timeout=30, what="readiness")

        assert server.stop() == 0
        assert os.path.exists(path)


@pytest.mark.parametrize("kind", ["not listening", "datagrams", "two"])
def test_supervisor_thatIsHandedInSomethingElse_saysSo(start_postern, kind):
    with socket.socket(type=socket.SOCK_DGRAM if kind == "datagrams" else socket.SOCK_STREAM) as other:
        other.bind(("127.0.0.1", 0))
        sockets = [other]
        if kind == "two":
            other.listen()
            sockets.append(other)
        server = start_postern(until=None, **activated(":".join(["postern"] * len(sockets)), *sockets))

        assert server.process.wait(timeout=10) == 1
    assert "handed in" in server.log


def test_socketsOfAnotherProcess_areNotTaken(start_postern):
    server = start_postern(LISTEN_PID=1, LISTEN_FDS=1)

    assert server.get("/livez").status_code == 200
