"""What an import tells: counts, the first refused lines, and all of them in a file."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from io import TextIOWrapper
from pathlib import Path
from typing import Any, NamedTuple, TextIO

import msgspec
from rich.console import Console
from rich.table import Table

from portvakt import private_files
from portvakt.errors import SettingsError
from portvakt.operations.loading import Loaded

SHOWN = 20
"""The most refused lines that are printed for people."""

KEPT = 1000
"""The most faults that the JSON document holds; `--report` has no bound."""

COLUMNS = ("line", "field", "code", "reason")


class Told(NamedTuple):
    """One thing that is wrong with one line."""

    line: int
    field: str
    code: str
    reason: str


class Report:
    """Counts lines by their outcome, and keeps or writes why they were refused."""

    def __init__(self, file: TextIO | None, *, lines: bool) -> None:
        self.counts: Counter[str] = Counter()
        self.kept: list[Told] = []
        self.left_out = 0
        self._file = file
        self._lines = lines
        self._csv = csv.writer(file) if file and not lines else None
        if self._csv:
            self._csv.writerow(COLUMNS)

    def add(self, loaded: Sequence[Loaded]) -> None:
        """Count lines and tell their faults."""
        for line in loaded:
            self.counts[line.outcome] += 1
            for fault in line.faults:
                field = fault.where.removeprefix("/").replace("~1", "/").replace("~0", "~")
                self._tell(Told(line.number, field, fault.code.value, fault.detail))

    def _tell(self, told: Told) -> None:
        if len(self.kept) < KEPT:
            self.kept.append(told)
        else:
            self.left_out += 1
        if self._csv:
            self._csv.writerow(told)
        elif self._file and self._lines:
            self._file.write(msgspec.json.encode(told._asdict()).decode() + "\n")

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
            "faults": [told._asdict() for told in self.kept],
            "faults_left_out": self.left_out,
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
def open_report(path: Path | None) -> Iterator[Report]:
    """A report that goes to a file too, if there is one. Raises `SettingsError`."""
    if path is None:
        yield Report(None, lines=False)
        return
    try:
        with TextIOWrapper(private_files.rewrite(path), encoding="utf-8", newline="") as file:
            yield Report(file, lines=path.suffix in (".jsonl", ".ndjson"))
    except OSError as error:
        raise SettingsError(f"Can't write {path}: {error.strerror}.") from None
