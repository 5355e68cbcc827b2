"""Events are sealed in a chain, each in its place, whatever goes on at once."""

from __future__ import annotations

import asyncio
import json
from contextlib import suppress
from random import Random

import pytest

from portvakt.errors import TransactionConflict
from portvakt.ledger import verify
from portvakt.ledger.seal import Sealer
from portvakt.ledger.verify import check_database, check_export
from portvakt.operations.reading import read
from portvakt.operations.writing import changes as stages
from portvakt.operations.writing import write, write_rows
from portvakt.operations.writing.changes import Bulk
from portvakt.schema.query import Keyset, Query
from portvakt.storage.store import Store
from tests.support.sealing import SIGNER, answer, exported, sealer
from tests.support.stores import ANSWER, TENANT, Customer, new_id, ref

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def test_every_event_gets_the_next_place(store: Store, sealed: Customer) -> None:
    """From one on, without a gap; and nothing is left to seal."""
    rows = await store.database.fetch(
        f"SELECT position FROM common_eventlog WHERE customer_id = '{sealed.id}' ORDER BY position"
    )
    events = await store.database.fetch(
        f"SELECT count(*) FROM ledger_event WHERE customer_id = '{sealed.id}'"
    )
    assert [row[0] for row in rows] == list(range(1, events[0][0] + 1))
    assert await sealer(store).seal_all() == 0


async def test_the_order_is_that_of_the_writes(store: Store, sealed: Customer) -> None:
    """Of one item: created, updated, deleted."""
    links = [json.loads(line) for line in (await exported(store, sealed.id))[:-1]]
    assert [link["operation"] for link in links[-3:]] == ["created", "updated", "deleted"]
    assert len({link["item"] for link in links[-3:]}) == 1


async def test_a_new_sealer_goes_on_where_the_last_one_ended(
    store: Store, sealed: Customer
) -> None:
    """After a restart nothing is sealed twice."""
    before = await exported(store, sealed.id)
    await write.create(sealed.own, ANSWER, answer(sealed))
    assert await sealer(store).seal_all() == 1
    after = await exported(store, sealed.id)
    assert after[: len(before) - 1] == before[:-1]
    assert len(after) == len(before) + 1


async def test_what_is_sealed_verifies(store: Store, sealed: Customer) -> None:
    """In the database, in an export, and against a checkpoint kept from before."""
    before = (await exported(store, sealed.id))[-1]
    checkpoint = verify.read_checkpoint(before)
    await write.create(sealed.own, ANSWER, answer(sealed))
    await sealer(store).seal_all()
    lines = await exported(store, sealed.id)
    head = check_export(lines, [checkpoint], [SIGNER.key])
    assert head["position"] == len(lines) - 1 == checkpoint["position"] + 1
    async with store.database.snapshot() as connection:
        kept = await check_database(store, connection, sealed.id, SIGNER, [checkpoint])
    assert kept.position == head["position"]


async def test_many_events_are_sealed_in_batches(store: Store, customer: Customer) -> None:
    """More than one batch holds, in the order of the request."""
    sealing = sealer(store)
    await sealing.seal_all()
    bodies = [answer(customer) for _ in range(2300)]
    changes = await write.bulk(customer.own, ANSWER, bodies, Bulk())
    assert await sealing.seal_all() == 2300
    links = [json.loads(line) for line in (await exported(store, customer.id))[:-1]]
    assert [link["item"] for link in links[-2300:]] == [change.item["id"] for change in changes]
    check_export(await exported(store, customer.id))


async def test_a_customer_without_events_has_an_empty_chain(store: Store) -> None:
    """Its export is a head alone."""
    lines = await exported(store, new_id())
    assert check_export(lines)["position"] == 0


# --- writers, sealers and a reader at once --------------------------------------------------------


