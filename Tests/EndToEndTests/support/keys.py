"""Texts that look like API keys."""

import zlib

ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"


def with_checksum(body):
    """`body`, prefix and secret, with the checksum that belongs to it."""
    number, digits = zlib.crc32(body.encode()), ""
    for _ in range(6):
        number, rest = divmod(number, 62)
        digits = ALPHABET[rest] + digits
    return body + digits


def with_another_secret(key):
    """A key of the right form that nobody has, one character away from `key`."""
    body = key[:-6]
    return with_checksum(body[:-1] + ("A" if body[-1] != "A" else "B"))


def with_a_wrong_checksum(key):
    return key[:-1] + ("A" if key[-1] != "A" else "B")
