"""What stands in keys and indexes for texts that are too long for their entries."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence, Set
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from portvakt.schema.resource import Resource

DIGEST = "_digest"
_LONGEST_KEY = 255  # code points; four bytes each still fit PostgreSQL's index entry


def digested(resource: Resource) -> tuple[str, ...]:
    """The text fields of unique keys that may be too long for an index entry."""
    return tuple(
        field.name
        for field in resource.keyed
        if field.max_length is None or field.max_length > _LONGEST_KEY
    )


PREFIX_LENGTH = 64
"""How many characters of a long text an index holds."""


def prefixed(resource: Resource) -> Set[str]:
    """The long text fields that are found by the first characters of their folded text."""
    mapping = resource.mapping
    return {mapping.external}.intersection(digested(resource)) if mapping else set()


def prefix(column: sa.ColumnElement[Any]) -> sa.ColumnElement[Any]:
    """The first characters of a text, written as the index has them."""
    parts = (sa.literal_column(text, sa.Integer()) for text in ("1", str(PREFIX_LENGTH)))
    return sa.func.substr(column, *parts, type_=column.type)


def digest(text: str) -> str:
    """The digest of a text as a UUID: the first half of its SHA-256."""
    return str(UUID(bytes=hashlib.sha256(text.encode()).digest()[:16]))


def key_columns(resource: Resource, names: tuple[str, ...]) -> tuple[str, ...]:
    """The columns that stand for these fields in a key."""
    long = digested(resource)
    return tuple(name + DIGEST if name in long else name for name in names)


def key_values(
    resource: Resource, names: tuple[str, ...], values: Sequence[Any]
) -> tuple[Any, ...]:
    """The values of `key_columns` for these values of the fields, none of which is null."""
    long = digested(resource)
    return tuple(
        digest(value) if name in long else value for name, value in zip(names, values, strict=True)
    )
