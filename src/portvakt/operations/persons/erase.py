"""Erases a person: what is personal is taken away, and the evidence stays (GDPR, article 17)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

from portvakt.access import policy
from portvakt.errors import Code, IntegrityViolation, Problem
from portvakt.ledger.event import Write
from portvakt.operations.context import Context
from portvakt.operations.writing import idempotent_writes, write_rows
from portvakt.operations.writing.locked_rows import Row, get_for_update, lock
from portvakt.operations.writing.transactions import transact
from portvakt.schema.caller import UNBOUNDED
from portvakt.schema.operators import Kind
from portvakt.schema.paths import ReferredBy, RefersTo
from portvakt.schema.registry import content_type_id
from portvakt.schema.resource import Resource
from portvakt.schema.rights import DELETE, UPDATE
from portvakt.storage.databases.interface import Connection
from portvakt.storage.sql.rows import new_row, render_item
from portvakt.storage.statements.columns import field_names

Item = dict[str, Any]
StoredItem = tuple[Resource, Row]


async def erase(context: Context, resource: Resource, pk: str) -> Item:
    """Erase the person `pk` of a resource that has an `erasure`.

    Gives the item as it is then, with `outcome` (`erased`, or `unchanged` where the person was
    erased before and nothing was left), `erased_at`, and `removed`: how many items of which
    resource were deleted, because they belonged to the person alone.

    Raises `Problem` (forbidden, not_found; in_use, where others get in between again and again)
    and `RecheckFailed`.
    """
    policy.require(context.caller, resource, [UPDATE, DELETE])

    async def run(connection: Connection) -> Item:
        await context.recheck_credential(connection)
        return await _erase(context, connection, resource, pk)

    try:
        return await transact(context, run)
    except IntegrityViolation:
        raise Problem(Code.in_use, "Others refer to what belongs to the person.") from None


async def _erase(context: Context, connection: Connection, resource: Resource, pk: str) -> Item:
    stored = await get_for_update(context, connection, resource, pk)
    context = context.after(stored["updated_at"])
    events, kind = context.store.events, content_type_id(resource.name)
    before = (await events.erased(connection, context.caller.customer, kind, [pk])).get(pk)
    await _forget_speakers(context, connection, resource, pk)
    about = await _about(context, connection, resource, pk)
    held = _held(context, [(resource, stored), *about])
    row = stored
    if before is None:
        row = await _blank(context, connection, resource, stored)
    await _remove(context, connection, about)
    alone = [one for one in held if not await _is_held(context, connection, *one)]
    left = [
        (other, found)
        for other, one in alone
        if (found := await lock(context, connection, other, one))
    ]
    await _remove(context, connection, left)
    gone = [(resource, stored), *about, *left]
    mapped = [pair for one in gone for pair in await _mapped(context, connection, *one)]
    await _remove(context, connection, mapped)
    removed = Counter(other.name for other, _ in (*about, *left, *mapped))
    outcome = "unchanged" if before and not removed else "erased"
    told = {
        "outcome": outcome,
        "erased_at": before or context.now,
        "removed": dict(sorted(removed.items())),
    }
    idempotent_writes.note(context, pk, row["revision"], outcome, told)
    return {**render_item(resource, row), **told}


async def _blank(context: Context, connection: Connection, resource: Resource, stored: Row) -> Row:
    """Take away what is personal of a row, as an event of its own kind."""
    context = context.after(stored["updated_at"])
    gone = resource.erased or dict.fromkeys(resource.digested)
    item = {field.name: stored[field.name] for field in resource.fields} | gone
    revision = stored["revision"] + 1
    row = new_row(resource, context.caller.customer, item, now=context.now, revision=revision)
    await write_rows.write(context, connection, resource, [Write(stored, row, erased=True)])
    return row


async def _forget_speakers(
    context: Context, connection: Connection, person: Resource, pk: str
) -> None:
    """Take out of the person's answers, and all of their versions, who spoke for the person."""
    answers = context.store.registry.answers
    if answers is None or answers.answers is None or not answers.digested:
        return
    for _, field in answers.answers.persons:
        if answers.targets[field] != person.name:
            continue
        ever = context.store.statements.versions.ever(answers, field)
        found = await context.fetch(connection, ever, {"named": pk})
        ids = [str(row[0]) for row in found]
        for one in ids:
            stored = await lock(context, connection, answers, one)
            if stored and any(stored[name] is not None for name in answers.digested):
                await _blank(context, connection, answers, stored)
        forget = context.store.statements.versions.forget(answers)
        listed = context.store.dialect.bind_list(Kind.uuid, ids)
        if ids:
            await connection.execute(forget.text, context.bind(forget, {"ids": listed}))


async def _remove(context: Context, connection: Connection, items: Sequence[StoredItem]) -> None:
    for resource, row in items:
        await write_rows.remove(context, connection, resource, [row])


async def _about(
    context: Context, connection: Connection, person: Resource, pk: str
) -> list[StoredItem]:
    """The items that are about the person alone, such as a protected identity."""
    found: list[StoredItem] = []
    for other in context.store.registry.resources.values():
        for step in other.persons:
            if isinstance(step, RefersTo) and other.targets[step.field] == person.name:
                found += await _locked(context, connection, other, (step.field,), (pk,))
    return found


def _held(context: Context, holders: Sequence[StoredItem]) -> list[tuple[Resource, str]]:
    """The items that belong to whoever refers to them, such as addresses."""
    found: dict[tuple[str, str], None] = {}
    for other in context.store.registry.resources.values():
        for step in other.persons:
            for resource, row in holders:
                if (
                    isinstance(step, ReferredBy)
                    and step.resource == resource.name
                    and row[step.field]
                ):
                    found[other.name, row[step.field]] = None
    return [(context.store.registry.resources[name], pk) for name, pk in found]


async def _is_held(context: Context, connection: Connection, resource: Resource, pk: str) -> bool:
    """Whether anything still refers to an item."""
    referring = [
        (other, (reference.name,))
        for other in context.store.registry.resources.values()
        for reference in other.references
        if reference.target == resource.name and not other.append_only
    ]
    for other, names in referring:
        if await _found(context, connection, other, names, (pk,)):
            return True
    return False


async def _mapped(
    context: Context, connection: Connection, resource: Resource, row: Row
) -> list[StoredItem]:
    """The id connections of an item: they lead to the same person in other systems."""
    found: list[StoredItem] = []
    key = (content_type_id(resource.name), row["id"])
    for other in context.store.registry.mappings:
        if other.mapping:
            found += await _locked(context, connection, other, other.mapping.reference, key)
    return found


async def _found(
    context: Context,
    connection: Connection,
    resource: Resource,
    names: tuple[str, ...],
    key: tuple[str, ...],
) -> list[str]:
    """The ids of the customer's items that have these values."""
    statement = context.store.statements.rows.select_by_key(resource, names, UNBOUNDED)
    named = context.store.statements.rows.given_values(resource, names, [key])
    rows = await context.fetch(connection, statement, named)
    read = context.store.rows(resource, field_names(resource))
    return sorted(read.clean(row)["id"] for row in rows)


async def _locked(
    context: Context,
    connection: Connection,
    resource: Resource,
    names: tuple[str, ...],
    key: tuple[str, ...],
) -> list[StoredItem]:
    ids = await _found(context, connection, resource, names, key)
    rows = [await lock(context, connection, resource, pk) for pk in ids]
    return [(resource, row) for row in rows if row is not None]
