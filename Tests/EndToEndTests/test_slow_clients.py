"""Clients that send or read slowly, or not at all: each is cut in time, and nobody else notices."""

import collections
import contextlib
import json
import os
import pathlib
import resource
import selectors
import signal
import socket
import subprocess
import time

import pytest

from support.load import Load
from support.slow_client import SlowClient
from support.wait import wait_until

HEADER = b"GET /livez HTTP/1.1\r\nHost: postern.example\r\nX-Slow: "
FORM = b"POST /api/v1/auth/link HTTP/1.1\r\nHost: a\r\nContent-Type: application/x-www-form-urlencoded\r\n"
# By then all are cut, even on a machine that has other things to do; an idle connection lives longer.
PATIENCE = 60


class DeafClient(SlowClient):
    """Asks for much and never reads; whether the server still holds the connection is seen from outside."""

    def __init__(self, postern):
        self.started = time.monotonic()
        self.connection = socket.socket()
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        self.connection.connect(("127.0.0.1", postern.port))
        self.connection.sendall(b"GET /openapi.json HTTP/1.1\r\nHost: a\r\n\r\n" * 100)
        self.connection.setblocking(False)
        self.ports = f":{postern.port:04X}", f":{self.connection.getsockname()[1]:04X}"
        self.drip, self.received, self.lasted = b"", b"", None
        wait_until(self.is_held, what="the connection being accepted")

    def read(self):
        if not self.is_held():
            self.lasted = time.monotonic() - self.started

    def is_held(self):
        for line in pathlib.Path("/proc/net/tcp").read_text().splitlines()[1:]:
            _, local, remote, *_, inode = line.split()[:10]
            if local.endswith(self.ports[0]) and remote.endswith(self.ports[1]):
                return inode != "0"
        return False


def run(clients):
    """Lets all clients be slow at the same time, until the last is cut."""
    deadline = time.monotonic() + PATIENCE
    dripped = 0
    while (now := time.monotonic()) < deadline and any(client.lasted is None for client in clients):
        if now - dripped >= 1:
            dripped = now
            for client in clients:
                if client.lasted is None:
                    client.step()
        for client in clients:
            if client.lasted is None:
                client.read()
        time.sleep(0.1)


@pytest.fixture(scope="module")
def slow_clients(postern):
    """All kinds at once, and what became of each and of ordinary clients meanwhile."""
    kinds = {
        "header": [SlowClient(postern, HEADER, b"a") for _ in range(200)],
        "silent": [SlowClient(postern) for _ in range(20)],
        "chunked body": [SlowClient(postern, FORM + b"Transfer-Encoding: chunked\r\n\r\n", b"1\r\na\r\n") for _ in range(10)],
        "body": [SlowClient(postern, FORM + b"Content-Length: 1000\r\n\r\n", b"a") for _ in range(10)],
        "asked body": [
            SlowClient(postern, FORM + b"Expect: 100-continue\r\nContent-Length: 1000\r\n\r\n", b"a") for _ in range(5)
        ],
        "deaf": [DeafClient(postern) for _ in range(5)],
    }
    with Load(postern.port, clients=4, rate=40) as load:
        run([client for clients in kinds.values() for client in clients])
    yield kinds, load.snapshot()
    for clients in kinds.values():
        for client in clients:
            client.connection.close()


def assert_cut(clients, seconds):
    lasted = [client.lasted for client in clients]
    assert None not in lasted, collections.Counter(value is None for value in lasted)
    # Never early, but for the half second that a deadline is counted in; how late, the machine's load decides.
    assert min(lasted) >= seconds - 0.5, lasted


def assert_request_timeout(client, answer=None):
    answer = client.received if answer is None else answer
    assert answer.startswith(b"HTTP/1.1 408 ") and b"\r\nConnection: close\r\n" in answer
    assert json.loads(answer.partition(b"\r\n\r\n")[2])["code"] == "request_timeout"


def test_slowHeaders_areCutAfterTenSecondsWith408(slow_clients):
    clients = slow_clients[0]["header"]
    assert_cut(clients, 10)
    for client in clients:
        assert_request_timeout(client)


def test_silentClients_areCutAfterTenSecondsWithoutAWord(slow_clients):
    clients = slow_clients[0]["silent"]
    assert_cut(clients, 10)
    assert {client.received for client in clients} == {b""}


@pytest.mark.parametrize("kind", ["chunked body", "body"])
def test_slowBodies_areCutAfterFifteenSecondsWith408(slow_clients, kind):
    clients = slow_clients[0][kind]
    assert_cut(clients, 15)
    for client in clients:
        assert_request_timeout(client)


def test_slowBodiesThatWereAskedFor_areCutToo(slow_clients):
    clients = slow_clients[0]["asked body"]
    assert_cut(clients, 15)
    for client in clients:
        word, _, answer = client.received.partition(b"\r\n\r\n")
        assert word == b"HTTP/1.1 100 Continue"
        assert_request_timeout(client, answer)


def test_clientsThatDoNotRead_areCutAfterFifteenSeconds(slow_clients):
    assert_cut(slow_clients[0]["deaf"], 15)


def test_otherClients_areServedMeanwhile(slow_clients):
    outcomes = slow_clients[1]
    assert set(outcomes) == {"ok"} and outcomes["ok"] > 20, outcomes


