"""Triggers of their own for TRUNCATE, as a cluster of nodes makes only the others on each."""

from __future__ import annotations

from alembic import op

revision = "0025_truncate_guards"
down_revision = "0024_text_starts"
branch_labels = None
depends_on = None

_TABLES = (
    "ledger_event",
    "common_eventlog",
    "platform_ledgerentry",
    "integrations_decision_past",
)


def upgrade() -> None:
    """Part the trigger of each table of PostgreSQL that is only added to."""
    if op.get_context().dialect.name != "postgresql":
        return
    for table in _TABLES:
        op.execute(f"DROP TRIGGER append_only ON {table}")
        _guard(table, "append_only", "UPDATE OR DELETE")
        _guard(table, "append_only_truncate", "TRUNCATE")


def _guard(table: str, name: str, what: str) -> None:
    op.execute(f"CREATE TRIGGER {name} BEFORE {what} ON {table} EXECUTE FUNCTION ledger_refuse()")
