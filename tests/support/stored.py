"""Looks at and changes what is stored, beside the server and its rights."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any, TypeVar

from portvakt.app import clock, new_id
from portvakt.operations.context import Context
from portvakt.operations.reading import read
from portvakt.operations.writing import write
from portvakt.sandbox.data import SampleCustomer
from portvakt.schema.caller_kinds import OPERATOR
from portvakt.schema.query import Filter, Query
from portvakt.storage.sql.rows import new_row
from portvakt.storage.store import Store
from tests.support.beside_servers import caller_of, open_store

Item = dict[str, Any]
T = TypeVar("T")

CREDENTIAL = "platform.credential"
CUSTOMER = "platform.customer"
INTEGRATION = "accounts.integrationuseragent"

CHUNK = 10_000
"""Rows of one transaction when many are inserted."""


def run(work: Coroutine[Any, Any, T]) -> T:
    """The result of a coroutine, whatever loop this thread may have."""
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, work).result()


def context(store: Store, sample: SampleCustomer) -> Context:
    """The surroundings of our own work on a customer's items: no credential is involved."""
    caller = replace(caller_of(sample, sample.first_integration), kind=OPERATOR)
    return Context(store, caller, clock(), new_id, rechecked=False)


def change(database: str, sample: SampleCustomer, name: str, pk: str, **values: Any) -> None:
    """Change a stored item as an operator does: in one transaction, with a new revision."""

    async def work() -> None:
        async with open_store(database) as store:
            resource = store.registry.resources[name]
            await write.update(context(store, sample), resource, pk, values)

    run(work())


def credentials(database: str, sample: SampleCustomer, integration: str) -> list[Item]:
    """The stored credentials of an integration, the oldest first."""

    async def work() -> list[Item]:
        async with open_store(database) as store:
            resource = store.registry.resources[CREDENTIAL]
            query = Query(filters=(Filter("integration", "", False, integration),))
            async with read.export(context(store, sample), resource, query) as export:
                return [item async for chunk in export.chunks for item in chunk]

    return run(work())


def insert_copies(database: str, sample: SampleCustomer, name: str, number: int) -> None:
    """Insert copies of the first of a customer's items, each with an id of its own."""

    async def work() -> None:
        async with open_store(database) as store:
            resource = store.registry.resources[name]
            (item, *_) = sample.items[name]
            now = clock()
            for start in range(0, number, CHUNK):
                ids = [new_id() for _ in range(min(CHUNK, number - start))]
                copies = [{**item, "id": pk, "created_at": now, "custom_id": pk} for pk in ids]
                rows = [new_row(resource, sample.id, copy, now=now, revision=1) for copy in copies]
                async with store.database.transaction(long=True) as connection:
                    await store.row_writer.insert(connection, resource, rows)

    run(work())


def insert_customer(database: str, sample: SampleCustomer, name: str) -> None:
    """Insert a customer with this name."""

    async def work() -> None:
        async with open_store(database) as store:
            resource = store.registry.resources[CUSTOMER]
            await write.create(context(store, sample), resource, {"name": name})

    run(work())
