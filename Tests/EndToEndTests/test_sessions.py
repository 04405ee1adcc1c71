"""Staying signed in: refresh tokens, and what ends a session."""

import os
import pathlib
import signal
import threading

import jwt
import pytest
import requests

from support.caller import refusal
from support.race import at_once
from support.session import Session
from support.wait import wait_until

SETTINGS = {"POSTERN_WORKERS": 4}


def refresh(server, pair, **options):
    return server.post("/api/v1/auth/refresh", json={"refresh_token": pair["refresh_token"]}, **options)


def session_id(pair):
    return jwt.decode(pair["access_token"], options={"verify_signature": False})["sid"]


def grow_older(database, pair, by="11 seconds"):
    """Lets the uses of a session's refresh tokens lie further back."""
    database.query(f"update refresh_tokens set used_at = used_at - interval '{by}' where session_id = '{session_id(pair)}'")


def is_stopped(pid):
    # After the name, which may hold spaces, comes the state.
    states = [path.read_text().rpartition(") ")[2][0] for path in pathlib.Path(f"/proc/{pid}/task").glob("*/stat")]
    return set(states) == {"T"}


def test_refresh_givesAPairThatWorks_ofTheSameSession(installation):
    first = installation.sign_in()

    answer = refresh(installation.server, first)

    assert answer.status_code == 200 and answer.headers["Cache-Control"] == "no-store"
    second = answer.json()
    assert second.keys() == first.keys() and second["refresh_token"] != first["refresh_token"]
    assert session_id(second) == session_id(first)
    assert installation.server.get("/api/v1/users/me", token=second["access_token"]).status_code == 200
    assert refresh(installation.server, second).status_code == 200


def test_refresh_fiftyAtOnce_giveOneAndTheSameBody(installation):
    pair = installation.sign_in()

    answers = at_once(*[lambda: refresh(installation.server, pair, timeout=30)] * 50)

    assert {answer.status_code for answer in answers} == {200}
    assert len({answer.content for answer in answers}) == 1
    sid = session_id(pair)
    stored = installation.database.query(
        f"select count(*), count(*) filter (where used_at is null) from refresh_tokens where session_id = '{sid}'"
    )
    assert stored == [["2", "1"]]
    assert refresh(installation.server, answers[0].json()).status_code == 200


def test_refresh_replayedAfterTheGrace_endsTheSession_andIsLogged(installation):
    first, other = installation.sign_in(), installation.sign_in()
    second = refresh(installation.server, first).json()
    grow_older(installation.database, first)

    assert refusal(refresh(installation.server, first)) == (401, "unauthenticated")
    assert refusal(refresh(installation.server, second)) == (401, "unauthenticated")
    assert refresh(installation.server, other).status_code == 200
    lines = [line for line in installation.server.log_lines() if line.get("session_id") == session_id(first)]
    assert [line["msg"] for line in lines] == ["refresh token reused, session ended"]


def test_refresh_replayedAfterARestart_endsTheSession(installation, start_postern):
    first = installation.sign_in()
    second = refresh(installation.server, first).json()
    grow_older(installation.database, first)
    secret = installation.server.env["POSTERN_SECRET"]
    public_url = installation.server.url

    restarted = start_postern(installation.database.url, POSTERN_SECRET=secret, POSTERN_PUBLIC_URL=public_url)

    assert refusal(refresh(restarted, first)) == (401, "unauthenticated")
    assert refusal(refresh(restarted, second)) == (401, "unauthenticated")


def test_refresh_whenTheWorkerIsKilledBeforeItAnswers_worksWithTheSameToken(installation, start_postern):
    secret, public_url = installation.server.env["POSTERN_SECRET"], installation.server.url
    server = start_postern(
        installation.database.url, POSTERN_SECRET=secret, POSTERN_PUBLIC_URL=public_url, POSTERN_WORKERS=1
    )
    pair = installation.sign_in()
    sid = session_id(pair)
    (worker,) = server.workers()
    lock = Session(installation.database)
    failures = []

    def lose_the_answer():
        try:
            refresh(server, pair)
        except requests.ConnectionError as error:
            failures.append(error)

    # The statement waits for a lock; the worker stands still before it gets through, and never sees its result.
    lock.query(f"begin; select from sessions where id = '{sid}' for update")
    client = threading.Thread(target=lose_the_answer)
    client.start()
    waiting = "select count(*) from pg_locks where not granted and transactionid is not null"
    wait_until(lambda: installation.database.value(waiting) != "0", what="the refresh waiting for the lock")
    os.kill(worker, signal.SIGSTOP)
    wait_until(lambda: is_stopped(worker), what="every thread of the worker standing still")
    lock.query("commit")
    used = f"select count(*) from refresh_tokens where session_id = '{sid}' and used_at is not null"
    wait_until(lambda: installation.database.value(used) == "1", what="the token being used up")
    os.kill(worker, signal.SIGKILL)
    client.join(timeout=30)
    lock.end()

    assert len(failures) == 1
    wait_until(lambda: server.ready_workers() - {worker}, what="another worker")
    answer = refresh(server, pair)
    assert answer.status_code == 200
    assert refresh(server, answer.json()).status_code == 200
    assert installation.database.value(f"select count(*) from sessions where id = '{sid}' and ended_at is null") == "1"


