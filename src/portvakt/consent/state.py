"""Keeps, for each pair of an integration and a person, the answer that decides now.

It is written in the transaction that writes the answers. An answer decides from the write on that
creates it or changes what it says: its yes or no, its person, its integration, the notice that it
was given to, how, and until when it counts. When the answer that decides is deleted, the database
removes the decision with it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Iterable, Mapping
from typing import Any

from portvakt.schema.consent import Decides
from portvakt.schema.registry import content_type_id
from portvakt.schema.resource import Resource
from portvakt.schema.scope import UNBOUNDED
from portvakt.storage.database import Connection
from portvakt.storage.store import Store
from portvakt.storage.tables import CUSTOMER

TURN = 1_000
"""Answers that are looked at, or written by one statement, at a time."""

Row = Mapping[str, Any]
Pair = tuple[str, str, str]
"""The integration, the content type of the person's resource, and the person."""


async def keep(
    store: Store,
    connection: Connection,
    resource: Resource,
    written: Iterable[tuple[Row | None, Row]],
) -> None:
    """Let the written rows decide for their pairs; each with what was stored before, in order.

    Of two for one pair the later decides. One that was moved decides no more where it was.
    """
    decides = resource.decides
    if decides is None:
        return
    said: dict[Pair, Row] = {}
    left: dict[tuple[Pair, str], Row] = {}
    for number, (before, row) in enumerate(written):
        if number % TURN == 0:
            await asyncio.sleep(0)  # so that other requests are answered in between
        if before is not None and all(before[name] == row[name] for name in decides.fields):
            continue
        pair = _pair(resource, decides, row)
        said[pair] = row
        old = pair if before is None else _pair(resource, decides, before)
        if old != pair:
            left[old, row["id"]] = _decision(old, row, None)
    versions = await _versions(store, connection, resource, decides, said.values())
    deciding = {
        pair: {
            **_decision(pair, row, row[decides.answer]),
            "expires_at": row[decides.expires],
            "notice_version": versions.get(row[decides.told.field]),
        }
        for pair, row in said.items()
    }
    # In the order of their keys, as every transaction does: then none waits in a circle.
    together = {**{pair: row for (pair, _), row in left.items()}, **deciding}
    rows = [together[pair] for pair in sorted(together)]
    for first in range(0, len(rows), TURN):
        await store.decide(connection, rows[first : first + TURN])
    await store.withdraw(connection, list(left.values()))


async def _versions(
    store: Store,
    connection: Connection,
    resource: Resource,
    decides: Decides,
    rows: Collection[Row],
) -> dict[str | None, int]:
    """The versions of the notices that the rows name, by their ids."""
    ids = sorted({row[decides.told.field] for row in rows} - {None})
    if not ids:
        return {}
    notices = store.registry.resources[resource.targets[decides.told.field]]
    statement = store.statements.matching(notices, ("id",), UNBOUNDED)
    given = store.statements.given_values(notices, ("id",), [(pk,) for pk in ids])
    (customer,) = {row[CUSTOMER] for row in rows}  # one for a whole write
    found = await connection.fetch(
        statement.text, statement.values({"scope_customer": customer, **given})
    )
    clean = map(store.rows(notices).clean, found)
    return {notice["id"]: notice[decides.told.version] for notice in clean}


def _pair(resource: Resource, decides: Decides, row: Row) -> Pair:
    field = next(field for _, field in decides.persons if row[field] is not None)
    kind = content_type_id(resource.targets[field])
    return row[decides.integration], kind, row[field]


def _decision(pair: Pair, row: Row, yes: bool | None) -> Row:
    integration, kind, person = pair
    return {
        CUSTOMER: row[CUSTOMER],
        "integration": integration,
        "kind": kind,
        "person": person,
        "answer": row["id"],
        "yes": yes,
        "revision": row["revision"],
        "since": row["updated_at"],
        "expires_at": None,
        "notice_version": None,
    }
