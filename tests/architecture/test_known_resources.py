"""The engine knows the platform's own resources by name, in one list, and no others."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

import pytest

from portvakt.resources import load
from portvakt.schema import known
from tests.architecture.sources import entry, texts, trees

LIST = "schema/known.py"
OUTSIDE = {
    "resources/*": "the declarations",
    "cli/*": "commands, which nothing of the engine imports",
    "sandbox/*": "sample data, which nothing of the engine imports either",
    "storage/migrations/*": "steps, which never change; and what none can know: content types",
}
"""What may name resources besides, and why."""

NAMED = {name: value for name, value in vars(known).items() if name.isupper()}
WHOLE = {f"known.{name}" for name in NAMED}


SPELLINGS = [
    spelling
    for name, resource in load().resources.items()
    for spelling in (name, name.replace(".", "_"), resource.path.strip("/"))
]
"""Each resource's name, that of its table, and its path."""

ANY = re.compile(rf"(?<![\w.])({'|'.join(map(re.escape, SPELLINGS))})\b")


def named(tree: ast.AST) -> set[str]:
    """The resources that literal texts name: alone, or in a sentence; as name, table or path."""
    return {found[1] for text in texts(tree) for found in ANY.finditer(text)}


def test_no_other_module_of_the_engine_names_a_resource() -> None:
    """Whatever else it is to know of a resource, a declaration says."""
    found = {path: named(tree) for path, tree in trees().items() if not entry(path, OUTSIDE)}
    assert {path for path, names in found.items() if names} == {LIST}


@pytest.mark.parametrize(
    "source",
    [
        "registry.resources['accounts.tenant']",
        "f'SELECT 1 FROM accounts_tenant WHERE {condition}'",
        "PATH = '/organization/company/'",
        "raise ValueError('not such as accounts.tenant')",
    ],
)
def test_a_name_would_be_found(source: str) -> None:
    """However it is spelt, and in whatever text."""
    assert named(ast.parse(source))


def test_docstrings_may_give_examples() -> None:
    """They say nothing to the engine."""
    assert not named(ast.parse('def f():\n    """Such as accounts.tenant."""'))


def used(tree: ast.AST) -> Iterator[str]:
    """The names of the list that a module imports, or takes of it."""
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module == known.__name__:
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.Attribute) and ast.unparse(node) in WHOLE:
            yield node.attr


def test_the_list_holds_resources_that_the_engine_needs() -> None:
    """Each is declared, stands there once, and is used where others mayn't name it."""
    assert {*NAMED.values()} <= load().resources.keys()
    assert len({*NAMED.values()}) == len(NAMED)
    engine = [tree for path, tree in trees().items() if not entry(path, OUTSIDE)]
    assert {name for tree in engine for name in used(tree)} == NAMED.keys()
