"""`python -m benchmarks.against REV`: this checkout against an earlier commit, in turns.

Both builds get the same rows in databases of their own and the same requests, in the order A B B A,
so that whatever the machine does meanwhile does it to both. What is told are ratios: over 1, this
checkout does more a second, or takes less of the processor for the same.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path

from rich.console import Console

from benchmarks import load, measure
from benchmarks.builds import ROOT, THIS, Build, build
from benchmarks.data import Size
from benchmarks.ledger_rows import CUSTOMER
from benchmarks.machine import OTHER_CORE, SERVER_CORE, Meter, pin
from benchmarks.measure import Bench
from benchmarks.plan import BULK_CLIENTS, CLIENTS, QUICK, WORKLOADS
from benchmarks.servers import Server, cluster, portvakt
from benchmarks.workloads import Requests, write_tenants
from portvakt.access.credentials import new_key
from tests.support import postgres

KINDS = ("sqlite", "postgresql")
_ORDER = (0, 1, 1, 0)


@dataclass(frozen=True)
class Cost:
    """What something took: seconds until it was done, and seconds of the server's processor."""

    wall: float
    cpu: float


@dataclass
class Compared:
    """One workload on one database: the ratios of each round of turns."""

    what: str
    database: str
    wall: list[float] = field(default_factory=list)
    cpu: list[float] = field(default_factory=list)

    def add(self, earlier: Sequence[Cost], this: Sequence[Cost]) -> None:
        """A round: what each build took, as often."""
        self.wall.append(sum(one.wall for one in earlier) / sum(one.wall for one in this))
        self.cpu.append(sum(one.cpu for one in earlier) / (sum(one.cpu for one in this) or 1e-9))

    def row(self) -> str:
        """A row of the table."""
        return f"| {self.what} | {self.database} | {_spread(self.wall)} | {_spread(self.cpu)} |"


def _spread(ratios: Sequence[float]) -> str:
    middle = statistics.median(ratios)
    return f"{middle:.2f} ({min(ratios):.2f} to {max(ratios):.2f})"


@dataclass
class Side:
    """A build with its own rows: where they are, what its server is asked and where."""

    build: Build
    url: str
    folder: Path
    keys: str
    requests: Requests
    server: Server | None = None

    def command(self, *arguments: str, url: str = "") -> Cost:
        """Run a command of `portvakt`. Raises `CalledProcessError` with its words if it fails."""
        environment = self.build.environment(
            PORTVAKT_DATABASE=url or self.url, PORTVAKT_CREDENTIAL_KEYS=self.keys
        )
        command = [self.build.python, "-m", "portvakt", *arguments]
        began, before = time.perf_counter(), os.times()
        subprocess.run(
            command,
            env=environment,
            cwd=self.folder,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            check=True,
            preexec_fn=partial(pin, SERVER_CORE),
        )
        wall, after = time.perf_counter() - began, os.times()
        used = after.children_user + after.children_system
        return Cost(wall, used - before.children_user - before.children_system)


Measure = Callable[[Side], Cost]


# --- requests ---------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Load:
    """A workload of requests: what is asked, by how many clients, so often or so long."""

    requests: Callable[[Requests], list[bytes]]
    clients: int = CLIENTS
    times: int | None = None

    def ask(self, bench: Bench, side: Side) -> Cost:
        """What one request took."""
        assert side.server
        meter = Meter(side.server.pids).when_idle()
        result = bench.ask(
            load.closed,
            side.server.port,
            self.requests(side.requests),
            self.clients,
            seconds=None if self.times else bench.plan.seconds,
            times=self.times,
        )
        measure.checked(result)
        return Cost(1 / result.rate, meter.used().cpu / result.answers)


LOADS: Mapping[str, _Load] = {
    "W1": _Load(Requests.w1),
    "W2": _Load(Requests.w2),
    "W3": _Load(Requests.w3, clients=1, times=2),
    "W4": _Load(Requests.w4),
    "W5": _Load(Requests.w5, BULK_CLIENTS, times=QUICK.bulks),
    "W5t": _Load(Requests.w5_tenants, BULK_CLIENTS, times=QUICK.bulks),
    "W6": _Load(Requests.w6),
    "W7": _Load(Requests.w7, clients=1, times=20),
}


# --- commands and starts ----------------------------------------------------------------------


def _imported(file: Path, side: Side) -> Cost:
    options = ("--resource", "accounts.tenant", "--match", "custom_id", "--customer", CUSTOMER)
    return side.command("import", str(file), *options)


def _version(side: Side) -> Cost:
    return side.command("--version")


def _listed(side: Side) -> Cost:
    return side.command("item", "list", "accounts.tenant", "--limit", "1", "--customer", CUSTOMER)


def _migrated(side: Side) -> Cost:
    """Of an empty SQLite file, whatever the rows are in."""
    with tempfile.TemporaryDirectory(dir=side.folder) as folder:
        return side.command("migrate", url=f"sqlite:///{folder}/empty.db")


def _started(side: Side) -> Cost:
    """From the command to the first answer of `/health/ready`."""
    began = time.perf_counter()
    with portvakt(side.folder, side.url, side.keys, side.build) as server:
        return Cost(time.perf_counter() - began, Meter(server.pids).spent)


