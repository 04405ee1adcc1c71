"""Supervisor and workers: even spread, deaths, drains."""

import collections
import datetime
import os
import signal
import socket
import time

import pytest

from support.load import Load
from support.processes import connections_of, worker_of
from support.wait import wait_until


WAITING = "address already in use; waiting for it"


@pytest.fixture
def four(start_postern):
    return start_postern(POSTERN_WORKERS=4, POSTERN_LOG_LEVEL="info")


def test_connections_oneAfterAnother_areSpreadEvenly(four):
    workers = four.workers()
    assert len(workers) == 4
    answered = collections.Counter()
    for _ in range(200):
        with socket.create_connection(("127.0.0.1", four.port), timeout=10) as connection:
            connection.sendall(b"GET /livez HTTP/1.1\r\nHost: x\r\n\r\n")
            assert connection.recv(4096).startswith(b"HTTP/1.1 200")
            answered[worker_of(connection, workers)] += 1

    assert set(answered) == set(workers)
    assert max(answered.values()) <= 1.5 * 200 / 4, answered


def test_worker_whenKilled_costsOnlyWhatItServed_andIsReplaced(four):
    victim = four.workers()[0]
    with Load(four.port, clients=50) as load:
        wait_until(
            lambda: sum(connections_of(pid, four.port) for pid in four.workers()) == 50, what="all clients being connected"
        )
        wait_until(lambda: load.count("ok") > 500, what="the load running")
        held = connections_of(victim, four.port)
        killed = time.time()
        os.kill(victim, signal.SIGKILL)
        wait_until(lambda: len(four.ready_workers() - {victim}) == 4, what="four workers again")
        after = load.count("ok")
        wait_until(lambda: load.count("ok") > after + 500, what="the load going on")

    outcomes = load.snapshot()
    failed = {name: count for name, count in outcomes.items() if name != "ok"}
    assert set(failed) <= {"reset", "closed"}, outcomes
    assert sum(failed.values()) <= held, (outcomes, held)
    # By the log's clock: this process, busy with 50 clients, would see it late.
    ready = max(line["ts"] for line in four.log_lines() if line["msg"] == "worker ready")
    assert datetime.datetime.fromisoformat(ready).timestamp() - killed <= 2


def test_supervisor_onTERMUnderLoad_resetsNobody(four):
    with Load(four.port, clients=50) as load:
        wait_until(lambda: load.count("ok") > 500, what="the load running")
        began = time.monotonic()
        assert four.stop(signal.SIGTERM, timeout=30) == 0
        duration = time.monotonic() - began

    outcomes = load.snapshot()
    assert set(outcomes) <= {"ok", "refused"}, outcomes
    assert duration <= 30
    assert four.workers() == []
    messages = [line["msg"] for line in four.log_lines()]
    assert messages.count("worker drained") == 4 and "stopped" in messages


def test_supervisor_onINT_stopsToo(four):
    assert four.stop(signal.SIGINT, timeout=15) == 0
    assert four.workers() == []


def test_drain_closesAnIdleConnectionInOrder(start_postern):
    postern = start_postern(POSTERN_WORKERS=1)
    with socket.create_connection(("127.0.0.1", postern.port), timeout=20) as idle:
        idle.sendall(b"GET /livez HTTP/1.1\r\nHost: x\r\n\r\n")
        assert idle.recv(4096).startswith(b"HTTP/1.1 200")
        postern.process.send_signal(signal.SIGTERM)
        assert idle.recv(4096) == b"", "an end, and no reset"
    assert postern.process.wait(timeout=30) == 0


def test_drain_answersARequestThatComesLate_andSaysClose(start_postern):
    postern = start_postern(POSTERN_WORKERS=1)
    with socket.create_connection(("127.0.0.1", postern.port), timeout=20) as client:
        client.sendall(b"GET /livez HTTP/1.1\r\nHost: x\r\n\r\n")
        assert client.recv(4096)
        postern.process.send_signal(signal.SIGTERM)

        def ask():
            client.sendall(b"GET /livez HTTP/1.1\r\nHost: x\r\n\r\n")
            answer = client.recv(4096)
            assert answer.startswith(b"HTTP/1.1 200")
            return b"connection: close" in answer.lower()

        wait_until(ask, what="an answer that says close")
        assert client.recv(4096) == b""
    assert postern.process.wait(timeout=30) == 0


