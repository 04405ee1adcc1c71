"""What clients notice of reloads, upgrades and stops: nothing, counted."""

import os
import shutil
import signal
import socket
import time

import pytest

from support.load import Load
from support.postern import EXECUTABLE
from support.wait import wait_until

BODY = b'{"refresh_token": "' + b"x" * (16 * 1024 - 21) + b'"}'
POSTS = {
    "path": "/api/v1/auth/refresh",
    "method": "POST",
    "body": BODY,
    "headers": {"Content-Type": "application/json"},
    "expects": 422,
}


def times(postern, message):
    return sum(1 for line in postern.log_lines() if line["msg"] == message)


def test_reloads_every2Seconds_failNoRequest(start_postern):
    postern = start_postern(POSTERN_WORKERS=2, POSTERN_LOG_LEVEL="info")
    with Load(postern.port, clients=10, limit=3000, rate=100, **POSTS) as load:
        reload_until_done(postern, load)
        load.join(timeout=60)
    assert load.snapshot() == {"ok": 3000}
    assert times(postern, "reloaded") >= 5
    assert postern.stop() == 0


def reload_until_done(postern, load, halfway=None):
    """SIGHUP every 2 seconds while there is load; `halfway` is called once in the middle."""
    while sum(load.snapshot().values()) < 3000:
        postern.process.send_signal(signal.SIGHUP)
        if halfway and sum(load.snapshot().values()) > 1500:
            halfway()
            halfway = None
        next_signal = time.monotonic() + 2
        wait_until(
            lambda: time.monotonic() > next_signal or sum(load.snapshot().values()) >= 3000, what="2 seconds to pass"
        )


def test_upgrade_amongReloads_failsNoRequest_andKeepsTheProcess(start_postern, tmp_path, monkeypatch):
    installed = tmp_path / "postern"
    shutil.copy(EXECUTABLE, installed)
    monkeypatch.setattr("support.postern.EXECUTABLE", str(installed))
    postern = start_postern(POSTERN_WORKERS=2, POSTERN_LOG_LEVEL="info")
    first = os.stat(f"/proc/{postern.process.pid}/exe").st_ino

    def upgrade():
        replace(installed)
        wait_until(
            lambda: times(postern, "reloaded") and not is_rolling(postern), timeout=30, what="the reload under way"
        )
        postern.process.send_signal(signal.SIGUSR2)

    with Load(postern.port, clients=10, limit=3000, rate=100, **POSTS) as load:
        reload_until_done(postern, load, halfway=upgrade)
        load.join(timeout=60)
        wait_until(lambda: os.stat(f"/proc/{postern.process.pid}/exe").st_ino != first, timeout=60, what="the upgrade")
        after = postern.get("/livez")
    assert after.status_code == 200
    assert load.snapshot() == {"ok": 3000}
    assert postern.stop() == 0


def is_rolling(postern):
    began = times(postern, "reloading") + times(postern, "upgrading to the installed program")
    ended = times(postern, "reloaded") + sum(
        1 for line in postern.log_lines() if line["msg"].startswith("reload failed")
    )
    return began > ended


def replace(installed):
    """As a package manager does it: a new file under the same name."""
    new = installed.with_suffix(".new")
    shutil.copy(EXECUTABLE, new)
    new.rename(installed)


def test_programThatCannotBeRunAtTheLastMoment_leavesTheSupervisorServing_andTheNextUpgradeWorks(
    start_postern, tmp_path, monkeypatch
):
    """It was checked, and all workers run it; only then it cannot be executed any more."""
    installed = tmp_path / "postern"
    shutil.copy(EXECUTABLE, installed)
    monkeypatch.setattr("support.postern.EXECUTABLE", str(installed))
    postern = start_postern(POSTERN_WORKERS=2, POSTERN_LOG_LEVEL="info")
    first, before = os.stat(f"/proc/{postern.process.pid}/exe").st_ino, set(postern.workers())

    def started():
        return {int(line["pid"]) for line in postern.log_lines() if line["msg"] == "worker started"} - before

    with Load(postern.port, clients=10, rate=100) as load:
        replace(installed)
        new = os.stat(installed).st_ino
        postern.process.send_signal(signal.SIGUSR2)
        # The supervisor follows when the last of them is ready, which is some time after its start.
        wait_until(lambda: len(started()) == 2, timeout=30, what="both workers of the new program being started")
        installed.chmod(0)
        wait_until(lambda: times(postern, "upgrade failed") == 1, timeout=30, what="the failure")
        (failure,) = [line for line in postern.log_lines() if line["msg"] == "upgrade failed"]
        assert "the supervisor is not: execve: Permission denied" in failure["reason"]
        wait_until(lambda: not before & set(postern.workers()), timeout=30, what="the old workers being gone")
        workers = set(postern.workers())
        assert os.stat(f"/proc/{postern.process.pid}/exe").st_ino == first
        assert {os.stat(f"/proc/{pid}/exe").st_ino for pid in workers} == {new} and workers == started()

        # It still supervises: a worker that dies is replaced, and a reload and another upgrade work.
        victim = min(workers)
        os.kill(victim, signal.SIGTERM)
        installed.chmod(0o755)
        wait_until(lambda: len(postern.ready_workers() - {victim}) == 2, timeout=30, what="two workers again")
        postern.process.send_signal(signal.SIGUSR2)
        wait_until(lambda: times(postern, "upgraded") == 1, timeout=40, what="the upgrade")
        assert os.stat(f"/proc/{postern.process.pid}/exe").st_ino == new
    assert load.failures() == {}, load.snapshot()
    assert postern.stop() == 0


