"""Which columns the statements on a resource select, by name."""

from __future__ import annotations

from collections.abc import Set

from portvakt.schema.caller import RowAccess
from portvakt.schema.entity_tags import CHANGED
from portvakt.schema.query import Link, Query
from portvakt.schema.resource import Resource
from portvakt.storage.sql.tables import columns_of

STATE = ("revision", "updated_at")
"""The columns that tell in which state a stored item is (`schema.entity_tags`)."""


def item_names(
    resource: Resource,
    access: RowAccess,
    *,
    evidence: bool,
    changed: bool = False,
    fields: Set[str] | None = None,
) -> tuple[str, ...]:
    """The fields that an item shows; with `evidence` those additive ones that the caller sees.

    With `changed` also what its row says of the last write. Of all these `id` and `fields`, in the
    same order (None: all).
    """
    names = resource.evident(own=access.about_activation) if evidence else resource.by_name
    whole = (*names, *CHANGED) if changed else tuple(names)
    return whole if fields is None else tuple(n for n in whole if n == "id" or n in fields)


def listed_names(resource: Resource, query: Query, access: RowAccess) -> tuple[str, ...]:
    """The fields that each item of a list shows."""
    if query.slim:
        return ("id",)
    return item_names(
        resource, access, evidence=query.evidence, changed=query.changed, fields=query.fields
    )


def shown(resource: Resource, query: Query, access: RowAccess) -> tuple[str, ...]:
    """The columns that a list selects: for a cursor also what it sorts by, and a log's links."""
    sorted_by = (order.field for order in query.order) if query.keyset else ()
    linked = Link._fields if query.keyset and resource.append_only else ()
    return tuple(dict.fromkeys((*listed_names(resource, query, access), *sorted_by, *linked)))


def field_names(resource: Resource) -> tuple[str, ...]:
    """The columns of `RowStatements.select_by_key`: the known fields, then the internal ones."""
    internal = (field.name for field in resource.fields if field.internal)
    return (*resource.known, *internal)


def stored_names(resource: Resource) -> tuple[str, ...]:
    """The columns of `RowStatements.select_for_update`: all of the row, and its many references."""
    return (*columns_of(resource), *(link.name for link in resource.links))
