"""What decides what integrations see is not theirs to change (decision record 37)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from itertools import product
from random import Random
from typing import Any
from uuid import uuid4

import pytest

from portvakt.errors import Code, FaultCode, Problem
from portvakt.ingest import loading
from portvakt.ingest.loading import Line
from portvakt.operations.context import Context
from portvakt.operations.reading import read
from portvakt.operations.writing import write
from portvakt.operations.writing.changes import Bulk
from portvakt.schema.caller_kinds import ADMINISTRATOR, INTEGRATION
from portvakt.schema.decision import ConsentTerms
from portvakt.schema.fields import Field
from portvakt.schema.resource import Resource
from tests.support import samples
from tests.support.stores import (
    ACTIVATION,
    ADDRESS,
    ANSWER,
    ORGANIZATION,
    PERMISSIONS,
    RESOURCES,
    SUB_TENANT,
    TENANT,
    Customer,
    Item,
    activation,
    add,
    address,
    ref,
)

pytestmark = pytest.mark.asyncio(loop_scope="module")

PROTECTED = RESOURCES["accounts.protectedidentity"]
SHARING = "allows_external_personal_information_sharing"
WRITING = frozenset({"read", "create", "update", "delete"})
BY_MARK = Bulk(match=("custom_id",))

GUARDED = [
    (resource, field)
    for resource in RESOURCES.values()
    if INTEGRATION in resource.used_by and resource.operations
    for field in resource.guarded
]


def integration(customer: Customer, *answers: str, mode: int = 0) -> Context:
    """An integration that may write everything; of answers it has only the rights that are named.

    In mode 0 it sees all persons but those who forbid it; in mode 2 those who said yes.
    """
    rights = {**dict.fromkeys(RESOURCES, WRITING), ANSWER.name: frozenset(answers)}
    terms = ConsentTerms(active=True, requires=True, mode=mode)
    caller = replace(customer.context.caller, rights=rights, consent_terms=terms)
    return replace(customer.context, caller=caller, rechecked=False)


def administrator(customer: Customer) -> Context:
    """Somebody who works for the customer."""
    return replace(customer.own, caller=replace(customer.own.caller, kind=ADMINISTRATOR))


def another_value(customer: Customer, field: Field, stored: Any) -> Any:
    """A value that the field can have, and that isn't the stored one."""
    random = Random(field.name)
    made = (samples.value(random, field, customer.ids) for _ in range(100))
    return next(one for one in made if one not in (stored, field.default))


async def refusals(
    context: Context, resource: Resource, pk: str, mark: str, changes: Item
) -> Iterable[list[tuple[str, str, str]]]:
    """The code, place and detail of the faults of a change, by each way to ask for it."""
    found = []
    for attempt in (
        write.update(context, resource, pk, changes),
        write.bulk(context, resource, [{"id": pk, **changes}], Bulk()),
        write.bulk(context, resource, [{"custom_id": mark, **changes}], BY_MARK),
    ):
        with pytest.raises(Problem) as raised:
            await attempt
        assert raised.value.code is Code.invalid
        found.append([(f.code.value, f.where, f.detail) for f in raised.value.faults])
    lines = [Line(7, {"custom_id": mark, **changes})]
    (line,) = await loading.load(context, resource, lines, ("custom_id",))
    assert (line.number, line.outcome) == (7, "refused")
    found.append([(f.code.value, f"/0{f.where}", f.detail) for f in line.faults])
    return found


@pytest.mark.parametrize(("resource", "field"), GUARDED, ids=lambda one: one.name)
async def test_an_integration_changes_no_guarded_field(
    customer: Customer, resource: Resource, field: Field
) -> None:
    """By update, bulk write, `_match` or import; sent back as it was read, it changes nothing."""
    context, pk, mark = integration(customer, "create", "update"), customer.a(resource), new_mark()
    before = await write.update(customer.own, resource, pk, {"custom_id": mark})
    changes = {field.name: another_value(customer, field, before[field.name])}
    assert field.guarded
    said = f"{field.guarded.value}."
    for faults in await refusals(context, resource, pk, mark, changes):
        where = [f"{prefix}/{field.name}" for prefix in ("", "/0")]
        assert [f for f in faults if f[0] == "guarded"] in [[("guarded", w, said)] for w in where]
    assert await read.get(customer.own, resource, pk) == before
    same = [{"id": pk, field.name: before[field.name]}]
    (change,) = await write.bulk(context, resource, same, Bulk())
    assert change.outcome == "unchanged"
    dry = Bulk(atomic=False, dry_run=True)
    for people in (customer.own, administrator(customer)):
        (change,) = await write.bulk(people, resource, [{"id": pk, **changes}], dry)
        assert FaultCode.guarded not in {fault.code for fault in change.faults}


def new_mark() -> str:
    """A `custom_id` that nothing has."""
    return uuid4().hex


async def test_an_activation_is_made_by_people(customer: Customer) -> None:
    """An integration can't make itself another one; what names none in a match would be new."""
    context = integration(customer)
    body = activation(customer.vendor, customer.a(ORGANIZATION), 3)
    for attempt in (
        write.create(context, ACTIVATION, body),
        write.bulk(context, ACTIVATION, [body], Bulk(atomic=False)),
        write.bulk(context, ACTIVATION, [{"custom_id": new_mark()}], BY_MARK),
    ):
        with pytest.raises(Problem, match="Only administrators and operators") as raised:
            await attempt
        assert raised.value.code is Code.forbidden
    assert (await write.create(administrator(customer), ACTIVATION, body))["is_active"]


