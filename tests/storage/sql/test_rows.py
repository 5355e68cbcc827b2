"""Rows of the database as items."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

import pytest

from portvakt.resources import load
from portvakt.schema.fields import Reference
from portvakt.schema.operators import Kind
from portvakt.schema.resource import Resource
from portvakt.storage.sql.dialects import DIALECTS
from portvakt.storage.sql.rows import Rows, render_item
from portvakt.storage.sql.tables import columns_of

RESOURCES = list(load().resources.values())
PK = "018cc251-f400-7007-8009-000000000000"
STORED: dict[str, dict[Kind, Any]] = {
    "sqlite": {Kind.boolean: 1},
    "postgresql": {
        Kind.uuid: UUID(PK),
        Kind.reference: UUID(PK),
        Kind.time: datetime(2026, 1, 31, 8, 30, tzinfo=UTC),
        Kind.date: date(2026, 1, 31),
        Kind.boolean: True,
    },
}
"""Values as the drivers give them, where they are no texts."""
JSON = {Kind.texts: "[]", Kind.object: "{}", Kind.objects: "[]", Kind.anything: "null"}


def stored(dialect: str, kind: Kind) -> Any:
    """A value of the kind as the driver gives it."""
    texts = {Kind.uuid: PK, Kind.reference: PK, Kind.integer: 7, Kind.number: 7.5, **JSON}
    return {**texts, **STORED[dialect]}.get(kind, "2026-01-31T08:30:00.000000Z")


@pytest.mark.parametrize("dialect", DIALECTS)
@pytest.mark.parametrize("resource", RESOURCES, ids=lambda one: one.name)
def test_an_item_is_its_clean_values_rendered(resource: Resource, dialect: str) -> None:
    """What is read for an answer in one step is what reading and rendering give, null or not."""
    names = [name for name in columns_of(resource) if name in resource.by_name]
    read = Rows(resource, DIALECTS[dialect], names)
    fields = {name: resource.by_name[name] for name in names}
    full = [stored(dialect, columns_of(resource)[name]) for name in names]
    for row in (full, [None] * len(names)):
        assert read.item(row) == render_item(resource, read.clean(row), fields)
    references = [name for name in names if isinstance(fields[name], Reference)]
    assert all(read.item(full)[name] == {"id": PK} for name in references)
