"""Judges declared look-ups: reads the items that a write names, all of one resource at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from portvakt.cooperative import in_time_slices, map_in_time_slices
from portvakt.errors import Fault, FaultCode
from portvakt.operations.context import Context
from portvakt.operations.writing.changes import NO_SUCH_ITEM, Change, conflict, is_known
from portvakt.schema.caller import UNBOUNDED
from portvakt.schema.lookups import ExclusiveGroup, LookUp
from portvakt.schema.resource import Resource
from portvakt.storage.databases.interface import Connection

Item = dict[str, Any]


async def check_lookups(
    context: Context, connection: Connection, resource: Resource, changes: Sequence[Change]
) -> None:
    """Copy what is mirrored into the merged items, and fault what the named items don't allow."""
    for lookup in resource.lookups:
        naming: list[Change] = []
        async for part in in_time_slices(changes):
            naming += [c for c in part if c.item and is_known(c, lookup.field)]
        ids = sorted({change.item[lookup.field] for change in naming})
        named = await _read(context, connection, lookup.target, ids)
        async for part in in_time_slices(naming):
            for change in part:
                _judge(context, lookup, change, named.get(change.item[lookup.field]))


def _judge(context: Context, lookup: LookUp, change: Change, named: Item | None) -> None:
    if named is None:
        change.faults.append(Fault(FaultCode.not_found, f"/{lookup.field}", NO_SUCH_ITEM))
        return
    before = change.stored
    anew = before is None or before[lookup.field] != change.item[lookup.field]
    found = lookup.faults(change.item, named, context.caller.customer, anew=anew)
    refused = change.refused
    change.faults += [fault for fault in found if fault.where[1:] not in refused]
    change.item |= {name: named[name] for name in lookup.mirrors}


async def _read(
    context: Context, connection: Connection, target: str, ids: Sequence[str]
) -> dict[str, Item]:
    if not ids:
        return {}
    resource = context.store.registry.resources[target]
    statement = context.store.statements.rows.select_by_key(resource, ("id",), UNBOUNDED)
    named = context.store.statements.rows.given_values(resource, ("id",), [(pk,) for pk in ids])
    rows = await context.fetch(connection, statement, named)
    items = await map_in_time_slices(context.store.rows(resource).clean, rows)
    return {item["id"]: item for item in items}


@dataclass(frozen=True)
class ExclusiveGroups:
    """What a write does to groups of which an item may claim to be the only active one.

    `active`: the changes after which an item is active in a group. `stored`: the active items of
    these groups. `updates`: all changes of stored items, by id. `atomic`: as in `Bulk`.
    """

    exclusive: ExclusiveGroup
    active: Sequence[Change]
    stored: Sequence[Item]
    updates: Mapping[str, Change]
    atomic: bool

    def refuse(self) -> bool:
        """Fault each change whose item can't be active beside another; whether any was untold."""
        fault = conflict((self.exclusive.group,))
        staying = [item for item in self.stored if not self._leaves(item)]
        coming = [change.item for change in self.active if self._is_written(change)]
        found = [
            change
            for change in self.active
            if fault not in change.faults
            and any(_clash(self.exclusive, change.item, other) for other in (*staying, *coming))
        ]
        for change in found:
            change.faults.append(fault)
        return bool(found)

    def _leaves(self, item: Item) -> bool:
        change = self.updates.get(item["id"])
        return change is not None and self._is_written(change)

    def _is_written(self, change: Change) -> bool:
        return self.atomic or not change.faults


async def check_exclusive(
    context: Context,
    connection: Connection,
    resource: Resource,
    changes: Sequence[Change],
    *,
    atomic: bool,
) -> list[ExclusiveGroups]:
    """What is to be judged of groups with a sole active item, once it is known what is refused."""
    exclusive = resource.exclusive
    if exclusive is None:
        return []
    active = [change for change in changes if _counts(exclusive, change)]
    groups = sorted({change.item[exclusive.group] for change in active})
    if not groups:
        return []
    await context.lock_customer(connection)
    stored = await _active_of(context, connection, resource, exclusive, groups)
    updates = {str(change.target): change for change in changes if change.stored}
    return [ExclusiveGroups(exclusive, active, stored, updates, atomic)]


def _counts(exclusive: ExclusiveGroup, change: Change) -> bool:
    return (
        is_known(change, exclusive.group, exclusive.active, exclusive.flag)
        and change.item[exclusive.active]
    )


def _clash(exclusive: ExclusiveGroup, item: Item, other: Item) -> bool:
    same = item[exclusive.group] == other[exclusive.group] and item["id"] != other["id"]
    return same and bool(item[exclusive.flag] or other[exclusive.flag])


async def _active_of(
    context: Context,
    connection: Connection,
    resource: Resource,
    exclusive: ExclusiveGroup,
    groups: Sequence[str],
) -> list[Item]:
    statement = context.store.statements.rows.select_by_key(resource, (exclusive.group,), UNBOUNDED)
    keys = [(group,) for group in groups]
    named = context.store.statements.rows.given_values(resource, (exclusive.group,), keys)
    rows = await context.fetch(connection, statement, named)
    items = map(context.store.rows(resource).clean, rows)
    return [item for item in items if item[exclusive.active]]
