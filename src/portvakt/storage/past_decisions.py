"""Statements on the changes of what decides (`Tables.past_decisions`)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa

from portvakt.schema.operators import Kind
from portvakt.storage import door
from portvakt.storage.decision_table import DECISION_COLUMNS, PAST_DECISION_COLUMNS
from portvakt.storage.decisions import DecisionStatements
from portvakt.storage.statements import Statement

PAST_COLUMNS = ("person", "answer", "yes", "revision", "since")
"""The columns of `decided_then`."""


class PastDecisionStatements(DecisionStatements):
    """All statements, those on changes of decisions among them."""

    def note_decision(self) -> Statement:
        """Add that an answer decides for a pair, whose decision is locked; its columns by name."""

        def build() -> sa.Insert:
            row = {name: door.parameter(name, kind) for name, kind in DECISION_COLUMNS.items()}
            return self._note(door.next_change(self.tables, row.__getitem__))

        return self._once("note_decision", build)

    def note_decisions(self) -> Statement:
        """The same for many pairs at once, bound by `decision_values`."""

        def build() -> sa.Insert:
            rows = self.dialect.table_of(DECISION_COLUMNS, "many_")
            return self._note(door.next_change(self.tables, rows.c.__getitem__))

        return self._once("note_decisions", build)

    def note_withdrawal(self) -> Statement:
        """Add that a pair has no answer from `since` on, if this answer decides; lock the decision.

        The columns of the decision by name.
        """

        def build() -> sa.Insert:
            return self._note(door.withdrawn(self.tables))

        return self._once("note_withdrawal", build)

    def _note(self, changes: sa.Select[Any]) -> sa.Insert:
        # Never by VALUES, in which Citus takes no subquery.
        return sa.insert(self.tables.past_decisions).from_select([*PAST_DECISION_COLUMNS], changes)

    def decided_then(self) -> Statement:
        """What decided at `as_of` for the scope's integration and the persons of a kind in `ids`.

        Columns: `PAST_COLUMNS`; no row where there was no answer.
        """

        def build() -> sa.Select[Any]:
            past = self.tables.past_decisions
            return door.decided_then(self.tables, [past.c[name] for name in PAST_COLUMNS]).where(
                self.dialect.one_of(past.c.person, Kind.uuid, "ids")
            )

        return self._once("decided_then", build)

    def decided_then_values(
        self, kind: str, persons: Sequence[str], moment: str
    ) -> Mapping[str, Any]:
        """The parameters of `decided_then`: the kind as a content type, ids, a clean time."""
        ids = self.dialect.bind_list(Kind.uuid, persons)
        return {"kind": kind, "ids": ids, "as_of": moment, "now": moment}
