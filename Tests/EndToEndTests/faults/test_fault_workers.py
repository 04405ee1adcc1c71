"""What clients notice when a worker is killed, stopped, or cannot start: counts of outcomes, under load.

The load is 50 clients that keep their connections and 10 that make a new one for each request, about 500 requests a
second together, on four workers.
"""

import contextlib
import datetime
import os
import signal
import socket
import statistics
import time

import pytest
import requests

from support.load import Load
from support.processes import connections_of, descriptors_of, resident_bytes
from support.wait import wait_until

LOAD = {"clients": 50, "fresh": 10, "rate": 500}


@pytest.fixture
def four(start_postern):
    return start_postern(POSTERN_WORKERS=4, POSTERN_LOG_LEVEL="info")


def ready_at(postern, pid):
    """When the log says that a worker was ready, in seconds since 1970."""
    lines = [line for line in postern.log_lines() if line["msg"] == "worker ready" and line.get("pid") == str(pid)]
    return datetime.datetime.fromisoformat(lines[-1]["ts"]).timestamp()


def test_workersKilled_costAtMostWhatTheyServed_andAreBackWithinASecond(four):
    wait_until(lambda: is_healthy(four), timeout=20, what="a healthy life of the workers")
    held, delays = 0, []
    with Load(four.port, **LOAD) as load:
        wait_until(lambda: load.count("ok") > 500, what="the load running")
        for victim in four.workers():
            others = set(four.workers())
            held += connections_of(victim, four.port)
            killed = time.time()
            os.kill(victim, signal.SIGKILL)
            wait_until(lambda: len(four.ready_workers() - {victim}) == 4, what="four workers again")
            (successor,) = set(four.workers()) - others
            delays.append(ready_at(four, successor) - killed)
            after = load.count("ok")
            wait_until(lambda: load.count("ok") > after + 500, what="the load going on")

    # A client learns of the end of its connection with its next request; new clients may have come meanwhile.
    failures = load.failures()
    assert set(failures) <= {"reset", "closed"}, failures
    assert sum(failures.values()) <= held + 4 * LOAD["fresh"], (failures, held)
    # One of them may have met a machine that was busy with something else.
    assert statistics.median(delays) <= 1, delays


def is_healthy(postern):
    """Whether the workers have been ready for so long that a death of theirs is answered at once."""
    return all(time.time() - ready_at(postern, pid) > 10 for pid in postern.workers())


def test_workerStopped_getsNoNewConnections_andIsReplaced(four):
    """SIGSTOP: the kernel still knows the process, and it answers nothing."""
    victim = four.workers()[0]
    with Load(four.port, clients=0, fresh=10, rate=200) as load:
        wait_until(lambda: load.count("ok") > 100, what="the load running")
        os.kill(victim, signal.SIGSTOP)
        stopped = load.count("ok")
        # Ten clients would hang within a second if new connections went on to the one that is stopped.
        wait_until(lambda: load.count("ok") > stopped + 500, timeout=20, what="the others serving meanwhile")
        assert victim in four.workers(), "it has to be there still"
        wait_until(lambda: victim not in four.workers(), timeout=25, what="the stopped worker being ended")
        wait_until(lambda: len(four.ready_workers()) == 4, what="four workers again")
        after = load.count("ok")
        wait_until(lambda: load.count("ok") > after + 200, what="the load going on")

    # What it had accepted when it was stopped.
    assert sum(load.failures().values()) <= 5, load.snapshot()
    stuck = [line for line in four.log_lines() if line["msg"] == "worker is stuck"]
    assert [line["pid"] for line in stuck] == [str(victim)]


