"""`python -m benchmarks`: measures everything and ends with the table of targets."""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from benchmarks import agreement, charts, growth, measure, profiles, report, wrk
from benchmarks.builds import ROOT
from benchmarks.data import Size
from benchmarks.machine import OTHER_CORE, facts, pin
from benchmarks.measure import Bench, Database, Workloads
from benchmarks.plan import FULL, QUICK, Plan
from benchmarks.report import Results
from benchmarks.seeding import seed
from benchmarks.servers import cluster, peer, portvakt
from benchmarks.workloads import Requests
from portvakt.access.credentials import new_key
from tests.support import postgres

_KINDS = ("postgresql", "sqlite")
_DOCUMENT = ROOT / "docs" / "explanation" / "performance.md"


class Screen:
    """The progress bar."""

    def __init__(self, progress: Progress) -> None:
        self._progress = progress
        self._task = progress.add_task("starting", total=None)
        self._rows = 0

    def note(self, text: str) -> None:
        """Say what is being done."""
        self._progress.update(self._task, description=text, total=None)

    def seeding(self, total: int) -> None:
        """So many rows are about to be loaded."""
        self._rows = 0
        self._progress.reset(self._task, total=total)

    def loaded(self, what: str, rows: int) -> None:
        """So many rows more are loaded."""
        self._rows += rows
        self._progress.update(self._task, description=f"loading {what}", completed=self._rows)


def main(arguments: Sequence[str]) -> None:
    """Measure, write the results, print the table."""
    options = _options(arguments)
    plan = QUICK if options.quick else FULL
    if options.growth:
        plan = replace(plan, growth=tuple(map(int, options.growth.split(","))))
    pin(OTHER_CORE)
    began = time.monotonic()
    results = _results(plan)
    with (
        _screen() as screen,
        measure.bench(plan, screen.note) as bench,
        _folder() as folder,
        cluster() as server,
    ):
        for kind in options.database or _KINDS:
            _measure(kind, server, bench, screen, folder, results)
    results.minutes = (time.monotonic() - began) / 60
    _write(results, options)


def _options(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="little data, short measurements")
    parser.add_argument("--database", choices=_KINDS, action="append", help="only this one")
    parser.add_argument("--growth", help="numbers of answers to compare, separated by commas")
    parser.add_argument("--results", type=Path, help="the folder to write to")
    return parser.parse_args(arguments)


def _results(plan: Plan) -> Results:
    version = postgres._output(
        str(postgres.programs() / "postgres"), "--version", **postgres.account()
    )
    return Results(
        plan.name, f"{datetime.now(UTC):%Y-%m-%d}", facts(version.strip()), remarks=_remarks()
    )


def _remarks() -> list[str]:
    remarks = [
        "Another machine than this one; a network between client and server; TLS.",
        "More than one server process.",
        "The share of authentication in W1: no server runs without it.",
        "COPY on SQLite, which has none: there the floor of W3 fetches the rows and encodes them"
        " as JSON arrays.",
    ]
    if not wrk.PROGRAM:
        remarks.append("Closed loops by wrk: it isn't installed, our own generator was used.")
    return remarks


@contextmanager
def _screen() -> Iterator[Screen]:
    console = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console, transient=True) as progress:
        yield Screen(progress)


@contextmanager
def _folder() -> Iterator[Path]:
    """Where the SQLite files and the servers' logs are: on a disk, not in memory."""
    place = ROOT / "var" / "bench"
    place.mkdir(parents=True, exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix="run-", dir=place))
    try:
        yield folder
    except BaseException:
        for log in folder.glob("*.log"):
            shutil.copy(log, place)
        raise
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def _database(kind: str, server: str, folder: Path, name: str) -> Iterator[str]:
    """The URL of an empty database."""
    if kind == "postgresql":
        with postgres.fresh_database(server) as url:
            yield url
        return
    yield f"sqlite:///{folder / name}.db"
    for file in folder.glob(f"{name}.db*"):
        file.unlink()


def _measure(
    kind: str, server: str, bench: Bench, screen: Screen, folder: Path, results: Results
) -> None:
    keys = f"1:{new_key()}"
    with _database(kind, server, folder, "main") as url:
        _measure_main(kind, url, keys, bench, screen, folder, results)
    sizes = bench.plan.growth
    screen.seeding(sum(rows + rows // 5 for rows in sizes))
    with ExitStack() as stack:
        urls = {
            rows: stack.enter_context(_database(kind, server, folder, f"growth-{rows}"))
            for rows in sizes
        }
        found, largest = growth.measure(bench, kind, urls, folder, keys, screen.loaded)
    results.growth[kind] = found
    results.largest.append(largest)


def _measure_main(
    kind: str, url: str, keys: str, bench: Bench, screen: Screen, folder: Path, results: Results
) -> None:
    size: Size = bench.plan.main
    screen.seeding(size.answers + size.persons)
    requests = Requests(seed(url, keys, size, screen.loaded), size)
    database = Database(kind, url, keys, requests)
    with ExitStack() as stack:
        ours = stack.enter_context(portvakt(folder, url, keys))
        other = None
        if kind == "postgresql":
            other = stack.enter_context(peer(folder, url, keys))
            screen.note("asking both servers the same")
            agreement.check(ours, other, requests)
        results.measured += Workloads(bench, database, ours, other).run().values()
        profiled = {"W1": requests.w1(), "W2": requests.w2()}
        results.profiles[kind] = profiles.measure(bench, ours, profiled)
        if None in results.profiles[kind].values():
            results.remarks.append(f"The profile on {kind}: py-spy may not look at the server.")
        results.beside[kind] = measure.beside(bench, database, ours)
        results.withdrawal[kind] = measure.withdrawal(bench, database, ours)
        results.revocation[kind] = measure.revocation(bench, database, ours)


def _write(results: Results, options: argparse.Namespace) -> None:
    whole = results.plan == FULL.name and not options.database and not options.growth
    committed = ROOT / "benchmarks" / "results"
    folder = options.results or (committed if whole else ROOT / "var" / "bench" / "results")
    text = report.write(results, folder)
    charts.draw(results, folder)
    if whole and folder == committed:
        report.quote(text, _DOCUMENT)
    print(text)
    print(f"Written to {folder}: {dict(report.summary(results))}")


if __name__ == "__main__":
    main(sys.argv[1:])
