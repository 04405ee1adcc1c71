"""Limits count exactly over all workers, each client by itself, and a refused request asks nothing of the database."""

import collections
import http.client
import json
import os
import secrets
import signal
import time

import pytest
import requests

from support.database import Database
from support.keys import with_another_secret, with_checksum
from support.provider import Browser
from support.race import at_once
from support.session import Session
from support.wait import wait_until

VERIFY = "/api/v1/auth/verify"
PUBLIC = "/api/v1/examples/public"
ELSEWHERE = "127.0.0.2"


@pytest.fixture
def start(start_postern, provider):
    """Starts four workers with the limits of the test, and makes the first administrator."""

    def start(**limits):
        settings = {f"POSTERN_RATE_LIMIT_{name.upper()}": limit for name, limit in limits.items()}
        return start_postern(POSTERN_WORKERS=4, **provider.settings, **settings)

    return start


class Answer:
    def __init__(self, response):
        self.status = response.status
        self.headers = response.headers
        self.text = response.read().decode()


def call(server, path, source="127.0.0.1", method="GET", body=None, **headers):
    """A request on a connection of its own, so that it comes to any worker."""
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=30, source_address=(source, 0))
    names = {"key": "X-API-Key", "forwarded": "X-Forwarded-For", "authorization": "Authorization"}
    fields = {names.get(name, "Content-Type"): value for name, value in headers.items()}
    connection.request(method, path, body=body, headers=fields)
    answer = Answer(connection.getresponse())
    connection.close()
    return answer


