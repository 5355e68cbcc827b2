"""Which steps of the schema's history a database has, and whether that fits this program.

The steps are the files in `migrations/versions`. Alembic writes the name of the last one that was
taken into a table of its own; here it is only read. `storage.migrate` takes the steps.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

from portvakt.errors import SchemaOutdated
from portvakt.storage.database import Database

FOLDER = Path(__file__).parent / "migrations"

VERSION_TABLE = "alembic_version"
_TABLE_EXISTS = {
    "sqlite": f"SELECT count(*) FROM pragma_table_list('{VERSION_TABLE}')",  # noqa: S608
    "postgresql": f"SELECT count(to_regclass('{VERSION_TABLE}'))",
}


@cache
def history() -> tuple[str, ...]:
    """The names of all steps that this program knows, oldest first."""
    # Only here: a program that needs no migration starts faster without it.
    from alembic.script import ScriptDirectory

    steps = ScriptDirectory(str(FOLDER)).walk_revisions()
    return tuple(step.revision for step in steps)[::-1]


def missing(taken: str | None) -> list[str]:
    """The steps after `taken` (None: all of them), oldest first.

    Raises `SchemaOutdated` if this program doesn't know `taken`.
    """
    known = history()
    if taken is None:
        return list(known)
    if taken not in known:
        raise SchemaOutdated(
            f"The database is newer than this program: its schema is at {taken}, and this program"
            f" knows the steps up to {known[-1]}. Use a program at least as new as the one that"
            " ran `portvakt migrate` on it."
        )
    return list(known[known.index(taken) + 1 :])


async def pending(database: Database) -> list[str]:
    """The steps that an open database lacks, oldest first.

    Raises `SchemaOutdated` if the database is newer than this program, or `DatabaseUnavailable`.
    """
    found = await database.fetch(_TABLE_EXISTS[database.name])
    if not found[0][0]:
        return missing(None)
    rows = await database.fetch(f"SELECT version_num FROM {VERSION_TABLE}")  # noqa: S608
    return missing(rows[0][0] if rows else None)


async def is_empty(database: Database) -> bool:
    """Whether an open database has none of our tables yet. Raises as `pending`."""
    return await pending(database) == list(history())


async def check(database: Database) -> None:
    """Return if the schema of an open database is the one that this program needs.

    Raises `SchemaOutdated`, whose message says what to do, or `DatabaseUnavailable`.
    """
    lacking = await pending(database)
    if lacking:
        raise SchemaOutdated(
            f"The database's schema is older than this program: it lacks {', '.join(lacking)}."
            " Type `portvakt migrate`."
        )
