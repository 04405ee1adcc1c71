"""Services that check our tokens by themselves find everything from the issuer's address on, as their libraries look for
it."""

import jwt
import pytest
import requests
from authlib.oauth2.rfc6750 import InvalidTokenError
from authlib.oauth2.rfc9068 import JWTBearerTokenValidator
from joserfc.jwk import KeySet

PATHS = ["/.well-known/oauth-authorization-server", "/.well-known/openid-configuration"]


@pytest.fixture(scope="module")
def token(installation):
    return installation.sign_in()["access_token"]


class ResourceServer(JWTBearerTokenValidator):
    """A service of somebody else's that knows the issuer alone: Authlib's own, as its manual has it."""

    def __init__(self, issuer, audience, path=PATHS[0]):
        self.metadata = requests.get(issuer + path, timeout=10).json()
        super().__init__(self.metadata["issuer"], audience)
        assert self.issuer == issuer

    def get_jwks(self):
        return KeySet.import_key_set(requests.get(self.metadata["jwks_uri"], timeout=10).json())

    def claims(self, token, roles=None):
        claims = self.authenticate_token(token)
        self.validate_token(claims, [], None, roles=roles)
        return claims


@pytest.mark.parametrize("path", PATHS)
def test_discovery_namesWhatThereIs(postern, token, path):
    answer = postern.get(path)

    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == "application/json"
    assert answer.headers["Cache-Control"] == postern.get("/.well-known/jwks.json").headers["Cache-Control"]
    issuer = jwt.decode(token, options={"verify_signature": False})["iss"]
    assert answer.json() == {
        "issuer": issuer,
        "jwks_uri": f"{issuer}/.well-known/jwks.json",
        "token_endpoint": f"{issuer}/api/v1/auth/token",
        "token_endpoint_auth_methods_supported": ["none"],
        "introspection_endpoint": f"{issuer}/api/v1/auth/introspect",
        "introspection_endpoint_auth_methods_supported": ["Bearer"],
        "revocation_endpoint": f"{issuer}/api/v1/auth/revoke",
        "revocation_endpoint_auth_methods_supported": ["none"],
        "grant_types_supported": ["authorization_code", "refresh_token"],
        "response_types_supported": ["code"],
        "response_modes_supported": ["query"],
        "code_challenge_methods_supported": ["S256"],
        "id_token_signing_alg_values_supported": ["ES256"],
        "subject_types_supported": ["public"],
        "service_documentation": f"{issuer}/docs",
    }


def test_discovery_leadsToEndpointsThatThereAre(postern, installation):
    metadata = postern.get(PATHS[0]).json()
    pair = installation.sign_in()
    tokens = requests.post(
        metadata["token_endpoint"], data={"grant_type": "refresh_token", "refresh_token": pair["refresh_token"]}, timeout=10
    )
    assert tokens.status_code == 200
    introspected = requests.post(
        metadata["introspection_endpoint"], data={"token": tokens.json()["access_token"]}, timeout=10,
        headers={"X-API-Key": installation.administrator["api_key"]},
    )
    assert introspected.json()["active"] is True
    assert requests.post(
        metadata["revocation_endpoint"], data={"token": tokens.json()["access_token"]}, timeout=10
    ).status_code == 200


@pytest.mark.parametrize("path", PATHS)
def test_authlib_fromTheIssuerOn_acceptsAToken(postern, token, path):
    claims = ResourceServer(postern.url, postern.url, path).claims(token, roles=["user"])

    assert claims["sub"] == postern.get("/api/v1/users/me", token=token).json()["id"]
    assert claims["roles"] == ["user"]


def test_authlib_ofAnotherAudience_refusesTheToken(postern, token):
    with pytest.raises(InvalidTokenError):
        ResourceServer(postern.url, "https://other.example").claims(token)


def test_authlib_forARoleThatTheUserLacks_refusesTheToken(postern, token):
    with pytest.raises(InvalidTokenError):
        ResourceServer(postern.url, postern.url).claims(token, roles=["admin"])


def test_authlib_whenAnythingIsChanged_refusesTheToken(postern, token):
    server = ResourceServer(postern.url, postern.url)
    header, payload, signature = token.split(".")
    other = "A" if payload[-5] != "A" else "B"
    for forged in (
        f"{header}.{payload[:-5]}{other}{payload[-4:]}.{signature}", f"{header}.{payload}.{signature[:-8]}AAAAAAAA",
        f"{header}.{payload}.",
    ):
        with pytest.raises(InvalidTokenError):
            server.claims(forged)


def test_discovery_behindAPath_isTheIssuersOwn(start_postern):
    server = start_postern(POSTERN_PUBLIC_URL="https://example.com/id")
    metadata = server.get(PATHS[1]).json()
    assert metadata["issuer"] == "https://example.com/id"
    assert metadata["jwks_uri"] == "https://example.com/id/.well-known/jwks.json"
