"""Bulk writes to test with, and what is told of them."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest

from portvakt.errors import Code, Fault, Problem
from portvakt.operations.context import Context
from portvakt.operations.reading import read
from portvakt.operations.writing import write
from portvakt.operations.writing.changes import Bulk
from portvakt.schema.query import Query
from portvakt.schema.registry import content_type_id
from portvakt.schema.resource import Resource
from tests.support.stores import (
    ACTIVATION,
    TENANT,
    Customer,
    ref,
)

Item = dict[str, Any]

ATOMIC = Bulk()
NOT_ATOMIC = Bulk(atomic=False)
BY_KEY = ("content_type", "object_id", "external_id")
TENANTS = content_type_id(TENANT.name)


def answer(customer: Customer, place: int = 0, **more: Any) -> Item:
    """The body of a tenant's answer to the customer's first activation."""
    person = ref(customer.a(TENANT, place))
    return {
        "answer": True,
        "integration": ref(customer.a(ACTIVATION)),
        "answered_by_tenant": person,
        **more,
    }


def connection(customer: Customer, external_id: str, place: int = 0, **more: Any) -> Item:
    """The body of a connection of a tenant."""
    return {
        "content_type": ref(TENANTS),
        "object_id": customer.a(TENANT, place),
        "external_id": external_id,
        **more,
    }


async def everything(context: Context, resource: Resource) -> list[Item]:
    """All items that the context can see."""
    return (await read.page(context, resource, Query())).items


async def done(context: Context, resource: Resource, bodies: list[Any], how: Bulk = ATOMIC) -> Any:
    """The items that a bulk write answers."""
    return [change.item for change in await write.bulk(context, resource, bodies, how)]


async def refusal(
    context: Context, resource: Resource, bodies: list[Any], how: Bulk = ATOMIC
) -> Problem:
    """How a bulk write is refused; it must have written nothing."""
    before = await everything(context, resource)
    with pytest.raises(Problem) as caught:
        await write.bulk(context, resource, bodies, how)
    assert caught.value.code is Code.invalid
    assert await everything(context, resource) == before
    return caught.value


def found(faults: tuple[Fault, ...] | list[Fault]) -> Counter[tuple[str, str]]:
    """The faults' pointers and codes."""
    return Counter((fault.where, fault.code.value) for fault in faults)
