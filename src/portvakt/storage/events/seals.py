"""The statements on sealed events, heads and the horizon; like those of `storage.events`.

Which events are not sealed yet is told in two ways (`storage.sql.ledger_dialects`).
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from portvakt.cooperative import map_in_time_slices
from portvakt.schema.known import EVENT_LOG, PLATFORM_LOG
from portvakt.schema.operators import Kind
from portvakt.storage.databases.interface import Connection, Database
from portvakt.storage.events.events import COLUMNS, PLATFORM
from portvakt.storage.sql.dialects import Dialect
from portvakt.storage.sql.ledger_dialects import LedgerDialect
from portvakt.storage.sql.rows import reader_of
from portvakt.storage.sql.tables import table_named

CUSTOMERS, OF_PLATFORM = table_named(EVENT_LOG), table_named(PLATFORM_LOG)
"""The tables of the two logs."""

_EVENT = ", ".join(f"e.{name}" for name in COLUMNS)
# The cast keeps the planner from the index of content types, its choice without statistics.
_BY_EVENT = "l.object_id = e.item AND l.event_revision = e.revision"
_BY_EVENT += " AND CAST(l.content_type AS TEXT) = CAST(e.content_type AS TEXT)"
# With an offset PostgreSQL looks each event up, and never reads a whole log to know all of them.
_SEALED = (
    f"CASE WHEN e.customer_id = '{PLATFORM}'"
    f" THEN EXISTS (SELECT 1 FROM {OF_PLATFORM} l WHERE {_BY_EVENT} LIMIT 1 OFFSET 0)"
    f" ELSE EXISTS (SELECT 1 FROM {CUSTOMERS} l"
    f" WHERE l.customer_id = {{}} AND {_BY_EVENT} LIMIT 1 OFFSET 0) END"
)

_HORIZON = "SELECT value FROM ledger_horizon WHERE name = 'sealed'"

HEAD = {
    "customer_id": Kind.uuid,
    "position": Kind.integer,
    "hash": Kind.text,
    "at": Kind.time,
    "key": Kind.text,
    "signature": Kind.text,
}
_HEAD = ", ".join(HEAD)
LOG = {
    "position": Kind.integer,
    "hash": Kind.text,
    "event_identifier": Kind.text,
    "created_at": Kind.time,
}
"""What is read of a log beside the event."""
_LOG = ", ".join(f"l.{name}" for name in LOG)


class SealBatch(NamedTuple):
    """What one look for events found.

    - `events`: those to seal, in order.
    - `looked_at`: how many there were, the sealed ones too; `arrival`: that of the last of them.
    - `horizon`: the one that this look allows.
    - `snapshot`: which transactions had ended when it began, where that is not their order.
    """

    events: list[dict[str, Any]]
    looked_at: int
    arrival: int
    horizon: int
    snapshot: str | None = None


@dataclass(frozen=True)
class Seals:
    """Reads and writes what the sealer needs, in one database's words."""

    dialect: Dialect
    distributed: bool = False

    @property
    def _ledger(self) -> LedgerDialect:
        return self.dialect.ledger

    async def any_since(self, database: Database, horizon: int) -> bool:
        """Whether there are events that may not be sealed, asked without a transaction."""
        values = [horizon]
        if not self._ledger.commits_in_order:
            values.append((await self._running(database))[1])
        return bool(await database.fetch(self._ledger.unsealed, values))

    async def _running(self, connection: Connection | Database) -> tuple[int, int, str]:
        """The oldest transaction that may still be running, and the next one's number.

        And all that, as a snapshot in the database's words.
        """
        ending = self._ledger.ending if self.distributed else "0"
        statement = self._ledger.running.format(ending=ending)
        oldest, following, age, now = (await connection.fetch(statement))[0]
        return min(oldest, following - age), following, now

    async def turn(self, connection: Connection) -> bool:
        """Whether this transaction may seal: only one may at a time, on any machine."""
        if self._ledger.commits_in_order:  # there is one writer
            return True
        found = await connection.fetch(self._ledger.turn)
        await connection.execute(self._ledger.settings)
        return bool(found[0][0])

    async def look(
        self,
        connection: Connection,
        horizon: int,
        arrival: int,
        limit: int,
        snapshot: str | None = None,
    ) -> SealBatch:
        """The next committed events past an arrival, by arrival.

        Given the `snapshot` of an earlier look, only what was committed by then.
        """
        values: list[Any] = [horizon, arrival, limit]
        now = None
        if not self._ledger.commits_in_order:
            # Before the look, so that what it doesn't see lies behind the horizon.
            oldest, following, now = await self._running(connection)
            values = [horizon, following, arrival, limit, snapshot]
        sealed = _SEALED.format("e.customer_id")
        statement = self._ledger.candidates.format(event=_EVENT, sealed=sealed)
        rows = await connection.fetch(statement, values)
        read = reader_of(self.dialect, COLUMNS)
        events = await map_in_time_slices(read, [row for row in rows if not row[-1]])
        last = rows[-1][-2] if rows else arrival
        allowed = max(horizon, last) if self._ledger.commits_in_order else oldest
        return SealBatch(events, len(rows), last, allowed, now)

    async def horizon(self, connection: Connection | Database) -> int:
        """The stored horizon; 0 where nothing was sealed yet, -1 where it is another server's."""
        found = await connection.fetch(_HORIZON)
        value = int(found[0][0]) if found else 0
        if not self._ledger.commits_in_order and value > (await self._running(connection))[1]:
            return -1
        return value

    async def set_horizon(self, connection: Connection, value: int) -> None:
        """Store the horizon."""
        await connection.execute(
            f"INSERT INTO ledger_horizon (name, value) VALUES ('sealed', {self.dialect.mark(1)})"
            " ON CONFLICT (name) DO UPDATE SET value = excluded.value",
            (value,),
        )

    async def heads(
        self, connection: Connection, customers: Sequence[str]
    ) -> dict[str, dict[str, Any]]:
        """The heads of these customers' chains, by customer."""
        those = self.dialect.among("customer_id", self.dialect.mark(1))
        rows = await connection.fetch(
            f"SELECT {_HEAD} FROM ledger_head WHERE {those}",
            (self.dialect.bind_list(Kind.uuid, customers),),
        )
        found = list(map(reader_of(self.dialect, HEAD), rows))
        return {head["customer_id"]: head for head in found}

    async def set_head(self, connection: Connection, head: Mapping[str, Any]) -> None:
        """Store the head of a customer's chain."""
        marks = ", ".join(map(self.dialect.mark, range(1, len(HEAD) + 1)))
        changes = ", ".join(f"{name} = excluded.{name}" for name in [*HEAD][1:])
        bind = self.dialect.bind
        await connection.execute(
            f"INSERT INTO ledger_head ({_HEAD}) VALUES ({marks})"
            f" ON CONFLICT (customer_id) DO UPDATE SET {changes}",
            [bind[k](head[n]) if k in bind else head[n] for n, k in HEAD.items()],
        )

    async def chain(
        self, connection: Connection, customer: str, first: int, last: int
    ) -> AsyncGenerator[tuple[dict[str, Any], dict[str, Any]], None]:
        """A customer's sealed events from one position to another: the log's row, the event's.

        Where an event is missing, all of its values are null.
        """
        platform = customer == PLATFORM
        mine = "" if platform else f"l.customer_id = {self.dialect.mark(4)} AND "
        statement = (
            f"SELECT {_LOG}, {_EVENT} FROM {OF_PLATFORM if platform else CUSTOMERS} l"
            f" LEFT JOIN ledger_event e ON e.customer_id = {self.dialect.mark(1)} AND {_BY_EVENT}"
            f" WHERE {{}}l.position BETWEEN {self.dialect.mark(2)} AND {self.dialect.mark(3)}"
            " ORDER BY l.position"
        )
        values: Sequence[Any] = (customer, first, last)
        if not platform:
            values = self.dialect.arrange((*values, customer), (1, 4, 2, 3))
        read_log, read_event = reader_of(self.dialect, LOG), reader_of(self.dialect, COLUMNS)
        stream = connection.stream(statement.format(mine), values)
        try:
            async for rows in stream:
                for row in rows:
                    yield read_log(row), read_event(row[len(LOG) :])
        finally:
            await stream.aclose()

    async def place(
        self, connection: Connection, customer: str, content_type: str, item: str, revision: int
    ) -> tuple[int, str] | None:
        """The position and hash of an event of a customer's item; None: it isn't sealed yet."""
        found = await connection.fetch(
            f"SELECT position, hash FROM {CUSTOMERS} WHERE customer_id = {self.dialect.mark(1)}"
            f" AND object_id = {self.dialect.mark(2)} AND content_type = {self.dialect.mark(3)}"
            f" AND event_revision = {self.dialect.mark(4)}",
            (customer, item, content_type, revision),
        )
        return (found[0][0], found[0][1]) if found else None

    async def hash_at(
        self, source: Connection | Database, customer: str, position: int
    ) -> str | None:
        """The hash of the link at a position of a chain; None: there is none."""
        values: list[Any] = [position]
        if customer == PLATFORM:
            table, whose = OF_PLATFORM, ""
        else:
            table, whose = CUSTOMERS, f" AND customer_id = {self.dialect.mark(2)}"
            values.append(customer)
        found = await source.fetch(
            f"SELECT hash FROM {table} WHERE position = {self.dialect.mark(1)}{whose}", values
        )
        return found[0][0] if found else None

    async def left_out(self, connection: Connection, customer: str) -> int:
        """How many events of a customer lie before the horizon and are in no log."""
        whose = self.dialect.mark(1, repeated=True)
        rows = await connection.fetch(
            f"SELECT count(*) FROM ledger_event e WHERE e.customer_id = {whose}"
            f" AND {self._ledger.passed} AND NOT {_SEALED.format(whose)}",
            (customer,),
        )
        return int(rows[0][0])

    async def customers(self, connection: Connection) -> list[str]:
        """The customers who have a chain."""
        rows = await connection.fetch("SELECT customer_id FROM ledger_head ORDER BY customer_id")
        return [str(row[0]) for row in rows]
