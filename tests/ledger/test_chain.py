"""What is hashed is canonical JSON, and what is signed is verified."""

from __future__ import annotations

import base64

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from portvakt.errors import SettingsError
from portvakt.ledger import chain
from portvakt.ledger.chain import GENESIS, Signer, read_signer

TEXTS = st.text(st.characters(exclude_categories=["Cs"]))
RECORDS = st.dictionaries(
    st.text("abcdefghijklmnopqrstuvwxyz_", min_size=1),
    st.none() | st.integers(-(2**53) + 1, 2**53 - 1) | TEXTS,
)


@given(RECORDS)
def test_a_flat_record_is_encoded_as_the_rfc_says(record: dict[str, str | int | None]) -> None:
    """Byte for byte what another implementation of RFC 8785 makes of it."""
    assert chain.canonical(record) == rfc8785.dumps(dict(record))


def test_every_control_character_is_encoded_as_the_rfc_says() -> None:
    """The few that have short escapes, and the others."""
    record = {"text": "".join(map(chr, range(0xA0))) + '"\\/\u2028\ue000\U0001f600'}
    assert chain.canonical(record) == rfc8785.dumps(record)


def test_a_head_is_signed_by_its_key_alone() -> None:
    """Any other value of any of its fields isn't."""
    head = Signer(b"s" * 32).head("c", 1, GENESIS, "t")
    assert chain.is_signed(head)
    other = Signer(b"o" * 32).head("d", 2, "a" * 64, "u")
    for name in (*chain.HEAD, "signature"):
        if name != "kind":
            assert not chain.is_signed({**head, name: other[name]}), name
    for wrong in ("", "x", None, head["signature"].upper(), head["signature"] + " "):
        assert not chain.is_signed({**head, "signature": wrong})
        assert not chain.is_signed({**head, "key": wrong})


def test_the_setting_is_a_key_or_nothing() -> None:
    """32 bytes in base64; whatever else there is says how to make one."""
    assert read_signer("") is None
    text = base64.b64encode(b"s" * 32).decode()
    signer = read_signer(text)
    assert signer is not None
    assert signer.key == Signer(b"s" * 32).key
    for wrong in ("x", "å", text[4:]):
        with pytest.raises(SettingsError, match="portvakt key"):
            read_signer(wrong)
