"""Whatever is done to an export or to a database is found."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import pytest

from portvakt.ledger import chain
from portvakt.ledger.chain import Signer
from portvakt.ledger.verify import Broken, check_database, check_export
from portvakt.storage.databases.interface import Connection
from portvakt.storage.store import Store
from tests.support.sealing import SIGNER, exported
from tests.support.stores import Customer, moment

pytestmark = pytest.mark.asyncio(loop_scope="module")
OTHER = Signer(b"o" * 32)


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
    made, kept = [], chain.ChainPosition()
    for line in lines[:-1]:
        link = json.loads(line)
        record = {**link, "position": kept.position + 1, "previous": kept.hash}
        del record["hash"]
        kept = chain.ChainPosition(kept.position + 1, chain.hash_of(record))
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
