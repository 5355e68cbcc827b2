"""Words mean one thing: what SQL calls its statements, say, names nothing else."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from tests.architecture.sources import trees

OPERATIONS = {
    "operations/writing/write.py": {"update", "update_change", "delete"},
    "api/handlers.py": {"update", "delete"},
    "api/documents/schemas.py": {"_update"},
    "cli/items.py": {"update", "delete"},
    "cli/applications.py": {"update_application"},
}
"""What does, answers or describes the operations Update and Delete, and is named for them."""

STATEMENT = re.compile(r"_?(select|insert|update|delete)(_|$)")


def functions(tree: ast.AST) -> Iterator[str]:
    """The names of all functions and methods."""
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node.name


def test_statements_are_named_in_storage_alone() -> None:
    """Elsewhere `update` and `delete` are the operations of these names."""
    found = {
        path: named
        for path, tree in trees().items()
        if not path.startswith("storage/")
        if (named := {name for name in functions(tree) if STATEMENT.match(name)})
    }
    assert found == OPERATIONS
