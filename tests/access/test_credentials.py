"""Secrets have a form by which they are known; keys are read strictly."""

from __future__ import annotations

import base64
import re
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portvakt.access.credentials import Keys, new_key, new_secret, parse_keys, well_formed
from portvakt.errors import SettingsError

KEY = base64.b64encode(bytes(range(32))).decode()
OTHER = base64.b64encode(bytes(range(1, 33))).decode()


# --- secrets --------------------------------------------------------------------------------------


def test_a_secret_has_a_prefix_256_bits_and_a_checksum() -> None:
    """By its form a scanner finds a secret that got into the wrong place."""
    secret = new_secret()
    assert re.fullmatch(r"pvk_[0-9a-f]{64}[0-9a-f]{8}", secret)
    assert secret[-8:] == f"{zlib.crc32(secret[:-8].encode()):08x}"
    assert well_formed(secret)


def test_no_two_secrets_or_keys_are_the_same() -> None:
    """They come from the operating system's randomness."""
    assert len({new_secret() for _ in range(100)}) == 100
    assert len({new_key() for _ in range(100)}) == 100


@given(st.integers(0, 75), st.characters())
def test_one_wrong_character_is_noticed(place: int, character: str) -> None:
    """A typing error anywhere in a secret breaks its form."""
    secret = new_secret()
    mistyped = secret[:place] + character + secret[place + 1 :]
    assert well_formed(mistyped) == (mistyped == secret)


@given(st.text())
def test_any_text_is_judged(text: str) -> None:
    """No text is too strange to be told apart, half a surrogate pair included."""
    assert not well_formed(text)
    assert not well_formed("pvk_" + text)


# --- keys -----------------------------------------------------------------------------------------


def test_the_highest_number_hashes_new_secrets() -> None:
    """Keys may stand in any order, with blanks and empty parts between them."""
    keys = parse_keys(f" 2:{OTHER}, ,1:{KEY},")
    assert keys == Keys({1: bytes(range(32)), 2: bytes(range(1, 33))})
    assert keys.newest == 2


def test_a_new_key_can_be_used() -> None:
    """What is printed for the settings is what the settings take."""
    assert len(parse_keys(f"1:{new_key()}").by_number[1]) == 32


@pytest.mark.parametrize("text", ["", " ", ",", " , "])
def test_keys_must_be_set(text: str) -> None:
    """The message says how to make one."""
    with pytest.raises(SettingsError, match=r"is not set.*portvakt key"):
        parse_keys(text)


@pytest.mark.parametrize(
    "text",
    [
        KEY,
        "1",
        "1:",
        f":{KEY}",
        f"0:{KEY}",
        f"-1:{KEY}",
        f"01:{KEY}",
        f"a:{KEY}",
        f"\u0661:{KEY}",
        f"1 :{KEY}",
        f"9999999999:{KEY}",
        f"1:{KEY[:-4]}",
        f"1:{KEY}{KEY}",
        f"1:{KEY[:-1]}",
        f"1:{KEY[:-2]}é=",
        f"1:{KEY}\n\0",
        f"1:{KEY},2",
        f"1:{KEY};2:{OTHER}",
    ],
)
def test_a_wrong_key_is_told(text: str) -> None:
    """The message says what is expected, and shows no part of a key."""
    with pytest.raises(SettingsError, match="expected number:base64 of 32 bytes") as raised:
        parse_keys(text)
    assert KEY[:8] not in str(raised.value)


def test_a_number_names_one_key() -> None:
    """Of two keys with one number neither silently wins."""
    with pytest.raises(SettingsError, match="the number 1 occurs twice"):
        parse_keys(f"1:{KEY},1:{OTHER}")


@given(st.text())
def test_any_text_as_keys_is_refused(text: str) -> None:
    """No text raises anything but an error of the settings."""
    with pytest.raises(SettingsError):
        parse_keys(text)


# --- digests --------------------------------------------------------------------------------------


def test_a_digest_depends_on_secret_and_key() -> None:
    """Nothing of the secret is in it, and without the key it can't be made."""
    keys, secret = parse_keys(f"1:{KEY},2:{OTHER}"), new_secret()
    assert re.fullmatch("[0-9a-f]{64}", keys.digest(secret))
    assert keys.digest(secret) == keys.digest(secret, 2) != keys.digest(secret, 1)
    assert keys.digest(secret) != keys.digest(new_secret())
    assert parse_keys(f"2:{OTHER}").digest(secret) == keys.digest(secret)


def test_an_unknown_key_gives_the_digest_of_nobody() -> None:
    """A secret hashed under a key that was taken away equals no stored digest."""
    keys, secret = parse_keys(f"1:{KEY}"), new_secret()
    assert keys.digest(secret, 7) not in (keys.digest(secret), keys.digest(secret, 1))
