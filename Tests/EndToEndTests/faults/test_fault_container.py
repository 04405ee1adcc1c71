"""The supervisor as process 1 of a container: every orphan is its child, and none of its business."""

import os
import signal
import subprocess

import pytest

from support.postern import EXECUTABLE
from support.wait import wait_until

# A container's own process ids; as an ordinary user it takes a user namespace besides.
CONTAINER = ["unshare", "--pid", "--fork", "--mount-proc", "--kill-child"]
if os.geteuid() != 0:
    CONTAINER += ["--user", "--map-root-user"]


@pytest.fixture
def postern(start_postern):
    started = start_postern(command=[*CONTAINER, EXECUTABLE, "serve"], until=None)
    wait_until(lambda: started.messages().count("worker ready") == 2, timeout=30, what="both workers being ready")
    return started


def first_process(postern):
    """Process 1 by the number that it has outside."""
    with open(f"/proc/{postern.process.pid}/task/{postern.process.pid}/children") as children:
        return int(children.read().split()[0])


def leave_orphan(postern, command):
    """Runs `command` in the container as a child of a process that ends at once."""
    enter = ["nsenter", f"--target={first_process(postern)}", "--all"]
    subprocess.run([*enter, "sh", "-c", f"({command}) & exit 0"], check=True, timeout=20)


def test_orphans_areReaped_whateverTheyExitWith(postern):
    statuses = [0, 1, 3, 64, 255]
    for status in statuses:
        leave_orphan(postern, f"sleep 0.2; exit {status}")

    def reaped():
        return [line for line in postern.log_lines() if line["msg"] == "reaped a process that is no worker"]

    wait_until(lambda: {int(line.get("status", -1)) for line in reaped()} >= set(statuses), what="the orphans' end")
    assert "worker exited" not in postern.messages()
    assert postern.get("/readyz").status_code == 200


def test_TERM_toProcess1_stopsInOrder(postern):
    os.kill(first_process(postern), signal.SIGTERM)

    assert postern.process.wait(timeout=30) == 0
    assert "stopped" in postern.messages()
