"""What PostgreSQL and asyncpg say, as our own errors: one table, by SQLSTATE and by class."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import NoReturn

import asyncpg

from portvakt.errors import Cause, IntegrityViolation, PortvaktError
from portvakt.storage.databases.error_meanings import Else, Meaning, as_ours

DRIVER_ERRORS = (
    asyncpg.PostgresError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,
    OSError,
    EOFError,
)


STATES: Mapping[str, Meaning] = {
    "00": Else.mistake,  # successful completion
    "01": Else.mistake,  # warning
    "02": Else.mistake,  # no data
    "03": Else.mistake,  # statement not yet complete
    "08": Cause.unreachable,  # connection exception
    "09": Else.mistake,  # triggered action exception
    "0A": Else.mistake,  # feature not supported
    "0B": Else.mistake,  # invalid transaction initiation
    "0F": Else.mistake,  # locator exception
    "0L": Cause.no_right,  # invalid grantor
    "0P": Else.mistake,  # invalid role specification
    "0Z": Else.mistake,  # diagnostics exception
    "10": Else.mistake,  # XQuery error
    "20": Else.mistake,  # case not found
    "21": Else.mistake,  # cardinality violation
    "22": Else.mistake,  # data exception
    "22P05": Cause.wrong_encoding,  # a character that the server's encoding lacks
    "23": Else.integrity,
    "24": Else.mistake,  # invalid cursor state
    "25": Else.mistake,  # invalid transaction state
    "25006": Cause.read_only,
    "25P03": Cause.unreachable,  # idle in a transaction for too long: the connection was ended
    "25P04": Cause.unreachable,  # a transaction that took too long: likewise
    "26": Else.mistake,  # invalid statement name
    "27": Else.mistake,  # triggered data change violation
    "28": Cause.unreachable,  # no such login
    "2B": Else.mistake,  # dependent privileges still exist
    "2D": Else.mistake,  # invalid transaction termination
    "2F": Else.mistake,  # SQL routine exception
    "34": Else.mistake,  # invalid cursor name
    "38": Else.mistake,  # external routine exception
    "39": Else.mistake,  # external routine invocation exception
    "3B": Else.mistake,  # savepoint exception
    "3D": Cause.unreachable,  # no such database
    "3F": Cause.no_right,  # no schema in which this role may make or find a table
    "40": Else.conflict,
    "40003": Cause.unreachable,  # whether it was completed isn't known
    "42": Else.mistake,  # syntax error or access rule violation
    "42501": Cause.no_right,
    "42P01": Cause.no_right,  # no such table in the schemas that this role may use
    "44": Else.integrity,  # WITH CHECK OPTION violation
    "53": Cause.busy,  # out of memory, of connections
    "53100": Cause.full,  # of disk
    "53400": Cause.full,  # of what a setting allows, such as temporary files
    "54": Else.mistake,  # program limit exceeded
    "55": Else.mistake,  # object not in prerequisite state
    "55006": Cause.busy,  # object in use
    "55P03": Cause.busy,  # lock not available
    "57": Cause.unreachable,  # shut down, starting, dropped
    "57000": Cause.cancelled,
    "57014": Cause.cancelled,
    "58": Cause.unreachable,  # system error
    "58030": Cause.damaged,  # I/O error
    "72": Else.conflict,  # snapshot too old
    "F0": Cause.unreachable,  # configuration file error
    "HV": Else.mistake,  # foreign data wrapper error
    "P0": Else.mistake,  # raised in PL/pgSQL
    "XX": Cause.damaged,  # data or index corrupted
    "XX000": Else.mistake,  # internal error
}
"""What each class of SQLSTATE means, and each state that means something else than its class."""

CLASSES: Mapping[type[BaseException], Meaning] = {
    asyncpg.FatalPostgresError: Cause.unreachable,
    asyncpg.PostgresError: Else.mistake,
    # A stale plan: asyncpg has dropped it, and outside of transactions it has tried again itself.
    asyncpg.InvalidCachedStatementError: Else.conflict,
    asyncpg.OutdatedSchemaCacheError: Else.conflict,
    # A server's end in the middle of an answer leaves asyncpg in a state that it didn't expect.
    asyncpg.InternalClientError: Cause.unreachable,
    asyncpg.InterfaceError: Else.mistake,
    asyncpg.InterfaceWarning: Else.mistake,
    OSError: Cause.unreachable,
    EOFError: Cause.unreachable,
}
"""What an error without a SQLSTATE means: the nearest of its class's ancestors says so."""

# asyncpg says only in words that a connection or the pool has ended.
_CLOSED = ("is closed", "is closing", "released back to the pool", "connection was closed")

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
    meaning = meaning_of(error)
    if meaning is Else.integrity:
        refused = _REFUSED.search(str(error))
        told = getattr(error, "constraint_name", None)
        return IntegrityViolation(told or (refused[1] if refused else ""))
    return as_ours(meaning, where, _words(error))


def meaning_of(error: BaseException) -> Meaning | None:
    """What an error means; None: it is in neither table."""
    state = str(getattr(error, "sqlstate", None) or "")
    if state == _ELSEWHERE and _REFUSED.search(str(error)):
        return Else.integrity
    if isinstance(error, asyncpg.InterfaceError) and any(w in str(error) for w in _CLOSED):
        return Cause.unreachable
    near = next((kind for kind in type(error).__mro__ if kind in CLASSES), None)
    if state and near is not asyncpg.InvalidCachedStatementError:
        return STATES.get(state, STATES.get(state[:2]))
    return CLASSES[near] if near else None


def _words(error: BaseException) -> str:
    """The error's message and SQLSTATE, without its DETAIL, which may quote a row."""
    message = str(error.args[0]) if isinstance(error, asyncpg.PostgresError) else str(error)
    state = getattr(error, "sqlstate", None)
    said = message or type(error).__name__
    return f"{said} ({state})" if state else said
