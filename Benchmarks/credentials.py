"""API keys, sign-in links and tokens, with the hashes under which a database knows them."""

import base64
import hmac
import json
import os
import secrets
import string
import zlib

BASE62 = string.digits + string.ascii_uppercase + string.ascii_lowercase


def new_secret():
    """A value for POSTERN_SECRET."""
    return base64.b64encode(os.urandom(32)).decode()


def derived_key(secret, purpose):
    """The key that Postern derives from its secret for `purpose`."""
    # HKDF-SHA-256 (RFC 5869) without salt; the 32 bytes of the key are its first block.
    extracted = hmac.digest(bytes(32), base64.b64decode(secret), "sha256")
    return hmac.digest(extracted, f"postern/v1/{purpose}".encode() + b"\x01", "sha256")


def hasher(secret, purpose):
    """Hashes texts with that key."""
    key = derived_key(secret, purpose)
    return lambda text: hmac.digest(key, text.encode(), "sha256").hex()


def new_api_key():
    body = "pst_" + "".join(secrets.choice(BASE62) for _ in range(32))
    return body + _base62(zlib.crc32(body.encode()), 6)


def new_token():
    """The text of a sign-in link or a refresh token."""
    return secrets.token_urlsafe(32)


def claims(token):
    """What an access token says."""
    payload = token.split(".")[1]
    return json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))


def _base62(value, count):
    digits = ""
    for _ in range(count):
        value, digit = divmod(value, 62)
        digits = BASE62[digit] + digits
    return digits
