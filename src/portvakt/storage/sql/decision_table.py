"""The table of the answers that decide: one row for each pair of an integration and a person.

A row goes with its answer, whichever way that is deleted, so that no older one comes back to life.

A second table, `<name>_past`, keeps every change of them: rows are only added to it, each in the
transaction that changes the decision. `number` counts the changes of a pair from 1. It is taken
while the pair is locked, so that it tells the order in which they were committed, whatever the
times of the requests that made them.
"""

from __future__ import annotations

import sqlalchemy as sa

from portvakt.schema.operators import Kind
from portvakt.storage.sql.dialects import TYPES
from portvakt.storage.sql.table_dialects import STRICT, form_checks

DECISION_KEY = ("customer_id", "integration", "kind", "person")
"""The key of a decision: an integration, and a person of a kind (their resource's content type)."""

DECISION_COLUMNS: dict[str, Kind] = {
    **dict.fromkeys(DECISION_KEY, Kind.uuid),
    "answer": Kind.uuid,
    "yes": Kind.boolean,
    "revision": Kind.integer,
    "since": Kind.time,
    "expires_at": Kind.time,
    "notice_version": Kind.integer,
}
"""The answer that decides for a pair: its id, its yes or no, its revision, and since when; until
when it counts, and the version of the notice that it was given to.

`yes` is null only within a transaction, where a pair that loses its answer is locked; and in the
table of changes, where an answer is withdrawn.
"""

NUMBER = "number"
PAST_DECISION_COLUMNS = {**DECISION_COLUMNS, NUMBER: Kind.integer}
"""A change: what decides from then on, or that nothing does, and which change of the pair it is."""

_NULLABLE = ("yes", "expires_at", "notice_version")


def past_name(name: str) -> str:
    """The name of the table of changes."""
    return f"{name}_past"


def add_decision_tables(metadata: sa.MetaData, name: str, answers: str) -> None:
    """Add the table `name` of decisions by the items of the table `answers`, and its changes."""
    _add_decision_table(metadata, name, answers)
    _add_past_decision_table(metadata, name)


def _add_decision_table(metadata: sa.MetaData, name: str, answers: str) -> None:
    kinds = DECISION_COLUMNS.items()
    sa.Table(
        name,
        metadata,
        *(sa.Column(column, TYPES[kind], nullable=column in _NULLABLE) for column, kind in kinds),
        sa.PrimaryKeyConstraint(*DECISION_KEY, name="pk_decision"),
        sa.ForeignKeyConstraint(
            ["customer_id", "answer"],
            [f"{answers}.customer_id", f"{answers}.id"],
            name="fk_decision_answer",
            ondelete="CASCADE",
        ),
        *(
            check
            for column, kind in kinds
            for check in form_checks(kind, column, f"ck_decision_{column}_{{}}".format)
        ),
        sa.Index("ix_decision_answer", "customer_id", "answer"),
        **STRICT,
    )


def _add_past_decision_table(metadata: sa.MetaData, name: str) -> None:
    # No foreign keys: a change outlives what it names.
    now = metadata.tables[name].columns
    sa.Table(
        past_name(name),
        metadata,
        *(sa.Column(column.name, column.type, nullable=column.nullable) for column in now),
        sa.Column(NUMBER, TYPES[Kind.integer], nullable=False, autoincrement=False),
        sa.PrimaryKeyConstraint(*DECISION_KEY, NUMBER, name="pk_decision_past"),
        **STRICT,
    )
