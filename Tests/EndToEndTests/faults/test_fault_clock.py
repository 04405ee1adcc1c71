"""The wall clock of a host is set by an hour while everything runs: what follows it, and what must not."""

import datetime
import json
import time

import jwt
import pytest

from support.fake_clock import FakeClock
from support.load import Load
from support.slow_client import SlowClient
from support.wait import wait_until

HOUR = 3600
#: By how much clocks may differ: what a token says counts so many seconds longer, and sooner.
LEEWAY = 30
#: Longer than an event loop may give no sign of life.
SILENCE = 12
JWT_ONLY = "/api/v1/examples/jwt-only"


@pytest.fixture
def clock(tmp_path):
    return FakeClock(tmp_path)


@pytest.fixture
def postern(start_postern, clock):
    settings = {"POSTERN_WORKERS": 2, "POSTERN_LOG_LEVEL": "info", "POSTERN_ACCESS_TOKEN_TTL": "15m"}
    postern = start_postern(command=clock.command, **settings, **clock.settings)
    yield postern
    clock.end(postern.process.pid)


def claims(token):
    return jwt.decode(token, options={"verify_signature": False})


def refresh(postern, pair):
    answer = postern.post("/api/v1/auth/refresh", json={"refresh_token": pair["refresh_token"]})
    assert answer.status_code == 200, answer.text
    return answer.json()


def statuses(postern, token):
    """What a few connections, and so every worker, say of a token."""
    return {postern.get(JWT_ONLY, token=token).status_code for _ in range(8)}


@pytest.fixture
def administrator(postern):
    done = postern.command("bootstrap", "--email", "admin@example.com", "--json", LD_PRELOAD="")
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_wallClockThatIsSet_killsNobody_andFailsNoRequest_andMovesNoDeadline(postern, clock, administrator):
    workers = set(postern.workers())
    headers = {"X-API-Key": administrator["api_key"]}
    with Load(postern.port, clients=10, rate=100, path="/api/v1/users/me", headers=headers) as load:
        for offset in (HOUR, -HOUR, 0):
            wait_until(lambda: load.count("ok") > 100, what="the load running")
            client = SlowClient(postern, b"GET /livez HTTP/1.1\r\nHost: x\r\nX-Slow: ", b"a")
            clock.set(offset)
            began = time.monotonic()
            while client.lasted is None and time.monotonic() < began + 30:
                client.step()
                time.sleep(0.2)
            # It has ten seconds for its header, of a clock that nobody sets.
            assert client.status == 408 and client.lasted >= 9.5, (offset, client.lasted, client.received)
            wait_until(lambda: time.monotonic() > began + SILENCE, what="the time in which a stuck worker is found")
            said = datetime.datetime.fromisoformat(postern.log_lines()[-1]["ts"]).timestamp()
            assert abs(said - time.time() - offset) < SILENCE + 30, "the log has the time of day"
    assert load.failures() == {}, load.snapshot()
    assert set(postern.workers()) == workers
    assert not {"worker is stuck", "killing worker", "worker exited", "replacing worker"} & set(postern.messages())
    assert postern.stop() == 0


def test_tokens_followTheWallClock_withHalfAMinuteOfLeeway(postern, clock, administrator):
    # By a link: a provider would have another clock.
    link = administrator["sign_in_url"].partition("token=")[2]
    pair = postern.post("/api/v1/auth/link", data={"token": link}).json()
    token = pair["access_token"]
    lifetime = claims(token)["exp"] - claims(token)["iat"]
    assert lifetime == 15 * 60 and statuses(postern, token) == {200}

    # Around each border, seconds for what the test itself takes.
    for offset, expected in [(lifetime + LEEWAY - 20, 200), (lifetime + LEEWAY + 1, 401), (HOUR, 401), (0, 200)]:
        clock.set(offset)
        assert statuses(postern, token) == {expected}, offset

    # Tokens of another time, seen for the first time when the clock is right again.
    for offset, expected in [(LEEWAY - 1, 200), (LEEWAY + 20, 401), (HOUR, 401), (-HOUR, 401)]:
        clock.set(offset)
        pair = refresh(postern, pair)
        issued = claims(pair["access_token"])
        assert abs(issued["iat"] - time.time() - offset) < 20 and issued["exp"] - issued["iat"] == lifetime
        clock.set(0)
        assert statuses(postern, pair["access_token"]) == {expected}, offset
        clock.set(offset)
        assert statuses(postern, pair["access_token"]) == {200}, offset
