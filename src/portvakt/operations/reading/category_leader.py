"""Which of the active items of a group leads, where several may be active."""

from __future__ import annotations

from typing import Any

from portvakt.access import policy
from portvakt.operations.context import Context
from portvakt.schema.caller import UNBOUNDED, RowAccess
from portvakt.schema.lookups import ExclusiveGroup
from portvakt.schema.query import Filter, Query
from portvakt.schema.resource import Resource
from portvakt.schema.rights import READ
from portvakt.storage.databases.interface import Connection

Item = dict[str, Any]


async def deciding(context: Context, resource: Resource, group: str | None) -> list[Item]:
    """The deciding item of each group (or of one), in the order of the groups' names.

    All of the customer's active items count, whether the caller sees them or not. A caller is
    told of the groups in which it sees one, and who decides there if it sees that one too.
    Raises `Problem` (forbidden) and `RecheckFailed`.
    """
    policy.require(context.caller, resource, [READ])
    exclusive = resource.exclusive
    if exclusive is None:
        raise TypeError(f"{resource.name} has no groups.")
    async with context.store.database.snapshot() as connection:
        await context.recheck_credential(connection)
        every = await _active(context, connection, resource, exclusive, group, UNBOUNDED)
        access = context.caller.access(resource)
        seen = await _active(context, connection, resource, exclusive, group, access)
    ids = {item["id"] for item in seen}
    first = _first_of_each(every, exclusive)
    return [
        _told(exclusive, first[name], visible=first[name]["id"] in ids)
        for name in sorted({item[exclusive.group] for item in seen})
    ]


async def _active(
    context: Context,
    connection: Connection,
    resource: Resource,
    exclusive: ExclusiveGroup,
    group: str | None,
    access: RowAccess,
) -> list[Item]:
    named = Filter(exclusive.group, "", False, group)
    if group is None:
        named = Filter(exclusive.group, "isnull", False, False)
    query = Query(filters=(Filter(exclusive.active, "", False, True), named))
    statement = context.store.statements.rows.listing(resource, query, access)
    named_values = context.store.query_values(resource, query)
    rows = await context.fetch(connection, statement, named_values)
    return list(map(context.store.rows(resource).clean, rows))


def _first_of_each(items: list[Item], exclusive: ExclusiveGroup) -> dict[str, Item]:
    """The deciding item by group: the highest priority, then the oldest, then by id."""
    ranked = sorted(
        items, key=lambda item: (-item[exclusive.priority], item["created_at"], item["id"])
    )
    return {item[exclusive.group]: item for item in reversed(ranked)}


def _told(exclusive: ExclusiveGroup, item: Item, *, visible: bool) -> Item:
    return {
        exclusive.group: item[exclusive.group],
        "integration": {"id": item["id"]} if visible else None,
        exclusive.priority: item[exclusive.priority] if visible else None,
    }
