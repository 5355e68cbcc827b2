"""Receipts of consent: one answer, signed, to be kept and verified by anybody. Pure.

The names of the fields are those by which ISO/IEC TS 27560:2023 is put into JSON; what the standard
has no name for stands under `portvakt`. A receipt is canonical JSON (RFC 8785) of texts, whole
numbers, booleans, null, and arrays and objects of them; what is signed is the same without its
`signature`.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import msgspec
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from portvakt.errors import PortvaktError
from portvakt.ledger.chain import Signer
from portvakt.schema import json_text

SCHEMA_VERSION = "ISO/IEC TS 27560:2023; portvakt.receipt.1"
GIVEN, REFUSED = "given", "refused"

Receipt = dict[str, Any]
_encode = msgspec.json.Encoder(order="sorted").encode


class Forged(PortvaktError):
    """A receipt is not what was signed: the message says what is wrong."""


def sign(content: Receipt, signer: Signer) -> bytes:
    """The receipt with this content, signed, as it is handed out."""
    signed = {**content, "key": signer.key}
    return _encode({**signed, "signature": signer.sign(_encode(signed))}) + b"\n"


def check(text: bytes, keys: Collection[str] = ()) -> Receipt:
    """The content of a receipt. `keys`: the public keys that may have signed; none: any.

    Raises `Forged` where a single byte isn't as it was handed out.
    """
    try:
        receipt: Receipt = msgspec.json.decode(text, type=dict[str, Any])
        json_text.refuse_repeated(text, receipt)
    except json_text.RepeatedNames as repeated:
        raise Forged(f"{repeated}.") from None
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise Forged("The receipt isn't a JSON object.") from None
    if text != _encode(receipt) + b"\n":
        raise Forged("The receipt isn't in its canonical form.")
    signature, key = receipt.pop("signature", None), receipt.get("key")
    if not isinstance(signature, str) or not isinstance(key, str):
        raise Forged("The receipt has no signature.")
    try:
        public = Ed25519PublicKey.from_public_bytes(bytes.fromhex(key))
        public.verify(bytes.fromhex(signature), _encode(receipt))
    except (ValueError, InvalidSignature):
        raise Forged("The receipt isn't signed by its key.") from None
    if bytes.fromhex(signature).hex() != signature:  # another spelling of it
        raise Forged("The receipt isn't in its canonical form.")
    if keys and key not in keys:
        raise Forged("The receipt is signed by a key that wasn't named.")
    return receipt
