"""Single reads of SQLite: on the event loop while they are short, on a thread when they aren't.

Nobody can tell from a statement how long it will take: that depends on the rows. So each begins on
the event loop, where short ones are fastest, and is stopped after some milliseconds; then it is run
on a thread with a connection of its own. Its text is remembered and goes there at once, until it
is found to be short again.
"""

from __future__ import annotations

import asyncio
import sqlite3
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from portvakt.storage.database import Row

LONGEST = 0.004
"""Seconds of the processor that one statement may take on the event loop.

Not of the clock: on a busy machine those pass while nothing is done.
"""

THREADS = 2
_STEPS = 10_000  # of SQLite's machine between two looks at the clock: some tenths of a millisecond
_KEPT = 256

Connect = Callable[[], sqlite3.Connection]


class Reader:
    """Reads a file by single statements. `connect` makes connections that can't write."""

    def __init__(self, connect: Connect) -> None:
        self._connect = connect
        self.driver = connect()
        self._stop_at = 0.0
        self._long: dict[str, None] = {}
        self._idle: list[sqlite3.Connection] = []
        self._threads: ThreadPoolExecutor | None = None
        self._closed = False
        self.driver.set_progress_handler(self._is_late, _STEPS)

    def _is_late(self) -> bool:
        return time.thread_time() > self._stop_at

    async def fetch(self, sql: str, values: Sequence[Any]) -> list[Row]:
        """Run one statement and return all of its rows. Raises `sqlite3.Error`."""
        if sql not in self._long:
            self._stop_at = time.thread_time() + LONGEST
            try:
                return self.driver.execute(sql, values).fetchall()
            except sqlite3.OperationalError as error:
                if error.sqlite_errorcode != sqlite3.SQLITE_INTERRUPT:
                    raise
            if len(self._long) >= _KEPT:
                self._long.pop(next(iter(self._long)))
            self._long[sql] = None
        return await self._on_thread(sql, values)

    async def _on_thread(self, sql: str, values: Sequence[Any]) -> list[Row]:
        if self._threads is None:
            self._threads = ThreadPoolExecutor(THREADS, "portvakt-sqlite-read")
        driver = self._idle.pop() if self._idle else self._connect()

        def run() -> list[Row]:
            began = time.thread_time()
            try:
                return driver.execute(sql, values).fetchall()
            finally:
                if time.thread_time() - began < LONGEST / 2:
                    self._long.pop(sql, None)
                # Also if nobody waits for the rows any more.
                if self._closed:
                    driver.close()
                else:
                    self._idle.append(driver)

        return await asyncio.get_running_loop().run_in_executor(self._threads, run)

    def close(self) -> None:
        """Close every connection that isn't in use; those that are close when they end."""
        self._closed = True
        self.driver.close()
        while self._idle:
            self._idle.pop().close()
        if self._threads is not None:
            self._threads.shutdown(wait=False)
