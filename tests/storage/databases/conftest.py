"""A database with a thousand things."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest_asyncio

from portvakt.storage.databases.interface import Database
from tests.storage.databases.things import TABLES, add


@pytest_asyncio.fixture
async def filled(database: Database) -> AsyncIterator[Database]:
    """A database with the tables, and 1,000 things."""
    async with database.transaction() as connection:
        for statement in TABLES.split(";\n"):
            if statement.strip():
                await connection.execute(statement)
        await add(database, connection, *range(1000))
    yield database
