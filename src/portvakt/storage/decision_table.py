"""The table of the answers that decide: one row for each pair of an integration and a person.

A row goes with its answer, whichever way that is deleted, so that no older one comes back to life.
"""

from __future__ import annotations

import sqlalchemy as sa

from portvakt.schema.operators import Kind
from portvakt.storage.dialects import TIME_FORM, TYPES

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

`yes` is null only within a transaction, where a pair that loses its answer is locked.
"""

_NULLABLE = ("yes", "expires_at", "notice_version")


def add_decision_table(metadata: sa.MetaData, name: str, answers: str) -> None:
    """Add the table `name` of decisions by the items of the table `answers`."""
    kinds = DECISION_COLUMNS.items()
    forms = {
        "yes_boolean": "yes IN (0, 1)",
        "since_form": f"since GLOB '{TIME_FORM}'",
        "expires_at_form": f"expires_at GLOB '{TIME_FORM}'",
    }
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
            sa.CheckConstraint(form, name=f"ck_decision_{what}").ddl_if(dialect="sqlite")
            for what, form in forms.items()
        ),
        sa.Index("ix_decision_answer", "customer_id", "answer"),
        sqlite_strict=True,
    )
