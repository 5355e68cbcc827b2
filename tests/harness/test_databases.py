"""Each database that is described is one that tests run on."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from portvakt.storage.databases.opening import open_database
from tests.support.databases import KINDS
from tests.support.small_pages import DATABASE, PAGE_SIZE
from tests.support.store_fixtures import ready_store

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("database_url", KINDS, indirect=True)
async def test_a_description_names_the_dialect(
    database_url: str, request: pytest.FixtureRequest
) -> None:
    """The dialect of a kind is that of the stores on it."""
    async with ready_store(database_url) as store:
        described = KINDS[request.node.callspec.params["database_url"]].dialect
        assert store.dialect.name == described


async def test_what_is_described_is_what_is_made(
    request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    """A description makes the database that it says: here one of small pages, without tables."""
    with DATABASE.empty(request, tmp_path) as url:
        database = await open_database(url)
        try:
            assert await database.fetch("PRAGMA page_size") == [(PAGE_SIZE,)]
            assert await database.fetch("SELECT name FROM sqlite_schema") == []
        finally:
            await database.close()


@pytest.mark.slow
def test_a_further_database_runs_the_tests_of_storage() -> None:
    """`PORTVAKT_TEST_DATABASE` names one, and each test of a store runs on it too."""
    done = subprocess.run(
        [
            *(sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider"),
            *("-k", DATABASE.name, "tests/storage/databases/test_unreadable.py"),
        ],
        cwd=ROOT,
        env={**os.environ, "PORTVAKT_TEST_DATABASE": "tests.support.small_pages:DATABASE"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout
    assert re.search(r"^[1-9]\d* passed", done.stdout, re.MULTILINE)
