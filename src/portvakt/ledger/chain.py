"""The chain: what is hashed and signed, and how. Pure.

A link is a flat record of an event, its position and the hash before it; its hash is the SHA-256
of the record as canonical JSON (RFC 8785). A head is the last link of a chain, signed by Ed25519.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping
from typing import Any, NamedTuple

import msgspec
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from portvakt.errors import SettingsError

GENESIS = "0" * 64
"""Stands for the hash before the first link."""

Record = Mapping[str, str | int | None]
_encode = msgspec.json.Encoder(order="sorted").encode

LINK = (
    *("customer", "position", "previous", "content_type", "item", "revision", "operation", "at"),
    *("caller", "holder", "activation", "service_version", "credential", "through", "request"),
    *("before", "after"),
)
"""What a link holds; an exported one has its `hash` too."""

HEAD = ("kind", "customer", "position", "hash", "at", "key")
"""What a head holds; it is signed, and stands with its `signature`."""


def canonical(record: Record) -> bytes:
    """A flat record as canonical JSON (RFC 8785).

    Of ASCII names, texts, whole numbers and null, msgspec's sorted JSON is the canonical one.
    """
    return _encode(record)


def link(
    event: Mapping[str, Any], content_type: str, position: int, previous: str
) -> dict[str, Any]:
    """The record of an event at its place in the chain. `content_type`: the resource's name."""
    return {
        "customer": event["customer_id"],
        "position": position,
        "previous": previous,
        "content_type": content_type,
        "item": event["item"],
        "revision": event["revision"],
        "operation": event["operation"],
        "at": event["at"],
        "caller": event["caller"],
        "holder": event["holder"],
        "activation": event["activation"],
        "service_version": event["service_version"],
        "credential": event["credential"],
        "through": event["through"],
        "request": event["request"],
        "before": event["before"],
        "after": event["after"],
    }


def hash_of(record: Record) -> str:
    """The hash of a link."""
    return hashlib.sha256(canonical(record)).hexdigest()


class Signer:
    """Signs heads with one key."""

    def __init__(self, seed: bytes) -> None:
        self._private = Ed25519PrivateKey.from_private_bytes(seed)
        self.key = self._private.public_key().public_bytes_raw().hex()

    def sign(self, text: bytes) -> str:
        """The signature of a text."""
        return self._private.sign(text).hex()

    def head(self, customer: str, position: int, digest: str, at: str) -> dict[str, Any]:
        """A signed head."""
        record: dict[str, Any] = {
            "kind": "head",
            "customer": customer,
            "position": position,
            "hash": digest,
            "at": at,
            "key": self.key,
        }
        return {**record, "signature": self.sign(canonical(record))}


def is_signed(head: Mapping[str, Any]) -> bool:
    """Whether the signature of a head is that of its key."""
    record = {name: head[name] for name in HEAD}
    try:
        public = Ed25519PublicKey.from_public_bytes(bytes.fromhex(head["key"]))
        signature = bytes.fromhex(head["signature"])
        public.verify(signature, canonical(record))
    except (ValueError, TypeError, InvalidSignature):
        return False
    return bool(signature.hex() == head["signature"])  # no other spelling of it


def read_signer(text: str) -> Signer | None:
    """The setting PORTVAKT_SEALING_KEY -> what signs; None where it is empty.

    Raises `SettingsError`.
    """
    if not text:
        return None
    try:
        return Signer(base64.b64decode(text, validate=True))
    except ValueError:
        raise SettingsError(
            "PORTVAKT_SEALING_KEY: expected base64 of 32 bytes. Make one with `portvakt key`."
        ) from None


class ChainPosition(NamedTuple):
    """What is kept of a chain while it grows."""

    position: int = 0
    hash: str = GENESIS
