"""Room for large bodies: how much a server process has in its hands at a time.

The texts are counted, and then what is made of them, which is up to five times as much. Whoever
finds no room waits for it, in the order of arrival, and is told to come back if it takes too long.
"""

from __future__ import annotations

import asyncio
from collections import deque
from typing import NamedTuple

from portvakt.api.problems import RETRY_AFTER
from portvakt.errors import Code, Problem

SMALL = 16 * 1024
"""Bodies of so many bytes needn't be counted: a connection takes more."""


MADE = 5
"""How many bytes are made of one byte of text, at most."""


class MemoryBudget:
    """So many bytes; `wait`: seconds that one waits for some of them."""

    def __init__(self, size: int, wait: float) -> None:
        self.size = self.free = size
        self._wait = wait
        self._waiting: deque[tuple[int, asyncio.Future[None]]] = deque()

    async def take(self, wanted: int) -> None:
        """Take so many bytes as soon as they are free. Raises `Problem` (unavailable)."""
        if not self._waiting and wanted <= self.free:
            self.free -= wanted
            return
        turn = asyncio.get_running_loop().create_future()
        self._waiting.append((wanted, turn))
        try:
            async with asyncio.timeout(self._wait):
                await turn
        except BaseException as error:
            self._leave(wanted, turn)
            if isinstance(error, TimeoutError):
                detail = "Too many large bodies are worked on. Try again shortly."
                raise Problem(Code.unavailable, detail, headers=[RETRY_AFTER]) from None
            raise

    def _leave(self, wanted: int, turn: asyncio.Future[None]) -> None:
        """Give up waiting; what was given in the same moment goes to the next ones."""
        given = turn.done() and not turn.cancelled()
        turn.cancel()
        self.give(wanted if given else 0)

    def give(self, taken: int) -> None:
        """Give so many bytes back."""
        self.free += taken
        while self._waiting and (self._waiting[0][1].done() or self._waiting[0][0] <= self.free):
            wanted, turn = self._waiting.popleft()
            if not turn.done():
                self.free -= wanted
                turn.set_result(None)


class MemoryBudgets(NamedTuple):
    """Room for texts, and for what is made of them.

    Whoever has some of the second waits for none of the first, so that nobody waits for ever.
    """

    texts: MemoryBudget
    made: MemoryBudget


def memory_budgets(size: int, wait: float) -> MemoryBudgets:
    """Room for texts of so many bytes; `wait`: seconds that one waits for it."""
    return MemoryBudgets(MemoryBudget(size, wait), MemoryBudget(size * MADE, wait))


class Reservation:
    """What one request has of a room."""

    def __init__(self, room: MemoryBudget) -> None:
        self._room = room
        self._taken = 0

    async def take(self, wanted: int) -> None:
        """Have so many bytes, unless some are had already, or the whole room if that is less.

        Raises `Problem` (unavailable).
        """
        if not self._taken:
            wanted = min(wanted, self._room.size)
            await self._room.take(wanted)
            self._taken = wanted

    def keep(self, needed: int) -> None:
        """Give back what is had beyond so many bytes."""
        self._room.give(max(self._taken - needed, 0))
        self._taken = min(self._taken, needed)

    def leave(self) -> None:
        """Give back what is had."""
        self.keep(0)
