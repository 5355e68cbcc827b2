"""Rows of customers are reached through one door (`storage.door`), whoever asks for them."""

from __future__ import annotations

import ast
import inspect
import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import cache
from itertools import product
from pathlib import Path
from typing import Any

import pytest

from portvakt.resources import load
from portvakt.schema import fields
from portvakt.schema.fields import References
from portvakt.schema.query import Filter, Keyset, Order, Page, Query
from portvakt.schema.registry import Registry
from portvakt.schema.resource import Resource
from portvakt.schema.scope import Access, Proof
from portvakt.storage.decisions import DecisionStatements
from portvakt.storage.dialects import DIALECTS
from portvakt.storage.moves import MovingStatements
from portvakt.storage.past_decisions import PastDecisionStatements
from portvakt.storage.statements import Statement, Statements
from portvakt.storage.tables import CUSTOMER, Tables, table_name
from portvakt.storage.versions import VersionedStatements

PACKAGE = Path(__file__).parents[2] / "src" / "portvakt"

DOOR = "storage/door.py"
REACH = "storage/reach.py"  # conditions that the door sets; and what an item is a part of
GATE = "storage/gate.py"  # likewise
VIEW = "storage/view.py"  # what the door shows of a row: the items that it refers to
PARAMETER_TABLES = "storage/dialects.py"  # rows that come in as parameters, and nothing stored
TABLES = "storage/tables.py"  # what is read: the declared tables

MIGRATIONS = ("storage/migrate.py", "storage/migrations/")

READS = {"select", "exists", "union", "union_all", "text", "table", "lambda_stmt"}
"""What SQLAlchemy's statements that read begin with, and ways to write SQL as plain text."""

GUARDS = {
    *("door.select", "door.allowed", "door.given", "reach.ancestors", "of_customer"),
    "of_persons",  # which calls `door.select`
}
WITHOUT_ROWS = {
    *("door.still_proven", "door.claims", "door.tokens", "door.customer"),
    *(
        "sa.insert",
        "decide",
        "decide_many",
        "withdraw",
        "door.decided_then",
        "door.of_pair",
        "door.of_pairs",
    ),
}
"""What reads no rows of a resource for a caller: proofs, rows that are only written, decisions."""


def modules() -> list[Path]:
    """The modules of the package."""
    return sorted(PACKAGE.rglob("*.py"))


def calls(tree: ast.AST) -> Iterator[str]:
    """The dotted names of all that is called or passed on, such as `sa.select`."""
    for node in ast.walk(tree):
        if isinstance(node, (ast.Attribute, ast.Name)):
            yield ast.unparse(node)


def sqlalchemy_names(tree: ast.AST) -> dict[str, str]:
    """What a module calls SQLAlchemy and its parts -> what they are."""
    names: dict[str, str] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                if alias.name.partition(".")[0] == "sqlalchemy":
                    names[alias.asname or alias.name.partition(".")[0]] = ""
        elif isinstance(node, ast.ImportFrom) and (node.module or "").startswith("sqlalchemy"):
            names |= {alias.asname or alias.name: alias.name for alias in node.names}
    return names


def reads(tree: ast.AST) -> set[str]:
    """The ways in which a module begins a statement that reads."""
    known = sqlalchemy_names(tree)
    found = {name for name in known.values() if name in READS}
    for name in calls(tree):
        first, _, rest = name.partition(".")
        last = name.rpartition(".")[2]
        if first in known and rest and last in READS:
            found.add(last)
    return found


def test_only_the_door_reads() -> None:
    """No other module begins a SELECT, but for one that turns parameters into a table.

    And none but that of the declared tables says what can be read.

    Nor does any write SQL as plain text, but for those that make the tables. The one step that
    reads rows looks at everybody's, to fold them anew.
    """
    allowed = {
        DOOR: {"select", "exists"},
        REACH: {"select", "exists", "union_all"},
        GATE: {"select", "exists"},
        VIEW: {"select", "exists"},
        PARAMETER_TABLES: {"select"},
        TABLES: {"table"},
        "storage/migrations/versions/0027_folded_anew.py": {"table", "select"},
    }
    found = {
        str(path.relative_to(PACKAGE)): names
        for path in modules()
        if (names := reads(ast.parse(path.read_text("utf-8"))))
        if names != {"text"} or not str(path.relative_to(PACKAGE)).startswith(MIGRATIONS)
    }
    assert found == allowed


