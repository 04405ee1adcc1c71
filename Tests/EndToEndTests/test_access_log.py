"""The log of requests: one line of each, its trace, the slow ones, and no secret."""

import http.server
import threading

import jwt
import pytest

from support.database import Database
from support.ports import free_port
from support.provider import parameter
from support.session import Session
from support.wait import wait_until

TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"
PARENT = f"00-{TRACE}-00f067aa0ba902b7-01"
REQUEST_MESSAGES = {"request", "changed", "request failed", "slow request"}


def lines_of(server, request_id):
    return [line for line in server.log_lines() if line.get("request_id") == request_id]


def line_of(server, answer):
    """The one line that is about the request."""
    request_id = answer.headers["X-Request-Id"]
    wait_until(lambda: lines_of(server, request_id), what="the line of the request")
    (line,) = lines_of(server, request_id)
    return line


def test_request_isOneLine_withWhoAndHowLong(installation):
    server, key = installation.server, installation.administrator["api_key"]
    answer = server.get(
        f"/api/v1/users/{installation.administrator['user_id']}", key=key, headers={"User-Agent": "x " * 250}
    )

    line = line_of(server, answer)
    assert (line["level"], line["msg"]) == ("info", "request")
    assert (line["method"], line["route"], line["status"]) == ("GET", "/api/v1/users/{id}", "200")
    assert line["bytes"] == answer.headers["Content-Length"]
    assert line["client_address"] == "127.0.0.1" and line["user_agent"] == "x " * 64
    assert line["user_id"] == installation.administrator["user_id"]
    assert line["credential"].startswith("api_key ")
    whole, fraction = line["duration_ms"].split(".")
    assert 0 <= int(whole) < 10_000 and len(fraction) == 3
    assert "trace_id" not in line and "code" not in line


@pytest.mark.parametrize("agent", ["app/1 {key} x", "{key}", "x" * 120 + " {key}", "token={key}"])
def test_userAgent_withAKeyInIt_isShownWithoutIt(installation, agent):
    server, key = installation.server, installation.administrator["api_key"]

    line = line_of(server, server.get("/livez/", headers={"User-Agent": agent.format(key=key)}))

    assert key[:12] not in line["user_agent"] and "…" in line["user_agent"]


def test_request_ofAnyone_saysNothingOfACaller(postern):
    line = line_of(postern, postern.get("/api/v1/examples/public"))

    assert line["msg"] == "request" and not {"user_id", "credential"} & line.keys()


def test_signIn_withoutAnApp_isOneLineThatSaysWho(installation):
    link = installation.administrator["sign_in_url"].partition("token=")[2]
    line = line_of(installation.server, installation.server.post("/api/v1/auth/link", data={"token": link}))
    assert (line["msg"], line["user_id"]) == ("request", installation.administrator["user_id"])

    browser = installation.browser()
    answer = browser.open(browser.consent(browser.begin(), "ada@example.com"))
    user = jwt.decode(answer.json()["access_token"], options={"verify_signature": False})["sub"]
    assert line_of(installation.server, answer)["user_id"] == user


def test_request_thatChangesSomething_isOneLineThatSaysWhat(installation):
    answer = installation.server.post(
        "/api/v1/roles", key=installation.administrator["api_key"], json={"name": "logged"}
    )
    line = line_of(installation.server, answer)

    assert (line["level"], line["msg"], line["status"]) == ("info", "changed", "201")
    assert line["location"] == answer.headers["Location"] and "duration_ms" in line

    answer = installation.server.delete(answer.headers["Location"], key=installation.administrator["api_key"])
    assert line_of(installation.server, answer)["id"] == line["location"].rpartition("/")[2]


def test_request_thatFails_isOneLineWithTheReason(installation):
    key = installation.administrator["api_key"]
    line = line_of(installation.server, installation.server.get("/api/v1/users/nobody", key=key))

    assert (line["level"], line["msg"], line["status"], line["code"]) == ("info", "request failed", "404", "not_found")
    assert line["user_id"] == installation.administrator["user_id"] and "duration_ms" in line
    assert line_of(installation.server, installation.server.get("/somewhere/secret-path"))["route"] == "-"


def test_request_ofAHealthCheck_isLoggedAtDebugAlone(postern):
    for path in ("/livez", "/readyz", "/healthz"):
        assert line_of(postern, postern.get(path))["level"] == "debug"


def test_log_whenTheAccessLogIsOff_hasChangesAndFailuresAlone(start_postern):
    server = start_postern(POSTERN_ACCESS_LOG="off")
    key = server.bootstrap()["api_key"]
    ordinary = server.get("/api/v1/users/me", key=key)
    failed = server.get("/api/v1/users/nobody", key=key)
    changed = server.post("/api/v1/roles", key=key, json={"name": "logged"})
    server.stop()

    assert lines_of(server, ordinary.headers["X-Request-Id"]) == []
    assert line_of(server, failed)["msg"] == "request failed"
    assert line_of(server, changed)["msg"] == "changed"


