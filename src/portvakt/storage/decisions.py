"""Writes to the table of the answers that decide (`Tables.decisions`)."""

from __future__ import annotations

import sqlalchemy as sa

from portvakt.schema.operators import Kind
from portvakt.storage import door
from portvakt.storage.decision_table import DECISION_COLUMNS, DECISION_KEY
from portvakt.storage.dialects import Dialect, Upsert
from portvakt.storage.tables import Tables


def decide(tables: Tables, dialect: Dialect) -> Upsert:
    """Let an answer decide for a pair from now on; its columns by name.

    Where `yes` is null, a decision that is there stays as it is, but locked.
    """
    row = {name: door.parameter(name, kind) for name, kind in DECISION_COLUMNS.items()}
    return _over(dialect.insert(tables.decisions).values(row))


def decide_many(tables: Tables, dialect: Dialect) -> Upsert:
    """The same for many pairs at once, which are locked in the given order."""
    rows = door.rows(dialect.table_of(DECISION_COLUMNS, "many_"), DECISION_COLUMNS)
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
        table.c[DECISION_KEY[0]] == door.parameter("scope_customer", Kind.uuid),
        *(table.c[name] == door.parameter(name, Kind.uuid) for name in named),
    )
