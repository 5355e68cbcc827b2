"""Keys by which a write that is asked for again is told from a new one."""

from __future__ import annotations

from portvakt.storage.migrations.forms import (
    create_index,
    create_table,
    primary_key,
    text,
    time,
    uuid,
)

revision = "0026_idempotency_keys"
down_revision = "0025_truncate_guards"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the table, and the index by which keys that are over are found."""
    create_table(
        "idempotency_key",
        uuid("customer_id"),
        uuid("caller"),
        text("key"),
        text("request"),
        time("at"),
        text("done", null=True),
        primary_key("pk_idempotency_key", "customer_id", "caller", "key"),
    )
    create_index("ix_idempotency_key_at", "idempotency_key", "at")
