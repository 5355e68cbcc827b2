"""Unique keys of a write: against its other items, then against what is stored afterwards.

A key that a stored item has is free where the same write gives that item another one. Then the
stored row is set aside before any is written (`Claims.freed`), as databases compare row by row.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from portvakt.cooperative import in_time_slices, map_in_time_slices
from portvakt.errors import FaultCode
from portvakt.operations.context import Context
from portvakt.operations.writing.changes import Change, conflict, is_known, report_repeated, touched
from portvakt.operations.writing.checks.references import hides_new
from portvakt.schema.caller import UNBOUNDED
from portvakt.schema.checks import Unique
from portvakt.schema.resource import Resource
from portvakt.storage.databases.interface import Connection
from portvakt.storage.statements.columns import field_names

Key = tuple[Any, ...]


class Claim(NamedTuple):
    """A change that gives its item a key which the stored item `owner` has."""

    change: Change
    unique: Unique
    owner: str


@dataclass(frozen=True)
class Claims:
    """The keys that a write takes from stored items.

    `updates`: its changes of stored items, by id. `atomic`: all are written, or none.
    """

    all: Sequence[Claim]
    updates: Mapping[str, Change]
    atomic: bool

    def refuse(self) -> bool:
        """Fault each claim on a key that its owner keeps; whether there was any not told yet.

        An owner that is refused keeps its key, so that one refusal may lead to others.
        """
        if not self.all:
            return False
        waiting = defaultdict[str, list[Claim]](list)
        refused: list[Claim] = []
        for claim in self.all:
            if conflict(claim.unique.fields) not in claim.change.faults:
                (refused if self._keeps(claim) else waiting[claim.owner]).append(claim)
        found = bool(refused)
        while refused:
            change, unique, _ = refused.pop()
            if conflict(unique.fields) not in change.faults:
                change.faults.append(conflict(unique.fields))
            if change.target is not None and not self.atomic:
                refused += waiting.pop(change.target, ())
        return found

    def _keeps(self, claim: Claim) -> bool:
        owner = self.updates.get(claim.owner)
        if owner is None or (owner.faults and not self.atomic):
            return True
        return _key(owner, claim.unique) == _key(claim.change, claim.unique)

    def freed(self) -> list[tuple[Change, Unique]]:
        """The changes whose stored keys others get, each with the key: to be set aside first."""
        return [(self.updates[claim.owner], claim.unique) for claim in self.all if claim.change.row]


async def check_unique(
    context: Context,
    connection: Connection,
    resource: Resource,
    changes: Sequence[Change],
    *,
    atomic: bool,
) -> Claims:
    """Fault keys that the request holds twice; what it claims of stored items is yet to judge.

    What keys are about, where they are about some items only, never changes (`Unique.without`).
    """
    claims: list[Claim] = []
    if hides_new(context, resource):
        changes = [change for change in changes if change.stored is not None]
    for unique in resource.unique:
        keyed: list[tuple[Change, Key]] = []
        async for part in in_time_slices(changes):
            keyed += [(change, key) for change in part if (key := _key(change, unique)) is not None]
        repeated = report_repeated(
            ((key, change) for change, key in keyed), FaultCode.repeated_key, unique.fields
        )
        asked: list[tuple[Change, Key]] = []
        async for some in in_time_slices(keyed):
            asked += [
                (change, key)
                for change, key in some
                if key not in repeated and any(touched(change, name) for name in unique.fields)
            ]
        if asked:
            claims += await _claimed(context, connection, resource, unique, asked)
    updates = {one.target: one for one in changes if one.target and one.stored} if claims else {}
    return Claims(claims, updates, atomic)


def _key(change: Change, unique: Unique) -> Key | None:
    """The change's values of a unique key, or None where one is null, refused or missing.

    Also None where the request holds the item twice: its key is not another item's. And where the
    item is out of reach: what else has its key isn't told.
    """
    if any(fault.code is FaultCode.repeated_id or not fault.where for fault in change.faults):
        return None
    if not is_known(change, *unique.fields):
        return None
    if unique.without and change.item[unique.without] is not None:
        return None
    return tuple(change.item[name] for name in unique.fields)


async def _claimed(
    context: Context,
    connection: Connection,
    resource: Resource,
    unique: Unique,
    asked: Sequence[tuple[Change, Key]],
) -> list[Claim]:
    # A key is unique among all of the customer's items, whether the caller sees them or not.
    statement = context.store.statements.rows.select_by_key(resource, unique.fields, UNBOUNDED)
    keys = [key for _, key in asked]
    named = context.store.statements.rows.given_values(resource, unique.fields, keys)
    rows = await context.fetch(connection, statement, named)
    read = context.store.rows(resource, field_names(resource))
    owners = {
        tuple(clean[name] for name in unique.fields): clean["id"]
        for clean in await map_in_time_slices(read.clean, rows)
        if not (unique.without and clean[unique.without] is not None)
    }
    return [
        Claim(change, unique, owners[key])
        for change, key in asked
        if key in owners and owners[key] != change.item["id"]
    ]
