"""Where a read that may be large is done: on the database itself, or on its standby.

This is the one place that chooses. Only people's reads go to a standby, after the database itself
has proven their token; never an integration's, whose reads depend on who may be seen now, never a
decision, and nothing that is part of a write (decision record 40).
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace

from portvakt.operations.context import Context
from portvakt.schema.caller import Recheck
from portvakt.storage.databases.interface import Connection, Database


@asynccontextmanager
async def snapshot(context: Context) -> AsyncIterator[tuple[Context, Connection]]:
    """One moment to read several times from, for a caller whose credential holds.

    With it the context for the statements. Raises `RecheckFailed`.
    """
    async with _elsewhere(context) as connection:
        if connection is not None:
            yield replace(context, rechecked=False), connection
            return
    async with context.store.database.snapshot() as connection:
        await context.recheck_credential(connection)
        yield context, connection


@asynccontextmanager
async def once(context: Context) -> AsyncIterator[tuple[Context, Connection | Database]]:
    """Where to run one statement, which proves the caller itself if the context says so.

    Raises `RecheckFailed`.
    """
    async with _elsewhere(context) as connection:
        if connection is None:
            yield context, context.store.database
        else:
            yield replace(context, rechecked=False), connection


@asynccontextmanager
async def _elsewhere(context: Context) -> AsyncIterator[Connection | None]:
    """A moment on the standby, not before now; None: the database itself is to be read."""
    replica, caller = context.store.replica, context.caller
    token = context.rechecked and caller.recheck is Recheck.token
    if replica is None or not (token and caller.kind.sees_everybody):
        yield None
        return
    await context.recheck_credential()
    async with replica.snapshot() as connection:
        yield connection
