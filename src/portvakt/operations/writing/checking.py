"""Holds a write against what is stored: the stages, in their order, each on all items.

`STAGES` says what is done, what it judges of what a resource declares (`schema.checks`), and why
it stands where it does. A stage adds what it finds to the changes' faults, so that a caller learns
everything; what one refuses the later ones don't look at (`Change.refused`).
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import wraps
from typing import Any, NamedTuple

from portvakt.access import policy
from portvakt.cooperative import in_time_slices
from portvakt.errors import FaultCode
from portvakt.operations.context import Context
from portvakt.operations.writing import changes as steps
from portvakt.operations.writing.changes import Bulk, Change
from portvakt.operations.writing.checks.cycles import check_cycles, lock_moves
from portvakt.operations.writing.checks.erasure import refuse_erased
from portvakt.operations.writing.checks.guards import (
    check_guards,
    check_shared_rows,
    check_unseen_references,
)
from portvakt.operations.writing.checks.lookups import check_exclusive, check_lookups
from portvakt.operations.writing.checks.references import check_references, refuse_unconnected
from portvakt.operations.writing.checks.unique_keys import Claims, check_unique
from portvakt.operations.writing.match import find_matches
from portvakt.schema.checks import Unique
from portvakt.schema.lookups import ExclusiveGroup, LookUp
from portvakt.schema.resource import Resource
from portvakt.schema.rules import Rule
from portvakt.schema.transitions import Fixed, Resets, Sealed, Transitions
from portvakt.schema.values import following
from portvakt.storage.databases.interface import Connection

NO_CLAIMS = Claims((), {}, atomic=True)


@dataclass(slots=True)
class Batch:
    """A write while it is checked.

    - `context`: in whose time the changes are to be written.
    - `overtaken`: pairs that were changed before us although our request came first.
    - `claims`: the unique keys that it takes from stored items.
    - `judges`: what refuses changes once it is known which others are refused.
    """

    context: Context
    connection: Connection
    resource: Resource
    changes: list[Change]
    how: Bulk
    overtaken: Sequence[Mapping[str, Any]] = ()
    claims: Claims = NO_CLAIMS
    judges: list[Callable[[], bool]] = field(default_factory=list)


Run = Callable[[Batch], Awaitable[None]]


class Stage(NamedTuple):
    """One stage of a write: what it does, why it stands there, and the checks that it judges."""

    run: Run
    reason: str
    judges: tuple[type, ...] = ()


async def check(batch: Batch) -> None:
    """Run the stages.

    The batch's time is afterwards no earlier than the items that are changed, and later than what
    decides for the pairs that were overtaken. Raises `Problem` (forbidden, precondition_failed)
    and `RecheckFailed`.
    """
    for stage in STAGES:
        await stage.run(batch)


# --- the stages -----------------------------------------------------------------------------------


async def recheck_credential(batch: Batch) -> None:
    """Make sure that the caller's credential still holds."""
    await batch.context.recheck_credential(batch.connection)


async def match(batch: Batch) -> None:
    """Find the items that are meant by a key, and lock their keys."""
    if batch.how.match:
        context, connection, resource = batch.context, batch.connection, batch.resource
        await find_matches(context, connection, resource, batch.changes, batch.how.match)


async def report_repeated(batch: Batch) -> None:
    """Refuse items that the request holds twice."""
    named = ((change.target, change) for change in batch.changes if change.target)
    steps.report_repeated(named, FaultCode.repeated_id, ("id",))


async def take_time(batch: Batch) -> None:
    """Let the write be no earlier than what it changes or was overtaken by."""
    stored = (change.stored["updated_at"] for change in batch.changes if change.stored)
    batch.context = batch.context.after(*stored)
    if batch.overtaken:
        writer = batch.context.store.decision_writer
        last = await writer.lock_pairs(batch.connection, batch.overtaken)
        batch.context = batch.context.after(following(last)) if last else batch.context


