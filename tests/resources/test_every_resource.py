"""Every resource that the API offers can be written and read by all operations."""

from __future__ import annotations

from random import Random

import pytest

from portvakt.operations.reading import read
from portvakt.operations.writing import write
from portvakt.operations.writing.changes import Bulk
from portvakt.resources import load
from portvakt.schema.operations import Operation
from portvakt.schema.query import Page, Query
from portvakt.schema.resource import Resource
from portvakt.schema.transitions import Fixed
from portvakt.schema.validation import merge, parse_body
from portvakt.storage.sql.rows import render_item
from tests.support import samples
from tests.support.stores import Customer, clean_item, outcomes

pytestmark = pytest.mark.asyncio(loop_scope="module")

OFFERED = [one for one in load().offered if Operation.create in one.operations]
EVERY = pytest.mark.parametrize("resource", OFFERED, ids=lambda one: one.name)


@EVERY
async def test_an_item_is_created_read_changed_and_deleted(
    customer: Customer, resource: Resource
) -> None:
    """Each field comes back as it was sent or has its default; what was read can be sent back."""
    context = customer.own
    body = samples.body(Random(resource.name), resource, customer)
    made = await write.create(context, resource, body)
    clean = clean_item(resource, made)
    known = {field.name: clean[field.name] for field in resource.fields if field.read_only}
    sent = merge(resource, parse_body(resource, body).given | known, None)
    assert made == render_item(resource, sent)
    assert await read.get(context, resource, made["id"]) == made
    whole = await read.get(context, resource, made["id"], evidence=True)
    assert whole == render_item(resource, sent, resource.known)
    query = Query(page=Page(1, 1000))
    assert made in (await read.page(context, resource, query)).items
    (change,) = await write.bulk(context, resource, [made], Bulk())
    assert change.outcome == "unchanged"
    if "custom_id" in resource.by_name:
        changed = await write.update(context, resource, made["id"], {"custom_id": "å"})
        assert changed == {**made, "custom_id": "å"}
    await write.delete(context, resource, made["id"])
    assert await read.get(context, resource, made["id"]) is None


@EVERY
async def test_many_items_are_created_and_replaced(customer: Customer, resource: Resource) -> None:
    """A bulk write stores what single writes store, also over what is there."""
    context = customer.own
    random = Random(resource.name)
    one = samples.body(random, resource, customer)
    fixed = {name for rule in resource.transitions if isinstance(rule, Fixed) for name in rule.own}
    free = [field.name for field in resource.writable if field.name not in fixed]
    others = (samples.body(random, resource, customer) for _ in range(100))
    other = next(body for body in others if any(body.get(n) != one.get(n) for n in free))
    empty = {
        field.name: field.render(field.default) if field.default is not None else None
        for field in resource.writable
        if field.nullable or field.default is not None
    }
    (made,) = await write.bulk(context, resource, [one], Bulk())
    said = {name: value for name, value in {**empty, **other}.items() if name in free}
    (change,) = await write.bulk(context, resource, [{**said, "id": made.item["id"]}], Bulk())
    assert outcomes([change]) == ["updated"]
    stored = await read.get(context, resource, made.item["id"], evidence=True)
    assert stored == render_item(resource, change.item, resource.known)
    assert stored is not None
    given = {
        name: value for name, value in parse_body(resource, other).given.items() if name in said
    }
    fields = {name: resource.known[name] for name in given}
    assert {name: stored[name] for name in given} == render_item(resource, given, fields)
