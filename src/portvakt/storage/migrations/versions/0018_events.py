"""The ledger's events, which nothing changes any more, and the keys of their digests."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from portvakt.storage.migrations.forms import (
    create_index,
    create_table,
    integer,
    primary_key,
    text,
    time,
    uuid,
)

revision = "0018_events"
down_revision = "0017_versions"
branch_labels = None
depends_on = None

_REFUSAL = "The ledger is only ever added to"


def upgrade() -> None:
    """Create the tables and their guards."""
    big = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    create_table(
        "ledger_event",
        uuid("customer_id"),
        uuid("content_type"),
        uuid("item"),
        integer("revision"),
        sa.Column("arrival", big, sa.Identity(always=True), nullable=False),
        sa.Column("transaction", big, nullable=True),
        time("at"),
        text("operation"),
        text("through"),
        text("request"),
        text("caller"),
        uuid("holder", null=True),
        uuid("activation", null=True),
        uuid("service_version", null=True),
        uuid("credential", null=True),
        text("before", null=True),
        text("after", null=True),
        primary_key("pk_ledger_event", "customer_id", "item", "content_type", "revision"),
    )
    condition = '"transaction" IS NOT NULL'
    create_index("ix_ledger_event_transaction", "ledger_event", "transaction", where=condition)
    condition = '"transaction" IS NULL'
    create_index("ix_ledger_event_arrival", "ledger_event", "arrival", where=condition)
    create_table(
        "ledger_key",
        uuid("customer_id"),
        uuid("item"),
        text("secret"),
        primary_key("pk_ledger_key", "customer_id", "item"),
    )
    _guard()


def _guard() -> None:
    """Let the database refuse to change an event."""
    if op.get_bind().dialect.name == "postgresql":
        op.execute(
            "CREATE OR REPLACE FUNCTION ledger_refuse() RETURNS trigger LANGUAGE plpgsql"
            f"\nAS $$ BEGIN RAISE EXCEPTION '{_REFUSAL}'; END $$"
        )
        op.execute(
            "CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON ledger_event"
            " EXECUTE FUNCTION ledger_refuse()"
        )
        return
    for what in ("UPDATE", "DELETE"):
        op.execute(
            f"CREATE TRIGGER ledger_event_{what.lower()} BEFORE {what} ON ledger_event"
            f" BEGIN SELECT RAISE(ABORT, '{_REFUSAL}'); END"
        )
