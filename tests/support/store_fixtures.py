"""Databases and stores to test with; and a PostgreSQL that a test may stop and start."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AsyncExitStack, ExitStack, asynccontextmanager
from itertools import count
from pathlib import Path
from typing import NamedTuple

import pytest
import pytest_asyncio

from portvakt.resources import load
from portvakt.storage.databases.interface import Database
from portvakt.storage.databases.opening import open_database
from portvakt.storage.migrations.distribution import distribute
from portvakt.storage.store import Store
from tests.support.databases import DATABASES, empty_database
from tests.support.postgresql_cluster import Cluster
from tests.support.stores import Customer, create_schema, seed_platform, two_customers


@pytest.fixture(scope="session")
def cluster() -> Iterator[Cluster]:
    """A running PostgreSQL; a test that stops it starts it again."""
    made = Cluster()
    try:
        made.start()
        yield made
    finally:
        made.remove()


@pytest_asyncio.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    """An open, empty database."""
    opened = await open_database(database_url)
    yield opened
    await opened.close()


MakeUrl = Callable[[], str]


@pytest.fixture(params=DATABASES)
def make_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[MakeUrl]:
    """Gives the URL of another empty database each time; the test runs on each kind."""
    folders = (tmp_path / f"database{number}" for number in count())  # none of them is there
    with ExitStack() as stack:
        yield lambda: stack.enter_context(empty_database(request, next(folders)))


# --- stores --------------------------------------------------------------------------------------


class OpenStores(NamedTuple):
    """Stores that are open, by kind, and what closes them."""

    stack: AsyncExitStack
    stores: dict[str, Store]


FIRST: dict[str, Store] = {}
"""The first store of each kind of database. None has indexes of trigrams yet."""


@asynccontextmanager
async def ready_store(url: str) -> AsyncIterator[Store]:
    """A store with all tables in the empty database at `url`."""
    opened = await open_database(url, synchronous="NORMAL")
    try:
        made = Store(opened, load())
        if not opened.distributed:  # the same for all: each statement is built once a process
            first = FIRST.setdefault(opened.name, made)
            made.statements = first.statements
            made.row_writer, made.decision_writer = first.row_writer, first.decision_writer
        await create_schema(made)
        if opened.distributed:
            await distribute(url, made.registry)
        await seed_platform(made)
        yield made
    finally:
        await opened.close()


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def open_stores() -> AsyncIterator[OpenStores]:
    """The stores of one file's tests, by kind; they stay open however pytest orders the tests."""
    async with AsyncExitStack() as stack:
        yield OpenStores(stack, {})


@pytest_asyncio.fixture(scope="module", loop_scope="module", params=DATABASES)
async def store(
    request: pytest.FixtureRequest,
    open_stores: OpenStores,
    tmp_path_factory: pytest.TempPathFactory,
) -> Store:
    """A store, shared by the tests of one file; they run on each database."""
    stack, stores = open_stores
    if request.param not in stores:
        folder = tmp_path_factory.mktemp(request.param)
        url = stack.enter_context(empty_database(request, folder))
        stores[request.param] = await stack.enter_async_context(ready_store(url))
    return stores[request.param]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def postgresql_store(module_postgres_database: str) -> AsyncIterator[Store]:
    """A store on PostgreSQL for the tests of one file that are about it alone."""
    async with ready_store(module_postgres_database) as made:
        yield made


@pytest_asyncio.fixture(loop_scope="module")
async def customers(store: Store) -> tuple[Customer, Customer]:
    """Two fresh customers, alike but for their ids."""
    return await two_customers(store)


@pytest.fixture
def customer(customers: tuple[Customer, Customer]) -> Customer:
    """The first of them: the one whose requests are tested."""
    return customers[0]


@pytest.fixture
def stranger(customers: tuple[Customer, Customer]) -> Customer:
    """The second: the one whose data nobody else may touch or see."""
    return customers[1]
