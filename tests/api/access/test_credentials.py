"""Credentials over their life: issued, used, rotated, revoked, expired, suspended."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import pytest

from portvakt.access.addresses import Origin, Proxies
from portvakt.access.authentication import HEADERS, Authenticator
from portvakt.access.credentials import parse_keys
from portvakt.schema.values import render_time
from tests.support import stored
from tests.support.beside_servers import another_integration, open_store
from tests.support.databases import DATABASES
from tests.support.examples import ANSWERS, CONNECTIONS, example, samples
from tests.support.postgres import query
from tests.support.servers import Customer, Server, sandbox, seed, serve
from tests.support.stored import CREDENTIAL, CUSTOMER, INTEGRATION

SAMPLE = samples().customers[0]
LAUNDRY = 1
"""The place of an active integration, of which no other test needs the secret."""

ROTATED = SAMPLE.of_kind("integration")[LAUNDRY]
PATH = f"{ANSWERS.path}list/?_page=1&_page_size=1"


def issue(server: Server, database: str, **options: str) -> Customer:
    """A new secret of the integration."""
    return stored.run(another_integration(database, server.keys, SAMPLE, LAUNDRY, **options))


def newest(database: str) -> str:
    """The id of the newest credential of the integration."""
    return str(stored.credentials(database, SAMPLE, ROTATED["id"])[-1]["id"])


def statuses(client: httpx.Client) -> set[int]:
    """The statuses of a read, a whole list, a count, a write, a dry run and a resolve."""
    answers = [
        client.get(PATH),
        client.get(f"{ANSWERS.path}list/"),
        client.get(f"{ANSWERS.path}list/?_statistics=true"),
        client.get(f"{ANSWERS.path}list/?_jsonl=true&_slim=true"),
        client.get(f"{ANSWERS.path}list/statistics/"),
        client.get(f"{ANSWERS.path}list/export/"),
        client.get(f"{ANSWERS.path}{uuid4()}/"),
        client.post(ANSWERS.path, json=example(ANSWERS)),
        client.patch(f"{ANSWERS.path}{uuid4()}/", json={}),
        client.delete(f"{ANSWERS.path}{uuid4()}/"),
        client.post(f"{ANSWERS.path}list/?_dry_run=true", json=[]),
        client.post(f"{CONNECTIONS.path}resolve/", json=[]),
        client.get("/platform/contenttype/list/"),
    ]
    return {answer.status_code for answer in answers}


LIVE = {200, 201, 404}


# --- rotation and revocation ----------------------------------------------------------------------


def test_rotation(server: Server, server_database: str) -> None:
    """Two live secrets both work; revoking one leaves the other."""
    old = issue(server, server_database)
    old_id = newest(server_database)
    new = issue(server, server_database)
    with server.client(old) as before, server.client(new) as after:
        assert (statuses(before), statuses(after)) == (LIVE, LIVE)
        revoke(server_database, old_id)
        assert (statuses(before), statuses(after)) == ({401}, LIVE)


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("GET", f"{ANSWERS.path}list/?nothing=1", b"", 400),
        ("GET", f"{ANSWERS.path}list/?%ff", b"", 400),
        ("GET", f"{ANSWERS.path}no-id/", b"", 404),
        ("DELETE", f"{ANSWERS.path}no-id/", b"", 404),
        ("PATCH", f"{ANSWERS.path}no-id/", b"{}", 404),
        ("POST", f"{ANSWERS.path}list/", b"{}", 422),
        ("POST", ANSWERS.path, b"{", 400),
    ],
)
def test_a_revoked_secret_learns_nothing(
    server: Server, server_database: str, method: str, path: str, body: bytes, status: int
) -> None:
    """Whatever else is wrong with a request: without a live secret it is refused for that."""
    caller = issue(server, server_database)
    with server.client(caller) as client:
        sent: Any = {"content": body, "headers": {"Content-Type": "application/json"}}
        assert client.request(method, path, **sent).status_code == status
        revoke(server_database, newest(server_database))
        assert client.request(method, path, **sent).status_code == 401


def revoke(database: str, pk: str) -> None:
    """Revoke a credential."""
    stored.change(database, SAMPLE, CREDENTIAL, pk, revoked_at=render_time(datetime.now(UTC)))


def test_revocation_by_revision_alone(server: Server, server_database: str) -> None:
    """A verified secret is verified anew when its row changed, and works if it still holds."""
    caller = issue(server, server_database)
    with server.client(caller) as client:
        assert statuses(client) == LIVE
        later = render_time(datetime.now(UTC) + timedelta(days=1))
        stored.change(
            server_database, SAMPLE, CREDENTIAL, newest(server_database), expires_at=later
        )
        assert statuses(client) == LIVE


def test_expiry(server: Server, server_database: str) -> None:
    """A secret works until the moment at which it expires, and not after it."""
    end = datetime.now(UTC) + timedelta(seconds=3)
    caller = issue(server, server_database, expires_at=render_time(end))
    with server.client(caller) as client:
        assert client.get(PATH).status_code == 200
        time.sleep(max(0.0, (end - datetime.now(UTC)).total_seconds()))
        assert statuses(client) == {401}


def test_suspended_activation(server: Server, server_database: str) -> None:
    """While an activation is suspended its secrets don't work; afterwards they do again."""
    caller = issue(server, server_database)
    with server.client(caller) as client:
        assert statuses(client) == LIVE
        with suspended(server_database, INTEGRATION, ROTATED["id"]):
            assert statuses(client) == {401}
        assert statuses(client) == LIVE


