"""A server that is killed in the middle of its writes loses none that it has answered."""

from __future__ import annotations

import asyncio
import logging
import os
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from copy import deepcopy
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any, NamedTuple

import httpx
import pytest

from portvakt.access.credentials import new_key
from portvakt.ledger import verify
from portvakt.ledger.chain import read_signer
from portvakt.schema.registry import content_type_id
from portvakt.storage.store import Store
from tests.support.beside_servers import open_store
from tests.support.examples import ANSWERS, TENANTS
from tests.support.servers import Customer, Server, seed, serve

KILLS = int(os.environ.get("PORTVAKT_TEST_KILLS", "3"))
"""How often each database's server is killed; many times take a while."""

LOG = logging.getLogger(__name__)
WRITERS = 3
TABLE = "integrations_answeredintegrationpersonalinformationaccess"
DECISIONS = "integrations_decision"

Body = dict[str, Any]


# --- what a writer knows -------------------------------------------------------------------------


class Item(NamedTuple):
    """An answer: its revision, what it says, and of whom."""

    revision: int
    yes: bool
    tenant: str


@dataclass
class Known:
    """The answers of a writer by the names that it gave them, and which decide for its tenants."""

    items: dict[str, Item] = field(default_factory=dict)
    deleted: set[str] = field(default_factory=set)
    deciding: dict[str, str] = field(default_factory=dict)

    def put(self, name: str, yes: bool, tenant: str) -> None:
        """An answer is created, or says something else."""
        before = self.items.get(name)
        if before:
            self._leave(name, before)
        self.items[name] = Item(before.revision + 1 if before else 1, yes, tenant)
        self.deciding[tenant] = name

    def delete(self, name: str) -> None:
        """An answer goes."""
        self._leave(name, self.items.pop(name))
        self.deleted.add(name)

    def _leave(self, name: str, item: Item) -> None:
        if self.deciding.get(item.tenant) == name:
            del self.deciding[item.tenant]


@dataclass
class Writer:
    """Writes about tenants of its own.

    `known` is what was answered; `asked` what it is once the last request is answered too, of which
    nobody knows whether it was done if the server is killed meanwhile. `unanswered` counts those
    that were not done, and those that were.
    """

    number: int
    integration: str
    tenants: Sequence[str]
    known: Known = field(default_factory=Known)
    asked: Known | None = None
    ids: dict[str, str] = field(default_factory=dict)
    answered: int = 0
    unanswered: list[int] = field(default_factory=lambda: [0, 0])
    refused: list[str] = field(default_factory=list)
    random: Random = field(default_factory=Random)
    names: int = 0

    def write(self, client: httpx.Client) -> None:
        """Send one request, and note what it does before and after it is answered."""
        self.asked = deepcopy(self.known)
        had = sorted(self.known.items)
        what = self.random.choice(("create", "bulk", "update", "move", "delete"))
        path = f"{ANSWERS.path}{self.ids[had[0]]}/" if had else ""
        if what == "delete" and had:
            self.asked.delete(had[0])
            answer = client.delete(path)
        elif what in ("update", "move") and had:
            answer = client.patch(path, json=self._changed(had[0], move=what == "move"))
        elif what == "bulk":
            bodies = [self._new() for _ in range(4)]
            old = [{"id": self.ids[name], **self._changed(name)} for name in had[:2]]
            answer = client.post(f"{ANSWERS.path}list/", json=[*bodies, *old])
        else:
            answer = client.post(ANSWERS.path, json=self._new())
        if answer.is_error:
            self.refused.append(answer.text)
        answer.raise_for_status()
        items = answer.json() if answer.content else []
        for item in items if isinstance(items, list) else [items]:
            self.ids[item["custom_id"]] = item["id"]
        self.known, self.asked = self.asked, None
        self.answered += 1

    def _new(self) -> Body:
        self.names += 1
        name = f"kill {self.number} {self.names}"
        return self._body(name, self.random.random() < 0.5, self.random.choice(self.tenants))

    def _changed(self, name: str, *, move: bool = False) -> Body:
        """A body that lets an answer say something else."""
        _, yes, tenant = self.known.items[name]
        if move:
            tenant = next(other for other in self.tenants if other != tenant)
        return self._body(name, yes if move else not yes, tenant)

    def _body(self, name: str, yes: bool, tenant: str) -> Body:
        assert self.asked is not None
        self.asked.put(name, yes, tenant)
        return {
            "custom_id": name,
            "answer": yes,
            "integration": {"id": self.integration},
            "answered_by_tenant": {"id": tenant},
        }

    def find(self, stored: Stored) -> None:
        """What is stored is what was answered, with the last request or without it: whole."""
        mine = f"kill {self.number} "
        found = Known(
            {name: item for name, item in stored.items.items() if name.startswith(mine)},
            {name for name in stored.deleted if name.startswith(mine)},
            {one: stored.deciding[one] for one in self.tenants if one in stored.deciding},
        )
        assert found in [one for one in (self.known, self.asked) if one is not None]
        if self.asked is not None:
            self.unanswered[found == self.asked] += 1
        self.known, self.asked = found, None
        self.ids = {name: stored.ids[name] for name in found.items}


