import contextlib
import selectors
import socket
import threading


class TCPProxy:
    """Forwards TCP connections to a PostgreSQL on a Unix socket; keeps what is sent, and can cut the line.

    It can also drop everything, as a broken network does: connections stay, new ones come about, and nothing arrives.
    """

    def __init__(self, socket_path):
        self.socket_path = socket_path
        self.sent = bytearray()
        self._pairs = set()
        self._lock = threading.Lock()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        self._is_cut = False
        self._flows = threading.Event()
        self._flows.set()
        threading.Thread(target=self._accept, daemon=True).start()

    def cut(self):
        """The database is gone: open connections end, new ones are closed at once."""
        with self._lock:
            self._is_cut = True
            pairs, self._pairs = self._pairs, set()
        for client, server in pairs:
            for end in (client, server):
                # It may have ended by itself in the meantime.
                with contextlib.suppress(OSError):
                    end.shutdown(socket.SHUT_RDWR)

    def drop(self):
        """From now on nothing arrives any more, and nobody is told."""
        self._flows.clear()

    def mend(self):
        """New connections work again, and what was dropped arrives late, as TCP sends it again."""
        with self._lock:
            self._is_cut = False
        self._flows.set()

    def close(self):
        self.cut()
        self._flows.set()
        self._listener.close()

    def _accept(self):
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            with self._lock:
                if self._is_cut:
                    client.close()
                    continue
                server = socket.socket(socket.AF_UNIX)
                self._pairs.add((client, server))
            threading.Thread(target=self._forward, args=(client, server), daemon=True).start()

    def _forward(self, client, server):
        with selectors.DefaultSelector() as selector, client, server:
            try:
                self._flows.wait()
                server.connect(self.socket_path)
                selector.register(client, selectors.EVENT_READ, server)
                selector.register(server, selectors.EVENT_READ, client)
                while True:
                    for key, _ in selector.select():
                        data = key.fileobj.recv(65536)
                        self._flows.wait()
                        if not data:
                            return
                        if key.fileobj is client:
                            self.sent += data
                        key.data.sendall(data)
            except OSError:
                return
            finally:
                with self._lock:
                    self._pairs.discard((client, server))