def test_worker_whenItsSupervisorIsKilled_isGoneAndThePortIsFree(four):
    workers = four.workers()
    four.process.kill()
    killed = time.monotonic()
    four.process.wait()

    wait_until(lambda: not four.workers(), timeout=6, what="the workers being gone")
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        probe.bind(("127.0.0.1", four.port))
    assert len(workers) == 4 and time.monotonic() - killed <= 6


def test_worker_whenItsSupervisorIsKilled_letsGoOfBothAddresses_beforeItHasAnswered(four):
    with socket.create_connection(("127.0.0.1", four.port), timeout=20) as client:
        client.sendall(b"POST /api/v1/auth/token HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n")
        client.sendall(b"Content-Type: application/x-www-form-urlencoded\r\n\r\n")
        wait_until(lambda: four.status()["requests_in_flight"] == 1, what="a request in progress")
        four.process.kill()
        four.process.wait()

        # Less than the 5 s that the request may take.
        wait_until(lambda: is_free(four.port) and is_free(four.admin_port), timeout=3, what="the addresses being free")
        assert four.workers(), "a worker with a request"
        client.sendall(b"grant=abc")
        assert client.recv(4096).startswith(b"HTTP/1.1 400")


def is_free(port):
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


@pytest.mark.parametrize("taken", ["port", "admin_port"])
def test_supervisor_whoseAddressIsTaken_waitsUntilItIsLetGo(start_postern, taken):
    other = socket.create_server(("127.0.0.1", 0))
    port = other.getsockname()[1]
    settings = {"port": port} if taken == "port" else {"POSTERN_ADMIN_LISTEN": f"127.0.0.1:{port}"}
    postern = start_postern(until=None, **settings)
    wait_until(lambda: WAITING in postern.messages(), what="the line in the log")
    other.close()

    wait_until(lambda: len(postern.ready_workers()) == 2, timeout=30, what="the workers")
    [line] = [line for line in postern.log_lines() if line["msg"] == WAITING]
    assert (line["level"], line["address"]) == ("warning", f"127.0.0.1:{port}")
    assert postern.process.poll() is None


def test_supervisor_whoseAddressStaysTaken_saysSoAndEnds(start_postern):
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        postern = start_postern(until=None, port=port)
        assert postern.process.wait(timeout=20) == 1
    assert postern.messages().count(WAITING) == 1
    assert f"postern: cannot listen on 127.0.0.1:{port}: Address already in use" in postern.log.splitlines()
    assert "worker started" not in postern.messages()


def test_worker_thatCannotStart_isNotStartedForEver(start_postern):
    from support.database import Database

    postern = start_postern(Database.empty().url, until=None)

    assert postern.process.wait(timeout=30) == 64
    assert "postern migrate up" in postern.log


def test_healthcheck_followsReadiness(four):
    assert four.command("healthcheck").returncode == 0
    four.stop()
    assert four.command("healthcheck").returncode == 1


def test_unixSocket_isServed(start_postern, tmp_path):
    path = f"{tmp_path}/s"
    postern = start_postern(until=None, POSTERN_LISTEN=f"unix:{path}", POSTERN_PUBLIC_URL="http://localhost")

    wait_until(lambda: os.path.exists(path), what="the socket file")
    wait_until(lambda: postern.command("healthcheck").returncode == 0, what="readiness")
    with socket.socket(socket.AF_UNIX) as client:
        client.connect(path)
        client.sendall(b"GET /livez HTTP/1.1\r\nHost: x\r\n\r\n")
        assert client.recv(4096).startswith(b"HTTP/1.1 200")
    assert postern.stop() == 0
    assert not os.path.exists(path)


def test_connection_isKeptFromOneRequestToTheNext(four):
    with socket.create_connection(("127.0.0.1", four.port), timeout=10) as connection:
        for _ in range(5):
            connection.sendall(b"GET /livez HTTP/1.1\r\nHost: x\r\n\r\n")
            assert connection.recv(4096).startswith(b"HTTP/1.1 200")