def write(server: Server, caller: Customer, writer: Writer, stop: threading.Event) -> None:
    """Write as fast as it goes until the server is gone."""
    with suppress(httpx.HTTPError), server.client(caller) as client:
        while not stop.is_set():
            writer.write(client)


def write_until_killed(
    server: Server, caller: Customer, writers: Sequence[Writer], after: float
) -> None:
    """Some writers at once; the server is killed after some seconds."""
    stop = threading.Event()
    threads = [
        threading.Thread(target=write, args=(server, caller, writer, stop)) for writer in writers
    ]
    for thread in threads:
        thread.start()
    time.sleep(after)
    server.kill()
    stop.set()
    for thread in threads:
        thread.join()


@pytest.mark.slow
@pytest.mark.parametrize("fresh_url", ["sqlite", "postgresql"], indirect=True)
def test_killed_at_any_moment(tmp_path: Path, fresh_url: str) -> None:
    """After each kill every answered write is there once: item, event, version and decision.

    Of the request that was not answered all is there or nothing, and the chain is whole.
    """
    seeded, sealing = seed(tmp_path, fresh_url), new_key()
    start: Callable[[], Any] = lambda: serve(  # noqa: E731
        tmp_path, fresh_url, seeded.keys, sealing_key=sealing
    )
    caller, random = seeded.customers[0], Random()
    with start() as server, server.client(caller) as client:
        found = [item["id"] for item in client.get(f"{TENANTS.path}list/").json()]
    tenants = asyncio.run(unanswered(fresh_url, found))
    integration = caller.ids["integration"][0]
    writers = [Writer(n, integration, tenants[2 * n : 2 * n + 2]) for n in range(WRITERS)]
    for _ in range(KILLS):
        with start() as server:
            write_until_killed(server, caller, writers, random.uniform(0.05, 0.8))
        asyncio.run(check(fresh_url, caller.id, sealing, writers))
    with start():
        sealed = asyncio.run(check(fresh_url, caller.id, sealing, writers, whole=True))
    assert not any(writer.refused for writer in writers)
    answered = sum(writer.answered for writer in writers)
    assert answered
    lost, done = (sum(writer.unanswered[place] for writer in writers) for place in (0, 1))
    figures = (KILLS, answered, lost, done, sealed)
    LOG.info("%d kills, %d answered, unanswered: %d not done, %d done; %d events sealed", *figures)


# --- what is stored ------------------------------------------------------------------------------


@dataclass
class Stored:
    """What a database holds of the writers' answers, by their names."""

    items: dict[str, Item]
    ids: dict[str, str]
    deleted: set[str]
    deciding: dict[str, str]


async def fetch(store: Store, statement: str) -> list[tuple[Any, ...]]:
    """The rows of one statement, ids as text."""
    return [tuple(row) for row in await store.database.fetch(statement)]


async def unanswered(url: str, tenants: Sequence[str]) -> list[str]:
    """Those of the tenants for whom nothing decides yet."""
    async with open_store(url) as store:
        rows = await fetch(store, f"SELECT CAST(person AS TEXT) FROM {DECISIONS}")
    return [pk for pk in tenants if pk not in {row[0] for row in rows}]


async def check(
    url: str, customer: str, sealing: str, writers: Sequence[Writer], *, whole: bool = False
) -> int:
    """Compare what is stored with what was answered, and with itself; how long the chain is.

    With `whole` every event is to be sealed, which a running server does.
    """
    async with open_store(url) as store:
        await quiet(store)
        end = time.monotonic() + 30
        while whole and await unsealed(store, customer) and time.monotonic() < end:  # noqa: ASYNC110
            await asyncio.sleep(0.1)
        stored = await look(store, customer)
        for writer in writers:
            writer.find(stored)
        await agree(store, customer)
        async with store.database.snapshot() as connection:
            kept = await verify.check_database(store, connection, customer, read_signer(sealing))
        assert not whole or await unsealed(store, customer) == 0
        return kept.position


