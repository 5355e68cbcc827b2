"""What an import tells: counts, the first refused lines, and all of them in a file.

The counts add up to the file: its lines are the header of a CSV file, those that are told of, blank
ones, and those in which a quoted cell goes on.
"""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from io import TextIOWrapper
from pathlib import Path
from typing import Any, NamedTuple, TextIO

import msgspec
from rich.console import Console
from rich.table import Table

from portvakt import private_files
from portvakt.errors import Fault, PortvaktError, Problem, SettingsError
from portvakt.ingest.line_files import SkippedLines
from portvakt.ingest.loading import LineResult

SHOWN = 20
"""The most refused lines that are printed for people."""

KEPT = 1000
"""The most faults that the JSON document holds; `--report` has no bound."""

COLUMNS = ("line", "field", "code", "reason")


class ReportLine(NamedTuple):
    """One thing that is wrong with one line."""

    line: int
    field: str
    code: str
    reason: str


class Report:
    """Counts lines by their outcome, and keeps or writes why they were refused.

    `passed`: the lines that are no item's. `error`: why the import broke off, if it did.
    `end_told`: the file said how many lines it has, and has them.
    """

    def __init__(self) -> None:
        self.counts: Counter[str] = Counter()
        self.passed = SkippedLines()
        self.kept: list[ReportLine] = []
        self.left_out = 0
        self.end_told = False
        self.error: str | None = None
        self._file: TextIO | None = None
        self._csv: Any = None

    def write_to(self, file: TextIO, *, lines: bool) -> None:
        """Write what is refused from now on, as JSON lines or as CSV."""
        self._file = file
        self._csv = None if lines else csv.writer(file)
        if self._csv:
            self._csv.writerow(COLUMNS)

    def add(self, loaded: Sequence[LineResult]) -> None:
        """Count lines and tell their faults."""
        for line in loaded:
            self.counts[line.outcome] += 1
            self._tell_faults(line.number, line.faults)

    def break_off(self, error: PortvaktError) -> None:
        """Keep why the import ended early; a header's faults are those of line 1."""
        self.error = error.detail if isinstance(error, Problem) else str(error)
        if isinstance(error, Problem):
            self._tell_faults(1, [fault for fault in error.faults if fault.place == "column"])

    def _tell_faults(self, number: int, faults: Iterable[Fault]) -> None:
        for fault in faults:
            field = fault.where.removeprefix("/").replace("~1", "/").replace("~0", "~")
            self._tell(ReportLine(number, field, fault.code.value, fault.detail))

    def _tell(self, told: ReportLine) -> None:
        if len(self.kept) < KEPT:
            self.kept.append(told)
        else:
            self.left_out += 1
        if self._csv:
            self._csv.writerow(told)
        elif self._file:
            self._file.write(msgspec.json.encode(told._asdict()).decode() + "\n")

    @property
    def changed(self) -> bool:
        """Whether an item was created or updated."""
        return bool(self.counts["created"] + self.counts["updated"])

    @property
    def refused(self) -> int:
        """How many lines were refused."""
        return self.counts["refused"]

    @property
    def document(self) -> dict[str, Any]:
        """The counts and faults, for programs."""
        outcomes = ("created", "updated", "unchanged", "refused")
        return {
            "lines": self.counts.total(),
            **{outcome: self.counts[outcome] for outcome in outcomes},
            "blank": self.passed.blank,
            "continued": self.passed.continued,
            "end_told": self.end_told,
            "faults": [told._asdict() for told in self.kept],
            "faults_left_out": self.left_out,
            "error": self.error,
        }

    def print_faults(self, where: Path | None) -> None:
        """Print the first refused lines on standard error, and where the others are."""
        if not self.kept:
            return
        console = Console(stderr=True)
        table = Table(*COLUMNS)
        for told in self.kept[:SHOWN]:
            table.add_row(*(str(part) for part in told))
        console.print(table)
        more = len(self.kept) + self.left_out - SHOWN
        if more > 0:
            hint = f"{where} has all." if where else "--report FILE writes all to a file."
            console.print(f"And {more} more faults. {hint}", highlight=False)


@contextmanager
def written(report: Report, path: Path | None) -> Iterator[None]:
    """Write a report to a file too, if there is one. Raises `SettingsError`."""
    if path is None:
        yield
        return
    try:
        with TextIOWrapper(private_files.rewrite(path), encoding="utf-8", newline="") as file:
            report.write_to(file, lines=path.suffix in (".jsonl", ".ndjson"))
            yield
    except OSError as error:
        raise SettingsError(f"Can't write {path}: {error.strerror}.") from None
