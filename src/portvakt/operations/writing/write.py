"""Create, update, delete and bulk write: one path for all of them.

`apply` runs the stages of `changes` in one transaction and commits. Between a check and the write
another request may get in first; then the database's own constraint refuses, and the whole
transaction is run again, so that the checks find what was there and name it.
"""

from __future__ import annotations

from collections.abc import AsyncIterable, AsyncIterator, Iterable, Mapping, Sequence, Set
from contextlib import asynccontextmanager
from dataclasses import replace
from functools import partial
from itertools import count
from typing import Any, TypeVar

from portvakt.access import policy
from portvakt.cooperative import clear_in_time_slices, in_parts, in_time_slices, map_in_time_slices
from portvakt.errors import (
    Code,
    Fault,
    FaultCode,
    IntegrityViolation,
    Overtaken,
    Problem,
    TransactionConflict,
)
from portvakt.ledger.event import Write
from portvakt.operations import idempotency
from portvakt.operations.context import Context, no_item
from portvakt.operations.writing import changes as stages
from portvakt.operations.writing import idempotent_writes, write_rows
from portvakt.operations.writing.changes import ATOMIC, Bulk, Change
from portvakt.operations.writing.checking import Batch, check
from portvakt.operations.writing.checks.guards import refuse_shared
from portvakt.operations.writing.checks.references import (
    OUT_OF_REACH,
    out_of_reach,
)
from portvakt.operations.writing.locked_rows import get_for_update
from portvakt.operations.writing.masking import mask_written, refuse_unseen_delete, sees
from portvakt.operations.writing.sequence import LONG, turn
from portvakt.operations.writing.transactions import LookAgain, transact
from portvakt.schema.entity_tags import NO_PRECONDITIONS, Preconditions, item_state
from portvakt.schema.resource import Resource
from portvakt.schema.rights import CREATE, DELETE, UPDATE
from portvakt.schema.validation import Hints
from portvakt.storage.databases.interface import Connection
from portvakt.storage.sql.rows import render_item
from portvakt.storage.sql.tables import unique_names

T = TypeVar("T")
Item = dict[str, Any]


class _OutOfReach(Exception):
    """Some items were written that the caller would not see; run again without them."""


class _Undo(Exception):
    """Leaves a transaction without committing it."""


async def create(
    context: Context, resource: Resource, body: Any, *, evidence: bool = False
) -> Item:
    """Create one item; with `evidence` it is answered with its additive fields.

    Raises as `create_change`.
    """
    change = await create_change(context, resource, body)
    return answered(context, resource, change, evidence=evidence)


async def create_change(context: Context, resource: Resource, body: Any) -> Change:
    """Create one item; what was written.

    Raises `Problem` (forbidden, invalid, conflict) and `RecheckFailed`.
    """
    policy.require(context.caller, resource, [CREATE])
    changes = stages.parse(resource, [body])
    stages.forget_id(changes[0])
    changes = await apply(context, resource, changes)
    _refuse_single(changes[0])
    return changes[0]


def answered(context: Context, resource: Resource, change: Change, *, evidence: bool) -> Item:
    """The item of a faultless change as the caller sees it, maybe with its additive fields."""
    if change.item.keys() == {"id"}:  # written by an earlier request, and gone since
        return change.item
    fields = (
        resource.evident(own=context.caller.access(resource).about_activation) if evidence else None
    )
    return render_item(resource, change.shown, fields)


async def update(
    context: Context, resource: Resource, pk: str, body: Any, *, evidence: bool = False
) -> Item:
    """Update one item; with `evidence` it is answered with its additive fields.

    Raises as `update_change`.
    """
    change = await update_change(context, resource, pk, body)
    return answered(context, resource, change, evidence=evidence)


async def update_change(
    context: Context,
    resource: Resource,
    pk: str,
    body: Any,
    preconditions: Preconditions = NO_PRECONDITIONS,
) -> Change:
    """Update one item, if the stored one is what `preconditions` say; what was written.

    Raises `Problem` (forbidden, not_found, precondition_failed, invalid, conflict),
    `RecheckFailed`.
    """
    policy.require(context.caller, resource, [UPDATE])
    changes = stages.parse(resource, [body])
    change = changes[0]
    if change.body.id is not None and change.body.id != pk:
        detail = "The id in the body is not the one in the path."
        change.faults.append(Fault(FaultCode.id_mismatch, "/id", detail))
    change.target = pk
    change.preconditions = preconditions
    changes = await apply(context, resource, changes)
    if changes[0].stored is None and not changes[0].before:
        raise no_item(resource)
    _refuse_single(changes[0])
    return changes[0]


def _refuse_single(change: Change) -> None:
    if not change.faults:
        return
    if any(fault.code is FaultCode.stale for fault in change.faults):
        detail = "The item has changed since it was read."
        raise Problem(Code.precondition_failed, detail, change.faults)
    if all(fault.code is FaultCode.conflict for fault in change.faults):
        raise Problem(Code.conflict, change.faults[0].detail, change.faults)
    raise Problem(Code.invalid, f"{_faults(len(change.faults))} in the item.", change.faults)


def _faults(number: int) -> str:
    return "1 fault" if number == 1 else f"{number} faults"


