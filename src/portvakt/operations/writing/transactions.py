"""The one place where operations open a transaction, and run it again where that helps."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from functools import partial
from typing import TypeVar

from portvakt.errors import IntegrityViolation, Overtaken, TransactionConflict
from portvakt.operations.context import Context
from portvakt.operations.writing import idempotent_writes
from portvakt.storage.databases.interface import Connection

T = TypeVar("T")
_TRIES, _OVERTAKEN = 5, 50


class LookAgain(TransactionConflict):
    """Found before anything was written: another request may have been in between."""


async def transact(
    context: Context,
    run: Callable[[Connection], Awaitable[T]],
    *,
    long: bool = False,
    again: tuple[type[Exception], ...] = (IntegrityViolation, TransactionConflict),
) -> T:
    """Run in one transaction and commit; run again where another request got in between.

    Raises also what `idempotent_writes.run` raises, where the request is to be done once.
    """
    if context.within is not None:
        return await _run_within(context.within, run)
    if context.idempotent is not None:
        run = partial(idempotent_writes.run, context, context.idempotent, run)
    tried, overtaken = 1, 0
    while True:
        try:
            async with context.store.database.transaction(long=long) as connection:
                return await run(connection)
        except again as error:
            # Who is overtaken has seen another write done, so that somebody gets on.
            overtaken += isinstance(error, Overtaken)
            tried += not isinstance(error, Overtaken)
            if tried > _TRIES or overtaken > _OVERTAKEN:
                raise


async def _run_within(connection: Connection, run: Callable[[Connection], Awaitable[T]]) -> T:
    """Run in a transaction that isn't ours to end: what can't go on there ends it."""
    try:
        return await run(connection)
    except LookAgain:
        return await run(connection)
