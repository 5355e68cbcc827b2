"""Every statement names the customer for each table with rows of customers that it reads or writes.

So a customer's requests need the rows of one customer alone, and a database that keeps customers
apart on several machines can answer each on one of them. What deliberately looks at all customers
stands in `ACROSS`, and nowhere else.
"""

from __future__ import annotations

from collections.abc import Iterator
from operator import attrgetter

import pytest

from portvakt.schema.caller import Recheck, RowAccess
from portvakt.schema.decision import ConsentTerms, accepted_answers
from portvakt.schema.query import Filter, Query
from portvakt.storage.sql.dialects import DIALECTS
from portvakt.storage.statements.statement import Statement
from portvakt.storage.statements.statements import Statements, statements_of
from tests.architecture.statements import GUARDED, INSERTS, LINKS, PAST, QUERY, VERSIONS, kinds
from tests.support.customers_named import ACROSS, INSERTED, NOTHING, REGISTRY, TABLES, USED, unnamed

PERSON = RowAccess(recheck=Recheck.token)
BOUNDED = RowAccess(
    Recheck.credential,
    of_application=True,
    level="organization.segment",
    about_activation=True,
    accepted_answers=accepted_answers(ConsentTerms(active=True, requires=True, mode=2)),
    connected=True,
)
"""The most bounded access that an integration can have."""


@pytest.mark.parametrize(
    "text",
    [
        "SELECT 1 FROM accounts_tenant WHERE accounts_tenant.id = $1",
        "SELECT 1 FROM accounts_tenant AS t JOIN accounts_subtenant AS s ON s.id = t.id"
        " WHERE t.customer_id = $1",
        "SELECT 1 FROM accounts_tenant AS t WHERE t.customer_id = $1 AND EXISTS"
        " (SELECT 1 FROM accounts_subtenant AS s WHERE s.customer_id = t.customer_id)",
        "SELECT a.id FROM accounts_tenant a, sales_organization b WHERE a.customer_id = $1",
        "INSERT INTO accounts_tenant (id, customer_id) VALUES ($1, $2)",
        "UPDATE accounts_tenant SET customer_id=$1 WHERE accounts_tenant.id = $2",
    ],
)
def test_a_table_without_its_customer_would_be_found(text: str) -> None:
    """However it is named, beside others that say whose they are."""
    assert [*unnamed(text)]


# --- statements on resources ---------------------------------------------------------------------


def on_resources(statements: Statements, access: RowAccess) -> Iterator[tuple[str, Statement]]:
    """Every statement on every resource for one kind of access."""
    asked = Query(
        filters=QUERY.filters,
        search=QUERY.search,
        realestates=("",),
        segments=("",),
        evidence=True,
    )
    for resource in REGISTRY.resources.values():
        tried = {**GUARDED, **INSERTS, **(VERSIONS if resource.versions else {})}
        for kind, make in tried.items():
            if kind == "decisions.of_persons" and not resource.persons:
                continue
            yield f"{kind} {resource.name}", make(statements, resource, access)
        yield f"listing {resource.name}", statements.rows.listing(resource, asked, access)
        if resource.versions:
            then = Query(filters=(Filter("id", "", False, ""),), as_of="")
            yield f"past {resource.name}", statements.rows.listing(resource, then, access)
            yield f"forget {resource.name}", statements.versions.forget(resource)
            for reference in resource.references:
                yield f"ever {resource.name}", statements.versions.ever(resource, reference.name)
        for link in resource.links:
            yield f"link {resource.name}", statements.writes.insert_links(resource, link.name)
            yield f"unlink {resource.name}", statements.writes.delete_links(resource, link.name)


def on_no_resource(statements: Statements) -> Iterator[tuple[str, Statement]]:
    """The others: proofs and decisions."""
    for recheck in (Recheck.credential, Recheck.token):
        yield f"recheck {recheck.name}", statements.credentials.recheck(recheck)
    known = {"credentials.recheck", *GUARDED, *INSERTS, *VERSIONS, *LINKS, *PAST}
    for name in sorted({*kinds()} - known):
        yield name, attrgetter(name)(statements)()


@pytest.mark.parametrize(("dialect", "access"), [("postgresql", BOUNDED), ("sqlite", PERSON)])
def test_every_table_of_a_statement_names_the_customer(dialect: str, access: RowAccess) -> None:
    """Each in its own right: what is reached, connected, decided, past, and in the proof.

    And that customer is a parameter, so that it is known before anything runs.
    """
    statements = statements_of(TABLES, DIALECTS[dialect])
    found, untold = {}, set()
    for what, made in (*on_resources(statements, access), *on_no_resource(statements)):
        if names := [*unnamed(made.text)]:
            found[what] = names
        if USED.search(made.text) and not is_told(made):
            untold.add(what)
    assert found == {}
    assert untold == ACROSS.keys() & {*kinds()}


def is_told(statement: Statement) -> bool:
    """Whether a parameter says which customer, in a condition or in rows to insert."""
    named = any("customer" in name for name, _, _ in statement.parameters)
    return named or bool(INSERTED.match(statement.text) or NOTHING.search(statement.text))
