"""Writes rows together with their events: every path that writes a traced resource goes here."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence, Set
from typing import Any

from portvakt.consent import state
from portvakt.cooperative import ROWS_AT_ONCE, in_time_slices, yield_if_due
from portvakt.ledger import event
from portvakt.ledger.event import Write
from portvakt.operations.context import Context
from portvakt.operations.writing.changes import Change
from portvakt.schema.caller import UNBOUNDED
from portvakt.schema.checks import Unique
from portvakt.schema.resource import Resource
from portvakt.storage.databases.interface import Connection
from portvakt.storage.events.events import Origin
from portvakt.storage.sql.rows import weigher
from portvakt.storage.sql.spare_keys import spare_column, spare_value

Row = Mapping[str, Any]

_HEAVY = 512 * 1024
"""Characters of long texts that are enough for one statement, with their copies in other forms."""


async def write(
    context: Context, connection: Connection, resource: Resource, writes: Sequence[Write]
) -> None:
    """Insert and update rows that the caller may touch; the events are in the order of `writes`.

    Where the items are answers, these decide now (`consent.state`). Raises `Overtaken`.
    """
    parts = await _statements(resource, writes)
    for part in parts:
        await yield_if_due()
        new = [one.after for one in part if one.after is not None and one.is_inserted]
        old = [one.after for one in part if one.after is not None and not one.is_inserted]
        await context.store.row_writer.insert(connection, resource, new)
        await context.store.row_writer.update(
            connection, resource, context.caller, context.now, old
        )
    if resource.answers is not None:
        written = [(one.before, one.after) for one in writes if one.after is not None]
        if context.turn is not None:
            await context.turn.come()
        await state.keep(context.store, connection, resource, written)
        if context.turn is not None:
            context.turn.over.set()
    # Last, as here events get their order: by now whatever decides the order of writes is locked.
    for part in parts:
        await yield_if_due()
        await note(context, connection, resource, part)


async def _statements(resource: Resource, writes: Sequence[Write]) -> list[list[Write]]:
    """As many writes at a time as are bound and sent in a turn."""
    weigh = weigher(resource)
    parts: list[list[Write]] = [[]]
    weight = 0
    async for some in in_time_slices(writes):
        for one in some:
            if len(parts[-1]) == ROWS_AT_ONCE or weight > _HEAVY:
                parts.append([])
                weight = 0
            parts[-1].append(one)
            weight += weigh(one.row)
    return parts


async def add(
    context: Context, connection: Connection, resource: Resource, rows: Sequence[Row]
) -> None:
    """Add complete rows."""
    await write(context, connection, resource, [Write(None, row) for row in rows])


async def set_aside(
    context: Context,
    connection: Connection,
    resource: Resource,
    freed: Sequence[tuple[Change, Unique]],
) -> Set[str]:
    """Take these stored keys off their rows, which are written anew in this transaction.

    A key gets another value for that long; where it can't, as it says where the item belongs, the
    row is taken out: the ids of these, which are to be inserted (`Write.anew`).
    """
    out: set[str] = set()
    if not freed:
        return out
    spared = defaultdict[str, list[Row]](list)
    for change, unique in freed:
        pk, column = str(change.target), spare_column(resource, unique)
        if column is None:
            out.add(pk)
        else:
            spare = spare_value(resource, column, context.new_id())
            spared[column].append({"id": pk, "spare": spare})
    if out:
        statement = context.store.statements.writes.delete(resource, UNBOUNDED)
        rows = [context.bind(statement, {"id": pk}) for pk in sorted(out)]
        await connection.execute_many(statement.text, rows)
    for column, keys in spared.items():
        statement = context.store.statements.writes.set_aside(resource, column)
        rows = [context.bind(statement, key) for key in keys]
        await connection.execute_many(statement.text, rows)
    return out


async def remove(
    context: Context, connection: Connection, resource: Resource, rows: Sequence[Row]
) -> None:
    """Take stored rows away, which the transaction has locked (`locked_rows.lock`).

    Where the items are answers, the pairs for which they decide have none any more.
    """
    context = context.after(*(row["updated_at"] for row in rows))
    await state.withdraw(context.store, connection, resource, rows, context.now)
    statement = context.store.statements.writes.delete(resource, UNBOUNDED)
    for row in rows:
        if resource.versions:
            last = context.store.statements.versions.insert_deletion(resource, UNBOUNDED)
            await connection.execute(last.text, context.bind(last, {"id": row["id"]}))
        await connection.execute(statement.text, context.bind(statement, {"id": row["id"]}))
    await note(context, connection, resource, [Write(row, None) for row in rows])


async def note(
    context: Context, connection: Connection, resource: Resource, writes: Sequence[Write]
) -> None:
    """Add the events of writes that this transaction has just done."""
    await event.record(context.store, connection, _origin(context), resource, writes)


def _origin(context: Context) -> Origin:
    caller = context.caller
    return Origin(
        customer=caller.customer,
        at=context.now,
        through=context.through,
        request=context.request,
        caller=caller.kind.name,
        holder=caller.holder or None,
        activation=caller.activation or None,
        service_version=caller.service_version or None,
        credential=caller.credential or None,
    )
