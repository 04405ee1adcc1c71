"""What each signal does to the supervisor and to a worker, as docs/SIGNALS.md says."""

import contextlib
import os
import pathlib
import shutil
import signal
import sys

import pytest
import requests

from support.load import Load
from support.postern import EXECUTABLE, new_secret
from support.wait import wait_until


def count(server, message):
    return server.messages().count(message)


def wait_for(server, message, times=1, timeout=40):
    wait_until(lambda: count(server, message) >= times, timeout=timeout, what=f"{message!r} {times} times")


def last(server, message):
    return [line for line in server.log_lines() if line.get("msg") == message][-1]


def is_serving(server):
    return server.get("/livez").status_code == 200


def children_of(pid):
    return pathlib.Path(f"/proc/{pid}/task/{pid}/children").read_text().split()


# Stopping


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGQUIT, signal.SIGINT])
def test_supervisor_onAStopSignal_endsInOrder(start_postern, number):
    server = start_postern()

    assert server.stop(number, timeout=15) == 0
    assert server.workers() == []
    assert count(server, "worker drained") == 2


def test_supervisor_onTERM_isNotReadyBeforeItStops_andServesMeanwhile(start_postern):
    server = start_postern(POSTERN_SHUTDOWN_DELAY="3s")

    server.process.send_signal(signal.SIGTERM)
    wait_until(lambda: server.get("/readyz").status_code == 503, timeout=2.5, what="/readyz saying no")
    assert is_serving(server)
    assert server.process.wait(timeout=30) == 0
    messages = server.messages()
    assert messages.index("stopping soon; not ready any more, still serving") < messages.index(
        "stopping when the requests under way are answered"
    )


@pytest.mark.parametrize("number", [signal.SIGWINCH, signal.SIGPIPE])
def test_supervisor_onASignalWithoutAMeaning_goesOn(start_postern, number):
    server = start_postern()
    workers = server.ready_workers()

    server.process.send_signal(number)
    # The signals are read in order, so this one shows that the other was dealt with.
    server.process.send_signal(signal.SIGUSR1)
    wait_for(server, "the log goes to standard output; there is no file to reopen")

    assert is_serving(server) and server.ready_workers() == workers


# HUP


@pytest.fixture
def configured(start_postern, tmp_path):
    """A server whose log level comes from a file."""
    file = tmp_path / "postern.conf"
    file.write_text("POSTERN_LOG_LEVEL=info\n")
    server = start_postern(POSTERN_LOG_LEVEL=None, POSTERN_CONFIG=file, POSTERN_POOL_SIZE=None)
    return server, file


def test_supervisor_onHUP_replacesEveryWorkerWithTheNewSettings_andLosesNoRequest(configured):
    server, file = configured
    before = server.ready_workers()
    file.write_text("POSTERN_LOG_LEVEL=debug\n")

    with Load(server.port, clients=10) as load:
        wait_until(lambda: load.count("ok") > 100, what="the load running")
        server.process.send_signal(signal.SIGHUP)
        wait_for(server, "reloaded")
        after = load.count("ok")
        wait_until(lambda: load.count("ok") > after + 100, what="the load going on")

    assert set(load.snapshot()) == {"ok"}, load.snapshot()
    wait_until(lambda: not before & set(server.workers()), timeout=30, what="the old workers being gone")
    assert len(server.ready_workers()) == 2
    assert last(server, "reloaded")["generation"] == "2"
    assert {line["slot"] for line in server.log_lines() if line["level"] == "debug" and "slot" in line}


def test_supervisor_onHUPWithABadSetting_changesNothingAndSaysWhy_andTheNextOneWorks(configured):
    server, file = configured
    before = server.ready_workers()
    file.write_text("POSTERN_LOG_LEVEL=info\nPOSTERN_POOL_SIZE=hunter2\n")

    server.process.send_signal(signal.SIGHUP)
    wait_for(server, "reload failed; the workers stay as they are")

    reason = last(server, "reload failed; the workers stay as they are")["reason"]
    assert reason.startswith("POSTERN_POOL_SIZE must be")
    assert "hunter2" not in server.log
    assert server.ready_workers() == before and is_serving(server)

    file.write_text("POSTERN_LOG_LEVEL=info\nPOSTERN_POOL_SIZE=3\n")
    server.process.send_signal(signal.SIGHUP)
    wait_for(server, "reloaded")


