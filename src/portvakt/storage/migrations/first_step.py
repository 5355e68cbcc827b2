"""Writes the first step: all that an empty database gets, as SQL for administrators to read."""

from __future__ import annotations

from collections.abc import Iterator

from portvakt.storage.migrations.declared import create, declared
from portvakt.storage.migrations.schema_version import TABLE
from portvakt.storage.sql.ledger_tables import all_guards
from portvakt.storage.sql.tables import Tables

NAME = "0001_first_release"

_HEAD = """\
-- What an empty database of {database} gets from `portvakt migrate`, in one transaction.
--
-- A table is named after its resource, APPLICATION_MODEL. NAME_folded holds a text as comparisons
-- that ignore case need it, NAME_digest the digest of a long one, TABLE_past all versions of rows.
-- {table} says which step of the schema's history was taken last.
--
-- Written from the declarations by `portvakt generate first-step`; never changed after its release.
"""
_DATABASES = {"sqlite": "SQLite", "postgresql": "PostgreSQL"}


def first_step(tables: Tables, dialect: str) -> str:
    """The file for one of the databases."""
    paragraphs = (
        "".join(f"{statement};\n" for statement in paragraph)
        for paragraph in _paragraphs(tables, dialect)
    )
    return "\n".join([_HEAD.format(database=_DATABASES[dialect], table=TABLE), *paragraphs])


def _paragraphs(tables: Tables, dialect: str) -> Iterator[list[str]]:
    for name, table in declared(tables, dialect).items():
        yield [create(name, table.parts.values(), dialect), *table.indexes.values()]
    yield all_guards(dialect, tables.append_only)
    version = create(TABLE, ["step TEXT NOT NULL"], dialect)
    yield [version, f"INSERT INTO {TABLE} (step) VALUES ('{NAME}')"]  # noqa: S608 - our own names