def test_inactive_customer(server: Server, server_database: str, client: httpx.Client) -> None:
    """While a customer is inactive nobody can call for it; others aren't concerned."""
    caller = issue(server, server_database)
    with server.client(caller) as rotated, server.client(1) as other:
        assert statuses(rotated) == LIVE
        with suspended(server_database, CUSTOMER, SAMPLE.id):
            assert statuses(rotated) == {401}
            assert statuses(client) == {401}
            assert other.get(PATH).status_code == 200
        assert statuses(rotated) == LIVE


@contextmanager
def suspended(database: str, name: str, pk: str) -> Iterator[None]:
    """An item that is not active while the block runs."""
    stored.change(database, SAMPLE, name, pk, is_active=False)
    try:
        yield
    finally:
        stored.change(database, SAMPLE, name, pk, is_active=True)


@pytest.mark.parametrize("server_database", ["postgresql"], indirect=True, scope="session")
def test_two_servers(server: Server, server_database: str, tmp_path: Path) -> None:
    """A secret that is revoked stops working on every server from its next request on.

    SQLite is served by one process.
    """
    caller = issue(server, server_database)
    with (
        serve(tmp_path, server_database, server.keys) as second,
        server.client(caller) as here,
        second.client(caller) as there,
    ):
        assert (statuses(here), statuses(there)) == (LIVE, LIVE)
        revoke(server_database, newest(server_database))
        assert (statuses(here), statuses(there)) == ({401}, {401})
        new = issue(server, server_database)
        with server.client(new) as here_again, second.client(new) as there_again:
            with suspended(server_database, INTEGRATION, ROTATED["id"]):
                assert statuses(here_again) == {401}
                assert statuses(there_again) == {401}
            assert (statuses(here_again), statuses(there_again)) == (LIVE, LIVE)


# --- last use -------------------------------------------------------------------------------------


def test_last_use(server: Server, server_database: str) -> None:
    """The last use is written soon after the first request, and not again with the next ones."""
    caller = issue(server, server_database)
    before = stored.credentials(server_database, SAMPLE, ROTATED["id"])[-1]
    assert before["last_used_at"] is None
    with server.client(caller) as client:
        for _ in range(5):
            assert client.get(PATH).status_code == 200
        found = wait_for_use(server_database)
        for _ in range(5):
            assert client.get(PATH).status_code == 200
        time.sleep(0.2)
    assert stored.credentials(server_database, SAMPLE, ROTATED["id"])[-1] == found
    assert {**found, "last_used_at": None} == before


def wait_for_use(database: str) -> stored.Item:
    """The newest credential, as soon as its use is written."""
    for _ in range(50):
        found = stored.credentials(database, SAMPLE, ROTATED["id"])[-1]
        if found["last_used_at"]:
            return found
        time.sleep(0.05)
    raise AssertionError("The last use was not written.")


