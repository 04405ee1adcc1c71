"""Several hosts of one installation, and how long a revocation takes until it holds on all their workers."""

import base64
import concurrent.futures
import contextlib
import http.client
import json
import pathlib
import time

from .database import Database
from .postern import Postern
from .provider import Browser
from .session import Session

BOUND = 1.0
JWT_ONLY = "/api/v1/examples/jwt-only"


def claims(token):
    payload = token.split(".")[1]
    return json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))


class Door:
    """A kept connection to one worker."""

    def __init__(self, server):
        self.port = server.port
        self.connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=10)
        self._get("/livez", {})
        self.worker = self._worker(server)

    def status(self, credential, path=JWT_ONLY):
        """What the worker says to an access token or an API key."""
        is_key = credential.startswith("pst_")
        return self._get(path, {"X-API-Key": credential} if is_key else {"Authorization": f"Bearer {credential}"})

    def _get(self, path, headers):
        self.connection.request("GET", path, headers=headers)
        answer = self.connection.getresponse()
        answer.read()
        return answer.status

    def _worker(self, server):
        """The process that has the other end of the connection."""
        ends = f":{self.port:04X}", f":{self.connection.sock.getsockname()[1]:04X}"
        lines = [line.split() for line in pathlib.Path("/proc/net/tcp").read_text().splitlines()]
        inode = next(line[9] for line in lines if (line[1][-5:], line[2][-5:]) == ends)
        for worker in server.workers():
            for descriptor in pathlib.Path(f"/proc/{worker}/fd").iterdir():
                with contextlib.suppress(OSError):
                    if descriptor.readlink().name == f"socket:[{inode}]":
                        return worker


class Hosts:
    """Two hosts on one database, and a connection to each of their workers."""

    def __init__(self, provider, database=None, url=None, **settings):
        """`url` is how they reach the database when it is not the usual way."""
        self.database = database or Database.migrated()
        self.url = url or self.database.url
        self.settings = settings
        self.first = Postern(self.url, POSTERN_WORKERS=4, **provider.settings, **settings).start()
        self.second = self.another(POSTERN_WORKERS=2)
        self.sql = Session(self.database)
        self.doors = [door for server in (self.first, self.second) for door in self._doors(server)]
        self.threads = concurrent.futures.ThreadPoolExecutor(len(self.doors))

    def another(self, **settings):
        """One more host of the same installation."""
        secret = self.first.env["POSTERN_SECRET"]
        settings = {"POSTERN_SECRET": secret, "POSTERN_PUBLIC_URL": self.first.url} | self.settings | settings
        return Postern(self.url, **settings).start()

    def _doors(self, server):
        workers = set(server.workers())
        found = {}
        deadline = time.monotonic() + 30
        while set(found) != workers:
            assert time.monotonic() < deadline, f"only {set(found)} of {workers} answered"
            door = Door(server)
            found.setdefault(door.worker, door)
        return found.values()

    def sign_in(self, subject="ada@example.com"):
        return Browser(self.first).sign_in(subject)["access_token"]

    def statuses(self, credential, path=JWT_ONLY):
        return {door.status(credential, path) for door in self.doors}

    def delay(self, change, credential, path, status):
        """Seconds from before `change` until the last worker of all answers with `status`."""
        start = time.monotonic()

        def wait(door):
            while door.status(credential, path) != status:
                assert time.monotonic() < start + 30, f"{path} does not become {status}"
                time.sleep(0.005)
            return time.monotonic() - start

        change()
        return max(self.threads.map(wait, self.doors))

    def end(self):
        self.threads.shutdown()
        self.sql.end()
        self.second.end()
        self.first.end()
