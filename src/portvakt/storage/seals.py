"""The statements on sealed events, heads and the horizon; like those of `storage.events`.

Which events are not sealed yet: on PostgreSQL those of transactions from the horizon on that no log
has. The horizon is the oldest transaction that was still running when events were last looked for:
whatever commits later is found, and what was sealed before needn't be looked at again. SQLite
commits in the order of arrival, so that a number is enough.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from portvakt.schema.operators import Kind
from portvakt.storage.database import Connection, Database
from portvakt.storage.dialects import Dialect
from portvakt.storage.events import COLUMNS, PLATFORM, reader_of
from portvakt.turns import map_in_turns

_LOCK = 0x6C6564676572  # "ledger" in ASCII: who seals on PostgreSQL holds it

CUSTOMERS, OF_PLATFORM = "common_eventlog", "platform_ledgerentry"
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

# A horizon past every transaction comes from another server, from which the database was restored.
# Then all events are looked at once (-1), and from then on those of this server. What number the
# next transaction will have is a value, as another node of a cluster would know its own.
_SINCE = 'e."transaction" >= $1 AND ($1 < 0 OR e."transaction" < $2)'
# Of a whole round, whatever is committed meanwhile: else what is committed between two of its looks
# could be sealed before what it follows, whose arrival the round has passed already.
_OF_ROUND = (
    '$5::text IS NULL OR pg_visible_in_snapshot(e."transaction"::text::xid8, $5::text::pg_snapshot)'
)
_HORIZON = "SELECT value FROM ledger_horizon WHERE name = 'sealed'"
# In the order of an index, which no plan can do without: both are asked all the time.
_ANY = {
    "sqlite": (
        'SELECT 1 FROM ledger_event WHERE "transaction" IS NULL AND arrival > ?'
        " ORDER BY arrival LIMIT 1"
    ),
    "postgresql": (f'SELECT 1 FROM ledger_event e WHERE {_SINCE} ORDER BY e."transaction" LIMIT 1'),
}
_RUNNING = (
    "SELECT pg_snapshot_xmin(now)::text::bigint, pg_snapshot_xmax(now)::text::bigint, {}, now::text"
    " FROM pg_current_snapshot() AS now"
)
# A transaction that wrote on several nodes ends on the coordinator first. Until it has ended on the
# others too, Citus keeps a row that it wrote (of which `age` says how long ago).
_ENDING = "(SELECT coalesce(max(age(xmin)), 0) FROM pg_dist_transaction)"
_CANDIDATES = {
    "sqlite": (
        f"SELECT {_EVENT}, e.arrival, 0 FROM ledger_event e"
        ' WHERE e."transaction" IS NULL AND e.arrival > max(?, ?) ORDER BY e.arrival LIMIT ?'
    ),
    "postgresql": (
        f"SELECT {_EVENT}, e.arrival, {_SEALED.format('e.customer_id')} FROM ledger_event e"
        f" WHERE {_SINCE} AND e.arrival > $3 AND ($1 < 0 OR {_OF_ROUND})"
        " ORDER BY e.arrival LIMIT $4"
    ),
}

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


class Found(NamedTuple):
    """What one look for events found.

    - `events`: those to seal, in order.
    - `looked_at`: how many there were, the sealed ones too; `arrival`: that of the last of them.
    - `horizon`: the one that this look allows.
    - `snapshot`: which transactions had ended when it began, as PostgreSQL writes it.
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
    def _numbered(self) -> bool:
        return self.dialect.name == "postgresql"

    def _mark(self, place: int) -> str:
        return f"${place}" if self._numbered else "?"

    async def any_since(self, database: Database, horizon: int) -> bool:
        """Whether there are events that may not be sealed, asked without a transaction."""
        values = [horizon]
        if self._numbered:
            values.append((await self._running(database))[1])
        return bool(await database.fetch(_ANY[self.dialect.name], values))

    async def _running(self, connection: Connection | Database) -> tuple[int, int, str]:
        """PostgreSQL's oldest transaction that may still be running, and the next one's number.

        And all that, as a snapshot in PostgreSQL's words.
        """
        ending = _ENDING if self.distributed else "0"
        oldest, following, age, now = (await connection.fetch(_RUNNING.format(ending)))[0]
        return min(oldest, following - age), following, now

    async def turn(self, connection: Connection) -> bool:
        """Whether this transaction may seal: only one may at a time, on any machine."""
        if not self._numbered:
            return True
        found = await connection.fetch(f"SELECT pg_try_advisory_xact_lock({_LOCK})")
        # How few events lie behind the horizon isn't known to the planner; and the log grows, so
        # that no plan is to be kept from when it was small.
        await connection.execute(
            "SELECT set_config('enable_seqscan', 'off', true),"
            " set_config('plan_cache_mode', 'force_custom_plan', true)"
        )
        return bool(found[0][0])

    async def look(
        self,
        connection: Connection,
        horizon: int,
        arrival: int,
        limit: int,
        snapshot: str | None = None,
    ) -> Found:
        """The next committed events past an arrival, by arrival.

        Given the `snapshot` of an earlier look, only what was committed by then.
        """
        values: list[Any] = [horizon, arrival, limit]
        now = None
        if self._numbered:  # before the look, so that what it doesn't see lies behind the horizon
            oldest, following, now = await self._running(connection)
            values = [horizon, following, arrival, limit, snapshot]
        rows = await connection.fetch(_CANDIDATES[self.dialect.name], values)
        read = reader_of(self.dialect, COLUMNS)
        events = await map_in_turns(read, [row for row in rows if not row[-1]])
        last = rows[-1][-2] if rows else arrival
        allowed = oldest if self._numbered else max(horizon, last)
        return Found(events, len(rows), last, allowed, now)

    async def horizon(self, connection: Connection | Database) -> int:
        """The stored horizon; 0 where nothing was sealed yet, -1 where it is another server's."""
        found = await connection.fetch(_HORIZON)
        value = int(found[0][0]) if found else 0
        if self._numbered and value > (await self._running(connection))[1]:
            return -1
        return value

    async def set_horizon(self, connection: Connection, value: int) -> None:
        """Store the horizon."""
        await connection.execute(
            f"INSERT INTO ledger_horizon (name, value) VALUES ('sealed', {self._mark(1)})"
            " ON CONFLICT (name) DO UPDATE SET value = excluded.value",
            (value,),
        )

    async def heads(
        self, connection: Connection, customers: Sequence[str]
    ) -> dict[str, dict[str, Any]]:
        """The heads of these customers' chains, by customer."""
        which = "= ANY($1::uuid[])" if self._numbered else "IN (SELECT value FROM json_each(?))"
        rows = await connection.fetch(
            f"SELECT {_HEAD} FROM ledger_head WHERE customer_id {which}",
            (self.dialect.bind_list(Kind.uuid, customers),),
        )
        found = list(map(reader_of(self.dialect, HEAD), rows))
        return {head["customer_id"]: head for head in found}

    async def set_head(self, connection: Connection, head: Mapping[str, Any]) -> None:
        """Store the head of a customer's chain."""
        marks = ", ".join(self._mark(place) for place in range(1, len(HEAD) + 1))
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
        mine = "" if platform else f"l.customer_id = {self._mark(4)} AND "
        statement = (
            f"SELECT {_LOG}, {_EVENT} FROM {OF_PLATFORM if platform else CUSTOMERS} l"
            f" LEFT JOIN ledger_event e ON e.customer_id = {self._mark(1)} AND {_BY_EVENT}"
            f" WHERE {{}}l.position BETWEEN {self._mark(2)} AND {self._mark(3)}"
            " ORDER BY l.position"
        )
        values: tuple[Any, ...] = (customer, first, last)
        if not platform:
            values = (*values, customer) if self._numbered else (customer, customer, first, last)
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
            f"SELECT position, hash FROM {CUSTOMERS} WHERE customer_id = {self._mark(1)}"
            f" AND object_id = {self._mark(2)} AND content_type = {self._mark(3)}"
            f" AND event_revision = {self._mark(4)}",
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
            table, whose = CUSTOMERS, f" AND customer_id = {self._mark(2)}"
            values.append(customer)
        found = await source.fetch(
            f"SELECT hash FROM {table} WHERE position = {self._mark(1)}{whose}", values
        )
        return found[0][0] if found else None

    async def left_out(self, connection: Connection, customer: str) -> int:
        """How many events of a customer lie before the horizon and are in no log."""
        before = (
            'e."transaction" < (SELECT value FROM ledger_horizon)'
            if self._numbered
            else "e.arrival <= (SELECT value FROM ledger_horizon)"
        )
        whose = "$1" if self._numbered else "?1"
        rows = await connection.fetch(
            f"SELECT count(*) FROM ledger_event e WHERE e.customer_id = {whose}"
            f" AND {before} AND NOT {_SEALED.format(whose)}",
            (customer,),
        )
        return int(rows[0][0])

    async def customers(self, connection: Connection) -> list[str]:
        """The customers who have a chain."""
        rows = await connection.fetch("SELECT customer_id FROM ledger_head ORDER BY customer_id")
        return [str(row[0]) for row in rows]
