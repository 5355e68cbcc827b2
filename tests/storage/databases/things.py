"""A table of things, to try databases with."""

from __future__ import annotations

import asyncio
import time
from typing import Any

from portvakt.storage.databases.interface import Connection, Database

TABLES = """
CREATE TABLE parent (id INTEGER, CONSTRAINT pk_parent PRIMARY KEY (id));
CREATE TABLE thing (
    id INTEGER NOT NULL,
    kind INTEGER,
    name TEXT,
    parent_id INTEGER,
    CONSTRAINT pk_thing PRIMARY KEY (kind, id),
    CONSTRAINT uq_thing_name UNIQUE (name),
    CONSTRAINT ck_thing_id CHECK (id >= 0),
    CONSTRAINT fk_thing_parent FOREIGN KEY (parent_id) REFERENCES parent (id)
);
CREATE UNIQUE INDEX ix_thing_kind_parent ON thing (kind, parent_id);
"""
INSERT = "INSERT INTO thing (kind, id, name) VALUES (1, {}, {})"
COUNT = "SELECT count(*) FROM thing"


def sql(database: Database, text: str) -> str:
    """`text` with the placeholders of this database in place of `{}`."""
    marks = ["?" if database.name == "sqlite" else f"${n}" for n in range(1, 100)]
    return text.format(*marks)


async def add(database: Database, connection: Connection, *ids: int) -> None:
    """Insert a thing for each of `ids`."""
    rows = [(i, f"thing {i}") for i in ids]
    await connection.execute_many(sql(database, INSERT), rows)


async def count(source: Database | Connection) -> Any:
    """How many things there are."""
    return (await source.fetch(COUNT))[0][0]


async def longest_gap(work: Any) -> float:
    """The longest time for which the event loop stood still while `work` ran."""
    task, longest, last = asyncio.ensure_future(work), 0.0, time.perf_counter()
    while not task.done():
        await asyncio.sleep(0.001)
        now = time.perf_counter()
        longest, last = max(longest, now - last), now
    await task
    return longest
