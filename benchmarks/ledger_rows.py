"""A long ledger for one customer: an event of each tenant, in a chain as the server seals it.

Loaded in bulk, as `seeding` loads rows. `portvakt ledger verify` finds it whole and in order.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Iterator, Mapping
from itertools import islice
from typing import Any

import asyncpg

from benchmarks.data import INTEGRATIONS, ORGANIZATIONS, TENANTS, Clock, pk
from benchmarks.seeding import Progress, loading
from portvakt import resources
from portvakt.app import clock
from portvakt.ledger import chain
from portvakt.ledger.chain import LINK, ChainPosition, Signer
from portvakt.ledger.seal import projection
from portvakt.schema.registry import content_type_id
from portvakt.storage.databases.interface import SqliteAddress, parse_url
from portvakt.storage.databases.opening import open_database
from portvakt.storage.events.seals import CUSTOMERS
from portvakt.storage.store import Store

CUSTOMER = pk("platform.customer", 0, 0)
_LONG_PAST = 1
"""PostgreSQL's number of the transaction that wrote the events."""

_CHUNK = 5_000
_EVENT = (
    *("customer_id", "content_type", "item", "revision", "at", "operation", "through"),
    *("request", "caller", "after"),
)
_LOG = (
    *("customer_id", "id", "object_id", "content_type", "event_identifier", "created_at"),
    *("event_context", "position", "event_revision", "hash", "event_identifier_folded"),
    *("updated_at", "revision"),
)
_NOTHING = dict.fromkeys(LINK)
_DIGEST = {"digest": "5f" * 32}
Row = tuple[Any, ...]
Event = dict[str, Any]


def _event(name: str, number: int, at: str, after: Mapping[str, Any]) -> tuple[str, Event]:
    item = pk(name, 0, number)
    event = {
        **_NOTHING,
        "customer_id": CUSTOMER,
        "content_type": content_type_id(name),
        "item": item,
        "revision": 1,
        "at": at,
        "operation": "created",
        "through": "import",
        "request": "benchmark",
        "caller": "operator",
        "after": json.dumps({"id": item, **after}, separators=(",", ":")),
    }
    return name, event


def _events(rows: int) -> Iterator[tuple[str, Event]]:
    """An event of the caller's activation, and one of each tenant; with the resource's name."""
    moment = Clock()
    asks = {"is_active": True, "require_personal_information_access": True}
    activation = {**asks, "personal_information_acceptance_mode": 1}
    yield _event(INTEGRATIONS, 0, moment(0), activation)
    tenant = {
        "organization": pk(ORGANIZATIONS, 0, 0),
        "allows_external_personal_information_sharing": None,
        **dict.fromkeys(("first_name", "last_name", "email", "custom_id"), _DIGEST),
    }
    for number in range(rows):
        yield _event(TENANTS, number, moment(number), tenant)


class _Chain:
    """Makes the rows of events and of the log, chunk by chunk, and keeps the chain's end."""

    def __init__(self, rows: int) -> None:
        self._events = _events(rows)
        self.kept = ChainPosition()

    def chunks(self, number: int | None = None) -> Iterator[tuple[list[Row], list[Row]]]:
        """Values of `_EVENT` with a `number` (None: the place in the chain), and of `_LOG`."""
        while found := list(islice(self._events, _CHUNK)):
            events, log = [], []
            for name, event in found:
                place = self.kept.position + 1
                record = chain.link(event, name, place, self.kept.hash)
                self.kept = ChainPosition(place, chain.hash_of(record))
                events.append((*(event[column] for column in _EVENT), number or place))
                log.append(self._logged(name, event))
            yield events, log

    def _logged(self, name: str, event: Event) -> Row:
        told = projection(event, name)
        place, digest = self.kept
        return (
            *(CUSTOMER, event["item"], event["item"], event["content_type"]),
            *(told["event_identifier"], event["at"], json.dumps(told["event_context"])),
            *(place, 1, digest, told["event_identifier"], event["at"], 1),
        )


def add_ledger(url: str, signer: Signer, rows: int, progress: Progress) -> None:
    """Give the first customer a sealed ledger of so many events, and one more."""
    address, made = parse_url(url), _Chain(rows)
    if isinstance(address, SqliteAddress):
        _load_sqlite(str(address.path), made, progress)
    else:
        asyncio.run(_load_postgresql(url, made, progress))
    asyncio.run(_set_head(url, signer, made.kept))


def _load_sqlite(path: str, made: _Chain, progress: Progress) -> None:
    names = (*_EVENT, "arrival")
    texts = [
        f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({', '.join('?' * len(columns))})"
        for table, columns in (("ledger_event", names), (CUSTOMERS, _LOG))
    ]
    with loading(path) as connection:
        for parts in made.chunks():
            for text, part in zip(texts, parts, strict=True):
                connection.executemany(text, part)
            progress("events", len(parts[0]))


async def _load_postgresql(url: str, made: _Chain, progress: Progress) -> None:
    async def lines(part: list[Row]) -> AsyncIterator[bytes]:
        yield "".join("\t".join(map(str, row)) + "\n" for row in part).encode()

    connection = await asyncpg.connect(url)
    tables = (("ledger_event", (*_EVENT, "transaction")), (CUSTOMERS, _LOG))
    try:
        await connection.execute("SET session_replication_role = replica")
        for parts in made.chunks(_LONG_PAST):
            for (table, columns), part in zip(tables, parts, strict=True):
                await connection.copy_to_table(
                    table, columns=columns, source=lines(part), format="text"
                )
            progress("events", len(parts[0]))
        await connection.execute("VACUUM (ANALYZE)")
    finally:
        await connection.close()


async def _set_head(url: str, signer: Signer, kept: ChainPosition) -> None:
    database = await open_database(url)
    try:
        store = Store(database, resources.load())
        async with database.transaction() as connection:
            head = signer.head(CUSTOMER, *kept, clock())
            await store.seals.set_head(connection, {**head, "customer_id": CUSTOMER})
            sealed = kept.position if database.name == "sqlite" else _LONG_PAST + 1
            await store.seals.set_horizon(connection, sealed)
    finally:
        await database.close()
