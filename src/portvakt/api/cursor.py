"""Cursors of `_after`: the sort values of the last item seen, as opaque text.

A cursor names the order it was made for, so that it can't be used with another. It holds nothing
that its reader has not been shown, and gives no right: what it points past is only compared with.

One of a log, which is read on from its end for years, also holds the link of the last event: so a
restore of an older backup is seen. The part of the hash tells nothing of what the event hides, as
it is also made of the link before, which no integration knows.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Sequence
from typing import Any

import msgspec

from portvakt.errors import FaultCode
from portvakt.schema.fields import Field
from portvakt.schema.operators import Kind
from portvakt.schema.query import HASH_KEPT, Link, Order
from portvakt.schema.resource import Resource
from portvakt.schema.values import InvalidValue, parse_text
from portvakt.storage.statements.ordering import sort_kind


def _named(order: Sequence[Order]) -> str:
    return ",".join(("-" if item.descending else "") + item.field for item in order)


def render(order: Sequence[Order], last: Sequence[Any], link: Link | None = None) -> str:
    """The cursor after an item with the sort values `last`; in a log, with its link."""
    text = msgspec.json.encode([_named(order), *last, *([link] if link else [])])
    return base64.urlsafe_b64encode(text).decode().rstrip("=")


def parse(text: str, resource: Resource, order: Sequence[Order]) -> tuple[Any, ...]:
    """The sort values in a cursor. Raises `InvalidValue`."""
    decoded = _decode(text)
    if resource.append_only and isinstance(decoded[-1], list):
        decoded.pop()
    if not decoded or decoded[0] != _named(order):
        raise InvalidValue(FaultCode.format, "The cursor belongs to another _order_by.")
    if len(decoded) != len(order) + 1:
        raise InvalidValue(FaultCode.format, _UNREADABLE)
    return tuple(
        None if value is None else _value(resource.columns[item.field], value)
        for item, value in zip(order, decoded[1:], strict=True)
    )


def parse_link(text: str, resource: Resource) -> Link | None:
    """The link in a cursor of a log; None where it has none. Raises `InvalidValue`."""
    last = _decode(text)[-1]
    if not resource.append_only or not isinstance(last, list):
        return None
    if len(last) != len(Link._fields):
        raise InvalidValue(FaultCode.format, _UNREADABLE)
    position, digits = resource.stored["position"].parse(last[0]), parse_text(last[1])
    if not _HASH.fullmatch(digits):
        raise InvalidValue(FaultCode.format, _UNREADABLE)
    return Link(position, digits)


def parse_place(
    text: str, resource: Resource, order: Sequence[Order]
) -> tuple[tuple[Any, ...], Link | None]:
    """Both: the sort values, and a log's link. Raises `InvalidValue`."""
    return parse(text, resource, order), parse_link(text, resource)


_HASH = re.compile(f"[0-9a-f]{{{HASH_KEPT}}}")
_UNREADABLE = "Expected a cursor from the Link header of an earlier page."


def _decode(text: str) -> list[Any]:
    try:
        padded = text + "=" * (-len(text) % 4)
        decoded = msgspec.json.decode(base64.urlsafe_b64decode(padded.encode("ascii")))
    except (ValueError, RecursionError, binascii.Error):
        raise InvalidValue(FaultCode.format, _UNREADABLE) from None
    if not isinstance(decoded, list) or not decoded:
        raise InvalidValue(FaultCode.format, _UNREADABLE)
    return decoded


def _value(field: Field, value: Any) -> Any:
    """One sort value, which must be a clean value of the field's kind."""
    if field.kind in (Kind.boolean, Kind.integer, Kind.number):
        return field.parse(value)
    if sort_kind(field.kind) is Kind.text:
        return parse_text(value)
    return field.parse_operand(parse_text(value))
