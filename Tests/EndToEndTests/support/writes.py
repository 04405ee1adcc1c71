import collections
import threading
import uuid

import requests


class Writes:
    """Clients that make API keys, and remember which of them they were told are there.

    Every key has a name of its own, but nothing in the database keeps a name from being there twice. A client that was
    answered with 503, or not at all, repeats the request with the same `Idempotency-Key`, a few times.
    """

    ATTEMPTS = 8

    def __init__(self, postern, key, clients=6, pause=0.02):
        self.postern = postern
        self.key = key
        self.pause = pause
        self.outcomes = collections.Counter()
        self.acknowledged = set()
        self.attempted = set()
        self._lock = threading.Lock()
        self._stop = threading.Event()
        self._threads = [threading.Thread(target=self._run, daemon=True) for _ in range(clients)]

    def __enter__(self):
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_):
        self._stop.set()
        for thread in self._threads:
            thread.join(timeout=120)
        assert not any(thread.is_alive() for thread in self._threads), "a client hangs"

    def count(self, outcome="ok"):
        with self._lock:
            return self.outcomes[outcome]

    def unexpected(self):
        """What is neither done, nor refused with 503, nor cut off with its connection."""
        return {name: count for name, count in self.outcomes.items() if name not in ("ok", "503", "broken")}

    def audit(self, query):
        """The names that are lost and those that are there twice; `query` runs SQL where the database is now."""
        found = collections.Counter(name for [name] in query("select name from api_keys where name like 'write-%'"))
        lost = sorted(self.acknowledged - set(found))
        doubled = sorted(name for name, count in found.items() if count > 1)
        assert set(found) <= self.attempted
        return lost, doubled

    def _run(self):
        session = requests.Session()
        while not self._stop.wait(self.pause):
            name = f"write-{uuid.uuid4()}"
            with self._lock:
                self.attempted.add(name)
            for _ in range(self.ATTEMPTS):
                if self._try(session, name) or self._stop.wait(0.2):
                    break

    def _try(self, session, name):
        try:
            answer = session.post(
                f"{self.postern.url}/api/v1/api-keys",
                json={"name": name},
                headers={"X-API-Key": self.key, "Idempotency-Key": name},
                timeout=30,
            )
        except requests.Timeout:
            outcome = "timeout"
        except requests.ConnectionError:
            outcome = "broken"
        else:
            outcome = "ok" if answer.status_code == 201 else str(answer.status_code)
        with self._lock:
            self.outcomes[outcome] += 1
            if outcome == "ok":
                self.acknowledged.add(name)
        return outcome == "ok"
