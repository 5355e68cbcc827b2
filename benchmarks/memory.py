"""`python -m benchmarks.memory`: the memory that whatever reads or writes much takes.

Each path is taken on few rows and on many. What counts is how much more memory the many take: the
peak of the server's process beyond what it had when it was idle, or of the command's own process
beyond that of a command that does next to nothing.
"""

from __future__ import annotations

import argparse
import asyncio
import http.client
import json
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from urllib.parse import urlencode

import asyncpg
from rich.console import Console

from benchmarks import report
from benchmarks.builds import ROOT, THIS
from benchmarks.data import INTEGRATIONS, Size, pk
from benchmarks.ledger_rows import CUSTOMER, add_ledger
from benchmarks.machine import OTHER_CORE, SERVER_CORE, Meter, pin
from benchmarks.plan import MEMORY_TARGET
from benchmarks.seeding import Caller, seed
from benchmarks.servers import Server, cluster, portvakt
from benchmarks.workloads import PATH, write_tenants
from portvakt.access.credentials import new_key
from portvakt.ledger.chain import read_signer
from tests.support import postgres

KINDS = ("postgresql", "sqlite")
FULL, QUICK = (10_000, 1_000_000), (1_000, 10_000)
BEGIN, END = "<!-- memory: written by make bench-memory -->", "<!-- end of memory -->"
_DOCUMENT = ROOT / "docs" / "explanation" / "performance.md"
_MIB = 1024 * 1024
_PIECE = 1 << 18
_SECONDS = 3600

# The status is that of the program alone: what its process was before, a copy of us, is left out.
_TELLING = """\
import atexit, sys
from pathlib import Path
told = Path(sys.argv.pop(1))
atexit.register(lambda: told.write_text(Path("/proc/self/status").read_text()))
from portvakt.cli.main import main
main()
"""


@dataclass
class Taken:
    """One path on one database: bytes of memory and seconds that it took, by number of rows."""

    path: str
    database: str
    grown: dict[int, int] = field(default_factory=dict)
    took: dict[int, float] = field(default_factory=dict)

    @property
    def more(self) -> int:
        """How much more the most rows take than the fewest."""
        return self.grown[max(self.grown)] - self.grown[min(self.grown)]


class Memory:
    """What was found, path by path."""

    def __init__(self, console: Console) -> None:
        self.found: dict[tuple[str, str], Taken] = {}
        self._console = console

    def note(self, text: str) -> None:
        """Say what is being done."""
        self._console.print(f"{datetime.now(UTC):%H:%M:%S} {text}", highlight=False)

    def add(self, path: str, database: str, rows: int, grown: int, took: float) -> None:
        """One path was taken."""
        taken = self.found.setdefault((path, database), Taken(path, database))
        taken.grown[rows], taken.took[rows] = grown, took
        self.note(f"{database}, {rows:,} rows, {path}: {grown / _MIB:.1f} MiB, {took:.1f} s")


def document(found: Sequence[Taken]) -> Iterator[str]:
    """The tables: one of each database."""
    yield f"Measured on {datetime.now(UTC):%Y-%m-%d}. Target: the most rows take less than"
    yield f"{MEMORY_TARGET // _MIB} MiB more than the fewest."
    for kind in dict.fromkeys(taken.database for taken in found):
        mine = [taken for taken in found if taken.database == kind]
        sizes = sorted({rows for taken in mine for rows in taken.grown})
        heads = [f"{rows:,} rows" for rows in sizes]
        yield ""
        yield f"| {kind} | {' | '.join(heads)} | more | seconds | reached |"
        yield f"|{' --- |' * (len(sizes) + 4)}"
        for taken in mine:
            grown = [f"{taken.grown[rows] / _MIB:+.1f} MiB" for rows in sizes]
            cells = [taken.path, *grown, f"{taken.more / _MIB:+.1f} MiB"]
            reached = "yes" if taken.more < MEMORY_TARGET else "**no**"
            yield f"| {' | '.join([*cells, f'{max(taken.took.values()):.0f}', reached])} |"


# --- one database -----------------------------------------------------------------------------


