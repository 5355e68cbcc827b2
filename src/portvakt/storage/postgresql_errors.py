"""What asyncpg raises, as our own errors."""

from __future__ import annotations

import re
from typing import NoReturn

import asyncpg

from portvakt.errors import (
    DatabaseUnavailable,
    IntegrityViolation,
    PortvaktError,
    TransactionConflict,
)

DRIVER_ERRORS = (asyncpg.PostgresError, asyncpg.InterfaceError, OSError)

# By SQLSTATE: connection lost, no such login, no such database, out of something, shut down.
_UNAVAILABLE = ("08", "28", "3D", "53", "57P", "25P03")
_INTEGRITY = "23"
_CONFLICT = ("40001", "40P01")
# What another node of Citus refuses is told by the text alone, the number of a shard after the
# constraint's name. Where many rows are copied to that node, the state is lost as well.
_ELSEWHERE = "XX000"
_REFUSED = re.compile(r'violates (?:unique|foreign key|check) constraint "([^"]+?)(?:_\d+)?"')


def raise_translated(error: Exception, where: str = "PostgreSQL can't go on") -> NoReturn:
    """Raise our error for `error`, or `error` itself if there is none."""
    ours = translate(error, where)
    if ours is None:
        raise error
    raise ours from error


def translate(error: BaseException, where: str = "PostgreSQL can't go on") -> PortvaktError | None:
    """The one place where asyncpg's errors become ours; None: it's no error of ours."""
    state = str(getattr(error, "sqlstate", None) or "")
    refused = _REFUSED.search(str(error))
    if state.startswith(_INTEGRITY) or (state == _ELSEWHERE and refused):
        told = getattr(error, "constraint_name", None)
        return IntegrityViolation(told or (refused[1] if refused else ""))
    # A stale plan: asyncpg has dropped it, and outside of transactions it has tried again itself.
    if state in _CONFLICT or isinstance(error, asyncpg.InvalidCachedStatementError):
        return TransactionConflict(str(error))
    if state.startswith(_UNAVAILABLE) or isinstance(error, OSError) or _is_closed(error):
        return DatabaseUnavailable(f"{where}: {str(error) or type(error).__name__}")
    return None


def _is_closed(error: BaseException) -> bool:
    """Whether asyncpg says that the connection or the pool has ended: it only says so in words."""
    words = ("is closed", "is closing", "released back to the pool", "connection was closed")
    return isinstance(error, asyncpg.InterfaceError) and any(w in str(error) for w in words)
