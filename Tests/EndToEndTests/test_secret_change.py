"""`POSTERN_SECRET` is changed: with an overlap nobody notices, without one the start is refused."""

import base64
import collections
import itertools
import threading

import jwt
import pytest
import requests
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from support.app import App, arrive
from support.database import Database
from support.ports import free_port
from support.postern import new_secret
from support.provider import parameter
from support.wait import wait_until

PREVIOUS = "POSTERN_PREVIOUS_SECRET"


class Hosts:
    """Two hosts on one database, restarted one after the other with other settings, and a balancer's view of them."""

    def __init__(self, start, **settings):
        self.database = Database.migrated()
        self._start = start
        self._settings = settings
        self.ports = [free_port(), free_port()]
        self.servers = [None, None]

    def roll(self, **secrets):
        for index, port in enumerate(self.ports):
            if self.servers[index]:
                assert self.servers[index].stop() == 0
            self.servers[index] = self._start(
                self.database.url, port=port, POSTERN_PUBLIC_URL=f"http://127.0.0.1:{self.ports[0]}",
                **self._settings, **secrets,
            )

    def request(self, method, path, turn, **options):
        """Sends to one of them by turns; where nobody listens, or no more, to the other, as every balancer does."""
        for server in (self.servers[turn % 2], self.servers[(turn + 1) % 2]):
            try:
                return server.request(method, path, **options)
            except requests.ConnectionError:
                continue
        raise AssertionError("neither host answers")


class Clients:
    """Use API keys, access tokens and refresh tokens at both hosts without a pause."""

    def __init__(self, hosts, keys, pairs):
        self.hosts = hosts
        self.outcomes = collections.Counter()
        self.rejected = []
        self.turns = itertools.count()
        self._stop = threading.Event()
        self._threads = [threading.Thread(target=self._show, args=({"key": key},), daemon=True) for key in keys]
        self._threads += [threading.Thread(target=self._live, args=(pair,), daemon=True) for pair in pairs]

    def __enter__(self):
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_):
        self._stop.set()
        for thread in self._threads:
            thread.join(timeout=30)

    def _count(self, name, answer):
        self.outcomes[name] += 1
        if answer.status_code != 200:
            self.rejected.append(f"{name}: {answer.status_code} {answer.text}")

    def _ask(self, credential):
        path = "/api/v1/auth/verify" if "key" in credential else "/api/v1/users/me"
        name = next(iter(credential))
        self._count(name, self.hosts.request("GET", path, next(self.turns), **credential))

    def _show(self, credential):
        while not self._stop.wait(0.005):
            self._ask(credential)

    def _live(self, pair):
        while not self._stop.wait(0.005):
            self._ask({"token": pair["access_token"]})
            answer = self.hosts.request(
                "POST", "/api/v1/auth/refresh", next(self.turns), json={"refresh_token": pair["refresh_token"]}
            )
            self._count("refresh", answer)
            if answer.status_code == 200:
                pair = answer.json()


def use_link(server, url):
    answer = server.post("/api/v1/auth/link", data={"token": url.partition("token=")[2]})
    assert answer.status_code == 200, answer.text
    return answer.json()


def is_wrapped_under(database, secret):
    derive = HKDF(hashes.SHA256(), length=32, salt=None, info=b"postern/v1/signing-key-wrapping")
    key = AESGCM(derive.derive(base64.b64decode(secret)))
    rows = database.query("select kid, encode(wrapped_private_key, 'hex') from signing_keys")
    try:
        return bool([key.decrypt(bytes.fromhex(row)[:12], bytes.fromhex(row)[12:], kid.encode()) for kid, row in rows])
    except InvalidTag:
        return False


