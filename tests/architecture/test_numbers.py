"""A number with a name says why it is as large as it is."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from tests.architecture.sources import PACKAGE, trees

DATA = ("resources/", "sandbox/")
"""What only describes: the numbers there are the reference's, or invented."""

PLAIN = frozenset({-1, 0, 1})
"""Numbers that need no reason."""


def numbers(value: ast.AST) -> Iterator[float]:
    """The numbers of an expression that is little more than one."""
    if isinstance(value, ast.Constant | ast.BinOp) or (
        isinstance(value, ast.Call) and ast.unparse(value.func) == "timedelta"
    ):
        found = [node.value for node in ast.walk(value) if isinstance(node, ast.Constant)]
        if all(type(one) in (int, float) for one in found):
            yield from map(float, map(str, found))


def unexplained(tree: ast.Module, lines: list[str]) -> Iterator[str]:
    """The names of a module's numbers beside which no comment and no docstring stands."""
    for node, after in zip(tree.body, [*tree.body[1:], ast.Pass()], strict=True):
        if not isinstance(node, ast.Assign | ast.AnnAssign) or node.value is None:
            continue
        around = "".join(lines[max(node.lineno - 2, 0) : node.end_lineno])
        told = "#" in around or (isinstance(after, ast.Expr) and ast.unparse(after)[0] in "'\"")
        if not told and {*numbers(node.value)} - PLAIN:
            yield ast.unparse(node)


def test_each_number_with_a_name_says_why() -> None:
    """Above it, behind it, or in its docstring."""
    found = {
        path: [*unexplained(tree, (PACKAGE / path).read_text("utf-8").splitlines())]
        for path, tree in trees().items()
        if not path.startswith(DATA)
    }
    assert {path: names for path, names in found.items() if names} == {}


def test_a_number_without_a_reason_would_be_found() -> None:
    """Whether it is one, or made of some."""
    told = ["# why", "D = 8", "E = 9  # why", "F = 3", "'why'", "G = 1", "H = 'a' * 4"]
    lines = ["A = 7", "B = 2 * 3", "C = timedelta(hours=5)", *told]
    found = [*unexplained(ast.parse("\n".join(lines)), lines)]
    assert found == ["A = 7", "B = 2 * 3", "C = timedelta(hours=5)"]
