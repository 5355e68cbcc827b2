"""Get and list: what is read, always with row security and the re-check of the caller.

A statement that finds rows has proven the credential in passing. One that finds none may have
found none because of it; only then a second statement tells which.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass, replace
from typing import Any

from portvakt.access import policy
from portvakt.cooperative import look_at
from portvakt.errors import Code, Problem
from portvakt.operations.context import Context
from portvakt.operations.reading import read_source
from portvakt.schema.operators import Kind
from portvakt.schema.query import HASH_KEPT, Keyset, Link, Query
from portvakt.schema.resource import Resource
from portvakt.schema.rights import READ
from portvakt.schema.values import is_day
from portvakt.storage.databases.interface import Connection, Database, Row
from portvakt.storage.databases.unreadable import Unreadable, nearest, unreadable_in
from portvakt.storage.events.events import PLATFORM
from portvakt.storage.statements.columns import item_names, listed_names, shown
from portvakt.storage.statements.ordering import sort_value
from portvakt.storage.statements.statement import Statement
from portvakt.storage.statements.statistics import MEASURES

Item = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Listing:
    """A page of items, in order.

    `last` holds the sort values of the last item if more follow it, for the next page's cursor;
    of a log also its `link`.
    `total` is the number of items that the filters leave, if it was asked for.
    """

    items: list[Item]
    last: tuple[Any, ...] | None = None
    total: int | None = None
    link: Link | None = None


async def get(
    context: Context,
    resource: Resource,
    pk: str,
    as_of: str | None = None,
    *,
    evidence: bool = False,
) -> Item | None:
    """The item alone of `get_with_state`."""
    found = await get_with_state(context, resource, pk, as_of, evidence=evidence)
    return found and found[0]


async def get_with_state(
    context: Context,
    resource: Resource,
    pk: str,
    as_of: str | None = None,
    *,
    evidence: bool = False,
    changed: bool = False,
    fields: frozenset[str] | None = None,
) -> tuple[Item, str] | None:
    """The item with this id (as it was at the moment `as_of`), or None where the caller has none.

    With `evidence` it shows the additive fields too, with `changed` its revision and when that was
    written; with `fields` these of all and `id` alone. After it the state that it is in, as
    `entity_tags.item_state` tells it.

    Raises `Problem` (forbidden) and `RecheckFailed`, as all of this module.
    """
    policy.require(context.caller, resource, [READ])
    access = context.access(resource)
    statement = context.store.statements.rows.get(
        resource, access, as_of=as_of is not None, evidence=evidence, changed=changed, fields=fields
    )
    named = {"id": pk, "as_of": as_of}
    rows = await context.store.database.fetch(statement.text, context.bind(statement, named))
    if not rows:
        await context.recheck_credential()
        return None
    names = item_names(resource, access, evidence=evidence, changed=changed, fields=fields)
    (item,) = context.store.rows(resource, names).items(rows)
    return item, context.store.state(rows[0])


async def page(context: Context, resource: Resource, query: Query) -> Listing:
    """The page that a bounded query asks for.

    Raises `Problem` (log_restarted) too, where its cursor stands after an event that the log
    doesn't hold.
    """
    policy.require(context.caller, resource, [READ])
    if not query.count:
        return await _page(context, resource, query, None)
    async with read_source.snapshot(context) as (reader, connection):
        total = await _count(reader, resource, query, connection)
        listing = await _page(reader, resource, query, connection)
        return replace(listing, total=total)


async def _page(
    context: Context, resource: Resource, query: Query, connection: Connection | None
) -> Listing:
    source = connection or context.store.database
    if resource.append_only and query.keyset and query.keyset.after:
        by_position = query.order == resource.listing.order
        place = query.keyset.link or Link(query.keyset.after[0] if by_position else 0, "")
        await _check_place(context, resource, place, source)
    statement, values = _listing(context, resource, query)
    rows = await source.fetch(statement.text, values)
    if not rows and connection is None:
        await context.recheck_credential()
    read = context.store.rows(resource, shown(resource, query, context.access(resource)))
    last = link = None
    if query.keyset and rows and (resource.append_only or len(rows) > query.keyset.limit):
        # What is only ever added to can be read on from its end: there the cursor waits.
        rows = rows[: query.keyset.limit]
        clean = read.clean(rows[-1])
        if not _is_place(resource, query, clean):
            return await _page_beside(context, resource, query, connection, rows)
        last = _place(resource, query, clean)
        if resource.append_only:
            link = Link(clean["position"], clean["hash"][:HASH_KEPT])
    show = context.store.rows(resource, listed_names(resource, query, context.access(resource)))
    return Listing(show.items(rows), last, link=link)


async def _check_place(
    context: Context, log: Resource, place: Link, source: Connection | Database
) -> None:
    """Whether a log still holds the event that a cursor stands after. Raises `Problem`.

    It doesn't where an older backup was restored: what has its position now was written since, and
    has another hash. A cursor from before they held links has a position alone, or not even that.
    """
    customer = PLATFORM if log.platform else context.caller.customer
    digits = await context.store.seals.hash_at(source, customer, place.position)
    if digits is None or not digits.startswith(place.hash):
        raise Problem(
            Code.log_restarted,
            "This log doesn't hold the event after which the cursor stands: the database was "
            "restored from an older backup, or the cursor is of another log. Events may have been "
            "lost, so look at all items that you follow. Then read the log anew: without `_after`, "
            "or with `created_at__gte` and a time before the backup.",
        )


def _is_place(resource: Resource, query: Query, clean: Item) -> bool:
    """Whether a cursor can point past an item: whether all that it is sorted by can be read.

    SQLite gives times and dates as they are; others may have written a day that there isn't.
    """
    unreadable = unreadable_in(clean)
    for name in (order.field for order in query.order):
        if name in unreadable:
            return False
        if resource.columns[name].kind in (Kind.time, Kind.date) and not is_day(clean[name]):
            return False
    return True


def _place(resource: Resource, query: Query, clean: Item) -> tuple[Any, ...]:
    fields = resource.columns
    return tuple(sort_value(fields[order.field].kind, clean[order.field]) for order in query.order)


async def _page_beside(
    context: Context,
    resource: Resource,
    query: Query,
    connection: Connection | None,
    rows: Sequence[Row],
) -> Listing:
    """The page of which no cursor can point past the last item: a shorter one, or a longer."""
    read = context.store.rows(resource, shown(resource, query, context.access(resource)))
    places = [
        place for place, row in enumerate(rows, 1) if _is_place(resource, query, read.clean(row))
    ]
    limit = query.keyset.limit if query.keyset else 0
    if not places and len(rows) < limit:  # the end of a log
        return Listing(read.items(rows))
    keyset = Keyset(places[-1] if places else limit * 8, query.keyset and query.keyset.after)
    return await _page(context, resource, replace(query, keyset=keyset), connection)


def _listing(context: Context, resource: Resource, query: Query) -> tuple[Statement, list[Any]]:
    statement = context.store.statements.rows.listing(resource, query, context.access(resource))
    named = context.store.query_values(resource, query)
    return statement, context.bind(statement, named)


async def _count(context: Context, resource: Resource, query: Query, connection: Connection) -> int:
    statement = context.store.statements.rows.count(resource, query, context.access(resource))
    named = context.store.query_values(resource, query)
    rows = await connection.fetch(statement.text, context.bind(statement, named))
    return int(rows[0][0])


@dataclass(frozen=True, slots=True)
class Export:
    """A whole filtered set, in chunks of items, from one snapshot; `total` as in `Listing`."""

    chunks: AsyncIterator[list[Item]]
    total: int | None


@asynccontextmanager
async def export(context: Context, resource: Resource, query: Query) -> AsyncIterator[Export]:
    """Open the whole filtered set for reading, in constant memory."""
    policy.require(context.caller, resource, [READ])
    async with read_source.snapshot(context) as (reader, connection):
        total = await _count(reader, resource, query, connection) if query.count else None
        # Closed here: a chunk that is asked for ahead may not outlive the snapshot.
        async with aclosing(_chunks(reader, resource, query, connection)) as chunks:
            yield Export(chunks, total)


async def _chunks(
    context: Context, resource: Resource, query: Query, connection: Connection
) -> AsyncGenerator[list[Item], None]:
    statement, values = _listing(context, resource, query)
    read = context.store.rows(resource, listed_names(resource, query, context.access(resource)))
    async with aclosing(_ahead(connection.stream(statement.text, values))) as stream:
        async for rows in stream:
            yield read.items(rows)


async def _ahead(stream: AsyncGenerator[list[Row], None]) -> AsyncGenerator[list[Row], None]:
    """Read a stream ahead: each chunk is asked for before the one in front of it is used.

    So the database works while we encode and send; one chunk more is in memory.
    """
    asked = _following(stream)
    try:
        while (rows := await asked) is not None:
            asked = _following(stream)
            yield rows
    finally:
        await asyncio.wait((asked,))
        await stream.aclose()


def _following(stream: AsyncGenerator[list[Row], None]) -> asyncio.Future[list[Row] | None]:
    """The next chunk, or None at the end; in vain where its reader has gone away meanwhile."""
    asked = asyncio.ensure_future(anext(stream, None))
    asked.add_done_callback(look_at)
    return asked


async def statistics(context: Context, resource: Resource, query: Query) -> dict[str, Any]:
    """`{"count": n, "fields": {...}}` of the filtered set (docs/reference/interface.md#lists)."""
    policy.require(context.caller, resource, [READ])
    named = context.store.query_values(resource, query)
    async with read_source.once(context) as (reader, source):
        access = reader.access(resource)
        statement = context.store.statements.rows.statistics(resource, query, access)
        (row,) = await source.fetch(statement.text, reader.bind(statement, named))
    count, measured = row[0], row[1:]
    if not count:
        await context.recheck_credential()
    numbers = iter(measured)
    load = context.store.dialect.load
    fields: dict[str, dict[str, Any]] = {}
    for field in resource.visible:
        measures = fields[field.name] = {}
        for name in MEASURES[field.kind]:
            value = next(numbers)
            convert = load.get(field.kind) if name in ("min", "max") else None
            if type(value) is Unreadable:
                measures[name] = nearest(field.kind, value)
            else:
                measures[name] = convert(value) if convert and value is not None else value
    return {"count": count, "fields": fields}