@pytest.mark.parametrize("resource", [TENANT, SUB_TENANT], ids=lambda one: one.model)
async def test_whether_somebody_shares_is_said_by_who_may_answer_for_them(
    customer: Customer, resource: Resource
) -> None:
    """Of a new person nothing else than the default; a portal says it, as it writes answers."""
    body = {"first_name": "Ny", **(PERMISSIONS if resource is SUB_TENANT else {})}
    for rights in ((), ("all",), ("create", "update", "delete")):
        context = integration(customer, *rights)
        for sharing in (True, False):
            with pytest.raises(Problem) as raised:
                await write.create(context, resource, {**body, SHARING: sharing})
            (fault,) = raised.value.faults
            assert (fault.code, fault.where) == (FaultCode.guarded, f"/{SHARING}")
        assert (await write.create(context, resource, {**body, SHARING: None}))[SHARING] is None
    portal = integration(customer, "create", "all")
    made = await write.create(portal, resource, {**body, SHARING: False})
    assert (made[SHARING], made["first_name"]) == (False, None)
    changed = await write.update(portal, resource, made["id"], {SHARING: True})
    assert (changed[SHARING], changed["first_name"]) == (True, "Ny")


async def test_a_protected_identity_stays_its_persons(customer: Customer) -> None:
    """Who doesn't see it can't see it by saying that it is somebody's whom they do see."""
    silent, willing = customer.ids[TENANT.name][:2]
    await write.update(customer.own, TENANT, silent, {SHARING: False})
    body = {"tenant": ref(silent), "first_name": "Skyddad"}
    identity = await write.create(customer.own, PROTECTED, body)
    context = integration(customer)
    for changes, places in (
        ({"tenant": ref(willing)}, {"/tenant"}),
        ({"tenant": None, "sub_tenant": ref(customer.a(SUB_TENANT))}, {"/tenant", "/sub_tenant"}),
    ):
        with pytest.raises(Problem) as raised:
            await write.update(context, PROTECTED, identity["id"], changes)
        assert {f.where for f in raised.value.faults if f.code is FaultCode.guarded} == places
    same = {"tenant": ref(silent), "custom_id": "new"}
    changed = await write.update(context, PROTECTED, identity["id"], same)
    assert (changed["first_name"], changed["custom_id"]) == (None, "new")
    await write.update(customer.own, TENANT, silent, {SHARING: None})
    moved = await write.update(context, PROTECTED, identity["id"], {"tenant": ref(willing)})
    assert moved["first_name"] == "Skyddad"


async def test_what_is_not_seen_is_given_to_no_one(customer: Customer) -> None:
    """Whoever has an address, the person itself too, or nobody: the answer is the same."""
    silent, willing, other = customer.ids[TENANT.name][:3]
    theirs, free = await add(customer.own, ADDRESS, [address(7), address(8)])
    hidden = {SHARING: False, "future_address": ref(theirs["id"])}
    await write.update(customer.own, TENANT, silent, hidden)
    context = integration(customer)
    for pk, home in product((silent, willing, other), (theirs, free)):
        giving = {"current_registered_address": ref(home["id"])}
        new = {"first_name": "Ny", **giving}
        for body, dry in product(({"id": pk, **giving}, new), (True, False)):
            how = Bulk(atomic=False, dry_run=dry)
            (change,) = await write.bulk(context, TENANT, [body], how)
            said = [(fault.code.value, fault.where) for fault in change.faults]
            assert said == [("guarded", "/current_registered_address")]


async def test_what_is_seen_can_be_given(customer: Customer) -> None:
    """An address of a person who is seen can be given to anybody."""
    silent, willing, other = customer.ids[TENANT.name][:3]
    (home,) = await add(customer.own, ADDRESS, [address(7)])
    await write.update(customer.own, TENANT, willing, {"future_address": ref(home["id"])})
    await write.update(customer.own, TENANT, silent, {SHARING: False})
    context = integration(customer)
    for pk in (silent, willing, other):
        await write.update(context, TENANT, pk, {"current_registered_address": ref(home["id"])})


async def test_who_wrote_all_of_an_address_can_give_it(customer: Customer) -> None:
    """Whoever has it by then; once somebody else has written it, it is no more known."""
    silent, willing, other = customer.ids[TENANT.name][:3]
    context = integration(customer)
    caller = replace(context.caller, activation=customer.a(ACTIVATION, 1))
    homes = [(await write.create(context, ADDRESS, address(n)))["id"] for n in range(4)]
    free, taken, changed, others = homes
    hidden = {SHARING: False, "current_registered_address": ref(taken)}
    await write.update(customer.own, TENANT, silent, hidden)
    await write.update(customer.own, ADDRESS, changed, {"city": "Annorstädes"})
    await write.update(replace(context, caller=caller), ADDRESS, others, {"city": "Annorstädes"})
    for home in (free, taken):
        await write.update(context, TENANT, willing, {"future_address": ref(home)})
        item = await read.get(context, ADDRESS, home)
        assert item is not None
        assert item["city"] == "Låtsasby"
    for home in (changed, others):
        with pytest.raises(Problem) as raised:
            await write.update(context, TENANT, other, {"future_address": ref(home)})
        assert [fault.code for fault in raised.value.faults] == [FaultCode.guarded]
