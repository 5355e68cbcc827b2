"""What a write is about to do, one `Change` an item, and the checks that need the database.

Each stage looks at all changes at once, so that a bulk write costs a few statements and not a
few per item; and each adds what it finds to `faults`, so that a caller learns everything.
"""

from __future__ import annotations

from collections.abc import (
    Iterable,
    Iterator,
    Sequence,
    Set,
)
from dataclasses import dataclass, field
from functools import partial
from itertools import count
from typing import Any

from portvakt.cooperative import in_time_slices, map_in_time_slices, on_thread
from portvakt.errors import (
    Fault,
    FaultCode,
)
from portvakt.operations.context import Context
from portvakt.schema.entity_tags import NO_PRECONDITIONS, Preconditions, item_state
from portvakt.schema.resource import Resource
from portvakt.schema.rights import CREATE, UPDATE
from portvakt.schema.validation import Body, Hints, merge, merged_faults, parse_body
from portvakt.schema.values import same
from portvakt.storage.databases.interface import Connection
from portvakt.storage.databases.unreadable import unreadable_in
from portvakt.storage.sql.rows import UNREADABLE, long_texts, new_row, takes_long
from portvakt.storage.statements.columns import stored_names

NO_SUCH_ITEM = "There is no such item."
NOTHING: frozenset[str] = frozenset()
_POSITIONS = 10
"""How many places of one repeated key are told: each of them is told at each of them."""
_REFUSING = frozenset({FaultCode.not_found, FaultCode.guarded, FaultCode.erased})
"""What is said of a field whose value is held against nothing that is stored any more."""


@dataclass(slots=True)
class Change:
    """One item of a write.

    - `index`: its place in the request, or the number it was given.
    - `target`: the id of the item to update, None to create. `matched`: it was found by a key.
    - `stored`: the row before, all columns. `item`: the merged item, its fields.
    - `row`: the row to write, or None where nothing changes.
    - `before`: the outcome, where it was written by an earlier request (`idempotent_writes`); then
      `item` is what the caller may see of it now, and `before_state` its state.
    - `masked_before`: the fields that the caller may not see of what is stored.
    - `masked_after`: those that the caller may not see of what is stored afterwards.
    - `seen`: whether the caller sees the personal fields of what is stored.
    - `preconditions`: what the stored item must be like.
    """

    index: int
    body: Body
    target: str | None
    stored: dict[str, Any] | None = None
    item: dict[str, Any] = field(default_factory=dict)
    row: dict[str, Any] | None = None
    faults: list[Fault] = field(default_factory=list)
    matched: bool = False
    before: str = ""
    before_state: str = ""
    masked_before: frozenset[str] = NOTHING
    masked_after: frozenset[str] = NOTHING
    seen: bool = True
    preconditions: Preconditions = NO_PRECONDITIONS

    def mask(self, names: frozenset[str]) -> None:
        """Let the caller not see these fields of what is stored.

        A null there is what the caller has read: it neither clears anything nor is it wrong.
        """
        self.masked_before = names
        given = self.body.given
        known = {
            name: given[name] for name in given if given[name] is not None or name not in names
        }
        self.faults = [fault for fault in self.faults if not _is_null(fault, names)]
        faults = [fault for fault in self.body.faults if not _is_null(fault, names)]
        self.body = Body(known, faults, self.body.id, self.body.revision)

    @property
    def refused(self) -> Set[str]:
        """The fields whose values can't be read, or were refused.

        No later check looks at them: what it finds there would tell of items that the caller
        doesn't see, or of what it can't set.
        """
        if not self.faults:
            return NOTHING
        found = (fault.where for fault in self.faults if fault.code in _REFUSING and fault.where)
        return self.body.invalid | {where.split("/")[1] for where in found}

    @property
    def masked_given(self) -> frozenset[str]:
        """The hidden fields of which the body says something: whether it is new isn't told."""
        return self.masked_before & self.body.given.keys() if self.masked_before else NOTHING

    @property
    def shown(self) -> dict[str, Any]:
        """The merged item as the caller may see it."""
        return {**self.item, **dict.fromkeys(self.masked_after)} if self.masked_after else self.item

    @property
    def state(self) -> str:
        """The state of the item of a faultless change, as the caller may see it afterwards."""
        if self.before:
            return self.before_state
        row = self.row or self.stored or {}
        return item_state(row["revision"], row["updated_at"], seen=not self.masked_after)

    @property
    def outcome(self) -> str:
        """`created`, `updated`, `unchanged` or `refused`."""
        if self.before:
            return self.before
        if self.faults:
            return "refused"
        if self.stored is None:
            return "created"
        return "unchanged" if self.row is None else "updated"


