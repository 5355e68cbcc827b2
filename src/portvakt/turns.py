"""Work on many items in turns, so that other requests are answered in between.

There is one event loop a process: what computes on it for long keeps every other request waiting.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterable, AsyncIterator, Callable, Iterator, Sequence
from typing import Any, TypeVar
from weakref import WeakKeyDictionary

T = TypeVar("T")
R = TypeVar("R")

TURN = 100
"""Items of one turn: some milliseconds of work."""

WRITTEN = 250
"""Rows of one statement: binding them and sending them is one turn too."""


_waiting: WeakKeyDictionary[asyncio.AbstractEventLoop, deque[asyncio.Future[None]]] = (
    WeakKeyDictionary()
)


async def next_turn() -> None:
    """Wait for a turn of one's own: of all that wait, one goes on, then the loop does the rest.

    So what others wait for is one turn, however many requests have long work at a time.
    """
    loop = asyncio.get_running_loop()
    line = _waiting.get(loop)
    if line is None:
        line = _waiting[loop] = deque()
    turn = loop.create_future()
    line.append(turn)
    if len(line) == 1:
        loop.call_soon(_give_turn, loop, line)
    await turn


def _give_turn(loop: asyncio.AbstractEventLoop, line: deque[asyncio.Future[None]]) -> None:
    """Let the first in line go on, who waits still; the next one when the loop comes round."""
    while line:
        turn = line.popleft()
        if not turn.done():
            turn.set_result(None)
            break
    if line:
        loop.call_soon(_give_turn, loop, line)


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
            await next_turn()
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
        await next_turn()
