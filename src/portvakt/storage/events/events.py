"""The statements on the ledger's own tables: the only ones that don't begin at the door.

They belong to no resource: their rows are written and read by our own work. Each names the
customer. Where databases differ, `storage.sql.ledger_dialects` says how.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, NamedTuple

from portvakt.schema.operators import Kind
from portvakt.storage.databases.interface import Connection, Row
from portvakt.storage.sql.dialects import Dialect
from portvakt.storage.sql.rows import reader_of

PLATFORM = "00000000-0000-0000-0000-000000000000"
"""Stands for the customer of what belongs to the platform."""


class Origin(NamedTuple):
    """What the events of one write have in common: whose, when, who, and through what."""

    customer: str
    at: str
    through: str
    request: str
    caller: str
    holder: str | None
    activation: str | None
    service_version: str | None
    credential: str | None


class Event(NamedTuple):
    """What happened to one item. `before` and `after` are JSON text."""

    content_type: str
    item: str
    revision: int
    operation: str
    before: str | None
    after: str | None


ORIGIN = {
    "customer_id": Kind.uuid,
    "at": Kind.time,
    "through": Kind.text,
    "request": Kind.text,
    "caller": Kind.text,
    "holder": Kind.uuid,
    "activation": Kind.uuid,
    "service_version": Kind.uuid,
    "credential": Kind.uuid,
}
WHAT = {
    "content_type": Kind.uuid,
    "item": Kind.uuid,
    "revision": Kind.integer,
    "operation": Kind.text,
    "before": Kind.text,
    "after": Kind.text,
}
COLUMNS: Mapping[str, Kind] = ORIGIN | WHAT
"""The columns that a write fills, in the order of `Origin` and `Event`; and their kinds."""

_NAMES = ", ".join(COLUMNS)
_AS_OF = {"customer_id": Kind.uuid, "content_type": Kind.uuid, "at": Kind.time}


@dataclass(frozen=True)
class Events:
    """Writes and reads the ledger's own tables, in one database's words."""

    dialect: Dialect

    async def insert(self, connection: Connection, origin: Origin, events: Sequence[Event]) -> None:
        """Add events. To be called after the items' own rows are written, in their transaction."""
        first = self._bound(ORIGIN, origin)
        rows = events  # none of these kinds is bound as anything else on either database
        if len(rows) == 1:
            statement = _insert(self.dialect, self.dialect.ledger.number)
            await connection.execute(statement, (*first, *rows[0]))
        elif rows and self.dialect.many_at_once:
            lists = map(list, zip(*rows, strict=True))
            await connection.execute(_insert_many(self.dialect), (*first, *lists))
        elif rows:
            number = int((await connection.fetch(self.dialect.ledger.next_number))[0][0])
            numbered = [(*first, *row, number + place) for place, row in enumerate(rows)]
            statement = _insert(self.dialect, self.dialect.mark(len(COLUMNS) + 1))
            await connection.execute_many(statement, numbered)

    def _bound(self, kinds: Mapping[str, Kind], values: Sequence[Any]) -> list[Any]:
        bind = self.dialect.bind
        return [
            bind[kind](value) if kind in bind and value is not None else value
            for kind, value in zip(kinds.values(), values, strict=True)
        ]

    async def keys(
        self, connection: Connection, customer: str, items: Sequence[str]
    ) -> dict[str, str]:
        """The keys of the digests of these items, by item."""
        found = await connection.fetch(
            f"SELECT item, secret FROM ledger_key WHERE {self._of_items()}",
            (customer, self._list(items)),
        )
        return {str(item): secret for item, secret in found}

    async def add_keys(
        self, connection: Connection, customer: str, keys: Mapping[str, str]
    ) -> None:
        """Store new keys, by item."""
        rows = [(customer, item, secret) for item, secret in keys.items()]
        marks = ", ".join(map(self.dialect.mark, (1, 2, 3)))
        statement = f"INSERT INTO ledger_key (customer_id, item, secret) VALUES ({marks})"
        await connection.execute_many(statement, rows)

    async def destroy_keys(
        self, connection: Connection, customer: str, items: Sequence[str]
    ) -> None:
        """Destroy the keys of these items' digests, for good."""
        await connection.execute(
            f"DELETE FROM ledger_key WHERE {self._of_items()}", (customer, self._list(items))
        )

    async def erased(
        self, connection: Connection, customer: str, content_type: str, items: Sequence[str]
    ) -> dict[str, str]:
        """When those of these persons were erased who were, by id."""
        kinds = {"item": Kind.uuid, "content_type": Kind.uuid, "at": Kind.time}
        found = await connection.fetch(
            f"SELECT {', '.join(kinds)} FROM ledger_event"
            f" WHERE {self._of_items()} AND operation = 'erased'",
            (customer, self._list(items)),
        )
        events = map(reader_of(self.dialect, kinds), found)
        return {
            event["item"]: event["at"] for event in events if event["content_type"] == content_type
        }

    async def written_by(
        self,
        connection: Connection,
        customer: str,
        content_type: str,
        caller: str,
        activation: str,
        items: Sequence[str],
    ) -> set[str]:
        """Those of the items of which this activation, and nobody else, has written anything.

        `caller`: its kind's name.
        """
        who = {"content_type": Kind.uuid, "caller": Kind.text, "activation": Kind.uuid}
        kinds = {"item": Kind.uuid, **who}
        found = await connection.fetch(
            f"SELECT {', '.join(kinds)} FROM ledger_event WHERE {self._of_items()}",
            (customer, self._list(items)),
        )
        events = list(map(reader_of(self.dialect, kinds), found))
        mine = (content_type, caller, activation)
        others = {event["item"] for event in events if tuple(event[name] for name in who) != mine}
        return {event["item"] for event in events} - others

    async def last_revisions(
        self, connection: Connection, customer: str, items: Sequence[str]
    ) -> dict[str, int]:
        """The greatest revision that there is an event of, by item."""
        found = await connection.fetch(
            f"SELECT item, max(revision) FROM ledger_event WHERE {self._of_items()} GROUP BY item",
            (customer, self._list(items)),
        )
        return {str(item): revision for item, revision in found}

    async def of_item(
        self, connection: Connection, customer: str, content_type: str, item: str
    ) -> list[dict[str, Any]]:
        """All events of an item, the first revision first: clean values of `COLUMNS`."""
        mark = self.dialect.mark
        found = await connection.fetch(
            f"SELECT {_NAMES} FROM ledger_event WHERE customer_id = {mark(1)}"
            f" AND content_type = {mark(2)} AND item = {mark(3)} ORDER BY revision",
            (customer, content_type, item),
        )
        return list(map(reader_of(self.dialect, COLUMNS), found))

    async def as_of(
        self,
        connection: Connection,
        customer: str,
        content_type: str,
        items: Sequence[str],
        moment: str,
    ) -> dict[str, str]:
        """What items were at a past moment, as JSON text, by id; without what wasn't there then.

        That is what the last revision left that was made by then (a clean time).
        """
        mark = self._repeated
        values = self._bound(_AS_OF, (customer, content_type, moment))
        found = await connection.fetch(
            f"SELECT item, after FROM ledger_event AS event WHERE {self._then()}"
            f" AND {self.dialect.among('item', mark(4))} AND after IS NOT NULL AND NOT EXISTS"
            f" (SELECT 1 FROM ledger_event AS newer WHERE newer.customer_id = {mark(1)}"
            " AND newer.item = event.item AND newer.content_type = event.content_type"
            f" AND newer.revision > event.revision AND newer.at <= {mark(3)})",
            (*values, self._list(items)),
        )
        return {str(item): after for item, after in found}

    def known_by(
        self, connection: Connection, customer: str, content_type: str, moment: str
    ) -> AsyncGenerator[list[Row], None]:
        """Stream the ids of all items that were ever there by a past moment, in order."""
        return connection.stream(
            f"SELECT DISTINCT item FROM ledger_event WHERE {self._then()} ORDER BY item",
            self._bound(_AS_OF, (customer, content_type, moment)),
        )

    def _repeated(self, place: int) -> str:
        return self.dialect.mark(place, repeated=True)

    def _then(self) -> str:
        customer_id, content_type, at = map(self._repeated, (1, 2, 3))
        return f"customer_id = {customer_id} AND content_type = {content_type} AND at <= {at}"

    def _of_items(self) -> str:
        mark = self.dialect.mark
        return f"customer_id = {mark(1)} AND {self.dialect.among('item', mark(2))}"

    def _list(self, ids: Sequence[str]) -> Any:
        return self.dialect.bind_list(Kind.uuid, ids)


@cache
def _insert(dialect: Dialect, number: str) -> str:
    """The text that inserts one event, numbered by the dialect's column."""
    marks = (dialect.mark(place, kind) for place, kind in enumerate(COLUMNS.values(), 1))
    names = f"{_NAMES}, {dialect.ledger.column}"
    return f"INSERT INTO ledger_event ({names}) VALUES ({', '.join(marks)}, {number})"


@cache
def _insert_many(dialect: Dialect) -> str:
    """The text that inserts many events of one origin, given as a list for each column."""
    marks = (dialect.mark(place, kind) for place, kind in enumerate(ORIGIN.values(), 1))
    given = dialect.lists([*WHAT.values()], len(ORIGIN) + 1)
    return (
        f"INSERT INTO ledger_event ({_NAMES}, {dialect.ledger.column})"
        f" SELECT {', '.join(marks)}, given.*, {dialect.ledger.number} FROM {given}"
    )
