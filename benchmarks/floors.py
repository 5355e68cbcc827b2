"""The floors: the same SQL text with nothing around it, in the server's place.

PostgreSQL: pgbench with prepared statements; where the server came without pgbench, a loop of
asyncpg, and the table says so. SQLite: a loop of the standard library's `sqlite3`.
"""

from __future__ import annotations

import asyncio
import itertools
import re
import sqlite3
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import asyncpg
import msgspec

from benchmarks.capture import Captured, Ran
from portvakt.app import new_id

_PRAGMAS = (
    "PRAGMA synchronous = FULL",
    "PRAGMA cache_size = -65536",
    "PRAGMA foreign_keys = ON",
)
_RATE = re.compile(r"^tps = ([0-9.]+)", re.MULTILINE)
_LATENCY = re.compile(r"^latency average = ([0-9.]+)", re.MULTILINE)


@dataclass(frozen=True)
class Floor:
    """How much goes through a second; `how` it was measured."""

    rate: float
    how: str


# --- PostgreSQL -------------------------------------------------------------------------------


def pgbench(
    program: str, url: str, captured: Sequence[Captured], clients: int, seconds: float
) -> Floor:
    """Transactions a second of a script; of several alike, each client runs another one."""
    variables: dict[str, str] = {}
    parts = urlsplit(url)
    with tempfile.TemporaryDirectory() as folder:
        script = Path(folder, "script.sql")
        script.write_text(_script(captured, variables))
        defined = [word for name, value in variables.items() for word in ("-D", f"{name}={value}")]
        done = subprocess.run(
            [
                *(program, "-n", "-M", "prepared"),
                *("-c", str(clients), "-T", str(max(1, round(seconds)))),
                *("-h", str(parts.hostname), "-p", str(parts.port), "-U", str(parts.username)),
                *(*defined, "-f", str(script), parts.path.strip("/")),
            ],
            capture_output=True,
            text=True,
            check=False,
        )
    if done.returncode or "ERROR" in done.stderr:
        raise RuntimeError(f"pgbench failed: {done.stderr[-2000:]}")
    found = _RATE.search(done.stdout)
    assert found
    return Floor(float(found[1]), "pgbench")


def _script(captured: Sequence[Captured], variables: dict[str, str]) -> str:
    """The statements in pgbench's words; values become variables.

    pgbench makes no UUIDs, so that one small statement more asks the server for new ids. There,
    too, each client takes the values in which the captured ones differ: writes of one and the same
    person would wait for each other.
    """
    first = captured[0]
    asked = {new: f"gen_random_uuid() AS new_{place}" for place, new in enumerate(first.new_ids)}
    names = {new: f"new_{place}" for place, new in enumerate(first.new_ids)}
    for alike in _places(captured):
        if _differ(alike) and alike[0] not in asked:
            name = names[alike[0]] = f"own_{len(names)}"
            variables[f"all_{name}"] = text(list(alike))
            asked[alike[0]] = f"((:all_{name})::text[])[:client_id + 1] AS {name}"
    lines = [f"SELECT {', '.join(asked.values())} \\gset"] if asked else []
    lines += ["BEGIN;"] if first.begun else []
    for place, ran in enumerate(first.statements):
        lines.append(_substituted(ran, f"v{place}_", variables, names) + ";")
    return "\n".join([*lines, *(["COMMIT;"] if first.begun else [])]) + "\n"


def _places(captured: Sequence[Captured]) -> Iterator[tuple[Any, ...]]:
    """The values of all that are alike, place by place; of a list of one, that one."""
    for alike in zip(*(one.statements for one in captured), strict=True):
        for values in zip(*(ran.first for ran in alike), strict=True):
            yield tuple(map(_single, values))


def _single(value: Any) -> Any:
    return value[0] if isinstance(value, list) and len(value) == 1 else value


def _differ(values: Sequence[Any]) -> bool:
    """Whether these are short texts, and not all the same; of a document the first will do."""
    plain = all(isinstance(value, str) and "{" not in value for value in values)
    return plain and len(set(values)) > 1


def _substituted(ran: Ran, prefix: str, variables: dict[str, str], names: Mapping[str, str]) -> str:
    def named(match: re.Match[str]) -> str:
        value = ran.first[int(match[1]) - 1]
        if value is None:
            return "NULL"
        if value == "":
            return "''"  # no variable of pgbench is empty
        if isinstance(value, str) and value in names:
            return f":{names[value]}"
        if isinstance(value, list) and _single(value) in names:
            return f"ARRAY[:{names[_single(value)]}]"
        variables[f"{prefix}{match[1]}"] = text(value)
        return f":{prefix}{match[1]}"

    return " ".join(re.sub(r"\$(\d+)", named, ran.sql).split())


def text(value: Any) -> str:
    """A value as PostgreSQL reads it."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list):
        return "{" + ",".join("NULL" if each is None else f'"{text(each)}"' for each in value) + "}"
    return str(value)


def asyncpg_loop(url: str, scripts: Sequence[Captured], clients: int, seconds: float) -> Floor:
    """The floor of reads measured by asyncpg; used where there is no pgbench."""
    return asyncio.run(_asyncpg_loop(url, scripts, clients, seconds))


async def _asyncpg_loop(
    url: str, scripts: Sequence[Captured], clients: int, seconds: float
) -> Floor:
    ends = time.perf_counter() + seconds
    done = 0

    async def client() -> None:
        nonlocal done
        connection = await asyncpg.connect(url)
        for captured in itertools.cycle(scripts):
            if time.perf_counter() > ends:
                break
            for ran in captured.statements:
                prepared = await connection.prepare(ran.sql)
                await prepared.fetch(*ran.values)
            done += 1
        await connection.close()

    began = time.perf_counter()
    await asyncio.gather(*(client() for _ in range(clients)))
    return Floor(done / (time.perf_counter() - began), "asyncpg loop")


def copy_rate(url: str, exported: Captured) -> Floor:
    """Rows a second of COPY TO from the export's statement."""
    return asyncio.run(_copy_rate(url, exported.statements[-1]))


