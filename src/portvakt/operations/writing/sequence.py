"""Long writes of answers lock their pairs in the order of their times (decision record 46).

A request's time is taken before its pairs are locked. Where two write answers of the same persons
at once, the later one may lock first, and the earlier one is then done again with a time that
follows. Within a process the later one waits instead, with its rows already written. Nothing rests
on that: it waits no longer than `_SECONDS`, and the order of a pair's changes has the last word.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import replace
from weakref import WeakKeyDictionary

from portvakt.operations.context import Context
from portvakt.operations.lock_order import Turn
from portvakt.operations.writing.changes import Change
from portvakt.schema.resource import Resource
from portvakt.storage.store import Store

LONG = 50
"""From this many items on a write is `long` (`interface`): SQLite takes milliseconds."""


_turns: WeakKeyDictionary[Store, dict[str, list[Turn]]] = WeakKeyDictionary()
"""The turns of transactions that haven't ended, by customer."""


@contextmanager
def turn(context: Context, resource: Resource, changes: Collection[Change]) -> Iterator[Context]:
    """The context for a write within its transaction: with a turn, where it takes one.

    Only writes of new items alone do (none of which may match one that is stored): one that has
    locked items could be waited for by one ahead of it.
    """
    new = all(change.target is None for change in changes)
    if resource.answers is None or len(changes) < LONG or not new:
        yield context
        return
    customers = _turns.setdefault(context.store, {})
    turns = customers.setdefault(context.caller.customer, [])
    own = Turn(context.now, turns)
    turns.append(own)
    try:
        yield replace(context, now=own.at, turn=own)
    finally:
        own.over.set()
        turns.remove(own)
        if not turns:
            del customers[context.caller.customer]