def test_badConfigurationOnReload_changesNothing_andTheNextReloadWorks(start_postern, tmp_path):
    configuration = tmp_path / "postern.env"
    configuration.write_text("POSTERN_ACCESS_TOKEN_TTL=30m\n")
    postern = start_postern(POSTERN_WORKERS=2, POSTERN_LOG_LEVEL="info", POSTERN_CONFIG=str(configuration))
    before = set(postern.workers())
    with Load(postern.port, clients=10, rate=100) as load:
        configuration.write_text("POSTERN_ACCESS_TOKEN_TTL=never\n")
        postern.process.send_signal(signal.SIGHUP)
        wait_until(lambda: "reload failed" in postern.log, what="the refusal")
        assert set(postern.workers()) == before
        configuration.write_text("POSTERN_ACCESS_TOKEN_TTL=20m\n")
        postern.process.send_signal(signal.SIGHUP)
        wait_until(lambda: times(postern, "reloaded") == 1, timeout=30, what="the reload")
        wait_until(lambda: not before & set(postern.workers()), what="the old workers being gone")
    assert load.failures() == {}, load.snapshot()
    (refusal,) = [line for line in postern.log_lines() if line["msg"].startswith("reload failed")]
    assert "POSTERN_ACCESS_TOKEN_TTL" in refusal["reason"] and "never" not in refusal["reason"]


def test_terminate_first503FromReadyz_thenServes_thenRefuses(start_postern):
    postern = start_postern(POSTERN_WORKERS=4, POSTERN_SHUTDOWN_DELAY="3s")
    with Load(postern.port, clients=50, fresh=10, rate=300) as load:
        wait_until(lambda: load.count("ok") > 300, what="the load running")
        signalled = time.monotonic()
        postern.process.send_signal(signal.SIGTERM)
        wait_until(lambda: postern.get("/readyz").status_code == 503, timeout=2, what="readiness being off")
        during = load.snapshot()
        assert set(during) == {"ok"}, during
        assert postern.process.wait(timeout=30) == 0
        ended = time.monotonic()
    assert set(load.snapshot()) <= {"ok", "refused"}, load.snapshot()
    assert ended - signalled >= 3


def test_idleConnection_onReload_getsAnEndAndNoReset(start_postern):
    postern = start_postern(POSTERN_WORKERS=1)
    with socket.create_connection(("127.0.0.1", postern.port), timeout=20) as idle:
        idle.sendall(b"GET /livez HTTP/1.1\r\nHost: x\r\n\r\n")
        assert idle.recv(4096).startswith(b"HTTP/1.1 200")
        postern.process.send_signal(signal.SIGHUP)
        assert idle.recv(4096) == b"", "an end, and no reset"
    assert postern.stop() == 0


def test_badConfigurationInTheFile_doesNotReachAWorkerThatIsStartedAgain(start_postern, tmp_path):
    """What was accepted last counts until a reload, whatever dies meanwhile."""
    configuration = tmp_path / "postern.env"
    configuration.write_text("POSTERN_ACCESS_TOKEN_TTL=30m\n")
    postern = start_postern(POSTERN_WORKERS=1, POSTERN_LOG_LEVEL="info", POSTERN_CONFIG=str(configuration))
    configuration.write_text("POSTERN_ACCESS_TOKEN_TTL=never\n")
    (victim,) = postern.workers()
    os.kill(victim, signal.SIGKILL)
    wait_until(lambda: postern.ready_workers() - {victim}, what="another worker")
    assert postern.get("/livez").status_code == 200

    # The same after a reload that was refused, and after one that was not.
    postern.process.send_signal(signal.SIGHUP)
    wait_until(lambda: "reload failed" in postern.log, what="the refusal")
    configuration.write_text("POSTERN_ACCESS_TOKEN_TTL=20m\n")
    postern.process.send_signal(signal.SIGHUP)
    wait_until(lambda: times(postern, "reloaded") == 1, timeout=30, what="the reload")
    configuration.unlink()
    (victim,) = postern.workers()
    os.kill(victim, signal.SIGKILL)
    wait_until(lambda: postern.ready_workers() - {victim}, what="another worker")
    assert postern.get("/livez").status_code == 200
