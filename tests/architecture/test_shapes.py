"""SQL is made of values that say what was asked, once for each shape of them."""

from __future__ import annotations

import ast
from dataclasses import replace
from itertools import product

import pytest

from portvakt.schema.query import Filter, Query
from portvakt.storage.sql.dialects import DIALECTS
from tests.architecture.sources import names, trees
from tests.architecture.statements import CALLERS, GUARDED, OWN, QUERY, kinds, made, methods

VALUES = {"Resource", "Query", "RowAccess", "Recheck"}
NAMES = {"str", "Sequence[str]", "frozenset[str] | None", "bool"}
"""What else shapes a statement: names of fields, and which of two forms it has."""


def test_statements_are_made_of_what_was_asked_alone() -> None:
    """Of a resource, a query and what the caller's scope allows; of no request and no setting."""
    known = methods()
    taken = {
        ast.unparse(argument.annotation)
        for kind in kinds()
        for argument in (*known[kind].args.args[1:], *known[kind].args.kwonlyargs)
        if argument.annotation
    }
    assert VALUES <= taken <= VALUES | NAMES


@pytest.mark.parametrize(("dialect", "kind"), list(product(DIALECTS, GUARDED)))
def test_a_statement_is_compiled_once(dialect: str, kind: str) -> None:
    """Whoever asks again for the same shape gets the very same statement."""
    for resource in OWN:
        first = GUARDED[kind](made(dialect), resource, CALLERS)
        assert GUARDED[kind](made(dialect), resource, CALLERS) is first


@pytest.mark.parametrize("kind", kinds())
def test_a_shape_begins_with_its_statements_name(kind: str) -> None:
    """So no two kinds of statement share one, though one cache keeps them all."""
    said = {node.value for node in ast.walk(methods()[kind]) if isinstance(node, ast.Constant)}
    assert kind in said


@pytest.mark.parametrize("dialect", DIALECTS)
def test_values_are_no_part_of_the_shape(dialect: str) -> None:
    """Other operands, words and moments are bound to the same text, and stand in none."""
    asked = Query(
        filters=(Filter("id", "in", True, ("operand",)), Filter("created_at", "", False, "time")),
        order=QUERY.order,
        search=("searched",),
    )
    other = replace(
        asked,
        filters=tuple(one._replace(operand="another") for one in asked.filters),
        search=("other",),
    )
    for resource in OWN:
        statement = made(dialect).rows.listing(resource, asked, CALLERS)
        assert made(dialect).rows.listing(resource, other, CALLERS) is statement
        assert not any(word in statement.text for word in ("operand", "searched"))


def test_sqlalchemy_runs_nothing() -> None:
    """It makes text, in two modules, and those that write steps of the schema's history."""
    engines = {"create_engine", "create_async_engine", "Engine", "AsyncEngine", "Session"}
    found = {path for path, tree in trees().items() if engines & {*names(tree)}}
    assert found == set()
    compiling = {
        path
        for path, tree in trees().items()
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and ast.unparse(node.func).endswith(".compile")
        and any(keyword.arg == "dialect" for keyword in node.keywords)
    }
    declared = "storage/migrations/declared.py"
    assert compiling == {
        "storage/statements/cache.py",
        "storage/statements/trigrams.py",
        declared,
    }
