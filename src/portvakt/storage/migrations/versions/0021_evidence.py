"""What an answer was given to and how, until when it counts; and the notices."""

from __future__ import annotations

from portvakt.storage.migrations.forms import (
    Column,
    add_columns,
    boolean,
    check,
    create_index,
    create_table,
    create_unique_index,
    integer,
    length,
    primary_key,
    reference,
    text,
    time,
    time_check,
    time_form,
    unique,
    uuid,
    zero_or_one,
)

revision = "0021_evidence"
down_revision = "0020_decisions"
branch_labels = None
depends_on = None

_NAME = "answeredintegrationpersonalinformationaccess"


def upgrade() -> None:
    """Create the notices, then let answers and decisions hold what refers to them."""
    _notices()
    add_columns(
        f"integrations_{_NAME}",
        *_evidence(),
        f"CONSTRAINT fk_{_NAME}_notice FOREIGN KEY(customer_id, notice)"
        " REFERENCES integrations_notice (customer_id, id)",
        f"CONSTRAINT ck_{_NAME}_method_options"
        " CHECK (method IN ('portal', 'paper', 'phone', 'import', 'api'))",
        time_check(f"ck_{_NAME}_expires_at_form", "expires_at"),
        f"CONSTRAINT ck_{_NAME}_on_beh_f50d314a CHECK (length(on_behalf_of) BETWEEN 1 AND 255)",
    )
    create_index(
        f"ix_{_NAME}_notice_a3da13f2",
        f"integrations_{_NAME}",
        *("customer_id", "notice", "created_at", "id"),
        where="notice IS NOT NULL",
    )
    add_columns(f"integrations_{_NAME}_past", *_evidence())
    add_columns(
        "integrations_decision",
        time("expires_at", null=True),
        integer("notice_version", null=True),
        time_check("ck_decision_expires_at_form", "expires_at"),
    )


def _evidence() -> tuple[Column, ...]:
    return (
        uuid("notice", null=True),
        text("method", null=True),
        time("expires_at", null=True),
        text("on_behalf_of", null=True),
    )


def _columns() -> tuple[Column, ...]:
    return (
        uuid("customer_id"),
        uuid("id"),
        uuid("integration", null=True),
        integer("version"),
        text("language"),
        text("text"),
        boolean("material_change"),
        time("created_at"),
        uuid("organization", null=True),
        text("custom_id", null=True),
        text("language_folded"),
        text("text_folded"),
        text("custom_id_folded", null=True),
        time("updated_at"),
        integer("revision"),
    )


def _notices() -> None:
    create_table(
        "integrations_notice",
        *_columns(),
        primary_key("pk_notice", "customer_id", "id"),
        unique(
            "uq_notice_integration_version_language",
            *("customer_id", "integration", "version", "language"),
        ),
        reference("fk_notice_customer_id", ("customer_id",), "platform_customer"),
        reference(
            "fk_notice_integration",
            ("customer_id", "integration"),
            "accounts_integrationuseragent",
        ),
        reference("fk_notice_organization", ("customer_id", "organization"), "sales_organization"),
        check("ck_notice_version_range", "version BETWEEN 1 AND 2147483647"),
        length("ck_notice_language_length", "language", 0, 35),
        length("ck_notice_text_length", "text", 1, 100_000),
        zero_or_one("ck_notice_material_change_boolean", "material_change"),
        time_form("ck_notice_created_at_form", "created_at"),
        length("ck_notice_custom_id_length", "custom_id", 0, 128),
    )
    create_unique_index(
        "uq_notice_version_language",
        "integrations_notice",
        *("customer_id", "version", "language"),
        where="integration IS NULL",
    )
    for columns, where in (
        (("created_at", "id"), None),
        (("custom_id",), "custom_id IS NOT NULL"),
        (("integration", "created_at", "id"), "integration IS NOT NULL"),
        (("organization", "created_at", "id"), "organization IS NOT NULL"),
    ):
        name = "_".join(("ix_notice", *columns))
        create_index(name, "integrations_notice", "customer_id", *columns, where=where)
    create_table(
        "integrations_notice_past",
        *_columns(),
        boolean("deleted"),
        primary_key("pk_notice_version", "customer_id", "id", "revision"),
    )
