"""Workers that die before they can do anything: how often they are tried, and when the supervisor gives up."""

import datetime
import os
import signal
import time

import pytest

from support.load import Load
from support.preload import DyingWorkers
from support.processes import connections_of
from support.wait import wait_until

#: A worker that was ready for so long has had a healthy life.
HEALTHY_AGE = 10
#: The first wait of a slot, the longest, and by which share each is longer or shorter at random.
FIRST, LONGEST, JITTER = 0.1, 30, 0.2


@pytest.fixture
def dying(tmp_path):
    return DyingWorkers(tmp_path)


def lines(postern, message, slot=None):
    return [line for line in postern.log_lines() if line["msg"] == message and slot in (None, line.get("slot"))]


def when(line):
    return datetime.datetime.fromisoformat(line["ts"]).timestamp()


def is_healthy(postern):
    ready = [when(line) for line in lines(postern, "worker ready")]
    return len(ready) == 2 and time.time() - max(ready) > HEALTHY_AGE


def test_workersThatAllDie_atTheFirstStart_endTheSupervisorWithin10Seconds(start_postern, dying):
    dying.on()
    postern = start_postern(until=None, POSTERN_WORKERS=4, **dying.settings)

    assert postern.process.wait(timeout=10) == 1

    assert "stopping because every worker fails to start" in postern.messages()
    assert {line["status"] for line in lines(postern, "worker exited")} == {"70"}
    assert len(lines(postern, "worker started")) == 4 * 5


def waits_of(postern, slot):
    """The seconds for which a slot waited after each early death; every start after the first kept to them."""
    waits = [int(line["wait_ms"]) / 1000 for line in lines(postern, "worker will be started again", slot)]
    died = [when(line) for line in lines(postern, "worker will be started again", slot)]
    started = [when(line) for line in lines(postern, "worker started", slot)]
    for wait, death in zip(waits, died):
        # A millisecond is what the log rounds away.
        assert not [start for start in started if death < start < death + wait - 0.001], (slot, waits)
    return waits


def assert_doubling(waits):
    for count, wait in enumerate(waits):
        middle = min(FIRST * 2**count, LONGEST)
        assert (1 - JITTER) * middle - 0.001 <= wait <= (1 + JITTER) * middle, waits


def kill(pids):
    for pid in pids:
        os.kill(pid, signal.SIGKILL)


def test_workersThatAllDie_afterAHealthyLife_areTriedEverLessOften_andTheSupervisorStays(start_postern, dying):
    postern = start_postern(POSTERN_WORKERS=2, POSTERN_LOG_LEVEL="info", **dying.settings)
    wait_until(lambda: is_healthy(postern), timeout=30, what="a healthy life of the workers")
    first = set(postern.workers())
    dying.on()
    kill(first)

    wait_until(
        lambda: all(len(waits_of(postern, slot)) >= 7 for slot in ("0", "1")), timeout=40, what="seven deaths of each"
    )
    for slot in ("0", "1"):
        assert_doubling(waits_of(postern, slot))
    assert postern.process.poll() is None

    dying.off()
    wait_until(lambda: len(postern.ready_workers() - first) == 2, timeout=30, what="both workers being back")
    assert postern.get("/livez").status_code == 200


@pytest.mark.slow
def test_workerThatDies_againAndAgain_isTriedOnceInHalfAMinute_whileOthersServe(start_postern, dying):
    postern = start_postern(POSTERN_WORKERS=2, POSTERN_LOG_LEVEL="info", **dying.settings)
    wait_until(lambda: is_healthy(postern), timeout=30, what="a healthy life of the workers")
    victim, other = postern.workers()
    with Load(postern.port, clients=20, rate=100) as load:
        wait_until(lambda: load.count("ok") > 200, what="the load running")
        held = connections_of(victim, postern.port)
        dying.on()
        kill([victim])
        [slot] = {line["slot"] for line in lines(postern, "worker ready") if line["pid"] == str(victim)}
        wait_until(lambda: len(waits_of(postern, slot)) >= 12, timeout=240, what="twelve deaths")
        waits = waits_of(postern, slot)
        assert_doubling(waits)
        assert min(waits[-2:]) >= (1 - JITTER) * LONGEST
        assert other in postern.ready_workers()
        dying.off()
        wait_until(lambda: len(postern.ready_workers() - {victim}) == 2, timeout=50, what="another try")
    assert set(load.failures()) <= {"reset", "closed"} and sum(load.failures().values()) <= held, load.snapshot()
