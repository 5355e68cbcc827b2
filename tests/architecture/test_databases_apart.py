"""In which way databases differ is known in few places: nobody else asks which one it is."""

from __future__ import annotations

import ast
import re

import pytest

from tests.architecture.sources import ARCHITECTURE, MAY_ASK, entry, names, table, texts, trees

BULK_WRITES = {
    "storage/sql/dialects.py",
    "storage/statements/row_writer.py",
    "storage/statements/decision_writer.py",
    "storage/events/events.py",
}
"""Where it matters whether many rows are written fastest as lists in one statement."""

NAME = re.compile(r"sqlite|postgres|asyncpg|citus", re.IGNORECASE)
TEXT = re.compile(r"^(sqlite|postgresql)$|\bpg_|\bjson_each\b|\bpragma\b|\$\d", re.IGNORECASE)
"""What only one of them understands, or is: SQL of its own, a numbered placeholder, its name."""


def asks(tree: ast.AST) -> bool:
    """Whether a module names one of the databases, an adapter or a driver, or speaks its SQL."""
    return any(map(NAME.search, names(tree))) or any(map(TEXT.search, texts(tree)))


def test_only_these_modules_ask_which_database_it_is() -> None:
    """Each of them does, and no other."""
    found = {entry(path, MAY_ASK) or path for path, tree in trees().items() if asks(tree)}
    assert found == MAY_ASK.keys()


@pytest.mark.parametrize(
    "source",
    [
        "if dialect.name == 'postgresql': pass",
        "TEXTS = {'sqlite': '', 'other': ''}",
        "isinstance(address, SqliteAddress)",
        "from portvakt.storage.databases.postgresql import PostgresqlDatabase as Other",
        "import asyncpg",
        "Index('name', sqlite_where=None)",
        "f'SELECT 1 FROM {table} WHERE id = $1'",
    ],
)
def test_such_a_question_would_be_found(source: str) -> None:
    """In whatever form it is asked."""
    assert asks(ast.parse(source))


def test_only_bulk_writes_ask_how_many_rows_are_written() -> None:
    """Nobody takes a database that writes lists for one with numbered placeholders, say."""
    found = {path for path, tree in trees().items() if "many_at_once" in {*names(tree)}}
    assert found == BULK_WRITES


def test_architecture_shows_who_may_ask() -> None:
    """The same modules, with the same reasons."""
    rows = [(f"`{path}`", why) for path, why in MAY_ASK.items()]
    assert table(("module", "what for"), rows) in ARCHITECTURE
