"""Secrets are rotated, revoked and suspended under load, with several processes on PostgreSQL.

A vendor's programs call without a pause, each over a connection of its own, while an operator works
on their credentials. What they may do changes with the next request, in every process.
"""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from uuid import uuid4

import httpx
import pytest

from portvakt.access.headers import HEADERS
from portvakt.schema.registry import content_type_id
from tests.support.examples import CONNECTIONS, TENANTS
from tests.support.registered import ACTIVATIONS, CREDENTIALS, Item, Operator
from tests.support.servers import Customer, Server, seed, serve

WORKERS, CALLERS, ROTATIONS = 2, 6, 4
PATIENCE = 30.0
SECRET = HEADERS["secret"]
RIGHTS = {TENANTS.name: ["read"], CONNECTIONS.name: ["read", "create"]}


@pytest.fixture(scope="module")
def operator(
    module_postgres_database: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Operator]:
    """The operator of a server with two processes."""
    seeded = seed(tmp_path_factory.mktemp("seed"), module_postgres_database)
    folder = tmp_path_factory.mktemp("serve")
    with serve(
        folder, module_postgres_database, seeded.keys, workers=WORKERS, pool_size=4
    ) as server:
        server.customers, server.operator = seeded.customers, seeded.operator
        with server.client(None) as client:
            yield Operator(server, client)


@dataclass
class Vendor:
    """Programs that call with whatever secret they have at the moment.

    `using` holds the secret that each program calls with now. `seen` counts the statuses of all
    requests; `late` holds those of requests that were begun after `ended` was set.
    """

    server: Server
    caller: Customer
    secret: str = ""
    using: dict[int, str] = field(default_factory=dict)
    lock: threading.Lock = field(default_factory=threading.Lock)
    seen: Counter[int] = field(default_factory=Counter)
    late: list[int] = field(default_factory=list)
    ended: threading.Event = field(default_factory=threading.Event)
    stopping: threading.Event = field(default_factory=threading.Event)

    def __post_init__(self) -> None:
        self.secret = self.caller.headers[SECRET]

    def work(self) -> None:
        """Read and write until told to stop."""
        with self.server.client(self.caller) as client:
            while not self.stopping.is_set():
                for call in (self._read, self._write):
                    late = self.ended.is_set()
                    status = call(client, {SECRET: self._take()})
                    with self.lock:
                        self.seen[status] += 1
                        self.late += [status] * late
        with self.lock:
            self.using.pop(threading.get_ident(), None)

    def _take(self) -> str:
        with self.lock:
            self.using[threading.get_ident()] = self.secret
            return self.secret

    def switch(self, secret: str) -> None:
        """Call with another secret from now on; ends when no request with the old one is left."""
        with self.lock:
            self.secret = secret
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            with self.lock:
                if {*self.using.values()} <= {secret}:
                    return
            time.sleep(0.01)
        raise AssertionError("A request with the old secret was never answered.")

    def _read(self, client: httpx.Client, headers: dict[str, str]) -> int:
        return client.get(f"{TENANTS.path}list/?_limit=2", headers=headers).status_code

    def _write(self, client: httpx.Client, headers: dict[str, str]) -> int:
        body = {
            "content_type": {"id": content_type_id("objects.apartment")},
            "object_id": str(uuid4()),
            "external_id": "x",
        }
        return client.post(CONNECTIONS.path, json=body, headers=headers).status_code

    @contextmanager
    def working(self) -> Iterator[None]:
        """All of its programs are at work while the block runs, and a moment before and after."""
        with ThreadPoolExecutor(CALLERS) as threads:
            running = [threads.submit(self.work) for _ in range(CALLERS)]
            try:
                time.sleep(0.3)
                yield
                time.sleep(0.3)
            finally:
                self.stopping.set()
            for one in running:
                one.result()

    def elsewhere(self) -> set[int]:
        """The statuses that new connections get, which any of the processes may answer."""

        def ask(_: int) -> int:
            with self.server.client(self.caller) as client:
                return self._read(client, {SECRET: self.secret})

        with ThreadPoolExecutor(CALLERS) as threads:
            return set(threads.map(ask, range(8 * WORKERS)))


def vendor(operator: Operator) -> tuple[Item, Vendor]:
    """A new activation, and the programs that call for it."""
    activation, caller = operator.integration(RIGHTS)
    return activation, Vendor(operator.server, caller)


def live(operator: Operator, activation: Item) -> str:
    """The id of the activation's newest live credential."""
    asked = {"integration": activation["id"], "revoked_at__isnull": "true"}
    found = operator.send("GET", f"{CREDENTIALS}list/", params=asked).json()
    return str(found[-1]["id"])


def test_a_rotation_loses_no_request(operator: Operator) -> None:
    """The new secret works before anybody uses it, the old one until nobody does."""
    activation, programs = vendor(operator)
    with programs.working():
        for _ in range(ROTATIONS):
            old = live(operator, activation)
            made = operator.make(f"{CREDENTIALS}{old}/rotate/", {"overlap": 60})
            programs.switch(made["secret"])
            assert operator.send("POST", f"{CREDENTIALS}{old}/revoke/").status_code == 200
    assert set(programs.seen) == {200, 201}, programs.seen
    assert sum(programs.seen.values()) > ROTATIONS * CALLERS
    assert programs.elsewhere() == {200}


def revoke(operator: Operator, activation: Item) -> int:
    """Revoke the activation's credential."""
    path = f"{CREDENTIALS}{live(operator, activation)}/revoke/"
    return operator.send("POST", path).status_code


def suspend(operator: Operator, activation: Item) -> int:
    """Suspend the activation."""
    return operator.change(ACTIVATIONS, activation["id"], is_active=False).status_code


@pytest.mark.parametrize("end", [revoke, suspend])
def test_what_has_ended_is_refused_at_once(
    operator: Operator, end: Callable[[Operator, Item], int]
) -> None:
    """Every request that begins after the answer to the operator gets 401, in every process."""
    activation, programs = vendor(operator)
    assert programs.elsewhere() == {200}
    with programs.working():
        assert end(operator, activation) == 200
        programs.ended.set()
        assert programs.elsewhere() == {401}
    assert {200, 201} < set(programs.seen) <= {200, 201, 401}
    assert set(programs.late) == {401}
    if end is suspend:
        resumed = operator.change(ACTIVATIONS, activation["id"], is_active=True)
        assert resumed.status_code == 200
        assert programs.elsewhere() == {200}
