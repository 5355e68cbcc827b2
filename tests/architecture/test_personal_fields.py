"""Whether a person's information is seen is decided within the statement, in one place."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from portvakt.resources import load
from portvakt.schema.caller import Recheck, RowAccess
from portvakt.schema.operators import OPERATORS, Operand
from portvakt.schema.query import Filter, Keyset, Order, Page, Query
from portvakt.schema.resource import Resource
from portvakt.storage.sql.dialects import DIALECTS
from portvakt.storage.sql.tables import table_name
from portvakt.storage.statements.statement import Statement
from tests.architecture.sources import names, trees
from tests.architecture.statements import PROVABLE, made

PERSONAL = [one for one in load().resources.values() if one.personal]
NOBODY = RowAccess(Recheck.credential, of_application=True, accepted_answers=())
"""The access of an integration that no answer lets see anybody."""

OPERANDS = {Operand.value: "x", Operand.values: ("x",), Operand.boolean: True}
OWN_WORK = {"rows.select_for_update", "writes.update", "writes.update_many", "writes.delete"}
"""What looks at rows, or sets them, on the way of a write: no caller is shown what they held."""


def queries(resource: Resource) -> Iterator[Query]:
    """Lists that filter by the personal fields, search them, and are sorted by them."""
    asked = (
        Filter(name, operator.name, negated, OPERANDS[operator.operand])
        for name in sorted(resource.personal)
        for operator in OPERATORS[resource.stored[name].kind].values()
        for negated in (False, True)
    )
    yield Query(filters=tuple(asked))
    order = tuple(Order(name, descending=True) for name in sorted(resource.personal))
    yield Query(order=order, search=("x",), page=Page(1, 5))
    yield Query(order=order, keyset=Keyset(5, ("",) * len(order)))


def reading(dialect: str, resource: Resource) -> Iterator[Statement]:
    """Every statement that tells a caller something of the resource's rows."""
    statements = made(dialect)
    for kind, make in PROVABLE.items():
        if kind not in OWN_WORK:
            yield make(statements, resource, NOBODY)
    for query in queries(resource):
        yield statements.rows.listing(resource, query, NOBODY)


def ungated(resource: Resource, statement: Statement) -> list[str]:
    """The personal columns that a statement names elsewhere than behind a closed gate."""
    column = rf"{table_name(resource)}\.((?:{'|'.join(sorted(resource.personal))})\w*)"
    closed = re.sub(rf"CASE WHEN (?:false|0) THEN {column} END", "", statement.text)
    return [found[0] for found in re.finditer(rf"\b{column}", closed)]


@pytest.mark.parametrize("dialect", DIALECTS)
@pytest.mark.parametrize("resource", PERSONAL, ids=lambda resource: resource.name)
def test_no_statement_reads_a_personal_field_but_behind_the_gate(
    dialect: str, resource: Resource
) -> None:
    """However it is asked for: what is shown, filters, search, order, cursors, statistics."""
    for statement in reading(dialect, resource):
        assert ungated(resource, statement) == [], statement.text


@pytest.mark.parametrize("resource", PERSONAL, ids=lambda resource: resource.name)
def test_a_field_without_a_gate_would_be_found(resource: Resource) -> None:
    """Who sees everything is shown the column itself."""
    statement = made("sqlite").rows.get(resource, NOBODY._replace(accepted_answers=None))
    assert ungated(resource, statement)


def test_one_condition_says_when_an_answer_is_over() -> None:
    """Only the gate asks which version of a notice an answer was given to."""
    found = {path for path, tree in trees().items() if "notice_version" in {*names(tree)}}
    assert found == {"storage/row_security/masking.py"}
