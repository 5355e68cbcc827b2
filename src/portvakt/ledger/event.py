"""From written items to events (decision record 27).

An event holds the clean values of an item: what it was and what it became. Of an update, `before`
holds what changed, and `after` the whole item. Personal fields enter as a keyed digest; internal
ones, which are secrets, and technical ones never.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from typing import Any, NamedTuple

import msgspec

from portvakt.cooperative import map_in_time_slices
from portvakt.schema.registry import content_type_id
from portvakt.schema.resource import Resource
from portvakt.schema.values import same
from portvakt.storage.databases.interface import Connection
from portvakt.storage.events.events import PLATFORM, Event, Origin
from portvakt.storage.store import Store

CREATED, UPDATED, DELETED, ERASED = OPERATIONS = ("created", "updated", "deleted", "erased")

Row = Mapping[str, Any]
_encode = msgspec.json.Encoder().encode


class Write(NamedTuple):
    """One written item: its stored row before (None: it is new) and after (None: deleted).

    `erased`: the item is a person, whose personal values the write takes away.
    `anew`: the stored row was taken out, so that others could have its key.
    """

    before: Row | None
    after: Row | None
    erased: bool = False
    anew: bool = False

    @property
    def is_inserted(self) -> bool:
        """Whether the row isn't there: of a new item, or of one that was taken out."""
        return self.before is None or self.anew

    @property
    def row(self) -> Row:
        """The item's latest row."""
        return self.after or self.before or {}


async def record(
    store: Store,
    connection: Connection,
    origin: Origin,
    resource: Resource,
    writes: Sequence[Write],
) -> None:
    """Add one event for each write, in the transaction that wrote the items.

    The origin's customer counts for nothing where the resource belongs to the platform. The keys of
    items that are deleted or erased are destroyed: what their events say can't be guessed any more.
    """
    if not resource.traced or not writes:
        return
    if resource.platform:
        origin = origin._replace(customer=PLATFORM)
    keys: Mapping[str, bytes] = {}
    if resource.digested:
        named = [write for write in writes if _holds_digested(resource, write)]
        keys = await _keys(store, connection, origin.customer, named) if named else {}
    content_type = content_type_id(resource.name)
    events = await map_in_time_slices(partial(_event, content_type, resource, keys), writes)
    await store.events.insert(connection, origin, events)
    gone = [write.row["id"] for write in writes if write.after is None or write.erased]
    if gone and resource.digested:
        await store.events.destroy_keys(connection, origin.customer, gone)


def _holds_digested(resource: Resource, write: Write) -> bool:
    rows = [row for row in (write.before, write.after) if row is not None]
    return any(row[name] is not None for row in rows for name in resource.digested)


async def _keys(
    store: Store, connection: Connection, customer: str, writes: Sequence[Write]
) -> dict[str, bytes]:
    """The key of each written item; a new one where it has none yet."""
    items = [write.row["id"] for write in writes]
    known = await store.events.keys(connection, customer, items)
    fresh = {item: secrets.token_hex(32) for item in items if item not in known}
    if fresh:
        await store.events.add_keys(connection, customer, fresh)
    return {item: bytes.fromhex(secret) for item, secret in (known | fresh).items()}


def _event(content_type: str, resource: Resource, keys: Mapping[str, bytes], write: Write) -> Event:
    before, after, erased, _ = write
    row = write.row
    pk, revision = row["id"], row["revision"]

    def text(row: Row, names: Iterable[str]) -> str:
        shown = {name: row[name] for name in names}
        for name in resource.digested:
            if shown.get(name) is not None:
                shown[name] = digest(keys[pk], name, shown[name])
        return _encode(shown).decode()

    names = resource.traced_names
    if before is None:
        return Event(content_type, pk, revision, CREATED, None, text(row, names))
    if after is None:
        return Event(content_type, pk, revision + 1, DELETED, text(before, names), None)
    changed = [name for name in names if not same(before[name], after[name])]
    done = ERASED if erased else UPDATED
    return Event(content_type, pk, revision, done, text(before, changed), text(after, names))


def digest(key: bytes, field: str, value: Any) -> dict[str, str]:
    """What stands for a personal value: it tells whether two are the same, and nothing else.

    Without the key not even that: a value can't be guessed and compared.
    """
    message = field.encode() + b"\0" + _encode(value)
    return {"digest": hmac.digest(key, message, hashlib.sha256).hex()}