def test_supervisor_onHUPWithASettingThatNeedsARestart_namesIt(configured):
    server, file = configured
    before = server.ready_workers()
    file.write_text("POSTERN_LOG_FILE=/tmp/elsewhere.log\nPOSTERN_MAX_WORKERS=9\n")

    server.process.send_signal(signal.SIGHUP)
    wait_for(server, "reload failed; the workers stay as they are")

    reason = last(server, "reload failed; the workers stay as they are")["reason"]
    assert reason == "POSTERN_MAX_WORKERS and POSTERN_LOG_FILE cannot be changed without a restart"
    assert server.ready_workers() == before
    assert not os.path.exists("/tmp/elsewhere.log")


def test_supervisor_onHUPWithSettingsThatOnlyAWorkerCanRefuse_keepsTheOldWorkers_andTheNextOneWorks(
    start_postern, tmp_path
):
    secret, right = tmp_path / "secret", new_secret()
    secret.write_text(right)
    server = start_postern(POSTERN_SECRET=None, POSTERN_SECRET_FILE=secret)
    before = server.ready_workers()
    secret.write_text(new_secret())

    server.process.send_signal(signal.SIGHUP)
    wait_for(server, "reload failed; the workers stay as they are")
    assert server.ready_workers() == before and is_serving(server)

    secret.write_text(right)
    server.process.send_signal(signal.SIGHUP)
    wait_for(server, "reloaded")


# USR1


def test_supervisor_onUSR1_writesToANewLogFile_andSoDoItsWorkers(start_postern, tmp_path):
    log, moved = tmp_path / "postern.log", tmp_path / "postern.log.1"
    server = start_postern(until=None, POSTERN_LOG_FILE=log)
    wait_until(lambda: log.exists() and log.read_text().count('"worker ready"') == 2, what="both workers being ready")
    log.rename(moved)

    server.process.send_signal(signal.SIGUSR1)
    wait_until(lambda: log.exists() and "log file reopened" in log.read_text(), what="the new file")
    wait_until(lambda: is_open_everywhere(server, log), what="everybody having the new file")
    assert server.stop() == 0

    # The supervisor and the workers all say something at their end.
    assert log.read_text().count('"worker drained"') == 2 and '"stopped"' in log.read_text()
    assert "drained" not in moved.read_text()
    assert server.log == ""


def is_open_everywhere(server, path):
    return all(
        any(os.path.realpath(entry) == str(path) for entry in pathlib.Path(f"/proc/{pid}/fd").iterdir())
        for pid in [server.process.pid, *server.workers()]
    )


# USR2


@pytest.fixture
def installed(tmp_path):
    """The executable at a path of the test's own."""
    path = tmp_path / "bin" / "postern"
    path.parent.mkdir()
    shutil.copy(EXECUTABLE, path)
    return path


def replace(path, contents=None):
    """Puts another file into a program's place, as package managers do."""
    new = path.with_suffix(".new")
    if contents is None:
        shutil.copy(EXECUTABLE, new)
    else:
        new.write_text(contents)
        new.chmod(0o755)
    new.rename(path)


def test_supervisor_onUSR2_becomesTheInstalledProgram_asTheSameProcess_andLosesNoRequest(start_postern, installed):
    server = start_postern(command=[str(installed), "serve"])
    before, pid = server.ready_workers(), server.process.pid
    replace(installed)

    with Load(server.port, clients=10) as load:
        wait_until(lambda: load.count("ok") > 100, what="the load running")
        server.process.send_signal(signal.SIGUSR2)
        wait_for(server, "checking the installed program")
        server.process.send_signal(signal.SIGUSR2)
        wait_for(server, "upgraded")
        after = load.count("ok")
        wait_until(lambda: load.count("ok") > after + 100, what="the load going on")

    assert set(load.snapshot()) == {"ok"}, load.snapshot()
    assert last(server, "upgrade failed")["reason"] == "an upgrade is in progress"
    assert server.process.poll() is None
    everybody = [pid, *server.workers()]
    assert all(os.path.samefile(f"/proc/{one}/exe", installed) for one in everybody)
    assert not before & server.ready_workers() and len(server.ready_workers()) == 2
    assert pathlib.Path(f"/proc/{pid}/comm").read_text() == "postern\n"

    # It is a supervisor like any other: it reloads, is upgraded again, replaces a worker, and stops.
    server.process.send_signal(signal.SIGHUP)
    wait_for(server, "reloaded", times=2)
    replace(installed)
    server.process.send_signal(signal.SIGUSR2)
    wait_for(server, "upgraded", times=2)
    assert os.path.samefile(f"/proc/{pid}/exe", installed)
    os.kill(min(server.ready_workers()), signal.SIGKILL)
    wait_until(lambda: len(server.ready_workers()) == 2, what="two workers again")
    assert {int(child) for child in children_of(pid)} == set(server.workers())
    assert server.stop() == 0


