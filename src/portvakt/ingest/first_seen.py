"""Remembers which of many came first with the same values, without keeping them in memory."""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Sequence
from types import TracebackType
from typing import Any

from portvakt.errors import DatabaseUnavailable

_BEGINNING = (
    "PRAGMA cache_size = -4096",  # KiB
    "PRAGMA journal_mode = OFF",
    "CREATE TABLE seen (digest BLOB PRIMARY KEY, number INTEGER NOT NULL) WITHOUT ROWID",
    "BEGIN",  # never committed: only its end costs time
)


class FirstSeen:
    """The number of the first that had some values, for as long as its block lasts.

    A digest of each is kept in a temporary file of SQLite, which is gone when its process is.
    """

    def __enter__(self) -> FirstSeen:
        self._driver = sqlite3.connect("", isolation_level=None)
        try:
            for statement in _BEGINNING:
                self._driver.execute(statement)
        except sqlite3.Error as error:
            self._driver.close()
            raise _unavailable(error) from error
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._driver.close()

    def first(self, values: Sequence[Any], number: int) -> int:
        """The number of the first that had these values: this one's, if none had.

        Raises `DatabaseUnavailable` where the disk is full.
        """
        digest = hashlib.blake2b(repr(values).encode("utf-8", "surrogatepass"), digest_size=16)
        key = digest.digest()
        try:
            new = self._driver.execute(
                "INSERT INTO seen (digest, number) VALUES (?, ?) ON CONFLICT DO NOTHING",
                (key, number),
            )
            if new.rowcount == 1:
                return number
            known = self._driver.execute("SELECT number FROM seen WHERE digest = ?", (key,))
            return int(known.fetchone()[0])
        except sqlite3.Error as error:
            raise _unavailable(error) from error


def _unavailable(error: sqlite3.Error) -> DatabaseUnavailable:
    return DatabaseUnavailable(f"Can't write a temporary file: {error}")