async def require_rights(batch: Batch) -> None:
    """Refuse who may not create, or update, items of the resource."""
    policy.require(batch.context.caller, batch.resource, steps.rights_needed(batch.changes))


async def check_preconditions(batch: Batch) -> None:
    """Refuse the write where a stored item isn't what the request says."""
    steps.check_preconditions(batch.changes)


async def check_transitions(batch: Batch) -> None:
    """Refuse changes in ways in which items may not change."""
    async for part in in_time_slices(batch.changes):
        steps.check_transitions(batch.resource, part)


async def claim_keys(batch: Batch) -> None:
    """Refuse keys that the request holds twice; note those that it takes from stored items."""
    context, connection, atomic = batch.context, batch.connection, batch.how.atomic
    batch.claims = await check_unique(
        context, connection, batch.resource, batch.changes, atomic=atomic
    )
    batch.judges.append(batch.claims.refuse)


async def claim_places(batch: Batch) -> None:
    """Note what is to be judged of exclusive groups, and of items that move under others."""
    for look in (check_exclusive, check_cycles):
        found = await look(
            batch.context,
            batch.connection,
            batch.resource,
            batch.changes,
            atomic=batch.how.atomic,
        )
        batch.judges += [one.refuse for one in found]


async def settle(batch: Batch) -> None:
    """Judge anew while one refuses: it leaves stored what was, and others counted on its change."""
    while any(judge() for judge in batch.judges):  # noqa: ASYNC110 - nothing is waited for
        await asyncio.sleep(0)


async def prepare_rows(batch: Batch) -> None:
    """Decide what each faultless change writes."""
    await steps.prepare_rows(batch.context, batch.resource, batch.changes)


def _whole(
    check: Callable[[Context, Connection, Resource, list[Change]], Awaitable[None]],
) -> Run:
    """A stage that asks the database, once for all changes."""

    @wraps(check)
    async def run(batch: Batch) -> None:
        await check(batch.context, batch.connection, batch.resource, batch.changes)

    return run


def _sliced(check: Callable[[Context, Resource, Iterable[Change]], None]) -> Run:
    """A stage that looks at change after change, while others get their turn."""

    @wraps(check)
    async def run(batch: Batch) -> None:
        async for part in in_time_slices(batch.changes):
            check(batch.context, batch.resource, part)

    return run


STAGES = (
    Stage(recheck_credential, "Before anything is told."),
    Stage(match, "Keys are locked before rows, by every write alike."),
    Stage(report_repeated, "Which items are meant is known by now."),
    Stage(_whole(lock_moves), "The customer is locked before rows, too."),
    Stage(_whole(steps.load_stored), "All that follows compares with what is stored and locked."),
    Stage(take_time, "What is locked gets no earlier time any more."),
    Stage(require_rights, "Whether it creates or updates is known by now."),
    Stage(check_preconditions, "412 comes after 403 (RFC 9110, 13.2.1)."),
    Stage(_sliced(steps.merge_all), "The later stages judge merged items.", (Rule, Resets)),
    Stage(_sliced(check_guards), "What is refused here tells nothing of what it names."),
    Stage(_whole(check_references), "What the later stages look up is there, for this caller."),
    Stage(_whole(refuse_erased), "Only persons who are there can have been erased."),
    Stage(_whole(check_lookups), "It copies fields, which the following compare.", (LookUp,)),
    Stage(check_transitions, "The items are as they would be.", (Transitions, Sealed, Fixed)),
    Stage(_sliced(check_shared_rows), "The items are as they would be."),
    Stage(_whole(check_unseen_references), "What is named is there."),
    Stage(_sliced(refuse_unconnected), "It refuses only what nothing else is wrong with."),
    Stage(claim_keys, "No key is looked up of what was refused or isn't shown.", (Unique,)),
    Stage(claim_places, "Groups and parents are judged by the same changes.", (ExclusiveGroup,)),
    Stage(settle, "An item that is refused by now keeps what it has."),
    Stage(prepare_rows, "Only what has no faults is written."),
)
