"""What a unique key can hold for a moment, while the item that has it gets another one."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from portvakt.schema.checks import Unique
from portvakt.schema.fields import Integer, Reference, Text
from portvakt.schema.operators import Kind
from portvakt.schema.resource import Resource
from portvakt.storage.sql.long_texts import key_columns
from portvakt.storage.sql.tables import columns_of, declared

_HIGH = 2**30  # the upper half of what an integer column holds: nobody counts that far


def spare_column(resource: Resource, unique: Unique) -> str | None:
    """The column of a key that can hold any value; None where it has none.

    What says where an item belongs can't: the row would be out of the caller's reach for as long.
    """
    placed = {name for pair in resource.generic_references for name in pair}
    placed |= {resource.of_application.field} if resource.of_application else set()
    for column in key_columns(resource, unique.fields):
        field = resource.stored[declared(column)]
        fixed = isinstance(field, Integer | Text) and field.options
        if not isinstance(field, Reference) and not fixed and field.name not in placed:
            return column
    return None


def spare_value(resource: Resource, column: str, pk: str) -> Any:
    """A value for such a column that nothing has, made from a new id."""
    kind = columns_of(resource)[column]
    if kind is Kind.integer:
        return _HIGH + UUID(pk).int % _HIGH
    field = resource.stored[column] if kind is Kind.text else None
    return pk[-field.max_length :] if isinstance(field, Text) and field.max_length else pk
