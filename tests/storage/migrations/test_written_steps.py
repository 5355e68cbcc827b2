"""Steps that are written from the declarations make what is declared, and keep what is there."""

from __future__ import annotations

import shutil
import sqlite3
from dataclasses import replace
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from portvakt.errors import SchemaOutdated
from portvakt.resources import load
from portvakt.schema import fields
from portvakt.schema.checks import Unique
from portvakt.schema.fields import (
    Boolean,
    Date,
    Field,
    Integer,
    Number,
    Reference,
    References,
    Text,
    Time,
)
from portvakt.schema.keeping import Keeps
from portvakt.schema.query import ListDefaults, Order
from portvakt.schema.registry import Registry
from portvakt.schema.resource import Resource
from portvakt.schema.rules import AtMostOneOf, ProperOrder, Rule
from portvakt.storage.migrations.draft import draft
from portvakt.storage.migrations.first_step import NAME as FIRST
from portvakt.storage.migrations.first_step import first_step
from portvakt.storage.migrations.migrate import migrate
from portvakt.storage.migrations.schema_version import STEPS, TABLE
from portvakt.storage.sql.dialects import DIALECTS
from portvakt.storage.sql.ledger_dialects import POSTGRESQL
from portvakt.storage.sql.tables import Tables
from portvakt.storage.store import Store
from tests.support.schemas import catalog, create_declared, fetch, opened
from tests.support.store_fixtures import MakeUrl
from tests.support.stores import (
    ACTIVATION,
    ANSWER,
    ORGANIZATION,
    REAL_ESTATE,
    RESOURCES,
    ROLE,
    TENANT,
    add,
    add_customer,
    ref,
    seed_platform,
)

KNOWN = load()
NEXT = "9999_next"


def declared(*changed: Resource) -> Registry:
    """Our resources, of which some are declared otherwise, and new ones."""
    resources = KNOWN.resources | {one.name: one for one in changed}
    return Registry(KNOWN.applications.values(), resources.values(), KNOWN.content_types.values())


def with_fields(resource: Resource, *more: Field, **changes: Any) -> Resource:
    """A resource with more fields."""
    return replace(resource, fields=(*resource.fields, *more), **changes)


def field_changed(resource: Resource, name: str, **changes: Any) -> Resource:
    """A resource, one of whose fields is declared otherwise."""
    all_ = (replace(f, **changes) if f.name == name else f for f in resource.fields)
    return replace(resource, fields=tuple(all_))


SPECIMEN = Resource(
    declared_in="portvakt.resources.common.test_specimen",
    path="/common/testspecimen/",
    description="A resource with each kind of field.",
    fields=(
        fields.ID,
        Text("name", required=True, nullable=False, max_length=1024),
        Text("kind", options=("one", "another"), nullable=False),
        Boolean("public", nullable=False, default=False),
        Integer("weight", minimum=1, maximum=9),
        Number("share", minimum=0, maximum=1),
        Date("begins"),
        Date("ends"),
        Reference("tenant", target="accounts.tenant"),
        References("companies", target="organization.company"),
        fields.CREATED_AT,
        fields.ORGANIZATION,
        fields.CUSTOM_ID,
    ),
    checks=(
        ProperOrder(("begins", "ends")),
        Unique(("name",)),
        Unique(("kind", "weight"), without="tenant"),
    ),
)

MORE = with_fields(
    TENANT,
    Text("test_name", max_length=20, digested=True),
    Boolean("checked"),
    Time("checked_at"),
    Date("checked_for", digested=True),
    Integer("floor"),
    Number("area"),
    Reference("checked_by", target="accounts.organizationuser", additive=True),
    References("friends", target="accounts.subtenant"),
)


LOG = replace(
    SPECIMEN,
    fields=(fields.ID, fields.CREATED_AT, Text("text", nullable=False, max_length=9)),
    checks=(),
    keeps=Keeps.log,
)

LIMITS = replace(
    field_changed(REAL_ESTATE, "name", max_length=500),
    checks=(
        *REAL_ESTATE.checks,
        AtMostOneOf(("type_code", "ownership_type")),
        Unique(("popular_name",)),
        Unique(("type_code",), without="company"),
    ),
)

LESS = replace(
    field_changed(ANSWER, "on_behalf_of", min_length=0, max_length=None),
    checks=tuple(check for check in ANSWER.checks if not isinstance(check, Rule)),
    listing=ListDefaults(()),
)

CASES = {
    "a resource": SPECIMEN,
    "a log": LOG,
    "fields": MORE,
    "limits": LIMITS,
    "rules": LESS,
    "indexes": replace(ORGANIZATION, checks=(), listing=ListDefaults((Order("name"), Order("id")))),
}


async def drafted(registry: Registry, folder: Path) -> str:
    """Draft the step to these declarations, and add it to a copy of the history; its text."""
    shutil.copytree(STEPS, folder)
    text = await draft(Tables(registry), folder, "Next")
    (folder / f"{NEXT}.py").write_text(text)
    return text


async def test_the_first_step_makes_what_is_declared(make_url: MakeUrl, tmp_path: Path) -> None:
    """Written from the declarations, with another resource among them."""
    registry = declared(SPECIMEN)
    for dialect in DIALECTS:
        text = first_step(Tables(registry), dialect)
        (tmp_path / f"{FIRST}.{dialect}.sql").write_text(text)
    migrated, made = make_url(), make_url()
    assert await migrate(migrated, tmp_path) == [FIRST]
    await create_declared(made, registry)
    assert await catalog(migrated) == await catalog(made)
    assert await draft(Tables(registry), tmp_path, "More") == ""


