"""Which written or stored items show the caller their personal fields."""

from __future__ import annotations

from collections.abc import Sequence

from portvakt.cooperative import map_in_time_slices
from portvakt.errors import Code, Problem
from portvakt.operations.context import Context
from portvakt.operations.writing.changes import NOTHING, Change
from portvakt.schema.resource import Resource
from portvakt.storage.databases.interface import Connection


async def mask_written(
    context: Context, connection: Connection, resource: Resource, changes: Sequence[Change]
) -> None:
    """Find out, after the write, of which items the caller may not see the personal fields."""
    access = context.caller.access(resource)
    if access.accepted_answers is None or not resource.personal:
        return
    written = [change for change in changes if not change.faults]
    ids = await map_in_time_slices(lambda change: str(change.item["id"]), written)
    seen = await seen_items(context, connection, resource, ids)
    for change, pk in zip(written, ids, strict=True):
        change.masked_after = NOTHING if seen.get(pk) else resource.personal


async def seen_items(
    context: Context, connection: Connection, resource: Resource, ids: list[str]
) -> dict[str, bool]:
    """Those of the items that the caller reaches, and whether it sees their personal fields."""
    if not ids:
        return {}
    statement = context.store.statements.rows.visible_ids(resource, context.caller.access(resource))
    named = {"ids": context.store.dialect.bind_list(resource.by_name["id"].kind, ids)}
    rows = await context.fetch(connection, statement, named)
    return dict(await map_in_time_slices(lambda row: (str(row[0]), bool(row[1])), rows))


async def sees(context: Context, connection: Connection, resource: Resource, pk: str) -> bool:
    """Whether the caller sees the personal fields of an item that it reaches."""
    if context.caller.access(resource).accepted_answers is None or not resource.personal:
        return True
    return (await seen_items(context, connection, resource, [pk])).get(pk, False)


async def refuse_unseen_delete(
    context: Context, connection: Connection, resource: Resource, pk: str
) -> None:
    """Refuse to delete what persons may have whom the caller doesn't see.

    Whether it could be deleted would tell whether one of them has it. Raises `Problem` (in_use).
    """
    if context.caller.access(resource).accepted_answers is None or not resource.belongs_to_persons:
        return
    seen = await seen_items(context, connection, resource, [pk])
    if seen.get(pk) is False:
        raise Problem(Code.in_use, "Persons whom you don't see may refer to this item.")
