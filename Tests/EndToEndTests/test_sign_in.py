"""Signing in through a real OpenID Connect provider, and what must not sign anybody in."""

import jwt
import pytest
import requests

from support.provider import parameter, with_parameter


def users(installation):
    return int(installation.database.value("select count(*) from users"))


def test_providers_namesWhatIsOn(postern):
    items = postern.get("/api/v1/auth/providers").json()["items"]

    assert [item["name"] for item in items] == ["corp"]
    assert items[0]["login_url"] == f"{postern.url}/api/v1/auth/corp/login"


def test_login_sendsTheBrowserWithStateNonceAndPKCE(installation):
    location = installation.browser().begin()

    assert location.startswith("http://127.0.0.1:")
    assert parameter(location, "response_type") == "code"
    assert parameter(location, "code_challenge_method") == "S256"
    assert parameter(location, "redirect_uri") == f"{installation.server.url}/api/v1/auth/corp/callback"
    assert len(parameter(location, "state")) >= 43 and len(parameter(location, "nonce")) >= 43
    assert "openid" in parameter(location, "scope").split()


def test_login_cookie_isHiddenFromScriptsAndOtherSites(postern):
    cookie = postern.get("/api/v1/auth/corp/login").headers["Set-Cookie"]

    assert "HttpOnly" in cookie and "SameSite=Lax" in cookie and "Path=/" in cookie and "Domain" not in cookie


def test_login_whenProviderIsUnknown_is404(postern):
    assert postern.get("/api/v1/auth/nobody/login").status_code == 404


def test_callback_firstTime_makesAUserWithTheRoleUser(installation):
    before = users(installation)

    pair = installation.sign_in("grace@example.com")

    assert pair["token_type"] == "Bearer" and pair["expires_in"] == 1800 and pair["refresh_expires_in"] == 2592000
    assert pair["refresh_token"]
    assert users(installation) == before + 1
    me = installation.server.get("/api/v1/users/me", token=pair["access_token"]).json()
    assert me["email"] == "grace@example.com" and me["is_email_verified"] is True
    assert me["roles"] == ["user"] and me["permissions"] == []

    again = installation.sign_in("grace@example.com")
    assert users(installation) == before + 1
    assert jwt.decode(again["access_token"], options={"verify_signature": False})["sub"] == me["id"]


def test_callback_keepsNoTokenInTheDatabase(installation):
    pair = installation.sign_in()

    stored = installation.database.query("select encode(token_hash, 'escape') from refresh_tokens")
    assert pair["refresh_token"] not in str(stored)


@pytest.mark.parametrize("state", [None, "", "short", "A" * 43])
def test_callback_whenStateIsWrongOrMissing_is400AndMakesNobody(installation, state):
    before = users(installation)
    browser = installation.browser()
    callback = browser.consent(browser.begin(), "alan@example.com")

    answer = browser.open(with_parameter(callback, "state", state))

    assert answer.status_code == 400 and answer.json()["code"] == "oauth_state_invalid"
    assert users(installation) == before


def test_callback_whenStateIsReplayed_is400(installation):
    browser = installation.browser()
    callback = browser.consent(browser.begin(), "ada@example.com")
    cookies = dict(browser.session.cookies)
    assert browser.open(callback).status_code == 200
    fresh_code = parameter(browser.consent(browser.begin(), "ada@example.com"), "code")

    for url in (callback, with_parameter(callback, "code", fresh_code)):
        answer = requests.get(url, cookies=cookies, allow_redirects=False, timeout=10)
        assert answer.status_code == 400 and answer.json()["code"] == "oauth_state_invalid"


def test_callback_inAnotherBrowser_is400AndMakesNobody(installation):
    before = users(installation)
    attacker, victim = installation.browser(), installation.browser()
    callback = attacker.consent(attacker.begin(), "alan@example.com")
    victim.begin()

    answer = victim.open(callback)

    assert answer.status_code == 400 and answer.json()["code"] == "oauth_state_invalid"
    assert users(installation) == before


def test_callback_whenCookieIsForged_is400(installation):
    browser = installation.browser()
    callback = browser.consent(browser.begin(), "ada@example.com")
    name, value = next(iter(browser.session.cookies.items()))

    for forged in ("", "x", value[:-2] + ("AA" if value[-2:] != "AA" else "BB"), "A" * len(value)):
        answer = requests.get(callback, cookies={name: forged}, allow_redirects=False, timeout=10)
        assert answer.status_code == 400, forged


def test_callback_whenCodeIsWrong_is4xxAndMakesNobody(installation):
    before = users(installation)
    browser = installation.browser()
    callback = browser.consent(browser.begin(), "alan@example.com")

    answer = browser.open(with_parameter(callback, "code", "not-the-code"))

    assert answer.status_code in (400, 401) and answer.headers["Content-Type"] == "application/problem+json"
    assert users(installation) == before


def test_callback_whenTheUserRefuses_is403WithoutTheProvidersText(installation):
    browser = installation.browser()
    state = parameter(browser.begin(), "state")

    answer = browser.open(
        f"{installation.server.url}/api/v1/auth/corp/callback?state={state}&error=access_denied"
        "&error_description=%3Cscript%3Ealert(1)%3C/script%3E"
    )

    assert answer.status_code == 403
    assert "script" not in answer.text


def test_callback_whenTheUserIsNotActive_is403(installation):
    installation.sign_in("alan@example.com")
    installation.database.query("update users set is_active = false where email = 'alan@example.com'")

    browser = installation.browser()
    answer = browser.open(browser.consent(browser.begin(), "alan@example.com"))

    assert answer.status_code == 403


def test_login_whenTheProviderIsDown_is502(start_postern):
    postern = start_postern(
        POSTERN_OIDC_CORP_ISSUER="http://127.0.0.1:1", POSTERN_OIDC_CORP_CLIENT_ID="postern"
    )

    answer = postern.get("/api/v1/auth/corp/login")

    assert answer.status_code == 502 and answer.json()["code"] == "upstream"


def test_login_whenTheProvidersCertificateIsNotTrusted_is502(start_postern, tls_server):
    postern = start_postern(
        POSTERN_OIDC_CORP_ISSUER=f"https://127.0.0.1:{tls_server}", POSTERN_OIDC_CORP_CLIENT_ID="postern"
    )

    assert postern.get("/api/v1/auth/corp/login").status_code == 502


@pytest.fixture
def tls_server(tmp_path):
    """An https server whose certificate nobody signed."""
    import http.server
    import ssl
    import subprocess
    import threading

    key, certificate = tmp_path / "key.pem", tmp_path / "certificate.pem"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", key, "-out", certificate, "-days", "1",
         "-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1"],
        check=True, capture_output=True,
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), http.server.SimpleHTTPRequestHandler)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server.server_address[1]
    server.shutdown()
