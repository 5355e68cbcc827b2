"""Every statement on customers' rows names the customer; every read can prove the credential."""

from __future__ import annotations

import re
from dataclasses import replace
from itertools import product
from typing import Any

import pytest

from portvakt.resources import load
from portvakt.schema import fields
from portvakt.schema.caller import Recheck
from portvakt.schema.fields import References
from portvakt.schema.query import Filter, Keyset, Page, Query
from portvakt.schema.registry import Registry
from portvakt.schema.resource import Resource
from portvakt.storage.sql.dialects import DIALECTS
from portvakt.storage.sql.tables import CUSTOMER, Tables, table_name
from portvakt.storage.statements.statements import statements_of
from tests.architecture.statements import (
    ABOUT_NO_RESOURCE,
    CALLERS,
    DECISIONS,
    GUARDED,
    INSERTS,
    LINKS,
    OUR_OWN_WORK,
    OWN,
    PAST,
    PAST_DECISIONS,
    PROVABLE,
    QUERY,
    VERSIONS,
    bound,
    kinds,
    made,
    outermost,
)


def test_every_kind_of_statement_is_looked_at() -> None:
    """A new one needs a line in the tables above."""
    every = {*GUARDED, *INSERTS, *VERSIONS, *LINKS, *PAST, *ABOUT_NO_RESOURCE}
    every |= DECISIONS | PAST_DECISIONS
    assert every == set(kinds())


@pytest.mark.parametrize(("dialect", "kind"), list(product(DIALECTS, GUARDED)))
def test_every_statement_names_the_customer(dialect: str, kind: str) -> None:
    """On every resource of customers, the row's customer is the scope's, and so is its owner."""
    statements = made(dialect)
    for resource in OWN:
        for access in (CALLERS, CALLERS._replace(recheck=Recheck.credential)):
            statement = GUARDED[kind](statements, resource, access)
            where = statement.text.partition("WHERE")[2]
            assert f"{table_name(resource)}.{CUSTOMER} = " in where, resource.name
            assert "caller_customer" in bound(statement)
            if resource.of_application and kind not in OUR_OWN_WORK:
                assert f"{table_name(resource)}.{resource.of_application.field} = " in where
                assert "caller_application" in bound(statement)


@pytest.mark.parametrize(("dialect", "kind"), list(product(DIALECTS, PROVABLE)))
def test_every_read_can_prove_the_credential(dialect: str, kind: str) -> None:
    """Where a credential is involved, the statement that reads checks it too, on any resource."""
    proof = {"caller_credential", "caller_credential_revision", "caller_activation_revision", "now"}
    statements = made(dialect)
    for resource in load().resources.values():
        proven = CALLERS._replace(recheck=Recheck.credential)
        assert proof <= bound(PROVABLE[kind](statements, resource, proven))
        assert not proof & bound(PROVABLE[kind](statements, resource, CALLERS))
    persons = load().resources["accounts.tenant"]
    assert proof <= bound(statements.decisions.of_persons(persons, proven))


@pytest.mark.parametrize("dialect", DIALECTS)
@pytest.mark.parametrize("paging", [{"page": Page(1, 5)}, {"keyset": Keyset(5, ("", ""))}, {}])
@pytest.mark.parametrize("slim", [False, True])
def test_every_shape_of_list_names_the_customer(
    dialect: str, paging: dict[str, Any], slim: bool
) -> None:
    """However it is filtered, ordered and paged, an alternative can't open another way in."""
    query = Query(filters=QUERY.filters, search=QUERY.search, slim=slim, **paging)
    for resource in OWN:
        statement = made(dialect).rows.listing(
            resource, query, CALLERS._replace(recheck=Recheck.credential)
        )
        conditions = outermost(limited_once(statement.text)).partition("WHERE")[2]
        assert conditions.lstrip().startswith(f"{table_name(resource)}.{CUSTOMER} = ")
        assert " OR " not in conditions


def limited_once(text: str) -> str:
    """The inner part of a list whose rows are limited twice, around which nothing else stands."""
    twice = re.search(r"^SELECT [^()]*\sFROM \((.*)\) AS first\s+LIMIT[^()]*$", text, re.DOTALL)
    return twice[1] if twice else text


@pytest.mark.parametrize(("dialect", "kind"), list(product(DIALECTS, INSERTS)))
def test_every_insert_names_the_customer(dialect: str, kind: str) -> None:
    """A new row says whose it is."""
    statements = made(dialect)
    for resource in OWN:
        statement = INSERTS[kind](statements, resource, CALLERS)
        assert statement.text.startswith(f"INSERT INTO {table_name(resource)} ({CUSTOMER}, ")


