"""Each written item leaves one event, in the transaction that wrote it; nothing changes events."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from random import Random
from typing import Any

import asyncpg
import pytest

from portvakt.access.credentials import Keys
from portvakt.access.passwords import Passwords
from portvakt.errors import IntegrityViolation, Problem
from portvakt.operations.accounts import credentials, logins
from portvakt.operations.context import Context
from portvakt.operations.writing import write
from portvakt.operations.writing.changes import Bulk
from portvakt.resources import load
from portvakt.schema.caller import Caller
from portvakt.schema.caller_kinds import OPERATOR
from portvakt.schema.operations import Operation
from portvakt.schema.registry import content_type_id
from portvakt.schema.resource import Resource
from portvakt.storage.events.events import PLATFORM
from portvakt.storage.store import Store
from tests.support import samples
from tests.support.stores import (
    ACTIVATION,
    ANSWER,
    CREDENTIAL,
    ORGANIZATION_USER,
    RESOURCES,
    TENANT,
    Customer,
    new_id,
    ref,
)

pytestmark = pytest.mark.asyncio(loop_scope="module")

Event = dict[str, Any]

WRITABLE = [one for one in load().offered if Operation.create in one.operations]
EVERY = pytest.mark.parametrize("resource", WRITABLE, ids=lambda one: one.name)
KEYS = Keys({1: b"0" * 32})


async def events_of(context: Context, resource: Resource, pk: str) -> list[Event]:
    """The events of an item, `before` and `after` read."""
    store = context.store
    customer = PLATFORM if resource.platform else context.caller.customer
    async with store.database.snapshot() as connection:
        found = await store.events.of_item(connection, customer, content_type_id(resource.name), pk)
    return [
        {
            **event,
            "before": event["before"] and json.loads(event["before"]),
            "after": event["after"] and json.loads(event["after"]),
        }
        for event in found
    ]


def told(events: list[Event]) -> list[tuple[str, int]]:
    """What was done, and which revision it made."""
    return [(event["operation"], event["revision"]) for event in events]


async def count(store: Store) -> int:
    """How many events there are."""
    return int((await store.database.fetch("SELECT count(*) FROM ledger_event"))[0][0])


# --- every writing path leaves one event ----------------------------------------------------------


def another_body(made: Event, resource: Resource, customer: Customer) -> Event:
    """A whole body that differs from an item."""
    empty = {
        field.name: field.render(field.default) if field.default is not None else None
        for field in resource.writable
        if field.nullable or field.default is not None
    }
    random = Random(f"another {resource.name}")
    fixed = {name for rule in resource.transitions for name in rule.own}
    bodies = ({**empty, **samples.body(random, resource, customer)} for _ in range(100))
    changed = ({name: body[name] for name in body if name not in fixed} for body in bodies)
    return next(body for body in changed if body != {name: made.get(name) for name in body})


@EVERY
async def test_each_write_of_an_item_leaves_one_event(
    customer: Customer, resource: Resource
) -> None:
    """Created, updated and deleted, one by one and in bulk; what changes nothing leaves none."""
    context, random = customer.own, Random(resource.name)
    made = await write.create(context, resource, samples.body(random, resource, customer))
    pk = made["id"]
    assert told(await events_of(context, resource, pk)) == [("created", 1)]
    (change,) = await write.bulk(context, resource, [made], Bulk())
    assert change.outcome == "unchanged"
    assert len(await events_of(context, resource, pk)) == 1
    await write.update(context, resource, pk, another_body(made, resource, customer))
    assert told(await events_of(context, resource, pk)) == [("created", 1), ("updated", 2)]
    await write.delete(context, resource, pk)
    last = (await events_of(context, resource, pk))[-1]
    assert (last["operation"], last["revision"]) == ("deleted", 3)
    assert (last["before"]["id"], last["after"]) == (pk, None)


@EVERY
async def test_a_bulk_write_leaves_one_event_for_each_item(
    customer: Customer, resource: Resource
) -> None:
    """In the order of the request, and with one origin."""
    context = replace(customer.own, through="api", request="r-1")
    bodies = samples.bodies(Random(resource.name), resource, customer, 20)
    changes = await write.bulk(context, resource, bodies, Bulk(atomic=False))
    for change in changes:
        events = await events_of(context, resource, change.item["id"]) if change.item else []
        assert told(events) == ([] if change.faults else [("created", 1)])
        for event in events:
            assert (event["through"], event["request"], event["at"]) == ("api", "r-1", context.now)
            assert (event["caller"], event["content_type"]) == (
                OPERATOR.name,
                content_type_id(resource.name),
            )


@pytest.mark.parametrize("how", [Bulk(dry_run=True), Bulk()], ids=["dry run", "refused"])
async def test_what_is_not_kept_leaves_no_event(customer: Customer, how: Bulk) -> None:
    """A dry run and a refused write leave nothing behind."""
    context = customer.own
    good = {"answer": True, "integration": ref(customer.a(ACTIVATION))}
    good |= {"answered_by_tenant": ref(customer.a(TENANT))}
    before = await count(context.store)
    bodies = [good] if how.dry_run else [good, {}]
    if how.dry_run:
        await write.bulk(context, ANSWER, bodies, how)
    else:
        with pytest.raises(Problem):
            await write.bulk(context, ANSWER, bodies, how)
    assert await count(context.store) == before


async def test_credentials_leave_events_without_secrets(customer: Customer) -> None:
    """Issued, rotated and revoked; neither the digest nor the last use is in an event."""
    context, integration = customer.own, customer.a(ACTIVATION, 1)
    (before,) = customer.ids[CREDENTIAL.name][1:]
    await credentials.revoke(context, before)
    first = await credentials.issue(context, KEYS, integration=integration)
    second = await credentials.rotate(context, KEYS, first["id"], overlap=60)
    await credentials.revoke(context, second["id"])
    assert told(await events_of(context, CREDENTIAL, before)) == [("updated", 2)]
    events = await events_of(context, CREDENTIAL, first["id"])
    assert told(events) == [("created", 1), ("updated", 2)]
    assert [*events[1]["before"]] == ["expires_at"]
    assert told(await events_of(context, CREDENTIAL, second["id"])) == [
        ("created", 1),
        ("updated", 2),
    ]
    for event in events:
        known = {"id", "integration", "expires_at", "revoked_at", "created_at"}
        assert {*event["after"]} == known


@pytest.mark.slow
async def test_people_leave_events(customer: Customer) -> None:
    """A password and a login: the administrator who logs in is who issues the token."""
    context, passwords = customer.own, Passwords()
    resource, token = RESOURCES["platform.administrator"], RESOURCES["platform.token"]
    body = {"organization_user": ref(customer.a(ORGANIZATION_USER)), "email": "ada@example.com"}
    made = await write.create(context, resource, body)
    await logins.set_password(context, passwords, made["id"], password="correct horse")
    events = await events_of(context, resource, made["id"])
    assert told(events) == [("created", 1), ("updated", 2)]
    assert "password" not in str(events)
    before = await count(context.store)
    entered = {"customer": customer.id, "email": "ada@example.com", "password": "correct horse"}
    for issued in (1, 2, 4):  # the third takes the place of the first
        await logins.login(context, KEYS, passwords, **entered)
        assert await count(context.store) == before + issued
    rows = await context.store.database.fetch(
        "SELECT caller, CAST(holder AS TEXT), operation FROM ledger_event"
        f" WHERE content_type = '{content_type_id(token.name)}'"
        f" AND CAST(holder AS TEXT) = '{made['id']}'"
    )
    assert sorted((row[0], row[2]) for row in rows) == [
        *[("administrator", "created")] * 3,
        ("administrator", "deleted"),
    ]


async def test_operators_tokens_leave_events(store: Store) -> None:
    """On the chain of the platform."""
    context = Context(
        store,
        Caller(customer="", kind=OPERATOR),
        "2026-01-01T00:00:00.000000Z",
        new_id,
        rechecked=False,
    )
    body = {"name": "Ada", "email": f"{new_id()}@example.com"}
    operator = await write.create(context, RESOURCES["platform.operator"], body)
    before = await count(store)
    await logins.issue_token(context, KEYS, operator["id"], None)
    assert await count(store) == before + 1


# --- what stands in an event ----------------------------------------------------------------------


async def test_an_event_says_who(customer: Customer) -> None:
    """The activation, the version of the service and the credential of an integration."""
    body = {"answer": True, "integration": ref(customer.a(ACTIVATION))}
    body |= {"answered_by_tenant": ref(customer.a(TENANT))}
    context = customer.context
    made = await write.create(context, ANSWER, body)
    (event,) = await events_of(context, ANSWER, made["id"])
    caller = context.caller
    assert (event["caller"], event["holder"]) == ("integration", None)
    assert event["activation"] == caller.activation
    assert (event["service_version"], event["credential"]) == (
        caller.service_version,
        caller.credential,
    )


async def test_an_update_tells_what_changed(customer: Customer) -> None:
    """`before` holds what changed alone; `after` holds the whole item."""
    context = customer.own
    body = {"answer": True, "integration": ref(customer.a(ACTIVATION))}
    body |= {"answered_by_tenant": ref(customer.a(TENANT))}
    made = await write.create(context, ANSWER, body)
    await write.update(context, ANSWER, made["id"], {"answer": False})
    event = (await events_of(context, ANSWER, made["id"]))[1]
    assert event["before"] == {"answer": True}
    assert event["after"]["answer"] is False
    assert {*event["after"]} == {*ANSWER.known}


async def test_personal_values_enter_as_digests(customer: Customer) -> None:
    """The same value of the same item gives the same digest; no other item's does."""
    context = customer.own
    one, other = [await write.create(context, TENANT, {"first_name": "Åsa"}) for _ in range(2)]
    await write.update(context, TENANT, one["id"], {"first_name": "Eva"})
    await write.update(context, TENANT, one["id"], {"first_name": "Åsa"})
    first, second, third = await events_of(context, TENANT, one["id"])
    (elsewhere,) = await events_of(context, TENANT, other["id"])
    assert not {"Åsa", "Eva"} & {*re.findall(r"\w+", str((first, second, third)))}
    assert len(first["after"]["first_name"]["digest"]) == 64
    assert second["before"]["first_name"] == first["after"]["first_name"]
    assert second["after"]["first_name"] != first["after"]["first_name"]
    assert third["after"]["first_name"] == first["after"]["first_name"]
    assert elsewhere["after"]["first_name"] != first["after"]["first_name"]


@pytest.mark.parametrize("resource", load().resources.values(), ids=lambda one: one.name)
async def test_no_secret_and_no_personal_field_enters_as_it_is(resource: Resource) -> None:
    """By declaration: internal and technical fields never, personal ones as digests alone."""
    for field in resource.fields:
        if field.internal or field.technical:
            assert field.name not in (*resource.plain, *resource.digested)
        elif field.personal:
            assert field.name in resource.digested


# --- append-only ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "what", ["UPDATE ledger_event SET caller = 'x'", "DELETE FROM", "TRUNCATE"]
)
async def test_the_database_refuses_to_change_events(store: Store, what: str) -> None:
    """By a trigger, whoever asks. SQLite has no TRUNCATE."""
    statement = what if " SET " in what else f"{what} ledger_event"
    if store.dialect.name == "sqlite":
        statement = statement.replace("TRUNCATE", "DELETE FROM")
    before = await count(store)
    with pytest.raises((IntegrityViolation, asyncpg.RaiseError)):
        async with store.database.transaction() as connection:
            await connection.execute(statement)
    assert await count(store) == before