def test_connections_areSpreadEvenly(four):
    for _ in range(1000):
        with socket.create_connection(("127.0.0.1", four.port), timeout=10) as connection:
            connection.sendall(b"GET /livez HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
            assert connection.recv(4096).startswith(b"HTTP/1.1 200")
    requests = [worker["requests"] for worker in four.status()["workers"]]
    assert len(requests) == 4 and sum(requests) >= 1000, requests
    assert max(requests) <= 1.2 * sum(requests) / 4, requests


def test_supervisorKilled_workersLeaveThePortAtOnce(four):
    workers = four.workers()
    with Load(four.port, **LOAD) as load:
        wait_until(lambda: load.count("ok") > 500, what="the load running")
        four.process.kill()
        four.process.wait()
        wait_until(lambda: load.count("refused") > 0, timeout=3, what="the port being left")
        wait_until(lambda: not four.workers(), timeout=6, what="the workers being gone")
        second = four.start()
        after = load.count("ok")
        wait_until(lambda: load.count("ok") > after + 100, what="the load going on")
        assert second.process.poll() is None

    failures = load.failures()
    assert set(failures) <= {"refused", "reset", "reset while connecting", "closed"}, failures
    # With the supervisor nobody can empty the listener's queue in order: that, and the requests under way.
    lost = sum(count for name, count in failures.items() if name != "refused")
    assert lost <= LOAD["fresh"] + len(workers) * 4, failures


def test_logThatCannotBeWritten_costsNoRequest_andIsCounted(start_postern):
    """As with a full disk: every write fails with ENOSPC."""
    postern = start_postern(POSTERN_WORKERS=2, POSTERN_LOG_FILE="/dev/full", until=None)
    wait_until(lambda: is_answering(postern), timeout=30, what="an answer")
    before, workers = dropped_lines(postern), set(postern.workers())
    with Load(postern.port, clients=10, limit=500, path="/api/v1/examples/public") as load:
        load.join()
    assert load.failures() == {}, load.snapshot()
    # A line each, and each worker counts what it lost with its next sign of life.
    wait_until(lambda: dropped_lines(postern) >= before + 500, what="the lines being counted")
    ages = [worker["heartbeat_age_ms"] for worker in postern.status()["workers"]]
    assert len(ages) == 2 and max(age for parts in ages for age in parts.values()) < 5_000, ages
    assert set(postern.workers()) == workers
    assert postern.stop(timeout=30) == 0


def dropped_lines(postern):
    """How many lines of the log all processes lost, as the metrics say."""
    lines = requests.get(f"{postern.admin_url}/metrics", timeout=10).text.splitlines()
    [value] = [line.rpartition(" ")[2] for line in lines if line.startswith("log_lines_dropped_total ")]
    return int(float(value))


def is_answering(postern):
    with contextlib.suppress(OSError):
        return postern.get("/livez").status_code == 200


@pytest.mark.slow
def test_workersKilledAThousandTimes_leaveNothingBehind(start_postern):
    """Thirty-two workers at a time, each after a healthy life, so that none waits to be started again."""
    postern = start_postern(POSTERN_WORKERS=32, POSTERN_LOG_LEVEL="info", POSTERN_POOL_SIZE=1)
    supervisor = postern.process.pid
    wait_until(lambda: is_healthy(postern), timeout=60, what="a healthy life of the workers")
    before = descriptors_of(supervisor), resident_bytes(supervisor)
    killed = 0
    while killed < 1000:
        victims = postern.workers()
        for pid in victims:
            os.kill(pid, signal.SIGKILL)
        killed += len(victims)
        wait_until(
            lambda: len(postern.ready_workers() - set(victims)) == 32 and is_healthy(postern),
            timeout=90,
            what="thirty-two healthy workers",
        )
    assert descriptors_of(supervisor) == before[0]
    assert resident_bytes(supervisor) <= before[1] * 1.1 + 1_000_000
    children = open(f"/proc/{supervisor}/task/{supervisor}/children").read().split()
    assert len(children) == 32, "zombies"
    assert postern.stop(timeout=60) == 0


@pytest.mark.slow
def test_workerThatStaysTooLarge_isReplacedWithoutAFailure(start_postern):
    postern = start_postern(POSTERN_WORKERS=2, POSTERN_WORKER_MAX_MEMORY=1, POSTERN_LOG_LEVEL="info")
    first = set(postern.workers())
    with Load(postern.port, **LOAD) as load:
        wait_until(lambda: not first & set(postern.workers()), timeout=180, what="both workers being replaced")
    assert load.failures() == {}, load.snapshot()
    reasons = {line["reason"] for line in postern.log_lines() if line["msg"] == "replacing worker"}
    assert reasons == {"memory"}


@pytest.mark.slow
def test_workerThatHangsInItsStart_isKilledAndTriedAgain_whileOthersServe(start_postern):
    postern = start_postern(POSTERN_WORKERS=1, POSTERN_LOG_LEVEL="info")
    with Load(postern.port, clients=5, rate=50) as load:
        postern.process.send_signal(signal.SIGTTIN)
        os.kill(newcomer(postern.process.pid), signal.SIGSTOP)
        wait_until(lambda: "boot deadline" in postern.log, timeout=60, what="the hanging worker being killed")
        wait_until(lambda: len(postern.ready_workers()) == 2, timeout=30, what="another try")
    assert load.failures() == {}, load.snapshot()


def newcomer(supervisor):
    """The next child of a supervisor that has one, as soon as it runs a program of its own: it is not ready yet."""
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        with open(f"/proc/{supervisor}/task/{supervisor}/children") as children:
            pids = children.read().split()
        for pid in pids[1:]:
            with open(f"/proc/{pid}/cmdline", "rb") as arguments:
                if b"worker" in arguments.read():
                    return int(pid)
    raise AssertionError("no worker was started")