def _is_null(fault: Fault, names: frozenset[str]) -> bool:
    return fault.code is FaultCode.null and fault.where[1:] in names


def parse(
    resource: Resource,
    bodies: Iterable[Any],
    numbers: Iterable[int] | None = None,
    hints: Hints | None = None,
) -> list[Change]:
    """JSON values -> changes, with the faults of each body.

    `numbers` tell the changes apart instead of their places in the request, and there is one for
    each; `hints` are those that the whole request has left.
    """
    changes = []
    for value, index in zip(bodies, count() if numbers is None else numbers, strict=False):
        body = parse_body(resource, value, hints)
        changes.append(Change(index, body, body.id, faults=list(body.faults)))
    return changes


def forget_id(change: Change) -> None:
    """Ignore the id in the body of a create, readable or not, as every read-only field."""
    change.target = change.body.id = None
    change.body.faults = [fault for fault in change.body.faults if fault.where != "/id"]
    change.faults = list(change.body.faults)


async def load_stored(
    context: Context, connection: Connection, resource: Resource, changes: Sequence[Change]
) -> None:
    """Read and lock the rows that are to be updated; a missing one is a fault at `/id`."""
    ids = sorted({change.target for change in changes if change.target is not None})
    if not ids:
        return
    access = context.caller.access(resource)
    statement = context.store.statements.rows.select_for_update(resource, access)
    named = {"ids": context.store.dialect.bind_list(resource.by_name["id"].kind, ids)}
    rows = await context.fetch(connection, statement, named)
    read = context.store.rows(resource, stored_names(resource))
    clean = await map_in_time_slices(read.clean, rows)
    by_id = {stored["id"]: (stored, row[-1]) for stored, row in zip(clean, rows, strict=True)}
    confidential = resource.confidential if access.about_activation else NOTHING
    async for part in in_time_slices([change for change in changes if change.target is not None]):
        for change in part:
            change.stored, change.seen = by_id.get(str(change.target), (None, True))
            if hidden := confidential | (NOTHING if change.seen else resource.personal):
                change.mask(hidden)
            if change.stored is None:
                change.faults.append(Fault(FaultCode.not_found, "/id", NO_SUCH_ITEM))
            elif unreadable := unreadable_in(change.stored):
                change.faults += _unreadable_faults(resource, change, unreadable)


def _unreadable_faults(
    resource: Resource, change: Change, unreadable: Iterable[str]
) -> Iterator[Fault]:
    """What is stored and can't be read isn't overwritten unawares: the write must say a value.

    Of what the caller may not see the place isn't told.
    """
    writable = {field.name for field in resource.writable}
    said = {*change.body.given, *change.body.invalid}
    for name in unreadable:
        if name in writable and name not in said:
            where = "" if name in change.masked_before else f"/{name}"
            yield Fault(FaultCode.unreadable, where, UNREADABLE)


def rights_needed(changes: Sequence[Change]) -> list[str]:
    """The rights that the caller needs for these changes."""
    updating = [change.target is not None for change in changes]
    return [CREATE] * (not all(updating)) + [UPDATE] * any(updating)


def check_preconditions(changes: Iterable[Change]) -> None:
    """Raise `Problem` (precondition_failed) where a stored item isn't what it must be like."""
    for change in changes:
        stored = change.stored
        if change.preconditions and stored is not None:
            state = item_state(stored["revision"], stored["updated_at"], seen=change.seen)
            change.preconditions.check_write(state)


def _stale(change: Change) -> Iterator[Fault]:
    """A fault where the stored item isn't at the revision that the body expects."""
    if change.stored is None:
        detail = "There is no stored item yet. Leave this out to create one."
        yield Fault(FaultCode.stale, "/_revision", detail)
    elif change.stored["revision"] != change.body.revision:
        detail = f"The item has revision {change.stored['revision']} by now. Read it again."
        yield Fault(FaultCode.stale, "/_revision", detail)


def merge_all(context: Context, resource: Resource, changes: Iterable[Change]) -> None:
    """Lay what was sent over what is stored, and check the merged items by the rules."""
    claim = context.claim(resource)
    for change in changes:
        if change.stored is None and (change.target is not None or "id" in change.body.invalid):
            continue  # which item was meant isn't known
        if change.body.revision is not None:
            change.faults += _stale(change)
        if change.stored is None:
            given = {
                **change.body.given,
                **claim,
                "id": context.new_id(),
                "created_at": context.now,
            }
            change.item = merge(resource, given, None)
            if resource.of_application and not claim:
                change.faults.append(_not_owned(resource.of_application.field))
        else:
            known = {field.name: change.stored[field.name] for field in resource.fields}
            change.item = merge(resource, change.body.given, known)
        if not change.faults or not _unreadable(change):
            change.faults += merged_faults(
                resource,
                change.item,
                change.body.invalid,
                hidden=change.masked_before,
                given=change.body.given.keys(),
            )


