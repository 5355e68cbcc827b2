"""Databases and stores to test with; and a PostgreSQL that a test may stop and start."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
import pytest_asyncio

from portvakt.resources import load
from portvakt.storage.database import Database, open_database
from portvakt.storage.distribution import distribute
from portvakt.storage.store import Store
from portvakt.storage.versions import VersionedStatements
from tests.conftest import DATABASES
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
def make_url(request: pytest.FixtureRequest, tmp_path: Path) -> MakeUrl:
    """Gives the URL of another empty database each time; the test runs on each kind."""
    if request.param == "sqlite":
        numbers = iter(range(10))
        return lambda: f"sqlite:///{tmp_path}/folder/{next(numbers)}.db"
    made: MakeUrl = request.getfixturevalue("make_postgres_database")
    return made


# --- stores --------------------------------------------------------------------------------------

STATEMENTS: dict[str, VersionedStatements] = {}
"""Those of the first store of each kind of database. None has indexes of trigrams yet."""


@asynccontextmanager
async def ready_store(url: str) -> AsyncIterator[Store]:
    """A store with all tables in the empty database at `url`."""
    opened = await open_database(url, synchronous="NORMAL")
    try:
        made = Store(opened, load())
        if not opened.distributed:  # the same for all: each statement is built once a process
            made.statements = STATEMENTS.setdefault(opened.name, made.statements)
        await create_schema(made)
        if opened.distributed:
            await distribute(url, made.registry)
        await seed_platform(made)
        yield made
    finally:
        await opened.close()


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def sqlite_store(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Store]:
    """A store on SQLite for the tests of one file."""
    folder = tmp_path_factory.mktemp("sqlite")
    async with ready_store(f"sqlite:///{folder / 'portvakt.db'}") as made:
        yield made


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def postgresql_store(module_postgres_database: str) -> AsyncIterator[Store]:
    """A store on PostgreSQL for the tests of one file."""
    async with ready_store(module_postgres_database) as made:
        yield made


@pytest.fixture(scope="module", params=DATABASES)
def store(request: pytest.FixtureRequest) -> Store:
    """A store, shared by the tests of one file; they run on each database.

    Both stay open until the file ends, however pytest orders its tests.
    """
    made: Store = request.getfixturevalue(f"{request.param}_store")
    return made


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
