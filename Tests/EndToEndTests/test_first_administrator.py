"""`postern bootstrap` and the one-time sign-in link."""

import concurrent.futures
import json
import re

import pytest

from conftest import use_link
from support.database import Database


@pytest.fixture
def fresh(start_postern):
    return start_postern()


def test_bootstrap_givesAKeyAndALinkThatWork(fresh):
    result = fresh.bootstrap("First.Admin@Example.com")

    assert set(result) == {"user_id", "api_key", "sign_in_url"}
    me = fresh.get("/api/v1/users/me", key=result["api_key"]).json()
    assert me["id"] == result["user_id"] and me["email"] == "first.admin@example.com" and "admin" in me["roles"]
    page = fresh.get(result["sign_in_url"].removeprefix(fresh.url))
    assert page.status_code == 200 and page.headers["Content-Type"].startswith("text/html")
    assert "form-action 'self'" in page.headers["Content-Security-Policy"]


def test_bootstrap_whenAnAdministratorExists_refuses(fresh):
    fresh.bootstrap()

    done = fresh.command("bootstrap", "--email", "second@example.com")

    assert done.returncode == 1
    assert done.stdout == "" and done.stderr.strip() == "postern: An administrator exists already."


def test_bootstrap_whenTheAddressIsNone_isWrongUsage(fresh):
    done = fresh.command("bootstrap", "--email", "nobody")

    assert done.returncode == 2 and "no e-mail address" in done.stderr


def test_bootstrap_forPeople_showsBothOnce(fresh):
    done = fresh.command("bootstrap", "--email", "a@example.com")

    assert done.returncode == 0 and done.stderr == ""
    assert re.search(r"API key +pst_\w{38}", done.stdout) and "/api/v1/auth/link?token=" in done.stdout


def test_link_worksOnce_andLookingAtItDoesNotUseItUp(fresh):
    link = fresh.bootstrap()["sign_in_url"]
    for _ in range(3):
        assert fresh.get(link.removeprefix(fresh.url)).status_code == 200

    with concurrent.futures.ThreadPoolExecutor(10) as pool:
        answers = list(pool.map(lambda _: use_link(fresh, link), range(10)))

    assert sorted(answer.status_code for answer in answers) == [200] + [401] * 9
    pair = next(answer.json() for answer in answers if answer.status_code == 200)
    assert fresh.get("/api/v1/examples/admin-only", token=pair["access_token"]).status_code == 200


def test_link_whenExpired_isRefused(fresh):
    link = fresh.bootstrap()["sign_in_url"]
    database = Database(fresh.env["DATABASE_URL"].partition("///")[2].partition("?")[0])
    database.query("update sign_in_links set expires_at = now() - interval '1 second'")

    assert use_link(fresh, link).status_code == 401


@pytest.mark.parametrize("token", ["", "x", "%3Cscript%3E", "A" * 43, "A" * 5000])
def test_link_whenItIsNone_signsNobodyIn(fresh, token):
    page = fresh.get(f"/api/v1/auth/link?token={token}")
    assert "<script>" not in page.text
    assert fresh.post("/api/v1/auth/link", data={"token": token}).status_code in (400, 401)


def test_bootstrap_json_isOneObjectOnStandardOutput(fresh):
    done = fresh.command("bootstrap", "--email", "a@example.com", "--json")

    assert json.loads(done.stdout)["api_key"].startswith("pst_")
