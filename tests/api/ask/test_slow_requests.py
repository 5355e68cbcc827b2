"""Slow clients are not awaited without end, and those that go away leave nothing behind."""

from __future__ import annotations

import json
import socket
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from uuid import uuid4

import httpx
import pytest

from portvakt.settings import Settings
from tests.support.examples import ANSWERS, CONNECTIONS, ONE_DATABASE, example
from tests.support.servers import Server, serve
from tests.support.sockets import JSON, LIST, MIB, connect, read_until, receive, request, send

PLACES = int(Settings.model_fields["max_streams"].default)
UNAVAILABLE = 503

pytestmark = pytest.mark.usefixtures("goes_on_answering")


@pytest.fixture(scope="module")
def impatient(server: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A second server on the same database that waits half a second for headers and bodies."""
    folder = tmp_path_factory.mktemp("impatient")
    waits = {"head_timeout": 0.5, "body_timeout": 0.5}
    with serve(folder, server.database, server.keys, **waits) as running:
        running.customers = server.customers
        yield running


@ONE_DATABASE
def test_a_slow_body_is_not_awaited(impatient: Server) -> None:
    """A body that does not arrive in time is a 408 that states the time; the connection ends."""
    announced = [JSON, ("Content-Length", "100")]
    answer = send(impatient, request(impatient, "POST", ANSWERS.path, announced) + b'{"answer"')
    assert (answer.status, answer.problem["code"]) == (408, "request_timeout")
    assert "0.5 seconds" in answer.problem["detail"]
    assert "connection: close" in answer.head.lower()


@ONE_DATABASE
def test_a_body_that_trickles_is_not_awaited(impatient: Server) -> None:
    """The time counts for the whole body: a byte now and then does not prolong it."""
    chunked = [JSON, ("Transfer-Encoding", "chunked")]
    with connect(impatient) as connection:
        connection.sendall(request(impatient, "POST", ANSWERS.path, chunked))
        with suppress(ConnectionError):
            for _ in range(20):
                connection.sendall(b"1\r\n \r\n")
                time.sleep(0.1)
        assert receive(connection).status == 408


@ONE_DATABASE
def test_a_body_that_nobody_reads_is_not_awaited(impatient: Server) -> None:
    """Whoever goes on sending after the answer is cut off too, whatever was answered."""
    with connect(impatient) as connection:
        asked = request(impatient, "GET", LIST, [JSON, ("Content-Length", "100000")])
        connection.sendall(asked.replace(b"Connection: close\r\n", b""))
        ends = time.monotonic() + 10
        with pytest.raises(ConnectionError):
            while time.monotonic() < ends:
                connection.sendall(b" ")
                time.sleep(0.05)


@ONE_DATABASE
@pytest.mark.parametrize("start", [b"", b"\r\n", b"GET ", b"GET / HTTP/1.1\r\nHost: x\r\nX-A: "])
def test_slow_headers_are_not_awaited(impatient: Server, start: bytes) -> None:
    """A connection on which no request arrives in time is closed without a word."""
    with connect(impatient) as connection:
        connection.sendall(start)
        assert receive(connection).status == 0


@ONE_DATABASE
def test_a_second_request_has_its_own_time(impatient: Server) -> None:
    """The time for headers begins anew with each request of a connection."""
    whole = b"GET /health/live HTTP/1.1\r\nHost: x\r\n\r\n"
    with connect(impatient) as connection:
        for _ in range(3):
            connection.sendall(whole[:10])
            time.sleep(0.3)
            connection.sendall(whole[10:])
            assert read_until(connection, b'{"status":"alive"}').startswith(b"HTTP/1.1 200 OK")
        connection.sendall(whole[:10])
        assert receive(connection).status == 0


# --- clients that go away -------------------------------------------------------------------------


@pytest.mark.parametrize("atomic", ["true", "false"])
def test_a_body_that_ends_early_writes_nothing(
    server: Server, client: httpx.Client, atomic: str
) -> None:
    """A client that goes away within its body has written nothing, whole items included."""
    mark = uuid4().hex
    body = json.dumps([example(ANSWERS, custom_id=mark)] * 3).encode()[:-1]
    announced = [JSON, ("Content-Length", str(len(body) + 100))]
    with connect(server) as connection:
        target = f"{ANSWERS.path}list/?_atomic={atomic}"
        connection.sendall(request(server, "POST", target, announced, body))
        connection.shutdown(socket.SHUT_WR)
        assert receive(connection).status == 0
    assert client.get(LIST, params={"custom_id": mark}).json() == []


def asked_at_once(client: httpx.Client, path: str, number: int) -> list[int]:
    """The statuses of so many requests at a time; who finds no place is told when to come again."""
    with ThreadPoolExecutor(number) as threads:
        answers = [*threads.map(client.get, [path] * number)]
    assert all("Retry-After" in one.headers for one in answers if one.status_code == UNAVAILABLE)
    return [one.status_code for one in answers]


def test_clients_that_go_away_leave_nothing_behind(server: Server, client: httpx.Client) -> None:
    """A hundred clients that ask for everything and read nothing cost no memory that stays.

    Nor a place among the lists without paging: others may have to wait for one, but not for long.
    """
    client.get(LIST)
    before = server.resident_bytes
    for _ in range(100):
        with connect(server) as connection:
            connection.sendall(request(server, "GET", CONNECTIONS.path + "list/"))
    assert client.get(LIST, params={"_limit": 1}).status_code == 200
    until = time.monotonic() + 20
    while (
        set(statuses := asked_at_once(client, LIST, PLACES)) != {200} and time.monotonic() < until
    ):
        time.sleep(0.1)
    assert statuses == [200] * PLACES  # each place is free again: also for the test that follows
    assert server.resident_bytes - before < 100 * MIB
    assert [entry for entry in server.entries() if "never retrieved" in entry["event"]] == []
