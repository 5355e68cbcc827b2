"""The history of an item: what the ledger tells of it, revision by revision."""

from __future__ import annotations

from typing import Any

import msgspec

from portvakt.access import policy
from portvakt.operations.context import Context
from portvakt.operations.reading import read
from portvakt.schema.registry import content_type_id
from portvakt.schema.resource import Resource
from portvakt.schema.rights import READ
from portvakt.storage.databases.interface import Connection
from portvakt.storage.events.events import PLATFORM

Revision = dict[str, Any]
_WHO = ("caller", "holder", "activation", "service_version", "credential")
_WHO_FOR_PROGRAMS = ("caller", "activation")


async def of_item(context: Context, resource: Resource, pk: str) -> list[Revision] | None:
    """The revisions of an item, the newest last; None where the caller has no such item.

    An integration sees the history of what it can read now, and nothing of personal fields, not
    even whether they have a value. Administrators and operators see that of deleted items too.

    Raises `Problem` (forbidden) and `RecheckFailed`.
    """
    policy.require(context.caller, resource, [READ])
    item = await read.get(context, resource, pk)
    people = context.caller.kind.people
    if item is None and not people:
        return None
    customer = PLATFORM if resource.platform else context.caller.customer
    async with context.store.database.snapshot() as connection:
        await context.recheck_credential(connection)
        events = await context.store.events.of_item(
            connection, customer, content_type_id(resource.name), pk
        )
    if item is None and not events:
        return None
    hidden = frozenset(() if people else resource.digested)
    who = _WHO if people else _WHO_FOR_PROGRAMS
    return [_revision(resource, event, who, hidden) for event in events]


async def revisions(
    context: Context, connection: Connection, resource: Resource, pk: str
) -> list[Revision]:
    """An item's revisions as people see them, read by this connection; empty if there are none."""
    customer = PLATFORM if resource.platform else context.caller.customer
    kind = content_type_id(resource.name)
    events = await context.store.events.of_item(connection, customer, kind, pk)
    return [_revision(resource, event, _WHO, frozenset()) for event in events]


def _revision(
    resource: Resource, event: dict[str, Any], who: tuple[str, ...], hidden: frozenset[str]
) -> Revision:
    before = _shown(resource, event["before"], hidden)
    after = _shown(resource, event["after"], hidden)
    names = before if event["before"] is not None else after
    return {
        "revision": event["revision"],
        "operation": event["operation"],
        "at": event["at"],
        "through": event["through"],
        "by": {name: event[name] for name in who},
        "changed": {name: {"before": before.get(name), "after": after.get(name)} for name in names},
    }


def _shown(resource: Resource, text: str | None, hidden: frozenset[str]) -> dict[str, Any]:
    """The values of an event as they travel; a digest stays what it is."""
    if text is None:
        return {}
    digested = frozenset(resource.digested)
    shown = {}
    for name, value in msgspec.json.decode(text).items():
        field = resource.known.get(name)  # None: it was declared once
        if name in hidden or (field is None and hidden):
            continue
        as_it_is = value is None or field is None or name in digested
        shown[name] = value if as_it_is or field is None else field.render(value)
    return shown