async def quiet(store: Store) -> None:
    """Wait until PostgreSQL has ended what the killed server had asked for."""
    if store.database.name == "postgresql":
        busy = (
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
            " AND pid <> pg_backend_pid() AND backend_type = 'client backend' AND state <> 'idle'"
        )
        while (await fetch(store, busy))[0][0]:  # noqa: ASYNC110
            await asyncio.sleep(0.01)


async def look(store: Store, customer: str) -> Stored:
    """What is stored of the writers."""
    mine = f"customer_id = '{customer}' AND custom_id LIKE 'kill %'"
    rows = await fetch(
        store,
        "SELECT custom_id, CAST(id AS TEXT), revision, answer, CAST(answered_by_tenant AS TEXT)"
        f" FROM {TABLE} WHERE {mine}",
    )
    assert len({row[0] for row in rows}) == len(rows)  # each write was done once
    gone = await fetch(store, f"SELECT custom_id FROM {TABLE}_past WHERE {mine} AND deleted = '1'")
    names = {pk: name for name, pk, *_ in rows}
    decisions = await fetch(
        store,
        f"SELECT CAST(person AS TEXT), CAST(answer AS TEXT) FROM {DECISIONS}"
        f" WHERE customer_id = '{customer}'",
    )
    return Stored(
        {row[0]: Item(row[2], bool(row[3]), row[4]) for row in rows},
        {row[0]: row[1] for row in rows},
        {row[0] for row in gone},
        {person: names[answer] for person, answer in decisions if answer in names},
    )


async def agree(store: Store, customer: str) -> None:
    """Rows, events, versions and decisions of all answers tell the same."""
    of_customer = f"customer_id = '{customer}'"
    rows = await fetch(store, f"SELECT CAST(id AS TEXT), revision FROM {TABLE} WHERE {of_customer}")
    stored = dict(rows)
    count = "max(revision), count(*), max(CASE WHEN {} THEN revision END)"
    deleted_event = count.format("operation = 'deleted'")
    deleted_version = count.format("deleted = '1'")
    is_answer = f"content_type = '{content_type_id(ANSWERS.name)}'"
    events = await fetch(
        store,
        f"SELECT CAST(item AS TEXT), {deleted_event}"
        f" FROM ledger_event WHERE {of_customer} AND {is_answer} GROUP BY item",
    )
    versions = await fetch(
        store,
        f"SELECT CAST(id AS TEXT), {deleted_version}"
        f" FROM {TABLE}_past WHERE {of_customer} GROUP BY id",
    )
    assert sorted(events) == sorted(versions)
    for pk, last, number, deleted in events:
        assert (last, deleted) == (number, None if pk in stored else number)
        assert stored.get(pk, number) == number
    assert {*stored} <= {event[0] for event in events}
    await agree_on_decisions(store, of_customer)


async def agree_on_decisions(store: Store, of_customer: str) -> None:
    """What decides for a pair is what its last change left, and what its answer says."""
    pair = "CAST(integration AS TEXT), CAST(person AS TEXT), CAST(answer AS TEXT), yes, revision"
    now = await fetch(store, f"SELECT {pair} FROM {DECISIONS} WHERE {of_customer}")
    changes = await fetch(
        store, f"SELECT {pair}, number FROM {DECISIONS}_past WHERE {of_customer} ORDER BY number"
    )
    last: dict[tuple[str, str], tuple[Any, ...]] = {}
    for integration, person, answer, yes, revision, number in changes:
        before = last.get((integration, person))
        assert number == (before[-1] + 1 if before else 1)
        last[integration, person] = (answer, yes, revision, number)
    left = {(*key, *one[:3]) for key, one in last.items() if one[1] is not None}
    assert {*now} == left
    answers = await fetch(
        store,
        "SELECT CAST(integration AS TEXT), CAST(coalesce(answered_by_tenant, answered_by_sub_tenant"
        ", answered_by_organization_user) AS TEXT), CAST(id AS TEXT), answer"
        f" FROM {TABLE} WHERE {of_customer}",
    )
    assert {one[:4] for one in now} <= {*answers}


async def unsealed(store: Store, customer: str) -> int:
    """How many events of a customer are not sealed yet."""
    rows = await fetch(
        store,
        f"SELECT (SELECT count(*) FROM ledger_event WHERE customer_id = '{customer}')"
        f" - (SELECT count(*) FROM common_eventlog WHERE customer_id = '{customer}')",
    )
    return int(rows[0][0])