async def test_a_reader_sees_each_event_once_whatever_is_written_meanwhile(
    store: Store, customer: Customer
) -> None:
    """Writers whose transactions overlap, two sealers, and a reader that keeps its cursor."""
    log = store.registry.resources["common.eventlog"]
    own, written, seen = customer.own, 0, list[str]()
    writing = True
    ids = [(await write.create(own, ANSWER, answer(customer)))["id"] for _ in range(4)]
    start = (await store.database.fetch(COUNT.format(customer.id)))[0][0]

    async def writer(number: int) -> None:
        nonlocal written
        random = Random(number)
        for turn in range(12):
            if random.random() < 0.5:
                await write.bulk(own, ANSWER, [answer(customer)] * 3, Bulk())
                written += 3
            else:
                value = {"custom_id": f"{number} {turn}"}
                await write.update(own, ANSWER, random.choice(ids), value)
                written += 1
            await asyncio.sleep(random.random() / 100)

    async def follower(sealing: Sealer) -> None:
        while writing:
            with suppress(TransactionConflict):
                await sealing.seal_all()
            await asyncio.sleep(0.003)
        await sealing.seal_all()

    async def reader() -> None:
        after = None
        while writing or len(seen) < start + written:
            query = Query(order=log.listing.order, keyset=Keyset(7, after))
            listing = await read.page(own, log, query)
            seen.extend(item["id"] for item in listing.items)
            after = listing.last or after
            await asyncio.sleep(0.001)

    async def all_writers() -> None:
        nonlocal writing
        await asyncio.gather(*(writer(number) for number in range(6)))
        writing = False

    async with asyncio.timeout(60):
        await asyncio.gather(
            all_writers(), follower(sealer(store)), follower(sealer(store)), reader()
        )
    assert len(seen) == len({*seen}) == start + written
    positions = await store.database.fetch(
        f"SELECT position FROM common_eventlog WHERE customer_id = '{customer.id}' ORDER BY 1"
    )
    assert [row[0] for row in positions] == list(range(1, len(seen) + 1))
    check_export(await exported(store, customer.id))


COUNT = "SELECT count(*) FROM ledger_event WHERE customer_id = '{}'"


async def test_of_one_item_the_order_is_that_of_its_revisions(
    store: Store, customer: Customer
) -> None:
    """However many writers there were: a later revision has a later place."""
    made = await write.create(customer.own, ANSWER, answer(customer))

    async def change(number: int) -> None:
        await write.update(customer.own, ANSWER, made["id"], {"custom_id": str(number)})

    await asyncio.gather(*map(change, range(20)))
    await sealer(store).seal_all()
    rows = await store.database.fetch(
        f"SELECT event_revision FROM common_eventlog WHERE object_id = '{made['id']}'"
        " ORDER BY position"
    )
    assert [row[0] for row in rows] == list(range(1, 22))


async def test_a_late_commit_is_sealed_after_what_was_committed_before(
    store: Store, customer: Customer
) -> None:
    """On PostgreSQL a transaction that began first may commit last: its event isn't missed."""
    if store.dialect.name == "sqlite":
        return  # one transaction at a time
    sealing = sealer(store)
    await sealing.seal_all()
    resource, own = ANSWER, customer.own
    async with store.database.transaction() as slow:
        changes = stages.parse(resource, [answer(customer)])
        stages.merge_all(own, resource, changes)
        await stages.prepare_rows(own, resource, changes)
        row = changes[0].row
        assert row is not None
        await write_rows.add(own, slow, resource, [row])
        # Of another person: the answer of the same one would wait.
        other = {"answered_by_tenant": ref(customer.a(TENANT, 1))}
        fast = await write.create(own, ANSWER, answer(customer) | other)
        assert await sealing.seal_all() == 1
        assert await sealer(store).seal_all() == 0
    assert await sealing.seal_all() == 1
    links = [json.loads(line) for line in (await exported(store, customer.id))[:-1]]
    assert [link["item"] for link in links[-2:]] == [fast["id"], row["id"]]


async def test_a_database_that_was_moved_to_another_server_goes_on(
    store: Store, customer: Customer
) -> None:
    """There transactions are counted anew, from below the horizon of the old server."""
    if store.dialect.name == "sqlite":
        return
    await sealer(store).seal_all()
    await store.database.fetch("SELECT 1")
    async with store.database.transaction() as connection:
        await store.seals.set_horizon(connection, 2**40)
    await write.create(customer.own, ANSWER, answer(customer))
    assert await sealer(store).seal_all() == 1
    assert await sealer(store).seal_all() == 0
    assert 0 < await store.seals.horizon(store.database) < 2**40
