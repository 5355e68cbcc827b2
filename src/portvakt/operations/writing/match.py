"""`_match`: items of a bulk write that find the stored item they mean by other fields than `id`."""

from __future__ import annotations

from collections.abc import Sequence, Set
from typing import Any

from portvakt.cooperative import map_in_time_slices
from portvakt.errors import Fault, FaultCode
from portvakt.operations.context import Context
from portvakt.operations.writing.changes import Change, report_repeated
from portvakt.schema.fields import CUSTOM_ID, Text
from portvakt.schema.identifiers import MAILBOX, normal_mailbox
from portvakt.schema.resource import Resource
from portvakt.schema.values import fold
from portvakt.storage.databases.interface import Connection
from portvakt.storage.sql.tables import FOLDED
from portvakt.storage.statements import advisory_locks
from portvakt.storage.statements.columns import field_names

Key = tuple[Any, ...]


def allowed_matches(resource: Resource) -> list[tuple[str, ...]]:
    """The lists of fields that `_match` may name: `custom_id`, or a unique key.

    A field that the server sets from the caller goes without saying; a key with another one that
    a caller can't send is of no use.
    """
    owned = {resource.of_application.field} if resource.of_application else set()
    keys = [
        tuple(n for n in unique.fields if n not in owned)
        for unique in resource.unique
        if not unique.without
    ]
    settable = {field.name for field in resource.writable}
    keys = [key for key in keys if settable.issuperset(key)]
    return [(CUSTOM_ID.name,), *keys] if CUSTOM_ID.name in resource.by_name else keys


async def find_matches(
    context: Context,
    connection: Connection,
    resource: Resource,
    changes: Sequence[Change],
    names: tuple[str, ...],
) -> None:
    """Set the target of each change without an id to the stored item that it matches.

    Two changes with one key are a fault, and so is a key that several stored items have. A change
    that lacks one of the fields matches nothing, and nothing is matched by a key from which another
    change of the request takes it away. An address matches in any spelling of its domain.
    """
    keyed = [
        (normal_key(resource, names, key), change)
        for change in changes
        if change.target is None and (key := _key(change, names)) is not None
    ]
    repeated = report_repeated(keyed, FaultCode.repeated_key, names)
    wanted = [key for key, _ in keyed if key not in repeated]
    if not wanted:
        return
    owner = context.claim(resource)
    rows = [(*owner.values(), *key) for key in wanted]
    await _lock(context, connection, resource, (*owner, *names), rows)
    found = await stored_ids(context, connection, resource, (*owner, *names), rows)
    named = {change.target: change for change in changes if change.target}
    for key, change in keyed:
        ids = found.get((*owner.values(), *key), [])
        ids = [pk for pk in ids if not (pk in named and _leaves(resource, named[pk], names, key))]
        if len(ids) == 1:
            change.target, change.matched = ids[0], True
        elif ids:
            detail = f"{len(ids)} stored items have the same {', '.join(names)}."
            change.faults.append(Fault(FaultCode.conflict, f"/{names[-1]}", detail, fields=names))


async def _lock(
    context: Context,
    connection: Connection,
    resource: Resource,
    names: tuple[str, ...],
    keys: Sequence[Key],
) -> None:
    """Let nobody else look for these keys until this transaction ends.

    One that isn't ours takes all locks that there are with its first keys: it may look for more.
    """
    places = set(await map_in_time_slices(advisory_locks.place, keys))
    if context.within is not None:
        places = set(range(advisory_locks.SHARED))
    kind = (context.caller.customer, resource.name, *names)
    await advisory_locks.take(context.store.dialect, connection, kind, places)


def _key(change: Change, names: tuple[str, ...]) -> Key | None:
    key = tuple(change.body.given.get(name) for name in names)
    return None if None in key else key


def _leaves(resource: Resource, change: Change, names: tuple[str, ...], key: Key) -> bool:
    """Whether a change gives the item that it names another key than this one."""
    given = change.body.given
    wanted = tuple(given.get(name, value) for name, value in zip(names, key, strict=True))
    return None in wanted or normal_key(resource, names, wanted) != key


def normal_key(resource: Resource, names: tuple[str, ...], key: Key) -> Key:
    """The key by which `stored_ids` gives what has these values of the fields `names`."""
    mailboxes = _mailboxes(resource, names)
    if not mailboxes:
        return key
    return tuple(
        normal_mailbox(value) if name in mailboxes else value
        for name, value in zip(names, key, strict=True)
    )


def _mailboxes(resource: Resource, names: tuple[str, ...]) -> Set[str]:
    fields = ((name, resource.stored[name]) for name in names)
    return {
        name for name, field in fields if isinstance(field, Text) and field.identifier == MAILBOX
    }


async def stored_ids(
    context: Context,
    connection: Connection,
    resource: Resource,
    names: tuple[str, ...],
    keys: Sequence[Key],
) -> dict[Key, list[str]]:
    """The ids of the stored items that have each of the normal keys in the fields `names`."""
    mailboxes = _mailboxes(resource, names)
    columns = tuple(name + FOLDED if name in mailboxes else name for name in names)
    folded = [
        tuple(fold(v) if name in mailboxes else v for name, v in zip(names, key, strict=True))
        for key in keys
    ]
    statement = context.store.statements.rows.select_by_key(
        resource, columns, context.caller.access(resource)
    )
    named = context.store.statements.rows.given_values(resource, columns, folded)
    found: dict[Key, list[str]] = {}
    read = context.store.rows(resource, field_names(resource))
    for row in await context.fetch(connection, statement, named):
        clean = read.clean(row)
        key = normal_key(resource, names, tuple(clean[name] for name in names))
        found.setdefault(key, []).append(clean["id"])
    return found