def test_connection_thatHasServedAThousandRequests_endsAndLosesNoneThatWasSentAhead(postern):
    request = b"GET /livez HTTP/1.1\r\nHost: a\r\n\r\n"
    # So many fit into what is read at a time that nothing of the next is seen when the last of them is answered.
    assert 4096 % len(request) == 0
    with socket.create_connection(("127.0.0.1", postern.port), timeout=10) as connection:
        connection.sendall(request * 1200)
        data = b""
        while chunk := connection.recv(65536):
            data += chunk
    assert data.count(b"HTTP/1.1 200") == 1200
    assert data.lower().count(b"connection: close") == 1


def test_workThatTakesTooLong_isAnswered503(start_postern):
    postern = start_postern(POSTERN_WORKERS=1, POSTERN_REQUEST_TIMEOUT="1500ms")
    key = postern.bootstrap()["api_key"]
    assert postern.get("/api/v1/users/me", key=key).status_code == 200
    lock = subprocess.Popen(
        ["psql", postern.env["DATABASE_URL"], "--no-psqlrc", "--quiet"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    try:
        lock.stdin.write("begin; lock table users in access exclusive mode; \\echo locked\n")
        lock.stdin.flush()
        assert lock.stdout.readline() == "locked\n"
        answer = postern.get("/api/v1/users/me", key=key)
    finally:
        lock.communicate("rollback;\n")

    assert answer.status_code == 503 and answer.json()["code"] == "unavailable", answer.text
    assert "in time" in answer.json()["detail"] and answer.json()["instance"] == "/api/v1/users/me"
    assert answer.headers["Connection"] == "close" and answer.headers["Retry-After"]
    assert postern.get("/api/v1/users/me", key=key).status_code == 200


def ask(connection, path="/livez"):
    connection.sendall(f"GET {path} HTTP/1.1\r\nHost: a\r\n\r\n".encode())
    return connection.recv(4096)


def test_fullWorker_closesWhoIsIdleForLongest_andServesOthers(start_postern):
    postern = start_postern(POSTERN_WORKERS=1, POSTERN_MAX_CONNECTIONS=5)
    with contextlib.ExitStack() as stack:
        idle = []
        for _ in range(5):
            connection = stack.enter_context(socket.create_connection(("127.0.0.1", postern.port), timeout=20))
            assert ask(connection).startswith(b"HTTP/1.1 200")
            idle.append(connection)
        with socket.create_connection(("127.0.0.1", postern.port), timeout=20) as other:
            assert ask(other).startswith(b"HTTP/1.1 200")
        with selectors.DefaultSelector() as selector:
            for connection in idle:
                selector.register(connection, selectors.EVENT_READ)
            closed = [key.fileobj for key, _ in selector.select(timeout=0)]
        assert closed and all(connection.recv(1) == b"" for connection in closed), "an end, and no reset"


def test_workerWithoutDescriptors_goesOnServing_saysSoOnce_andRecovers(start_postern):
    postern = start_postern(POSTERN_WORKERS=1)
    [worker] = postern.workers()

    def said(message):
        lines = [line for line in postern.log_lines() if line["msg"] == message]
        # The admin listener has a shortage of its own.
        return [line for line in lines if line.get("listener") is None]

    with contextlib.ExitStack() as stack:

        def connect():
            return stack.enter_context(socket.create_connection(("127.0.0.1", postern.port), timeout=60))

        served = connect()
        assert ask(served).startswith(b"HTTP/1.1 200")
        before = resource.prlimit(worker, resource.RLIMIT_NOFILE)
        # Whatever it closes, no descriptor is as low as this again.
        resource.prlimit(worker, resource.RLIMIT_NOFILE, (3, before[1]))
        waiting = connect()
        waiting.sendall(b"GET /livez HTTP/1.1\r\nHost: a\r\n\r\n")
        wait_until(lambda: said("out of resources for connections"), timeout=60, what="a warning")
        for path in ["/livez", "/readyz"] * 20:
            assert ask(served, path).startswith(b"HTTP/1.1 200")
            time.sleep(0.1)
        [warning] = said("out of resources for connections")
        assert "Too many open files" in warning["error"]
        assert said("connections are taken again") == []

        resource.prlimit(worker, resource.RLIMIT_NOFILE, before)
        assert waiting.recv(4096).startswith(b"HTTP/1.1 200")
        [end] = wait_until(lambda: said("connections are taken again"), timeout=60, what="the end of the shortage")
        assert int(end["failures"]) > 1
    assert postern.workers() == [worker]
    assert len(said("out of resources for connections")) == 1


def test_worker_hasNoThreadsOfLibdispatch_whichEndAProcessWithoutDescriptors(postern):
    for worker in postern.workers():
        names = {path.read_text().strip() for path in pathlib.Path(f"/proc/{worker}/task").glob("*/comm")}
        assert "accept" in names and not [name for name in names if "qos" in name], names


def test_workerWithALowLimit_saysSo(start_postern):
    postern = start_postern(POSTERN_WORKERS=1)
    [worker] = postern.workers()
    resource.prlimit(postern.process.pid, resource.RLIMIT_NOFILE, (400, 400))
    os.kill(worker, signal.SIGKILL)

    def warning():
        return [line for line in postern.log_lines() if line["msg"].startswith("fewer connections")]

    [line] = wait_until(warning, what="a warning")
    assert line["wanted"] == "10000" and 0 < int(line["possible"]) < 400
