"""A filter operator is one entry: SQL, documents and parsing follow from it."""

from __future__ import annotations

import ast
from collections.abc import Hashable, Iterator
from functools import cache
from itertools import product
from typing import Any

import pytest

from portvakt.api.documents.parameters import filter_parameters
from portvakt.api.query_string import parse_list
from portvakt.operations.reading import read
from portvakt.resources import load
from portvakt.schema.operators import (
    IN,
    OPERATORS,
    TABLE,
    Comparison,
    Kind,
    Operand,
    Operator,
    by_kind,
)
from portvakt.schema.query import Filter, Query
from portvakt.schema.resource import Resource
from portvakt.storage.sql.dialects import DIALECTS
from portvakt.storage.sql.tables import Tables
from portvakt.storage.statements import conditions
from portvakt.storage.statements.filters import filter_shape
from portvakt.storage.statements.operators import COMPARISONS, operator_sql
from portvakt.storage.statements.statement import Statement
from portvakt.storage.statements.statements import statements_of
from portvakt.storage.statements.trigrams import index_name, indexed
from tests.architecture.sources import trees
from tests.architecture.statements import CALLERS, bound
from tests.support import naive
from tests.support.stores import (
    ANSWER,
    CONNECTION,
    TENANT,
    Customer,
    add,
    clean_item,
    moment,
)

SUBJECTS = {one.model: one for one in (ANSWER, CONNECTION, TENANT)}
"""Resources that have every sort of field: long texts, identifiers, many references."""

EACH = pytest.mark.parametrize("operator", TABLE, ids=lambda one: one.name or "exact")
EACH_SORT = pytest.mark.parametrize(
    ("dialect", "resource"),
    [*product(DIALECTS, SUBJECTS.values())],
    ids=lambda one: getattr(one, "model", one),
)
VALUES = {Kind.boolean: True, Kind.time: moment(), Kind.date: "2026-01-31"}
NUMBERS = dict.fromkeys((Kind.integer, Kind.number), 1)
TEXTS = ("", "ab", "abc", "\U0010ffff", "Åsa Ö" * 20, "å_ö")
"""Operands of every shape: whose range has an end or none, that an index serves or doesn't."""


def test_every_comparison_has_its_sql() -> None:
    """Each is in the table of SQL, and asked by an operator."""
    assert set(COMPARISONS) == set(Comparison) == {one.comparison for one in TABLE}


def test_names_are_unique() -> None:
    """A name means one comparison, whichever kind of field it is asked of."""
    assert len({one.name for one in TABLE}) == len(TABLE)


@EACH
def test_only_texts_have_a_case(operator: Operator) -> None:
    """There is a folded column of texts alone."""
    assert not operator.folded or operator.kinds == {Kind.text}


@EACH
def test_documents_say_what_an_operator_does(operator: Operator) -> None:
    """Each field that has it has a parameter of its own, with its sentence."""
    for field in TENANT.compared.values():
        if field.kind in operator.kinds:
            described = {one["name"]: one["description"] for one in filter_parameters(field)}
            said = described[operator.parameter(field.name)]
            assert f"`{field.name}` {operator.sentence}." in said


def test_the_twin_in_plain_python_has_every_operator() -> None:
    """What random filters are compared with knows each by its name."""
    assert {*naive.COMPARISONS, "isnull"} == {one.name for one in TABLE}


def named(node: ast.expr) -> bool:
    """Whether an expression is a filter's operator."""
    return isinstance(node, ast.Attribute | ast.Name) and ast.unparse(node).endswith("operator")


def test_no_module_tests_the_name_of_an_operator() -> None:
    """Whatever is so of some operators is told by their entries."""
    found = [
        f"{path}:{node.lineno}"
        for path, tree in trees().items()
        for node in ast.walk(tree)
        if isinstance(node, ast.Compare)
        for sides in [(node.left, *node.comparators)]
        if any(map(named, sides))
        for side in sides
        for part in ast.walk(side)
        if isinstance(part, ast.Constant) and isinstance(part.value, str)
    ]
    assert found == []


def operand(operator: Operator, kind: Kind, text: str) -> Any:
    """A clean operand; of texts, and of what is compared as one, this."""
    if operator.operand is Operand.boolean:
        return bool(text)
    one = (VALUES | NUMBERS).get(kind, text)
    return (one,) if operator.operand is Operand.values else one


