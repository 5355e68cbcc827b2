"""An index that finds the ids of an item, whoever's they are and of whatever kind it is."""

from __future__ import annotations

from portvakt.storage.migrations.forms import create_index

revision = "0028_ids_of_items"
down_revision = "0027_folded_anew"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the index."""
    create_index(
        "ix_integrationserviceidconnection_object_id",
        "integrations_integrationserviceidconnection",
        "customer_id",
        "object_id",
    )
