"""Deletes idempotency keys that are over, a bounded number at a time."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import timedelta

import structlog

from portvakt import logs
from portvakt.errors import PortvaktError
from portvakt.schema.values import parse_moment, render_time
from portvakt.storage.store import Store

PAUSE = 60.0
"""Seconds between two looks."""
BATCH = 500
"""Keys that are deleted at a time: on SQLite nobody else writes meanwhile."""
_log = structlog.get_logger(__name__)


class Sweeper:
    """Sweeps one store's keys that were kept for as long as they `last`."""

    def __init__(self, store: Store, lasts: timedelta, clock: Callable[[], str]) -> None:
        self._store = store
        self._lasts = lasts
        self._clock = clock

    async def run(self) -> None:
        """Sweep until cancelled. Whatever fails is logged, and tried again."""
        while True:
            try:
                await self.sweep()
            except Exception as error:
                told = {} if isinstance(error, PortvaktError) else logs.trace(error)
                _log.warning("sweeping keys failed", reason=type(error).__name__, **told)
            await asyncio.sleep(PAUSE)

    async def sweep(self) -> int:
        """Delete all that are over; how many that were. Each holder's in a transaction of its own.

        Raises `DatabaseUnavailable`, `TransactionConflict`.
        """
        kept, swept = self._store.idempotency_keys, 0
        over = render_time(parse_moment(self._clock()) - self._lasts)
        while True:
            found = await kept.any_over(self._store.database, over, BATCH)
            for holder, keys in found.items():
                async with self._store.database.transaction() as connection:
                    await kept.sweep(connection, holder, keys, over)
                swept += len(keys)
            if sum(map(len, found.values())) < BATCH:
                return swept
