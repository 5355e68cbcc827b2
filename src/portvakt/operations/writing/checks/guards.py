"""What integrations can't change, as it decides what they see (decision record 37).

Guarded fields; whose an item is, where the caller doesn't see the person; and what persons may
have, which the caller can't give to one of them where it doesn't see it (decision record 45).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from portvakt.access import policy
from portvakt.errors import Code, Fault, FaultCode, Problem
from portvakt.operations.context import Context
from portvakt.operations.writing.changes import Change, is_known
from portvakt.operations.writing.masking import seen_items
from portvakt.schema.fields import Reference
from portvakt.schema.paths import RefersTo
from portvakt.schema.registry import content_type_id
from portvakt.schema.resource import Resource
from portvakt.schema.values import same
from portvakt.storage.databases.interface import Connection

WHOSE = "Who doesn't see the personal information can't change whose it is."
UNSEEN = "Who sees this with nobody can't give it to anybody, unless they wrote all of it."


def check_guards(context: Context, resource: Resource, changes: Iterable[Change]) -> None:
    """Each guarded field that a merged item changes is a fault, unless the caller can change it.

    What a body repeats as it is stored, or as a new item has it by default, changes nothing.
    """
    closed = {
        field.name: f"{field.guarded.value}."
        for field in resource.guarded
        if field.guarded
        and not policy.may_set(context.caller, context.store.registry, field.guarded)
    }
    whose = {step.field: WHOSE for step in resource.persons if isinstance(step, RefersTo)}
    # Of a person whom it sees it may still not see what is not connected (record 22).
    unconnected = context.caller.access(resource).connected
    for change in changes:
        theirs = change.masked_before or (unconnected and change.stored is not None)
        said = {**closed, **whose} if theirs else closed
        if said and change.item:
            change.faults += _faults(resource, change, said)


def _faults(resource: Resource, change: Change, said: Mapping[str, str]) -> Iterator[Fault]:
    for name, detail in said.items():
        if name in change.body.given:
            before = change.stored[name] if change.stored else resource.by_name[name].default
            if not same(before, change.body.given[name]):
                yield Fault(FaultCode.guarded, f"/{name}", detail)


async def check_unseen_references(
    context: Context, connection: Connection, resource: Resource, changes: Sequence[Change]
) -> None:
    """What is seen with a person who has it is given to nobody by who doesn't see it yet.

    Whoever has it, or nobody: that isn't looked at, so that the answer can't tell it. Who wrote all
    of it knows it, and may give it.
    """
    if context.caller.access(resource).accepted_answers is None:
        return
    for reference in resource.references:
        target = context.store.registry.target(reference)
        if reference.personal and target.belongs_to_persons:
            giving = [change for change in changes if _gives(change, reference)]
            await _refuse_unseen(context, connection, target, reference, giving)


def _gives(change: Change, reference: Reference) -> bool:
    return reference.name in change.body.given and is_known(change, reference.name)


async def _refuse_unseen(
    context: Context,
    connection: Connection,
    target: Resource,
    reference: Reference,
    changes: Sequence[Change],
) -> None:
    ids = sorted({change.item[reference.name] for change in changes})
    seen = await seen_items(context, connection, target, ids)
    unseen = [pk for pk in ids if seen.get(pk) is False]
    if not unseen:
        return
    caller = context.caller
    kind = content_type_id(target.name)
    events = context.store.events
    written = await events.written_by(
        connection, caller.customer, kind, caller.kind.name, caller.activation, unseen
    )
    refused = {*unseen} - written
    for change in changes:
        if change.item[reference.name] in refused:
            change.faults.append(Fault(FaultCode.guarded, f"/{reference.name}", UNSEEN))


_SHARED = "What is about all integrations is only written with the right `all`."


def check_shared_rows(context: Context, resource: Resource, changes: Iterable[Change]) -> None:
    """Fault each change of an item that is everybody's, or would be."""
    name = resource.about
    if (
        name is None
        or not resource.stored[name].nullable
        or not context.caller.access(resource).about_activation
    ):
        return
    for change in changes:
        items = [change.stored, change.item if name not in change.refused else None]
        if any(item is not None and item.get(name, "") is None for item in items):
            change.faults.append(Fault(FaultCode.out_of_reach, f"/{name}", _SHARED))


def refuse_shared(context: Context, resource: Resource, stored: dict[str, object]) -> None:
    """Refuse to delete an item that is everybody's. Raises `Problem` (forbidden)."""
    if (
        resource.about
        and context.caller.access(resource).about_activation
        and stored[resource.about] is None
    ):
        raise Problem(Code.forbidden, _SHARED)