def every_filter(resource: Resource, text: str) -> Iterator[Filter]:
    """A filter by each operator of each field, and its negation."""
    for field, negated in product(resource.compared.values(), (False, True)):
        for operator in OPERATORS[field.kind].values():
            yield Filter(field.name, operator.name, negated, operand(operator, field.kind, text))


@cache
def tables(dialect: str) -> Tables:
    """The tables of a database that has every index it can have."""
    indexes = map(index_name, indexed(load())) if dialect == "postgresql" else ()
    return Tables(load(), frozenset(indexes))


def counted(dialect: str, resource: Resource, asked: Query) -> Statement:
    """A statement with these filters; made anew, whatever was made for their shape."""
    return statements_of(tables(dialect), DIALECTS[dialect]).rows.count(resource, asked, CALLERS)


@EACH_SORT
def test_what_a_condition_names_is_bound(dialect: str, resource: Resource) -> None:
    """An operator binds each parameter of its text: one that is forgotten would be null."""
    for text in TEXTS:
        asked = Query(filters=(*every_filter(resource, text),))
        named = bound(counted(dialect, resource, asked))
        values = conditions.values(DIALECTS[dialect], resource, asked)
        null = {name for name in named if name.startswith("filter_") and values.get(name) is None}
        assert null == set()


@EACH_SORT
def test_of_an_operand_the_text_has_the_shape_alone(dialect: str, resource: Resource) -> None:
    """Operands of one shape have one text, so that a statement that is kept serves them all."""
    found: dict[Hashable, str] = {}
    for text in TEXTS:
        asked = Query(filters=(*every_filter(resource, text),))
        made = counted(dialect, resource, asked).text
        assert found.setdefault(filter_shape(asked), made) == made
    assert 1 < len(found) < len(TEXTS)


# -- an operator that is made up -------------------------------------------------------------------

MADE_UP = Operator("iin", Comparison.one_of, {Kind.text}, "equals one of the texts", folded=True)


@pytest.fixture
def made_up(monkeypatch: pytest.MonkeyPatch) -> Iterator[Operator]:
    """One more entry in the table, and its line in the twin."""
    for kind, operators in by_kind((*TABLE, MADE_UP)).items():
        monkeypatch.setitem(OPERATORS, kind, operators)
    monkeypatch.setitem(
        naive.COMPARISONS,
        "iin",
        lambda value, texts: naive.folded(value) in map(naive.folded, texts),
    )
    yield MADE_UP
    operator_sql.cache_clear()


@pytest.mark.asyncio(loop_scope="module")
@pytest.mark.parametrize("negated", ["", "!"])
async def test_one_more_entry_filters(customer: Customer, made_up: Operator, negated: str) -> None:
    """It is parsed, found by in SQL, and compared with the twin, without another line."""
    names = ["Åsa", "A\u030aSA", "Straße", "STRASSE", "a", None]
    bodies = [{"first_name": "x", "last_name": name} for name in names]
    items = await add(customer.own, TENANT, bodies)
    name = made_up.parameter("last_name") + negated
    asked = parse_list([(name, "åsa,strasse"), ("first_name", "x")], TENANT)
    found = (await read.page(customer.context, TENANT, asked)).items
    expected = naive.filtered(TENANT, [clean_item(TENANT, item) for item in items], asked)
    assert 0 < len(expected) < len(items)
    assert {item["id"] for item in found} == {item["id"] for item in expected}


@pytest.mark.parametrize("dialect", DIALECTS)
def test_one_more_entry_has_one_statement(dialect: str, made_up: Operator) -> None:
    """It is compiled once, whatever the operands, and for no other operator."""
    statements = statements_of(tables(dialect), DIALECTS[dialect])
    first, other, exact = (
        statements.rows.count(TENANT, Query(filters=(Filter("last_name", *asked),)), CALLERS)
        for asked in (
            (made_up.name, False, ("a",)),
            (made_up.name, False, ("b", "c")),
            (IN.name, False, ("a",)),
        )
    )
    assert first is other
    assert first.text == exact.text.replace("last_name", "last_name_folded")


def test_one_more_entry_is_documented(made_up: Operator) -> None:
    """Each field that has it gets a parameter, and names it among its operators."""
    described = {one["name"]: one for one in filter_parameters(TENANT.by_name["last_name"])}
    own = described[f"last_name__{made_up.name}"]
    assert own["description"].startswith("`last_name` equals one of the texts, whatever the case.")
    assert own["schema"] == described["last_name__in"]["schema"]
    assert "Operator: iin, Supports negation" in described["last_name"]["description"]
