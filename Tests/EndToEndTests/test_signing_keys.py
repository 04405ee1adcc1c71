"""Signing keys change under those who verify, and nobody is refused; on the bad day everybody is."""

import collections
import json
import threading
import time

import jwt
import pytest
from jwt import PyJWKClient

from support.postern import new_secret
from support.wait import wait_until

DONE, USAGE = 0, 2


def key_set(postern):
    return postern.get("/.well-known/jwks.json").json()["keys"]


def kids(postern):
    """The keys that every worker shows: each request is a connection of its own, and meets one of them."""
    seen = [{key["kid"] for key in key_set(postern)} for _ in range(12)]
    return seen[0] if all(one == seen[0] for one in seen) else None


def kid_of(token):
    return jwt.get_unverified_header(token)["kid"]


def rotate(postern, *options):
    done = postern.command("keys", "rotate-signing", "--json", *options)
    assert done.returncode == DONE, done.stderr
    return json.loads(done.stdout)["items"]


class ResourceServers:
    """Tokens are made and verified all the time, in each of the ways in which resource servers do it."""

    def __init__(self, installation):
        self.installation = installation
        self.postern = installation.server
        # Its cache is kept for five minutes by default: shortened as the hour before a key's first use is.
        self.keys = PyJWKClient(f"{self.postern.url}/.well-known/jwks.json", lifespan=1)
        self.stale_keys = None
        self.tokens = [installation.sign_in()["access_token"]]
        self.outcomes = collections.Counter()
        self.rejected = []
        self._stop = threading.Event()
        ways = [self._issue, self._ask_postern, self._ask_postern, self._verify_with_cache, self._verify_with_stale_keys]
        self._threads = [threading.Thread(target=self._repeat, args=(way,), daemon=True) for way in ways]

    def __enter__(self):
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_):
        self._stop.set()
        for thread in self._threads:
            thread.join(timeout=30)

    def _repeat(self, way):
        turn = 0
        while not self._stop.is_set():
            # The newest token and one of any age by turns.
            token = self.tokens[-1] if turn % 2 else self.tokens[turn % len(self.tokens)]
            turn += 1
            try:
                name = way(token)
            except Exception as error:
                self.rejected.append(f"{way.__name__}: {error!r}")
            else:
                self.outcomes[name] += 1

    def _issue(self, _):
        self.tokens.append(self.installation.sign_in()["access_token"])
        return "issued"

    def _ask_postern(self, token):
        answer = self.postern.get("/api/v1/users/me", token=token)
        assert answer.status_code == 200, answer.text
        return "asked"

    def _decode(self, token, key):
        jwt.decode(token, key, algorithms=["ES256"], audience=self.postern.url, issuer=self.postern.url)

    def _verify_with_cache(self, token):
        self._decode(token, self.keys.get_signing_key_from_jwt(token))
        return "verified"

    def _verify_with_stale_keys(self, token):
        """As a gateway that was told `max-age` and does not ask again within it, whatever `kid` it meets."""
        if self.stale_keys is None:
            self._stop.wait(0.05)
            return "waited"
        self._decode(token, next(key for key in self.stale_keys.keys if key.key_id == kid_of(token)))
        return "verified with what it had"


def test_signingKey_rotatedByTimeUnderLoad_rejectsNoToken(installation):
    postern, database = installation.server, installation.database
    with ResourceServers(installation) as servers:
        first = kid_of(servers.tokens[0])
        assert kids(postern) == {first}

        database.query("update signing_keys set activates_at = activates_at - interval '89 days 23 hours'")
        wait_until(lambda: len(kids(postern) or []) == 2, timeout=10, what="every worker publishing the next key")
        (second,) = kids(postern) - {first}
        servers.stale_keys = jwt.PyJWKSet(key_set(postern))
        assert database.value("select count(*) from signing_keys") == "2", "one of many workers made the next key"
        assert kid_of(servers.tokens[-1]) == first

        # The hour until its first use, in three seconds.
        database.query(
            """
            update signing_keys
            set activates_at = case when retired_at is null then now() + interval '3 seconds' else activates_at end,
                retired_at = case when retired_at is not null then now() + interval '3 seconds' end
            """
        )
        wait_until(lambda: kid_of(servers.tokens[-1]) == second, timeout=10, what="tokens of the next key")
        before = servers.outcomes.copy()
        wait_until(
            lambda: all(servers.outcomes[name] >= before[name] + 20 for name in before if name != "waited"),
            timeout=30, what="everybody verifying tokens of both keys",
        )

    assert servers.rejected == []
    assert {kid_of(token) for token in servers.tokens} == {first, second}
    print(dict(servers.outcomes))

    # The day after.
    database.query("update signing_keys set retired_at = now() - interval '24 hours 15 minutes' where retired_at is not null")
    wait_until(lambda: kids(postern) == {second}, timeout=10, what="the old key being gone")
    assert database.query("select kid from signing_keys") == [[second]]


def test_rotateSigning_beginsOneRotation(installation):
    before = kids(installation.server)

    begun = rotate(installation.server)
    again = rotate(installation.server)

    assert [key["stage"] for key in begun] == ["signing", "published"]
    assert begun[0]["retired_at"] == begun[1]["activates_at"] and begun[1]["retired_at"] is None
    assert again == begun
    assert {begun[0]["kid"]} == before
    wait_until(lambda: kids(installation.server) == {key["kid"] for key in begun}, timeout=10, what="the next key")


def test_rotateSigning_now_refusesEveryTokenBeforeWithinASecond_andTheWorkersStay(installation):
    postern = installation.server
    workers = postern.ready_workers()
    token = installation.sign_in()["access_token"]
    assert postern.get("/api/v1/users/me", token=token).status_code == 200
    rotate(postern)

    (key,) = rotate(postern, "--now", "--yes")
    done = time.monotonic()

    wait_until(
        lambda: {postern.get("/api/v1/users/me", token=token).status_code for _ in range(12)} == {401},
        timeout=5, what="every worker refusing the token",
    )
    assert time.monotonic() - done < 1.5, "a second, and the twelve requests"
    wait_until(lambda: kids(postern) == {key["kid"]}, timeout=5, what="only the new key being published")
    assert key["stage"] == "signing"
    with pytest.raises(jwt.PyJWKClientError):
        PyJWKClient(f"{postern.url}/.well-known/jwks.json").get_signing_key_from_jwt(token)
    fresh = installation.sign_in()["access_token"]
    assert {postern.get("/api/v1/users/me", token=fresh).status_code for _ in range(12)} == {200}
    assert postern.ready_workers() == workers


def test_rotateSigning_now_withoutATerminal_needsYes(installation):
    before = kids(installation.server)
    done = installation.server.command("keys", "rotate-signing", "--now")
    assert done.returncode == USAGE and "--yes" in done.stderr
    assert kids(installation.server) == before


def test_rotateSigning_withAnotherSecret_changesNothing(installation):
    for options in ([], ["--now", "--yes"]):
        done = installation.server.command("keys", "rotate-signing", *options, POSTERN_SECRET=new_secret())
        assert done.returncode == 64 and "POSTERN_SECRET" in done.stderr
    assert installation.database.value("select count(*) from signing_keys") == "1"
