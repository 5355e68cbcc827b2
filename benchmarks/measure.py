"""Measures the workloads on one database: the floor, Portvakt and the peer, taking turns."""

from __future__ import annotations

import asyncio
import itertools
import json
import sqlite3
import statistics
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from http import HTTPStatus
from typing import Any

import asyncpg

from benchmarks import floors, load, wrk
from benchmarks.capture import Captured, Operations
from benchmarks.data import TENANTS, pk
from benchmarks.floors import Floor
from benchmarks.load import Result
from benchmarks.machine import OTHER_CORE, SERVER_CORE, Meter, processes
from benchmarks.plan import BULK_CLIENTS, CLIENTS, Plan
from benchmarks.servers import Server
from benchmarks.workloads import BULK, PAIRS, PATH, TENANTS_PATH, Requests, fetch, render
from tests.support import postgres


@dataclass
class Measured:
    """One workload on one database. Rates are of the workload's unit a second."""

    workload: str
    database: str
    unit: str = "requests"
    floor_is: str = ""
    floor: list[float] = field(default_factory=list)
    ours: list[float] = field(default_factory=list)
    peer: list[float] = field(default_factory=list)
    cpu: list[float] = field(default_factory=list)
    peak: int = 0
    grown: int = 0
    p50: float | None = None
    p99: float | None = None
    peer_p50: float | None = None
    peer_p99: float | None = None
    load_share: float = 0.0

    def ratio(self, other: Sequence[float]) -> tuple[float, float, float] | None:
        """Ours against another's: the median, the least and the most of the rounds."""
        ratios = [ours / theirs for ours, theirs in zip(self.ours, other, strict=False) if theirs]
        if not ratios:
            return None
        return statistics.median(ratios), min(ratios), max(ratios)

    def plain(self) -> dict[str, Any]:
        """For JSON."""
        return asdict(self)


Note = Callable[[str], None]


@dataclass
class Bench:
    """What measuring needs: where load comes from and where floors run, and who is told."""

    plan: Plan
    load: ProcessPoolExecutor
    floor: ProcessPoolExecutor
    note: Note

    def ask(self, work: Callable[..., Any], *arguments: Any, **options: Any) -> Any:
        """Run a load on the other core."""
        return self.load.submit(work, *arguments, **options).result()

    def closed(self, port: int, requests: Sequence[bytes]) -> Result:
        """As much as goes through. Raises `RuntimeError` if anything was refused."""
        if wrk.PROGRAM:
            result = self.ask(wrk.closed, port, requests, CLIENTS, self.plan.seconds)
        else:
            result = self.ask(load.closed, port, requests, CLIENTS, seconds=self.plan.seconds)
        return checked(result)


def checked(result: Result) -> Result:
    """The result, if all went well."""
    if result.failed or not result.answers:
        raise RuntimeError(f"{result.failed} requests failed: {result.first_failure}")
    return result


@contextmanager
def bench(plan: Plan, note: Note) -> Iterator[Bench]:
    """The processes that measuring needs."""
    with processes(OTHER_CORE, 2) as loads, processes(SERVER_CORE) as floor_process:
        yield Bench(plan, loads, floor_process, note)


class Database:
    """One seeded database while it is measured, and the floors on it."""

    def __init__(self, kind: str, url: str, keys: str, requests: Requests) -> None:
        self.kind = kind
        self.url = url
        self.keys = keys
        self.requests = requests
        self.operations = Operations(url, keys, requests)

    @property
    def path(self) -> str:
        """The file, of SQLite."""
        return self.url.removeprefix("sqlite:///")

    def throughput(self, bench: Bench, captured: Sequence[Captured]) -> Floor:
        """The floor of requests that are a few statements each."""
        seconds = bench.plan.seconds
        found: Floor
        if self.kind == "sqlite":
            return bench.floor.submit(floors.sqlite_loop, self.path, captured, seconds).result()
        # On the load generator's core. Of reads one script: each would be planned anew so often.
        captured = captured if captured[0].begun else captured[:1]
        program = postgres.programs() / "pgbench"
        if program.is_file():
            found = bench.ask(floors.pgbench, str(program), self.url, captured, CLIENTS, seconds)
        elif captured[0].begun:
            found = Floor(0.0, "no pgbench")
        else:
            found = bench.ask(floors.asyncpg_loop, self.url, captured, CLIENTS, seconds)
        return found

    def bulk(self, bench: Bench, captured: Captured) -> Floor:
        """The floor of W5."""
        if self.kind == "sqlite":
            work, more = floors.executemany_rate, (self.path, captured, bench.plan.bulks)
            return bench.floor.submit(work, *more).result()
        return bench.floor.submit(
            floors.unnest_rate, self.url, captured, BULK_CLIENTS, bench.plan.bulks
        ).result()

    def export(self, bench: Bench, captured: Captured) -> Floor:
        """The floor of W3."""
        if self.kind == "sqlite":
            return bench.floor.submit(floors.rows_rate, self.path, captured).result()
        return bench.floor.submit(floors.copy_rate, self.url, captured).result()


