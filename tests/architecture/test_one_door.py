"""Rows of customers are reached through one door (`row_security`), whoever asks for them."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

import pytest

from tests.architecture.sources import ARCHITECTURE, MAY_ASK, entry, table, texts, trees
from tests.architecture.statements import kinds, methods

READS = {"select", "exists", "union", "union_all", "text", "table", "lambda_stmt"}
"""What SQLAlchemy's statements that read begin with, and ways to write SQL as plain text."""

BEGINS = READS | {"insert", "update", "delete"}

MAY_BEGIN = {
    "storage/row_security/row_security.py": ("select", "whatever is read of a resource"),
    "storage/row_security/past_rows.py": ("exists, select", "the same, as of a past moment"),
    "storage/row_security/credential_checks.py": (
        "exists, select",
        "whether who asks is who was verified",
    ),
    "storage/row_security/reach.py": (
        "exists, select",
        "conditions of the door; what an item is a part of",
    ),
    "storage/row_security/reach_together.py": (
        "select, union, union_all",
        "the same, in their other form",
    ),
    "storage/row_security/masking.py": ("exists, select", "conditions on what is shown of a row"),
    "storage/row_security/view.py": (
        "exists, select",
        "what is shown of a row: the items that it refers to",
    ),
    "storage/sql/dialects.py": (
        "insert, select",
        "rows that come in as parameters, as a table",
    ),
    "storage/sql/tables.py": ("table", "what is read: the declared tables"),
    "storage/statements/writes.py": ("delete, insert, update", "writes, on the door's conditions"),
    "storage/statements/versions.py": ("insert, update", "writes, where versions are kept"),
    "storage/statements/decisions.py": ("delete", "writes, of which answers decide"),
    "storage/statements/past_decisions.py": ("insert", "writes, of which answers decided"),
}
"""The modules that may begin a statement, how by SQLAlchemy, and what."""

OWN_TABLES = {
    "storage/events/events.py",
    "storage/events/seals.py",
    "storage/statements/idempotency_keys.py",
}
"""Where statements on tables that belong to no resource stand, as text."""

AS_TEXT = re.compile(r"\s*(SELECT|INSERT INTO|UPDATE|DELETE FROM|WITH)\s")

GUARDS = {
    "row_security.select",
    "row_security.allowed",
    "row_security.given",
    "reach.ancestors",
    "of_customer",
}
WITHOUT_ROWS = {
    "credential_checks.recheck",
    "credential_checks.claims",
    "credential_checks.tokens",
    "credential_checks.customer",
    "sa.insert",
    "self.dialect.insert",
    "past_rows.decided_then",
    "past_rows.last_change",
    "past_rows.of_pairs",
}
"""What reads no rows of a resource for a caller: proofs, rows that are only written, decisions."""


def calls(tree: ast.AST) -> Iterator[str]:
    """The dotted names of all that is called or passed on, such as `sa.select`."""
    for node in ast.walk(tree):
        if isinstance(node, (ast.Attribute, ast.Name)):
            yield ast.unparse(node)


def sqlalchemy_names(tree: ast.AST) -> dict[str, str]:
    """What a module calls SQLAlchemy and its parts -> what they are."""
    names: dict[str, str] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                if alias.name.partition(".")[0] == "sqlalchemy":
                    names[alias.asname or alias.name.partition(".")[0]] = ""
        elif isinstance(node, ast.ImportFrom) and (node.module or "").startswith("sqlalchemy"):
            names |= {alias.asname or alias.name: alias.name for alias in node.names}
    return names


def begins(tree: ast.AST) -> set[str]:
    """The ways in which a module begins a statement."""
    known = sqlalchemy_names(tree)
    found = {name for name in known.values() if name in BEGINS}
    for name in calls(tree):
        first, _, rest = name.partition(".")
        last = name.rpartition(".")[2]
        if first in known and rest and last in BEGINS:
            found.add(last)
    return found


def test_only_these_modules_begin_statements() -> None:
    """Each as it says, and no other: so nothing is read but through the door."""
    found: dict[str, set[str]] = {}
    for path, tree in trees().items():
        if how := begins(tree):
            found.setdefault(entry(path, MAY_BEGIN) or path, set()).update(how)
    told = {path: ", ".join(sorted(how)) for path, how in found.items()}
    assert told == {path: how for path, (how, _) in MAY_BEGIN.items()}


def test_sql_is_text_only_where_no_resource_is_read() -> None:
    """On tables that belong to none, and on what a database says of itself."""
    found = {path for path, tree in trees().items() if any(map(AS_TEXT.match, texts(tree)))}
    assert {path for path in found if not entry(path, MAY_ASK)} == OWN_TABLES


def test_architecture_shows_who_begins_statements() -> None:
    """The same modules, with the same reasons."""
    rows = [(f"`{path}`", how, why) for path, (how, why) in MAY_BEGIN.items()]
    assert table(("module", "begins", "what"), rows) in ARCHITECTURE


@pytest.mark.parametrize(
    "source",
    [
        "import sqlalchemy\nsqlalchemy.select(x)",
        "import sqlalchemy as sa\nrun = sa.select\nrun(x)",
        "import sqlalchemy as sa\nsa.sql.expression.select(x)",
        "from sqlalchemy import select as choose\nchoose(x)",
        "from sqlalchemy.sql import text\ntext('SELECT 1')",
        "import sqlalchemy.sql\nsqlalchemy.sql.text('SELECT 1')",
        "from sqlalchemy.dialects import sqlite\nsqlite.insert(x)",
        "import sqlalchemy as sa\nsa.delete(x)",
    ],
)
def test_other_ways_would_be_found(source: str) -> None:
    """However SQLAlchemy was imported."""
    assert begins(ast.parse(source))


def test_parameter_tables_name_no_stored_table() -> None:
    """The dialects know neither tables nor resources, so that they can't read any."""
    imported = {
        node.module
        for name in ("storage/sql/dialects.py", "storage/sql/ledger_dialects.py")
        for node in ast.walk(trees()[name])
        if isinstance(node, ast.ImportFrom)
    }
    stored = {name for name in imported if name and name.startswith("portvakt.storage")}
    assert stored == {"portvakt.storage.sql", "portvakt.storage.sql.ledger_dialects"}


def test_one_module_chooses_what_the_standby_is_read_for() -> None:
    """No other operation, and nothing that writes, can come upon it."""
    found = {
        path
        for path, tree in trees().items()
        for name in calls(tree)
        if name.endswith("store.replica")
    }
    assert found == {"operations/reading/read_source.py"}


def reached(name: str, known: dict[str, ast.FunctionDef]) -> set[str]:
    """What a method calls, itself or by the private methods that it calls."""
    found = set(calls(known[name]))
    group = name.partition(".")[0]
    for private in known:
        own = private.replace(group, "self", 1)
        if private != name and own.startswith("self._") and own in found:
            found |= reached(private, known)
    return found


@pytest.mark.parametrize("name", kinds())
def test_every_statement_goes_through_the_door(name: str) -> None:
    """Each asks the door for its conditions, unless it reads no rows for a caller."""
    found = reached(name, methods())
    assert found & (GUARDS | WITHOUT_ROWS), name
    if found & {"sa.update", "sa.delete"}:
        assert found & {"row_security.allowed", "of_customer"}
