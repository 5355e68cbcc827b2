"""The work of `portvakt import`: reads lines, writes them in chunks, and reports each."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

from portvakt.errors import Fault, FaultCode, SettingsError, TransactionConflict
from portvakt.ingest import line_files, loading
from portvakt.ingest.first_seen import FirstSeen
from portvakt.ingest.line_files import Source
from portvakt.ingest.loading import Line, LineResult
from portvakt.ingest.report import Report
from portvakt.operations.context import Context
from portvakt.operations.writing import write
from portvakt.schema.resource import Resource

CHUNK = 1000
"""How many lines are written at once."""

Advance = Callable[[int], None]


class _Undo(Exception):
    """Leaves the transaction without committing it."""


@dataclass(frozen=True)
class Job:
    """What is to be imported, and how."""

    path: Path
    form: str
    resource: Resource
    match: tuple[str, ...]
    delimiter: str | None
    dry_run: bool
    keep_going: bool

    @property
    def commits_chunks(self) -> bool:
        """Whether each chunk is committed alone; else the whole file is, or nothing."""
        return self.keep_going and not self.dry_run


async def run(context: Context, job: Job, report: Report) -> None:
    """Read the file and write its items; the report tells what became of each.

    Raises `SettingsError`, `Problem` (header, rights), `DatabaseUnavailable`.
    """
    registry = context.store.registry
    source = line_files.open_source(job.path, job.form, registry, job.resource, job.delimiter)
    report.passed = source.passed
    try:
        with source.file, _progress(job.path) as advance:
            if job.commits_chunks:
                await _load(context, job, source, report, advance)
                return
            async with write.together(context) as inside:
                await _load(inside, job, source, report, advance)
                _end(job, report)
    except _Undo:
        pass
    except TransactionConflict:
        raise SettingsError(
            "Another program wrote the same items meanwhile. Nothing was written; run it again."
        ) from None


def _end(job: Job, report: Report) -> None:
    """Leave the transaction to be committed, or not."""
    if report.refused or job.dry_run:
        raise _Undo


async def _load(
    context: Context, job: Job, source: Source, report: Report, advance: Advance
) -> None:
    with FirstSeen() as seen:
        for chunk in _chunks(source.lines, job.resource):
            fresh, repeated = _split(chunk, job, seen)
            done = await loading.load(context, job.resource, fresh, job.match)
            report.add(sorted([*done, *repeated], key=lambda loaded: loaded.number))
            advance(source.position)
    report.end_told = source.ending.told


def _chunks(lines: Iterator[Line], resource: Resource) -> Iterator[list[Line]]:
    """Chunks of lines; a line that names one of its own chunk by a key begins the next one."""
    chunk: list[Line] = []
    keys: set[tuple[str, object]] = set()
    for line in lines:
        own = [named for named in line.named if named.field.target == resource.name]
        if len(chunk) >= CHUNK or any((n.key, value) in keys for n in own for value in n.values):
            yield chunk
            chunk, keys = [], set()
        chunk.append(line)
        for name in loading.keys_of(resource):
            if isinstance(line.body.get(name), str):
                keys.add((name, line.body[name]))
    if chunk:
        yield chunk


def _split(chunk: list[Line], job: Job, seen: FirstSeen) -> tuple[list[Line], list[LineResult]]:
    """The lines that are about no item of an earlier line, and the others, which are refused."""
    fresh: list[Line] = []
    repeated: list[LineResult] = []
    for line in chunk:
        faults = [
            Fault(FaultCode.repeated_key, f"/{names[-1]}", f"Line {first} has the same.")
            for names in (("id",), job.match)
            if (first := _first(line, names, seen)) != line.number
        ]
        if faults:
            repeated.append(LineResult(line.number, "refused", (*line.faults, *faults)))
        else:
            fresh.append(line)
    return fresh, repeated


def _first(line: Line, names: tuple[str, ...], seen: FirstSeen) -> int:
    """The number of the first line that has the same values in these fields, all of them set."""
    said = {**line.body, **{named.field.name: named.values for named in line.named}}
    values = [said.get(name) for name in names]
    if not values or None in values:
        return line.number
    if names == ("id",):
        values = [str(value).lower() for value in values]
    return seen.first((names, values), line.number)


@contextmanager
def _progress(path: Path) -> Iterator[Advance]:
    """A bar on standard error while the file is read; none where that is no terminal."""
    bar = Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        TaskProgressColumn(),
        TimeRemainingColumn(),
        console=Console(stderr=True),
        transient=True,
        disable=not sys.stderr.isatty(),
    )
    with bar:
        task = bar.add_task(path.name, total=max(path.stat().st_size, 1))
        yield lambda position: bar.update(task, completed=position)
