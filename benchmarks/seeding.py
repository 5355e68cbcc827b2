"""Fills an empty database: a few items through the store, the many by the fastest honest way.

That is COPY on PostgreSQL and `executemany` on SQLite, without the indexes, which are made
afterwards, and without looking each reference up: the rows are right by construction.
"""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from itertools import islice
from typing import Any

import asyncpg

from benchmarks.data import (
    ANSWERS,
    INTEGRATIONS,
    INTEGRATIONS_EACH,
    ORGANIZATIONS,
    ORGANIZATIONS_EACH,
    PERSON_COLUMNS,
    SUB_TENANTS,
    TENANTS,
    Row,
    Size,
    answer_columns,
    answers,
    persons,
    pk,
)
from portvakt import resources
from portvakt.access.authentication import HEADERS
from portvakt.access.credentials import parse_keys
from portvakt.access.issuing import new_credential
from portvakt.app import clock, new_id
from portvakt.schema.known import CREDENTIALS
from portvakt.schema.operators import Kind
from portvakt.schema.registry import content_type_id
from portvakt.schema.validation import merge
from portvakt.storage.databases.interface import Connection, SqliteAddress, parse_url
from portvakt.storage.databases.opening import open_database
from portvakt.storage.migrations.migrate import prepare
from portvakt.storage.sql.rows import new_row
from portvakt.storage.sql.tables import columns_of
from portvakt.storage.store import Store

_CHUNK = 5_000
_DECIDED = "customer_id, integration, kind, person, answer, yes, revision, since"
_LITERALS = {None: "NULL", True: "1", False: "0"}
_EVERYTHING = ["read", "create", "update", "delete", "all"]
_RIGHTS = dict.fromkeys((ANSWERS, TENANTS, SUB_TENANTS, INTEGRATIONS), _EVERYTHING) | {
    "integrations.integrationserviceidconnection": _EVERYTHING,
    "integrations.notice": _EVERYTHING,
}

Progress = Callable[[str, int], None]
"""Is told what is being loaded, and how many rows more there are."""


@dataclass(frozen=True)
class Caller:
    """One integration of one customer, with the seven headers that it sends."""

    customer: int
    headers: dict[str, str]

    def integration(self, number: int = 0) -> str:
        """The id of one of the customer's integrations; 0 is the caller itself."""
        return pk(INTEGRATIONS, self.customer, number)


def seed(url: str, keys: str, size: Size, progress: Progress) -> list[Caller]:
    """Make the tables in an empty database and fill them; a caller for each customer."""
    registry = resources.load()
    asyncio.run(prepare(url, registry, clock()))
    callers = asyncio.run(_seed_few(url, keys, size))
    loads = [_Load(kind, PERSON_COLUMNS, persons(kind, size)) for kind in (TENANTS, SUB_TENANTS)]
    loads += [
        _Load(ANSWERS, answer_columns(kind), answers(kind, size)) for kind in (TENANTS, SUB_TENANTS)
    ]
    address = parse_url(url)
    if isinstance(address, SqliteAddress):
        _load_sqlite(str(address.path), loads, progress)
    else:
        asyncio.run(_load_postgresql(url, loads, progress))
    return callers


# --- the few ----------------------------------------------------------------------------------


async def _seed_few(url: str, keys: str, size: Size) -> list[Caller]:
    database = await open_database(url, pool_size=1)
    try:
        store = Store(database, resources.load())
        async with database.transaction(long=True) as connection:
            await _insert(store, connection, "", _platform())
            callers = []
            for customer in range(size.customers):
                await _insert_customer(store, connection, customer)
                callers.append(await _caller(store, connection, keys, customer))
        return callers
    finally:
        await database.close()


def _platform() -> Iterator[tuple[str, dict[str, Any]]]:
    application = pk("platform.application", 0, 0)
    yield "platform.application", {"id": application, "name": "Benchmark", "visibility": "public"}
    for number in range(INTEGRATIONS_EACH):
        service = pk("platform.service", 0, number)
        level = content_type_id(ORGANIZATIONS)
        named = {"id": service, "name": f"Service {number}", "level": level}
        yield "platform.service", {**named, "application": application}
        version = {"id": pk("platform.serviceversion", 0, number), "number": 1}
        yield (
            "platform.serviceversion",
            {
                **version,
                "service": service,
                "state": "published",
                "allowed_access": _RIGHTS,
                "require_personal_information_access": True,
            },
        )


