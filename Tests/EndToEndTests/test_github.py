"""Signing in with GitHub, which says who somebody is in its own way, and sometimes says something else."""

import time

import pytest

from support.database import Database
from support.github import GitHub
from support.postern import Postern
from support.provider import Browser, parameter, with_parameter

LIMITED = {"message": "API rate limit exceeded for user ID 1.", "documentation_url": "https://docs.github.com/rest"}


@pytest.fixture(scope="module")
def github():
    github = GitHub()
    yield github
    github.end()


@pytest.fixture(scope="module")
def server(github):
    server = Postern((database := Database.migrated()).url, **github.settings).start()
    server.database = database
    yield server
    assert github.tokens and [token for token in github.tokens if token in server.log] == []
    server.end()


@pytest.fixture(autouse=True)
def fresh(server, github):
    """Nobody is known, and GitHub is well."""
    server.database.query("delete from users")
    github.misbehaviour, github.requests = {}, []
    github.user = {"login": "ada", "id": 583231, "name": "Ada Lovelace", "email": None}
    github.emails = [{"email": "ada@example.com", "primary": True, "verified": True, "visibility": "private"}]


def sign_in(server, github):
    browser = Browser(server)
    return browser.open(github.consent(browser.begin("github")))


def me(server, answer):
    assert answer.status_code == 200, answer.text
    return server.get("/api/v1/users/me", token=answer.json()["access_token"]).json()


def test_providers_namesGitHub(server):
    items = server.get("/api/v1/auth/providers").json()["items"]
    assert [(item["name"], item["display_name"]) for item in items] == [("github", "GitHub")]


def test_signIn_isByTheNumber_whateverTheLoginAndTheAddress(server, github):
    first = me(server, sign_in(server, github))
    assert (first["email"], first["is_email_verified"], first["display_name"]) == ("ada@example.com", True, "Ada Lovelace")
    assert server.database.query("select issuer, subject from oauth_accounts") == [["https://github.com", "583231"]]

    github.user = {"login": "renamed", "id": 583231, "name": None, "email": "public@example.com"}
    github.emails = []
    assert me(server, sign_in(server, github))["id"] == first["id"]

    github.user, github.emails = {"login": "ada", "id": 2}, [{"email": "b@example.com", "primary": True, "verified": True}]
    assert me(server, sign_in(server, github))["id"] != first["id"]


def test_signIn_withThirtyAddresses_hasThePrimaryOne(server, github):
    others = [{"email": f"{n}@example.com", "primary": False, "verified": True} for n in range(30)]
    github.emails = others + github.emails
    assert me(server, sign_in(server, github))["email"] == "ada@example.com"


@pytest.mark.parametrize(
    "emails",
    [[], [{"email": "ada@example.com", "primary": True, "verified": False}],
     [{"email": "ada@example.com", "primary": False, "verified": True}],
     [{"email": None, "primary": True, "verified": True}]],
    ids=str,
)
def test_signIn_withoutAPrimaryVerifiedAddress_is403AndMakesNobody(server, github, emails):
    github.user["email"] = "ada@example.com"
    github.emails = emails
    answer = sign_in(server, github)
    assert (answer.status_code, answer.json()["code"]) == (403, "forbidden")
    assert server.database.value("select count(*) from users") == "0"


@pytest.mark.parametrize("path", ["/login/oauth/access_token", "/user", "/user/emails"])
@pytest.mark.parametrize(
    "wrong",
    ["slow", "huge", "redirect", "html", (403, LIMITED), (429, LIMITED), (500, "oops", "text/html"), (200, "{")],
    ids=str,
)
def test_signIn_whenGitHubMisbehaves_is502WithinTenSeconds(server, github, path, wrong):
    github.misbehaviour[path] = wrong
    began = time.monotonic()
    answer = sign_in(server, github)
    assert (answer.status_code, answer.json()["code"]) == (502, "upstream")
    assert time.monotonic() - began < 10
    assert "/elsewhere" not in github.requests
    assert server.database.value("select count(*) from users") == "0"


def test_signIn_withAnotherCode_is400(server, github):
    browser = Browser(server)
    answer = browser.open(with_parameter(github.consent(browser.begin("github")), "code", "another"))
    assert (answer.status_code, answer.json()["code"]) == (400, "malformed")


def test_signIn_whenThePersonCancels_is403(server, github):
    browser = Browser(server)
    state = parameter(browser.begin("github"), "state")
    answer = browser.open(f"{server.url}/api/v1/auth/github/callback?state={state}&error=access_denied")
    assert answer.status_code == 403
    assert github.requests == []


@pytest.mark.parametrize(
    ("settings", "key"),
    [
        ({"POSTERN_GITHUB_CLIENT_SECRET": None}, "POSTERN_GITHUB_CLIENT_SECRET"),
        ({"POSTERN_GITHUB_CLIENT_ID": None}, "POSTERN_GITHUB_CLIENT_ID"),
        ({"POSTERN_GITHUB_API_URL": "http://github.example"}, "POSTERN_GITHUB_API_URL"),
        ({"POSTERN_OIDC_GITHUB_ISSUER": "https://x.example", "POSTERN_OIDC_GITHUB_CLIENT_ID": "x"}, "POSTERN_OIDC_GITHUB"),
    ],
    ids=str,
)
def test_start_whenASettingIsBad_is64(github, settings, key):
    done = Postern(Database.migrated().url, **github.settings | settings).command("serve")
    assert done.returncode == 64 and key in done.stderr + done.stdout
