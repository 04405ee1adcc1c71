import collections
import http.client
import math
import threading
import time


class Load:
    """Clients that send one request after another, and count what becomes of each request.

    A reset must not hide among other errors, so each kind of failure has a name of its own: `ok` is the status that was
    expected, another status is its number, `refused` and `reset while connecting` are connections that did not come
    about, `closed` is a connection that ended in order before the answer, `reset` one that was torn down, and `timeout`
    an answer that did not come.

    `clients` keep their connections; `fresh` clients make a new one for each request. `rate` is the number of requests a
    second that all of them send together; without it each sends as fast as it is answered.
    """

    def __init__(
        self,
        port,
        clients=50,
        path="/livez",
        method="GET",
        body=None,
        headers=None,
        expects=200,
        fresh=0,
        rate=None,
        limit=None,
    ):
        self.port = port
        self.request = (method, path, body, dict(headers or {}))
        self.expects = expects
        self.outcomes = collections.Counter()
        self.durations = []
        #: When each request that failed began and ended.
        self.failed = []
        self._pause = (clients + fresh) / rate if rate else 0
        self._left = limit
        self._lock = threading.Lock()
        self._stop = threading.Event()
        self._threads = [
            threading.Thread(target=self._run, args=(index < clients,), daemon=True) for index in range(clients + fresh)
        ]

    def __enter__(self):
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_):
        self.stop()

    def stop(self):
        self._stop.set()
        self.join()

    def join(self, timeout=30):
        """Waits until every client has ended: after `stop`, or when the limit of requests is reached."""
        deadline = time.monotonic() + timeout
        for thread in self._threads:
            thread.join(timeout=max(0, deadline - time.monotonic()))
        assert not any(thread.is_alive() for thread in self._threads), "a client hangs"

    def count(self, outcome):
        with self._lock:
            return self.outcomes[outcome]

    def snapshot(self):
        with self._lock:
            return dict(self.outcomes)

    def failures(self):
        """Everything but what was expected."""
        return {name: count for name, count in self.snapshot().items() if name != "ok"}

    @property
    def longest(self):
        """The seconds that the slowest answer took."""
        return self.percentile(100)

    def percentile(self, percent):
        """The seconds in which so many of all answers came."""
        with self._lock:
            taken = sorted(self.durations)
        return taken[max(0, math.ceil(len(taken) * percent / 100) - 1)] if taken else 0.0

    def _add(self, outcome, began, is_answer=False):
        now = time.monotonic()
        with self._lock:
            self.outcomes[outcome] += 1
            if is_answer:
                self.durations.append(now - began)
            if outcome != "ok":
                self.failed.append((began, now))

    def _may_go_on(self):
        if self._stop.wait(self._pause):
            return False
        with self._lock:
            if self._left is not None:
                self._left -= 1
            return self._left is None or self._left >= 0

    def _run(self, keeps):
        connection = None
        while self._may_go_on():
            began = time.monotonic()
            try:
                if connection is None:
                    connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
                    connection.connect()
            except ConnectionRefusedError:
                self._add("refused", began)
                connection = None
                self._stop.wait(0.02)
                continue
            except ConnectionResetError:
                self._add("reset while connecting", began)
                connection = None
                continue
            except TimeoutError:
                self._add("timeout", began)
                connection = None
                continue
            try:
                method, path, body, headers = self.request
                connection.request(method, path, body, headers)
                answer = connection.getresponse()
                answer.read()
                outcome = "ok" if answer.status == self.expects else str(answer.status)
                self._add(outcome, began, is_answer=True)
                if answer.will_close or not keeps:
                    connection.close()
                    connection = None
            except http.client.RemoteDisconnected:
                # The connection was closed in order, but before this request had an answer.
                self._add("closed", began)
                connection = None
            except (ConnectionResetError, BrokenPipeError):
                self._add("reset", began)
                connection = None
            except TimeoutError:
                self._add("timeout", began)
                connection = None