async def _copy_rate(url: str, ran: Ran) -> Floor:
    connection = await asyncpg.connect(url, server_settings={"jit": "off"})
    try:

        async def drop(_: bytes) -> None:
            return

        sql = re.sub(r"\$(\d+)", lambda match: _quoted(ran.values[int(match[1]) - 1]), ran.sql)
        began = time.perf_counter()
        status = await connection.copy_from_query(sql, output=drop, format="text")
        return Floor(int(status.split()[1]) / (time.perf_counter() - began), "COPY")
    finally:
        await connection.close()


def _quoted(value: Any) -> str:
    return "NULL" if value is None else "'" + text(value).replace("'", "''") + "'"


def unnest_rate(url: str, captured: Captured, clients: int, times: int) -> Floor:
    """Rows a second of the bulk write's INSERTs alone, committed each time."""
    return asyncio.run(_unnest_rate(url, captured, clients, times))


async def _unnest_rate(url: str, captured: Captured, clients: int, times: int) -> Floor:
    inserts = [ran for ran in captured.statements if _inserts(ran)]
    done = 0

    async def client() -> None:
        nonlocal done
        connection = await asyncpg.connect(url)
        while done < times:
            done += 1
            fresh = _fresh(captured)
            async with connection.transaction():
                for insert in inserts:
                    await connection.execute(insert.sql, *_renewed_lists(insert, fresh))
        await connection.close()

    began = time.perf_counter()
    rows = len(captured.new_ids)
    await asyncio.gather(*(client() for _ in range(clients)))
    return Floor(rows * done / (time.perf_counter() - began), "bare unnest")


def _fresh(captured: Captured) -> dict[Any, str]:
    """A new id for each that is stored already."""
    return {old: new_id() for old in captured.new_ids}


def _renewed_lists(insert: Ran, fresh: dict[Any, str]) -> list[Any]:
    return [
        [fresh.get(each, each) for each in value]
        if isinstance(value, list) and value[0] in fresh
        else value
        for value in insert.values
    ]


def _inserts(ran: Ran) -> bool:
    return ran.sql.lstrip().startswith("INSERT INTO")


# --- SQLite -----------------------------------------------------------------------------------


def _open(path: str) -> sqlite3.Connection:
    connection = sqlite3.connect(path, isolation_level=None, cached_statements=512)
    for pragma in _PRAGMAS:
        connection.execute(pragma)
    return connection


def sqlite_loop(path: str, scripts: Sequence[Captured], seconds: float) -> Floor:
    """Scripts a second on one connection, their rows fetched."""
    connection = _open(path)
    ends = time.perf_counter() + seconds
    done = 0
    began = time.perf_counter()
    for captured in itertools.cycle(scripts):
        if time.perf_counter() > ends:
            break
        if captured.begun:
            connection.execute("BEGIN IMMEDIATE")
        old, new = _another(captured)
        for ran in captured.statements:
            connection.execute(ran.sql, _renewed(ran.first, old, new)).fetchall()
        if captured.begun:
            connection.execute("COMMIT")
        done += 1
    took = time.perf_counter() - began
    connection.close()
    return Floor(done / took, "sqlite3 loop")


def _another(captured: Captured) -> tuple[str, str]:
    """The id that is stored already, and another one for it; empty where there is none."""
    return (captured.new_ids[0], new_id()) if captured.new_ids else ("", "")


def _renewed(values: Sequence[Any], old: str, new: str) -> Sequence[Any]:
    """The values with the other id in place of the one that is stored already."""
    if not old:
        return values
    return [value.replace(old, new) if isinstance(value, str) else value for value in values]


def executemany_rate(path: str, captured: Captured, times: int) -> Floor:
    """Rows a second of the bulk write's INSERTs alone, committed each time."""
    inserts = [ran for ran in captured.statements if _inserts(ran)]
    connection = _open(path)
    took = 0.0
    for _ in range(times):
        fresh = _fresh(captured)
        renewed = [
            [[fresh.get(value, value) for value in row] for row in insert.rows or ()]
            for insert in inserts
        ]
        began = time.perf_counter()
        connection.execute("BEGIN IMMEDIATE")
        for insert, rows in zip(inserts, renewed, strict=True):
            connection.executemany(insert.sql, rows)
        connection.execute("COMMIT")
        took += time.perf_counter() - began
    connection.close()
    return Floor(len(captured.new_ids) * times / took, "bare executemany")


def rows_rate(path: str, exported: Captured) -> Floor:
    """Rows a second of the export's statement, fetched and encoded as JSON arrays."""
    connection = _open(path)
    encode = msgspec.json.Encoder().encode
    ran = exported.statements[-1]
    began = time.perf_counter()
    cursor = connection.execute(ran.sql, ran.values)
    rows = 0
    while chunk := cursor.fetchmany(100):
        rows += len(chunk)
        encode(chunk)
    took = time.perf_counter() - began
    connection.close()
    return Floor(rows / took, "sqlite3 rows as JSON arrays")
