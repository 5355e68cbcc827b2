"""Clients that read slowly or not at all, and requests that wait for the database."""

from __future__ import annotations

import asyncio
import socket
import time
from contextlib import suppress
from itertools import pairwise
from pathlib import Path
from urllib.parse import urlsplit

import asyncpg
import httpx
import pytest

from tests.support import stored
from tests.support.examples import ANSWERS, samples
from tests.support.processes import (
    BOTH,
    LIST,
    MIB,
    POSTGRESQL,
    eventually,
    folder,
    open_transactions,
)
from tests.support.servers import Customer, Server, seed, serve

pytestmark = pytest.mark.slow

MANY = 12_000
PAGE = f"{LIST}?_page=1&_page_size=10000"


def ask(server: Server, caller: Customer, path: str) -> socket.socket:
    """Send a request, and take in next to nothing of its answer."""
    address = urlsplit(server.base_url)
    connection = socket.socket()
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    connection.settimeout(30)
    connection.connect((address.hostname, address.port))
    lines = [f"GET {path} HTTP/1.1", "Host: x", *(f"{n}: {v}" for n, v in caller.headers.items())]
    connection.sendall("\r\n".join([*lines, "", ""]).encode())
    return connection


def connections(server: Server) -> int:
    """How many connections of clients the server has open."""
    port = urlsplit(server.base_url).port or 0
    rows = [line.split() for line in Path("/proc/net/tcp").read_text().splitlines()[1:]]
    inodes = {row[9] for row in rows if row[1].endswith(f":{port:04X}") and row[3] != "0A"}
    open_files = set()
    for file in Path(f"/proc/{server.process.pid}/fd").iterdir():
        with suppress(FileNotFoundError):  # closed since it was listed
            open_files.add(str(file.readlink()))
    return sum(f"socket:[{inode}]" in open_files for inode in inodes)


@BOTH
def test_who_does_not_read_is_cut_off(fresh_url: str, tmp_path: Path) -> None:
    """Whatever the answer is: its connection, its memory, its place and its snapshot are freed.

    Who reads slowly, but reads, gets all of it; and who goes away is not waited for.
    """
    seeded = seed(tmp_path, fresh_url)
    stored.insert_copies(fresh_url, samples().customers[0], ANSWERS.name, MANY)
    caller = seeded.customers[0]
    settings = {"max_streams": 1, "stall_timeout": 1}
    with serve(folder(tmp_path, "serve"), fresh_url, seeded.keys, **settings) as server:
        resident = []
        for _ in range(4):  # what the first leave behind is used again by the next
            idle = [ask(server, caller, path) for path in (*[PAGE] * 5, f"{LIST}?_jsonl=true")]
            assert eventually(lambda: connections(server) == 6)
            assert eventually(lambda: not connections(server), 15)
            resident.append(server.resident_bytes)
            for connection in idle:
                connection.close()
        # How many answers are made at a time, and so what a round takes, is chance; what would
        # stay would stay each time.
        assert min(after - before for before, after in pairwise(resident[1:])) < 8 * MIB
        assert "client stalled" in {entry.get("ended") for entry in server.entries()}
        with ask(server, caller, f"{LIST}?_jsonl=true&_limit=10000") as slow:
            taken, length, began = bytearray(), None, time.monotonic()
            while length is None or len(taken) < length:
                piece = slow.recv(1 << 17)
                assert piece
                taken += piece
                head, _, _ = taken.partition(b"\r\n\r\n")
                length = len(head) + 4 + int(head.partition(b"content-length: ")[2].split()[0])
                time.sleep(0.05 if time.monotonic() - began < 4 else 0)
            assert time.monotonic() - began > 2
            assert taken.endswith(b"}\n")
        for _ in range(3):
            with ask(server, caller, f"{LIST}?_jsonl=true") as leaving:
                leaving.recv(100)
            assert eventually(lambda: not connections(server), 1)
        # Its place is free once the database has ended its snapshot, just after the connection.
        with server.client(caller) as again:
            assert eventually(lambda: again.get(f"{LIST}?custom_id=x").status_code == 200, 1)
        if fresh_url.startswith("postgresql"):
            assert eventually(lambda: not open_transactions(fresh_url))


@POSTGRESQL
def test_requests_do_not_wait_for_ever(fresh_url: str, tmp_path: Path) -> None:
    """While all connections to the database are in use, others get 503 after a set time."""
    seeded = seed(tmp_path, fresh_url)
    settings = {"pool_size": 2, "pool_timeout": 0.5}
    page = f"{LIST}?_limit=1"

    async def lock_and_ask(server: Server) -> list[httpx.Response]:
        async with httpx.AsyncClient(
            base_url=server.base_url, headers=seeded.customers[0].headers, timeout=30
        ) as client:
            assert (await client.get(page)).status_code == 200
            blocker = await asyncpg.connect(fresh_url)
            await blocker.execute("BEGIN; LOCK TABLE platform_credential")
            asked = [asyncio.create_task(client.get(page)) for _ in range(6)]
            await asyncio.sleep(2)
            await blocker.execute("ROLLBACK")
            await blocker.close()
            answers = await asyncio.gather(*asked)
            return [*answers, await client.get(page)]

    with serve(folder(tmp_path, "serve"), fresh_url, seeded.keys, **settings) as server:
        *answers, last = asyncio.run(lock_and_ask(server))
    refused = [answer for answer in answers if answer.status_code == 503]
    assert len(refused) >= 4
    assert last.status_code == 200
    for answer in refused:
        assert answer.headers["Content-Type"] == "application/problem+json"
        assert int(answer.headers["Retry-After"]) > 0
        assert answer.json()["detail"].startswith("Too many requests wait")
        assert answer.elapsed.total_seconds() < 1.9
