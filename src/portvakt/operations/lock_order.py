"""The order in which long writes of one customer lock what they share."""

from __future__ import annotations

import asyncio
from collections.abc import Collection
from contextlib import suppress

from portvakt.schema.values import following

_SECONDS = 1.0
"""How long one waits for those ahead: in that time some five thousand answers are written."""


class Turn:
    """A long write's turn to lock its pairs, after those that were there when it began.

    - `at`: its time as clean text, later than that of each turn ahead.
    - `over`: set when its pairs are locked, or it has ended without.
    """

    def __init__(self, now: str, ahead: Collection[Turn]) -> None:
        self.at: str = max([now, *(following(turn.at) for turn in ahead)])
        self.over = asyncio.Event()
        self._ahead = tuple(turn.over for turn in ahead)

    async def come(self) -> None:
        """Return when the turns ahead are over, or have taken too long."""
        with suppress(TimeoutError):
            async with asyncio.timeout(_SECONDS):
                for over in self._ahead:
                    await over.wait()
