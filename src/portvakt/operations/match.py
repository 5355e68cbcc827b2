"""`_match`: items of a bulk write that find the stored item they mean by other fields than `id`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from portvakt.errors import Fault, FaultCode
from portvakt.operations.changes import Change, report_repeated
from portvakt.operations.context import Context
from portvakt.schema.resource import Resource
from portvakt.storage.database import Connection
from portvakt.storage.statements import field_names

Key = tuple[Any, ...]


def allowed_matches(resource: Resource) -> list[tuple[str, ...]]:
    """The lists of fields that `_match` may name: `custom_id`, or a unique key.

    A field that the server sets from the caller goes without saying; a key with another one that
    a caller can't send is of no use.
    """
    owned = {resource.owner.field} if resource.owner else set()
    keys = [
        tuple(n for n in unique.fields if n not in owned)
        for unique in resource.unique
        if not unique.without
    ]
    settable = {field.name for field in resource.writable}
    keys = [key for key in keys if settable.issuperset(key)]
    return [("custom_id",), *keys] if "custom_id" in resource.by_name else keys


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
    change of the request takes it away.
    """
    keyed = [
        (key, change)
        for change in changes
        if change.target is None and (key := _key(change, names)) is not None
    ]
    repeated = report_repeated(keyed, FaultCode.repeated_key, names)
    wanted = [key for key, _ in keyed if key not in repeated]
    if not wanted:
        return
    owner = context.claim(resource)
    rows = [(*owner.values(), *key) for key in wanted]
    found = await stored_ids(context, connection, resource, (*owner, *names), rows)
    named = {change.target: change for change in changes if change.target}
    for key, change in keyed:
        ids = found.get((*owner.values(), *key), [])
        ids = [pk for pk in ids if not (pk in named and _leaves(named[pk], names, key))]
        if len(ids) == 1:
            change.target = ids[0]
        elif ids:
            detail = f"{len(ids)} stored items have the same {', '.join(names)}."
            change.faults.append(Fault(FaultCode.conflict, f"/{names[-1]}", detail, fields=names))


def _key(change: Change, names: tuple[str, ...]) -> Key | None:
    key = tuple(change.body.given.get(name) for name in names)
    return None if None in key else key


def _leaves(change: Change, names: tuple[str, ...], key: Key) -> bool:
    """Whether a change gives the item that it names another key than this one."""
    given = change.body.given
    return any(given.get(name, value) != value for name, value in zip(names, key, strict=True))


async def stored_ids(
    context: Context,
    connection: Connection,
    resource: Resource,
    names: tuple[str, ...],
    keys: Sequence[Key],
) -> dict[Key, list[str]]:
    """The ids of the stored items that have each of the keys in the fields `names`."""
    statement = context.store.statements.matching(resource, names, context.scope.access(resource))
    named = context.store.statements.given_values(resource, names, keys)
    found: dict[Key, list[str]] = {}
    read = context.store.rows(resource, field_names(resource))
    for row in await connection.fetch(statement.text, context.bind(statement, named)):
        clean = read.clean(row)
        found.setdefault(tuple(clean[name] for name in names), []).append(clean["id"])
    return found
