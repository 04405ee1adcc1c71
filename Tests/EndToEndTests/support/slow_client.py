import contextlib
import socket
import time


class SlowClient:
    """Sends `opening`, and then `drip` again and again, until the server has had enough."""

    def __init__(self, postern, opening=b"", drip=b""):
        self.started = time.monotonic()
        self.connection = socket.create_connection(("127.0.0.1", postern.port), timeout=10)
        self.connection.sendall(opening)
        self.connection.setblocking(False)
        self.drip = drip
        self.received = b""
        self.lasted = None

    def step(self):
        # A connection that is closed by now would be reset by what is sent, and the answer lost.
        self.read()
        if self.drip and self.lasted is None:
            # What is sent after the server has closed its side is the client's own affair.
            with contextlib.suppress(OSError):
                self.connection.send(self.drip)

    def read(self):
        while True:
            try:
                chunk = self.connection.recv(65536)
            except BlockingIOError:
                return
            except ConnectionResetError:
                chunk = b""
            if not chunk:
                self.lasted = time.monotonic() - self.started
                return
            self.received += chunk

    @property
    def status(self):
        return int(self.received.split(b" ")[1]) if self.received else None