def test_secret_changedWithOverlapOverARollingRestart_rejectsNoKeyAndNoToken(start_postern):
    old, new = new_secret(), new_secret()
    hosts = Hosts(start_postern, POSTERN_WORKERS=2)
    hosts.roll(POSTERN_SECRET=old)
    administrator = hosts.servers[0].bootstrap()
    pair = use_link(hosts.servers[0], administrator["sign_in_url"])
    kid = jwt.get_unverified_header(pair["access_token"])["kid"]

    with Clients(hosts, [administrator["api_key"]] * 2, [pair]) as clients:
        # Everybody learns the new secret, then uses it, and then forgets the old one.
        hosts.roll(POSTERN_SECRET=old, **{PREVIOUS: new})
        hosts.roll(POSTERN_SECRET=new, **{PREVIOUS: old})
        before = clients.outcomes.copy()
        wait_until(
            lambda: all(clients.outcomes[name] >= before[name] + 20 for name in before), timeout=30,
            what="clients going on under the new secret",
        )
        wait_until(lambda: is_wrapped_under(hosts.database, new), timeout=10, what="the signing key wrapped anew")
        hosts.roll(POSTERN_SECRET=new)
        before = clients.outcomes.copy()
        wait_until(
            lambda: all(clients.outcomes[name] >= before[name] + 20 for name in before), timeout=30,
            what="clients going on without the old secret",
        )

    assert clients.rejected == []
    assert set(clients.outcomes) == {"key", "token", "refresh"}
    print(dict(clients.outcomes))
    assert hosts.database.query("select kid from signing_keys") == [[kid]], "the key is the same, wrapped anew"
    assert administrator["api_key"] not in "".join(server.log for server in hosts.servers)
    assert old not in "".join(server.log for server in hosts.servers)


def test_code_givenBeforeTheChange_isGoodDuringIt_andOnceAtBothHosts(start_postern, provider):
    old, new = new_secret(), new_secret()
    app = App()
    settings = provider.settings | {"POSTERN_REDIRECT_URLS": app.redirect_url}
    before = start_postern(POSTERN_SECRET=old, **settings)
    settings["POSTERN_PUBLIC_URL"] = before.url
    during = start_postern(before.env["DATABASE_URL"], POSTERN_SECRET=new, **{PREVIOUS: old}, **settings)

    def code():
        app.postern = before
        location = arrive(before, app.login_link())
        return parameter(location, "code"), app.verifiers[parameter(location, "state")]

    def swap(server, code):
        app.postern = server
        return app.swap(*code)

    try:
        code, another = code(), code()
        pair = swap(during, code).json()
        assert during.get("/api/v1/users/me", token=pair["access_token"]).status_code == 200
        assert before.post("/api/v1/auth/revoke", data={"token": swap(before, another).json()["refresh_token"]}).ok

        again = swap(before, code)
        assert (again.status_code, again.json()["error"]) == (400, "invalid_grant")
        assert during.post("/api/v1/auth/refresh", json={"refresh_token": pair["refresh_token"]}).status_code == 401
        assert swap(during, another).status_code == 400
    finally:
        app.end()


def test_secret_changedWithoutOverlap_refusesTheStart(start_postern):
    old, new = new_secret(), new_secret()
    hosts = Hosts(start_postern)
    first = start_postern(hosts.database.url, POSTERN_SECRET=old)
    first.bootstrap()
    first.stop()

    for secrets in ({"POSTERN_SECRET": new}, {"POSTERN_SECRET": new, PREVIOUS: new_secret()}):
        server = start_postern(hosts.database.url, until=None, **secrets)
        assert server.process.wait(timeout=30) == 64
        assert "POSTERN_SECRET" in server.log
        done = server.command("bootstrap", "--email", "x@example.com")
        assert done.returncode == 64 and "POSTERN_SECRET" in done.stderr
    assert is_wrapped_under(hosts.database, old)


@pytest.mark.parametrize(
    "previous, reason", [("c2hvcnQ=", "fewer than 32 bytes"), ("not base64!" * 5, "not base64"), ("A" * 44, "pattern")]
)
def test_previousSecret_whenItIsNoSecret_exits64AndNamesIt(start_postern, previous, reason):
    server = start_postern("postgresql:///nowhere?host=/nowhere", until=None, **{PREVIOUS: previous})
    assert server.process.wait(timeout=30) == 64
    lines = server.log.splitlines()
    assert len(lines) == 1 and PREVIOUS in lines[0] and reason in lines[0] and previous not in lines[0]


def test_previousSecret_sameAsTheSecret_exits64(start_postern):
    secret = new_secret()
    server = start_postern(
        "postgresql:///nowhere?host=/nowhere", until=None, POSTERN_SECRET=secret, **{PREVIOUS: secret}
    )
    assert server.process.wait(timeout=30) == 64
    assert PREVIOUS in server.log and secret not in server.log
