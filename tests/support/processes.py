"""Servers as processes: where they run, and what they do meanwhile."""

from __future__ import annotations

import http.client
import time
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest

from tests.support.databases import DATABASES
from tests.support.examples import ANSWERS, samples
from tests.support.postgres import query
from tests.support.servers import Server

MANY = 30_000
SAMPLE = samples().customers[0]
MIB = 1024 * 1024
LIST = f"{ANSWERS.path}list/"
BOTH = pytest.mark.parametrize("fresh_url", DATABASES, indirect=True)
POSTGRESQL = pytest.mark.parametrize("fresh_url", ["postgresql"], indirect=True)
SQLITE = pytest.mark.parametrize("fresh_url", ["sqlite"], indirect=True)


def folder(path: Path, name: str) -> Path:
    """A folder for one more server of a test."""
    made = path / name
    made.mkdir()
    return made


def eventually(fact: Callable[[], bool], seconds: float = 20) -> bool:
    """Whether it becomes true in this time."""
    end = time.monotonic() + seconds
    while not fact() and time.monotonic() < end:
        time.sleep(0.1)
    return fact()


def ask(server: Server, headers: dict[str, str]) -> int:
    """The status of a list, over a connection of its own."""
    url = f"{server.base_url}{LIST}?_page=1&_page_size=5"
    return httpx.get(url, headers=headers, trust_env=False, verify=False).status_code  # noqa: S501


def serving(server: Server) -> list[int]:
    """The processes that a server has started which listen on its port."""
    children = Path(f"/proc/{server.process.pid}/task/{server.process.pid}/children")
    pids = [int(pid) for pid in children.read_text().split()]
    return [pid for pid in pids if "resource_tracker" not in command_line(pid)]


def command_line(pid: int) -> str:
    """How a process was called."""
    return Path(f"/proc/{pid}/cmdline").read_text()


def begin_upload(
    server: Server, headers: dict[str, str], body: bytes
) -> http.client.HTTPConnection:
    """Send the head of a request and the first byte of its body."""
    address = urlsplit(server.base_url)
    connection = http.client.HTTPConnection(address.hostname or "", address.port, timeout=30)
    connection.putrequest("POST", ANSWERS.path)
    for name, value in {**headers, "Content-Type": "application/json"}.items():
        connection.putheader(name, value)
    connection.putheader("Content-Length", str(len(body)))
    connection.endheaders()
    connection.send(body[:1])
    return connection


def open_transactions(url: str) -> list[object]:
    """The transactions of the server that wait for it to go on."""
    rows = query(
        url,
        "SELECT pid, query FROM pg_stat_activity WHERE datname = current_database()"
        " AND application_name = 'portvakt' AND state LIKE 'idle in transaction%'",
    )
    return list(rows)
