"""A further kind of database, described as one outside this repository is: SQLite in small pages.

PORTVAKT_TEST_DATABASE=tests.support.small_pages:DATABASE
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from tests.support.database_kind import DatabaseKind

PAGE_SIZE = 1024


@contextmanager
def _empty(_: pytest.FixtureRequest, folder: Path) -> Iterator[str]:
    path = (folder / "small.db").absolute()
    with closing(sqlite3.connect(path)) as connection:
        connection.execute(f"PRAGMA page_size = {PAGE_SIZE}")
        connection.execute("VACUUM")  # writes the file's head, which keeps the size
    yield f"sqlite:///{path}"


DATABASE = DatabaseKind("small_pages", "sqlite", _empty)
