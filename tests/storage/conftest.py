"""Databases to test with.

FOR NOW: `database_url` here is to be swapped for the shared fixture in tests/conftest.py.
`cluster` (a PostgreSQL that a test may stop and start) stays.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import pytest_asyncio
from postgresql_cluster import Cluster

from portvakt.storage.database import Database, open_database


@pytest.fixture(scope="session")
def cluster() -> Iterator[Cluster]:
    """A running PostgreSQL; a test that stops it starts it again."""
    made = Cluster()
    try:
        made.start()
        yield made
    finally:
        made.remove()


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The URL of an empty database: once SQLite, once PostgreSQL."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/portvakt.db"
    running: Cluster = request.getfixturevalue("cluster")
    running.sql("DROP SCHEMA public CASCADE; CREATE SCHEMA public")
    return running.url


@pytest_asyncio.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    """An open, empty database."""
    opened = await open_database(database_url)
    yield opened
    await opened.close()
