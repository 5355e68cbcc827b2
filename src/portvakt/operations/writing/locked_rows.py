"""Items that our own work reads and changes by id, with their internal fields, in a transaction."""

from __future__ import annotations

from typing import Any

from portvakt.ledger.event import Write
from portvakt.operations.context import Context, no_item
from portvakt.operations.writing import write_rows
from portvakt.schema.resource import Resource
from portvakt.storage.databases.interface import Connection
from portvakt.storage.sql.rows import new_row
from portvakt.storage.statements.columns import stored_names

Row = dict[str, Any]


async def lock(context: Context, connection: Connection, resource: Resource, pk: str) -> Row | None:
    """The stored row with this id, which nobody else can change until the transaction ends."""
    statement = context.store.statements.rows.select_for_update(
        resource, context.caller.access(resource)
    )
    ids = context.store.dialect.bind_list(resource.by_name["id"].kind, [pk])
    rows = await context.fetch(connection, statement, {"ids": ids})
    read = context.store.rows(resource, stored_names(resource))
    return read.clean(rows[0]) if rows else None


async def get_for_update(
    context: Context, connection: Connection, resource: Resource, pk: str
) -> Row:
    """Lock and return the stored row with this id. Raises `Problem` (not_found)."""
    row = await lock(context, connection, resource, pk)
    if row is None:
        raise no_item(resource)
    return row


async def revise(
    context: Context, connection: Connection, resource: Resource, stored: Row, **changes: Any
) -> Row:
    """Write changes to a stored row, as its next revision; the row that is stored then."""
    context = context.after(stored["updated_at"])
    item = {field.name: stored[field.name] for field in resource.fields} | changes
    revision = stored["revision"] + 1
    row = new_row(resource, context.caller.customer, item, now=context.now, revision=revision)
    await write_rows.write(context, connection, resource, [Write(stored, row)])
    return row