@pytest.mark.parametrize("resource", CASES.values(), ids=CASES)
async def test_a_draft_makes_what_is_declared(
    make_url: MakeUrl, tmp_path: Path, resource: Resource
) -> None:
    """A database that has taken it is the same as one that was made from the declarations."""
    registry, folder = declared(resource), tmp_path / "steps"
    text = await drafted(registry, folder)
    migrated, made = make_url(), make_url()
    await migrate(migrated, folder)
    await create_declared(made, registry)
    assert await catalog(migrated) == await catalog(made)
    assert "    # " not in text
    assert max(map(len, text.splitlines())) <= 100
    assert await draft(Tables(registry), folder, "More") == ""


async def test_every_table_can_be_drafted(make_url: MakeUrl, tmp_path: Path) -> None:
    """Those of the ledger too, from a history that begins with next to nothing."""
    version = f"CREATE TABLE {TABLE} (step TEXT NOT NULL);\nINSERT INTO {TABLE} VALUES ('');\n"
    (tmp_path / f"{FIRST}.sqlite.sql").write_text(version)
    (tmp_path / f"{FIRST}.postgresql.sql").write_text(f"{version}{POSTGRESQL.shared_guards[0]};\n")
    text = await draft(Tables(KNOWN), tmp_path, "Next")
    (tmp_path / f"{NEXT}.py").write_text(text)
    migrated, made = make_url(), make_url()
    await migrate(migrated, tmp_path)
    await create_declared(made)
    assert await catalog(migrated) == await catalog(made)


async def test_rows_are_kept(make_url: MakeUrl, tmp_path: Path) -> None:
    """A table to which others refer is changed with what is in it, and so are they left."""
    url, folder = make_url(), tmp_path / "steps"
    await migrate(url)
    async with opened(url) as database:
        store = Store(database, KNOWN)
        await seed_platform(store)
        customer = await add_customer(store)
        said = {"integration": ref(customer.a(ACTIVATION)), "answer": True}
        await add(customer.own, ANSWER, [{**said, "answered_by_tenant": ref(customer.a(TENANT))}])
    before = await rows(url)
    new = (
        Boolean("flag", nullable=False),
        Text("kind", nullable=False, default="x", digested=True),
    )
    registry = declared(with_fields(ANSWER, *new), with_fields(TENANT, *new))
    text = await drafted(registry, folder)
    assert text.count("# Say in SQL what the rows that are there get") == 3
    with pytest.raises((sqlite3.OperationalError, asyncpg.PostgresError), match=r"TODO|DEFAULT"):
        await migrate(url, folder)
    filled = text.replace('"flag": "TODO"', '"flag": "true"').replace('"TODO"', "\"'x'\"")
    (folder / f"{NEXT}.py").write_text(filled)
    assert await migrate(url, folder) == [NEXT]
    assert await rows(url) == before
    filled_in = await fetch(url, "SELECT flag, kind, kind_folded FROM accounts_tenant")
    assert {(bool(flag), *texts) for flag, *texts in filled_in} == {(True, "x", "x")}
    if url.startswith("sqlite"):
        assert await fetch(url, "PRAGMA foreign_key_check") == []


async def test_a_step_after_which_rows_refer_to_none_is_not_taken(
    make_url: MakeUrl, tmp_path: Path
) -> None:
    """SQLite looks at that only afterwards; nothing has changed then."""
    url, folder = make_url(), tmp_path / "steps"
    await migrate(url)
    async with opened(url) as database:
        store = Store(database, KNOWN)
        await seed_platform(store)
        await add_customer(store)
    before = await rows(url)
    shutil.copytree(STEPS, folder)
    for kind in DIALECTS:
        (folder / f"{NEXT}.{kind}.sql").write_text("DELETE FROM platform_customer")
    with pytest.raises(SchemaOutdated, match="nothing has changed"):
        await migrate(url, folder)
    assert await rows(url) == before


async def rows(url: str) -> dict[str, list[str]]:
    """What is in each table that is declared, in the columns that are."""
    found = {}
    for name, table in Tables(KNOWN).metadata.tables.items():
        columns = ", ".join(f'"{column.name}"' for column in table.c)
        found[name] = sorted(map(repr, await fetch(url, f"SELECT {columns} FROM {name}")))
    return found


async def test_what_cannot_be_drafted_is_said(tmp_path: Path) -> None:
    """At its place, for somebody to do; what can be is drafted nevertheless."""
    kept = tuple(field for field in TENANT.fields if field.name != "custom_id")
    changed = replace(TENANT, fields=(*kept, Date("since", personal=True)))
    log = replace(RESOURCES["common.eventlog"], keeps=Keeps.nothing)
    text = await drafted(declared(changed, log), tmp_path / "steps")
    told = " ".join(text.replace("    # ", "").split())
    assert "accounts_tenant: `custom_id TEXT` is not declared any more: change it by hand." in told
    assert "common_eventlog isn't only added to any more: drop its triggers by hand." in told
    assert 'forms.date("since", null=True)' in text


async def test_a_new_table_of_versions_asks_for_the_first(tmp_path: Path) -> None:
    """Only who declares it knows from when on what is there counts."""
    text = await drafted(declared(replace(ROLE, keeps=Keeps.versions)), tmp_path / "steps")
    assert "# What is there now has no version yet: insert it here." in text


async def test_nothing_is_drafted_where_nothing_differs() -> None:
    """As after each release."""
    assert await draft(Tables(KNOWN), STEPS, "Next") == ""