@dataclass
class _Workload:
    """How a workload is measured: its requests, its floor, what counts, whether the peer has it."""

    name: str
    requests: list[bytes]
    floor: Callable[[], Floor] | None
    unit: str = "requests"
    each: int = 1
    times: int | None = None
    clients: int = CLIENTS
    peer: bool = True


class Workloads:
    """W1 to W7 on one database."""

    def __init__(self, bench: Bench, database: Database, ours: Server, peer: Server | None) -> None:
        self._bench = bench
        self._database = database
        self._ours = ours
        self._peer = peer
        self.measured: dict[str, Measured] = {}

    def run(self) -> dict[str, Measured]:
        """All rounds, then the latencies."""
        workloads = list(self._workloads())
        for workload in workloads:
            self.measured[workload.name] = Measured(
                workload.name, self._database.kind, workload.unit
            )
            self._warm_up(workload)
        for number in range(self._bench.plan.rounds):
            for workload in workloads:
                self._bench.note(f"{self._database.kind}: round {number + 1}, {workload.name}")
                self._round(workload)
        for workload in workloads:
            if workload.name != "W3":
                self._bench.note(f"{self._database.kind}: latency of {workload.name}")
                self._latency(workload)
        return self.measured

    def _workloads(self) -> Iterator[_Workload]:
        bench, database = self._bench, self._database
        requests, operations = database.requests, database.operations
        gets, lists, creates = operations.gets(), operations.lists(), operations.creates()
        bulk, export = operations.bulk(BULK), operations.export()
        decisions = operations.decisions()
        yield _Workload("W1", requests.w1(), lambda: database.throughput(bench, gets))
        yield _Workload("W2", requests.w2(), lambda: database.throughput(bench, lists))
        yield _Workload(
            "W3",
            requests.w3(),
            lambda: database.export(bench, export),
            unit="rows",
            each=requests.size.answers_each,
            times=1,
            clients=1,
        )
        yield _Workload("W4", requests.w4(), lambda: database.throughput(bench, creates))
        yield _Workload(
            "W5",
            requests.w5(),
            lambda: database.bulk(bench, bulk),
            unit="rows",
            each=BULK,
            times=bench.plan.bulks,
            clients=BULK_CLIENTS,
        )
        yield _Workload(
            "W6", requests.w6(), lambda: database.throughput(bench, decisions), peer=False
        )
        yield _Workload(
            "W7", requests.w7(), None, "pairs", each=PAIRS, times=20, clients=1, peer=False
        )

    def _warm_up(self, workload: _Workload) -> None:
        for server in filter(None, (self._ours, self._peer if workload.peer else None)):
            times = 1 if workload.each > 1 else 200
            checked(
                self._bench.ask(
                    load.closed, server.port, workload.requests, workload.clients, times=times
                )
            )

    def _round(self, workload: _Workload) -> None:
        measured = self.measured[workload.name]
        if workload.floor:
            floor = workload.floor()
            measured.floor.append(floor.rate)
            measured.floor_is = floor.how
        meter = Meter(self._ours.pids).when_idle()
        result = self._ask(self._ours, workload)
        used = meter.used()
        measured.ours.append(result.rate * workload.each)
        measured.cpu.append(used.cpu / (result.answers * workload.each))
        measured.peak = max(measured.peak, used.peak)
        measured.grown = max(measured.grown, used.peak - meter.resident)
        if result.elapsed:
            measured.load_share = max(measured.load_share, result.cpu / result.elapsed)
        if self._peer and workload.peer:
            measured.peer.append(self._ask(self._peer, workload).rate * workload.each)

    def _ask(self, server: Server, workload: _Workload) -> Result:
        if workload.times is None and workload.name != "W4":
            return self._bench.closed(server.port, workload.requests)
        seconds = self._bench.plan.seconds if workload.times is None else None
        return checked(
            self._bench.ask(
                load.closed,
                server.port,
                workload.requests,
                workload.clients,
                seconds=seconds,
                times=workload.times,
            )
        )

    def _latency(self, workload: _Workload) -> None:
        """In an open loop at half of what went through."""
        measured = self.measured[workload.name]
        result = self._half(self._ours, workload, measured.ours)
        measured.p50, measured.p99 = result.percentile(0.5), result.percentile(0.99)
        if measured.peer and self._peer:
            result = self._half(self._peer, workload, measured.peer)
            measured.peer_p50, measured.peer_p99 = result.percentile(0.5), result.percentile(0.99)

    def _half(self, server: Server, workload: _Workload, rates: Sequence[float]) -> Result:
        Meter(server.pids).when_idle()
        rate = statistics.median(rates) / workload.each / 2
        # Enough of them for a 99th percentile, but not minutes of bulk writes.
        seconds = max(self._bench.plan.seconds, min(200 / rate, 4 * self._bench.plan.seconds))
        result: Result = self._bench.ask(
            load.open_loop, server.port, workload.requests, rate, seconds
        )
        return checked(result)