@dataclass
class Seeded:
    """A database with so many answers, tenants who may be seen, and events; and who may ask."""

    kind: str
    rows: int
    folder: Path
    settings: Mapping[str, str]
    caller: Caller
    token: str = ""

    @property
    def operator(self) -> Mapping[str, str]:
        """The headers of an operator."""
        return {"Authorization": f"Bearer {self.token}", "X-PIGELLO-CUSTOMER-ID": CUSTOMER}


def _seeded(kind: str, url: str, rows: int, folder: Path, note: Memory) -> Seeded:
    note.note(f"{kind}: loading {rows:,} rows")
    keys, sealing = f"1:{new_key()}", new_key()
    signer = read_signer(sealing)
    assert signer is not None
    quiet = lambda _what, _rows: None  # noqa: E731
    (caller,) = seed(url, keys, Size(rows, -(-rows * 4 // 3), 1), quiet)
    add_ledger(url, signer, rows, quiet)
    _assume(url)
    settings = {"database": url, "credential_keys": keys, "sealing_key": sealing}
    seeded = Seeded(kind, rows, folder, settings, caller)
    told = json.loads(
        _command(seeded, "operator", "create", "Benchmark", "b@example.com", "--json").text
    )
    seeded.token = told["token"]
    return seeded


def _assume(url: str) -> None:
    """Let the caller see whoever hasn't said no, so that many persons are told."""
    text = "UPDATE accounts_integrationuseragent SET personal_information_acceptance_mode = 1"
    text += f" WHERE id = '{pk(INTEGRATIONS, 0, 0)}'"
    if url.startswith("sqlite"):
        connection = sqlite3.connect(url.removeprefix("sqlite:///"), isolation_level=None)
        connection.execute(text)
        connection.close()
        return

    async def update() -> None:
        connection = await asyncpg.connect(url)
        await connection.execute(text)
        await connection.close()

    asyncio.run(update())


def _measure(seeded: Seeded, memory: Memory) -> None:
    add = partial(memory.add, database=seeded.kind, rows=seeded.rows)
    given = {name: value for name, value in seeded.settings.items() if "_keys" not in name}
    url, keys = given.pop("database"), seeded.settings["credential_keys"]
    with portvakt(seeded.folder, url, keys, **given) as server:
        _read(server, f"{PATH}list/?_limit=1", seeded.caller.headers)
        idle = Meter(server.pids).resident
        for path, target, headers in _requests(seeded):
            meter, began = Meter(server.pids), time.monotonic()
            _read(server, target, headers)
            add(path, grown=meter.used().peak - idle, took=time.monotonic() - began)
    export = seeded.folder / "export.jsonl"
    idle = _command(seeded, "ledger", "checkpoint", "--customer", CUSTOMER).peak
    for path, arguments, output in _commands(seeded.folder, seeded.rows, export):
        done = _command(seeded, *arguments, output=output)
        add(path, grown=done.peak - idle, took=done.took)
    for file in seeded.folder.glob("*.[cj]s*"):
        file.unlink()


def _requests(seeded: Seeded) -> Iterator[tuple[str, str, Mapping[str, str]]]:
    """What the server is asked: the path's name, the target and the headers."""
    integration, operator = seeded.caller.headers, seeded.operator
    accessible = "/integrations/decision/accessible/?kind=tenant"
    then = urlencode({"_as_of": f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}"})
    whose = urlencode({"integration": seeded.caller.integration()})
    yield "list without paging, JSON", f"{PATH}list/", integration
    yield "list, JSON lines", f"{PATH}list/?_jsonl=true", integration
    yield "`accessible`, by the integration", accessible, integration
    yield "`accessible`, by an operator", f"{accessible}&{whose}", operator
    yield "`accessible` with `_as_of`", f"{accessible}&{whose}&{then}", operator
    yield "event log, JSON", "/common/eventlog/list/", operator
    yield "ledger export by API", "/common/eventlog/ledger/", operator


def _commands(
    folder: Path, rows: int, export: Path
) -> Iterator[tuple[str, Sequence[str], Path | None]]:
    """What commands are run: the path's name, the arguments, and where their output goes."""
    whose = ("--customer", CUSTOMER)
    yield "`ledger export`", ("ledger", "export", *whose), export
    yield "`ledger verify` of an export", ("ledger", "verify", str(export)), None
    yield "`ledger verify` of the database", ("ledger", "verify", *whose), None
    yield "`item list --jsonl`", ("item", "list", "accounts.tenant", "--jsonl", *whose), export
    loaded = ("--resource", "accounts.tenant", "--match", "custom_id", *whose)
    for form in ("csv", "jsonl"):
        file = folder / f"tenants.{form}"
        write_tenants(file, form, rows)
        yield f"`import` of {form.upper()}", ("import", str(file), *loaded), None


# --- asking -----------------------------------------------------------------------------------


def _read(server: Server, target: str, headers: Mapping[str, str]) -> None:
    """Read a whole answer, piece by piece. Raises `RuntimeError` if it is no good one."""
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=_SECONDS)
    connection.request("GET", target, headers=dict(headers))
    answer = connection.getresponse()
    if answer.status != 200:
        raise RuntimeError(f"{target}: {answer.status} {answer.read()[:500]!r}")
    while answer.read(_PIECE):  # raises where the answer is cut off
        pass
    connection.close()


@dataclass(frozen=True)
class Done:
    """A command that was run: its peak of memory, the seconds it took, and what it printed."""

    peak: int
    took: float
    text: str


def _command(seeded: Seeded, *arguments: str, output: Path | None = None) -> Done:
    """Run a command of `portvakt`. Raises `RuntimeError` if it fails."""
    told = seeded.folder / "status"
    given = {f"PORTVAKT_{name.upper()}": value for name, value in seeded.settings.items()}
    began = time.monotonic()
    with ExitStack() as stack:
        out = stack.enter_context(output.open("wb")) if output else subprocess.PIPE
        done = subprocess.run(
            [sys.executable, "-c", _TELLING, str(told), *arguments],
            env=THIS.environment(**given),
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=subprocess.PIPE,
            timeout=_SECONDS,
            check=False,
            preexec_fn=partial(pin, SERVER_CORE),
        )
    took = time.monotonic() - began
    if done.returncode:
        raise RuntimeError(f"{arguments}: {done.stderr.decode()[-1000:]}")
    peak = told.read_text().partition("VmHWM:")[2].split()[0]
    return Done(int(peak) * 1024, took, (done.stdout or b"").decode())


# --- all of it --------------------------------------------------------------------------------


def measure(server: str, kinds: Sequence[str], sizes: Sequence[int], memory: Memory) -> None:
    """Take each path on each size, on throw-away databases."""
    for kind in kinds:
        for rows in sizes:
            with _folder() as folder, _database(kind, server, folder) as url:
                _measure(_seeded(kind, url, rows, folder, memory), memory)


@contextmanager
def _folder() -> Iterator[Path]:
    """A folder on a disk, not in memory."""
    place = ROOT / "var" / "bench"
    place.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="memory-", dir=place) as folder:
        yield Path(folder)


@contextmanager
def _database(kind: str, server: str, folder: Path) -> Iterator[str]:
    if kind == "sqlite":
        yield f"sqlite:///{folder / 'main.db'}"
        return
    with postgres.fresh_database(server) as url:
        yield url


def main(arguments: Sequence[str]) -> None:
    """Measure, print the table and write it down."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.memory", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="little data")
    parser.add_argument("--database", choices=KINDS, action="append", help="only this one")
    parser.add_argument("--rows", help="the numbers of rows to compare, separated by commas")
    options = parser.parse_args(arguments)
    sizes = tuple(map(int, options.rows.split(","))) if options.rows else FULL
    pin(OTHER_CORE)
    memory = Memory(Console(stderr=True))
    with cluster() as server:
        measure(server, options.database or KINDS, QUICK if options.quick else sizes, memory)
    whole = not (options.quick or options.database or options.rows)
    _write(list(memory.found.values()), whole=whole)


def _write(found: Sequence[Taken], *, whole: bool) -> None:
    """Write the table down, and if it is the whole one, where it is quoted too."""
    folder = ROOT / "benchmarks" / "results" if whole else ROOT / "var" / "bench" / "results"
    folder.mkdir(parents=True, exist_ok=True)
    text = "\n".join(document(found)) + "\n"
    (folder / "memory.md").write_text(text)
    plain = json.dumps([asdict(taken) for taken in found], indent=1)
    (folder / "memory.json").write_text(plain + "\n")
    if whole:
        report.quote(text, _DOCUMENT, BEGIN, END)
    print(text)


if __name__ == "__main__":
    main(sys.argv[1:])
