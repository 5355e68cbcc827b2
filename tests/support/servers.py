"""Real servers for tests: `portvakt sandbox` and `portvakt serve`, each a process of its own.

    with sandbox(folder, "sqlite:////tmp/x/portvakt.db") as server:
        httpx.get(f"{server.base_url}/...", headers=server.customers[0].headers)

    seeded = seed(folder, url)
    with serve(folder, url, seeded.keys, workers=2, max_bulk_items=10) as server:
        ...

A server is ready when the block begins, and at its end is stopped as by Ctrl-C, which must go well.
Whatever it logged stands in `server.log`.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlsplit

import httpx

import portvakt
from tests.support.postgres import copy_database, is_coordinator, keep_database

START_SECONDS = 60.0
STOP_SECONDS = 40.0

_killed: set[int] = set()
_SOURCES = str(Path(portvakt.__file__).parent.parent)


@dataclass(frozen=True)
class Customer:
    """A customer of the sample data: the seven headers of one integration, ids by kind.

    `activations`: by level, each with its id and its headers.
    """

    headers: dict[str, str]
    ids: dict[str, list[str]]
    activations: dict[str, list[dict[str, Any]]] = field(default_factory=dict)

    @property
    def id(self) -> str:
        """The customer's id."""
        return self.headers["X-PIGELLO-CUSTOMER-ID"]


@dataclass(frozen=True)
class Seeded:
    """What is known of a seeded database: the hashing keys, and who may call."""

    keys: str
    customers: list[Customer]
    operator: str = ""


@dataclass
class Server:
    """A running server.

    `customers` and the token of its `operator` are the sandbox's; a server of `serve` tells none.
    """

    process: subprocess.Popen[bytes]
    base_url: str
    database: str
    folder: Path
    customers: list[Customer] = field(default_factory=list)
    operator: str = ""

    @property
    def keys(self) -> str:
        """The sandbox's hashing keys."""
        return str(json.loads((self.folder / "var" / "sandbox.json").read_text())["keys"])

    @property
    def log(self) -> str:
        """What the server has written to its log until now."""
        return (self.folder / "log").read_text()

    def entries(self) -> list[dict[str, Any]]:
        """The lines of the log, which are JSON objects."""
        return [json.loads(line) for line in self.log.split("\n") if line.startswith("{")]

    def client(self, customer: int | Customer | None = 0, **arguments: Any) -> httpx.Client:
        """A client with the headers of one of the customers (None: without)."""
        chosen = self.customers[customer] if isinstance(customer, int) else customer
        return httpx.Client(
            base_url=self.base_url,
            headers=chosen.headers if chosen else {},
            timeout=30,
            trust_env=False,
            verify=False,  # noqa: S501 - there is no TLS, and reading the certificates takes time
            **arguments,
        )

    @property
    def resident_bytes(self) -> int:
        """The memory of the server's process (Linux)."""
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        return int(status.split("VmRSS:")[1].split()[0]) * 1024

    def kill(self) -> None:
        """End it in the middle of whatever it does."""
        _killed.add(self.process.pid)
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait(STOP_SECONDS)

    def interrupt(self) -> int:
        """Stop it as Ctrl-C does; the exit status."""
        self.process.send_signal(signal.SIGINT)
        return self.process.wait(STOP_SECONDS)


# --- starting and stopping ------------------------------------------------------------------------


@contextmanager
def sandbox(folder: Path, database: str, *options: str, **settings: Any) -> Iterator[Server]:
    """A running `portvakt sandbox` on a free port. `settings` go into its environment."""
    credentials = folder / "credentials.json"
    credentials.unlink(missing_ok=True)
    if is_coordinator(database):
        done = command(folder, ["migrate", "--citus"], database=database)
        assert done.returncode == 0, done.stderr
    first = ["sandbox", "--port", "0", "--database", database, "--credentials", str(credentials)]
    with _running(folder, [*first, *options], settings) as process:
        server = Server(process, "", database, folder)
        found = json.loads(_wait(server, lambda: _whole_json(credentials)))
        server.base_url = found["base_url"]
        server.operator = found["operator"]
        server.customers = [Customer(**customer) for customer in found["customers"]]
        _wait(server, lambda: _is_ready(server))
        yield server


@contextmanager
def serve(folder: Path, database: str, keys: str, **settings: Any) -> Iterator[Server]:
    """A running `portvakt serve` on a free port, on a database that is up to date."""
    port = free_port()
    settings = {"database": database, "credential_keys": keys, "port": port, **settings}
    with _running(folder, ["serve"], settings) as process:
        server = Server(process, f"http://127.0.0.1:{port}", database, folder)
        _wait(server, lambda: _is_ready(server))
        yield server


