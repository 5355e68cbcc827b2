"""What integrations can't change, as it decides what they see (decision record 37).

Guarded fields; whose an item is, where the caller doesn't see the person; and what persons have
whom the caller doesn't see, which it can't give to one whom it sees.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from portvakt.access import policy
from portvakt.errors import Fault, FaultCode
from portvakt.operations.changes import Change
from portvakt.operations.context import Context
from portvakt.operations.personal import seen_items
from portvakt.schema import consent
from portvakt.schema.fields import Reference
from portvakt.schema.resource import Resource
from portvakt.schema.scope import UNBOUNDED
from portvakt.schema.values import same
from portvakt.storage.columns import field_names
from portvakt.storage.database import Connection

WHOSE = "Who doesn't see the personal information can't change whose it is."
HELD = "Somebody has this whose personal information you don't see."


def check_guards(context: Context, resource: Resource, changes: Sequence[Change]) -> None:
    """Each guarded field that a merged item changes is a fault, unless the caller can change it.

    What a body repeats as it is stored, or as a new item has it by default, changes nothing.
    """
    closed = {
        field.name: f"{field.guarded.value}."
        for field in resource.guarded
        if field.guarded
        and not policy.may_set(context.scope, context.store.registry, field.guarded)
    }
    whose = {step.field: WHOSE for step in resource.persons if isinstance(step, consent.Of)}
    for change in changes:
        said = {**closed, **whose} if change.hidden else closed
        if said and change.item:
            change.faults += _faults(resource, change, said)


def _faults(resource: Resource, change: Change, said: Mapping[str, str]) -> Iterator[Fault]:
    for name, detail in said.items():
        if name in change.body.given:
            before = change.stored[name] if change.stored else resource.by_name[name].default
            if not same(before, change.body.given[name]):
                yield Fault(FaultCode.guarded, f"/{name}", detail)


async def check_held(
    context: Context, connection: Connection, resource: Resource, changes: Sequence[Change]
) -> None:
    """What is seen with a person who has it isn't given to one while others have it, unseen."""
    if context.scope.access(resource).sight is None:
        return
    for reference in resource.references:
        target = context.store.registry.target(reference)
        if reference.personal and target.held:
            giving = [change for change in changes if _gives(change, reference)]
            await _refuse_unseen(context, connection, target, reference, giving)


def _gives(change: Change, reference: Reference) -> bool:
    return bool(change.item) and change.body.given.get(reference.name) is not None


async def _refuse_unseen(
    context: Context,
    connection: Connection,
    target: Resource,
    reference: Reference,
    changes: Sequence[Change],
) -> None:
    ids = sorted({change.body.given[reference.name] for change in changes})
    seen = await seen_items(context, connection, target, ids)
    unseen = [pk for pk in ids if seen.get(pk) is False]
    holders = await _holders(context, connection, target, unseen)
    for change in changes:
        if holders.get(change.body.given[reference.name], set()) - {change.item["id"]}:
            change.faults.append(Fault(FaultCode.guarded, f"/{reference.name}", HELD))


async def _holders(
    context: Context, connection: Connection, target: Resource, ids: Sequence[str]
) -> dict[str, set[str]]:
    """The ids of all persons who have each of the items, whether the caller sees them or not."""
    found: dict[str, set[str]] = {}
    statements = context.store.statements
    for step in target.persons if ids else ():
        if isinstance(step, consent.Held):
            other = context.store.registry.resources[step.resource]
            statement = statements.matching(other, (step.field,), UNBOUNDED)
            named = statements.given_values(other, (step.field,), [(pk,) for pk in ids])
            read = context.store.rows(other, field_names(other))
            for row in await connection.fetch(statement.text, context.bind(statement, named)):
                clean = read.clean(row)
                found.setdefault(clean[step.field], set()).add(clean["id"])
    return found
