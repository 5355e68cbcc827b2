"""The limits of requests: how many bytes each body may have, by what its operation takes.

A body that nobody is known to send is small, an item may hold long texts, and only a write of many
items gets as much as there is.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from portvakt.schema.actions import Action
from portvakt.schema.fields import Field, Text
from portvakt.schema.operations import Operation
from portvakt.schema.operators import Kind
from portvakt.schema.resource import Resource
from portvakt.settings import Settings

_SMALL = 16 * 1024
"""What any body of a few short values may have; white space takes some of it."""

_LONGEST = {
    Kind.boolean: 5,
    Kind.integer: 24,
    Kind.number: 32,
    Kind.uuid: 38,
    Kind.date: 12,
    Kind.time: 64,
    Kind.reference: 128,
}
"""The most bytes of a value of these kinds, with room for what goes without saying."""

_ESCAPED = 12
"""Bytes of one character, if it is written as two escapes."""


class Limits(NamedTuple):
    """The limits that are set.

    `anonymous`: of a body without credentials; `item`: of one item; `body`: of any body.
    `items`: the most items of one body. `query`: the most bytes of a query string.
    """

    anonymous: int
    item: int
    body: int
    items: int
    query: int


def limits(settings: Settings) -> Limits:
    """The limits of these settings; that of any body is the greatest of bodies."""
    most = settings.max_body_bytes
    return Limits(
        min(settings.max_anonymous_bytes, most),
        min(settings.max_item_bytes, most),
        most,
        settings.max_bulk_items,
        settings.max_query_bytes,
    )


DEFAULTS = limits(Settings.model_construct())
"""The limits where nothing is set."""


def of_operation(operation: Operation, among: Limits) -> int:
    """The most bytes of an operation's body; 0 where it takes none."""
    match operation:
        case Operation.bulk:
            return among.body
        case Operation.create | Operation.update:
            return among.item
    return 0


def of_resolve(resource: Resource, among: Limits) -> int:
    """The most bytes of a list that `resolve/` is asked for."""
    mapping = resource.mapping
    names = (*mapping.reference, mapping.external) if mapping else ()
    return _many([resource.by_name[name] for name in names], among)


def of_action(action: Action, among: Limits) -> int:
    """The most bytes of an action's body; 0 where it takes none."""
    if not action.body:
        return 0
    if action.public:
        return among.anonymous
    if action.each:
        return _many(action.body, among)
    return min(max(_SMALL, _longest(action.body, among)), among.item)


def _many(fields: Iterable[Field], among: Limits) -> int:
    """What the most objects of these fields can need."""
    return min(max(_SMALL, among.items * _longest(fields, among)), among.body)


def _longest(fields: Iterable[Field], among: Limits) -> int:
    """The most bytes of one object of these fields."""
    lengths = [_value(field, among) + len(field.name) + len('"": ,\n') for field in fields]
    return min(sum(lengths), among.item)


def _value(field: Field, among: Limits) -> int:
    if isinstance(field, Text) and field.max_length is not None:
        return field.max_length * _ESCAPED + 2
    return _LONGEST.get(field.kind, among.item)
