"""Work on many items in turns, so that other requests are answered in between.

There is one event loop a process: what computes on it for long keeps every other request waiting.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterable, AsyncIterator, Callable, Iterator, Sequence
from typing import Any, TypeVar

T = TypeVar("T")
R = TypeVar("R")

TURN = 100
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


async def in_turns(items: Sequence[T], size: int = TURN) -> AsyncIterator[Sequence[T]]:
    """The items, at most `size` at a time, in order; others run between two slices."""
    for number, part in enumerate(slices(items, size)):
        if number:
            await asyncio.sleep(0)
        yield part


def in_parts(items: Sequence[T] | AsyncIterable[Sequence[T]]) -> AsyncIterable[Sequence[T]]:
    """Items that are all there, or come some at a time: some at a time."""
    return in_turns(items) if isinstance(items, Sequence) else items


async def map_in_turns(make: Callable[[T], R], items: Sequence[T]) -> list[R]:
    """What is made of each item, in order; others run between two slices."""
    made: list[R] = []
    async for part in in_turns(items):
        made += map(make, part)
    return made


async def let_go(items: list[Any]) -> None:
    """Empty a long list, but for a last slice: to free what it holds is work too."""
    while len(items) > TURN:
        del items[-TURN:]
        await asyncio.sleep(0)
