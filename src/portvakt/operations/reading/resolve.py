"""`resolve`: the counterparts of a mixed list of our ids and external ids (decision record 13)."""

from __future__ import annotations

from collections.abc import AsyncIterable, Iterable, Sequence
from typing import Any

from portvakt.access import policy
from portvakt.cooperative import in_parts
from portvakt.errors import Code, Fault, FaultCode, Problem
from portvakt.operations.context import Context
from portvakt.schema.resource import IdMapping, Resource
from portvakt.schema.rights import READ
from portvakt.schema.validation import Hints, parse_body
from portvakt.schema.values import json_type
from portvakt.storage.databases.interface import Connection
from portvakt.storage.statements.columns import field_names

Key = tuple[tuple[str, ...], tuple[Any, ...]]
"""The fields by which one entry asks, and their values."""


async def resolve(
    context: Context, resource: Resource, entries: Sequence[Any] | AsyncIterable[Iterable[Any]]
) -> list[list[dict[str, Any]]]:
    """For each entry, in order, the items that connect it, oldest first.

    The entries are all there, or come some at a time. Raises `Problem` and `RecheckFailed`.

    An entry names a content type and either our object's id or the external id. Hidden items are
    found too, as by Get.
    """
    policy.require(context.caller, resource, [READ])
    asked = await _parse(resource, in_parts(entries))
    async with context.store.database.snapshot() as connection:
        await context.recheck_credential(connection)
        found: dict[Key, list[dict[str, Any]]] = {}
        for names in sorted({names for names, _ in asked}):
            keys = list(dict.fromkeys(key for other, key in asked if other == names))
            await _find(context, connection, resource, names, keys, found)
    return [found.get(entry, []) for entry in asked]


async def _parse(resource: Resource, parts: AsyncIterable[Iterable[Any]]) -> list[Key]:
    mapping = resource.mapping
    if mapping is None:
        raise TypeError(f"{resource.name} maps nothing.")
    faults: list[Fault] = []
    asked: list[Key] = []
    hints = Hints()
    async for part in parts:
        for entry in part:
            asked.append(_parse_entry(resource, mapping, len(asked), entry, faults, hints))
    if faults:
        number = "1 fault" if len(faults) == 1 else f"{len(faults)} faults"
        raise Problem(Code.invalid, f"{number} in the list.", faults)
    return asked


def _parse_entry(
    resource: Resource,
    mapping: IdMapping,
    index: int,
    entry: Any,
    faults: list[Fault],
    hints: Hints,
) -> Key:
    kind, ours, external = (
        mapping.reference.content_type,
        mapping.reference.object_id,
        mapping.external,
    )
    body = parse_body(resource, entry, hints)
    found = list(body.faults)
    if isinstance(entry, dict):
        known = {kind, ours, external}
        found += [
            Fault(FaultCode.unknown_field, f"/{name}", f"Only {kind}, {ours} and {external} count.")
            for name in entry
            if name in resource.known and name not in known
        ]
        if not found:
            found += _missing(body.given, kind, ours, external)
    else:
        found = [Fault(FaultCode.type, "", f"Expected an object, not {json_type(entry)}.")]
    faults += [fault.under(f"/{index}") for fault in found]
    names = (kind, ours) if body.given.get(ours) is not None else (kind, external)
    return names, tuple(body.given.get(name) for name in names)


def _missing(given: dict[str, Any], kind: str, ours: str, external: str) -> list[Fault]:
    faults = []
    if given.get(kind) is None:
        faults.append(Fault(FaultCode.required, f"/{kind}", "This field is required."))
    if (given.get(ours) is None) == (given.get(external) is None):
        detail = f"Exactly one of {ours} and {external} must be set."
        code = FaultCode.at_least_one if given.get(ours) is None else FaultCode.excludes
        faults.append(Fault(code, f"/{ours}", detail, fields=(external,)))
    return faults


async def _find(
    context: Context,
    connection: Connection,
    resource: Resource,
    names: tuple[str, ...],
    keys: Sequence[tuple[Any, ...]],
    found: dict[Key, list[dict[str, Any]]],
) -> None:
    statement = context.store.statements.rows.select_by_key(
        resource, names, context.caller.access(resource)
    )
    named = context.store.statements.rows.given_values(resource, names, keys)
    read = context.store.rows(resource, field_names(resource))
    rows = await context.fetch(connection, statement, named)
    shown = context.store.rows(resource)
    known = [(read.clean(row), shown.item(row)) for row in rows]
    for clean, item in sorted(known, key=lambda pair: (pair[0]["created_at"], pair[0]["id"])):
        key = (names, tuple(clean[name] for name in names))
        found.setdefault(key, []).append(item)