def test_refresh_whenTheUserIsNotActive_is401(installation):
    pair = installation.sign_in("grace@example.com")
    installation.database.query("update users set is_active = false where email = 'grace@example.com'")
    try:
        assert refusal(refresh(installation.server, pair)) == (401, "unauthenticated")
    finally:
        installation.database.query("update users set is_active = true where email = 'grace@example.com'")


@pytest.mark.parametrize(
    "change",
    [
        "update sessions set created_at = now() - interval '2 days', expires_at = now() - interval '1 s' where id = '{}'",
        "update refresh_tokens set created_at = now() - interval '2 days', expires_at = now() where session_id = '{}'",
        "update sessions set ended_at = now() where id = '{}'",
        "delete from sessions where id = '{}'",
    ],
    ids=["session expired", "token expired", "session ended", "session gone"],
)
def test_refresh_whenItsTimeIsOver_is401(installation, change):
    pair = installation.sign_in()
    installation.database.query(change.format(session_id(pair)))

    assert refusal(refresh(installation.server, pair)) == (401, "unauthenticated")


@pytest.mark.parametrize("token", ["xyzzy", "A" * 43, "eyJhbGciOiJub25lIn0.e30.", "' or 1=1 --"])
def test_refresh_whenTheTokenIsNone_is401(postern, token):
    answer = refresh(postern, {"refresh_token": token})

    assert refusal(answer) == (401, "unauthenticated")
    assert token not in answer.text


def test_refresh_withAnotherKindOfToken_is401_andNoRefreshTokenIsACredential(installation):
    pair = installation.sign_in()
    link = installation.administrator["sign_in_url"].partition("token=")[2]

    for token in (pair["access_token"][:512], link, installation.administrator["api_key"]):
        assert refresh(installation.server, {"refresh_token": token}).status_code == 401
    assert installation.server.get("/api/v1/users/me", token=pair["refresh_token"]).status_code == 401
    assert installation.server.get("/api/v1/users/me", key=pair["refresh_token"]).status_code == 401


def test_refresh_keepsNoTokenInTheDatabaseOrTheLog(installation):
    first = installation.sign_in()
    second = refresh(installation.server, first).json()

    stored = str(installation.database.query("select row_to_json(t)::text, encode(sealed_pair, 'escape') from refresh_tokens t"))
    for secret in (first["refresh_token"], second["refresh_token"], second["access_token"]):
        assert secret not in stored and secret not in installation.server.log


def test_logout_endsTheSession_alsoForARefreshAtTheSameMoment(installation):
    other = installation.sign_in()

    for _ in range(10):
        pair = installation.sign_in()
        out, raced = at_once(
            lambda: installation.server.post("/api/v1/auth/logout", token=pair["access_token"]),
            lambda: refresh(installation.server, pair),
        )
        assert out.status_code == 204 and raced.status_code in (200, 401)
        newest = raced.json() if raced.status_code == 200 else pair
        assert refusal(refresh(installation.server, newest)) == (401, "unauthenticated")
    assert refresh(installation.server, other).status_code == 200


def test_sessions_showsWhereOneIsSignedIn_andEndsOne(installation):
    here, there = installation.sign_in("alan@example.com"), installation.sign_in("alan@example.com")
    server = installation.server
    refresh(server, there, headers={"User-Agent": "Curl of Alan"})

    listed = {item["id"]: item for item in server.get("/api/v1/auth/sessions", token=here["access_token"]).json()["items"]}

    assert listed[session_id(here)]["is_current"] and not listed[session_id(there)]["is_current"]
    assert listed[session_id(there)]["user_agent"] == "Curl of Alan" and listed[session_id(there)]["method"] == "corp"
    gone = server.delete(f"/api/v1/auth/sessions/{session_id(there)}", token=here["access_token"])
    assert gone.status_code == 204
    assert refresh(server, there).status_code == 401
    again = server.delete(f"/api/v1/auth/sessions/{session_id(there)}", token=here["access_token"])
    assert refusal(again) == (404, "not_found")
    others = installation.sign_in("grace@example.com")
    assert refusal(server.delete(f"/api/v1/auth/sessions/{session_id(others)}", token=here["access_token"])) == (
        404, "not_found",
    )
    assert refresh(server, others).status_code == 200


def test_sessions_ofAUser_areEndedByAnAdministrator(installation):
    server, key = installation.server, installation.administrator["api_key"]
    one, two = installation.sign_in("grace@example.com"), installation.sign_in("grace@example.com")
    user_id = jwt.decode(one["access_token"], options={"verify_signature": False})["sub"]
    path = f"/api/v1/users/{user_id}/sessions"

    listed = [item["id"] for item in server.get(path, key=key).json()["items"]]
    assert {session_id(one), session_id(two)} <= set(listed)
    assert server.delete(f"{path}/{session_id(one)}", key=key).status_code == 204
    assert refresh(server, one).status_code == 401
    assert server.delete(path, key=key).status_code == 204
    assert refresh(server, two).status_code == 401
    assert server.get(path, key=key).json()["items"] == []


def test_deactivation_endsAllSessions_forGood(installation):
    server, key = installation.server, installation.administrator["api_key"]
    pair = installation.sign_in("grace@example.com")
    user_id = jwt.decode(pair["access_token"], options={"verify_signature": False})["sub"]

    for is_active in (False, True):
        answer = server.request("PATCH", f"/api/v1/users/{user_id}", key=key, json={"is_active": is_active})
        assert answer.status_code == 200, answer.text
        assert refresh(server, pair).status_code == 401
