"""Kept connections of which each leads to another worker."""

import contextlib
import http.client
import pathlib
import sys
import time


class Door:
    """A kept connection to one worker."""

    def __init__(self, server):
        self.connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=30)
        self._get("/livez")
        self.worker = self._worker(server)

    def status(self, field):
        """What an endpoint that asks the database for nothing, or for the key alone, answers to a credential."""
        name, _, value = field.partition(": ")
        return self._get("/api/v1/examples/either-auth", {name: value})

    def _get(self, path, headers={}):
        self.connection.request("GET", path, headers=headers)
        answer = self.connection.getresponse()
        answer.read()
        return answer.status

    def _worker(self, server):
        """The process that has the other end of the connection."""
        ends = f":{server.port:04X}", f":{self.connection.sock.getsockname()[1]:04X}"
        lines = [line.split() for line in pathlib.Path("/proc/net/tcp").read_text().splitlines()]
        inode = next(line[9] for line in lines if (line[1][-5:], line[2][-5:]) == ends)
        for worker in server.workers:
            for descriptor in pathlib.Path(f"/proc/{worker}/fd").iterdir():
                with contextlib.suppress(OSError):
                    if descriptor.readlink().name == f"socket:[{inode}]":
                        return worker


def doors(server):
    """One for each worker of the server."""
    workers, found = set(server.workers), {}
    deadline = time.monotonic() + 30
    while set(found) != workers:
        if time.monotonic() > deadline:
            sys.exit(f"only {len(found)} of {len(workers)} workers answered")
        door = Door(server)
        found.setdefault(door.worker, door)
    return list(found.values())