def test_supervisor_afterAnUpgrade_keepsNoDescriptorMore(start_postern, installed):
    server = start_postern(command=[str(installed), "serve"])
    folder = pathlib.Path(f"/proc/{server.process.pid}/fd")
    numbers = []
    for round in range(1, 4):
        server.process.send_signal(signal.SIGUSR2)
        wait_for(server, "upgraded", times=round)
        wait_until(lambda: len(children_of(server.process.pid)) == 2, what="two children")
        numbers.append(len(list(folder.iterdir())))

    assert len(set(numbers)) == 1, numbers


def test_supervisor_afterAnUpgrade_stillHasItsSocketFileAndItsLogFile(start_postern, installed, tmp_path):
    path, log, moved = tmp_path / "s", tmp_path / "postern.log", tmp_path / "postern.log.1"
    server = start_postern(
        until=None,
        command=[str(installed), "serve"],
        POSTERN_LISTEN=f"unix:{path}",
        POSTERN_PUBLIC_URL="http://localhost",
        POSTERN_LOG_FILE=log,
    )
    wait_until(lambda: log.exists() and log.read_text().count('"worker ready"') == 2, what="both workers being ready")
    server.process.send_signal(signal.SIGUSR2)
    wait_until(lambda: '"upgraded"' in log.read_text(), timeout=40, what="the upgrade")
    assert server.command("healthcheck").returncode == 0

    log.rename(moved)
    server.process.send_signal(signal.SIGUSR1)
    wait_until(lambda: log.exists() and "log file reopened" in log.read_text(), what="the new file")

    assert server.stop() == 0
    assert '"stopped"' in log.read_text()
    assert not path.exists()


def test_supervisor_onUSR2_followsASymbolicLinkThatWasSwitched(start_postern, installed, tmp_path):
    other = tmp_path / "other"
    shutil.copy(EXECUTABLE, other)
    link = tmp_path / "current"
    link.symlink_to(installed)
    server = start_postern(command=[str(link), "serve"])
    link.unlink()
    link.symlink_to(other)

    server.process.send_signal(signal.SIGUSR2)
    wait_for(server, "upgraded")

    assert os.path.samefile(f"/proc/{server.process.pid}/exe", other)


def test_supervisor_onUSR2_canBecomeAProgramBehindAScript(start_postern, installed):
    server = start_postern(command=[str(installed), "serve"])
    replace(installed, f'#!/bin/sh\nexec {EXECUTABLE} "$@"\n')

    server.process.send_signal(signal.SIGUSR2)
    wait_for(server, "upgraded")

    assert is_serving(server)
    assert os.path.samefile(f"/proc/{server.process.pid}/exe", EXECUTABLE)
    open_files = [os.path.realpath(entry) for entry in pathlib.Path(f"/proc/{server.process.pid}/fd").iterdir()]
    assert str(installed) not in open_files


@pytest.mark.parametrize(
    "program, reason",
    [
        ("#!/bin/sh\necho first; echo 'a broken program' >&2; exit 3\n", "exited with status 3: a broken program"),
        ("#!/bin/sh\necho '{}'\n", "the installed program is no Postern"),
        (
            '#!/bin/sh\necho \'{"version":"9.9","shared_memory_layout":999,"handover":1}\'\n',
            "release 9.9 shares other things with its workers; it needs a restart",
        ),
        ("no program at all", "cannot be started: Exec format error"),
        ("#!/bin/sh\nkill -9 $$\n", "was ended by signal 9"),
        ("#!/bin/sh\nexec sleep 60\n", "took longer than 10"),
    ],
)
def test_supervisor_onUSR2WithABadProgram_changesNothingAndSaysWhy_andTheNextOneWorks(
    start_postern, installed, program, reason
):
    server = start_postern(command=[str(installed), "serve"])
    before = server.ready_workers()
    replace(installed, program)

    server.process.send_signal(signal.SIGUSR2)
    wait_for(server, "upgrade failed")
    assert reason in last(server, "upgrade failed")["reason"]
    assert server.ready_workers() == before and is_serving(server)

    replace(installed)
    server.process.send_signal(signal.SIGUSR2)
    wait_for(server, "upgraded")


