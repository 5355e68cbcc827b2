"""Hands out a ledger: its signed head, and all of it, for people to keep and verify elsewhere."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing, asynccontextmanager
from typing import Any

from portvakt.access import policy
from portvakt.errors import Code, Problem
from portvakt.ledger import chain, verify
from portvakt.ledger.chain import Signer
from portvakt.operations.context import Context
from portvakt.operations.reading import read_source
from portvakt.operations.reading.read import Export
from portvakt.schema.resource import Resource
from portvakt.schema.rights import READ
from portvakt.storage.databases.interface import Connection
from portvakt.storage.events.events import PLATFORM

_AT_ONCE = 100
"""Lines of a chunk."""


async def checkpoint(context: Context, log: Resource, signer: Signer | None) -> bytes:
    """The signed head of the chain whose log this is, as canonical JSON.

    Raises `Problem` (forbidden; unavailable, where nothing can be signed) and `RecheckFailed`.
    """
    policy.require(context.caller, log, [READ])
    signs = _demand(signer)
    async with context.store.database.snapshot() as connection:
        await context.recheck_credential(connection)
        head = await verify.stored_head(
            context.store, connection, signs, _customer(context, log), context.now
        )
    return chain.canonical(head or {}) + b"\n"


@asynccontextmanager
async def export(context: Context, log: Resource, signer: Signer | None) -> AsyncIterator[Export]:
    """Open the whole ledger for reading: each entry is a `line`, as `ledger verify` reads it.

    Raises the same.
    """
    policy.require(context.caller, log, [READ])
    signs = _demand(signer)
    async with (
        read_source.snapshot(context) as (reader, connection),
        aclosing(_lines(reader, connection, log, signs)) as chunks,
    ):
        yield Export(chunks, None)


async def _lines(
    context: Context, connection: Connection, log: Resource, signer: Signer
) -> AsyncGenerator[list[dict[str, Any]], None]:
    whose, chunk = _customer(context, log), list[dict[str, Any]]()
    told = verify.export(context.store, connection, signer, whose, context.now)
    async with aclosing(told) as lines:
        async for line in lines:
            chunk.append({"line": line})
            if len(chunk) >= _AT_ONCE:
                yield chunk
                chunk = []
    yield chunk


def _customer(context: Context, log: Resource) -> str:
    return PLATFORM if log.platform else context.caller.customer


def _demand(signer: Signer | None) -> Signer:
    if signer is None:
        raise Problem(Code.unavailable, "This needs PORTVAKT_SEALING_KEY, which isn't set.")
    return signer
