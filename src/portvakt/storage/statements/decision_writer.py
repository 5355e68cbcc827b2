"""Writes which answers decide, and the changes of that."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from portvakt.schema.operators import Kind
from portvakt.storage.databases.interface import Connection
from portvakt.storage.sql.dialects import Dialect
from portvakt.storage.sql.tables import CUSTOMER
from portvakt.storage.statements.decisions import DecisionStatements
from portvakt.storage.statements.past_decisions import PastDecisionStatements
from portvakt.storage.statements.statement import execute_each

NamedValues = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class DecisionWriter:
    """Writes decisions and their changes in one database; each row says whose it is."""

    dialect: Dialect
    decisions: DecisionStatements
    past_decisions: PastDecisionStatements

    async def decide(self, connection: Connection, rows: Sequence[NamedValues]) -> None:
        """Let answers decide from now on, one a pair (see `DecisionStatements.decide`).

        Every transaction must give them in the same order, so that none waits for another that
        waits for it.
        """
        if len(rows) > 1 and self.dialect.many_at_once:
            many = self.decisions.decide_many()
            await connection.execute(many.text, many.values(self.decisions.many_values(rows)))
        else:
            await execute_each(connection, self.decisions.decide(), rows)

    async def withdraw(self, connection: Connection, rows: Sequence[NamedValues]) -> None:
        """Leave pairs without an answer where these answers decided (`decide` has locked them)."""
        await execute_each(connection, self.decisions.withdraw(), _of_customer(rows))

    async def note_decisions(self, connection: Connection, rows: Sequence[NamedValues]) -> bool:
        """Keep that these answers decide from now on (`decide` has locked their pairs).

        False where a pair's last change is to come after this one: then nothing may be kept.
        """
        if len(rows) > 1 and self.dialect.many_at_once:
            many = self.past_decisions.insert_many()
            bound = self.decisions.many_values(rows)
            return await connection.execute(many.text, many.values(bound)) == len(rows)
        one = self.past_decisions.insert()
        if len(rows) == 1:
            return await connection.execute(one.text, one.values(_of_customer(rows)[0])) == 1
        if rows and await self._last_change(connection, rows) > min(row["since"] for row in rows):
            return False
        await execute_each(connection, one, _of_customer(rows))
        return True

    async def note_withdrawals(self, connection: Connection, rows: Sequence[NamedValues]) -> None:
        """Keep that pairs have no answer from now on, where these answers decide."""
        one = self.past_decisions.insert_withdrawal()
        await execute_each(connection, one, _of_customer(rows))

    async def lock_pairs(self, connection: Connection, rows: Sequence[NamedValues]) -> str:
        """Lock what decides for the pairs of these rows; when one of them last changed, or ""."""
        lock = self.past_decisions.lock_pairs()
        await connection.fetch(lock.text, lock.values(self.past_decisions.pair_values(rows)))
        return await self._last_change(connection, rows)

    async def _last_change(self, connection: Connection, rows: Sequence[NamedValues]) -> str:
        """When one of the pairs of these rows last changed, as a clean time; "" if none did."""
        last = self.past_decisions.last_change()
        ((moment,),) = await connection.fetch(
            last.text, last.values(self.past_decisions.pair_values(rows))
        )
        load = self.dialect.load.get(Kind.time, str)
        return "" if moment is None else str(load(moment))


def _of_customer(rows: Sequence[NamedValues]) -> list[NamedValues]:
    """The rows, with their customer as that of the caller."""
    return [{**row, "caller_customer": row[CUSTOMER]} for row in rows]
