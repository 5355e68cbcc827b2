"""Indexes that find texts by how they start, whatever the case: own ids and others' ids."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from portvakt.storage.migrations.forms import create_index

revision = "0024_text_starts"
down_revision = "0023_past_decisions"
branch_labels = None
depends_on = None

_ANSWERS = "integrations_answeredintegrationpersonalinformationaccess"
_CONNECTIONS = "integrations_integrationserviceidconnection"

_TABLES = (
    "accounts_integrationuseragent",
    "accounts_organizationuser",
    "accounts_organizationusersegment",
    "accounts_protectedidentity",
    "accounts_subtenant",
    "accounts_subtenanttenantconnection",
    "accounts_tenant",
    "common_address",
    "common_eventlog",
    _CONNECTIONS,
    "integrations_notice",
    "objects_realestate",
    "organization_company",
    "organization_role",
    "organization_segment",
    "sales_organization",
)


def upgrade() -> None:
    """Create an index for each `custom_id`, and one for the ids of other systems."""
    for table in _TABLES:
        _, _, model = table.partition("_")
        _index(f"ix_{model}_custom_id_folded", table)
    _index("ix_answeredintegrationpersonalinformationaccess_custom_6b892dc5", _ANSWERS)
    op.create_index(
        "ix_integrationserviceidconnection_external_id_head",
        _CONNECTIONS,
        ["customer_id", sa.text("substr(external_id_folded, 1, 64)")],
    )


def _index(name: str, table: str) -> None:
    where = "custom_id_folded IS NOT NULL"
    create_index(name, table, "customer_id", "custom_id_folded", where=where)