async def _insert_customer(store: Store, connection: Connection, customer: int) -> None:
    own = pk("platform.customer", 0, customer)
    await _insert(
        store, connection, "", [("platform.customer", {"id": own, "name": f"Customer {customer}"})]
    )
    await _insert(store, connection, own, _of_customer(customer))


def _of_customer(customer: int) -> Iterator[tuple[str, dict[str, Any]]]:
    root = pk(ORGANIZATIONS, customer, 0)
    for number in range(ORGANIZATIONS_EACH):
        yield (
            ORGANIZATIONS,
            {
                "id": pk(ORGANIZATIONS, customer, number),
                "name": f"Organization {number}",
                "organization": root if number else None,
            },
        )
    for number in range(INTEGRATIONS_EACH):
        yield (
            INTEGRATIONS,
            {
                "id": pk(INTEGRATIONS, customer, number),
                "application_id": pk("platform.application", 0, 0),
                "service_id": pk("platform.service", 0, number),
                "service_version_id": pk("platform.serviceversion", 0, number),
                "clashing_priority": number,
                "activation_content_type": content_type_id(ORGANIZATIONS),
                "activation_object_id": root,
                "personal_information_acceptance_mode": 2,
                "allowed_access": _RIGHTS,
                "require_personal_information_access": True,
                "organization": root,
            },
        )


async def _insert(store: Store, connection: Connection, customer: str, items: Any) -> None:
    for name, item in items:
        resource = store.registry.resources[name]
        clean = merge(resource, {"created_at": clock(), **item}, None)
        row = new_row(resource, customer, clean, now=clock(), revision=1)
        await store.row_writer.insert(connection, resource, [row])


async def _caller(store: Store, connection: Connection, keys: str, customer: int) -> Caller:
    own = pk("platform.customer", 0, customer)
    activation = pk(INTEGRATIONS, customer, 0)
    clean, secret = new_credential(
        parse_keys(keys), activation, now=clock(), pk=new_id(), expires_at=None
    )
    await _insert(store, connection, own, [(CREDENTIALS, clean)])
    values = {
        "customer": own,
        "application": pk("platform.application", 0, 0),
        "service": pk("platform.service", 0, 0),
        "service_version": pk("platform.serviceversion", 0, 0),
        "content_type": ORGANIZATIONS,
        "object": pk(ORGANIZATIONS, customer, 0),
        "secret": secret,
    }
    return Caller(customer, {header: values[claim] for claim, header in HEADERS.items()})


# --- the many ---------------------------------------------------------------------------------


class _Load:
    """Rows for one table: the columns that differ, and what all rows have in the others."""

    def __init__(self, name: str, columns: Sequence[str], rows: Iterator[Row]) -> None:
        resource = resources.load().resources[name]
        self.table = f"{resource.application}_{resource.model}"
        self.columns = columns
        self.rows = rows
        needed = (one for one in resource.fields if one.kind is Kind.boolean and not one.nullable)
        no = {field.name: False for field in needed}
        every = new_row(resource, "", merge(resource, no, None), now="", revision=1)
        self.same = {
            column: every[column]
            for column in columns_of(resource)
            if column not in columns and every[column] is not None
        }

    def chunks(self) -> Iterator[list[Row]]:
        """The rows, some thousands at a time."""
        while chunk := list(islice(self.rows, _CHUNK)):
            yield chunk

    @property
    def names(self) -> list[str]:
        """The columns that are filled."""
        return [*self.columns, *self.same]

    def texts(self) -> Iterator[str]:
        """The values of the columns that are the same everywhere, as text."""
        for value in self.same.values():
            yield _LITERALS.get(value, str(value)) if _is_plain(value) else _json(value)


def _is_plain(value: Any) -> bool:
    return not isinstance(value, list | dict)


