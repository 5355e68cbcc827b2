"""Work on many items in turns, so that other requests are answered in between.

There is one event loop a process: what computes on it for long keeps every other request waiting.
A turn ends with its time, however many items it was enough for.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterable, AsyncIterator, Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from time import monotonic
from typing import Any, TypeVar
from weakref import WeakKeyDictionary

T = TypeVar("T")
R = TypeVar("R")

TIME_SLICE = 0.004
"""Seconds of one turn: no work on an item begins later."""

ROWS_AT_ONCE = 250
"""Rows of one statement: binding them and sending them is one turn too."""


@dataclass(slots=True)
class _Line:
    """Who waits for a turn on one loop, and when the running one is over.

    Whoever has just waited for something else, such as the database, finds the time over: then the
    loop gets one turn too many.
    """

    waiting: deque[asyncio.Future[None]] = field(default_factory=deque)
    ends: float = 0.0


_lines: WeakKeyDictionary[asyncio.AbstractEventLoop, _Line] = WeakKeyDictionary()


def _line() -> _Line:
    loop = asyncio.get_running_loop()
    line = _lines.get(loop)
    if line is None:
        line = _lines[loop] = _Line()
    return line


async def next_time_slice() -> None:
    """Wait for a turn of one's own: of all that wait, one goes on, then the loop does the rest.

    So what others wait for is one turn, however many requests have long work at a time.
    """
    loop, line = asyncio.get_running_loop(), _line()
    turn = loop.create_future()
    line.waiting.append(turn)
    if len(line.waiting) == 1:
        loop.call_soon(_give_turn, loop, line.waiting)
    await turn
    line.ends = monotonic() + TIME_SLICE


def _give_turn(loop: asyncio.AbstractEventLoop, line: deque[asyncio.Future[None]]) -> None:
    """Let the first in line go on, who waits still; the next one when the loop comes round."""
    while line:
        turn = line.popleft()
        if not turn.done():
            turn.set_result(None)
            break
    if line:
        loop.call_soon(_give_turn, loop, line)


async def yield_if_due() -> None:
    """Wait for the next turn, if the time of this one is over."""
    if monotonic() >= _line().ends:
        await next_time_slice()


async def in_time_slices(items: Sequence[T]) -> AsyncIterator[Iterable[T]]:
    """The items in order, as many at a time as a turn has time for; others run between two parts.

    Each part is to be used up, once, before the next is asked for.
    """
    if len(items) <= 1:
        yield items
        return
    line = _line()
    rest = iter(items)
    for first in rest:
        if monotonic() >= line.ends:
            await next_time_slice()
        yield _until(line.ends, first, rest)


def _until(ends: float, first: T, rest: Iterator[T]) -> Iterator[T]:
    """The first item, and of the rest those for which there is time when they are asked for."""
    yield first
    if monotonic() < ends:
        for item in rest:
            yield item
            if monotonic() >= ends:
                return


def batches(items: Sequence[T], size: int) -> Iterator[Sequence[T]]:
    """The items, at most `size` at a time, in order."""
    if len(items) <= size:
        yield items
        return
    for first in range(0, len(items), size):
        yield items[first : first + size]


async def in_batches(items: Sequence[T], size: int = ROWS_AT_ONCE) -> AsyncIterator[Sequence[T]]:
    """The items, at most `size` at a time, in order; others run between two slices."""
    for number, part in enumerate(batches(items, size)):
        if number:
            await yield_if_due()
        yield part


def in_parts(items: Sequence[T] | AsyncIterable[Iterable[T]]) -> AsyncIterable[Iterable[T]]:
    """Items that are all there, or come some at a time: some at a time."""
    return in_time_slices(items) if isinstance(items, Sequence) else items


async def map_in_time_slices(make: Callable[[T], R], items: Sequence[T]) -> list[R]:
    """What is made of each item, in order; others run in between."""
    made: list[R] = []
    async for part in in_time_slices(items):
        made += map(make, part)
    return made


_aside = ThreadPoolExecutor(1, "portvakt-aside")


async def on_thread(work: Callable[[], R]) -> R:
    """What work gives that is too long for a turn, though it is on a single item.

    It is done on a thread, one at a time: of several each would have a part of the interpreter, and
    the loop the least.
    """
    return await asyncio.get_running_loop().run_in_executor(_aside, work)


async def clear_in_time_slices(items: list[Any]) -> None:
    """Empty a list: to free what it holds is work too."""
    line = _line()
    while items:
        items.pop()
        if monotonic() >= line.ends:
            await next_time_slice()


def look_at(ended: asyncio.Future[Any]) -> None:
    """Look how something ended, so that asyncio doesn't complain that nobody did."""
    if not ended.cancelled():
        ended.exception()
