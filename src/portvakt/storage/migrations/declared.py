"""What the declarations say that a database holds, as SQL by name."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from sqlalchemy.engine import Dialect as CoreDialect
from sqlalchemy.schema import CreateIndex, CreateTable

from portvakt.storage.migrations.forms import split
from portvakt.storage.sql.dialects import DIALECTS
from portvakt.storage.sql.tables import Tables


class Table(NamedTuple):
    """The columns and constraints of a table, and the statements that make its indexes."""

    parts: dict[str, str]
    indexes: dict[str, str]


def declared(tables: Tables, dialect: str) -> dict[str, Table]:
    """The tables that are declared, each after those that it refers to."""
    core = _quoting_alike(dialect)
    found = {}
    for table in tables.metadata.sorted_tables:
        indexes = sorted(table.indexes, key=lambda index: str(index.name))
        found[table.name] = Table(
            parts_of(str(CreateTable(table).compile(dialect=core))),
            {str(index.name): str(CreateIndex(index).compile(dialect=core)) for index in indexes},
        )
    return found


def _quoting_alike(dialect: str) -> CoreDialect:
    """What writes SQL for a database, and quotes each name that needs it on one of them."""
    core = type(DIALECTS[dialect].core)()
    reserved = (each.core.identifier_preparer.reserved_words for each in DIALECTS.values())
    core.identifier_preparer.reserved_words = set().union(*reserved)
    return core


def parts_of(table: str) -> dict[str, str]:
    """The columns and constraints of a CREATE TABLE by name."""
    return {_name(part.split()): part for part in split(table)}


def _name(words: list[str]) -> str:
    return words[1] if words[0] == "CONSTRAINT" else words[0]


def create(table: str, parts: Iterable[str], dialect: str) -> str:
    """The text of a CREATE TABLE with a line for each of its parts; on SQLite a strict one."""
    body = ",\n    ".join(parts)
    return f"CREATE TABLE {table} (\n    {body}\n)" + (" STRICT" if dialect == "sqlite" else "")
