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
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from itertools import count
from threading import Lock
from typing import Any, TypeVar

from portvakt.errors import DatabaseBusy
from portvakt.storage.databases.interface import Row
from portvakt.storage.databases.sqlite_unreadable import fetch, is_undecodable

LONGEST = 0.004
"""Seconds of the processor that one statement may take on the event loop.

Not of the clock: on a busy machine those pass while nothing is done.
"""

THREADS = 2  # so that one slow read leaves another its way; more compete for Python's lock
_STEPS = 10_000  # of SQLite's machine between two looks at the clock: some tenths of a millisecond
_KEPT = 256  # statements; an application asks in fewer shapes

_Value = TypeVar("_Value")

Connect = Callable[[], sqlite3.Connection]


class Reader:
    """Reads a file by single statements. `connect` makes connections that can't write.

    A long one waits up to `wait` seconds for a thread.
    """

    def __init__(self, connect: Connect, wait: float) -> None:
        self._connect = connect
        self._wait = wait
        self._free = asyncio.Semaphore(THREADS)
        self.driver = connect()
        never_wait(self.driver)
        self._stop_at = 0.0
        self._long: dict[str, None] = {}
        # Python 3.11 takes a prepared statement that was stopped to be in use for ever, and would
        # prepare its text anew each time: so it goes on under another text.
        self._texts: dict[str, str] = {}
        self._numbers = count(1)
        self._idle: list[sqlite3.Connection] = []
        self._changing = Lock()  # what is idle, between the threads
        self._threads: ThreadPoolExecutor | None = None
        self._closed = False
        self.driver.set_progress_handler(self._is_late, _STEPS)

    def _is_late(self) -> bool:
        """Whether to stop; the first look begins the time, as most statements end before it."""
        now = time.thread_time()
        self._stop_at = self._stop_at or now + LONGEST
        return now > self._stop_at

    async def fetch(self, sql: str, values: Sequence[Any]) -> list[Row]:
        """Run one statement and return all of its rows.

        Raises `sqlite3.Error`, and `DatabaseBusy` if too many long ones are run.
        """
        if sql not in self._long:
            self._stop_at = 0.0
            try:
                return self.driver.execute(self._texts.get(sql, sql), values).fetchall()
            except sqlite3.OperationalError as error:
                if is_undecodable(error):  # the driver's own, without a code
                    return await self._on_thread(sql, values)
                if error.sqlite_errorcode & 0xFF == sqlite3.SQLITE_BUSY:
                    return await self._on_thread(sql, values)  # which may wait for the lock
                if error.sqlite_errorcode != sqlite3.SQLITE_INTERRUPT:
                    raise
            _keep(self._long, sql, None)
            _keep(self._texts, sql, f"{sql} /* {next(self._numbers)} */")
        return await self._on_thread(sql, values)

    async def _on_thread(self, sql: str, values: Sequence[Any]) -> list[Row]:
        try:
            async with asyncio.timeout(self._wait):
                await self._free.acquire()
        except TimeoutError:
            raise DatabaseBusy(f"Waited {self._wait:g} s for a thread to read") from None
        if self._threads is None:
            self._threads = ThreadPoolExecutor(THREADS, "portvakt-sqlite-read")
        running = self._threads.submit(self._run, sql, values)
        running.add_done_callback(self._release(asyncio.get_running_loop()))
        return await asyncio.wrap_future(running)

    def _release(self, loop: asyncio.AbstractEventLoop) -> Callable[[Future[list[Row]]], None]:
        """What frees a thread's place when its statement ends, whoever still waits for that."""

        def release(_: Future[list[Row]]) -> None:
            with suppress(RuntimeError):  # the loop has ended
                loop.call_soon_threadsafe(self._free.release)

        return release

    def _run(self, sql: str, values: Sequence[Any]) -> list[Row]:
        """Run one statement on a thread."""
        driver = self._take()
        began = time.thread_time()
        try:
            return fetch(driver, sql, values)
        finally:
            if time.thread_time() - began < LONGEST / 2:
                self._long.pop(sql, None)
            self._put_back(driver)  # also if nobody waits for the rows any more

    def _take(self) -> sqlite3.Connection:
        with self._changing:
            if self._idle:
                return self._idle.pop()
        return self._connect()

    def _put_back(self, driver: sqlite3.Connection) -> None:
        with self._changing:
            if not self._closed:
                self._idle.append(driver)
                return
        driver.close()

    def close(self) -> None:
        """Close every connection that isn't in use; those that are close when they end."""
        with self._changing:
            self._closed = True
        self.driver.close()
        for driver in self._idle:
            driver.close()
        if self._threads is not None:
            self._threads.shutdown(wait=False)


def never_wait(driver: sqlite3.Connection) -> None:
    """Let a connection give up at once where another program has a lock: it's the event loop's."""
    driver.execute("PRAGMA busy_timeout = 0")


def _keep(kept: dict[str, _Value], sql: str, value: _Value) -> None:
    """Keep the value, and forget the oldest of too many."""
    if len(kept) >= _KEPT:
        kept.pop(next(iter(kept)))
    kept[sql] = value
