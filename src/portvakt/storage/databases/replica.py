"""A standby of the PostgreSQL database, to read from at no earlier moment than is asked.

Before each read the database says how far its log is written, and the standby is waited for until
it has replayed that. So whatever was committed when the read was asked for is seen in it, and a
standby that can't keep up, or is gone, only costs the wait (decision record 40).

A standby is given nothing to write: what it can be asked for is a snapshot.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from functools import partial
from time import monotonic
from typing import NamedTuple

import structlog

from portvakt.errors import DatabaseUnavailable, SettingsError
from portvakt.storage.databases.interface import Connection, Database, PostgresqlAddress, parse_url
from portvakt.storage.databases.postgresql import Fetch, PostgresqlDatabase

READY, BEHIND, UNAVAILABLE = "ready", "behind", "unavailable"
"""What is said of a standby: whether reads are served there now, and if not, why."""

_REST_SECONDS = 5.0  # in which nobody waits again for a standby that was just waited for in vain
_LOOK_SECONDS = 0.005  # between two looks at how far a standby is

_log = structlog.get_logger(__name__)

_SYSTEM = "(SELECT system_identifier FROM pg_control_system()), current_database()::text"
# What is visible is in the written part of the log, unless commits don't wait for that.
_MOMENT = (
    f"SELECT {_SYSTEM}, CASE WHEN pg_is_in_recovery() THEN NULL"
    " WHEN current_setting('synchronous_commit') = 'off' THEN pg_current_wal_insert_lsn()::text"
    " ELSE pg_current_wal_flush_lsn()::text END"
)
_STANDBY = (
    f"SELECT {_SYSTEM}, pg_is_in_recovery(),"
    " coalesce(pg_last_wal_replay_lsn() >= $1::text::pg_lsn, false)"
)


class _Moment(NamedTuple):
    """Which database of which cluster, and how far its log is written."""

    system: int
    name: str
    written: str | None  # null: the database is no primary itself


class _NotNow(Exception):
    """The standby can't be read from now; the message says why."""


class Replica:
    """A standby; made by `make_replica`, open between `open` and `close`."""

    def __init__(
        self,
        primary: Database,
        standby: PostgresqlDatabase,
        *,
        wait: float,
        rest: float = _REST_SECONDS,
    ) -> None:
        """Wait at most `wait` seconds for the standby; after that leave it alone for `rest`."""
        self._primary = primary
        self._standby = standby
        self._wait = wait
        self._rest = rest
        self._resting_until = 0.0
        self._opening = asyncio.Lock()

    async def open(self) -> None:
        """Find out whether the standby is there; if not, it is looked for again later.

        Raises `SettingsError` if what answers is no standby of the database, and
        `DatabaseUnavailable` if the database doesn't answer.
        """
        moment = await self._moment()
        try:
            async with asyncio.timeout(self._wait):
                await self._connect()
                await self._look(moment, self._standby.fetch)
        except (DatabaseUnavailable, TimeoutError):
            self._leave_alone(UNAVAILABLE)
        except _NotNow as why:
            await self.close()
            raise SettingsError(f"PORTVAKT_REPLICA: {why}.") from None

    async def close(self) -> None:
        """Let go of every connection."""
        await self._standby.close()

    @asynccontextmanager
    async def snapshot(self) -> AsyncIterator[Connection | None]:
        """Read several times from one moment, at which all is seen that is committed by now.

        None: the standby can't give that now, so that the database itself is to be read.
        Raises `DatabaseUnavailable`; `TransactionConflict` where a statement was in the way of
        what the standby had to replay.
        """
        async with AsyncExitStack() as stack:
            if monotonic() < self._resting_until:
                yield None
                return
            found = await self._enter(stack)
            if isinstance(found, str):
                self._leave_alone(found)
                yield None
            else:
                yield found

    async def state(self) -> str:
        """Whether reads are served there now: `READY`, or why not. Raises as `open`."""
        async with AsyncExitStack() as stack:
            found = await self._enter(stack)
            if isinstance(found, str):
                return found
        self._resting_until = 0.0
        return READY

    async def _enter(self, stack: AsyncExitStack) -> Connection | str:
        """A snapshot, which the stack will end; or why there is none."""
        moment = await self._moment()
        if moment.written is None:
            return UNAVAILABLE
        try:
            async with asyncio.timeout(self._wait):
                await self._connect()
                snapshot = self._standby.snapshot_after(partial(self._catch_up, moment))
                return await stack.enter_async_context(snapshot)
        except TimeoutError:
            return BEHIND
        except (DatabaseUnavailable, _NotNow):
            return UNAVAILABLE

    async def _moment(self) -> _Moment:
        return _Moment(*(await self._primary.fetch(_MOMENT))[0])

    async def _connect(self) -> None:
        async with self._opening:  # each caller would make connections of its own
            await self._standby.open()

    async def _catch_up(self, moment: _Moment, fetch: Fetch) -> None:
        """Return as soon as all is replayed that was written at the moment."""
        while not await self._look(moment, fetch):  # noqa: ASYNC110 - another machine can't tell
            await asyncio.sleep(_LOOK_SECONDS)

    async def _look(self, moment: _Moment, fetch: Fetch) -> bool:
        """Whether all is replayed. Raises `_NotNow` if it never will be."""
        ((system, name, recovering, replayed),) = await fetch(_STANDBY, (moment.written,))
        if (system, name) != (moment.system, moment.name):
            raise _NotNow("it is another database than that of PORTVAKT_DATABASE")
        if not recovering:
            raise _NotNow("it is no standby, or none any more")
        return bool(replayed)

    def _leave_alone(self, why: str) -> None:
        self._resting_until = monotonic() + self._rest
        _log.warning("replica not read", reason=why, seconds=self._rest)


def make_replica(url: str, primary: Database, *, pool_size: int, wait: float) -> Replica | None:
    """The standby at `url`, not yet open; None where that is empty.

    At most `pool_size` connections; `wait` as in `Replica`. Raises `SettingsError`.
    """
    if not url:
        return None
    address = parse_url(url)
    if not isinstance(address, PostgresqlAddress) or primary.name != "postgresql":
        raise SettingsError("PORTVAKT_REPLICA: only PostgreSQL has standbys.")
    standby = PostgresqlDatabase(address, pool_size=pool_size, wait=wait)
    return Replica(primary, standby, wait=wait)
