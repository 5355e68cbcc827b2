"""What a write names, and what it leaves behind, must be within the caller's reach."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from portvakt.cooperative import in_time_slices, map_in_time_slices
from portvakt.errors import Fault, FaultCode
from portvakt.operations.context import Context
from portvakt.operations.writing.changes import NO_SUCH_ITEM, Change, is_known, touched
from portvakt.schema.caller import RowAccess
from portvakt.schema.resource import Resource
from portvakt.storage.databases.interface import Connection

OUT_OF_REACH = Fault(FaultCode.out_of_reach, "", "You would not see this item yourself.")
"""An integration may only leave behind what it sees: its activation's object and its rows."""


def hides_new(context: Context, resource: Resource) -> bool:
    """Whether the caller sees only items that are connected with an id, as no new one is.

    No unique key may be looked up for a new item then: it would tell what unseen items have.
    """
    return context.caller.access(resource).connected and {*resource.connected_by} == {"id"}


def refuse_unconnected(context: Context, resource: Resource, changes: Iterable[Change]) -> None:
    """Fault each new item in which nothing else is wrong, where new ones are hidden."""
    if hides_new(context, resource):
        for change in changes:
            if change.item and change.stored is None and not change.faults:
                change.faults.append(OUT_OF_REACH)


async def check_references(
    context: Context, connection: Connection, resource: Resource, changes: Sequence[Change]
) -> None:
    """Whatever a changed reference names must exist, be of its resource, and be the customer's."""
    wanted: dict[str, dict[str, list[tuple[Change, str]]]] = {}
    async for part in in_time_slices(changes):
        for change, name, target, pk in _references(context, resource, part):
            if target is None:
                _not_found(change, name)
            else:
                wanted.setdefault(target, {}).setdefault(pk, []).append((change, name))
    for target, by_id in wanted.items():
        resource_there = context.store.registry.resources[target]
        # Who may write about other integrations may name them too.
        access = context.caller.access(resource_there)
        access = access._replace(
            about_activation=access.about_activation
            and context.caller.access(resource).about_activation
        )
        if resource.mapping:  # what isn't connected yet can be, by who knows its id
            access = access._replace(connected=False)
        for pk in await _missing(context, connection, resource_there, access, list(by_id)):
            for change, name in by_id[pk]:
                _not_found(change, name)


def _not_found(change: Change, name: str) -> None:
    change.faults.append(Fault(FaultCode.not_found, f"/{name}", NO_SUCH_ITEM))


def _references(
    context: Context, resource: Resource, changes: Iterable[Change]
) -> Iterable[tuple[Change, str, str | None, str]]:
    """(change, field, the resource it must be found in or None if in vain, id)."""
    registry = context.store.registry
    for change in changes:
        for reference in resource.references:
            if touched(change, reference.name):
                yield change, reference.name, reference.target, change.item[reference.name]
        for link in resource.links:
            if touched(change, link.name):
                for pk in change.item[link.name]:
                    yield change, link.name, link.target, pk
        for kind, pk in resource.generic_references:
            if (touched(change, pk) or touched(change, kind)) and is_known(change, kind, pk):
                held = registry.resource_of(change.item[kind])
                if held is not None:
                    reachable = held.name if held.open_to(context.caller.kind) else None
                    yield change, pk, reachable, change.item[pk]


async def _missing(
    context: Context,
    connection: Connection,
    resource: Resource,
    access: RowAccess,
    ids: list[str],
) -> list[str]:
    if not ids:
        return []
    statement = context.store.statements.rows.existing(resource, access)
    named = {"ids": context.store.dialect.bind_list(resource.by_name["id"].kind, ids)}
    rows = await context.fetch(connection, statement, named)
    found = set(await map_in_time_slices(lambda row: str(row[0]), rows))
    return [pk for pk in ids if pk not in found]


async def out_of_reach(
    context: Context, connection: Connection, resource: Resource, changes: Sequence[Change]
) -> list[Change]:
    """The changes, just written in this transaction, that the caller would not see."""
    access = context.caller.access(resource)
    if access.level is None and not access.about_activation and not access.connected:
        return []
    written: dict[str, Change] = {}
    async for part in in_time_slices(changes):
        written |= {change.item["id"]: change for change in part if change.row is not None}
    missing = await _missing(context, connection, resource, access, list(written))
    return [written[pk] for pk in missing]
