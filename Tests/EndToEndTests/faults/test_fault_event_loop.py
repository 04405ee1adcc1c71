"""A worker whose event loop hangs while its other threads go on, as when a request's handler blocks it."""

import contextlib
import datetime
import os
import socket
import time

import pytest

from support.frozen_thread import FrozenThread
from support.load import Load
from support.processes import connections_of, thread_named
from support.wait import wait_until

#: Connections that a worker accepts before its event loop has taken over the first of them.
GATE = 4
#: What the supervisor allows an event loop before it asks where it hangs, and then before it ends it; and how often it
#: looks, and how often the loop gives a sign.
SILENCE, GRACE, ROUND = 10, 5, 1
#: What a busy machine needs on top.
SLACK = 3

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="only root may stop a thread of another process")


def when(line):
    return datetime.datetime.fromisoformat(line["ts"]).timestamp()


def lines(postern, message):
    return [line for line in postern.log_lines() if line["msg"] == message]


def connect(postern):
    connection = socket.create_connection(("127.0.0.1", postern.port), timeout=60)
    connection.sendall(b"GET /livez HTTP/1.1\r\nHost: x\r\n\r\n")
    return connection


def is_answered(connection):
    """Whether an answer comes as soon as it mostly does from a worker that is not stuck."""
    connection.settimeout(0.5)
    with contextlib.suppress(TimeoutError):
        return connection.recv(4096).startswith(b"HTTP/1.1 200")


def test_eventLoopThatHangs_takesFourMoreConnectionsAtMost_andItsWorkerIsReplaced(start_postern):
    postern = start_postern(POSTERN_WORKERS=4, POSTERN_LOG_LEVEL="info")
    victim = postern.workers()[0]
    with Load(postern.port, clients=20, rate=200) as load, contextlib.ExitStack() as stack:
        wait_until(lambda: load.count("ok") > 200, what="the load running")
        stack.enter_context(FrozenThread(thread_named(victim, "NIO-")))
        stopped = time.time()
        held = connections_of(victim, postern.port)

        waiting = []
        for _ in range(100):
            connection = stack.enter_context(connect(postern))
            if not is_answered(connection):
                waiting.append(connection)
        # On a busy machine an answer may come late; from the worker that is stuck none comes.
        stranded = [connection for connection in waiting if not is_answered(connection)]
        assert 0 < len(stranded) <= GATE
        assert connections_of(victim, postern.port) <= held + GATE
        assert victim in postern.workers(), "all that was while it was stuck"

        wait_until(lambda: victim not in postern.workers(), timeout=30, what="the worker being ended")
        ended = time.time()
        wait_until(lambda: len(postern.ready_workers()) == 4, what="four workers again")
        after = load.count("ok")
        wait_until(lambda: load.count("ok") > after + 200, what="the load going on")

    assert set(load.failures()) <= {"reset", "closed"}, load.snapshot()
    assert sum(load.failures().values()) <= held, (load.snapshot(), held)
    (stuck,), (killed,) = lines(postern, "worker is stuck"), lines(postern, "killing worker")
    assert (stuck["pid"], stuck["part"]) == (str(victim), "event loop")
    assert SILENCE - 2 * ROUND <= when(stuck) - stopped <= SILENCE + ROUND + SLACK
    assert (killed["pid"], killed["reason"]) == (str(victim), "stuck")
    # ABRT: it was asked where it is, and could not say, since its event loop did not answer.
    assert "processing a crash" in postern.log
    assert GRACE <= when(killed) - when(stuck) <= GRACE + SLACK
    assert ended - stopped <= SILENCE + GRACE + ROUND + 2 * SLACK