async def delete(
    context: Context,
    resource: Resource,
    pk: str,
    preconditions: Preconditions = NO_PRECONDITIONS,
) -> None:
    """Delete one item, if it is what `preconditions` say.

    Raises `Problem` (forbidden, not_found, precondition_failed, in_use) and `RecheckFailed`.
    """
    policy.require(context.caller, resource, [DELETE])

    async def run(connection: Connection) -> None:
        await context.recheck_credential(connection)
        await refuse_unseen_delete(context, connection, resource, pk)
        stored = await get_for_update(context, connection, resource, pk)
        if preconditions:
            seen = await sees(context, connection, resource, pk)
            state = item_state(stored["revision"], stored["updated_at"], seen=seen)
            preconditions.check_write(state)
        refuse_shared(context, resource, stored)
        await write_rows.remove(context, connection, resource, [stored])
        idempotent_writes.note(context, pk, stored["revision"] + 1, "deleted")

    try:
        await transact(context, run, again=(TransactionConflict,))
    except idempotency.Replayed:
        return
    except IntegrityViolation:
        raise Problem(Code.in_use, "Other items still refer to this one.") from None


async def bulk(
    context: Context,
    resource: Resource,
    bodies: Sequence[Any] | AsyncIterable[Iterable[Any]],
    how: Bulk,
    numbers: Sequence[int] | None = None,
) -> list[Change]:
    """Write many items; the changes in request order, numbered by `numbers` or by their places.

    The bodies are all there, or come some at a time.

    Atomic: raises `Problem` (invalid) with every fault of every item, and nothing is written.
    Otherwise the changes without faults are written. Raises also `Problem` (forbidden) and
    `RecheckFailed`.
    """
    parsed: list[Change] = []
    hints = Hints()
    places = count() if numbers is None else iter(numbers)
    async for part in in_parts(bodies):
        parsed += stages.parse(resource, part, places, hints)
    try:
        changes = await apply(context, resource, parsed, how)
    except Problem as problem:
        if problem.code is Code.conflict:  # but a refused bulk write is 422, whatever its faults
            raise Problem(Code.invalid, problem.detail, problem.faults) from None
        raise
    await clear_in_time_slices(parsed)
    if how.atomic and any(change.faults for change in changes):
        raise await _refused(changes)
    return changes


async def _refused(changes: list[Change]) -> Problem:
    """The refusal of a bulk write: every fault of every item. The changes are let go."""
    items = len(changes)
    refused = 0
    faults: list[Fault] = []
    async for some in in_time_slices(changes):
        for change in some:
            refused += bool(change.faults)
            faults += [fault.under(f"/{change.index}") for fault in change.faults]
            change.faults = []
    await clear_in_time_slices(changes)
    where = f"{refused} of {items} items"
    detail = f"{_faults(len(faults))} in {where}; nothing was written."
    return Problem(Code.invalid, detail, faults)


async def apply(
    context: Context, resource: Resource, parsed: list[Change], how: Bulk = ATOMIC
) -> list[Change]:
    """Check the changes and write the faultless ones (all or none if atomic)."""
    unseen: set[int] = set()
    done: list[Change] = []
    looked_again = not how.match
    overtaken: list[Mapping[str, Any]] = []

    async def run(connection: Connection) -> None:
        nonlocal looked_again
        done[:] = await map_in_time_slices(partial(_anew, unseen), parsed)
        with turn(context, resource, () if how.match else done) as own:
            batch = Batch(own, connection, resource, done, how, overtaken)
            await check(batch)
            if not looked_again and any(stages.moved_on(change) for change in done):
                # Another request may have written or deleted the item since we looked for a match.
                looked_again = True
                raise LookAgain("matched too early")
            if how.atomic and any(change.faults for change in done):
                raise _Undo
            await _write(batch, overtaken)
            hidden = await out_of_reach(context, connection, resource, done)
            unseen.update(change.index for change in hidden)
            if hidden:
                raise _OutOfReach
            await mask_written(context, connection, resource, done)
            if how.dry_run or not await idempotent_writes.note_all(context, done):
                raise _Undo

    long = len(parsed) >= LONG
    try:
        try:
            await transact(context, run, long=long)
        except _OutOfReach:
            await transact(context, run, long=long)
    except _Undo:
        pass
    except idempotency.Replayed as replayed:
        return await idempotent_writes.changes(context, resource, parsed, replayed.done)
    except IntegrityViolation as violation:
        raise _as_problem(resource, violation) from None
    return done


def _anew(unseen: Set[int], change: Change) -> Change:
    """A parsed change as if nothing was tried yet, refused if its item would be `unseen`."""
    faults = [*change.faults, *([OUT_OF_REACH] if change.index in unseen else [])]
    return Change(
        change.index,
        change.body,
        change.target,
        faults=faults,
        preconditions=change.preconditions,
    )


async def _write(batch: Batch, overtaken: list[Mapping[str, Any]]) -> None:
    context, connection, resource = batch.context, batch.connection, batch.resource
    moved = await write_rows.set_aside(context, connection, resource, batch.claims.freed())
    writes: list[Write] = []
    async for part in in_time_slices(batch.changes):
        writes += [
            Write(change.stored, change.row, anew=change.target in moved)
            for change in part
            if change.row is not None
        ]
    try:
        await write_rows.write(context, connection, resource, writes)
    except Overtaken as found:
        overtaken[:] = found.pairs
        raise


@asynccontextmanager
async def together(context: Context) -> AsyncIterator[Context]:
    """One transaction for several writes of people: committed at the end, or not if it raises.

    Only for callers whose reach has no bounds, and without `Bulk.dry_run`: both undo a write
    alone. Raises what the end of a transaction raises (`storage.databases.interface`).
    """
    if not context.caller.kind.people:
        raise ValueError("a program's writes have a transaction each")
    async with context.store.database.transaction(long=True) as connection:
        yield replace(context, within=connection)


def _as_problem(resource: Resource, violation: IntegrityViolation) -> Problem:
    """A constraint that kept refusing although the checks found nothing."""
    fields = unique_names(resource).get(violation.constraint, ())
    faults = [stages.conflict(fields)] if fields else []
    return Problem(Code.conflict, "Another request got in first, again and again.", faults)
