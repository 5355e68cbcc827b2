"""Statements on the answers that decide (`Tables.decisions`)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from portvakt.schema.caller import RowAccess
from portvakt.schema.operators import Kind
from portvakt.schema.resource import Resource
from portvakt.storage.row_security import masking, row_security
from portvakt.storage.row_security.view import View
from portvakt.storage.sql.decision_table import DECISION_COLUMNS, DECISION_KEY
from portvakt.storage.sql.dialects import Dialect, Upsert
from portvakt.storage.sql.parameters import parameter
from portvakt.storage.sql.tables import CUSTOMER, Tables, of_customer
from portvakt.storage.statements.cache import Once
from portvakt.storage.statements.statement import Statement


@dataclass(frozen=True, slots=True)
class DecisionStatements:
    """What reads and writes the answers that decide."""

    tables: Tables
    dialect: Dialect
    once: Once

    def of_persons(self, resource: Resource, access: RowAccess) -> Statement:
        """The persons in the list `ids` that may be touched, with the answer that decides.

        Columns: id, the sharing flag, the answer's id, its yes or no, its revision, and since when;
        null where there is none.
        """

        def build() -> sa.Select[Any]:
            view = View(self.tables, self.dialect, resource, access)
            decision, on = masking.decided(view.tables, resource)
            person = resource.person
            sharing = view.table.c[person.sharing] if person and person.sharing else sa.null()
            answer = [decision.c[name] for name in ("answer", "yes", "revision", "since")]
            rows = view.table.outerjoin(decision, on)
            found = row_security.select(view, [view.table.c.id, sharing, *answer], rows)
            return found.where(self.dialect.one_of(view.table.c.id, Kind.uuid, "ids"))

        return self.once(("decisions.of_persons", resource.name, access), build)

    def accessible(self, resource: Resource, access: RowAccess) -> Statement:
        """The ids of the persons whose personal information the access sees, in order."""

        def build() -> sa.Select[Any]:
            view = View(self.tables, self.dialect, resource, access)
            pk = view.table.c.id
            return row_security.select(view, [pk]).where(view.seen).order_by(pk)

        return self.once(("decisions.accessible", resource.name, access), build)

    def decide(self) -> Statement:
        """Let an answer decide for a pair from now on; its columns by name.

        Where `yes` is null, a decision that is there stays as it is, but locked.
        """

        def build() -> Upsert:
            row = {name: parameter(name, kind) for name, kind in DECISION_COLUMNS.items()}
            return _over(self.dialect.insert(self.tables.decisions).values(row))

        return self.once("decisions.decide", build)

    def decide_many(self) -> Statement:
        """Let answers decide for many pairs, locked in the given order; bound by `many_values`."""

        def build() -> Upsert:
            rows = self.dialect.table_of(DECISION_COLUMNS, "many_")
            insert = self.dialect.insert(self.tables.decisions).from_select(
                [*DECISION_COLUMNS], row_security.rows(rows, DECISION_COLUMNS)
            )
            return _over(insert)

        return self.once("decisions.decide_many", build)

    def many_values(self, rows: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
        """The parameters for rows of clean values by name, all of one customer."""
        values = [[row[name] for name in DECISION_COLUMNS] for row in rows]
        bound = self.dialect.bind_table(DECISION_COLUMNS, "many_", values)
        return {**bound, "caller_customer": rows[0][CUSTOMER]}

    def withdraw(self) -> Statement:
        """Delete the decision of a pair if this answer decides, by the columns' names."""

        def build() -> sa.Delete:
            table = self.tables.decisions
            named = (*DECISION_KEY[1:], "answer")
            return sa.delete(table).where(
                *of_customer(table),
                *(table.c[name] == parameter(name, Kind.uuid) for name in named),
            )

        return self.once("decisions.withdraw", build)


def _over(insert: Upsert) -> Upsert:
    new = insert.excluded
    return insert.on_conflict_do_update(
        index_elements=DECISION_KEY,
        set_={name: new[name] for name in DECISION_COLUMNS if name not in DECISION_KEY},
        where=new.yes.is_not(None),
    )
