"""Our access tokens as an independent library sees them, and forged ones as we see them."""

import base64
import json
import time

import jwt
import pytest
from cryptography.hazmat.primitives import hashes, hmac, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from jwt import PyJWKClient


@pytest.fixture(scope="module")
def token(installation):
    return installation.sign_in()["access_token"]


@pytest.fixture(scope="module")
def key_set(postern):
    return postern.get("/.well-known/jwks.json").json()["keys"]


def encode(value):
    data = value if isinstance(value, bytes) else json.dumps(value).encode()
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def decode(text):
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def assert_refused(postern, token):
    answer = postern.get("/api/v1/users/me", token=token)
    assert answer.status_code == 401, answer.text
    assert answer.json()["code"] == "unauthenticated"
    assert answer.headers["WWW-Authenticate"].startswith("Bearer")


def test_accessToken_isAcceptedByPyJWTAgainstOurKeySet(postern, token):
    key = PyJWKClient(f"{postern.url}/.well-known/jwks.json").get_signing_key_from_jwt(token)

    claims = jwt.decode(
        token, key, algorithms=["ES256"], audience=postern.url, issuer=postern.url,
        options={"require": ["iss", "sub", "aud", "exp", "iat", "jti"]},
    )

    assert jwt.get_unverified_header(token)["typ"] == "at+jwt"
    assert claims["exp"] - claims["iat"] == 1800
    assert claims["roles"] == ["user"] and claims["permissions"] == []
    assert claims["sid"]


def test_keySet_showsNoPrivateMember(postern, key_set):
    assert key_set
    for key in key_set:
        assert not set(key) & set("d p q dp dq qi k".split())
        assert key["alg"] == "ES256" and key["use"] == "sig" and key["kid"]
    assert "max-age" in postern.get("/.well-known/jwks.json").headers["Cache-Control"]


def test_accessToken_ofEveryWorker_isAcceptedByEveryWorker(postern, token):
    # A new connection each time, so that the requests meet different workers.
    assert {postern.get("/api/v1/examples/jwt-only", token=token).status_code for _ in range(20)} == {200}


@pytest.mark.parametrize("garbage", ["x", "a.b.c", "..", "." * 1000, "eyJ.eyJ.sig", "a" * 9000, "é"])
def test_accessToken_whenGarbage_isRefused(postern, garbage):
    assert_refused(postern, garbage.encode().decode("latin-1"))


def test_accessToken_whenAnyPartIsChanged_isRefused(postern, token):
    header, payload, signature = token.split(".")
    claims = json.loads(decode(payload))
    admin = encode(claims | {"roles": ["admin"], "permissions": ["users:read"]})

    assert_refused(postern, f"{header}.{admin}.{signature}")
    assert_refused(postern, f"{header}.{payload}.{encode(bytes(64))}")
    assert_refused(postern, f"{header}.{payload}.{signature[:-4]}")
    flipped = bytearray(decode(signature))
    flipped[10] ^= 1
    assert_refused(postern, f"{header}.{payload}.{encode(bytes(flipped))}")


@pytest.mark.parametrize("algorithm", ["none", "None", "nOnE", ""])
def test_accessToken_whenUnsigned_isRefused(postern, token, algorithm):
    header, payload, _ = token.split(".")
    unsigned = json.loads(decode(header)) | {"alg": algorithm}

    assert_refused(postern, f"{encode(unsigned)}.{payload}.")


def test_accessToken_whenSignedWithAnotherKey_isRefused(postern, token):
    header, payload, _ = token.split(".")
    stranger = ec.generate_private_key(ec.SECP256R1())

    forged = jwt.encode(json.loads(decode(payload)), stranger, "ES256", headers=json.loads(decode(header)))
    assert_refused(postern, forged)
    own = {"jwk": json.loads(jwt.algorithms.ECAlgorithm.to_jwk(stranger.public_key())), "typ": "at+jwt"}
    assert_refused(postern, jwt.encode(json.loads(decode(payload)), stranger, "ES256", headers=own))


def test_accessToken_whenHS256WithOurPublicKey_isRefused(postern, token, key_set):
    header, payload, _ = token.split(".")
    public = jwt.algorithms.ECAlgorithm.from_jwk(key_set[0])
    pem = public.public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    der = public.public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    start = f"{encode(json.loads(decode(header)) | {'alg': 'HS256'})}.{payload}"

    for secret in (pem, pem.strip(), der, json.dumps(key_set[0]).encode()):
        mac = hmac.HMAC(secret, hashes.SHA256())
        mac.update(start.encode())
        assert_refused(postern, f"{start}.{encode(mac.finalize())}")


@pytest.fixture(scope="module")
def sign(installation, token):
    """Signs claims with the installation's own key, out of the database: what only we could do."""
    kid, wrapped = installation.database.query("select kid, encode(wrapped_private_key, 'hex') from signing_keys")[0]
    derive = HKDF(hashes.SHA256(), length=32, salt=None, info=b"postern/v1/signing-key-wrapping")
    wrapping_key = derive.derive(base64.b64decode(installation.server.env["POSTERN_SECRET"]))
    wrapped = bytes.fromhex(wrapped)
    key = serialization.load_der_private_key(
        AESGCM(wrapping_key).decrypt(wrapped[:12], wrapped[12:], kid.encode()), password=None
    )
    claims = jwt.decode(token, options={"verify_signature": False})

    def sign(typ="at+jwt", without=None, **changes):
        changed = {name: value for name, value in (claims | changes).items() if name != without}
        return jwt.encode(changed, key, "ES256", headers={"kid": kid, "typ": typ})

    return sign


def test_accessToken_whenExpired_isRefusedByThatName(postern, sign):
    assert postern.get("/api/v1/users/me", token=sign()).status_code == 200
    now = int(time.time())

    answer = postern.get("/api/v1/users/me", token=sign(iat=now - 1900, exp=now - 100))

    assert answer.status_code == 401 and "expired" in answer.json()["detail"]
    assert postern.get("/api/v1/users/me", token=sign(exp=now - 5)).status_code == 200, "clocks differ a little"


@pytest.mark.parametrize(
    "change",
    [
        {"iss": "https://other.example"}, {"aud": "https://other.example"}, {"aud": []}, {"aud": "*"},
        {"exp": "2099-01-01"}, {"exp": None}, {"exp": -1}, {"iat": 4102444800}, {"nbf": 4102444800}, {"sub": ""},
        {"sub": "not-an-id"}, {"roles": "admin"}, {"typ": "JWT"}, {"typ": "rt+jwt"},
        *({"without": name} for name in ("iss", "aud", "exp", "iat", "sub", "jti")),
    ],
    ids=str,
)
def test_accessToken_withOurSignatureButWrongClaims_isRefused(postern, sign, change):
    assert_refused(postern, sign(**change))


def test_accessToken_inTheQuery_isNoCredential(postern, token):
    assert postern.get(f"/api/v1/examples/jwt-only?access_token={token}").status_code == 401
