"""A long ledger for one customer: an event of each tenant, sealed as the server seals.

The events are loaded in bulk, as `seeding` loads rows; the sealer itself makes the chain of them.
"""

from __future__ import annotations

import asyncio
import json
import sqlite3
from collections.abc import AsyncIterator, Iterator
from itertools import islice

import asyncpg

from benchmarks.data import INTEGRATIONS, ORGANIZATIONS, TENANTS, Clock, pk
from benchmarks.seeding import Progress
from portvakt import resources
from portvakt.app import clock, new_id
from portvakt.ledger.chain import Signer
from portvakt.ledger.seal import Sealer
from portvakt.schema.registry import content_type_id
from portvakt.storage.database import SqliteAddress, open_database, parse_url
from portvakt.storage.store import Store

CUSTOMER = pk("platform.customer", 0, 0)
_CHUNK = 5_000
_NAMES = (
    *("customer_id", "content_type", "item", "revision", "at", "operation", "through"),
    *("request", "caller", "after"),
)
_DIGEST = {"digest": "5f" * 32}
Event = tuple[str | int, ...]


def _event(name: str, number: int, at: str, after: dict[str, object]) -> Event:
    item = pk(name, 0, number)
    text = json.dumps({"id": item, **after}, separators=(",", ":"))
    kind = content_type_id(name)
    return CUSTOMER, kind, item, 1, at, "created", "import", "benchmark", "operator", text


def _events(rows: int) -> Iterator[Event]:
    """An event of the caller's activation, and one of each tenant."""
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


def add_ledger(url: str, signer: Signer, rows: int, progress: Progress) -> None:
    """Give the first customer a sealed ledger of so many events."""
    address = parse_url(url)
    if isinstance(address, SqliteAddress):
        _load_sqlite(str(address.path), rows, progress)
    else:
        asyncio.run(_load_postgresql(url, rows, progress))
    progress("sealing", 0)
    asyncio.run(_seal(url, signer))


def _chunks(rows: int) -> Iterator[list[Event]]:
    events = _events(rows)
    while chunk := list(islice(events, _CHUNK)):
        yield chunk


def _load_sqlite(path: str, rows: int, progress: Progress) -> None:
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("PRAGMA synchronous = OFF")
    connection.execute("BEGIN")
    marks = ", ".join("?" * (len(_NAMES) + 1))
    text = f"INSERT INTO ledger_event ({', '.join(_NAMES)}, arrival) VALUES ({marks})"
    arrival = 0
    for chunk in _chunks(rows):
        numbered = ((*event, arrival + place) for place, event in enumerate(chunk, 1))
        connection.executemany(text, numbered)
        arrival += len(chunk)
        progress("events", len(chunk))
    connection.execute("COMMIT")
    connection.close()


async def _load_postgresql(url: str, rows: int, progress: Progress) -> None:
    async def lines() -> AsyncIterator[bytes]:
        for chunk in _chunks(rows):
            # The transaction is long past: whatever is sealed looks from the first one on.
            yield "".join("\t".join(map(str, (*event, 1))) + "\n" for event in chunk).encode()
            progress("events", len(chunk))

    connection = await asyncpg.connect(url)
    try:
        await connection.copy_to_table(
            "ledger_event", columns=[*_NAMES, "transaction"], source=lines(), format="text"
        )
        await connection.execute("VACUUM (ANALYZE) ledger_event")
    finally:
        await connection.close()


async def _seal(url: str, signer: Signer) -> None:
    database = await open_database(url, synchronous="NORMAL")
    try:
        store = Store(database, resources.load())
        await Sealer(store, signer, clock=clock, new_id=new_id).seal_all()
        if database.name == "postgresql":
            await database.fetch("ANALYZE common_eventlog")
    finally:
        await database.close()
