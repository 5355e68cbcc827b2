"""The package's sources as syntax trees, and the tables that ARCHITECTURE.md shows of them."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Mapping
from fnmatch import fnmatch
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "src" / "portvakt"
ARCHITECTURE = (ROOT / "ARCHITECTURE.md").read_text("utf-8")

MAY_ASK = {
    "storage/sql/dialects.py": "what statements say differently, how values are bound and loaded",
    "storage/sql/table_dialects.py": "what tables are made of differently",
    "storage/sql/ledger_dialects.py": "what the ledger's own statements say differently",
    "storage/databases/*": "the two adapters, and which of them an address names",
    "storage/statements/trigrams.py": "indexes for parts of texts, which PostgreSQL alone has",
    "storage/migrations/*": "takes the steps, each database in its own way; Citus; such indexes",
    "ingest/first_seen.py": "a temporary file of SQLite's, whichever the database is",
    "settings.py": "a setting for SQLite",
    "app.py": "hands it over",
    "cli/main.py": "an option for Citus",
}
"""The modules that may ask which database it is, and what for."""


RELEASED = "storage/migrations/versions/"
"""The steps: they are written in the words of `forms`, and never change."""


@cache
def trees() -> Mapping[str, ast.Module]:
    """The syntax tree of each module, by its path within the package."""
    return {
        path.relative_to(PACKAGE).as_posix(): ast.parse(path.read_text("utf-8"))
        for path in sorted(PACKAGE.rglob("*.py"))
    }


def unreleased() -> Mapping[str, ast.Module]:
    """The trees of what can still be named and written otherwise."""
    return {path: tree for path, tree in trees().items() if not path.startswith(RELEASED)}


def names(tree: ast.AST) -> Iterator[str]:
    """All names in a tree: used, defined, imported, of attributes and of keywords."""
    for node in ast.walk(tree):
        for part in ("id", "attr", "arg", "name", "module", "asname"):
            if isinstance(name := getattr(node, part, None), str):
                yield name


def texts(tree: ast.AST) -> Iterator[str]:
    """All literal texts in a tree, the fixed parts of f-strings among them, but no docstrings."""
    docstrings = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        value = node.value if isinstance(node, ast.Constant) else None
        if isinstance(value, str) and id(node) not in docstrings:
            yield value


def table(head: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    """A table as `ARCHITECTURE` has it, whole."""
    first, *others = ["| " + " | ".join(row) + " |" for row in (head, *rows)]
    line = "| --- " * len([*head]) + "|"
    return "\n".join(["", "", first, line, *others, "", ""])


def entry(path: str, allowed: Iterable[str]) -> str | None:
    """The pattern of `allowed` that a module's path meets; None: there is none."""
    return next((pattern for pattern in allowed if fnmatch(path, pattern)), None)
