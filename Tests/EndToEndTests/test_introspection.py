"""Asking about tokens (RFC 7662), ending them (RFC 7009), and what a refusal says (RFC 6750)."""

import re

import jwt
import pytest

from support.caller import refusal

INTROSPECT, REVOKE = "/api/v1/auth/introspect", "/api/v1/auth/revoke"
REALM = 'Bearer realm="postern"'


@pytest.fixture(scope="module")
def resource_server(world):
    return world.keyholder("tokens:introspect")


def introspect(resource_server, token):
    answer = resource_server.post(INTROSPECT, data={"token": token})
    assert answer.status_code == 200, answer.text
    return answer


def revoke(world, token):
    answer = world.nobody.post(REVOKE, data={"token": token})
    assert answer.status_code == 200 and answer.content == b"", answer.text


def claims(pair):
    return jwt.decode(pair["access_token"], options={"verify_signature": False})


def can_refresh(world, pair):
    answer = world.nobody.post("/api/v1/auth/refresh", json={"refresh_token": pair["refresh_token"]})
    return answer.status_code == 200


def test_introspect_ofALiveToken_saysWhatTheTokenSays(installation, resource_server):
    pair = installation.sign_in()

    answer = introspect(resource_server, pair["access_token"])

    said = claims(pair)
    same = ("iss", "aud", "sub", "sid", "jti", "iat", "exp", "roles", "permissions")
    assert answer.json() == {name: said[name] for name in same} | {
        "active": True, "token_type": "Bearer", "username": "ada@example.com",
    }
    assert answer.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize("kind", ["refresh token", "API key", "garbage", "changed", "of another service"])
def test_introspect_ofAnythingElse_saysInactiveAndNothingMore(installation, world, resource_server, kind):
    pair = installation.sign_in()
    other_key = jwt.encode(claims(pair) | {"aud": "https://other.example"}, "a-key" * 8, algorithm="HS256")
    tokens = {
        "refresh token": pair["refresh_token"],
        "API key": world.key()["key"],
        "garbage": "garbage",
        "changed": pair["access_token"][:-4] + "AAAA",
        "of another service": other_key,
    }

    assert introspect(resource_server, tokens[kind]).content == b'{"active":false}'


@pytest.mark.parametrize("ending", ["logout", "by an administrator", "deactivation", "deletion", "time"])
def test_introspect_whenTheTokensTimeIsOver_saysInactiveAtOnce(installation, world, resource_server, ending):
    pair = world._sign_in(f"{world.name('leaver')}@example.com")
    user = f"/api/v1/users/{claims(pair)['sub']}"
    assert introspect(resource_server, pair["access_token"]).json()["active"]

    match ending:
        case "logout":
            done = world.caller(token=pair["access_token"]).post("/api/v1/auth/logout")
        case "by an administrator":
            done = world.admin.delete(f"{user}/sessions")
        case "deactivation":
            done = world.admin.patch(user, json={"is_active": False})
        case "deletion":
            done = world.admin.delete(user)
        case "time":
            done = world.nobody.get("/livez")
            world.database.query(
                "update sessions set created_at = now() - interval '2 d', expires_at = now() - interval '1 s'"
                f" where id = '{claims(pair)['sid']}'"
            )
    assert done.status_code in (200, 204), done.text

    assert introspect(resource_server, pair["access_token"]).content == b'{"active":false}'


def test_introspect_saysWhatIsHeldByNow(world, resource_server):
    person = world.person("users:read")
    token = person.headers["Authorization"].removeprefix("Bearer ")
    assert introspect(resource_server, token).json()["permissions"] == ["users:read"]

    for role in person.roles - {"user"}:
        path = f"/api/v1/users/{person.id}/roles/{world.role_id(role)}"
        assert world.admin.delete(path).status_code == 204

    said = introspect(resource_server, token).json()
    assert said["active"] and said["roles"] == ["user"] and said["permissions"] == []


def test_introspect_withoutPermission_isRefused(installation, world):
    token = installation.sign_in()["access_token"]

    assert refusal(world.nobody.post(INTROSPECT, data={"token": token})) == (401, "unauthenticated")
    assert refusal(world.person().post(INTROSPECT, data={"token": token})) == (403, "forbidden")


def test_introspect_overlooksWhatItDoesNotKnow_andNeedsAToken(installation, world, resource_server):
    token = installation.sign_in()["access_token"]
    form = {"token": token, "token_type_hint": "refresh_token", "extension": "x"}

    assert resource_server.post(INTROSPECT, data=form).json()["active"]
    for bad in ({}, {"token": ""}, [("token", token), ("token", token)]):
        assert refusal(resource_server.post(INTROSPECT, data=bad, headers={
            "Content-Type": "application/x-www-form-urlencoded"})) == (400, "malformed")
    assert refusal(resource_server.post(INTROSPECT, json={"token": token})) == (415, "unsupported_media_type")


@pytest.mark.parametrize("kind", ["access_token", "refresh_token"])
def test_revoke_endsTheSession_andNoOther(installation, world, resource_server, kind):
    pair, other = installation.sign_in(), installation.sign_in()

    revoke(world, pair[kind])
    revoke(world, pair[kind])

    assert not introspect(resource_server, pair["access_token"]).json()["active"]
    assert not can_refresh(world, pair)
    assert introspect(resource_server, other["access_token"]).json()["active"]
    assert can_refresh(world, other)


def test_revoke_ofAnythingElse_is200AndDoesNothing(installation, world):
    pair = installation.sign_in()
    before = world.contents()

    for token in ("garbage", "A" * 43, pair["access_token"][:-4] + "AAAA", world.key()["key"]):
        revoke(world, token)
    assert can_refresh(world, pair)
    assert [row for row in before if row not in world.contents()] == []


def challenge(answer):
    """The parameters of `WWW-Authenticate`, without the realm."""
    text = answer.headers["WWW-Authenticate"]
    assert text.startswith(REALM)
    return dict(re.findall(r'(\w+)="([^"\\]*)"', text.removeprefix(REALM)))


def test_challenge_withoutAToken_namesNoError(world):
    for caller in (world.nobody, world.caller(key="pst_garbage")):
        answer = caller.get("/api/v1/users/me")
        assert answer.status_code == 401 and challenge(answer) == {}
    basic = world.nobody.get("/api/v1/users/me", headers={"Authorization": "Basic YTpi"})
    assert basic.status_code == 401 and challenge(basic) == {}
    in_query = world.nobody.get("/api/v1/users/me", params={"access_token": "x"})
    assert in_query.status_code == 401 and challenge(in_query) == {}


def test_challenge_forABadToken_saysSo(world):
    answer = world.caller(token="eyJhbGciOiJub25lIn0.e30.").get("/api/v1/users/me")

    assert answer.status_code == 401 and challenge(answer)["error"] == "invalid_token"
    assert challenge(answer)["error_description"] == answer.json()["detail"]


def test_challenge_forATokenThatMayNot_saysSo(world):
    answer = world.person().get("/api/v1/users")
    assert answer.status_code == 403 and challenge(answer)["error"] == "insufficient_scope"
    assert "WWW-Authenticate" not in world.keyholder().get("/api/v1/users").headers


def test_challenge_forTwoCredentials_isInvalidRequest(world):
    both = world.caller(token="x", key="y").get("/api/v1/users/me")

    assert both.status_code == 400 and challenge(both)["error"] == "invalid_request"
