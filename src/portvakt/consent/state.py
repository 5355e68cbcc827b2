"""Keeps, for each pair of an integration and a person, the answer that decides now.

It is written in the transaction that writes the answers. An answer decides from the write on that
creates it or changes what it says: its yes or no, its person, its integration, the notice that it
was given to, how, and until when it counts. When the answer that decides is deleted, the database
removes the decision with it.

Each change is kept too, for decisions as of a past moment: what decides from then on, or that
nothing does any more. Those of a pair have one order, by their times as by everything else: a
request that got in after one of a later time is done again, with a time that follows (`after`).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from portvakt.cooperative import in_batches, in_time_slices
from portvakt.errors import Overtaken
from portvakt.schema.caller import UNBOUNDED
from portvakt.schema.privacy import AnswerFields
from portvakt.schema.registry import content_type_id
from portvakt.schema.resource import Resource
from portvakt.storage.databases.interface import Connection
from portvakt.storage.sql.decision_table import DECISION_KEY
from portvakt.storage.sql.tables import CUSTOMER
from portvakt.storage.store import Store

Row = Mapping[str, Any]
Pair = tuple[str, str, str]
"""The integration, the content type of the person's resource, and the person."""


async def keep(
    store: Store,
    connection: Connection,
    resource: Resource,
    written: Sequence[tuple[Row | None, Row]],
) -> None:
    """Let the written rows decide for their pairs; each with what was stored before, in order.

    Of two for one pair the later decides. One that was moved decides no more where it was.
    Afterwards the pairs are locked. Raises `Overtaken`.
    """
    answers = resource.answers
    if answers is None:
        return
    said: dict[Pair, Row] = {}
    left: dict[tuple[Pair, str], Row] = {}
    async for part in in_time_slices(written):
        for before, row in part:
            if before is not None and all(before[name] == row[name] for name in answers.own):
                continue
            pair = _pair(resource, answers, row)
            said[pair] = row
            old = pair if before is None else _pair(resource, answers, before)
            if old != pair:
                left[old, row["id"]] = _decision(old, row, None)
    versions = await _versions(store, connection, resource, answers, said.values())
    undecided = {pair: row for (pair, _), row in left.items()}
    # In the order of their keys, as every transaction does: then none waits in a circle.
    pairs = sorted({**undecided, **said}, key="".join)
    async for some in in_batches(pairs):
        rows = [
            _deciding(pair, said[pair], answers, versions) if pair in said else undecided[pair]
            for pair in some
        ]
        await store.decision_writer.decide(connection, rows)
        if not await store.decision_writer.note_decisions(connection, _answered(rows)):
            raise Overtaken([_named(rows[0][CUSTOMER], pair) for pair in pairs])
    withdrawn = list(left.values())
    await store.decision_writer.note_withdrawals(connection, withdrawn)
    await store.decision_writer.withdraw(connection, withdrawn)


async def withdraw(
    store: Store, connection: Connection, resource: Resource, rows: Iterable[Row], now: str
) -> None:
    """Keep that the pairs of these stored rows, about to be deleted, have no answer from now on."""
    if resource.answers is None:
        return
    gone = [_decision(_pair(resource, resource.answers, row), row, None) for row in rows]
    gone.sort(key=lambda row: (row["integration"], row["kind"], row["person"]))
    await store.decision_writer.note_withdrawals(
        connection, [{**row, "since": now} for row in gone]
    )


def _answered(rows: Sequence[Row]) -> list[Row]:
    return [row for row in rows if row["yes"] is not None]


async def _versions(
    store: Store,
    connection: Connection,
    resource: Resource,
    answers: AnswerFields,
    rows: Collection[Row],
) -> dict[str | None, int]:
    """The versions of the notices that the rows name, by their ids."""
    ids = sorted({row[answers.notice.field] for row in rows} - {None})
    if not ids:
        return {}
    notices = store.registry.resources[resource.targets[answers.notice.field]]
    statement = store.statements.rows.select_by_key(notices, ("id",), UNBOUNDED)
    given = store.statements.rows.given_values(notices, ("id",), [(pk,) for pk in ids])
    (customer,) = {row[CUSTOMER] for row in rows}  # one for a whole write
    found = await connection.fetch(
        statement.text, statement.values({"caller_customer": customer, **given})
    )
    clean = map(store.rows(notices).clean, found)
    return {notice["id"]: notice[answers.notice.version] for notice in clean}


def _pair(resource: Resource, answers: AnswerFields, row: Row) -> Pair:
    field = next(field for _, field in answers.persons if row[field] is not None)
    kind = content_type_id(resource.targets[field])
    return row[answers.integration], kind, row[field]


def _named(customer: str, pair: Pair) -> Row:
    return dict(zip(DECISION_KEY, (customer, *pair), strict=True))


def _deciding(
    pair: Pair, row: Row, answers: AnswerFields, versions: Mapping[str | None, int]
) -> Row:
    return {
        **_decision(pair, row, row[answers.answer]),
        "expires_at": row[answers.expires],
        "notice_version": versions.get(row[answers.notice.field]),
    }


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
