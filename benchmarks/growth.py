"""How cost grows: the same requests on more and more rows, all sizes taking turns."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from benchmarks import load
from benchmarks.data import ANSWERS, Clock, Size, pk
from benchmarks.machine import Meter
from benchmarks.measure import Bench, Database, Measured, checked
from benchmarks.seeding import Progress, seed
from benchmarks.servers import Server, portvakt
from benchmarks.workloads import PATH, Requests, render
from portvakt.api import cursor
from portvakt.schema.query import BY_AGE


@dataclass
class Growth:
    """Milliseconds that one request takes (the median of each round), by workload and size."""

    sizes: Sequence[int]
    took: dict[str, dict[int, list[float]]] = field(default_factory=dict)

    def ratio(self, workload: str) -> float:
        """The slowest size's median against the fastest's."""
        medians = [statistics.median(rounds) for rounds in self.took[workload].values()]
        return max(medians) / min(medians)

    def plain(self) -> dict[str, Any]:
        """For JSON."""
        return {"sizes": list(self.sizes), "milliseconds": self.took}


def _page(requests: Requests, share: float) -> list[bytes]:
    """A page of 100 by `_after`, so far into a customer's answers."""
    asked: dict[str, str | int] = {"_limit": 100}
    caller = requests.callers[0]
    number = int(requests.size.answers_each * share)
    if number:
        last = (Clock()(number), pk(ANSWERS, caller.customer, number))
        asked["_after"] = cursor.render(BY_AGE, last)
    return [render("GET", f"{PATH}list/?{urlencode(asked)}", caller.headers)]


def _workloads(requests: Requests) -> dict[str, list[bytes]]:
    return {
        "W1": requests.w1(),
        "W2": requests.w2(),
        "first page by `_after`": _page(requests, 0),
        "page at 90 % by `_after`": _page(requests, 0.9),
        "W6": requests.w6(),
    }


def measure(
    bench: Bench, kind: str, urls: dict[int, str], folder: Path, keys: str, progress: Progress
) -> tuple[Growth, Measured]:
    """Seed a database for each size and measure all; and W3 on the largest."""
    growth = Growth(list(urls))
    with ExitStack() as stack:
        asked: dict[int, tuple[Server, dict[str, list[bytes]]]] = {}
        for rows, url in urls.items():
            size = Size(rows, rows // 5)
            requests = Requests(seed(url, keys, size, progress), size)
            server = stack.enter_context(portvakt(folder, url, keys))
            asked[rows] = (server, _workloads(requests))
            largest = (Database(kind, url, keys, requests), server)
        for number in range(bench.plan.rounds + 1):
            for workload in next(iter(asked.values()))[1]:
                bench.note(f"{kind}: growth, round {number}, {workload}")
                for rows, (server, work) in asked.items():
                    took = _median(bench, server, work[workload])
                    if number:  # the first round only warms up
                        sizes = growth.took.setdefault(workload, {})
                        sizes.setdefault(rows, []).append(took)
        return growth, _largest_export(bench, *largest)


def _median(bench: Bench, server: Server, requests: Sequence[bytes]) -> float:
    """One at a time: how long an answer takes that waits for no other."""
    seconds = max(0.5, bench.plan.seconds / 3)
    result = checked(bench.ask(load.closed, server.port, requests, 1, seconds=seconds))
    return result.percentile(0.5)


def _largest_export(bench: Bench, database: Database, server: Server) -> Measured:
    """W3 on the most rows that there are, and the memory that it takes."""
    export = database.operations.export()
    each = database.requests.size.answers_each
    measured = Measured("W3", database.kind, unit=f"rows, of {each:,}")
    for number in range(bench.plan.rounds):
        bench.note(f"{database.kind}: W3 with {each:,} rows, round {number + 1}")
        floor = database.export(bench, export)
        measured.floor_is = floor.how
        measured.floor.append(floor.rate)
        meter = Meter(server.pids)
        result = checked(bench.ask(load.closed, server.port, database.requests.w3(), 1, times=1))
        used = meter.used()
        measured.ours.append(result.rate * each)
        measured.cpu.append(used.cpu / each)
        measured.peak = max(measured.peak, used.peak)
        measured.grown = max(measured.grown, used.peak - meter.resident)
    return measured