# --- what happens beside ----------------------------------------------------------------------


def beside(bench: Bench, database: Database, server: Server) -> dict[str, dict[str, float]]:
    """W1's latency at 200 a second, alone and beside other work on the same process."""
    requests = database.requests
    companions: dict[str, tuple[list[bytes], int] | None] = {
        "alone": None,
        "a JSONL export": (requests.w3(), 1),
        "a full-table `_search`": (requests.search(), 1),
        "a bulk write of 10,000": (requests.w5(10_000), 1),
    }
    found = {}
    seconds = bench.plan.seconds * 2
    for name, companion in companions.items():
        bench.note(f"{database.kind}: W1 beside {name}")
        Meter(server.pids).when_idle()
        other = None
        if companion:
            work, clients = companion
            other = bench.load.submit(load.closed, server.port, work, clients, seconds=seconds + 1)
            time.sleep(0.5)
        result = checked(bench.ask(load.open_loop, server.port, requests.w1(), 200, seconds))
        found[name] = {"p50": result.percentile(0.5), "p99": result.percentile(0.99)}
        found[name]["slowest"] = max(result.seconds) * 1000
        if other:
            found[name]["companions"] = checked(other.result()).answers
    return found


def revocation(bench: Bench, database: Database, server: Server) -> dict[str, float]:
    """Milliseconds from the commit of a revocation to the last good answer, under load.

    `sent`: when the last request that was answered had been sent; none after the commit, so it is
    never positive. `answered`: when its answer came.
    """
    bench.note(f"{database.kind}: revoking a credential under load")
    caller = database.requests.readers[2]
    requests = [
        request
        for request, (who, _) in zip(database.requests.w1(), database.requests.items(), strict=True)
        if who is caller
    ]
    running = bench.load.submit(load.until_refused, server.port, requests, CLIENTS, 20.0)
    time.sleep(2.0)
    customer = caller.headers["X-PIGELLO-CUSTOMER-ID"]
    committed = _revoke(database, customer)
    result: Result = running.result()
    return {
        "sent": (result.last_good_sent - committed) * 1000,
        "answered": (result.last_good - committed) * 1000,
    }


EMPTY = b'"first_name":null'
"""What a read says that doesn't tell the name."""


def withdrawal(bench: Bench, database: Database, server: Server) -> dict[str, float]:
    """The same from a withdrawn answer to the last answer that told the person's name.

    The commit is taken for done when the request that withdraws has been answered.
    """
    bench.note(f"{database.kind}: withdrawing an answer under load")
    caller, places = database.requests.writer, itertools.count()
    seen, path = EMPTY, ""

    def say(place: int, *, yes: bool) -> float:
        tenant = {"id": pk(TENANTS, caller.customer, place)}
        said = {"integration": {"id": caller.integration(0)}, "answered_by_tenant": tenant}
        body = json.dumps({**said, "answer": yes}).encode()
        status, answer, _ = fetch(server.port, PATH, caller.headers, body)
        if status != HTTPStatus.CREATED:
            raise RuntimeError(f"The answer was not taken: {answer!r}")
        return time.monotonic()

    while EMPTY in seen:  # of somebody who has a first name, and forbids nothing
        place = next(places)
        say(place, yes=True)
        path = f"{TENANTS_PATH}{pk(TENANTS, caller.customer, place)}/"
        _, seen, _ = fetch(server.port, path, caller.headers)
    reads = [render("GET", path, caller.headers)]
    running = bench.load.submit(load.until_refused, server.port, reads, CLIENTS, 20.0, EMPTY)
    time.sleep(2.0)
    committed = say(place, yes=False)
    result: Result = running.result()
    return {
        "sent": (result.last_good_sent - committed) * 1000,
        "answered": (result.last_good - committed) * 1000,
    }


_REVOKE = "UPDATE platform_credential SET revoked_at = created_at WHERE customer_id = "


def _revoke(database: Database, customer: str) -> float:
    """Revoke the customer's credential; the moment at which the commit was done."""
    if database.kind == "sqlite":
        connection = sqlite3.connect(database.path, isolation_level=None)
        connection.execute(_REVOKE + "?", (customer,))
        committed = time.monotonic()
        connection.close()
        return committed

    async def revoke() -> float:
        connection = await asyncpg.connect(database.url)
        await connection.execute(_REVOKE + "$1", customer)
        committed = time.monotonic()
        await connection.close()
        return committed

    return asyncio.run(revoke())
