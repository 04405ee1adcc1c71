"""Signing in for an app: from its link through Postern and a real provider back to its page, and nowhere else."""

import secrets

import jwt
import pytest
import requests
from selenium.webdriver.common.by import By
from selenium.webdriver.support import expected_conditions as condition
from selenium.webdriver.support.ui import WebDriverWait

from support.app import App, arrive, challenge, verified
from support.chromium import chromium
from support.database import Database
from support.postern import Postern
from support.provider import parameter
from support.race import at_once
from support.wait import wait_until


@pytest.fixture(scope="module")
def app():
    app = App()
    yield app
    app.end()


@pytest.fixture(scope="module")
def server(provider, app):
    database = Database.migrated()
    server = Postern(database.url, **provider.settings, POSTERN_REDIRECT_URLS=app.redirect_url).start()
    server.database = database
    server.secrets = []
    app.postern = server
    yield server
    assert server.secrets and [secret for secret in server.secrets if secret in server.log] == []
    server.end()


@pytest.fixture
def code(server, app):
    """A code that can be swapped, and the verifier that belongs to it."""
    location = arrive(server, app.login_link())
    state = parameter(location, "state")
    server.secrets.append(parameter(location, "code"))
    return parameter(location, "code"), app.verifiers[state]


def test_signIn_inABrowser_goesFromTheLinkToTheAppsPage(server, app):
    driver = chromium()
    try:
        wait = WebDriverWait(driver, 20)
        driver.get(app.url)
        driver.find_element(By.ID, "login").click()
        wait.until(condition.presence_of_element_located((By.NAME, "sub"))).send_keys("grace@example.com")
        driver.find_element(By.CSS_SELECTOR, "button[type=submit], input[type=submit], button").click()
        shown = wait.until(condition.presence_of_element_located((By.ID, "user"))).text
        assert driver.current_url.startswith(f"{app.redirect_url}?code=")
        assert driver.get_cookies() == []
    finally:
        driver.quit()

    user_id = server.database.value("select id from users where email = 'grace@example.com'")
    assert shown == user_id
    assert "access_token" not in str(app.arrived)


def test_code_swapped_givesATokenThatPyJWTVerifies(server, app, code):
    answer = app.swap(*code)

    assert answer.status_code == 200, answer.text
    assert answer.headers["Cache-Control"] == "no-store"
    pair = answer.json()
    server.secrets += [pair["access_token"], pair["refresh_token"]]
    me = server.get("/api/v1/users/me", token=pair["access_token"]).json()
    assert me["email"] == "ada@example.com"
    assert verified(server, pair["access_token"])["sub"] == me["id"]


def test_refreshToken_atTheTokenEndpoint_givesTheNextPairOnce(server, app, code):
    first = app.swap(*code).json()["refresh_token"]

    answer = server.post("/api/v1/auth/token", data={"grant_type": "refresh_token", "refresh_token": first})

    assert answer.status_code == 200, answer.text
    assert answer.json()["refresh_token"] != first
    assert verified(server, answer.json()["access_token"])["sub"]
    for form in ({}, {"refresh_token": ""}):
        refused = server.post("/api/v1/auth/token", data={"grant_type": "refresh_token"} | form)
        assert (refused.status_code, refused.json()["error"]) == (400, "invalid_request")
    for other in ("x", "A" * 43, answer.json()["access_token"]):
        refused = server.post("/api/v1/auth/token", data={"grant_type": "refresh_token", "refresh_token": other})
        assert (refused.status_code, refused.json()["error"]) == (400, "invalid_grant")


