"""The answer that decides for each pair of an integration and a person."""

from __future__ import annotations

from alembic import op

from portvakt.storage.migrations.forms import (
    boolean,
    create_index,
    create_table,
    integer,
    primary_key,
    reference,
    time,
    time_form,
    uuid,
    zero_or_one,
)

revision = "0020_decisions"
down_revision = "0019_seals"
branch_labels = None
depends_on = None

_ANSWERS = "integrations_answeredintegrationpersonalinformationaccess"

_KINDS = {
    "answered_by_tenant": "360ef149-da45-5842-a428-ad854767b2b0",
    "answered_by_sub_tenant": "b07b4d65-d3f5-5aa7-a5d4-a2404e89a244",
    "answered_by_organization_user": "08aeaf50-68a3-573c-8807-f0d6ce07f9b8",
}
"""The content type of each field's target."""


def upgrade() -> None:
    """Create the table, and fill it from the answers that are there."""
    create_table(
        "integrations_decision",
        uuid("customer_id"),
        uuid("integration"),
        uuid("kind"),
        uuid("person"),
        uuid("answer"),
        boolean("yes", null=True),
        integer("revision"),
        time("since"),
        primary_key("pk_decision", "customer_id", "integration", "kind", "person"),
        reference("fk_decision_answer", ("customer_id", "answer"), _ANSWERS, cascade=True),
        zero_or_one("ck_decision_yes_boolean", "yes"),
        time_form("ck_decision_since_form", "since"),
    )
    create_index("ix_decision_answer", "integrations_decision", "customer_id", "answer")
    for statement in fill():
        op.execute(statement)


def fill() -> list[str]:
    """The statements that fill the table, one for each kind of person."""
    return [_fill(field, kind) for field, kind in _KINDS.items()]


def _fill(field: str, kind: str) -> str:
    """The answers that were written last, each for its pair; of one moment, the newest."""
    latest = (
        "SELECT *, row_number() OVER "  # noqa: S608
        f"(PARTITION BY customer_id, integration, {field} ORDER BY updated_at DESC, id DESC)"
        f" AS place FROM {_ANSWERS} WHERE {field} IS NOT NULL"
    )
    return (
        "INSERT INTO integrations_decision "  # noqa: S608
        "(customer_id, integration, kind, person, answer, yes, revision, since) "
        f"SELECT customer_id, integration, '{kind}', {field}, id, answer, revision, updated_at "
        f"FROM ({latest}) AS answers WHERE place = 1"
    )
