"""A statement: compiled SQL text, and the values that it is run with."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from operator import itemgetter
from typing import Any

from portvakt.storage.databases.interface import Connection
from portvakt.storage.sql.dialects import Convert

_Pick = Callable[[Mapping[str, Any]], tuple[Any, ...]]


@dataclass(frozen=True, slots=True)
class Statement:
    """Compiled SQL text and what its placeholders stand for, in order.

    Each parameter is (name, conversion or None, the value that the text itself brings).
    """

    text: str
    parameters: tuple[tuple[str, Convert | None, Any], ...]
    _picked: _Pick | None = field(init=False, compare=False, repr=False)
    _converts: tuple[tuple[int, Convert], ...] = field(init=False, compare=False, repr=False)

    def __post_init__(self) -> None:
        names = [name for name, _, own in self.parameters if own is None]
        whole = len(names) == len(self.parameters) > 1
        converts = tuple((place, one[1]) for place, one in enumerate(self.parameters) if one[1])
        object.__setattr__(self, "_picked", itemgetter(*names) if whole else None)
        object.__setattr__(self, "_converts", converts)

    def values(self, named: Mapping[str, Any]) -> list[Any]:
        """The driver's values for clean values by name."""
        try:
            bound = list(self._picked(named)) if self._picked else None
        except KeyError:  # what is left out is null
            bound = None
        if bound is None:
            bound = [named.get(name, own) for name, _, own in self.parameters]
        for place, convert in self._converts:
            if bound[place] is not None:
                bound[place] = convert(bound[place])
        return bound


async def execute_each(
    connection: Connection, statement: Statement, rows: Sequence[Mapping[str, Any]]
) -> None:
    """Run a statement for each of the rows; for one alone the driver needs half of the time."""
    if len(rows) == 1:
        await connection.execute(statement.text, statement.values(rows[0]))
    elif rows:
        await connection.execute_many(statement.text, [statement.values(row) for row in rows])
