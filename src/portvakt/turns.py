"""Work on many items in turns, so that other requests are answered in between.

There is one event loop a process: what computes on it for long keeps every other request waiting.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Sequence
from typing import Any, TypeVar

T = TypeVar("T")

TURN = 200
"""Items of one turn: some milliseconds of work."""

WRITTEN = 250
"""Rows of one statement: binding them and sending them is one turn too."""


def slices(items: Sequence[T], size: int = TURN) -> Iterator[Sequence[T]]:
    """The items, at most `size` at a time, in order."""
    if len(items) <= size:
        yield items
        return
    for first in range(0, len(items), size):
        yield items[first : first + size]


async def in_turns(work: Callable[[Sequence[T]], Any], items: Sequence[T]) -> None:
    """Do the work on a slice at a time; others run between two of them."""
    for number, part in enumerate(slices(items)):
        if number:
            await asyncio.sleep(0)
        work(part)
