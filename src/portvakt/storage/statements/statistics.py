"""The numbers that tell of a list: the count, and some of each field."""

from __future__ import annotations

import sqlalchemy as sa

from portvakt.schema.operators import JSON, Kind
from portvakt.storage.row_security.view import View
from portvakt.storage.sql.dialects import TYPES, Expression

MEASURES: dict[Kind, tuple[str, ...]] = {
    Kind.boolean: ("true", "false", "null"),
    Kind.uuid: ("distinct", "null"),
    Kind.reference: ("distinct", "null"),
    Kind.references: ("null",),
    Kind.time: ("min", "max", "null"),
    Kind.date: ("min", "max", "null"),
    Kind.integer: ("min", "max", "null"),
    Kind.number: ("min", "max", "null"),
    Kind.text: ("distinct", "null"),
    **dict.fromkeys(JSON, ("null",)),
}
"""What `_statistics` tells of each kind of field (docs/reference/interface.md#lists)."""


def measures(view: View) -> list[Expression]:
    """The count, then each field's measures in the order of `MEASURES`."""
    measured: list[Expression] = [sa.func.count()]
    for field in view.resource.visible:
        measured += [_measure(view, field.name, name) for name in MEASURES[field.kind]]
    return measured


def _measure(view: View, field: str, name: str) -> Expression:
    if view.kind(field) is Kind.references:
        return sa.func.count().filter(sa.not_(view.linked(field, None)))
    column = view.column(field)
    if name == "min":
        return sa.func.min(column)
    if name == "max":
        return sa.func.max(column)
    if name == "distinct":
        return sa.func.count(column.distinct())
    if name == "null":
        return sa.func.count().filter(column.is_(None))
    truth = sa.bindparam(name, name == "true", type_=TYPES[Kind.boolean])
    return sa.func.count().filter(column == truth)
