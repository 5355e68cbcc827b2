"""Values that stand in the database and can't be read: others have put them there.

We write none of them. But rows can be changed by hand, or restored from somewhere: a time past the
year 9999, text that is no UTF-8, JSON that is none. A driver refuses all rows of a statement for
one such value; then the statement is run again, so that each such value comes as an `Unreadable`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import MAXYEAR, MINYEAR
from typing import Any, NoReturn

from portvakt.schema.operators import Kind
from portvakt.storage.databases.interface import Row

_EDGES = {
    Kind.time: (f"{MINYEAR:04}-01-01T00:00:00.000000Z", f"{MAXYEAR}-12-31T23:59:59.999999Z"),
    Kind.date: (f"{MINYEAR:04}-01-01", f"{MAXYEAR}-12-31"),
}


_NOTHING: frozenset[str] = frozenset()


class Unreadable:
    """A value that the driver can't give. `near`: text near to it; `late`: past the last time."""

    def __init__(self, near: str = "", *, late: bool = True) -> None:
        self.near = near
        self.late = late


class BrokenRow(tuple[Any, ...]):
    """A row with an `Unreadable` value in it: it can be looked into, but not unpacked unawares."""

    def __iter__(self) -> Iterator[NoReturn]:
        raise ValueError("A value of the row can't be read")


class Mended(dict[str, Any]):
    """The clean values of a row of which some can't be read: those named by `unreadable`."""

    def __init__(self, values: dict[str, Any], unreadable: frozenset[str]) -> None:
        super().__init__(values)
        self.unreadable = unreadable


def unreadable_in(clean: dict[str, Any]) -> frozenset[str]:
    """The names of what couldn't be read of a row (see `Mended`); mostly none."""
    return clean.unreadable if isinstance(clean, Mended) else _NOTHING


def with_broken(rows: Iterable[Row]) -> list[Row]:
    """The rows, those with an unreadable value as `BrokenRow`s."""
    return [
        BrokenRow(row) if any(type(value) is Unreadable for value in row) else row for row in rows
    ]


def nearest(kind: Kind, raw: Any) -> Any:
    """The clean value that comes next to an unreadable one, for what must not be null."""
    if kind in _EDGES:
        return _EDGES[kind][raw.late if type(raw) is Unreadable else 1]
    if kind is Kind.text:
        return raw.near if type(raw) is Unreadable else str(raw)
    return {Kind.object: {}, Kind.objects: [], Kind.texts: []}.get(kind)
