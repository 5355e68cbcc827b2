"""References of a resource to itself lead to no ring: no item is within itself, at any depth."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from portvakt.errors import Fault, FaultCode
from portvakt.operations.context import Context
from portvakt.operations.writing.changes import Change, touched
from portvakt.schema.operators import Kind
from portvakt.schema.resource import Resource
from portvakt.storage.databases.interface import Connection

DETAIL = "An item can't be within itself, nor within one of its own parts."


@dataclass(frozen=True)
class Moves:
    """What a write does to the references of a resource to itself by one field.

    `moved`: the changes that give an item another parent. `updates`: all changes of stored items,
    by id. `stored`: the stored parents of whatever is above the new ones. `atomic`: as in `Bulk`.
    """

    field: str
    moved: Sequence[Change]
    updates: Mapping[str, Change]
    stored: Mapping[str, str | None]
    atomic: bool

    def refuse(self) -> bool:
        """Fault each move that closes a ring; whether there was any not told yet."""
        fault = Fault(FaultCode.circular, f"/{self.field}", DETAIL)
        within = in_cycles([str(change.target) for change in self.moved], self._parent)
        found = [c for c in self.moved if c.target in within and fault not in c.faults]
        for change in found:
            change.faults.append(fault)
        return bool(found)

    def _parent(self, pk: str) -> str | None:
        """The parent that an item has after the write."""
        change = self.updates.get(pk)
        if change is None or (change.faults and not self.atomic):
            return self.stored.get(pk)
        parent: str | None = change.item[self.field]
        return parent


def in_cycles(starts: Sequence[str], parent: Callable[[str], str | None]) -> set[str]:
    """The ids on a ring of those that the ways up from `starts` lead to."""
    done: set[str] = set()
    found: set[str] = set()
    for start in starts:
        way: dict[str, None] = {}
        at: str | None = start
        while at is not None and at not in done and at not in way:
            way[at] = None
            at = parent(at)
        if at in way:
            ids = list(way)
            found.update(ids[ids.index(at) :])
        done.update(way)
    return found


async def lock_moves(
    context: Context, connection: Connection, resource: Resource, changes: Sequence[Change]
) -> None:
    """Let no two transactions of a customer move items at once: each could make half of a ring.

    To be called before rows are locked. A new item has no parts, and so closes no ring.
    """
    for name in resource.parents:
        if any(change.target and change.body.given.get(name) for change in changes):
            await context.lock_customer(connection)
            return


async def check_cycles(
    context: Context,
    connection: Connection,
    resource: Resource,
    changes: Sequence[Change],
    *,
    atomic: bool,
) -> list[Moves]:
    """What is to be judged of moves, once it is known what else is refused."""
    found = []
    for name in resource.parents:
        moved = [change for change in changes if change.stored and touched(change, name)]
        if moved:
            updates = {str(change.target): change for change in changes if change.stored}
            stored = await _above(context, connection, resource, name, moved)
            found.append(Moves(name, moved, updates, stored, atomic))
    return found


async def _above(
    context: Context, connection: Connection, resource: Resource, name: str, moved: Sequence[Change]
) -> dict[str, str | None]:
    """The stored parents of the new parents, and of what is above these, at any depth."""
    statement = context.store.statements.rows.ancestors(resource, name)
    ids = sorted({change.item[name] for change in moved})
    named = {"ids": context.store.dialect.bind_list(Kind.uuid, ids)}
    rows = await context.fetch(connection, statement, named)
    return {str(pk): None if parent is None else str(parent) for pk, parent in rows}
