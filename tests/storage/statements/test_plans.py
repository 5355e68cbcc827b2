"""How the databases reach the rows of the statements that are measured: `tests/golden/plans_*.txt`.

A plan depends on how many rows there are, so some thousands are loaded first. Only how each table
that grows is reached is written down: costs, joins and small tables differ between versions.
`UPDATE_GOLDEN=1` writes the files anew.

How parts of texts are found depends on whether PostgreSQL has its extensions: the file says both,
and here the one is compared that this PostgreSQL can do.
"""

from __future__ import annotations

import asyncio
import os
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from benchmarks.capture import Captured, Operations
from benchmarks.data import Size
from benchmarks.seeding import seed
from benchmarks.workloads import Requests
from portvakt.access.credentials import new_key
from portvakt.resources import load
from portvakt.storage.databases.opening import open_database
from portvakt.storage.databases.postgresql_marks import PLANNED_ANEW
from portvakt.storage.migrations.trigram_indexes import make_indexes

pytestmark = pytest.mark.slow

GOLDEN = Path(__file__).parents[2] / "golden"
SIZE = Size(20_000, 8_000)
KEYS = f"1:{new_key()}"
PARTS = {
    True: "search for a part of a text",
    False: "search for a part of a text, without an index of trigrams",
}
LARGE = ("answeredintegration", "decision", "accounts_tenant", "accounts_subtenant")
"""Parts of the names of tables that grow."""

_POSTGRESQL = re.compile(
    r"((?:Parallel )?(?:Bitmap |Seq |Index )[\w ]*Scan)(?: Backward)?"
    r"(?: using (\w+))?(?: on (\w+))?"
)
_SQLITE = re.compile(r"(SCAN|SEARCH) (\w+)(?: USING (?:COVERING )?INDEX (\w+))?")


@pytest.fixture(scope="module")
def operations(module_database_url: str) -> Operations:
    """The operations on a database with some thousand rows."""
    callers = seed(module_database_url, KEYS, SIZE, lambda _, __: None)
    asyncio.run(make_indexes(module_database_url, load()))
    return Operations(module_database_url, KEYS, Requests(callers, SIZE))


def test_plans_are_as_written_down(operations: Operations, module_database_url: str) -> None:
    """Each measured statement reaches its rows as it did, and no growing table row by row."""
    kind = module_database_url.partition(":")[0]
    plans = "\n".join(asyncio.run(described(operations, module_database_url)))
    scanned = [line for line in plans.splitlines() if re.search("Seq Scan|^ *SCAN", line)]
    assert scanned == []
    file = GOLDEN / f"plans_{kind}.txt"
    found, written = sections(plans), sections(file.read_text())
    if os.environ.get("UPDATE_GOLDEN"):
        written = {**found, **{name: written[name] for name in PARTS.values() if name in written}}
        written |= found
        file.write_text("".join(f"{name}:\n{lines}\n" for name, lines in written.items()))
    if kind == "postgresql":
        assert written.keys() >= set(PARTS.values())
    others = set(PARTS.values()) - found.keys()
    assert {name: lines for name, lines in written.items() if name not in others} == found


def sections(text: str) -> dict[str, str]:
    """The lines of each operation, by its name."""
    parts = re.split(r"^(\S.*):$", text, flags=re.MULTILINE)[1:]
    return {name: lines.strip("\n") for name, lines in zip(parts[::2], parts[1::2], strict=True)}


def captured(operations: Operations) -> Iterator[tuple[str, Captured]]:
    """The measured operations, and what each runs."""
    yield "W1 get", operations.gets()[0]
    yield "W2 list", operations.lists()[0]
    yield "list by the start of custom_id", operations.starts()
    parts = operations.parts()
    yield PARTS[parts.statements[-1].sql.startswith(PLANNED_ANEW)], parts
    yield "W4 create", operations.creates()[0]
    yield "W5 bulk write", operations.bulk(5)


async def described(operations: Operations, url: str) -> list[str]:
    """A line for each table that each statement reaches."""
    # Outside of the running loop, where `Operations` has one of its own.
    all_captured = await asyncio.to_thread(lambda: list(captured(operations)))
    lines = []
    database = await open_database(url, pool_size=1)
    try:
        async with database.transaction() as connection:
            for name, found in all_captured:
                lines.append(f"{name}:")
                for number, ran in enumerate(found.statements, start=1):
                    values = ran.rows[0] if ran.rows else ran.values
                    lines.append(f"  statement {number}")
                    explain = "EXPLAIN QUERY PLAN " if database.name == "sqlite" else "EXPLAIN "
                    rows = await connection.fetch(explain + ran.sql, values)
                    lines += reached([str(row[-1]) for row in rows])
    finally:
        await database.close()
    return lines


def reached(plan: list[str]) -> list[str]:
    """How each table that grows is reached, each way once."""
    found = set()
    for line in plan:
        if match := _POSTGRESQL.search(line):
            how, index, table = match.groups()
            found.add(f"    {how.strip()} {' '.join(filter(None, (table, index)))}")
        elif match := _SQLITE.search(line):
            how, table, index = match.groups()
            found.add(f"    {how} {table} {index or ''}".rstrip())
    return sorted(line for line in found if any(name in line for name in LARGE))