def seed(folder: Path, database: str) -> Seeded:
    """Fill an empty database with all tables and the sample data, as the first sandbox does.

    A sandbox does it once. From then on what it left is copied, in the database and in the folder,
    so nobody may be connected to the database.
    """
    server = urlsplit(database)._replace(path="").geturl()
    if server not in _seeds:
        with sandbox(folder, database) as running:
            seeded = Seeded(running.keys, running.customers, running.operator)
        if not is_coordinator(database):
            _seeds[server] = _keep(folder, database, seeded)
        return seeded
    kept = _seeds[server]
    _copy_files(kept.folder, folder)
    if kept.database:
        copy_database(kept.database, database)
    else:
        shutil.copy2(kept.folder / "portvakt.db", database.removeprefix("sqlite:///"))
    return kept.seeded


class _Kept(NamedTuple):
    """A copy of what a sandbox has left: its files, its database on PostgreSQL, who may call."""

    folder: Path
    database: str
    seeded: Seeded


_copies = tempfile.TemporaryDirectory()
_seeds: dict[str, _Kept] = {}
"""By server, what is copied to seed another database there."""


def _keep(folder: Path, database: str, seeded: Seeded) -> _Kept:
    place = Path(_copies.name) / f"{len(_seeds)}"
    _copy_files(folder, place)
    if database.startswith("postgresql"):
        return _Kept(place, keep_database(database), seeded)
    shutil.copy2(database.removeprefix("sqlite:///"), place / "portvakt.db")
    return _Kept(place, "", seeded)


def _copy_files(folder: Path, other: Path) -> None:
    (other / "var").mkdir(parents=True, exist_ok=True)
    for name in ("credentials.json", "var/sandbox.json"):
        shutil.copy2(folder / name, other / name)


def command(
    folder: Path, arguments: Sequence[str], **settings: Any
) -> subprocess.CompletedProcess[str]:
    """A command of `portvakt` that ends by itself: its status and what it printed."""
    return subprocess.run(
        [sys.executable, "-m", "portvakt", *arguments],
        cwd=folder,
        env=environment(settings),
        capture_output=True,
        text=True,
        timeout=START_SECONDS,
        check=False,
    )


@contextmanager
def _running(
    folder: Path, arguments: Sequence[str], settings: dict[str, Any]
) -> Iterator[subprocess.Popen[bytes]]:
    with (folder / "log").open("ab") as log, (folder / "output").open("ab") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "portvakt", *arguments],
            cwd=folder,
            env=environment(settings),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=log,
            start_new_session=True,
        )
    try:
        yield process
        if process.poll() is None:
            process.send_signal(signal.SIGINT)
        status = process.wait(STOP_SECONDS)
        # uvicorn ends itself by the SIGTERM that it was sent, once all is done.
        assert status in (0, -signal.SIGTERM) or process.pid in _killed, (
            f"The server ended with {status}:\n{(folder / 'log').read_text()}"
        )
    finally:
        if process.poll() is None:
            process.kill()
            process.wait()


def environment(settings: dict[str, Any]) -> dict[str, str]:
    """The environment of a server: none of our own settings, those that were given."""
    inherited = {k: v for k, v in os.environ.items() if not k.startswith("PORTVAKT_")}
    given = {"log_level": "info", "log_format": "json", **settings}
    return {
        **inherited,
        "PYTHONPATH": _SOURCES,
        **{f"PORTVAKT_{name.upper()}": str(value) for name, value in given.items()},
    }


def _wait(server: Server, found: Any) -> Any:
    """What `found` gives as soon as it is true."""
    end = time.monotonic() + START_SECONDS
    while time.monotonic() < end:
        if result := found():
            return result
        if server.process.poll() is not None:
            break
        time.sleep(0.05)
    output = (server.folder / "output").read_text()
    raise AssertionError(f"The server did not start:\n{output}\n{server.log}")


def _whole_json(path: Path) -> str:
    try:
        text = path.read_text()
        json.loads(text)
    except (FileNotFoundError, ValueError):
        return ""
    return text


def _is_ready(server: Server) -> bool:
    try:
        answer = httpx.get(f"{server.base_url}/health/ready", timeout=5, trust_env=False)
    except httpx.TransportError:
        return False
    return answer.status_code == 200


def free_port() -> int:
    """A port of 127.0.0.1 that nothing listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
