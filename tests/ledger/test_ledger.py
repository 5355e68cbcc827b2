"""Events are sealed in a chain; whatever is done to an export or to a database is found."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from contextlib import suppress
from random import Random
from typing import Any

import pytest
import pytest_asyncio

from portvakt.errors import TransactionConflict
from portvakt.ledger import chain, verify
from portvakt.ledger.chain import Signer
from portvakt.ledger.seal import Sealer
from portvakt.ledger.verify import Broken, check_database, check_export
from portvakt.operations import changes as stages
from portvakt.operations import read, record, write
from portvakt.schema.query import Keyset, Query
from portvakt.storage.database import Connection
from portvakt.storage.store import Store
from tests.support.stores import ACTIVATION, ANSWER, TENANT, Customer, moment, new_id, ref

pytestmark = pytest.mark.asyncio(loop_scope="module")

SIGNER = Signer(b"s" * 32)
OTHER = Signer(b"o" * 32)


def sealer(store: Store) -> Sealer:
    """A sealer of this store."""
    return Sealer(store, SIGNER, clock=moment, new_id=new_id)


async def exported(store: Store, customer: str) -> list[bytes]:
    """The lines of an export."""
    async with store.database.snapshot() as connection:
        return [line async for line in verify.export(store, connection, SIGNER, customer, moment())]


def answer(customer: Customer) -> dict[str, Any]:
    """The body of an answer."""
    body = {"answer": True, "integration": ref(customer.a(ACTIVATION))}
    return body | {"answered_by_tenant": ref(customer.a(TENANT))}


@pytest_asyncio.fixture(loop_scope="module")
async def sealed(store: Store, customer: Customer) -> Customer:
    """A customer whose events are sealed."""
    made = await write.create(customer.own, ANSWER, answer(customer))
    await write.update(customer.own, ANSWER, made["id"], {"answer": False})
    await write.delete(customer.own, ANSWER, made["id"])
    await sealer(store).seal_all()
    return customer


# --- sealing --------------------------------------------------------------------------------------


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
    changes = await write.bulk(customer.own, ANSWER, bodies, write.Bulk())
    assert await sealing.seal_all() == 2300
    links = [json.loads(line) for line in (await exported(store, customer.id))[:-1]]
    assert [link["item"] for link in links[-2300:]] == [change.item["id"] for change in changes]
    check_export(await exported(store, customer.id))


async def test_a_customer_without_events_has_an_empty_chain(store: Store) -> None:
    """Its export is a head alone."""
    lines = await exported(store, new_id())
    assert check_export(lines)["position"] == 0


# --- an export that was tampered with -------------------------------------------------------------


def is_found(lines: Sequence[bytes], *checkpoints: dict[str, Any]) -> bool:
    """Whether something is wrong with an export."""
    text = b"".join(lines)
    try:
        check_export(text.splitlines(keepends=True), checkpoints)
    except Broken:
        return True
    return False


async def test_each_changed_byte_is_found(store: Store, sealed: Customer) -> None:
    """Whichever byte is changed to whatever other: all of them, each to three others."""
    lines = await exported(store, sealed.id)
    whole = b"".join(shortened(lines[-4:]))
    assert not is_found([whole])
    for place, byte in enumerate(whole):
        for other in {byte ^ 1, byte ^ 0x20, ord(" ")} - {byte}:
            assert is_found([whole[:place] + bytes([other]) + whole[place + 1 :]]), place
    for place in range(len(whole)):
        assert is_found([whole[:place]]), place
        assert is_found([whole[:place] + whole[place + 1 :]]), place


def shortened(lines: Sequence[bytes]) -> list[bytes]:
    """The last links of an export as a chain of their own."""
    made, kept = [], chain.Kept()
    for line in lines[:-1]:
        link = json.loads(line)
        record = {**link, "position": kept.position + 1, "previous": kept.hash}
        del record["hash"]
        kept = chain.Kept(kept.position + 1, chain.hash_of(record))
        made.append(chain.canonical({**record, "hash": kept.hash}) + b"\n")
    head = SIGNER.head(json.loads(lines[0])["customer"], *kept, moment())
    return [*made, chain.canonical(head) + b"\n"]


async def test_each_missing_moved_or_added_line_is_found(store: Store, sealed: Customer) -> None:
    """Removed, swapped with another, repeated, or cut off after it."""
    lines = await exported(store, sealed.id)
    assert not is_found(lines)
    for place in range(len(lines)):
        assert is_found(lines[:place] + lines[place + 1 :]), place
        assert is_found(lines[: place + 1] + lines[place:]), place
        if place:
            assert is_found(lines[:place]), place
            swapped = [*lines]
            swapped[place - 1], swapped[place] = lines[place], lines[place - 1]
            assert is_found(swapped), place


async def test_a_tail_with_a_new_head_is_found_by_a_checkpoint(
    store: Store, sealed: Customer
) -> None:
    """Who has the key can sign another chain, but not one that agrees with what is kept."""
    lines = await exported(store, sealed.id)
    checkpoint = json.loads(lines[-1])
    last = json.loads(lines[-3])
    head = SIGNER.head(sealed.id, last["position"], last["hash"], moment())
    cut = [*lines[:-2], chain.canonical(head) + b"\n"]
    assert not is_found(cut)
    assert is_found(cut, checkpoint)
    assert is_found(shortened(lines[-4:]), {**checkpoint, "position": 2})
    other = SIGNER.head(sealed.id, 2, "ab" * 32, moment())
    assert is_found(lines, other)


async def test_another_key_is_found_where_the_keys_are_named(
    store: Store, sealed: Customer
) -> None:
    """A whole new chain signed by another key agrees with itself, and not with the key."""
    lines = await exported(store, sealed.id)
    last = json.loads(lines[-1])
    head = OTHER.head(sealed.id, last["position"], last["hash"], moment())
    check_export([*lines[:-1], chain.canonical(head) + b"\n"])
    with pytest.raises(Broken, match="key"):
        check_export([*lines[:-1], chain.canonical(head) + b"\n"], keys=[SIGNER.key])


# --- a database that was tampered with ------------------------------------------------------------


async def as_superuser(connection: Connection, name: str, statements: Sequence[str]) -> None:
    """Do what the triggers refuse."""
    tables = ("ledger_event", "common_eventlog")
    if name == "postgresql":
        await connection.execute("SET LOCAL session_replication_role = replica")
    else:
        for table in tables:
            for what in ("update", "delete"):
                await connection.execute(f"DROP TRIGGER {table}_{what}")
    for statement in statements:
        await connection.execute(statement)


def event(change: str, revision: int = 1) -> str:
    """Change an event of the item."""
    return f"UPDATE ledger_event SET {change} WHERE item = '{{item}}' AND revision = {revision}"


def log(change: str, revision: int = 1) -> str:
    """Change the log's row of an event of the item."""
    this = f"object_id = '{{item}}' AND event_revision = {revision}"
    return f"UPDATE common_eventlog SET {change} WHERE {this}"


