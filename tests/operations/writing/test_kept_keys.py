"""Idempotency keys in the database: claimed once, kept for a time, swept in batches."""

from __future__ import annotations

import asyncio
import hashlib
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from portvakt.access.credentials import Keys
from portvakt.errors import Problem
from portvakt.operations.context import Context
from portvakt.operations.idempotency import IdempotentWrite
from portvakt.operations.writing import write
from portvakt.operations.writing.sweeping import BATCH, Sweeper
from portvakt.storage.statements.idempotency_keys import KeyHolder
from portvakt.storage.store import Store
from tests.support.stores import TENANT, Customer, moment, new_id

pytestmark = pytest.mark.asyncio(loop_scope="module")

KEYS = Keys({1: b"k" * 32})
HOUR = 3600.0
DAY = timedelta(hours=24)


def asked(context: Context, key: str, body: str, keys: Keys = KEYS) -> Context:
    """The context of a request with a key."""
    digest = hashlib.sha256(body.encode()).hexdigest
    return replace(context, idempotent=IdempotentWrite(key, keys, digest, DAY))


async def create(context: Context, name: str) -> tuple[str, bool]:
    """The id of the tenant that the request is answered, and whether that was done before."""
    item = await write.create(context, TENANT, {"first_name": name})
    assert context.idempotent is not None
    return str(item["id"]), context.idempotent.replayed


def person(customer: Customer, seconds: float = 0) -> Context:
    """A request of a person who holds a token, so many seconds after the beginning."""
    caller = replace(customer.own.caller, holder=customer.a(TENANT))
    return replace(customer.own, caller=caller, now=moment(seconds))


async def keys_of(store: Store, customer: Customer) -> int:
    """How many keys are kept for a customer."""
    rows = await store.database.fetch(
        f"SELECT count(*) FROM idempotency_key WHERE customer_id = '{customer.id}'"
    )
    return int(rows[0][0])


async def test_a_key_lasts_for_a_day(customer: Customer) -> None:
    """Until then it stands for what was done; from then on it is as if it had never been used."""
    pk, before = await create(asked(person(customer), "a", "x"), "x")
    assert not before
    again = asked(person(customer, 24 * HOUR - 1), "a", "x")
    assert await create(again, "x") == (pk, True)
    other, replayed = await create(asked(person(customer, 24 * HOUR), "a", "x"), "x")
    assert (other != pk, replayed) == (True, False)
    assert await create(asked(person(customer, 25 * HOUR), "a", "x"), "x") == (other, True)


async def test_a_key_outlives_another_hashing_key(customer: Customer) -> None:
    """While hashing keys are changed, what was done under the old one is still found."""
    pk, _ = await create(asked(person(customer), "b", "x"), "x")
    both = Keys({**KEYS.by_number, 2: b"n" * 32})
    assert await create(asked(person(customer), "b", "x", both), "x") == (pk, True)
    with pytest.raises(Problem, match="idempotency_mismatch"):
        await create(asked(person(customer), "b", "y", both), "y")


@pytest.mark.parametrize("refused", [True, False])
async def test_twins_wait_for_each_other(customer: Customer, refused: bool) -> None:
    """One writes; where the first is refused, the next one is done as if it were the first."""
    body: Any = {"first_name": 7 if refused else "x"}

    async def ask() -> tuple[bool, bool]:
        context = asked(person(customer), f"c {refused}", "x")
        try:
            await write.create(context, TENANT, body)
        except Problem:
            return False, False
        assert context.idempotent is not None
        return True, context.idempotent.replayed

    found = await asyncio.gather(*(ask() for _ in range(6)))
    assert sorted(found) == (
        [(False, False)] * 6 if refused else [(True, False)] + [(True, True)] * 5
    )


async def test_without_a_key_nothing_is_asked(store: Store, customer: Customer) -> None:
    """A write without one runs no statement on keys."""
    before = await keys_of(store, customer)
    await write.create(person(customer), TENANT, {"first_name": "x"})
    assert await keys_of(store, customer) == before


async def test_keys_that_are_over_are_swept(store: Store, customers: tuple[Customer, ...]) -> None:
    """All of them, of every customer, in batches; and no others."""
    for customer in customers:
        await create(asked(person(customer, HOUR), "new", "x"), "x")
        for _ in range(BATCH // 2 + 10):
            holder = KeyHolder(customer.id, new_id())
            async with store.database.transaction() as connection:
                await store.idempotency_keys.claim(
                    connection, holder, [("old", "x")], now=moment(), over=moment(-HOUR)
                )
                await store.idempotency_keys.fill(connection, holder, "old", "[[]]")
    swept = await Sweeper(store, DAY, lambda: moment(24 * HOUR)).sweep()
    assert swept >= 2 * (BATCH // 2 + 10) > BATCH
    assert [await keys_of(store, customer) for customer in customers] == [1, 1]
    assert await Sweeper(store, DAY, lambda: moment(24 * HOUR)).sweep() == 0
