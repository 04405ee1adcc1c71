"""Apps that run in a browser call the API from the pages that a sign-in may return to, and no other page can."""

import socket

import pytest
from selenium.webdriver.common.by import By
from selenium.webdriver.support import expected_conditions as condition
from selenium.webdriver.support.ui import WebDriverWait

from support.chromium import chromium
from support.database import Database
from support.postern import Postern
from support.site import Site

APP = "https://app.example.com"
ME = "/api/v1/users/me"


@pytest.fixture(scope="module")
def app():
    site = Site()
    yield site
    site.end()


@pytest.fixture(scope="module")
def server(provider, app):
    urls = f"{app.redirect_url},https://App.example.com:443/callback?x=1,https://b.example.com:8443/"
    server = Postern(Database.migrated().url, **provider.settings, POSTERN_REDIRECT_URLS=urls).start()
    yield server
    server.end()


def preflight(server, origin, method="PATCH", path=ME):
    headers = {"Origin": origin, "Access-Control-Request-Method": method}
    return server.request("OPTIONS", path, headers=headers)


def cors_fields(answer):
    return {name for name in answer.headers if name.lower().startswith("access-control-")}


BEGIN = """
const [api, done] = [arguments[0], arguments[arguments.length - 1]];
const base64url = bytes => btoa(String.fromCharCode(...new Uint8Array(bytes)))
    .replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
(async () => {
    const verifier = base64url(crypto.getRandomValues(new Uint8Array(32)));
    sessionStorage.setItem("verifier", verifier);
    const challenge = base64url(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(verifier)));
    const query = new URLSearchParams({redirect_to: location.origin + "/callback", code_challenge: challenge});
    done(`${api}/api/v1/auth/corp/login?${query}`);
})().catch(error => done(String(error)));
"""

CALL = """
const [api, done] = [arguments[0], arguments[arguments.length - 1]];
(async () => {
    const metadata = await (await fetch(`${api}/.well-known/oauth-authorization-server`)).json();
    const form = new URLSearchParams({
        grant_type: "authorization_code", code: new URLSearchParams(location.search).get("code"),
        code_verifier: sessionStorage.getItem("verifier"),
    });
    const pair = await (await fetch(metadata.token_endpoint, {method: "POST", body: form})).json();
    const headers = {Authorization: `Bearer ${pair.access_token}`, "X-Request-Id": "from-the-page"};
    const me = await fetch(`${api}/api/v1/users/me`, {headers});
    const user = await me.json();
    const changed = await fetch(`${api}/api/v1/users/me`, {
        method: "PATCH", body: JSON.stringify({display_name: "Grace"}),
        headers: {...headers, "Content-Type": "application/json", "If-Match": me.headers.get("ETag")},
    });
    const refused = await fetch(`${api}/api/v1/users/me`, {headers: {Authorization: "Bearer x"}});
    const loggedOut = await fetch(`${api}/api/v1/auth/logout`, {method: "POST", headers});
    done({
        email: user.email, id: me.headers.get("X-Request-Id"), changed: changed.status,
        name: (await changed.json()).display_name, refused: refused.status, code: (await refused.json()).code,
        challenge: refused.headers.get("WWW-Authenticate"), loggedOut: loggedOut.status,
    });
})().catch(error => done(String(error)));
"""

TRY = """
const [api, done] = [arguments[0], arguments[arguments.length - 1]];
const attempt = async (path, options) => {
    try { return (await fetch(api + path, options)).status } catch (error) { return error.name }
};
(async () => done([
    await attempt("/api/v1/auth/providers"),
    await attempt("/api/v1/users/me", {headers: {Authorization: "Bearer x"}}),
    await attempt("/api/v1/auth/token", {method: "POST", body: new URLSearchParams({grant_type: "x"})}),
    await attempt("/.well-known/jwks.json"),
]))();
"""


def test_page_ofTheApp_signsItsUserInAndCallsTheAPI_andOthersCannot(server, app):
    driver = chromium()
    stranger = Site()
    try:
        wait = WebDriverWait(driver, 20)
        driver.set_script_timeout(20)
        driver.get(app.origin)
        driver.get(driver.execute_async_script(BEGIN, server.url))
        wait.until(condition.presence_of_element_located((By.NAME, "sub"))).send_keys("grace@example.com")
        driver.find_element(By.CSS_SELECTOR, "button[type=submit], input[type=submit], button").click()
        wait.until(condition.url_contains(f"{app.redirect_url}?code="))
        assert driver.execute_async_script(CALL, server.url) == {
            "email": "grace@example.com", "id": "from-the-page", "changed": 200, "name": "Grace", "refused": 401,
            "code": "unauthenticated", "challenge": server.get(ME, token="x").headers["WWW-Authenticate"], "loggedOut": 204,
        }
        assert driver.execute_async_script(TRY, server.url) == [200, 401, 400, 200]

        driver.get(stranger.origin)
        assert driver.execute_async_script(TRY, server.url) == ["TypeError", "TypeError", "TypeError", 200]
    finally:
        driver.quit()
        stranger.end()


