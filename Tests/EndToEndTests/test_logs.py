"""Logs: JSON lines, and no secret in them."""

import json

from conftest import use_link
from support.database import Database
from support.provider import Browser, parameter


def test_log_isJSONLines_withTheRequestIdOfFailures(start_postern):
    postern = start_postern()
    answer = postern.get("/api/v1/users/me?access_token=shown-in-the-query")
    forged = postern.get("/nowhere", headers={"User-Agent": 'x","level":"critical'})
    postern.stop()

    lines = [json.loads(line) for line in postern.log.splitlines()]
    assert all(list(line)[:3] == ["ts", "level", "msg"] for line in lines)
    failed = {line["request_id"]: line for line in lines if line["msg"] == "request failed"}
    assert failed[answer.headers["X-Request-Id"]]["status"] == "401"
    assert failed[answer.headers["X-Request-Id"]]["route"] == "/api/v1/users/me"
    assert forged.headers["X-Request-Id"] in failed
    assert "shown-in-the-query" not in postern.log


def test_log_atDebugLevel_holdsNoSecret(start_postern, provider):
    database = Database.migrated()
    postern = start_postern(database.url, POSTERN_LOG_LEVEL="trace", **provider.settings)
    administrator = postern.bootstrap()
    link_token = parameter(administrator["sign_in_url"], "token")
    admin = use_link(postern, administrator["sign_in_url"]).json()
    browser = Browser(postern)
    location = browser.begin()
    callback = browser.consent(location, "ada@example.com")
    cookies = list(browser.session.cookies.values())
    pair = browser.open(callback).json()
    browser.open(callback)
    key = postern.post("/api/v1/api-keys", token=pair["access_token"], json={"name": "k"}).json()["key"]
    for credential in ({"key": key}, {"key": key[:-1] + "x"}, {"token": pair["access_token"][:-3]}, {"token": key}):
        postern.get("/api/v1/users/me", **credential)
    postern.get(f"/api/v1/auth/link?token={link_token}&x={key}")
    postern.get(f"/api/v1/users/me?key={key}")
    postern.stop()

    secrets = {
        "secret": postern.env["POSTERN_SECRET"], "client secret": provider.settings["POSTERN_OIDC_CORP_CLIENT_SECRET"],
        "admin key": administrator["api_key"], "link": link_token, "key": key, "state": parameter(location, "state"),
        "code": parameter(callback, "code"), "cookie": cookies[0], "database": database.url,
    }
    for name, tokens in (("admin", admin), ("user", pair)):
        secrets |= {f"{name} access token": tokens["access_token"], f"{name} refresh": tokens["refresh_token"]}
    log = postern.log
    assert len(log.splitlines()) > 5
    assert [name for name, secret in secrets.items() if secret in log] == []
