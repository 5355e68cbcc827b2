"""Versions of answers, so that they can be read as of a past moment."""

from __future__ import annotations

from alembic import op

from portvakt.storage.migrations.forms import (
    boolean,
    create_table,
    integer,
    primary_key,
    text,
    time,
    uuid,
)

revision = "0017_versions"
down_revision = "0009_people"
branch_labels = None
depends_on = None

_ANSWERS = "integrations_answeredintegrationpersonalinformationaccess"


def upgrade() -> None:
    """Create the table; what is stored now is the first version that is known."""
    create_table(
        f"{_ANSWERS}_past",
        uuid("customer_id"),
        uuid("id"),
        boolean("answer"),
        uuid("answered_by_organization_user", null=True),
        uuid("answered_by_tenant", null=True),
        time("created_at"),
        uuid("organization", null=True),
        uuid("integration"),
        text("custom_id", null=True),
        uuid("answered_by_sub_tenant", null=True),
        text("custom_id_folded", null=True),
        time("updated_at"),
        integer("revision"),
        boolean("deleted"),
        primary_key(
            "pk_answeredintegrationpersonalinformationaccess_version",
            "customer_id",
            "id",
            "revision",
        ),
    )
    names = (
        "customer_id, id, answer, answered_by_organization_user, answered_by_tenant, created_at, "
        "organization, integration, custom_id, answered_by_sub_tenant, custom_id_folded, "
        "updated_at, revision"
    )
    op.execute(
        f"INSERT INTO {_ANSWERS}_past ({names}, deleted) "  # noqa: S608 - our own names
        f"SELECT {names}, {_false()} FROM {_ANSWERS}"
    )


def _false() -> str:
    return "0" if op.get_bind().dialect.name == "sqlite" else "false"