@pytest.mark.parametrize("path", [ME, "/api/v1/auth/token", "/api/v1/nothing"])
@pytest.mark.parametrize("method", ["GET", "PATCH", "DELETE"])
@pytest.mark.parametrize("origin", [APP, "https://b.example.com:8443"])
def test_preflight_ofAnAppsPage_is204(server, origin, method, path):
    answer = preflight(server, origin, method, path)

    assert (answer.status_code, answer.content) == (204, b"")
    assert answer.headers["Access-Control-Allow-Origin"] == origin
    assert method in answer.headers["Access-Control-Allow-Methods"].split(", ")
    allowed = answer.headers["Access-Control-Allow-Headers"].lower().split(", ")
    assert {"authorization", "content-type", "if-match", "idempotency-key", "x-request-id", "traceparent"} <= set(allowed)
    assert "x-api-key" not in allowed and "*" not in allowed
    assert int(answer.headers["Access-Control-Max-Age"]) > 0
    assert "Origin" in answer.headers["Vary"]
    assert "Access-Control-Allow-Credentials" not in answer.headers


@pytest.mark.parametrize(
    "origin",
    ["null", "", "*", "https://evil.example", "http://app.example.com", "https://app.example.com:8443", f"{APP}/",
     "https://app.example.com.evil.example", "https://x.app.example.com", "https://b.example.com", "HTTPS://APP.EXAMPLE.COM",
     "https://App.example.com:443", f"{APP}, https://evil.example", "https://b.example.com:08443"],
)
def test_anyOtherOrigin_getsNothing(server, origin):
    refused = preflight(server, origin)
    assert (refused.status_code, refused.json()["code"]) == (405, "method_not_allowed")
    assert refused.headers["Allow"]
    plain = server.get("/api/v1/auth/providers", headers={"Origin": origin})
    assert plain.status_code == 200
    for answer in (refused, plain):
        assert cors_fields(answer) == set()
        assert answer.headers["Vary"] == "Origin"


def test_options_thatIsNoPreflight_isRefusedAsEver(server):
    for headers in ({}, {"Origin": APP}, {"Access-Control-Request-Method": "GET"}):
        answer = server.request("OPTIONS", ME, headers=headers)
        assert (answer.status_code, answer.json()["code"]) == (405, "method_not_allowed")


def test_answers_whateverTheirStatus_canBeRead(server):
    origin = {"Origin": APP}
    answers = [
        server.get("/api/v1/examples/public", headers=origin), server.get(ME, headers=origin),
        server.get("/api/v1/nothing", headers=origin), server.post("/api/v1/auth/refresh", data="x", headers=origin),
        server.post("/api/v1/auth/token", data={"x": "y"}, headers=origin),
        server.post("/api/v1/auth/refresh", data="x" * 70_000, headers=origin),
        server.get(ME, headers=origin | {"Expect": "magic"}),
    ]
    assert [answer.status_code for answer in answers] == [200, 401, 404, 415, 400, 413, 417]
    for answer in answers:
        assert answer.headers["Access-Control-Allow-Origin"] == APP
        exposed = answer.headers["Access-Control-Expose-Headers"].split(", ")
        assert set(exposed) >= {
            "ETag", "Location", "X-Request-Id", "Retry-After", "WWW-Authenticate", "Idempotent-Replayed",
            "RateLimit-Limit", "RateLimit-Remaining", "RateLimit-Reset",
        }  # fmt: skip
        assert answer.headers["Vary"] == "Origin"
        assert "Access-Control-Allow-Credentials" not in answer.headers


def test_twoOrigins_areNone(server):
    with socket.create_connection(("127.0.0.1", server.port), timeout=10) as connection:
        connection.sendall(
            f"GET /api/v1/auth/providers HTTP/1.1\r\nHost: x\r\nOrigin: {APP}\r\nOrigin: {APP}\r\n"
            "Connection: close\r\n\r\n".encode()
        )
        answer = b"".join(iter(lambda: connection.recv(65536), b"")).decode().lower()
    assert "access-control-" not in answer


@pytest.mark.parametrize("origin", [None, APP, "null", "https://evil.example"])
@pytest.mark.parametrize("path", ["jwks.json", "openid-configuration", "oauth-authorization-server"])
def test_wellKnown_isForEveryPage(server, path, origin):
    headers = {"Origin": origin} if origin else {}
    answer = server.get(f"/.well-known/{path}", headers=headers)
    assert answer.status_code == 200
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert "Vary" not in answer.headers
    if origin:
        assert preflight(server, origin, "GET", f"/.well-known/{path}").headers["Access-Control-Allow-Origin"] == "*"


def test_withoutApps_nothingIsSaid(start_postern):
    server = start_postern()
    answer = server.get("/api/v1/examples/public", headers={"Origin": APP})
    assert cors_fields(answer) == set() and "Vary" not in answer.headers
    assert preflight(server, APP).status_code == 405