def test_request_thatIsSlow_isAWarning(start_postern):
    database = Database.migrated()
    server = start_postern(database.url, POSTERN_SLOW_REQUEST="200ms", POSTERN_WORKERS=1)
    key = server.bootstrap()["api_key"]
    quick = line_of(server, server.get("/api/v1/examples/public"))
    assert (quick["level"], quick["msg"]) == ("info", "request")

    lock = Session(database)
    lock.query("begin; lock table permissions in access exclusive mode")
    answers = []
    client = threading.Thread(target=lambda: answers.append(server.get("/api/v1/permissions", key=key)))
    client.start()
    # Only the time that passes makes it slow: this ends the lock once it has.
    client.join(timeout=0.5)
    lock.query("commit")
    client.join(timeout=30)
    lock.end()

    assert answers[0].status_code == 200
    line = line_of(server, answers[0])
    assert (line["level"], line["msg"]) == ("warning", "slow request")
    assert float(line["duration_ms"]) >= 200


def test_request_ofATrace_bearsItsId(installation):
    server = installation.server
    answer = server.get("/api/v1/examples/public", headers={"traceparent": PARENT, "tracestate": "a=b"})

    assert line_of(server, answer)["trace_id"] == TRACE
    assert not {"traceparent", "tracestate"} & {name.lower() for name in answer.headers}


def test_otherLines_ofARequestOfATrace_bearItsIdToo(installation):
    server = installation.server
    pair = installation.sign_in()
    refresh = {"json": {"refresh_token": pair["refresh_token"]}, "headers": {"traceparent": PARENT}}
    assert server.post("/api/v1/auth/refresh", **refresh).status_code == 200
    sid = jwt.decode(pair["access_token"], options={"verify_signature": False})["sid"]
    installation.database.query(
        f"update refresh_tokens set used_at = used_at - interval '11 seconds' where session_id = '{sid}'"
    )

    assert server.post("/api/v1/auth/refresh", **refresh).status_code == 401

    (line,) = [line for line in server.log_lines() if line.get("session_id") == sid]
    assert (line["msg"], line.get("trace_id")) == ("refresh token reused, session ended", TRACE)


@pytest.mark.parametrize("parent", ["00-short", PARENT.upper(), "ff" + PARENT[2:], PARENT + "-x", PARENT.replace(TRACE, "0" * 32)])
def test_request_ofATraceThatIsNone_isAnsweredWithout(postern, parent):
    answer = postern.get("/api/v1/examples/public", headers={"traceparent": parent})

    assert answer.status_code == 200 and "trace_id" not in line_of(postern, answer)


@pytest.fixture
def issuer():
    """An issuer that refuses every request and keeps its headers."""
    seen = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            seen.append(dict(self.headers.items()))
            self.send_error(503)

        def log_message(self, *arguments):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", free_port()), Handler)
    server.seen = seen
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


def test_trace_isPassedOnToAProvider_withASpanOfItsOwn(start_postern, issuer):
    server = start_postern(
        POSTERN_OIDC_CORP_ISSUER=f"http://127.0.0.1:{issuer.server_port}", POSTERN_OIDC_CORP_CLIENT_ID="x"
    )
    answer = server.get("/api/v1/auth/corp/login", headers={"traceparent": PARENT, "tracestate": "a=b, c=d"})

    assert answer.status_code == 502
    assert line_of(server, answer)["trace_id"] == TRACE
    headers = {name.lower(): value for name, value in issuer.seen[0].items()}
    version, trace, span, flags = headers["traceparent"].split("-")
    assert (version, trace, flags) == ("00", TRACE, "01") and span != PARENT.split("-")[2] and len(span) == 16
    assert headers["tracestate"] == "a=b,c=d"

    before = len(issuer.seen)
    server.get("/api/v1/auth/corp/login", headers={"tracestate": "a=b"})
    sent = {name.lower() for headers in issuer.seen[before:] for name in headers}
    assert not {"traceparent", "tracestate"} & sent


def test_log_ofRequests_holdsNoQueryBodyCookieOrCredential(installation):
    server = installation.server
    browser = installation.browser()
    location = browser.begin()
    callback = browser.consent(location, "ada@example.com")
    pair = browser.open(callback).json()
    key = installation.administrator["api_key"]
    server.get("/api/v1/users?q=in-the-query", key=key)
    server.get("/nowhere/in-the-path?x=in-the-query")
    server.post("/api/v1/roles", key=key, json={"name": "role", "description": "in-the-body"})
    server.post("/api/v1/roles", key=key, json={"name": "in-the-body", "unknown": "in-the-body"})
    server.get("/api/v1/users/me", token="in-the-header", headers={"Cookie": "a=in-the-cookie"})
    server.get("/api/v1/users/me", headers={"Authorization": "Basic in-the-header", "Referer": "http://in-the-header"})
    line_of(server, server.get("/livez"))

    secrets = [
        "in-the-query", "in-the-path", "in-the-body", "in-the-header", "in-the-cookie", key, pair["access_token"],
        pair["refresh_token"], parameter(callback, "code"), parameter(location, "state"),
    ]
    assert [secret for secret in secrets if secret in server.log] == []
    lines = [line for line in server.log_lines() if line["msg"] in REQUEST_MESSAGES]
    assert {"/api/v1/users", "/api/v1/auth/{provider}/callback"} <= {line["route"] for line in lines}
