"""Holds a write against what is stored: every check, each on all items, in its order."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from portvakt.access import policy
from portvakt.cooperative import in_time_slices
from portvakt.errors import (
    FaultCode,
)
from portvakt.operations.context import Context
from portvakt.operations.writing import changes as stages
from portvakt.operations.writing.changes import Bulk, Change
from portvakt.operations.writing.checks.cycles import check_cycles, lock_moves
from portvakt.operations.writing.checks.erasure import refuse_erased
from portvakt.operations.writing.checks.guards import (
    check_guards,
    check_shared_rows,
    check_unseen_references,
)
from portvakt.operations.writing.checks.lookups import check_exclusive, check_lookups
from portvakt.operations.writing.checks.references import (
    check_references,
    refuse_unconnected,
)
from portvakt.operations.writing.checks.unique_keys import Claims, check_unique
from portvakt.operations.writing.match import find_matches
from portvakt.schema.resource import Resource
from portvakt.schema.values import following
from portvakt.storage.databases.interface import Connection


async def check(
    context: Context,
    connection: Connection,
    resource: Resource,
    done: list[Change],
    how: Bulk,
    overtaken: Sequence[Mapping[str, Any]] = (),
) -> tuple[Context, Claims]:
    """Run the stages; the context in whose time the changes are to be written, and their claims.

    That time is no earlier than the items that are changed, and later than what decides for pairs
    that were changed before us although our request came first (`overtaken`).
    """
    await context.recheck_credential(connection)  # before anything is told
    if how.match:  # keys are locked before rows, as the customer is by `lock_moves`
        await find_matches(context, connection, resource, done, how.match)
    stages.report_repeated(
        ((change.target, change) for change in done if change.target),
        FaultCode.repeated_id,
        ("id",),
    )
    await lock_moves(context, connection, resource, done)
    await stages.load_stored(context, connection, resource, done)
    context = context.after(*(change.stored["updated_at"] for change in done if change.stored))
    if overtaken:
        last = await context.store.lock_pairs(connection, overtaken)
        context = context.after(following(last)) if last else context
    policy.require(context.caller, resource, stages.rights_needed(done))
    stages.check_preconditions(done)  # 412 comes after 403 (RFC 9110, 13.2.1)
    async for part in in_time_slices(done):
        stages.merge_all(context, resource, part)
    # What these refuse, the later stages don't look at: they would tell of it (`Change.refused`).
    async for part in in_time_slices(done):
        check_guards(context, resource, part)
    await check_references(context, connection, resource, done)
    await refuse_erased(context, connection, resource, done)
    await check_lookups(context, connection, resource, done)
    async for part in in_time_slices(done):
        stages.check_transitions(resource, part)
    async for part in in_time_slices(done):
        check_shared_rows(context, resource, part)
    await check_unseen_references(context, connection, resource, done)
    refuse_unconnected(context, resource, done)
    claims = await check_unique(context, connection, resource, done, atomic=how.atomic)
    places = await check_exclusive(context, connection, resource, done, atomic=how.atomic)
    rings = await check_cycles(context, connection, resource, done, atomic=how.atomic)
    judges = [claims.refuse, *(one.refuse for one in places), *(one.refuse for one in rings)]
    await _settle(judges)  # last, as an item that is refused by then keeps what it has
    await stages.prepare_rows(context, resource, done)
    return context, claims


async def _settle(judges: Sequence[Callable[[], bool]]) -> None:
    """Judge anew while one refuses: it leaves stored what was, and others counted on its change."""
    while any(judge() for judge in judges):  # noqa: ASYNC110 (nothing is waited for)
        await asyncio.sleep(0)
