"""Who was erased stays so: nothing personal is stored of them again, by whatever write."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from portvakt.cooperative import in_time_slices
from portvakt.errors import Fault, FaultCode
from portvakt.operations.context import Context
from portvakt.operations.writing.changes import Change, is_known
from portvakt.schema.caller import UNBOUNDED
from portvakt.schema.paths import RefersTo
from portvakt.schema.registry import content_type_id
from portvakt.schema.resource import Resource
from portvakt.schema.values import same
from portvakt.storage.databases.interface import Connection

NamedPerson = tuple[Change, str, str]
"""A change, its field, and the id of the person that the field names."""

DETAIL = "The person was erased: nothing personal can be stored of them again."


async def refuse_erased(
    context: Context, connection: Connection, resource: Resource, changes: Sequence[Change]
) -> None:
    """Add a fault to each change that would store something personal of an erased person.

    To the person's own fields, or as a new item that is about the person or leads to them.
    """
    if resource.person:
        await _refuse_filling(context, connection, resource, changes)
    about: dict[str, list[NamedPerson]] = {}
    async for part in in_time_slices(changes):
        for change in part:
            for name, field, pk in _persons(context, resource, change):
                about.setdefault(name, []).append((change, field, pk))
    for name, named in about.items():
        person = context.store.registry.resources[name]
        if not resource.mapping:
            await _lock(context, connection, person, named)
        erased = await _erased(context, connection, person, [pk for _, _, pk in named])
        for change, field, pk in named:
            if pk in erased:
                change.faults.append(Fault(FaultCode.erased, f"/{field}", DETAIL))


async def _refuse_filling(
    context: Context, connection: Connection, resource: Resource, changes: Sequence[Change]
) -> None:
    """Only who has nothing personal can have been erased: nobody else is looked up."""
    blank = resource.erased
    filled: dict[str, Change] = {}
    for change in changes:
        stored = change.stored
        if stored and change.item and _is(stored, blank) and not _is(change.item, blank):
            filled[stored["id"]] = change
    for pk in await _erased(context, connection, resource, list(filled)):
        item = filled[pk].item
        for name, value in blank.items():
            if not same(item[name], value):
                filled[pk].faults.append(Fault(FaultCode.erased, f"/{name}", DETAIL))


def _is(item: dict[str, object], blank: dict[str, object]) -> bool:
    return all(same(item[name], value) for name, value in blank.items())


async def _erased(
    context: Context, connection: Connection, person: Resource, ids: Sequence[str]
) -> dict[str, str]:
    if not ids:
        return {}
    customer, kind = context.caller.customer, content_type_id(person.name)
    return await context.store.events.erased(connection, customer, kind, sorted({*ids}))


def _persons(
    context: Context, resource: Resource, change: Change
) -> Iterator[tuple[str, str, str]]:
    """The persons that changed fields name: the person's resource, the field, the person's id."""
    resources = context.store.registry.resources
    for step in resource.persons:
        if not isinstance(step, RefersTo) or not _is_new(change, step.field):
            continue
        person = resources[resource.targets[step.field]]
        if person.person:
            yield person.name, step.field, change.item[step.field]
    if resource.mapping and resource.of_application:
        kind, pk = resource.mapping.reference
        if is_known(change, kind) and (_is_new(change, pk) or _is_new(change, kind)):
            held = context.store.registry.resource_of(change.item[kind])
            if held is not None and held.person and is_known(change, pk):
                yield held.name, pk, change.item[pk]


def _is_new(change: Change, name: str) -> bool:
    if not is_known(change, name):
        return False
    return change.stored is None or change.stored[name] != change.item[name]


async def _lock(
    context: Context, connection: Connection, person: Resource, named: Sequence[NamedPerson]
) -> None:
    """Let nobody erase these persons until this transaction ends."""
    statement = context.store.statements.rows.select_for_update(person, UNBOUNDED)
    ids = sorted({pk for _, _, pk in named})
    listed = context.store.dialect.bind_list(person.by_name["id"].kind, ids)
    await context.fetch(connection, statement, {"ids": listed})
