"""Which persons were erased is found by an index; deleted items have no key any more."""

from __future__ import annotations

from alembic import op

from portvakt.storage.migrations.forms import create_index

revision = "0022_erasures"
down_revision = "0021_evidence"
branch_labels = None
depends_on = None

_LATER = "SELECT 1 FROM ledger_event later WHERE later.customer_id = e.customer_id"
_LATER += " AND later.item = e.item AND later.arrival > e.arrival"
_GONE = "SELECT 1 FROM ledger_event e WHERE e.customer_id = ledger_key.customer_id"
_GONE += f" AND e.item = ledger_key.item AND e.operation = 'deleted' AND NOT EXISTS ({_LATER})"


def upgrade() -> None:
    """Create the index, and destroy the keys of what is deleted."""
    create_index(
        "ix_ledger_event_erased",
        "ledger_event",
        "customer_id",
        "item",
        where="operation = 'erased'",
    )
    op.execute(f"DELETE FROM ledger_key WHERE EXISTS ({_GONE})")  # noqa: S608
