"""Rows of customers are reached through one door (`storage.door`), whoever asks for them."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.architecture.statements import kinds, methods

PACKAGE = Path(__file__).parents[2] / "src" / "portvakt"

DOOR = "storage/door.py"
TOGETHER = "storage/reach_together.py"  # the same, in their other form
REACH = "storage/reach.py"  # conditions that the door sets; and what an item is a part of
GATE = "storage/gate.py"  # likewise
VIEW = "storage/view.py"  # what the door shows of a row: the items that it refers to
PARAMETER_TABLES = "storage/dialects.py"  # rows that come in as parameters, and nothing stored
TABLES = "storage/tables.py"  # what is read: the declared tables

MIGRATIONS = ("storage/migrate.py", "storage/migrations/")

READS = {"select", "exists", "union", "union_all", "text", "table", "lambda_stmt"}
"""What SQLAlchemy's statements that read begin with, and ways to write SQL as plain text."""

GUARDS = {
    *("door.select", "door.allowed", "door.given", "reach.ancestors", "of_customer"),
    "of_persons",  # which calls `door.select`
}
WITHOUT_ROWS = {
    *("door.still_proven", "door.claims", "door.tokens", "door.customer"),
    *(
        "sa.insert",
        "decide",
        "decide_many",
        "withdraw",
        "door.decided_then",
        "door.last_change",
        "door.of_pairs",
    ),
}
"""What reads no rows of a resource for a caller: proofs, rows that are only written, decisions."""


def modules() -> list[Path]:
    """The modules of the package."""
    return sorted(PACKAGE.rglob("*.py"))


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


def reads(tree: ast.AST) -> set[str]:
    """The ways in which a module begins a statement that reads."""
    known = sqlalchemy_names(tree)
    found = {name for name in known.values() if name in READS}
    for name in calls(tree):
        first, _, rest = name.partition(".")
        last = name.rpartition(".")[2]
        if first in known and rest and last in READS:
            found.add(last)
    return found


def test_only_the_door_reads() -> None:
    """No other module begins a SELECT, but for one that turns parameters into a table.

    And none but that of the declared tables says what can be read.

    Nor does any write SQL as plain text, but for those that make the tables. The one step that
    reads rows looks at everybody's, to fold them anew.
    """
    allowed = {
        DOOR: {"select", "exists"},
        REACH: {"select", "exists"},
        TOGETHER: {"select", "union", "union_all"},
        GATE: {"select", "exists"},
        VIEW: {"select", "exists"},
        PARAMETER_TABLES: {"select"},
        TABLES: {"table"},
        "storage/migrations/versions/0027_folded_anew.py": {"table", "select"},
    }
    found = {
        str(path.relative_to(PACKAGE)): names
        for path in modules()
        if (names := reads(ast.parse(path.read_text("utf-8"))))
        if names != {"text"} or not str(path.relative_to(PACKAGE)).startswith(MIGRATIONS)
    }
    assert found == allowed


@pytest.mark.parametrize(
    "source",
    [
        "import sqlalchemy\nsqlalchemy.select(x)",
        "import sqlalchemy as sa\nrun = sa.select\nrun(x)",
        "import sqlalchemy as sa\nsa.sql.expression.select(x)",
        "from sqlalchemy import select as choose\nchoose(x)",
        "from sqlalchemy.sql import text\ntext('SELECT 1')",
        "import sqlalchemy.sql\nsqlalchemy.sql.text('SELECT 1')",
    ],
)
def test_other_ways_would_be_found(source: str) -> None:
    """However SQLAlchemy was imported."""
    assert reads(ast.parse(source))


def test_parameter_tables_name_no_stored_table() -> None:
    """The dialects know neither tables nor resources, so that they can't read any."""
    imported = {
        node.module
        for name in (PARAMETER_TABLES, "storage/ledger_dialects.py")
        for node in ast.walk(ast.parse((PACKAGE / name).read_text("utf-8")))
        if isinstance(node, ast.ImportFrom)
    }
    stored = {name for name in imported if name and name.startswith("portvakt.storage")}
    assert stored == {"portvakt.storage", "portvakt.storage.ledger_dialects"}


def test_one_module_chooses_what_the_standby_is_read_for() -> None:
    """No other operation, and nothing that writes, can come upon it."""
    found = {
        str(path.relative_to(PACKAGE))
        for path in modules()
        for name in calls(ast.parse(path.read_text("utf-8")))
        if name.endswith("store.replica")
    }
    assert found == {"operations/reading.py"}


def reached(name: str, known: dict[str, ast.FunctionDef]) -> set[str]:
    """What a method calls, itself or by the private methods that it calls."""
    found = set(calls(known[name]))
    for private in known:
        if private.startswith("_") and private != name and f"self.{private}" in found:
            found |= reached(private, known)
    return found


@pytest.mark.parametrize("name", kinds())
def test_every_statement_goes_through_the_door(name: str) -> None:
    """Each asks the door for its conditions, unless it reads no rows for a caller."""
    found = reached(name, methods())
    assert found & (GUARDS | WITHOUT_ROWS), name
    if found & {"sa.update", "sa.delete"}:
        assert found & {"door.allowed", "of_customer"}
