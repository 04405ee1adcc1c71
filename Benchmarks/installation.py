"""A Postern in front of a database of some size, and a client that asks it one thing after the other."""

import contextlib
import json
import re
import socket
import sys
import time

import credentials
import processes
from database import Database
from population import populate
from servers import Postern


class Installation:
    def __init__(self, directory, users):
        self.users = users
        self.directory = directory / f"growth-{users}"
        self.directory.mkdir()

    def __enter__(self):
        self.secret = secret = credentials.new_secret()
        link = credentials.new_token()
        with contextlib.ExitStack() as stack:
            self.database = stack.enter_context(Database(f"_{self.users}"))
            self.postern = stack.enter_context(Postern(self.directory, self.database, secret))
            self.postern.migrate()
            populate(self.database, self.users, credentials.hasher(secret, "sign-in-link-hashing")(link))
            self.postern.start()
            (self.token,) = self.postern.sign_in([link])
            self.client = stack.enter_context(Client(self.postern.port, self.token))
            self._stack = stack.pop_all()
        return self

    def __exit__(self, *_):
        self._stack.close()

    def watch(self):
        """Notes the processes of the server, and those that the database has for it."""
        backends = "select pid from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()"
        self._server = [self.postern.pid, *self.postern.workers]
        self._backends = [int(pid) for pid in self.database.run(backends).split()]

    def clock_seconds(self):
        """The CPU time of the server so far, and that of the database for it."""
        return processes.clock_seconds(self._server), processes.clock_seconds(self._backends)


class Client:
    """One keep-alive connection at a time. http.client would take as long for an answer as the server does."""

    def __init__(self, port, token):
        self.address = ("127.0.0.1", port)
        self.head = f"Host: 127.0.0.1:{port}\r\nAuthorization: Bearer {token}\r\n\r\n"
        self.connect()

    def connect(self):
        self.socket = socket.create_connection(self.address, timeout=30)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()

    def get(self, path):
        """How many seconds the answer took, and its body."""
        started = time.perf_counter()
        self.socket.sendall(f"GET {path} HTTP/1.1\r\n{self.head}".encode())
        answer, body, length = b"", 0, None
        while length is None or len(answer) < body + length:
            received = self.socket.recv(1 << 18)
            if not received:
                sys.exit(f"GET {path}: the connection was closed")
            answer += received
            if length is None and b"\r\n\r\n" in answer:
                body = answer.index(b"\r\n\r\n") + 4
                length = int(re.search(rb"\r\ncontent-length: *(\d+)", answer[:body].lower())[1])
        taken = time.perf_counter() - started
        if not answer.startswith(b"HTTP/1.1 200 "):
            sys.exit(f"GET {path} answered:\n{answer.decode()}")
        # Postern does so after some thousand requests.
        if b"\r\nconnection: close" in answer[:body].lower():
            self.socket.close()
            self.connect()
        return taken, json.loads(answer[body:])
