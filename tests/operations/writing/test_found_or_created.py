"""Whoever finds nothing creates it: at the same time too, one does, and the others find it."""

from __future__ import annotations

import asyncio
from collections import Counter
from random import Random
from typing import Any

import pytest

from portvakt.access import tokens
from portvakt.access.credentials import Keys
from portvakt.access.passwords import Passwords
from portvakt.errors import Code, Problem
from portvakt.ingest import loading
from portvakt.ingest.loading import Line
from portvakt.operations.accounts import logins
from portvakt.operations.reading import read
from portvakt.operations.writing import write
from portvakt.operations.writing.changes import Bulk
from portvakt.schema.query import Query
from portvakt.storage.statements import advisory_locks
from portvakt.storage.store import Store
from tests.support.stores import ORGANIZATION_USER, RESOURCES, TENANT, Customer, insert, outcomes

pytestmark = pytest.mark.asyncio(loop_scope="module")

BY_CUSTOM_ID = Bulk(match=("custom_id",))
ROUNDS = 4


def tenants(names: list[str], said: str) -> list[dict[str, Any]]:
    """Bodies of tenants whom `custom_id` tells apart."""
    return [{"custom_id": name, "first_name": said} for name in names]


async def stored(customer: Customer) -> Counter[str]:
    """How many tenants have each `custom_id`."""
    items = (await read.page(customer.own, TENANT, Query())).items
    return Counter(item["custom_id"] for item in items if item["custom_id"])


async def test_one_of_two_creates_and_the_other_updates(customer: Customer) -> None:
    """The same new item by `_match=custom_id` from several clients is stored once."""
    for number in range(ROUNDS):
        changes = await asyncio.gather(
            *(
                write.bulk(
                    customer.own, TENANT, tenants([f"one {number}"], f"{client}"), BY_CUSTOM_ID
                )
                for client in range(4)
            )
        )
        told = Counter(outcome for change in changes for outcome in outcomes(change))
        assert told == {"created": 1, "updated": 3}
        assert (await stored(customer))[f"one {number}"] == 1


@pytest.mark.parametrize("seed", range(2))
async def test_many_keys_in_any_order_are_created_once(customer: Customer, seed: int) -> None:
    """Whatever keys the arrays share, in whatever order: each is stored once, nobody is refused."""
    random, names = Random(seed), [f"many {seed} {number}" for number in range(120)]
    for _ in range(ROUNDS):
        asked = [random.sample(names, 60) for _ in range(4)]
        await asyncio.gather(
            *(
                write.bulk(customer.own, TENANT, tenants(some, str(client)), BY_CUSTOM_ID)
                for client, some in enumerate(asked)
            )
        )
    assert {*(await stored(customer)).values()} == {1}


async def test_an_item_that_is_deleted_meanwhile_is_created(customer: Customer) -> None:
    """What matched is found or created, never refused because another request deleted it."""
    for number in range(ROUNDS):
        (name,) = names = [f"gone {number}"]
        (made,) = await write.bulk(customer.own, TENANT, tenants(names, "a"), BY_CUSTOM_ID)
        matched = write.bulk(customer.own, TENANT, tenants(names, "b"), BY_CUSTOM_ID)
        changes, _ = await asyncio.gather(
            matched, write.delete(customer.own, TENANT, made.item["id"])
        )
        assert outcomes(changes)[0] in ("created", "updated")
        assert (await stored(customer))[name] == (outcomes(changes) == ["created"])


async def test_lines_of_two_imports_are_created_once(customer: Customer) -> None:
    """`portvakt import --match`, twice at once, in one transaction each and in several."""
    names = [f"line {number}" for number in range(40)]

    async def load(said: str, *, whole: bool) -> None:
        parts = (names[:20], names[20:]) if said == "a" else (names[20:], names[:20])
        if not whole:
            for part in parts:
                lines = [Line(n, body) for n, body in enumerate(tenants(part, said))]
                await loading.load(customer.own, TENANT, lines, ("custom_id",))
            return
        async with write.together(customer.own) as context:
            for part in parts:
                lines = [Line(n, body) for n, body in enumerate(tenants(part, said))]
                await loading.load(context, TENANT, lines, ("custom_id",))

    for whole in (False, True):
        await asyncio.gather(*(load(said, whole=whole) for said in "ab"))
        assert {(await stored(customer))[name] for name in names} == {1}


async def test_ten_thousand_keys_share_few_locks() -> None:
    """The database has room for some thousands, for all transactions together."""
    assert (
        len({advisory_locks.place((f"key {number}",)) for number in range(10_000)})
        == advisory_locks.SHARED
        <= 64
    )


# --- passwords ------------------------------------------------------------------------------------

KEYS = Keys({1: b"k" * 32})


@pytest.mark.slow
async def test_a_login_with_the_old_password_ends_with_it(store: Store, customer: Customer) -> None:
    """Of a login and a new password at the same time no token is left of the old one."""
    passwords, resource = Passwords(), RESOURCES["platform.administrator"]
    user = {"organization_user": customer.a(ORGANIZATION_USER), "email": "asa@example.com"}
    (pk,) = await insert(store, resource, [{**user, "is_active": True}], customer.id)
    for number in range(ROUNDS):
        await logins.set_password(customer.own, passwords, pk, password=f"old password {number}")
        outcome, _ = await asyncio.gather(
            logins.login(
                customer.own,
                KEYS,
                passwords,
                customer=customer.id,
                email="asa@example.com",
                password=f"old password {number}",
            ),
            logins.set_password(customer.own, passwords, pk, password=f"new password {number}"),
            return_exceptions=True,
        )
        assert not isinstance(outcome, Problem) or outcome.code is Code.unauthorized
        async with store.database.snapshot() as connection:
            holder = {"customer": customer.id, "administrator": pk}
            known = await tokens.of_holder(store, connection, holder)
        assert known == []
