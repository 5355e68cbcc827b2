"""Whether the role of a server may do in the tables what a server has to do there."""

from __future__ import annotations

from portvakt.errors import Cause, DatabaseUnavailable
from portvakt.schema.registry import Registry
from portvakt.storage.databases.interface import Database
from portvakt.storage.sql.dialects import DIALECTS
from portvakt.storage.sql.tables import tables_of

_ADD = ("SELECT", "INSERT")
_CHANGE = ("UPDATE", "DELETE")
_SHOWN = 3  # of what is lacking: one GRANT mends all of it


async def check(database: Database, registry: Registry) -> None:
    """Return if the role has the rights that docs/how-to/run-in-production.md gives it.

    Raises `DatabaseUnavailable`, which says what to grant. SQLite has no roles.
    """
    statement = DIALECTS[database.name].lacking_rights
    if not statement:
        return
    tables = tables_of(registry)
    needed = [
        (table.name, right)
        for table in tables.metadata.sorted_tables
        for right in (_ADD if table.name in tables.append_only else _ADD + _CHANGE)
    ]
    names, rights = zip(*needed, strict=True)
    lacking = await database.fetch(statement, (names, rights))
    if lacking:
        role, schema = lacking[0][0], lacking[0][1]
        shown = ", ".join(f"{right} on {name}" for _, _, right, name in lacking[:_SHOWN])
        more = f" and {len(lacking) - _SHOWN} more" if len(lacking) > _SHOWN else ""
        raise DatabaseUnavailable(
            f"The role {role} lacks {shown}{more}. As the tables' owner: GRANT SELECT, INSERT,"
            f" UPDATE, DELETE ON ALL TABLES IN SCHEMA {schema} TO {role}",
            Cause.no_right,
        )
