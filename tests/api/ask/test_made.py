"""How much is made of a JSON text."""

from __future__ import annotations

import json
import sys
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from portvakt.api.memory_estimate import MemoryEstimate

letters = st.characters(exclude_categories=["Cs"])
texts = st.text(letters, max_size=20) | st.text("a[]{}\u00e5\u0101\U0001f600", max_size=80)
values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**80), 2**80) | st.floats(-1e9, 1e9) | texts,
    lambda inner: st.lists(inner, max_size=30) | st.dictionaries(texts, inner, max_size=30),
    max_leaves=60,
)
SHAPES: dict[str, Any] = {
    "arrays of one text": [[f"ab{n}"] for n in range(1000)],
    "objects of one text": [{"a": f"ab{n}"} for n in range(1000)],
    "objects of six texts": [{f"n{m}": f"v{n}{m}" for m in range(6)} for n in range(1000)],
    "objects of eleven texts": [{f"n{m}": f"v{n}{m}" for m in range(11)} for n in range(1000)],
    "objects of other names": [{f"name{n}": f"v{n}"} for n in range(1000)],
    "objects within objects": [{"a": {"b": {"c": f"v{n}"}}} for n in range(1000)],
    "numbers": [n + 0.5 for n in range(1000)],
    "empty arrays": [[] for _ in range(1000)],
    "empty objects": [{} for _ in range(1000)],
    "texts with one wide letter": [f"\U0001f600{'x' * 500}{n}" for n in range(100)],
}


def taken(value: Any, seen: set[int]) -> int:
    """The bytes that a value takes in memory, with all that is in it, each object once."""
    if id(value) in seen:
        return 0
    seen.add(id(value))
    inner = list(value) if isinstance(value, list | dict) else []
    if isinstance(value, dict):
        inner += value.values()
    return -(-sys.getsizeof(value) // 16) * 16 + sum(taken(one, seen) for one in inner)


def made(text: bytes, items: int = 0) -> int:
    """What is counted for a text, in two parts."""
    counted = MemoryEstimate()
    counted.add(text[: len(text) // 2])
    counted.add(text[len(text) // 2 :])
    return counted.total(items)


@given(value=values, escaped=st.booleans())
def test_no_less_is_counted_than_a_value_takes(value: Any, escaped: bool) -> None:
    """Whatever it is, and however its letters are written."""
    text = json.dumps(value, ensure_ascii=escaped, separators=(",", ":"))
    encoded = text.encode()
    counted = MemoryEstimate()
    counted.add(encoded)
    assert taken(msgspec.json.decode(encoded), set()) <= counted.total(0)


@pytest.mark.parametrize("shape", SHAPES)
def test_what_many_small_values_take_is_counted(shape: str) -> None:
    """Also of a text that is told in parts; and not many times as much."""
    text = json.dumps(SHAPES[shape], separators=(",", ":")).encode()
    real = taken(msgspec.json.decode(text), set())
    assert real <= made(text) <= 5 * real


def test_items_are_counted_besides_their_values() -> None:
    """A write makes more of each item than what was sent, however small that is."""
    text = json.dumps([{"a": {"b": 1}}] * 100).encode()
    assert made(text, 100) == made(text) + 100 * 6 * 1024