def test_last_use_once_a_minute(server: Server, server_database: str) -> None:
    """After a minute the next use is written, and not before, by whichever server it comes."""
    caller = issue(server, server_database)
    claims = {claim: caller.headers[header] for claim, header in HEADERS.items()}
    start = datetime.now(UTC).replace(microsecond=0)
    moments = [(0, 0), (0, 1), (1, 30), (0, 59), (0, 60), (1, 91), (0, 119), (0, 120), (1, 180)]
    here = Origin("127.0.0.1", [], Proxies())

    async def last_uses() -> list[str]:
        found = []
        async with open_store(server_database) as store:
            servers = [Authenticator(store, parse_keys(server.keys)) for _ in range(2)]
            for place, seconds in moments:
                now = render_time(start + timedelta(seconds=seconds))
                await servers[place].caller(claims, now, here)
                await servers[place].close()
                row = stored.credentials(server_database, SAMPLE, ROTATED["id"])[-1]
                found.append(row["last_used_at"])
        return found

    expected = (0, 0, 0, 0, 60, 60, 60, 120, 180)
    assert stored.run(last_uses()) == [
        render_time(start + timedelta(seconds=seconds)) for seconds in expected
    ]


# --- nothing secret or personal in the log --------------------------------------------------------


@pytest.mark.parametrize("fresh_url", DATABASES, indirect=True)
def test_log(fresh_url: str, tmp_path: Path) -> None:
    """Secrets, query strings and bodies are not logged, however much else is."""
    seed(tmp_path, fresh_url)
    with sandbox(tmp_path, fresh_url, log_level="debug") as server, server.client() as client:
        mark = f"mark{uuid4().hex}"
        provoke(client, mark)
        break_inserts(fresh_url)
        failed = client.post(ANSWERS.path, json=example(ANSWERS, custom_id=mark))
        assert (failed.status_code, failed.json()["code"]) == (500, "internal_error")
        assert mark not in failed.text
        bulk = [example(ANSWERS, custom_id=mark + str(index)) for index in range(60)]
        failed = client.post(f"{ANSWERS.path}list/", json=bulk)
        assert failed.status_code == 500
        assert mark not in failed.text
        log = wait_for_entry(server, failed.headers["X-Request-ID"])
        assert '"error":' in log
        assert mark.lower() not in log.lower()
        for customer in server.customers:
            assert customer.headers[HEADERS["secret"]] not in log
    assert mark not in server.log


def provoke(client: httpx.Client, mark: str) -> None:
    """Requests with the mark in every place that is private, most of them wrong."""
    lists = f"{ANSWERS.path}list/"
    item = client.post(ANSWERS.path, json=example(ANSWERS, custom_id=mark)).json()
    path = f"{ANSWERS.path}{item['id']}/"
    json = {"Content-Type": "application/json"}
    client.get(lists, params={"_search": mark, "custom_id": mark})
    client.get(lists, params={mark: mark, "_order_by": mark, "_after": mark, "id": mark})
    client.get(f"{lists}?custom_id={mark}%ff")
    client.patch(path, json={mark: mark, "answer": mark, "organization": {"id": mark}})
    client.post(ANSWERS.path, content=f'{{"custom_id": "{mark}"', headers=json)
    client.post(ANSWERS.path, json={"custom_id": mark * 9})
    client.post(lists, json=[{"custom_id": mark}, {"id": mark}])
    client.post(f"{CONNECTIONS.path}resolve/", json=[{"external_id": mark}])
    for header in HEADERS.values():
        client.get(lists, headers={header: mark})
    client.get(lists, headers={"X-Request-ID": f"{mark} is no id", "Cookie": mark})


def break_inserts(url: str) -> None:
    """Let every new answer fail in the database, with its own text in the message."""
    table = "integrations_answeredintegrationpersonalinformationaccess"
    if url.startswith("postgresql"):
        query(
            url,
            "CREATE FUNCTION fail() RETURNS trigger LANGUAGE plpgsql AS"
            " $$ BEGIN RAISE 'failed with %', NEW.custom_id; END $$",
        )
        query(
            url,
            f"CREATE TRIGGER fail BEFORE INSERT ON {table} FOR EACH ROW EXECUTE FUNCTION fail()",
        )
        return
    stored.run(
        _execute(
            url,
            f"CREATE TRIGGER fail BEFORE INSERT ON {table} BEGIN SELECT json(NEW.custom_id); END",
        )
    )


async def _execute(url: str, statement: str) -> None:
    async with open_store(url) as store, store.database.transaction() as connection:
        await connection.execute(statement)


def wait_for_entry(server: Server, request_id: str) -> str:
    """The log, as soon as it holds the line of a request."""
    for _ in range(100):
        if request_id in server.log:
            return server.log
        time.sleep(0.05)
    raise AssertionError("The request was not logged.")
