"""The address of a client: the peer's, unless a proxy that is trusted says another."""

import http.client
import json
import pathlib
import socket
import tempfile

import pytest

from support.app import App, arrive
from support.database import Database
from support.postern import Postern
from support.provider import parameter
from support.wait import wait_until
from test_deploy_proxies import running

SETTINGS = {"POSTERN_TRUSTED_PROXIES": "127.0.0.1, 10.0.0.0/8"}
CLAIM = {"X-Forwarded-For": "203.0.113.9"}


@pytest.fixture
def wary(installation):
    """The same installation before a server that trusts nobody."""
    env = installation.server.env
    server = Postern(
        installation.database.url, POSTERN_SECRET=env["POSTERN_SECRET"], POSTERN_PUBLIC_URL=installation.server.url,
        **{name: env[name] for name in env if name.startswith("POSTERN_OIDC")},
    ).start()
    yield server
    server.end()


def addresses(server, pair):
    answer = server.get("/api/v1/auth/sessions", token=pair["access_token"])
    return [session["address"] for session in answer.json()["items"] if session["is_current"]]


def refresh(server, pair, headers, path="/api/v1/auth/refresh"):
    if path.endswith("token"):
        form = {"grant_type": "refresh_token", "refresh_token": pair["refresh_token"]}
        answer = server.post(path, data=form, headers=headers)
    else:
        answer = server.post(path, json={"refresh_token": pair["refresh_token"]}, headers=headers)
    assert answer.status_code == 200, answer.text
    return answer.json()


def sign_in(installation, headers):
    browser = installation.browser()
    browser.session.headers.update(headers)
    return browser.sign_in("ada@example.com")


def test_session_showsWhereItsSignInCameFrom_andWhereItWasLastUsed(installation):
    server = installation.server
    pair = sign_in(installation, CLAIM)
    assert addresses(server, pair) == ["203.0.113.9"]

    pair = refresh(server, pair, {"X-Forwarded-For": "2001:DB8:0::1"})
    assert addresses(server, pair) == ["2001:db8::1"]

    pair = refresh(server, pair, {"X-Forwarded-For": "198.51.100.7"}, path="/api/v1/auth/token")
    assert addresses(server, pair) == ["198.51.100.7"]


def test_session_whenNobodyForwards_showsThePeer(installation):
    assert addresses(installation.server, sign_in(installation, {})) == ["127.0.0.1"]


@pytest.mark.parametrize(
    "chain, address",
    [
        ("127.0.0.1, 10.9.9.9, 203.0.113.9", "203.0.113.9"),
        ("1.1.1.1, 203.0.113.9, 10.0.0.2", "203.0.113.9"),
        ("203.0.113.9, <script>, 10.0.0.2", "10.0.0.2"),
        ("203.0.113.9, ", "127.0.0.1"),
        ("[2001:db8::9]:443", "2001:db8::9"),
    ],
)
def test_session_whenTheChainIsForged_showsWhomATrustedProxySaw(installation, chain, address):
    pair = refresh(installation.server, sign_in(installation, {}), {"X-Forwarded-For": chain})

    assert addresses(installation.server, pair) == [address]


def test_session_whenTheClaimStandsInALineOfItsOwn_showsTheLastLine(installation):
    pair = sign_in(installation, {})
    connection = http.client.HTTPConnection("127.0.0.1", installation.server.port, timeout=10)
    body = json.dumps({"refresh_token": pair["refresh_token"]})
    connection.putrequest("POST", "/api/v1/auth/refresh")
    for name, value in [
        ("Content-Type", "application/json"), ("Content-Length", str(len(body))),
        ("X-Forwarded-For", "1.1.1.1"), ("X-Forwarded-For", "203.0.113.9"),
    ]:
        connection.putheader(name, value)
    connection.endheaders(body.encode())
    assert connection.getresponse().status == 200
    connection.close()

    stored = "select host(address) from sessions order by last_used_at desc limit 1"
    assert installation.database.value(stored) == "203.0.113.9"


def test_session_whenTheProxyIsNotTrusted_showsThePeer(installation, wary):
    pair = refresh(wary, sign_in(installation, CLAIM), CLAIM)

    assert addresses(wary, pair) == ["127.0.0.1"]


def test_session_ofALink_andOfAnApp_showTheClient(provider, start_postern):
    app = App()
    server = start_postern(**provider.settings, **SETTINGS, POSTERN_REDIRECT_URLS=app.redirect_url)
    app.postern = server
    token = server.bootstrap()["sign_in_url"].partition("token=")[2]
    pair = server.post("/api/v1/auth/link", data={"token": token}, headers=CLAIM).json()
    assert addresses(server, pair) == ["203.0.113.9"]

    location = arrive(server, app.login_link())
    form = {
        "grant_type": "authorization_code", "code": parameter(location, "code"),
        "code_verifier": app.verifiers[parameter(location, "state")], "redirect_uri": app.redirect_url,
    }
    pair = server.post("/api/v1/auth/token", data=form, headers=CLAIM).json()
    assert addresses(server, pair) == ["203.0.113.9"]
    app.end()


@pytest.mark.parametrize("name", ["nginx", "haproxy"])
def test_session_behindAShippedProxy_showsTheClient_whateverItClaims(name, installation, tmp_path):
    pair = sign_in(installation, {})
    body = json.dumps({"refresh_token": pair["refresh_token"]})
    with running(name, tmp_path, installation.server.port) as url:
        # Not the address of the proxy, which is a trusted one.
        client = http.client.HTTPConnection(url.removeprefix("http://"), timeout=10, source_address=("127.0.0.2", 0))
        client.request("POST", "/api/v1/auth/refresh", body, {"Content-Type": "application/json"} | CLAIM)
        answer = client.getresponse()
        assert answer.status == 200
        pair = json.loads(answer.read())
        client.close()

    assert addresses(installation.server, pair) == ["127.0.0.2"]


@pytest.mark.parametrize("trusted, address", [("unix", "203.0.113.9"), (None, "")])
def test_session_behindASocketFile_showsTheClientOnlyWhenItsPeersAreTrusted(start_postern, trusted, address):
    path = pathlib.Path(tempfile.mkdtemp(prefix="postern-")) / "socket"
    database = Database.migrated()
    server = start_postern(
        database.url, until=None, POSTERN_LISTEN=f"unix:{path}", POSTERN_PUBLIC_URL="http://localhost",
        POSTERN_TRUSTED_PROXIES=trusted,
    )
    wait_until(path.is_socket, what="the socket file")
    token = server.bootstrap()["sign_in_url"].partition("token=")[2]

    connection = http.client.HTTPConnection("localhost", timeout=10)
    connection.sock = socket.socket(socket.AF_UNIX)
    connection.sock.connect(str(path))
    connection.request(
        "POST", "/api/v1/auth/link", f"token={token}", {"Content-Type": "application/x-www-form-urlencoded"} | CLAIM
    )
    assert connection.getresponse().status == 200
    assert database.query("select host(address) from sessions") == [[address]]
    connection.close()
