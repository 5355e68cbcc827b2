"""A server that is killed in the middle of its writes loses none that it has answered."""

from __future__ import annotations

import asyncio
import os
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from random import Random
from typing import Any

import httpx
import pytest

from portvakt.access.credentials import new_key
from portvakt.ledger import verify
from portvakt.ledger.chain import read_signer
from tests.api.examples import ANSWERS, example
from tests.servers import Customer, Server, open_store, seed, serve

KILLS = int(os.environ.get("PORTVAKT_TEST_KILLS", "5"))
"""How often each database's server is killed; many times take a while."""

WRITERS = 3
TABLE = "integrations_answeredintegrationpersonalinformationaccess"


class Answered:
    """What the server has answered: items by id with the `custom_id` that they then had."""

    def __init__(self) -> None:
        self.items: dict[str, str] = {}
        self.deleted: set[str] = set()
        self.bulks: list[list[str]] = []


def write(server: Server, caller: Customer, answered: Answered, number: int, stop: Any) -> None:
    """Write as fast as it goes until the server is gone."""
    random = Random()
    mine: list[str] = []
    with suppress(httpx.HTTPError), server.client(caller) as client:
        for turn in range(10_000):
            if stop.is_set():
                return
            mark = f"{number} {turn}"
            what = random.choice(("create", "bulk", "update", "delete"))
            if what == "bulk":
                bodies = [example(ANSWERS, custom_id=f"bulk {mark} {time.time_ns()}")] * 5
                made = client.post(f"{ANSWERS.path}list/", json=bodies).json()
                answered.bulks.append([item["id"] for item in made])
            elif what == "create" or not mine:
                item = client.post(ANSWERS.path, json=example(ANSWERS, custom_id=mark)).json()
                answered.items[item["id"]] = mark
                mine.append(item["id"])
            elif what == "update":
                pk = random.choice(mine)
                answered.items.pop(pk)  # until it is answered, either is right
                client.patch(f"{ANSWERS.path}{pk}/", json={"custom_id": mark}).raise_for_status()
                answered.items[pk] = mark
            else:
                pk = mine.pop()
                answered.items.pop(pk)
                client.delete(f"{ANSWERS.path}{pk}/").raise_for_status()
                answered.deleted.add(pk)


def write_until_killed(server: Server, caller: Customer, answered: Answered, after: float) -> None:
    """Some writers at once; the server is killed after some seconds."""
    stop = threading.Event()
    writers = [
        threading.Thread(target=write, args=(server, caller, answered, number, stop))
        for number in range(WRITERS)
    ]
    for writer in writers:
        writer.start()
    time.sleep(after)
    server.kill()
    stop.set()
    for writer in writers:
        writer.join()


@pytest.mark.slow
@pytest.mark.parametrize("fresh_url", ["sqlite", "postgresql"], indirect=True)
def test_killed_at_any_moment(tmp_path: Path, fresh_url: str) -> None:
    """Every answered write is there with its event, nothing is half there, the chain is whole."""
    seeded, sealing = seed(tmp_path, fresh_url), new_key()
    start: Callable[[], Any] = lambda: serve(  # noqa: E731
        tmp_path, fresh_url, seeded.keys, sealing_key=sealing
    )
    answered, random = Answered(), Random()
    for _ in range(KILLS):
        with start() as server:
            write_until_killed(server, seeded.customers[0], answered, random.uniform(0.05, 0.8))
    with start():
        asyncio.run(check(fresh_url, seeded.customers[0].id, sealing, answered))
    assert answered.items or answered.bulks


async def check(url: str, customer: str, sealing: str, answered: Answered) -> None:
    """Compare what was answered with the items, these with the events, and verify the chain."""
    async with open_store(url) as store:
        end = time.monotonic() + 30
        while await unsealed(store, customer) and time.monotonic() < end:  # noqa: ASYNC110
            await asyncio.sleep(0.1)
        rows = await store.database.fetch(
            f"SELECT CAST(id AS TEXT), custom_id, revision FROM {TABLE}"
            f" WHERE customer_id = '{customer}'"
        )
        stored = {row[0]: (row[1], row[2]) for row in rows}
        events = await store.database.fetch(
            "SELECT CAST(item AS TEXT), max(revision), count(*), max(operation) FROM ledger_event"
            f" WHERE customer_id = '{customer}' GROUP BY item"
        )
        last = {row[0]: (row[1], row[2], row[3]) for row in events}
        for pk, mark in answered.items.items():
            assert stored[pk][0] == mark
        assert not answered.deleted & {*stored}
        for pk in answered.deleted:
            deletions = await store.database.fetch(
                f"SELECT count(*) FROM ledger_event WHERE item = '{pk}' AND operation = 'deleted'"
            )
            assert deletions[0][0] == 1
        for bulk in answered.bulks:
            assert {*bulk} <= {*stored}
        for pk, (_, revision) in stored.items():
            assert last[pk][:2] == (revision, revision)  # one event for each revision
        numbers = [row[0] for row in await store.database.fetch(BULKS.format(customer))]
        assert {*numbers} <= {5}
        async with store.database.snapshot() as connection:
            await verify.check_database(store, connection, customer, read_signer(sealing))


BULKS = (
    f"SELECT count(*) FROM {TABLE} WHERE customer_id = '{{}}' AND custom_id LIKE 'bulk %'"
    " GROUP BY custom_id"
)


async def unsealed(store: Any, customer: str) -> int:
    """How many events of a customer are not sealed yet."""
    rows = await store.database.fetch(
        f"SELECT (SELECT count(*) FROM ledger_event WHERE customer_id = '{customer}')"
        f" - (SELECT count(*) FROM common_eventlog WHERE customer_id = '{customer}')"
    )
    return int(rows[0][0])
