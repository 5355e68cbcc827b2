"""Secrets: how they are made, recognised and stored (decision record 7).

A secret is `pvk_` (the token of an operator `pvk_op_`, of an administrator `pvk_ad_`), 256 random
bits in hexadecimal, and a checksum by which a typing error can be told, or a secret scanner find
it, without the database. It is never stored: what is stored is an HMAC-SHA256 of it under a
numbered key, so that a stolen table proves nothing and keys can be changed one at a time.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
import secrets
import zlib
from dataclasses import dataclass

from portvakt.errors import SettingsError

PREFIX = "pvk_"
_KEY_BYTES = 32  # as many as the digest has: a shorter key of an HMAC-SHA256 is a weaker one


def new_secret(prefix: str = PREFIX) -> str:
    """A new secret, from the operating system's randomness; `prefix` tells what it is for."""
    body = prefix + secrets.token_hex(32)
    return body + _checksum(body)


def well_formed(secret: str) -> bool:
    """Whether the text is a secret typed without a mistake; not whether it is valid."""
    body, checksum = secret[:-8], secret[-8:]
    return secret.startswith(PREFIX) and hmac.compare_digest(
        _checksum(body).encode(), checksum.encode(errors="replace")
    )


def _checksum(body: str) -> str:
    return f"{zlib.crc32(body.encode(errors='replace')):08x}"


def new_key() -> str:
    """A new hashing key, as it stands in the settings after its number."""
    return base64.b64encode(secrets.token_bytes(_KEY_BYTES)).decode()


@dataclass(frozen=True, slots=True)
class Keys:
    """The numbered hashing keys."""

    by_number: dict[int, bytes]

    @property
    def newest(self) -> int:
        """The number of the key that hashes new secrets."""
        return max(self.by_number)

    def digest(self, secret: str, number: int | None = None) -> str:
        """The keyed digest of a secret in hexadecimal (under the newest key unless told).

        An unknown number gives a digest that equals no stored one.
        """
        key = self.by_number.get(self.newest if number is None else number, b"")
        return hmac.new(key, secret.encode(errors="replace"), hashlib.sha256).hexdigest()


def parse_keys(text: str) -> Keys:
    """`1:<base64>,2:<base64>` -> keys. Raises `SettingsError` that says how to make one."""
    by_number: dict[int, bytes] = {}
    for part in filter(None, (part.strip() for part in text.split(","))):
        number, key = _parse_key(part)
        if number in by_number:
            raise SettingsError(
                f"PORTVAKT_CREDENTIAL_KEYS: the number {number} occurs twice. "
                "Give each key a number of its own."
            )
        by_number[number] = key
    if not by_number:
        raise SettingsError(
            "PORTVAKT_CREDENTIAL_KEYS is not set: secrets can't be verified without it. "
            "Set it to 1: and the output of `portvakt key`, and keep it safe."
        )
    return Keys(by_number)


def _parse_key(part: str) -> tuple[int, bytes]:
    number, _, encoded = part.partition(":")
    try:
        key = base64.b64decode(encoded, validate=True)
    except ValueError:  # also where it is not ASCII
        key = b""
    if re.fullmatch("[1-9][0-9]{0,8}", number) is None or len(key) != _KEY_BYTES:
        raise SettingsError(
            "PORTVAKT_CREDENTIAL_KEYS: expected number:base64 of 32 bytes, comma-separated. "
            "Make a key with `portvakt key`."
        )
    return int(number), key
