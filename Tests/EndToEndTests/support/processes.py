"""What the kernel knows of processes and their connections."""

import contextlib
import os
import pathlib


def descriptors_of(pid):
    """How many descriptors a process has open."""
    return len(os.listdir(f"/proc/{pid}/fd"))


def threads_of(pid):
    """How many threads a process has."""
    return len(os.listdir(f"/proc/{pid}/task"))


def thread_named(pid, prefix):
    """The identifier of the one thread of a process whose name begins so."""
    names = pathlib.Path(f"/proc/{pid}/task").glob("*/comm")
    [found] = [int(path.parent.name) for path in names if path.read_text().startswith(prefix)]
    return found


def resident_bytes(pid):
    """How much memory a process has resident."""
    with open(f"/proc/{pid}/statm") as statm:
        return int(statm.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def worker_of(connection, workers):
    """The process that holds the server's end of a connection."""
    client_port = connection.getsockname()[1]
    server_port = connection.getpeername()[1]
    inode = None
    for row in _connections():
        local, remote = (int(row[index].split(":")[1], 16) for index in (1, 2))
        if (local, remote) == (server_port, client_port):
            inode = f"socket:[{row[9]}]"
    for pid in workers:
        if inode in _sockets(pid):
            return pid
    raise AssertionError("no worker holds the connection")


def connections_of(pid, port):
    """How many connections of a server's port a process holds, in the network that it is in."""
    inodes = _sockets(pid)
    return sum(
        1
        for row in _connections(pid)
        if row[3] == "01" and int(row[1].split(":")[1], 16) == port and f"socket:[{row[9]}]" in inodes
    )


def _connections(pid="self"):
    with open(f"/proc/{pid}/net/tcp") as table:
        return [line.split() for line in table.readlines()[1:]]


def _sockets(pid):
    found = set()
    with contextlib.suppress(OSError):
        for descriptor in os.listdir(f"/proc/{pid}/fd"):
            with contextlib.suppress(OSError):
                found.add(os.readlink(f"/proc/{pid}/fd/{descriptor}"))
    return found
