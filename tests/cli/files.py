"""Files to import, and what is told of them."""

from __future__ import annotations

import csv
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from portvakt.resources import load
from portvakt.schema.caller_kinds import OPERATOR
from portvakt.schema.operations import Operation
from tests.support.command_line import Done

HEADER = ("custom_id", "first_name", "last_name", "email", "organization.custom_id", "is_active")
LOADABLE = [
    each
    for each in load().offered
    if Operation.bulk in each.operations and OPERATOR in each.used_by
]

Row = Sequence[str]
Count = Callable[..., int]


def tenants(number: int) -> list[Row]:
    """Lines of tenants, none of them wrong."""
    return [
        (f"T-{i}", "Åsa", f"Öberg {i}", f"a{i}@example.com", ("NORTH", "SOUTH")[i % 2], "")
        for i in range(number)
    ]


def write_csv(
    path: Path,
    rows: Sequence[Row],
    header: Row = HEADER,
    *,
    delimiter: str = ",",
    encoding: str = "utf-8",
) -> Path:
    """A CSV file."""
    with path.open("w", encoding=encoding, newline="") as file:
        csv.writer(file, delimiter=delimiter).writerows([header, *rows])
    return path


def told(done: Done) -> dict[str, int]:
    """The counts of a report."""
    return {name: done.json[name] for name in ("created", "updated", "unchanged", "refused")}


def counts(created: int = 0, updated: int = 0, unchanged: int = 0, refused: int = 0) -> Any:
    """The counts as `told` gives them."""
    return {"created": created, "updated": updated, "unchanged": unchanged, "refused": refused}