def head(change: str) -> str:
    """Change the customer's head."""
    return f"UPDATE ledger_head SET {change} WHERE customer_id = '{{customer}}'"


def removed(revision: int) -> list[str]:
    """Remove an event of the item, and its row of the log."""
    return [
        f"DELETE FROM ledger_event WHERE item = '{{item}}' AND revision = {revision}",
        f"DELETE FROM common_eventlog WHERE object_id = '{{item}}' AND event_revision = {revision}",
    ]


ANOTHER_HASH = f"hash = '{'a' * 64}'"
TAMPERING = {
    "a changed value": [event("after = '{{}}'")],
    "another caller": [event("caller = 'integration'")],
    "another time": [event("at = '2020-01-01T00:00:00.000000Z'", 2)],
    "a removed event": removed(2)[:1],
    "a removed link": removed(2)[1:],
    "an event and its link": removed(2),
    "the tail": removed(3),
    "another hash": [log(ANOTHER_HASH)],
    "another identifier": [log("event_identifier = 'x'")],
    "another item": [log("object_id = '{customer}'", 2)],
    "two that changed places": [
        log("position = position + 1000000", 1),
        log("position = position - 1", 2),
        log("position = position - 999999", 1),
    ],
    "another head": [head(ANOTHER_HASH)],
    "an older head": [head("position = position - 1")],
    "no head": ["DELETE FROM ledger_head WHERE customer_id = '{customer}'"],
    "another signature": [head(f"signature = '{'a' * 128}'")],
}


@pytest.mark.parametrize("what", TAMPERING)
async def test_a_change_by_the_superuser_is_found(
    store: Store, sealed: Customer, what: str
) -> None:
    """Whatever of a customer's chain is changed past the triggers."""
    rows = await store.database.fetch(
        "SELECT CAST(object_id AS TEXT) FROM common_eventlog"
        f" WHERE customer_id = '{sealed.id}' ORDER BY position DESC LIMIT 1"
    )
    values = {"item": rows[0][0], "customer": sealed.id}

    class Undo(Exception):
        """Ends the transaction."""

    with pytest.raises(Undo):
        async with store.database.transaction() as connection:
            await check_database(store, connection, sealed.id)
            statements = [text.format(**values) for text in TAMPERING[what]]
            await as_superuser(connection, store.dialect.name, statements)
            with pytest.raises(Broken):
                await check_database(store, connection, sealed.id)
            raise Undo


async def test_an_event_inserted_into_the_past_is_found(store: Store, sealed: Customer) -> None:
    """One that pretends to have been there when later ones were sealed, so that no log has it."""

    class Undo(Exception):
        """Ends the transaction."""

    columns = "customer_id, content_type, item, revision, {}at, operation, through, request, caller"
    name = '"transaction", ' if store.dialect.name == "postgresql" else "arrival, "
    values = columns.replace("revision", "revision + 100").format(
        "1, " if "trans" in name else "0, "
    )
    with pytest.raises(Undo):
        async with store.database.transaction() as connection:
            await connection.execute(
                f"INSERT INTO ledger_event ({columns.format(name)})"
                f" SELECT {values} FROM ledger_event WHERE customer_id = '{sealed.id}'"
            )
            with pytest.raises(Broken, match="inserted"):
                await check_database(store, connection, sealed.id)
            raise Undo


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
                await write.bulk(own, ANSWER, [answer(customer)] * 3, write.Bulk())
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
            query = Query(order=log.order, keyset=Keyset(7, after))
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
        await record.insert(own, slow, resource, [row])
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