def test_log_saysWhoSignedIn_atEachStep(server, app, code):
    pair = app.swap(*code).json()
    refresh = {"refresh_token": pair["refresh_token"]}
    # The second one is a repetition, which gets the answer of the first.
    answers = [server.post("/api/v1/auth/refresh", json=refresh) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [200, 200]
    user = verified(server, pair["access_token"])["sub"]

    wait_until(lambda: len(steps(server, user)) >= 4, what="the lines in the log")
    lines = steps(server, user)[-4:]
    assert [line["route"].rpartition("/")[2] for line in lines] == ["callback", "token", "refresh", "refresh"]
    assert all(line["msg"] == "request" and "credential" not in line for line in lines)


def steps(server, user):
    """What the log says of the sign-ins of a user."""
    return [line for line in server.log_lines() if "/auth/" in line.get("route", "") and line.get("user_id") == user]


@pytest.mark.parametrize("changes", [{}, {"code_verifier": "a" * 43}, {"redirect_uri": "https://evil.example/"}], ids=str)
def test_code_swappedTwice_isRefusedAndEndsTheSession(server, app, code, changes):
    pair = app.swap(*code).json()
    assert server.get("/api/v1/users/me", token=pair["access_token"]).status_code == 200
    session = jwt.decode(pair["access_token"], options={"verify_signature": False})["sid"]

    answer = app.swap(*code, **changes)

    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_grant")
    assert server.post("/api/v1/auth/refresh", json={"refresh_token": pair["refresh_token"]}).status_code == 401
    wait_until(
        lambda: server.get("/api/v1/users/me", token=pair["access_token"]).status_code == 401,
        what="the access token being refused",
    )
    (line,) = [line for line in reuses(server) if line["session_id"] == session]
    assert line["level"] == "warning" and line["user_id"]
    app.swap(*code)
    assert len([line for line in reuses(server) if line["session_id"] == session]) == 1, "it has ended already"


def test_code_refusedFirst_hasNoSessionToEnd(server, app, code):
    before = len(reuses(server))
    assert app.swap(*code, code_verifier="a" * 43).status_code == 400
    assert app.swap(*code).status_code == 400
    assert len(reuses(server)) == before


def test_code_swappedTwentyTimesAtOnce_givesOnePairWhoseSessionIsOver(server, app, code):
    answers = at_once(*[lambda: app.swap(*code)] * 20)

    assert sorted(answer.status_code for answer in answers) == [200] + [400] * 19
    (pair,) = [answer.json() for answer in answers if answer.ok]
    session = jwt.decode(pair["access_token"], options={"verify_signature": False})["sid"]
    assert len([line for line in reuses(server) if line["session_id"] == session]) == 1
    assert server.post("/api/v1/auth/refresh", json={"refresh_token": pair["refresh_token"]}).status_code == 401
    assert server.database.value(f"select ended_at is not null from sessions where id = '{session}'") == "t"


def reuses(server):
    return [line for line in server.log_lines() if line.get("msg") == "authorization code reused, session ended"]


@pytest.mark.parametrize(
    "changes",
    [
        {"code_verifier": None}, {"code_verifier": ""}, {"code_verifier": "a" * 43}, {"code_verifier": "a" * 42},
        {"code_verifier": "a" * 129}, {"redirect_uri": "https://evil.example/"}, {"code": "A" * 43}, {"code": "x"},
    ],
    ids=str,
)
def test_code_whenAnythingIsWrong_isInvalidGrant(app, code, changes):
    answer = app.swap(*code, **changes)
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_grant")
    assert "access_token" not in answer.json()


def test_code_withItsChallengeForAVerifier_isInvalidGrant(app, code):
    assert app.swap(code[0], challenge(code[1])).json()["error"] == "invalid_grant"


def test_code_afterAMinute_isInvalidGrant(server, app, code):
    server.database.query("update authorization_codes set expires_at = now() - interval '1 second'")
    assert app.swap(*code).json()["error"] == "invalid_grant"
    expired = "select count(*) from authorization_codes where expires_at < now()"
    before = int(server.database.value(expired))
    arrive(server, app.login_link())
    assert int(server.database.value(expired)) == max(0, before - 10), "each sign-in clears ten away"


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"grant_type": None}, "invalid_request"), ({"code": None}, "invalid_request"),
        ({"grant_type": "password"}, "unsupported_grant_type"), ({"grant_type": ["authorization_code"] * 2}, "invalid_request"),
    ],
    ids=str,
)
def test_token_whenTheRequestIsWrong_saysSoInTheWordsOfOAuth(app, code, changes, error):
    answer = app.swap(*code, **changes)
    assert (answer.status_code, answer.json()["error"]) == (400, error)
    assert answer.headers["Content-Type"] == "application/json" and answer.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize(
    "redirect_to",
    ["", "//e", "/\\e", "https:e", "{url}@e", "{url}.evil.example", "javascript:alert(1)", "JaVaScRiPt:alert(1)",
     "data:text/html,x", "\t//e", "{url}/..;/", "{url}/", "{url}#", "{url}?x=1", "https://127.0.0.1/callback"],
)
def test_login_whenTheAddressIsNotAllowed_is400(server, app, redirect_to):
    answer = server.get(
        "/api/v1/auth/corp/login",
        params={"redirect_to": redirect_to.format(url=app.redirect_url), "code_challenge": challenge("x")},
        allow_redirects=False,
    )
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid_redirect")


@pytest.mark.parametrize(
    "query",
    [{}, {"code_challenge": "x"}, {"code_challenge": "A" * 43, "code_challenge_method": "plain"},
     {"code_challenge": "A" * 43, "state": "a\nb"}, {"code_challenge": "A" * 43, "state": "a" * 513}],
    ids=str,
)
def test_login_whenTheChallengeOrTheStateIsWrong_is422(server, app, query):
    answer = server.get("/api/v1/auth/corp/login", params={"redirect_to": app.redirect_url} | query, allow_redirects=False)
    assert (answer.status_code, answer.json()["code"]) == (422, "validation_failed")


def test_callback_whenThePersonRefuses_tellsTheApp(server, app):
    session = requests.Session()
    location = session.get(app.login_link(), allow_redirects=False, timeout=10).headers["Location"]
    answer = session.get(
        f"{server.url}/api/v1/auth/corp/callback",
        params={"state": parameter(location, "state"), "error": "access_denied", "error_description": "<script>"},
        allow_redirects=False, timeout=10,
    )
    assert answer.status_code == 302
    returned = answer.headers["Location"]
    assert returned.startswith(f"{app.redirect_url}?error=access_denied&state=") and "script" not in returned


def test_callback_whenTheStateIsForged_staysHere(server, app):
    session = requests.Session()
    session.get(app.login_link(), allow_redirects=False, timeout=10)
    answer = session.get(
        f"{server.url}/api/v1/auth/corp/callback", params={"state": secrets.token_urlsafe(32), "code": "x"},
        allow_redirects=False, timeout=10,
    )
    assert (answer.status_code, answer.json()["code"]) == (400, "oauth_state_invalid")


def test_code_whenTheUserIsDeactivatedMeanwhile_isInvalidGrant(server, app):
    location = arrive(server, app.login_link(), "alan@example.com")
    server.database.query("update users set is_active = false where email = 'alan@example.com'")
    answer = app.swap(parameter(location, "code"), app.verifiers[parameter(location, "state")])
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_grant")

    location = arrive(server, app.login_link(), "alan@example.com")
    assert parameter(location, "error") == "access_denied"


@pytest.mark.parametrize("value", ["http://app.example.com/", "https://*.example.com/", "https://app.example.com/#x"])
def test_start_whenAnAddressIsUnsafe_is64AndKeepsTheValue(value):
    done = Postern(Database.migrated().url, POSTERN_REDIRECT_URLS=value).command("serve")
    assert done.returncode == 64
    assert "POSTERN_REDIRECT_URLS" in done.stderr and "example.com" not in done.stderr