def _not_owned(field: str) -> Fault:
    detail = "This is set from the calling integration: people can't create the item."
    return Fault(FaultCode.not_available, f"/{field}", detail)


def check_transitions(resource: Resource, changes: Iterable[Change]) -> None:
    """How the items change must be a way in which they may."""
    for change in changes if resource.transitions else ():
        if change.stored is not None and not _unreadable(change):
            refused = change.refused
            for rule in resource.transitions:
                found = rule.faults(change.stored, change.item)
                change.faults += [fault for fault in found if fault.where[1:] not in refused]


def _unreadable(change: Change) -> bool:
    return any(fault.where == "" for fault in change.body.faults)


def touched(change: Change, name: str) -> bool:
    """Whether the change gives the field a readable value that is not the stored one.

    Of a field that the caller may not see, every value counts as another one.
    """
    value = change.item.get(name)
    if value is None or (change.faults and name in change.refused):
        return False
    if change.stored is None or name in change.masked_given:
        return True
    return bool(change.stored[name] != value)


def is_known(change: Change, *names: str) -> bool:
    """Whether all of these fields have a value that is not null, and that wasn't refused."""
    refused = change.refused
    return all(change.item.get(name) is not None and name not in refused for name in names)


def report_repeated(
    keyed: Iterable[tuple[Any, Change]], code: FaultCode, fields: tuple[str, ...]
) -> set[Any]:
    """Fault every change whose key another one has too, naming all positions; those keys.

    Where a match has said so already, the unique key doesn't say it again.
    """
    groups: dict[Any, list[Change]] = {}
    for key, change in keyed:
        groups.setdefault(key, []).append(change)
    repeated = {key for key, group in groups.items() if len(group) > 1}
    for key in repeated:
        positions = _positions(groups[key])
        what = " and ".join((", ".join(fields[:-1]), fields[-1])) if fields[1:] else fields[0]
        detail = f"The items at {positions} have the same {what}."
        for change in groups[key]:
            if not any(f.code is code and f.where == f"/{fields[-1]}" for f in change.faults):
                change.faults.append(Fault(code, f"/{fields[-1]}", detail, fields=fields))
    return repeated


def _positions(changes: Sequence[Change]) -> str:
    """Where the changes stand; each of them is told, and so not all of very many."""
    told = ", ".join(str(change.index) for change in changes[:_POSITIONS])
    more = len(changes) - _POSITIONS
    return f"{told} and {more} more places" if more > 0 else told


def conflicts(change: Change) -> bool:
    """Whether the change is refused because of a stored item."""
    return any(fault.code is FaultCode.conflict for fault in change.faults)


def moved_on(change: Change) -> bool:
    """Whether another request may have been in between: a conflict, or what matched is gone."""
    return conflicts(change) or (change.matched and change.stored is None)


def conflict(fields: tuple[str, ...]) -> Fault:
    """A stored item already has these values of a unique key."""
    detail = f"Another item has the same {', '.join(fields)}."
    return Fault(FaultCode.conflict, f"/{fields[-1]}", detail, fields=fields)


async def prepare_rows(context: Context, resource: Resource, changes: Sequence[Change]) -> None:
    """Decide what each faultless change writes; one that changes nothing writes nothing."""
    long = long_texts(resource)
    async for part in in_time_slices(changes):
        for change in part:
            stored, item = change.stored, change.item
            if change.faults:
                continue
            if stored is not None and not change.masked_given and _unchanged(stored, item):
                continue
            make = partial(
                new_row,
                resource,
                context.caller.customer,
                item,
                now=context.now,
                revision=1 if stored is None else stored["revision"] + 1,
            )
            slow = any(takes_long(item[name]) for name in long)
            change.row = await on_thread(make) if slow else make()


def _unchanged(stored: dict[str, Any], item: dict[str, Any]) -> bool:
    return not unreadable_in(stored) and all(
        same(stored[name], value) for name, value in item.items()
    )


@dataclass(frozen=True, slots=True)
class Bulk:
    """How a bulk write is to be done (decision record 5)."""

    atomic: bool = True
    dry_run: bool = False
    match: tuple[str, ...] = ()


ATOMIC = Bulk()
"""All of it or nothing, and for good."""
