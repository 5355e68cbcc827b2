"""Cursors come back as they were given out, and nothing else is taken for one."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portvakt.api import cursor
from portvakt.errors import FaultCode
from portvakt.resources import load
from portvakt.schema.query import BY_AGE, Order
from portvakt.schema.values import InvalidValue

CONNECTIONS = load().resources["integrations.integrationserviceidconnection"]
ID = "497f6eca-6276-4993-bfeb-53cbbbba6f08"
TIME = "2026-01-31T08:30:00.000000Z"
ORDER = (Order("custom_id", True), Order("hidden"), Order("created_at"), Order("id"))

TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"))
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=10,
)


def made(value: Any) -> str:
    """A text that is encoded as a cursor is."""
    text = json.dumps(value).encode("utf-8", "surrogatepass")
    return base64.urlsafe_b64encode(text).decode().rstrip("=")


def refused(text: str, order: tuple[Order, ...] = BY_AGE) -> InvalidValue:
    """Why a text is no cursor."""
    with pytest.raises(InvalidValue) as raised:
        cursor.parse(text, CONNECTIONS, order)
    return raised.value


@given(st.none() | TEXTS, st.booleans(), st.uuids().map(str))
def test_a_cursor_comes_back(custom_id: str | None, hidden: bool, pk: str) -> None:
    """What was rendered is parsed to the same values, in characters that a URL may hold."""
    last = (custom_id, hidden, TIME, pk)
    text = cursor.render(ORDER, last)
    assert cursor.parse(text, CONNECTIONS, ORDER) == last
    assert text.replace("-", "").replace("_", "").isalnum()


def test_a_cursor_belongs_to_its_order() -> None:
    """Another order, or another direction, is refused."""
    text = cursor.render(ORDER, ("x", True, TIME, ID))
    for order in (BY_AGE, ORDER[1:], (Order("custom_id"), *ORDER[1:])):
        assert "another _order_by" in refused(text, order).detail


@pytest.mark.parametrize(
    "value",
    [
        None,
        {},
        [],
        "created_at,id",
        ["created_at,id"],
        ["created_at,id", TIME],
        ["created_at,id", TIME, ID, ID],
        ["created_at,id", 1, ID],
        ["created_at,id", "yesterday", ID],
        ["created_at,id", TIME, "1"],
        ["created_at,id", TIME, {"id": ID}],
        ["created_at,id", [[]], ID],
    ],
)
def test_a_forged_cursor_is_refused(value: Any) -> None:
    """JSON that is no cursor of this order is told apart, whatever it holds."""
    assert refused(made(value)).code in (FaultCode.format, FaultCode.type)


def test_a_cursor_is_as_strict_as_a_filter() -> None:
    """A value that no item can have is refused."""
    for value in ("a\0", "\ud800", 1, True):
        refused(made(["-custom_id,hidden,created_at,id", value, True, TIME, ID]), ORDER)
    refused(made(["-custom_id,hidden,created_at,id", "a", "true", TIME, ID]), ORDER)


@given(st.text())
def test_any_text_as_cursor_is_refused(text: str) -> None:
    """No text raises anything but `InvalidValue`."""
    refused(text)


@given(JSON)
def test_any_json_as_cursor_is_refused(value: Any) -> None:
    """Nor does any JSON that is encoded as a cursor is."""
    refused(made(value))


@given(st.lists(JSON, min_size=2, max_size=2))
def test_any_values_in_a_cursor_are_answered(values: list[Any]) -> None:
    """Nor do any values of the right number: they are values of the fields, or refused."""
    try:
        found = cursor.parse(made(["created_at,id", *values]), CONNECTIONS, BY_AGE)
    except InvalidValue:
        return
    assert all(value is None or isinstance(value, str) for value in found)


def test_deep_json_is_no_cursor() -> None:
    """JSON that is nested beyond reading is refused as any other."""
    refused(base64.urlsafe_b64encode(b"[" * 40_000).decode())
