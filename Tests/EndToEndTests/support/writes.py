import collections
import functools
import itertools
import threading
import time
import uuid

import jwt
import requests


class Chain:
    """The refresh tokens of a session, each given for the one before."""

    def __init__(self, pair):
        self.session = jwt.decode(pair["access_token"], options={"verify_signature": False})["sid"]
        self.token = pair["refresh_token"]
        self.given = 0
        #: When the present token was first shown.
        self.shown_at = None
        self.is_over = False


class Writes:
    """Clients that write, and remember what they were told is there.

    They write in four ways, in turns:

    - API keys with an `Idempotency-Key`. A client that was answered with 503, or not at all, repeats the request, a few
      times.
    - API keys without one, and no request is repeated: there is no stored reply that would hide that Postern did it
      twice, and nothing in the database keeps a name from being there twice.
    - Users, likewise. Postern writes them in groups. One that it made twice would find its own address taken.
    - Refresh tokens, in groups as well. A client that was not told its next one shows the same one again. A session has
      as many tokens as its client was given, and perhaps one more.
    """

    ATTEMPTS = 8
    #: For so long, and a second more, a refresh token that was used gives its answer again.
    GRACE = 9

    def __init__(self, postern, key, pairs, clients=6, pause=0.02):
        """`pairs` has a token pair for each client that refreshes: every fourth one."""
        self.postern = postern
        self.key = key
        self.pause = pause
        self.outcomes = collections.Counter()
        self.acknowledged = set()
        self.attempted = set()
        self.chains = [Chain(pair) for pair in pairs[: clients // 4]]
        #: When each request that failed began and ended.
        self.failed = []
        #: The seconds that the slowest answer took.
        self.longest = 0.0
        self._lock = threading.Lock()
        self._stop = threading.Event()
        makers = itertools.cycle([self._make_key_again, self._make_key, self._make_user])
        ways = [functools.partial(self._refresh, chain=chain) for chain in self.chains]
        ways += itertools.islice(makers, clients - len(ways))
        self._threads = [threading.Thread(target=self._run, args=(way,), daemon=True) for way in ways]

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
        """What is lost and what is there twice; `query` runs SQL where the database is now."""
        names = query(
            "select name from api_keys where name like 'write-%' union all"
            " select split_part(email, '@', 1) from users where email like 'write-%'"
        )
        found = collections.Counter(name for [name] in names)
        assert set(found) <= self.attempted
        lost = sorted(self.acknowledged - set(found))
        doubled = sorted(name for name, count in found.items() if count > 1)
        for chain in (chain for chain in self.chains if not chain.is_over):
            [[count]] = query(
                f"select count(*) from refresh_tokens where session_id = '{chain.session}' and replaces is not null"
            )
            if int(count) < chain.given:
                lost.append(chain.session)
            if int(count) > chain.given + 1:
                doubled.append(chain.session)
        return lost, doubled

    def _run(self, way):
        session = requests.Session()
        while not self._stop.wait(self.pause):
            way(session)

    # The ways

    def _make_key_again(self, session):
        name = self._new_name()
        for _ in range(self.ATTEMPTS):
            if self._make(session, "api-keys", name, {"name": name}, {"Idempotency-Key": name}) or self._stop.wait(0.2):
                break

    def _make_key(self, session):
        name = self._new_name()
        self._make(session, "api-keys", name, {"name": name})

    def _make_user(self, session):
        name = self._new_name()
        self._make(session, "users", name, {"email": f"{name}@example.com"})

    def _refresh(self, session, chain):
        if chain.is_over:
            return
        began = time.monotonic()
        chain.shown_at = chain.shown_at or began
        outcome, answer = self._post(session, "auth/refresh", {"refresh_token": chain.token}, expects=200)
        if outcome == "401" and began - chain.shown_at > self.GRACE:
            # Whoever comes so late could be a thief: the session is over.
            chain.is_over = True
            return
        if outcome == "ok":
            chain.token, chain.shown_at = answer.json()["refresh_token"], None
            chain.given += 1
        self._note(outcome, began)

    def _new_name(self):
        name = f"write-{uuid.uuid4()}"
        with self._lock:
            self.attempted.add(name)
        return name

    def _make(self, session, what, name, body, headers={}):
        began = time.monotonic()
        outcome, _ = self._post(session, what, body, {"X-API-Key": self.key} | headers, expects=201)
        self._note(outcome, began, name)
        return outcome == "ok"

    def _post(self, session, what, body, headers={}, *, expects):
        try:
            answer = session.post(f"{self.postern.url}/api/v1/{what}", json=body, headers=headers, timeout=30)
        except requests.Timeout:
            return "timeout", None
        except requests.ConnectionError:
            return "broken", None
        return "ok" if answer.status_code == expects else str(answer.status_code), answer

    def _note(self, outcome, began, name=None):
        now = time.monotonic()
        with self._lock:
            self.outcomes[outcome] += 1
            self.longest = max(self.longest, now - began)
            if outcome == "ok" and name:
                self.acknowledged.add(name)
            elif outcome != "ok":
                self.failed.append((began, now))
