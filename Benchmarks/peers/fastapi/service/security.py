"""Tokens, keys and their hashes."""

import base64
import datetime
import hmac
import secrets
import time
import uuid
from dataclasses import dataclass

import jwt
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from .models import User
from .settings import Settings

ALGORITHM = "ES256"
OWN_KEY_ID = "own"


class UnauthenticatedError(Exception):
    """The credential is not good."""


@dataclass(slots=True)
class Principal:
    """Who is calling, and what the credential may do."""

    user_id: uuid.UUID
    credential: str
    permissions: frozenset[str]


class AccessTokens:
    def __init__(self, settings: Settings):
        self.settings = settings
        self.signing_key = load_pem_private_key(settings.signing_key, password=None)
        self.public_keys = {key["kid"]: jwt.PyJWK(key, ALGORITHM).key for key in settings.public_keys}
        self.public_keys[OWN_KEY_ID] = self.signing_key.public_key()

    def verify(self, token: str) -> Principal:
        try:
            claims = jwt.decode(
                token,
                self.public_keys[jwt.get_unverified_header(token)["kid"]],
                algorithms=[ALGORITHM],
                audience=self.settings.issuer,
                issuer=self.settings.issuer,
                options={"require": ["exp", "iat", "sub"]},
            )
            return Principal(uuid.UUID(claims["sub"]), "access_token", frozenset(claims["permissions"]))
        except (jwt.InvalidTokenError, KeyError, ValueError) as error:
            raise UnauthenticatedError from error

    def sign(self, user: User, permissions: list[str], session: uuid.UUID, now: datetime.datetime) -> str:
        claims = {
            "iss": self.settings.issuer,
            "aud": self.settings.issuer,
            "sub": str(user.id),
            "client_id": "postern",
            "iat": now,
            "exp": now + self.settings.access_token_ttl,
            "jti": str(new_id()),
            "sid": str(session),
            "roles": sorted(role.name for role in user.roles),
            "permissions": permissions,
        }
        headers = {"typ": "at+jwt", "kid": OWN_KEY_ID}
        return jwt.encode(claims, self.signing_key, ALGORITHM, headers)


def hashed(key: bytes, text: str) -> bytes:
    return hmac.digest(key, text.encode(), "sha256")


def new_refresh_token() -> str:
    return base64.urlsafe_b64encode(secrets.token_bytes(32)).rstrip(b"=").decode()


def new_id() -> uuid.UUID:
    """A UUID of version 7, which sorts by time."""
    number = time.time_ns() // 1_000_000 << 80 | secrets.randbits(76)
    number = number & ~(0xF << 76) | 0x7 << 76
    return uuid.UUID(int=number & ~(0x3 << 62) | 0x2 << 62)
