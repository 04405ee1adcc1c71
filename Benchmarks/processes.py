"""What processes use, from proc(5)."""

import contextlib
import os
import pathlib
import time

TICKS_PER_SECOND = os.sysconf("SC_CLK_TCK")


def children(pid):
    """The process ids of the living children."""
    return [int(folder.name) for folder in pathlib.Path("/proc").glob("[0-9]*") if _fields(folder.name)[1] == str(pid)]


def cpu_seconds(pid):
    """The CPU time of a process and its children so far, the dead ones included."""
    own, reaped = _times(pid)
    return own + reaped + sum(_times(child)[0] for child in children(pid))


def clock_seconds(pids):
    """The CPU time of living processes so far, to the nanosecond; those that they waited for are not included."""
    # The clock of another process, as clock_getcpuclockid(3) names it; Python has no name for that.
    return sum(time.clock_gettime((~pid << 3) | 2) for pid in pids)


def memory_megabytes(pids):
    """The proportional set size of each that lives: memory that several processes share is counted once."""
    sizes = {}
    for pid in pids:
        with contextlib.suppress(FileNotFoundError, ProcessLookupError):
            rollup = pathlib.Path(f"/proc/{pid}/smaps_rollup").read_text()
            size = next(int(line.split()[1]) for line in rollup.splitlines() if line.startswith("Pss:"))
            sizes[pid] = size / 1024
    return sizes


def machine_seconds():
    """The CPU time of all processes so far, of interrupts, and of the other tenants of the hardware."""
    # Most kernels count a tick in an interrupt as the time of the process that it came upon, too.
    user, nice, system, _, _, irq, softirq, steal = map(int, pathlib.Path("/proc/stat").read_text().split()[1:9])
    return (user + nice + system + irq + softirq + steal) / TICKS_PER_SECOND


def is_scheduled_by_session():
    """Whether the kernel shares the CPU out among sessions, not processes: autogroup, see sched(7)."""
    switch = pathlib.Path("/proc/sys/kernel/sched_autogroup_enabled")
    if not switch.exists() or switch.read_text().strip() == "0":
        return False
    # It leaves alone what is in a control group with shares of its own.
    for line in pathlib.Path("/proc/self/cgroup").read_text().splitlines():
        _, controllers, path = line.split(":", 2)
        if "cpu" in controllers.split(",") and path != "/":
            return False
        if not controllers and pathlib.Path(f"/sys/fs/cgroup{path}/cpu.weight").exists():
            return False
    return True


def _times(pid):
    user, system, children_user, children_system = map(int, _fields(pid)[11:15])
    return (user + system) / TICKS_PER_SECOND, (children_user + children_system) / TICKS_PER_SECOND


def _fields(pid):
    """The fields of `stat` behind the program's name; zeros for a process that is gone."""
    try:
        return pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return ["0"] * 50