@pytest.mark.parametrize(
    "source",
    [
        "import sqlalchemy\nsqlalchemy.select(x)",
        "import sqlalchemy as sa\nrun = sa.select\nrun(x)",
        "import sqlalchemy as sa\nsa.sql.expression.select(x)",
        "from sqlalchemy import select as choose\nchoose(x)",
        "from sqlalchemy.sql import text\ntext('SELECT 1')",
        "import sqlalchemy.sql\nsqlalchemy.sql.text('SELECT 1')",
    ],
)
def test_other_ways_would_be_found(source: str) -> None:
    """However SQLAlchemy was imported."""
    assert reads(ast.parse(source))


def test_parameter_tables_name_no_stored_table() -> None:
    """The dialects know neither tables nor resources, so that they can't read any."""
    tree = ast.parse((PACKAGE / PARAMETER_TABLES).read_text("utf-8"))
    imported = {node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    assert not {name for name in imported if name and name.startswith("portvakt.storage")}


def test_one_module_chooses_what_the_standby_is_read_for() -> None:
    """No other operation, and nothing that writes, can come upon it."""
    found = {
        str(path.relative_to(PACKAGE))
        for path in modules()
        for name in calls(ast.parse(path.read_text("utf-8")))
        if name.endswith("store.replica")
    }
    assert found == {"operations/reading.py"}


# --- every statement -----------------------------------------------------------------------------


def methods() -> dict[str, ast.FunctionDef]:
    """The methods that give statements, by name."""
    return {
        node.name: node
        for made in (
            Statements,
            MovingStatements,
            DecisionStatements,
            PastDecisionStatements,
            VersionedStatements,
        )
        for node in ast.walk(ast.parse(inspect.getsource(made)))
        if isinstance(node, ast.FunctionDef)
    }


def reached(name: str, known: dict[str, ast.FunctionDef]) -> set[str]:
    """What a method calls, itself or by the private methods that it calls."""
    found = set(calls(known[name]))
    for private in known:
        if private.startswith("_") and private != name and f"self.{private}" in found:
            found |= reached(private, known)
    return found


def kinds() -> list[str]:
    """The public methods that give a statement."""
    return [
        name
        for name, method in methods().items()
        if not name.startswith("_")
        and method.returns
        and ast.unparse(method.returns) == "Statement"
    ]


@pytest.mark.parametrize("name", kinds())
def test_every_statement_goes_through_the_door(name: str) -> None:
    """Each asks the door for its conditions, unless it reads no rows for a caller."""
    found = reached(name, methods())
    assert found & (GUARDS | WITHOUT_ROWS), name
    if found & {"sa.update", "sa.delete"}:
        assert found & {"door.allowed", "of_customer"}


QUERY = Query(
    filters=(Filter("id", "in", True, ()), Filter("created_at", "", False, "")),
    order=(Order("created_at", True), Order("id")),
    search=("word",),
)

Make = Callable[[VersionedStatements, Resource, Access], Statement]

PROVABLE: dict[str, Make] = {
    "get": lambda s, r, access: s.get(r, access),
    "listing": lambda s, r, access: s.listing(r, QUERY, access),
    "count": lambda s, r, access: s.count(r, QUERY, access),
    "statistics": lambda s, r, access: s.statistics(r, QUERY, access),
    "matching": lambda s, r, access: s.matching(r, ("id",), access),
    "stored": lambda s, r, access: s.stored(r, access),
    "existing": lambda s, r, access: s.existing(r, access),
    "seen": lambda s, r, access: s.seen(r, access),
    "revised": lambda s, r, access: s.revised(r, access),
    "accessible": lambda s, r, access: s.accessible(r, access),
    "update": lambda s, r, access: s.update(r, access),
    "update_many": lambda s, r, access: s.update_many(r, access),
    "delete": lambda s, r, access: s.delete(r, access),
}
"""The statements that can prove the caller's credential in passing."""

GUARDED: dict[str, Make] = {
    **PROVABLE,
    "decisions": lambda s, r, access: s.decisions(r, access),
    "touch": lambda s, r, _: s.touch(r, "created_at"),
    "delete_before": lambda s, r, _: s.delete_before(r, "created_at"),
    "set_aside": lambda s, r, _: s.set_aside(r, "updated_at"),
    "ancestors": lambda s, r, _: s.ancestors(r, "id"),
}
OUR_OWN_WORK = {"touch", "delete_before", "set_aside", "ancestors"}
"""Those that no caller's bounds are for: the rows were found by others, or aren't shown."""
INSERTS: dict[str, Make] = {
    "insert": lambda s, r, _: s.insert(r),
    "insert_many": lambda s, r, _: s.insert_many(r),
}
VERSIONS: dict[str, Make] = {
    "insert_version": lambda s, r, _: s.insert_version(r),
    "insert_versions": lambda s, r, _: s.insert_versions(r),
    "insert_deletion": lambda s, r, access: s.insert_deletion(r, access),
}
LINKS = {"insert_links", "delete_links"}
PAST = {"ever", "forget"}
ABOUT_NO_RESOURCE = {"still_proven", "claims", "tokens", "lock_customer"}
DECISIONS = {"decide", "decide_many", "withdraw"}
PAST_DECISIONS = {"note_decision", "note_decisions", "note_withdrawal", "decided_then"}
PAST_DECISIONS |= {"lock_pairs", "last_change"}
CALLERS = Access(owned=True)
"""What an integration has to a resource, but for the proof."""

OWN = [resource for resource in load().resources.values() if not resource.platform]


@cache
def made(dialect: str) -> VersionedStatements:
    """The statements for one database; a process builds each once, as a server does."""
    registry = load()
    return VersionedStatements(registry, Tables(registry), DIALECTS[dialect])


def bound(statement: Statement) -> set[str]:
    """The names of a statement's parameters."""
    return {name for name, _, _ in statement.parameters}


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
        for access in (CALLERS, CALLERS._replace(proof=Proof.credential)):
            statement = GUARDED[kind](statements, resource, access)
            where = statement.text.partition("WHERE")[2]
            assert f"{table_name(resource)}.{CUSTOMER} = " in where, resource.name
            assert "scope_customer" in bound(statement)
            if resource.owner and kind not in OUR_OWN_WORK:
                assert f"{table_name(resource)}.{resource.owner.field} = " in where
                assert f"scope_{resource.owner.claim}" in bound(statement)


@pytest.mark.parametrize(("dialect", "kind"), list(product(DIALECTS, PROVABLE)))
def test_every_read_can_prove_the_credential(dialect: str, kind: str) -> None:
    """Where a credential is involved, the statement that reads checks it too, on any resource."""
    proof = {"scope_credential", "scope_credential_revision", "scope_activation_revision", "now"}
    statements = made(dialect)
    for resource in load().resources.values():
        proven = CALLERS._replace(proof=Proof.credential)
        assert proof <= bound(PROVABLE[kind](statements, resource, proven))
        assert not proof & bound(PROVABLE[kind](statements, resource, CALLERS))
    persons = load().resources["accounts.tenant"]
    assert proof <= bound(statements.decisions(persons, proven))


@pytest.mark.parametrize("dialect", DIALECTS)
@pytest.mark.parametrize("paging", [{"page": Page(1, 5)}, {"keyset": Keyset(5, ("", ""))}, {}])
@pytest.mark.parametrize("slim", [False, True])
def test_every_shape_of_list_names_the_customer(
    dialect: str, paging: dict[str, Any], slim: bool
) -> None:
    """However it is filtered, ordered and paged, an alternative can't open another way in."""
    query = Query(filters=QUERY.filters, search=QUERY.search, slim=slim, **paging)
    for resource in OWN:
        statement = made(dialect).listing(resource, query, CALLERS._replace(proof=Proof.credential))
        conditions = outermost(limited_once(statement.text)).partition("WHERE")[2]
        assert conditions.lstrip().startswith(f"{table_name(resource)}.{CUSTOMER} = ")
        assert " OR " not in conditions


def limited_once(text: str) -> str:
    """The inner part of a list whose rows are limited twice, around which nothing else stands."""
    twice = re.search(r"^SELECT [^()]*\sFROM \((.*)\) AS first\s+LIMIT[^()]*$", text, re.DOTALL)
    return twice[1] if twice else text


def outermost(text: str) -> str:
    """What stands in no parentheses."""
    depth, found = 0, []
    for letter in text:
        depth += (letter == "(") - (letter == ")")
        found.append(letter if depth == 0 else "")
    return "".join(found)


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
        if kind == "insert_deletion":
            where = statement.text.partition("WHERE")[2]
            assert where.lstrip().startswith(f"{table_name(resource)}.{CUSTOMER} = ")


@pytest.mark.parametrize("dialect", DIALECTS)
def test_a_past_moment_names_the_customer(dialect: str) -> None:
    """Reading as of a past moment goes through the same conditions."""
    statements = made(dialect)
    query = replace(QUERY, as_of="")
    for resource in (resource for resource in OWN if resource.versions):
        for statement in (
            statements.get(resource, CALLERS, as_of=True),
            statements.listing(resource, query, CALLERS),
            statements.count(resource, query, CALLERS),
            statements.statistics(resource, query, CALLERS),
        ):
            conditions = outermost(statement.text).partition("WHERE")[2]
            assert conditions.lstrip().startswith(f"{table_name(resource)}.{CUSTOMER} = ")
            assert {"scope_customer", "as_of"} <= bound(statement)
        assert "scope_customer" in bound(statements.forget(resource))
        past = statements.ever(resource, resource.references[0].name).text
        assert f"WHERE {table_name(resource)}_past.{CUSTOMER} = " in past.replace("\n", "")


@pytest.mark.parametrize("dialect", DIALECTS)
def test_decisions_name_the_customer(dialect: str) -> None:
    """So do the answers that decide: in their keys and in whatever is written to them."""
    statements = made(dialect)
    declared = statements.tables.declared
    table = declared(statements.tables.decisions)
    for key in (table.primary_key, *table.foreign_key_constraints):
        assert key.columns[0].name == CUSTOMER
    assert "scope_customer" in bound(statements.withdraw())
    for written in (statements.decide(), statements.decide_many()):
        assert f"INSERT INTO {table.name} ({CUSTOMER}, " in written.text
        assert f"ON CONFLICT ({CUSTOMER}, " in written.text
    past = declared(statements.tables.past_decisions)
    assert next(iter(past.primary_key.columns)).name == CUSTOMER
    for noted in (
        statements.note_decision(),
        statements.note_decisions(),
        statements.note_withdrawal(),
    ):
        assert f"INSERT INTO {past.name} ({CUSTOMER}, " in noted.text
    assert f"WHERE {table.name}.{CUSTOMER} = " in statements.note_withdrawal().text
    assert f"WHERE {past.name}.{CUSTOMER} = " in statements.decided_then().text
    assert "scope_customer" in bound(statements.decided_then())


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
    statements = VersionedStatements(registry, Tables(registry), DIALECTS[dialect])
    link = statements.tables.declared(statements.tables.links[resource.name, "tenants"])
    for key in (link.primary_key, *link.foreign_key_constraints):
        assert key.columns[0].name == CUSTOMER
    assert f"({CUSTOMER}, " in statements.insert_links(resource, "tenants").text
    delete = statements.delete_links(resource, "tenants")
    assert f"{link.name}.{CUSTOMER} = " in delete.text
    assert "scope_customer" in bound(delete)
    asked = Filter("tenants", "isnull", True, False)
    found = statements.listing(resource, Query(filters=(asked,)), CALLERS).text
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