def test_supervisor_onUSR2WithAProgramWhoseWorkersFail_keepsTheOldOnes(start_postern, installed):
    server = start_postern(command=[str(installed), "serve"])
    before = server.ready_workers()
    # It passes the check, and that is all it can do.
    replace(installed, f'#!/bin/sh\ntest "$1" = self-check || exit 70\nexec {EXECUTABLE} "$@"\n')

    server.process.send_signal(signal.SIGUSR2)
    wait_for(server, "reload failed; the workers stay as they are")

    assert server.ready_workers() == before and is_serving(server)
    assert not os.path.samefile(f"/proc/{server.process.pid}/exe", installed)


# TTIN, TTOU


def test_supervisor_onTTINAndTTOU_changesTheNumberOfWorkers_withinTheLimits(start_postern):
    server = start_postern(POSTERN_WORKERS=1, POSTERN_MAX_WORKERS=2)

    def change(number, message, times, workers):
        server.process.send_signal(number)
        wait_for(server, message, times)
        wait_until(lambda: len(server.ready_workers()) == workers, timeout=30, what=f"{workers} workers")

    change(signal.SIGTTIN, "number of workers changed", 1, 2)
    change(signal.SIGTTIN, "number of workers cannot be changed now", 1, 2)
    change(signal.SIGTTOU, "number of workers changed", 2, 1)
    change(signal.SIGTTOU, "number of workers cannot be changed now", 2, 1)
    assert is_serving(server)


# CHLD


def test_supervisor_thatInheritsStrangers_reapsThem_andTheirStatusMeansNothing(start_postern, tmp_path):
    # As process 1 does: whoever loses its parent becomes a child of the supervisor.
    ready = tmp_path / "pid"
    adopt = f"""
import ctypes, os, signal
ctypes.CDLL(None).prctl(36, 1)  # PR_SET_CHILD_SUBREAPER
child = os.fork()
if child == 0:
    signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGUSR1])
    grandchild = os.fork()
    if grandchild == 0:
        open({str(ready)!r}, "w").write(str(os.getpid()))
        signal.sigwait([signal.SIGUSR1])
        os._exit(64)
    os._exit(0)
os.waitpid(child, 0)
os.execv({EXECUTABLE!r}, ["postern", "serve"])
"""
    server = start_postern(command=[sys.executable, "-c", adopt])
    orphan = int(ready.read_text())
    workers = server.ready_workers()
    assert str(orphan) in children_of(server.process.pid)

    os.kill(orphan, signal.SIGUSR1)
    wait_for(server, "reaped a process that is no worker")

    assert last(server, "reaped a process that is no worker")["pid"] == str(orphan)
    assert not os.path.exists(f"/proc/{orphan}")
    assert server.ready_workers() == workers and is_serving(server)


# Workers


def test_worker_onASignalThatIsTheSupervisors_goesOn(start_postern):
    server = start_postern(POSTERN_WORKERS=1)
    (worker,) = server.ready_workers()

    for number in (
        signal.SIGINT, signal.SIGHUP, signal.SIGUSR1, signal.SIGUSR2, signal.SIGPIPE, signal.SIGTTIN, signal.SIGTTOU,
        signal.SIGWINCH,
    ):
        os.kill(worker, number)
        assert is_serving(server), number

    assert server.ready_workers() == {worker}


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGQUIT])
def test_worker_onTERM_drains_andIsReplaced(start_postern, number):
    server = start_postern()
    victim = min(server.ready_workers())

    os.kill(victim, number)
    wait_for(server, "worker drained")
    wait_until(lambda: len(server.ready_workers() - {victim}) == 2, what="two workers again")

    exited = last(server, "worker exited")
    assert (exited["pid"], exited["status"]) == (str(victim), "0")


def test_worker_onABRT_writesDownWhereItIs_andASecondOneEndsIt(start_postern):
    server = start_postern()
    victim = min(server.ready_workers())

    os.kill(victim, signal.SIGABRT)
    wait_until(lambda: "Backtrace took" in server.log, timeout=60, what="the backtrace")
    with contextlib.suppress(ProcessLookupError):
        os.kill(victim, signal.SIGABRT)
    wait_until(lambda: len(server.ready_workers() - {victim}) == 2, timeout=60, what="two workers again")

    assert last(server, "worker exited")["signal"] == str(int(signal.SIGABRT))
    assert requests.get(server.url + "/readyz", timeout=5).status_code == 200
