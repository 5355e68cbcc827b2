"""Reading a request's body as JSON."""

from __future__ import annotations

import json
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from portvakt.api import body
from portvakt.errors import Code, Problem
from portvakt.settings import Settings

SETTINGS = Settings()

values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**63) | st.floats(-1e9, 1e9) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)
long_values = st.sampled_from([{"a": "x" * 70_000}, ["y" * 70_000], "z" * 70_000])
long_arrays = st.tuples(st.lists(values, max_size=5), long_values).map(
    lambda parts: [*parts[0], parts[1]]
)


async def read(text: bytes) -> Any:
    """What a request with this body says, which arrives in two messages."""
    messages = [
        {"type": "http.request", "body": text[:1000], "more_body": True},
        {"type": "http.request", "body": text[1000:], "more_body": False},
    ]

    async def receive() -> Any:
        return messages.pop(0)

    return await body.read_json(receive, SETTINGS)


@given(value=long_arrays)
async def test_a_long_array_is_read_as_any_json(value: list[Any]) -> None:
    """An array that is decoded in turns has the values that a JSON parser finds in it."""
    text = json.dumps(value).encode()
    assert await read(text) == msgspec.json.decode(text)


@given(value=long_arrays, place=st.integers(0, 80_000), byte=st.integers(0, 255))
async def test_a_damaged_array_is_refused_as_any_json(
    value: list[Any], place: int, byte: int
) -> None:
    """Where a parser refuses the whole text, so is the body, and the place is the parser's."""
    text = bytearray(json.dumps(value).encode())
    text[place % len(text)] = byte
    try:
        expected = msgspec.json.decode(text)
    except UnicodeDecodeError:
        expected = Problem(Code.unreadable_json, "The body is not UTF-8.")
    except msgspec.DecodeError as error:
        expected = Problem(Code.unreadable_json, f"{error}.")
    if not isinstance(expected, Problem):
        assert await read(bytes(text)) == expected
        return
    with pytest.raises(Problem) as refused:
        await read(bytes(text))
    assert (refused.value.code, refused.value.detail) == (expected.code, expected.detail)


async def test_an_array_that_is_nested_too_deeply_is_refused() -> None:
    """Depth within one item of a long array counts as it does anywhere."""
    with pytest.raises(Problem, match="nested too deeply"):
        await read(b'["' + b"x" * 70_000 + b'",' + b"[" * 100_000 + b"]" * 100_001)
