"""Which steps of the schema's history a database has, and whether that fits this program.

The steps are the files in `migrations/versions`, in the order of their numbers. The name of the
last one that was taken stands in the one row of a table. `migrate` takes the steps.
"""

from __future__ import annotations

from pathlib import Path

from portvakt.errors import Cause, DatabaseUnavailable, SchemaOutdated
from portvakt.schema.known import CUSTOMERS
from portvakt.storage.databases.interface import Connection, Database
from portvakt.storage.sql.tables import table_named

STEPS = Path(__file__).parent / "versions"

TABLE = "schema_version"
_LAST = f"SELECT step FROM {TABLE}"  # noqa: S608 - our own name

_EXISTS = {
    "sqlite": "SELECT count(*) FROM pragma_table_list('{}')",
    "postgresql": "SELECT count(to_regclass('{}'))",
}
_EARLIER = table_named(CUSTOMERS)  # there from the first day on

_FROM_BEFORE = (
    "The database was made by a version of Portvakt from before its first release, and no step"
    " leads on from there. Keep what you need with the program that made it (`portvakt item list"
    " --jsonl`), then name an empty database and type `portvakt migrate`."
)


def history(steps: Path = STEPS) -> tuple[str, ...]:
    """The names of all steps in a folder, oldest first."""
    return tuple(sorted({path.name.partition(".")[0] for path in steps.glob("[0-9]*.*")}))


def missing(taken: str | None, steps: Path = STEPS) -> list[str]:
    """The steps after `taken` (None: all of them), oldest first.

    Raises `SchemaOutdated` if this program doesn't know `taken`.
    """
    known = history(steps)
    if taken is None:
        return list(known)
    if taken not in known:
        raise SchemaOutdated(
            f"The database is newer than this program: its schema is at {taken}, and this program"
            f" knows the steps up to {known[-1]}. Use a program at least as new as the one that"
            " ran `portvakt migrate` on it."
        )
    return list(known[known.index(taken) + 1 :])


async def pending(
    database: Database, steps: Path = STEPS, connection: Connection | None = None
) -> list[str]:
    """The steps that an open database lacks, oldest first; read on a connection of it, if given.

    Raises `SchemaOutdated` if the database is newer than this program, or from before the first
    release; or `DatabaseUnavailable`.
    """
    source, exists = connection or database, _EXISTS[database.name]
    if (await source.fetch(exists.format(TABLE)))[0][0]:
        return missing((await source.fetch(_LAST))[0][0], steps)
    if (await source.fetch(exists.format(_EARLIER)))[0][0]:
        raise SchemaOutdated(_FROM_BEFORE)
    if database.name == "postgresql":
        await _check_may_use(source)
    return missing(None, steps)


async def _check_may_use(source: Connection | Database) -> None:
    """Raises `DatabaseUnavailable` with the mend if the role may use no schema.

    It sees no table then.
    """
    ((role, schema),) = await source.fetch("SELECT quote_ident(current_user), current_schema()")
    if schema is None:
        raise DatabaseUnavailable(
            f"The role {role} may use no schema of its search_path. As the owner of the schema:"
            f" GRANT USAGE ON SCHEMA public TO {role}",
            Cause.no_right,
        )


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
