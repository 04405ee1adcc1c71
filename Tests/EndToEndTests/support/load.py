import collections
import http.client
import threading


class Load:
    """Keep-alive clients that send one request after another, and count what becomes of each request.

    A reset must not hide among other errors, so each kind of failure has a name of its own.
    """

    def __init__(self, port, clients=50, path="/livez"):
        self.port = port
        self.path = path
        self.outcomes = collections.Counter()
        self._lock = threading.Lock()
        self._stop = threading.Event()
        self._threads = [threading.Thread(target=self._run, daemon=True) for _ in range(clients)]

    def __enter__(self):
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_):
        self.stop()

    def stop(self):
        self._stop.set()
        for thread in self._threads:
            thread.join(timeout=30)
        assert not any(thread.is_alive() for thread in self._threads), "a client hangs"

    def count(self, outcome):
        with self._lock:
            return self.outcomes[outcome]

    def snapshot(self):
        with self._lock:
            return dict(self.outcomes)

    def _add(self, outcome):
        with self._lock:
            self.outcomes[outcome] += 1

    def _run(self):
        connection = None
        while not self._stop.is_set():
            try:
                if connection is None:
                    connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
                    connection.connect()
            except ConnectionRefusedError:
                self._add("refused")
                connection = None
                self._stop.wait(0.02)
                continue
            except ConnectionResetError:
                self._add("reset while connecting")
                connection = None
                continue
            try:
                connection.request("GET", self.path)
                answer = connection.getresponse()
                answer.read()
                self._add("ok" if answer.status == 200 else str(answer.status))
                if answer.will_close:
                    connection.close()
                    connection = None
            except http.client.RemoteDisconnected:
                # The connection was closed in order, but before this request had an answer.
                self._add("closed")
                connection = None
            except (ConnectionResetError, BrokenPipeError):
                self._add("reset")
                connection = None
            except TimeoutError:
                self._add("timeout")
                connection = None
