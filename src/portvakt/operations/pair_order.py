"""One order of the changes of each pair: a later one has a later time (decision record 46).

A request's time is taken before it has locked the pairs of its answers. Whoever finds then that one
of them has changed at a later time is done again. Of long writes for the same pairs at a time most
would be done twice: where that was so a moment ago, they lock their pairs before they write.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from time import monotonic
from typing import Any

from portvakt.consent import state
from portvakt.operations.changes import Change
from portvakt.operations.context import Context
from portvakt.schema.fields import CREATED_AT
from portvakt.schema.resource import Resource
from portvakt.schema.values import following
from portvakt.storage.database import Connection

LONG = 50
"""So many answers are a long write: to lock all of their pairs costs little beside it."""

_SECONDS = 10.0
_MOST = 1000

_crowded: dict[str, float] = {}  # until when, by customer; of this process


async def settle(
    context: Context,
    connection: Connection,
    resource: Resource,
    changes: Sequence[Change],
    overtaken: Sequence[Mapping[str, Any]],
) -> Context:
    """The context in whose time the changes are to be written: later than what they follow.

    `overtaken`: the pairs that were changed before us although our request came first.
    """
    pairs = overtaken
    if not pairs and len(changes) >= LONG and _is_crowded(context.scope.customer):
        customer = context.scope.customer
        items = (change.item for change in changes if not change.faults)
        pairs = state.named_pairs(resource, customer, items)
    if not pairs:
        return context
    last = await context.store.lock_pairs(connection, pairs)
    if not last or following(last) <= context.now:
        return context
    for change in changes:
        if change.stored is None and change.item:
            change.item[CREATED_AT.name] = following(last)
    return context.after(following(last))


def note_overtaken(context: Context, changes: Sequence[Change]) -> None:
    """Let the customer's next long writes lock first, if this was a long one."""
    if len(changes) >= LONG:
        if len(_crowded) >= _MOST:
            _crowded.clear()
        _crowded[context.scope.customer] = monotonic() + _SECONDS


def _is_crowded(customer: str) -> bool:
    return monotonic() < _crowded.get(customer, 0.0)
