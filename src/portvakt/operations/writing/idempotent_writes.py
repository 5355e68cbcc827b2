"""Writes that are asked for again are done once (decision record 46).

Whoever sends a write with an `Idempotency-Key` can send it again without harm. In the transaction
of the write a row says what it has done. Another request of the same caller under that key finds
the row: the same request is told what was done, read anew as the caller may see it now, and any
other is refused. A write that is not committed leaves no row.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, TypeVar

import msgspec

from portvakt.cooperative import in_time_slices, map_in_time_slices
from portvakt.errors import Code, Fault, FaultCode, Problem
from portvakt.operations.context import Context
from portvakt.operations.idempotency import (
    HEADER,
    IdempotentWrite,
    ItemResult,
    Replayed,
    WriteResult,
)
from portvakt.operations.writing.changes import Change
from portvakt.schema.resource import Resource
from portvakt.schema.values import parse_moment, render_time
from portvakt.storage.databases.interface import Connection
from portvakt.storage.events.events import PLATFORM
from portvakt.storage.statements.columns import field_names
from portvakt.storage.statements.idempotency_keys import KeyHolder

T = TypeVar("T")
Item = dict[str, Any]

GONE = "0.gone"
"""The state of an item that there is no more, or that the caller doesn't reach any more."""

_REFUSED = "Refused when the request was first answered; why exactly is not kept."


async def run(
    context: Context,
    once: IdempotentWrite,
    work: Callable[[Connection], Awaitable[T]],
    connection: Connection,
) -> T:
    """Do the work of a write, unless it was done; in its transaction, which is committed then.

    Raises `Replayed`, and `Problem` (idempotency_mismatch) where the key stands for another write.
    """
    caller = context.caller
    holder = KeyHolder(caller.customer or PLATFORM, caller.holder or caller.activation)
    digests = once.digests(holder)
    over = render_time(parse_moment(context.now) - once.lasts)
    kept = context.store.idempotency_keys
    found = await kept.claim(connection, holder, digests, now=context.now, over=over)
    if found is not None:
        await context.recheck_credential(connection)
        if (found.key, found.request) not in digests:
            raise _mismatch()
        once.replayed = True
        raise Replayed(msgspec.json.decode(found.done, type=WriteResult))
    result = await work(connection)
    await kept.fill(connection, holder, digests[0][0], once.text)
    return result


def _mismatch() -> Problem:
    detail = "Another request was done under this key. Use a new key for each request."
    fault = Fault(FaultCode.mismatch, HEADER, detail, place="header")
    return Problem(Code.idempotency_mismatch, detail, [fault])


def note(
    context: Context, pk: str, revision: int, outcome: str, told: Mapping[str, Any] | None = None
) -> None:
    """Note what a write of one item has done, where it is to be kept; and what else it told."""
    if context.idempotent is not None:
        context.idempotent.done = WriteResult([ItemResult(pk, revision, outcome)], dict(told or {}))


async def note_all(context: Context, changes: Sequence[Change]) -> bool:
    """Note what a bulk write has done. False if every item was refused: nothing is kept then."""
    if context.idempotent is not None:
        context.idempotent.done = WriteResult(await map_in_time_slices(_left, changes))
        return not changes or not all(change.faults for change in changes)
    return True


def _left(change: Change) -> ItemResult:
    if change.faults:
        faults = [(fault.code.value, fault.where) for fault in change.faults]
        return ItemResult(change.target, 0, change.outcome, faults)
    row = change.row or change.stored or {}
    return ItemResult(change.item["id"], row["revision"], change.outcome)


async def changes(
    context: Context, resource: Resource, parsed: Sequence[Change], done: WriteResult
) -> list[Change]:
    """The changes that were made, with the items as the caller may see them now.

    Of an item that is gone, or out of reach, only the id is told.
    """
    found = await _read(context, resource, [left for left in done.items if left.id])
    made: list[Change] = []
    async for part in in_time_slices(list(zip(parsed, done.items, strict=True))):
        for change, left in part:
            told = Change(change.index, change.body, left.id, before=left.outcome)
            told.item, told.before_state = found.get(left.id or "", ({"id": left.id}, GONE))
            told.faults = [_fault(resource, *fault) for fault in left.faults]
            made.append(told)
    return made


def _fault(resource: Resource, code: str, where: str) -> Fault:
    """A fault as far as it is kept: what a body named that is no field isn't."""
    known = where[1:].split("/", maxsplit=1)[0] in resource.known
    return Fault(FaultCode(code), where if known or where == "/id" else "", _REFUSED)


async def item(context: Context, resource: Resource, done: WriteResult) -> Item:
    """The one item of a write, as a clean value; its id alone where it is gone."""
    (left,) = done.items
    found = await _read(context, resource, [left])
    return found[left.id][0] if left.id in found else {"id": left.id}


async def _read(
    context: Context, resource: Resource, lefts: Sequence[ItemResult]
) -> dict[str | None, tuple[Item, str]]:
    """The clean items as the caller may see them now, and their states, by id.

    Raises `RecheckFailed`.
    """
    access = context.access(resource)
    statement = context.store.statements.rows.revised(resource, access)
    kind = resource.by_name["id"].kind
    named = {"ids": context.store.dialect.bind_list(kind, [str(left.id) for left in lefts])}
    rows = await context.fetch(None, statement, named)
    read = context.store.rows(resource, field_names(resource))
    clean = await map_in_time_slices(read.clean, rows)
    state = context.store.state
    found = {one["id"]: (one, state(row)) for one, row in zip(clean, rows, strict=True)}
    if len(found) < len(lefts):
        await context.recheck_credential()
    if context.idempotent is not None:
        context.idempotent.changed = any(
            not found.get(left.id, ({}, GONE))[1].startswith(f"{left.revision}.")
            for left in lefts
            if left.revision
        )
    return found