def _idle(side: Side) -> Cost:
    """The memory of an idle process: no time, but as much to compare."""
    assert side.server
    resident = Meter(side.server.pids).resident
    return Cost(resident, resident)


def _others(files: Mapping[str, Path]) -> Mapping[str, tuple[str, Measure]]:
    return {
        "W8": ("import of tenants, CSV", partial(_imported, files["csv"])),
        "W8j": ("import of tenants, JSON lines", partial(_imported, files["jsonl"])),
        "W9": ("`portvakt --version`", _version),
        "W9l": ("`portvakt item list`", _listed),
        "W9m": ("`portvakt migrate` of an empty file", _migrated),
        "W9s": ("`portvakt serve` until it is ready", _started),
        "W9i": ("memory of an idle server", _idle),
    }


NAMES = {**WORKLOADS, "W5t": "bulk write of 1,000 tenants"}
OTHERS = ("W8", "W8j", "W9", "W9l", "W9m", "W9s", "W9i")


# --- turns ------------------------------------------------------------------------------------


def compare(
    name: str, what: str, kind: str, sides: Sequence[Side], one: Measure, rounds: int
) -> Compared:
    """Measure both builds in turns, `rounds` times; once before, for nothing."""
    compared = Compared(f"{name} {what}", kind)
    for side in sides:
        one(side)
    for _ in range(rounds):
        costs: tuple[list[Cost], list[Cost]] = ([], [])
        for place in _ORDER:
            costs[place].append(one(sides[place]))
        compared.add(*costs)
    return compared


def _compare_all(
    kind: str, sides: Sequence[Side], bench: Bench, names: Sequence[str], files: Mapping[str, Path]
) -> None:
    """Print a row for each workload that is named, as it is done."""

    def tell(name: str, what: str, one: Measure, rounds: int = bench.plan.rounds) -> None:
        print(compare(name, what, kind, sides, one, rounds).row(), flush=True)

    others = _others(files)
    with ExitStack() as stack:
        for side in sides:
            side.server = stack.enter_context(
                portvakt(side.folder, side.url, side.keys, side.build)
            )
        if "W9i" in names:  # before anything has been asked
            tell("W9i", *others["W9i"], 1)
        for name, workload in LOADS.items():
            if name in names:
                tell(name, NAMES[name], partial(workload.ask, bench))
    for name, (what, one) in others.items():
        if name in names and name != "W9i":
            tell(name, what, one)


@contextmanager
def _sides(
    kind: str, cluster_url: str, folder: Path, builds: Sequence[Build], size: Size
) -> Iterator[list[Side]]:
    keys = f"1:{new_key()}"
    with ExitStack() as stack:
        sides = []
        for place, one in enumerate(builds):
            url = f"sqlite:///{folder / f'{place}.db'}"
            if kind == "postgresql":
                url = stack.enter_context(postgres.fresh_database(cluster_url))
            callers = one.seed(url, keys, size)
            sides.append(Side(one, url, folder, keys, Requests(callers, size)))
            if kind == "postgresql":  # else the first statements are planned without knowing rows
                postgres.query(url, "ANALYZE")
        yield sides


def main(arguments: Sequence[str]) -> None:
    """Compare, and print the table."""
    options = _options(arguments)
    pin(OTHER_CORE)
    console = Console(stderr=True)
    builds = (build(options.revision), THIS)
    size = Size(options.answers, options.answers // 5)
    plan = replace(QUICK, seconds=options.seconds, rounds=options.rounds)
    place = ROOT / "var" / "bench"
    place.mkdir(parents=True, exist_ok=True)
    print(f"| this checkout against {builds[0].name} | database | rate | processor |")
    print("| --- | --- | --- | --- |", flush=True)
    with (
        measure.bench(plan, console.print) as bench,
        tempfile.TemporaryDirectory(prefix="against-", dir=place) as folder,
        cluster() as server,
    ):
        files = {form: Path(folder, f"tenants.{form}") for form in ("csv", "jsonl")}
        for form, file in files.items():
            write_tenants(file, form, options.imported)
        for kind in options.database or KINDS:
            console.print(f"{kind}: loading {size.answers:,} answers twice", highlight=False)
            with (
                tempfile.TemporaryDirectory(dir=folder) as own,
                _sides(kind, server, Path(own), builds, size) as sides,
            ):
                _compare_all(kind, sides, bench, options.only, files)


def _options(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.against", description=__doc__)
    parser.add_argument("revision", help="the commit to measure against")
    parser.add_argument("--database", choices=KINDS, action="append", help="only this one")
    known = (*LOADS, *OTHERS)
    parser.add_argument("--only", nargs="+", choices=known, default=known, help="workloads")
    parser.add_argument("--answers", type=int, default=QUICK.main.answers, help="rows")
    parser.add_argument("--imported", type=int, default=20_000, help="tenants in an import")
    parser.add_argument("--seconds", type=float, default=2.0, help="of each closed loop")
    parser.add_argument("--rounds", type=int, default=5, help="of A B B A")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    main(sys.argv[1:])
