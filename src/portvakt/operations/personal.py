"""Which written or stored items show the caller their personal fields."""

from __future__ import annotations

from collections.abc import Sequence

from portvakt.errors import Code, Problem
from portvakt.operations.changes import NOTHING, Change
from portvakt.operations.context import Context
from portvakt.schema.resource import Resource
from portvakt.storage.database import Connection


async def close_personal(
    context: Context, connection: Connection, resource: Resource, changes: Sequence[Change]
) -> None:
    """Find out, after the write, of which items the caller may not see the personal fields."""
    access = context.scope.access(resource)
    if access.sight is None or not resource.personal:
        return
    written = {change.item["id"]: change for change in changes if not change.faults}
    seen = await seen_items(context, connection, resource, list(written))
    for pk, change in written.items():
        change.closed = NOTHING if seen.get(pk) else resource.personal


async def seen_items(
    context: Context, connection: Connection, resource: Resource, ids: list[str]
) -> dict[str, bool]:
    """Those of the items that the caller reaches, and whether it sees their personal fields."""
    if not ids:
        return {}
    statement = context.store.statements.seen(resource, context.scope.access(resource))
    named = {"ids": context.store.dialect.bind_list(resource.by_name["id"].kind, ids)}
    rows = await connection.fetch(statement.text, context.bind(statement, named))
    return {str(pk): bool(seen) for pk, seen in rows}


async def refuse_held(
    context: Context, connection: Connection, resource: Resource, pk: str
) -> None:
    """Refuse to delete what persons may have whom the caller doesn't see.

    Whether it could be deleted would tell whether one of them has it. Raises `Problem` (in_use).
    """
    if context.scope.access(resource).sight is None or not resource.held:
        return
    seen = await seen_items(context, connection, resource, [pk])
    if seen.get(pk) is False:
        raise Problem(Code.in_use, "Persons whom you don't see may refer to this item.")