def statuses(count, send):
    """How often each status was the answer to so many requests at once."""
    def some(share):
        return lambda: [send().status for _ in range(share)]

    threads = 20
    return collections.Counter(
        status for answers in at_once(*[some(count // threads)] * threads) for status in answers
    )


def bad_key():
    return with_checksum("pst_" + secrets.token_hex(16))


def new_key(server, key):
    answer = server.post("/api/v1/api-keys", key=key, json={"name": secrets.token_hex(4)})
    assert answer.status_code == 201, answer.text
    return answer.json()["key"]


def assert_limited(answer, limit):
    """That an answer is the documented 429, and how long it says to wait."""
    assert answer.status == 429, answer.text
    assert json.loads(answer.text)["code"] == "rate_limited"
    assert answer.headers["RateLimit-Limit"] == str(limit) and answer.headers["RateLimit-Remaining"] == "0"
    wait = int(answer.headers["Retry-After"])
    assert 1 <= wait <= int(answer.headers["RateLimit-Reset"])
    return wait


def test_addressLimit_of300RequestsAtOnce_allowsExactlyItsNumberOnAllWorkersTogether(start):
    server = start(address="100/h")

    assert statuses(300, lambda: call(server, PUBLIC)) == {200: 100, 429: 200}

    refused = {line["pid"] for line in server.log_lines() if line.get("code") == "rate_limited"}
    assert len(refused) == 4, "the requests did not come to all workers"
    assert_limited(call(server, PUBLIC), 100)
    metrics = requests.get(f"{server.admin_url}/metrics", timeout=10).text
    assert 'rate_limited_total{bucket="address"} 201' in metrics
    assert call(server, PUBLIC, source=ELSEWHERE).status == 200
    for path in ("/livez", "/readyz", "/healthz", "/.well-known/jwks.json"):
        assert call(server, path).status == 200, path


def test_addressLimit_outlivesTheWorkers(start):
    server = start(address="5/h")
    assert statuses(20, lambda: call(server, PUBLIC)) == {200: 5, 429: 15}

    before = set(server.ready_workers())
    for pid in before:
        os.kill(pid, signal.SIGKILL)
    wait_until(lambda: len(set(server.ready_workers()) - before) == 4, what="new workers")

    assert_limited(call(server, PUBLIC), 5)


def test_addressLimit_whenTheClientWaitsAsTold_allowsTheNext(start):
    server = start(address="2/s")
    answers = [call(server, PUBLIC) for _ in range(20)]
    limited = next(answer for answer in answers if answer.status == 429)

    # Not to have something else happen meanwhile, but because the answer says so.
    time.sleep(assert_limited(limited, 2))

    assert call(server, PUBLIC).status == 200


def test_addressLimit_behindATrustedProxy_countsTheClients(start_postern):
    server = start_postern(POSTERN_RATE_LIMIT_ADDRESS="2/h", POSTERN_TRUSTED_PROXIES="127.0.0.1/32")

    def client(address, **options):
        return call(server, PUBLIC, forwarded=address, **options).status

    assert [client("203.0.113.7") for _ in range(3)] == [200, 200, 429]
    assert client("203.0.113.8") == 200
    # Of one customer, whatever the rest of the address.
    assert [client(f"2001:db8:1:2::{number}") for number in range(3)] == [200, 200, 429]
    assert client("2001:db8:1:3::1") == 200
    # Who is not trusted cannot be somebody else each time.
    assert [client(f"198.51.100.{number}", source=ELSEWHERE) for number in range(3)] == [200, 200, 429]


def test_credentialLimit_of300RequestsAtOnce_allowsExactlyItsNumber(start):
    server = start(credential="100/h")
    administrator = server.bootstrap()["api_key"]
    key, other = new_key(server, administrator), new_key(server, administrator)

    assert statuses(300, lambda: call(server, VERIFY, key=key)) == {200: 100, 429: 200}

    assert_limited(call(server, VERIFY, key=key, source=ELSEWHERE), 100)
    assert call(server, VERIFY, key=other).status == 200


def test_credentialLimit_ofAUser_countsAllTokensTogether(start):
    server = start(credential="5/h")
    tokens = [Browser(server).sign_in("ada@example.com")["access_token"] for _ in range(2)]

    answers = [call(server, VERIFY, authorization=f"Bearer {tokens[number % 2]}") for number in range(6)]

    assert [answer.status for answer in answers] == [200] * 5 + [429]


def test_failedLimit_whenUsedUp_refusesWithoutALookUpAndLocksNobodyOut(start_postern, provider):
    database = Database.migrated()
    server = start_postern(database.url, POSTERN_WORKERS=4, POSTERN_RATE_LIMIT_FAILED="40/h", **provider.settings)
    known = server.bootstrap()["api_key"]
    fresh = new_key(server, known)
    token = Browser(server).sign_in("ada@example.com")["access_token"]

    # Many at once see that there is room for them; no more than the limit learn what their key is worth.
    assert statuses(300, lambda: call(server, VERIFY, key=bad_key())) == {401: 40, 429: 260}

    session = Session(database)
    try:
        session.query("begin")
        session.query("lock table api_keys in access exclusive mode")
        # A look-up would wait for the lock.
        assert_limited(call(server, VERIFY, key=bad_key()), 40)
    finally:
        session.end()
    assert call(server, VERIFY, key="nonsense").status == 429
    assert call(server, VERIFY, authorization="Bearer nonsense").status == 429
    # One among many behind one address must not lock out the rest.
    assert call(server, VERIFY, key=known).status == 200
    assert call(server, VERIFY, authorization=f"Bearer {token}").status == 200
    # What nobody has seen yet could be a guess.
    assert call(server, VERIFY, key=fresh).status == 429
    assert call(server, VERIFY, key=fresh, source=ELSEWHERE).status == 200
    assert call(server, VERIFY, key=fresh).status == 200
    assert call(server, VERIFY, key=with_another_secret(known)).status == 429


def test_failedLimit_atTheTokenEndpoint_countsWhatIsRefusedAlone(start, provider):
    server = start(failed="5/h")
    refresh_token = Browser(server).sign_in("ada@example.com")["refresh_token"]

    def swap(token, **options):
        body = f"grant_type=refresh_token&refresh_token={token}"
        return call(
            server, "/api/v1/auth/token", method="POST", body=body, type="application/x-www-form-urlencoded", **options
        )

    for _ in range(8):
        answer = swap(refresh_token)
        assert answer.status == 200, answer.text
        refresh_token = json.loads(answer.text)["refresh_token"]
    guesses = [swap(secrets.token_urlsafe(32)) for _ in range(6)]

    assert [answer.status for answer in guesses] == [400] * 5 + [429]
    assert swap(refresh_token).status == 429
    assert swap(refresh_token, source=ELSEWHERE).status == 200


def test_signInLimit_countsEachStepByItself(start):
    server = start(sign_in="3/h")

    def times(path, count, **options):
        return [call(server, path, **options).status for _ in range(count)]

    assert times("/api/v1/auth/corp/login", 4) == [302, 302, 302, 429]
    assert times("/api/v1/auth/corp/callback?state=x&code=y", 4) == [400, 400, 400, 429]
    link = {"method": "POST", "body": "token=x", "type": "application/x-www-form-urlencoded"}
    assert times("/api/v1/auth/link", 4, **link) == [401, 401, 401, 429]
    assert times("/api/v1/auth/corp/login", 1, source=ELSEWHERE) == [302]
    assert times("/api/v1/auth/providers", 4) == [200] * 4


def test_limits_whenNothingIsSet_areThoseOfTheDocumentation(start):
    server = start(failed=None, sign_in=None)

    # While the first of them are answered, the right to some more comes back.
    failed = statuses(200, lambda: call(server, VERIFY, key="nonsense"))
    assert 60 <= failed[401] <= 70
    logins = statuses(100, lambda: call(server, "/api/v1/auth/corp/login"))
    assert 30 <= logins[302] <= 40
    assert statuses(200, lambda: call(server, PUBLIC)) == {200: 200}


def test_limits_whenTheyAreOff_letEverythingPass(start):
    server = start(address="off", credential="off", failed="off", sign_in="off")

    assert statuses(200, lambda: call(server, VERIFY, key=bad_key())) == {401: 200}
    assert statuses(100, lambda: call(server, "/api/v1/auth/corp/login")) == {302: 100}
