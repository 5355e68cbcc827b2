"""A standby serves what people ask that reads much, never anything else, and nothing old.

Both servers log every statement, so that their logs tell what was read where.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from urllib.parse import urlsplit
from uuid import uuid4

import httpx
import pytest

from portvakt.errors import SettingsError
from portvakt.resources import load
from portvakt.storage.databases.opening import make_database
from portvakt.storage.databases.replica import make_replica
from tests.support import stored
from tests.support.beside_servers import EVERYTHING, grant
from tests.support.people import operator
from tests.support.postgres import query
from tests.support.postgresql_cluster import Cluster
from tests.support.servers import Server, command, seed, serve

TENANTS = load().resources["accounts.tenant"].path
SEALING_KEY = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="

OF_PEOPLE = {
    f"{TENANTS}list/": "accounts_tenant",
    f"{TENANTS}list/?_jsonl=true": "accounts_tenant",
    f"{TENANTS}list/?_statistics=true": "accounts_tenant",
    f"{TENANTS}list/export/": "accounts_tenant",
    f"{TENANTS}list/statistics/": "accounts_tenant",
    f"{TENANTS}list/?_page=1&_page_size=2&_count=true": "accounts_tenant",
    "/common/eventlog/list/": "common_eventlog",
    "/common/eventlog/ledger/": "common_eventlog",
}
"""What people ask that reads much, and a table that it reads."""

READ_ONLY = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; SELECT 1"
EXECUTED = re.compile(r"LOG:  (?:execute [^:]*|statement): (.*)")


@dataclass
class Pair:
    """A database, its standby, and a server that knows both."""

    primary: Cluster
    standby: Cluster
    server: Server
    keys: str
    people: httpx.Client
    integration: httpx.Client

    def where(self, table: str, ask: Callable[[], object]) -> str:
        """Which of the two read a table while something was asked."""
        before = {name: len(cluster.log()) for name, cluster in self._named()}
        ask()
        read = [
            name
            for name, cluster in self._named()
            if any(f"FROM {table}" in line for line in executed(cluster, before[name]))
        ]
        (found,) = read
        return found

    def _named(self) -> list[tuple[str, Cluster]]:
        return [("primary", self.primary), ("standby", self.standby)]

    def replica(self) -> str:
        """What the server says of the standby."""
        answer = self.people.get("/health/ready")
        assert answer.json()["status"] == "ready"
        return str(answer.json()["replica"])

    def wait_until(self, state: str) -> None:
        """Wait for the server to say this of the standby."""
        end = time.monotonic() + 20
        while (found := self.replica()) != state:
            assert time.monotonic() < end, found
            time.sleep(0.05)

    def ask(self, path: str) -> httpx.Response:
        """What people are answered."""
        answer = self.people.get(path)
        assert answer.status_code == 200, answer.text
        return answer

    def export(self) -> list[str]:
        """The names of all tenants, as people export them."""
        return [item["first_name"] for item in self.ask(f"{TENANTS}list/").json()]

    def add(self) -> str:
        """A new tenant; the name."""
        name = uuid4().hex
        body = {"first_name": name, "last_name": "x"}
        assert self.people.post(TENANTS, json=body).status_code == 201
        return name

    @contextmanager
    def paused(self) -> Iterator[None]:
        """The standby replays nothing meanwhile."""
        self.standby.sql("SELECT pg_wal_replay_pause()")
        try:
            yield
        finally:
            self.standby.sql("SELECT pg_wal_replay_resume()")


def executed(cluster: Cluster, since: int = 0) -> list[str]:
    """The statements in a server's log, each on one line."""
    text = re.sub(r"\n\t", " ", cluster.log()[since:])
    return EXECUTED.findall(text)


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pair]:
    """A server on a seeded database and its standby."""
    folder = tmp_path_factory.mktemp("replica")
    logged = {"log_statement": "all", "synchronous_commit": "on"}
    primary = Cluster(logged)
    try:
        primary.start()
        seeded = seed(folder, primary.url)
        version = seeded.customers[0].headers["X-PIGELLO-SERVICE-VERSION-ID"]
        stored.run(grant(primary.url, version, EVERYTHING))
        primary.stop()
        standby = Cluster(logged, of=primary)
    except BaseException:
        primary.remove()
        raise
    try:
        primary.start()
        standby.start()
        settings = {"replica": standby.url, "replica_wait": 1, "sealing_key": SEALING_KEY}
        with serve(folder, primary.url, seeded.keys, **settings) as server:
            server.customers, server.operator = seeded.customers, seeded.operator
            with server.client(None) as people, server.client() as integration:
                people.headers.update(operator(server, 0))
                yield Pair(primary, standby, server, seeded.keys, people, integration)
    finally:
        standby.remove()
        primary.remove()


