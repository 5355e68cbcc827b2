"""Statements on the changes of what decides (`Tables.past_decisions`)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from portvakt.schema.operators import Kind
from portvakt.storage.row_security import past_rows
from portvakt.storage.sql.decision_table import (
    DECISION_COLUMNS,
    DECISION_KEY,
    PAST_DECISION_COLUMNS,
)
from portvakt.storage.sql.dialects import Dialect
from portvakt.storage.sql.parameters import parameter
from portvakt.storage.sql.tables import CUSTOMER, Tables
from portvakt.storage.statements.cache import Once
from portvakt.storage.statements.statement import Statement

PAST_COLUMNS = ("person", "answer", "yes", "revision", "since")
"""The columns of `decided_then`."""
_PAIR = {name: DECISION_COLUMNS[name] for name in DECISION_KEY[1:]}


@dataclass(frozen=True, slots=True)
class PastDecisionStatements:
    """What keeps the changes of what decides, and looks among them."""

    tables: Tables
    dialect: Dialect
    once: Once

    def insert(self) -> Statement:
        """Add that an answer decides for a pair, whose decision is locked; its columns by name.

        Nothing where the pair's last change is to come after it.
        """

        def build() -> sa.Insert:
            row = {name: parameter(name, kind) for name, kind in DECISION_COLUMNS.items()}
            return self._insert(past_rows.next_change(self.tables, row.__getitem__))

        return self.once("past_decisions.insert", build)

    def insert_many(self) -> Statement:
        """Add that answers decide for many locked pairs at once; bound as `decide_many` is."""

        def build() -> sa.Insert:
            rows = self.dialect.table_of(DECISION_COLUMNS, "many_")
            return self._insert(past_rows.next_change(self.tables, rows.c.__getitem__))

        return self.once("past_decisions.insert_many", build)

    def lock_pairs(self) -> Statement:
        """Lock what decides for pairs, in the order of their keys; bound by `pair_values`."""

        def build() -> sa.Select[Any]:
            table = self.tables.decisions
            pairs = self.dialect.table_of(_PAIR, "many_")
            found = past_rows.of_pairs(table, pairs, table.c.person)
            return found.order_by(*(table.c[name] for name in _PAIR)).with_for_update(of=table)

        return self.once("past_decisions.lock_pairs", build)

    def last_change(self) -> Statement:
        """When one of some pairs last changed (null: none ever did); bound by `pair_values`."""

        def build() -> sa.Select[Any]:
            return past_rows.last_change(self.tables, self.dialect.table_of(_PAIR, "many_"))

        return self.once("past_decisions.last_change", build)

    def pair_values(self, rows: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
        """The parameters for the pairs of rows of clean values by name, all of one customer."""
        values = [[row[name] for name in _PAIR] for row in rows]
        bound = self.dialect.bind_table(_PAIR, "many_", values)
        return {**bound, "caller_customer": rows[0][CUSTOMER]}

    def insert_withdrawal(self) -> Statement:
        """Add that a pair has no answer from `since` on, if this answer decides; lock the decision.

        The columns of the decision by name.
        """

        def build() -> sa.Insert:
            return self._insert(past_rows.withdrawn(self.tables))

        return self.once("past_decisions.insert_withdrawal", build)

    def _insert(self, changes: sa.Select[Any]) -> sa.Insert:
        # Never by VALUES, in which Citus takes no subquery.
        return sa.insert(self.tables.past_decisions).from_select([*PAST_DECISION_COLUMNS], changes)

    def decided_then(self) -> Statement:
        """What decided at `as_of` for the caller's activation and the persons of a kind in `ids`.

        Columns: `PAST_COLUMNS`; no row where there was no answer.
        """

        def build() -> sa.Select[Any]:
            past = self.tables.past_decisions
            return past_rows.decided_then(
                self.tables, [past.c[name] for name in PAST_COLUMNS]
            ).where(self.dialect.one_of(past.c.person, Kind.uuid, "ids"))

        return self.once("past_decisions.decided_then", build)

    def decided_then_values(
        self, kind: str, persons: Sequence[str], moment: str
    ) -> Mapping[str, Any]:
        """The parameters of `decided_then`: the kind as a content type, ids, a clean time."""
        ids = self.dialect.bind_list(Kind.uuid, persons)
        return {"kind": kind, "ids": ids, "as_of": moment, "now": moment}
