"""Statements on the answers that decide (`Tables.decisions`)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
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
from portvakt.storage.statements.moves import MovingStatements
from portvakt.storage.statements.statement import Statement


def decide(tables: Tables, dialect: Dialect) -> Upsert:
    """Let an answer decide for a pair from now on; its columns by name.

    Where `yes` is null, a decision that is there stays as it is, but locked.
    """
    row = {name: parameter(name, kind) for name, kind in DECISION_COLUMNS.items()}
    return _over(dialect.insert(tables.decisions).values(row))


def decide_many(tables: Tables, dialect: Dialect) -> Upsert:
    """Let answers decide for many pairs at once, which are locked in the given order."""
    rows = row_security.rows(dialect.table_of(DECISION_COLUMNS, "many_"), DECISION_COLUMNS)
    return _over(dialect.insert(tables.decisions).from_select([*DECISION_COLUMNS], rows))


def _over(insert: Upsert) -> Upsert:
    new = insert.excluded
    return insert.on_conflict_do_update(
        index_elements=DECISION_KEY,
        set_={name: new[name] for name in DECISION_COLUMNS if name not in DECISION_KEY},
        where=new.yes.is_not(None),
    )


def withdraw(tables: Tables) -> sa.Delete:
    """Delete the decision of a pair if this answer decides; the columns by name."""
    table = tables.decisions
    named = (*DECISION_KEY[1:], "answer")
    return sa.delete(table).where(
        *of_customer(table),
        *(table.c[name] == parameter(name, Kind.uuid) for name in named),
    )


def of_persons(view: View) -> sa.Select[Any]:
    """The persons that may be touched, with the answer that decides.

    Columns: id, the sharing flag, the answer's id, its yes or no, its revision, and since when;
    null where there is none.
    """
    decision, on = masking.decided(view.tables, view.resource)
    person = view.resource.person
    sharing = view.table.c[person.sharing] if person and person.sharing else sa.null()
    answer = [decision.c[name] for name in ("answer", "yes", "revision", "since")]
    rows = view.table.outerjoin(decision, on)
    return row_security.select(view, [view.table.c.id, sharing, *answer], rows)


class DecisionStatements(MovingStatements):
    """All statements, those on decisions among them."""

    def decisions(self, resource: Resource, access: RowAccess) -> Statement:
        """What decides of the persons in the list `ids`: see `decisions.of_persons`."""

        def build() -> sa.Select[Any]:
            view = self._view(resource, access)
            return of_persons(view).where(self.dialect.one_of(view.table.c.id, Kind.uuid, "ids"))

        return self._once(("decisions", resource.name, access), build)

    def accessible(self, resource: Resource, access: RowAccess) -> Statement:
        """The ids of the persons whose personal information the access sees, in order."""

        def build() -> sa.Select[Any]:
            view = self._view(resource, access)
            pk = view.table.c.id
            return row_security.select(view, [pk]).where(view.seen).order_by(pk)

        return self._once(("accessible", resource.name, access), build)

    def decide(self) -> Statement:
        """Let an answer decide for a pair from now on (see `decisions.decide`)."""
        return self._once("decide", lambda: decide(self.tables, self.dialect))

    def decide_many(self) -> Statement:
        """Let answers decide for many pairs at once, bound by `decision_values`."""
        return self._once("decide_many", lambda: decide_many(self.tables, self.dialect))

    def decision_values(self, rows: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
        """The parameters of `decide_many` for rows of clean values by name, all of one customer."""
        values = [[row[name] for name in DECISION_COLUMNS] for row in rows]
        bound = self.dialect.bind_table(DECISION_COLUMNS, "many_", values)
        return {**bound, "scope_customer": rows[0][CUSTOMER]}

    def withdraw(self) -> Statement:
        """Delete the decision of a pair if this answer decides, by the columns' names."""
        return self._once("withdraw", lambda: withdraw(self.tables))
