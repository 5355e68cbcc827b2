"""Locks on what isn't there yet, which no row stands for: keys that a transaction looks for.

Whoever finds nothing creates, and where no constraint forbids it two would. On PostgreSQL a
transaction therefore takes a lock on the keys before it looks. However many keys there are, they
share a few locks, as all transactions together have room for some thousands. SQLite has one writer
at a time.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Sequence
from typing import Any

from portvakt.storage.databases.interface import Connection
from portvakt.storage.sql.dialects import Dialect

SHARED = 64
"""The locks that all keys of one kind share."""


def place(key: Sequence[Any]) -> int:
    """Which of the shared locks a key has."""
    return _number(repr(tuple(key))) % SHARED


async def take(
    dialect: Dialect, connection: Connection, kind: Sequence[str], places: Collection[int]
) -> None:
    """Wait for these locks of a kind (whose keys, and of what), and hold them until the end.

    In one order, as every transaction does: then none waits in a circle.
    """
    if dialect.take_locks and places:
        numbers = sorted(_number("\0".join((*kind, str(one)))) for one in places)
        await connection.fetch(dialect.take_locks, (numbers,))


def _number(text: str) -> int:
    digest = hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).digest()
    return int.from_bytes(digest, "big", signed=True)
