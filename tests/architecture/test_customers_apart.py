"""Whether another customer has a value already can't even be asked: no look-up leaves a customer.

So neither an answer nor the time that it takes depends on what other customers have.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
import sqlalchemy as sa

from portvakt.resources import load
from portvakt.schema.caller import UNBOUNDED
from portvakt.schema.caller_kinds import OPERATOR
from portvakt.schema.operations import READING
from portvakt.schema.resource import Resource
from portvakt.storage.sql.dialects import DIALECTS
from portvakt.storage.sql.tables import CUSTOMER, Tables, table_name, unique_names
from portvakt.storage.statements.statement import Statement
from portvakt.storage.statements.statements import statements_of
from tests.architecture.statements import OWN, bound, outermost

REGISTRY = load()
TABLES = Tables(REGISTRY)
OF_CUSTOMERS = [table for table in TABLES.metadata.sorted_tables if CUSTOMER in table.c]


def keys(table: sa.Table) -> Iterator[tuple[str, list[str]]]:
    """Everything of a table that the database keeps unique: its name and its columns."""
    for constraint in table.constraints:
        if isinstance(constraint, sa.PrimaryKeyConstraint | sa.UniqueConstraint):
            yield str(constraint.name), [column.name for column in constraint.columns]
    for index in table.indexes:
        if index.unique:
            yield str(index.name), [column.name for column in index.columns]


def test_every_unique_key_begins_with_the_customer() -> None:
    """On every table with rows of customers, those that belong to no resource among them."""
    for table in OF_CUSTOMERS:
        found = dict(keys(table))
        assert found, table.name
        for name, columns in found.items():
            assert columns[0] == CUSTOMER, name
    for resource in OWN:
        table = TABLES.declared(TABLES[resource])
        known = dict(keys(table))
        assert {*unique_names(resource)} == known.keys() - {table.primary_key.name}


def test_what_all_customers_share_is_written_by_operators_alone() -> None:
    """Who works for a customer can't make two items of the platform meet."""
    for resource in REGISTRY.resources.values():
        if resource.platform and {*resource.operations} - READING:
            assert resource.used_by == (OPERATOR,), resource.name


def conflicts(resource: Resource) -> Iterator[tuple[str, ...]]:
    """The fields by which a write looks for stored items that are in its way, or are meant."""
    yield from (unique.fields for unique in resource.unique)
    yield ("id",)
    if "custom_id" in resource.by_name:
        yield ("custom_id",)
    if resource.exclusive:
        yield (resource.exclusive.group,)


@pytest.mark.parametrize("dialect", DIALECTS)
def test_every_look_up_of_a_conflict_stays_within_the_customer(dialect: str) -> None:
    """Its first condition is the customer, from the scope; no alternative leads around it."""
    statements = statements_of(TABLES, DIALECTS[dialect])
    for resource in OWN:
        for names in conflicts(resource):
            statement = statements.rows.select_by_key(resource, names, UNBOUNDED)
            conditions = outermost(statement.text).partition("WHERE")[2].lstrip()
            assert re.match(rf"{table_name(resource)}\.{CUSTOMER} = \S+ AND ", conditions)
            assert " OR " not in conditions
            assert customers(statement) == ["caller_customer"]


def customers(statement: Statement) -> list[str]:
    """The parameters that name a customer."""
    return [name for name in sorted(bound(statement)) if CUSTOMER in name or "customer" in name]


@pytest.mark.parametrize("dialect", DIALECTS)
def test_no_insert_looks_further_than_its_key(dialect: str) -> None:
    """What an INSERT does about a conflict names the customer first."""
    statements = statements_of(TABLES, DIALECTS[dialect])
    texts = [statements.decisions.decide().text, statements.decisions.decide_many().text]
    for resource in OWN:
        texts += [
            statements.writes.insert(resource).text,
            statements.writes.insert_many(resource).text,
        ]
    for text in texts:
        for key in re.findall(r"ON CONFLICT \((.*?)\)", text):
            assert key.startswith(f"{CUSTOMER}, ")