def _json(value: Any) -> str:
    assert not value  # only empty defaults: nothing needs to be quoted
    return "[]" if isinstance(value, list) else "{}"


async def _load_postgresql(url: str, loads: Sequence[_Load], progress: Progress) -> None:
    connection = await asyncpg.connect(url)
    try:
        tables = list(dict.fromkeys(load.table for load in loads))
        indexes = await connection.fetch(
            "SELECT indexname, indexdef FROM pg_indexes WHERE tablename = ANY($1)"
            " AND indexname LIKE 'ix_%'",
            tables,
        )
        await connection.execute("SET session_replication_role = replica")
        await connection.execute("SET maintenance_work_mem = '512MB'")
        for name, _ in indexes:
            await connection.execute(f"DROP INDEX {name}")
        for load in loads:
            await connection.copy_to_table(
                load.table, columns=load.names, source=_copied(load, progress), format="text"
            )
        for _, definition in indexes:
            await connection.execute(definition)
            progress("indexes", 0)
        for statement in _decisions():
            await connection.execute(statement)
            progress("decisions", 0)
        await connection.execute("VACUUM (ANALYZE)")
        await connection.execute("CHECKPOINT")
    finally:
        await connection.close()


async def _copied(load: _Load, progress: Progress) -> AsyncIterator[bytes]:
    line = "\t".join([*["%s"] * len(load.columns), *load.texts()]) + "\n"
    for chunk in load.chunks():
        yield "".join([line % row for row in chunk]).encode()
        progress(load.table, len(chunk))


@contextmanager
def loading(path: str) -> Iterator[sqlite3.Connection]:
    """A connection to a SQLite file that nobody else uses, in one fast transaction."""
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        # Not through the write-ahead log: in one of gigabytes each page takes long to find.
        connection.execute("PRAGMA journal_mode = OFF")
        connection.execute("PRAGMA synchronous = OFF")
        connection.execute("PRAGMA cache_size = -1000000")
        connection.execute("BEGIN")
        yield connection
        connection.execute("COMMIT")
        connection.execute("PRAGMA journal_mode = WAL")


def _load_sqlite(path: str, loads: Sequence[_Load], progress: Progress) -> None:
    with loading(path) as connection:
        tables = {load.table for load in loads}
        indexes = [
            (name, text)
            for name, table, text in connection.execute(
                "SELECT name, tbl_name, sql FROM sqlite_schema WHERE type = 'index'"
            ).fetchall()
            if table in tables and text
        ]
        for name, _ in indexes:
            connection.execute(f"DROP INDEX {name}")
        for load in loads:
            for chunk in load.chunks():
                connection.executemany(_insert_text(load), chunk)
                progress(load.table, len(chunk))
        for _, text in indexes:
            connection.execute(text)
            progress("indexes", 0)
        for statement in _decisions():
            connection.execute(statement)
            progress("decisions", 0)


def _decisions() -> Iterator[str]:
    """What makes the decisions from the answers, of each pair the last, and their first changes."""
    for field, kind in {
        "answered_by_tenant": TENANTS,
        "answered_by_sub_tenant": SUB_TENANTS,
        "answered_by_organization_user": "accounts.organizationuser",
    }.items():
        pair = f"customer_id, integration, {field}"
        last = f"PARTITION BY {pair} ORDER BY updated_at DESC, id DESC"
        yield (
            f"INSERT INTO integrations_decision ({_DECIDED})"
            f" SELECT customer_id, integration, '{content_type_id(kind)}', {field}, id, answer,"
            f" revision, updated_at FROM (SELECT *, row_number() OVER ({last}) AS place"
            f" FROM {ANSWERS.replace('.', '_')} WHERE {field} IS NOT NULL) AS given WHERE place = 1"
        )
    yield (
        f"INSERT INTO integrations_decision_past ({_DECIDED}, number)"
        f" SELECT {_DECIDED}, 1 FROM integrations_decision"
    )


def _insert_text(load: _Load) -> str:
    same = [text if text.isdecimal() else f"'{text}'" for text in load.texts()]
    values = ", ".join([*["?"] * len(load.columns), *same])
    return f"INSERT INTO {load.table} ({', '.join(load.names)}) VALUES ({values})"
