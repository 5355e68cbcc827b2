"""What an error of a driver may mean: a cause why the database can't serve, or something else.

Each adapter has a table from what its driver and its database say to these meanings, complete by a
test: `postgresql_errors`, `sqlite_errors`.
"""

from __future__ import annotations

from enum import Enum, auto

from portvakt.errors import Cause, PortvaktError, TransactionConflict, unavailable


class Else(Enum):
    """What an error means that doesn't tell how the database is."""

    integrity = auto()  # a constraint refused a write
    conflict = auto()  # run the whole transaction again
    mistake = auto()  # ours: it comes through as the driver raised it


Meaning = Cause | Else


def as_ours(meaning: Meaning | None, where: str, words: str) -> PortvaktError | None:
    """Our error of a meaning, but for refusals by constraints; None: there is none of ours."""
    if isinstance(meaning, Cause):
        return unavailable(f"{where}: {words}", meaning)
    return TransactionConflict(words) if meaning is Else.conflict else None
