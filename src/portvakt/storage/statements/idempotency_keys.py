"""The statements on idempotency keys: like those of `storage.events`, none begins at the door."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from portvakt.schema.operators import Kind
from portvakt.storage.databases.interface import Connection, Database
from portvakt.storage.sql.dialects import Dialect
from portvakt.storage.sql.idempotency_table import COLUMNS, TABLE
from portvakt.storage.sql.rows import reader_of

_NAMES = ", ".join(COLUMNS)
_CLAIMED = ("customer_id", "caller", "key", "request", "at")
# One that is over is taken as if it weren't there.
_CLAIM = (
    f"INSERT INTO {TABLE} ({', '.join(_CLAIMED)}) VALUES ({{}})"
    " ON CONFLICT (customer_id, caller, key)"
    " DO UPDATE SET request = excluded.request, at = excluded.at, done = NULL"
    f" WHERE {TABLE}.at <= {{}} RETURNING 1"
)


class KeptKey(NamedTuple):
    """A kept key: the digests, and what was done, as JSON."""

    key: str
    request: str
    done: str


class KeyHolder(NamedTuple):
    """Whose keys: of a customer's data (or the platform's), by an activation or a person."""

    customer: str
    caller: str


@dataclass(frozen=True)
class IdempotencyKeys:
    """Claims, fills, finds and sweeps kept keys, in one database's words."""

    dialect: Dialect

    async def claim(
        self,
        connection: Connection,
        holder: KeyHolder,
        digests: Sequence[tuple[str, str]],
        *,
        now: str,
        over: str,
    ) -> KeptKey | None:
        """None: the key is this transaction's. Else the row of whoever was first.

        `digests` are those of the key and the request under each hashing key, the newest first. A
        transaction that holds the key is waited for. A row of the time `over` or before counts as
        none.
        """
        (key, request), *older = digests
        for old, _ in older:  # only while hashing keys are being changed
            if found := await self.find(connection, holder, old, over):
                return found
        mark = self.dialect.mark
        marks = ", ".join(mark(place, COLUMNS[name]) for place, name in enumerate(_CLAIMED, 1))
        statement = _CLAIM.format(marks, mark(6, Kind.time))
        values = [*holder, key, request, self._time(now), self._time(over)]
        if await connection.fetch(statement, values):
            return None
        return await self.find(connection, holder, key, "")

    async def find(
        self, connection: Connection, holder: KeyHolder, key: str, over: str
    ) -> KeptKey | None:
        """The row of a key, unless it is of the time `over` or before."""
        mark = self.dialect.mark
        found = await connection.fetch(
            f"SELECT {_NAMES} FROM {TABLE} WHERE customer_id = {mark(1, Kind.uuid)}"
            f" AND caller = {mark(2, Kind.uuid)} AND key = {mark(3, Kind.text)}",
            [*holder, key],
        )
        for row in map(reader_of(self.dialect, COLUMNS), found):
            if row["at"] > over:
                return KeptKey(row["key"], row["request"], row["done"])
        return None

    async def fill(self, connection: Connection, holder: KeyHolder, key: str, done: str) -> None:
        """Keep what was done under a key that this transaction has claimed."""
        mark = self.dialect.mark
        await connection.execute(
            f"UPDATE {TABLE} SET done = {mark(1, Kind.text)}"
            f" WHERE customer_id = {mark(2, Kind.uuid)}"
            f" AND caller = {mark(3, Kind.uuid)} AND key = {mark(4, Kind.text)}",
            [done, *holder, key],
        )

    async def any_over(
        self, database: Database, over: str, limit: int
    ) -> dict[KeyHolder, list[str]]:
        """Some keys of the time `over` or before, by holder, asked without a transaction."""
        found = await database.fetch(
            f"SELECT customer_id, caller, key FROM {TABLE}"
            f" WHERE at <= {self.dialect.mark(1, Kind.time)} ORDER BY at LIMIT {limit}",
            [self._time(over)],
        )
        keys: dict[KeyHolder, list[str]] = {}
        for customer, caller, key in found:
            keys.setdefault(KeyHolder(str(customer), str(caller)), []).append(key)
        return keys

    async def sweep(
        self, connection: Connection, holder: KeyHolder, keys: Sequence[str], over: str
    ) -> None:
        """Delete those of a holder's keys that are of the time `over` or before."""
        mark, among = self.dialect.mark, self.dialect.among
        await connection.execute(
            f"DELETE FROM {TABLE} WHERE customer_id = {mark(1, Kind.uuid)}"
            f" AND caller = {mark(2, Kind.uuid)} AND at <= {mark(3, Kind.time)}"
            f" AND {among('key', mark(4), Kind.text)}",
            [*holder, self._time(over), self.dialect.bind_list(Kind.text, keys)],
        )

    def _time(self, moment: str) -> Any:
        bind = self.dialect.bind.get(Kind.time)
        return bind(moment) if bind else moment