@pytest.mark.parametrize(("dialect", "kind"), list(product(DIALECTS, VERSIONS)))
def test_every_version_names_the_customer(dialect: str, kind: str) -> None:
    """So does a version, and a deletion keeps only what the caller may touch."""
    statements = made(dialect)
    for resource in (resource for resource in OWN if resource.versions):
        statement = VERSIONS[kind](statements, resource, CALLERS)
        assert statement.text.startswith(f"INSERT INTO {table_name(resource)}_past ({CUSTOMER},")
        if kind == "versions.insert_deletion":
            where = statement.text.partition("WHERE")[2]
            assert where.lstrip().startswith(f"{table_name(resource)}.{CUSTOMER} = ")


@pytest.mark.parametrize("dialect", DIALECTS)
def test_a_past_moment_names_the_customer(dialect: str) -> None:
    """Reading as of a past moment goes through the same conditions."""
    statements = made(dialect)
    query = replace(QUERY, as_of="")
    for resource in (resource for resource in OWN if resource.versions):
        for statement in (
            statements.rows.get(resource, CALLERS, as_of=True),
            statements.rows.listing(resource, query, CALLERS),
            statements.rows.count(resource, query, CALLERS),
            statements.rows.statistics(resource, query, CALLERS),
        ):
            conditions = outermost(statement.text).partition("WHERE")[2]
            assert conditions.lstrip().startswith(f"{table_name(resource)}.{CUSTOMER} = ")
            assert {"caller_customer", "as_of"} <= bound(statement)
        assert "caller_customer" in bound(statements.versions.forget(resource))
        past = statements.versions.ever(resource, resource.references[0].name).text
        assert f"WHERE {table_name(resource)}_past.{CUSTOMER} = " in past.replace("\n", "")


@pytest.mark.parametrize("dialect", DIALECTS)
def test_decisions_name_the_customer(dialect: str) -> None:
    """So do the answers that decide: in their keys and in whatever is written to them."""
    statements = made(dialect)
    tables = Tables(load())
    table = tables.declared(tables.decisions)
    for key in (table.primary_key, *table.foreign_key_constraints):
        assert key.columns[0].name == CUSTOMER
    assert "caller_customer" in bound(statements.decisions.withdraw())
    for written in (statements.decisions.decide(), statements.decisions.decide_many()):
        assert f"INSERT INTO {table.name} ({CUSTOMER}, " in written.text
        assert f"ON CONFLICT ({CUSTOMER}, " in written.text
    past = tables.declared(tables.past_decisions)
    assert next(iter(past.primary_key.columns)).name == CUSTOMER
    for noted in (
        statements.past_decisions.insert(),
        statements.past_decisions.insert_many(),
        statements.past_decisions.insert_withdrawal(),
    ):
        assert f"INSERT INTO {past.name} ({CUSTOMER}, " in noted.text
    assert f"WHERE {table.name}.{CUSTOMER} = " in statements.past_decisions.insert_withdrawal().text
    assert f"WHERE {past.name}.{CUSTOMER} = " in statements.past_decisions.decided_then().text
    assert "caller_customer" in bound(statements.past_decisions.decided_then())


@pytest.mark.parametrize("dialect", DIALECTS)
def test_links_name_the_customer(dialect: str) -> None:
    """So do the tables that link an item with many others, in their keys and statements."""
    known = load()
    resource = Resource(
        declared_in="portvakt.resources.accounts.group",
        path="/accounts/group/",
        description="A resource with many references.",
        fields=(fields.ID, fields.CREATED_AT, References("tenants", target="accounts.tenant")),
    )
    registry = Registry(known.applications.values(), [*known.resources.values(), resource])
    tables = Tables(registry)
    statements = statements_of(tables, DIALECTS[dialect])
    link = tables.declared(tables.links[resource.name, "tenants"])
    for key in (link.primary_key, *link.foreign_key_constraints):
        assert key.columns[0].name == CUSTOMER
    assert f"({CUSTOMER}, " in statements.writes.insert_links(resource, "tenants").text
    delete = statements.writes.delete_links(resource, "tenants")
    assert f"{link.name}.{CUSTOMER} = " in delete.text
    assert "caller_customer" in bound(delete)
    asked = Filter("tenants", "isnull", True, False)
    found = statements.rows.listing(resource, Query(filters=(asked,)), CALLERS).text
    parameter = "$1::UUID" if dialect == "postgresql" else "?"
    assert f"{link.name}.{CUSTOMER} = {parameter}" in found


def test_every_table_of_customers_begins_its_keys_with_them() -> None:
    """Primary, unique and foreign keys, so that the database keeps customers apart by itself."""
    tables = Tables(load())
    for resource in OWN:
        table = tables.declared(tables[resource])
        assert [column.name for column in table.primary_key] == [CUSTOMER, "id"]
        platform = {table_name(r) for r in load().resources.values() if r.platform}
        for constraint in table.foreign_key_constraints:
            target = constraint.referred_table.name
            assert target in platform or constraint.column_keys[0] == CUSTOMER
        for index in table.indexes:
            assert next(iter(index.columns)).name == CUSTOMER