def test_what_people_export_is_read_from_the_standby(pair: Pair) -> None:
    """Lists without a page, statistics, counts and ledgers; the token is looked at elsewhere."""
    pair.wait_until("ready")
    for path, table in OF_PEOPLE.items():
        assert pair.where(table, partial(pair.ask, path)) == "standby", path
    asked = executed(pair.standby)
    assert not [text for text in asked if "platform_token" in text]
    assert not [text for text in asked if re.search(r"\b(INSERT|UPDATE|DELETE|LOCK)\b", text)]
    assert {text for text in asked if text.startswith("BEGIN")} == {READ_ONLY}


def test_nothing_else_is(pair: Pair) -> None:
    """Neither what integrations ask, nor decisions, single items, pages and whoever logs in."""
    pair.wait_until("ready")
    before = len(pair.standby.log())
    tenant = pair.server.customers[0].ids["tenant"][0]
    integration = {"id": pair.server.customers[0].ids["integration"][0]}
    asked = {"integration": integration, "tenant": {"id": tenant}}
    for caller in (pair.people, pair.integration):
        for path in (
            f"{TENANTS}{tenant}/",
            f"{TENANTS}{tenant}/history/",
            f"{TENANTS}list/?_limit=2",
            f"/integrations/decision/check/?integration={integration['id']}&tenant={tenant}",
            f"/integrations/decision/accessible/?integration={integration['id']}&kind=tenant",
        ):
            assert caller.get(path).status_code == 200, path
        assert caller.post("/integrations/decision/check/", json=[asked]).status_code == 200
    for path in OF_PEOPLE:
        assert pair.integration.get(path).status_code in (200, 403)
    assert pair.people.get(f"{TENANTS}{tenant}/export/").status_code == 200
    assert pair.people.post("/platform/login/", json={}).status_code == 422
    pair.add()
    assert executed(pair.standby, before) == []


def test_an_export_has_whatever_was_written_before(pair: Pair) -> None:
    """It waits for the standby, or is read from the database itself where that takes too long."""
    pair.wait_until("ready")
    for _ in range(5):
        name = pair.add()
        assert name in pair.export()
    with ThreadPoolExecutor(1) as another:
        with pair.paused():
            name = pair.add()
            exported = another.submit(pair.export)
            time.sleep(0.3)
            assert not exported.done()
        assert name in exported.result()
    with pair.paused():
        name = pair.add()
        assert pair.where("accounts_tenant", lambda: pair.export().index(name)) == "primary"
        assert pair.replica() == "behind"
        assert pair.where("accounts_tenant", pair.export) == "primary"
    pair.wait_until("ready")
    assert pair.where("accounts_tenant", pair.export) == "standby"


def test_a_token_that_ended_is_refused_however_old_the_standby_is(pair: Pair) -> None:
    """Who asks is proven by the database itself."""
    pair.wait_until("ready")
    settings = {"database": pair.primary.url, "credential_keys": pair.keys}
    done = command(pair.server.folder, ["operator", "create", "Bo", "bo@example.com"], **settings)
    token = re.findall(r"pvk_op_\w+", done.stdout)[0]
    headers = {"Authorization": f"Bearer {token}"}
    listed = "/platform/token/list/"
    mine = pair.people.get(listed, params={"_order_by": "-created_at"}).json()[0]["id"]
    assert pair.people.get(f"{TENANTS}list/", headers=headers).status_code == 200
    with pair.paused():
        revoked = pair.people.post(f"/platform/token/{mine}/revoke/")
        assert revoked.status_code == 200
        assert pair.people.get(f"{TENANTS}list/", headers=headers).status_code == 401


def test_a_standby_that_is_gone_costs_nothing_but_time(pair: Pair) -> None:
    """Reads are served all the same, and again by the standby when it is back."""
    pair.wait_until("ready")
    pair.standby.stop()
    name = pair.add()
    assert name in pair.export()
    assert pair.replica() == "unavailable"
    pair.standby.start()
    pair.wait_until("ready")
    assert pair.where("accounts_tenant", pair.export) == "standby"


def refusal(database: str, replica: str) -> str:
    """Why a server doesn't start with these."""

    async def look() -> None:
        opened = make_database(database)
        await opened.open()
        try:
            made = make_replica(replica, opened, pool_size=1, wait=1)
            assert made
            await made.open()
        finally:
            await opened.close()

    with pytest.raises(SettingsError) as refused:
        stored.run(look())
    return str(refused.value)


def test_only_a_standby_of_the_database_is_taken(pair: Pair, tmp_path: Path) -> None:
    """Not the database itself, another one, SQLite, or a standby that was promoted."""
    query(pair.primary.url, "CREATE DATABASE other")
    url = pair.primary.url
    assert "no standby" in refusal(url, url)
    assert "another database" in refusal(url, urlsplit(url)._replace(path="/other").geturl())
    assert "PostgreSQL" in refusal(url, f"sqlite:///{tmp_path}/x.db")
    assert "PostgreSQL" in refusal(f"sqlite:///{tmp_path}/x.db", url)
    pair.standby.sql("SELECT pg_promote()")
    assert pair.where("accounts_tenant", pair.export) == "primary"
    assert pair.replica() == "unavailable"
    assert "no standby" in refusal(url, pair.standby.url)
