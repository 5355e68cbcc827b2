"""What persons answered to integrations, and the connections of ids."""

from __future__ import annotations

from portvakt.storage.migrations.forms import (
    boolean,
    check,
    create_index,
    create_table,
    integer,
    length,
    primary_key,
    reference,
    text,
    time,
    time_form,
    unique,
    uuid,
    zero_or_one,
)

revision = "0008_answers"
down_revision = "0007_integrations"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the tables, each after those that it refers to."""
    _answers()
    _id_connections()


def _answers() -> None:
    create_table(
        "integrations_answeredintegrationpersonalinformationaccess",
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
        primary_key("pk_answeredintegrationpersonalinformationaccess", "customer_id", "id"),
        reference(
            "fk_answeredintegrationpersonalinformationaccess_customer_id",
            ("customer_id",),
            "platform_customer",
        ),
        reference(
            "fk_answeredintegrationpersonalinformationaccess_answer_ec5ed1f1",
            ("customer_id", "answered_by_organization_user"),
            "accounts_organizationuser",
        ),
        reference(
            "fk_answeredintegrationpersonalinformationaccess_answer_526c4bba",
            ("customer_id", "answered_by_tenant"),
            "accounts_tenant",
        ),
        reference(
            "fk_answeredintegrationpersonalinformationaccess_organization",
            ("customer_id", "organization"),
            "sales_organization",
        ),
        reference(
            "fk_answeredintegrationpersonalinformationaccess_integration",
            ("customer_id", "integration"),
            "accounts_integrationuseragent",
        ),
        reference(
            "fk_answeredintegrationpersonalinformationaccess_answer_db30b9ac",
            ("customer_id", "answered_by_sub_tenant"),
            "accounts_subtenant",
        ),
        zero_or_one("ck_answeredintegrationpersonalinformationaccess_answer_boolean", "answer"),
        time_form("ck_answeredintegrationpersonalinformationaccess_created_at_form", "created_at"),
        length(
            "ck_answeredintegrationpersonalinformationaccess_custom_43cc668c", "custom_id", 0, 128
        ),
        check(
            "ck_answeredintegrationpersonalinformationaccess_atmost_f649bfa7",
            "CASE WHEN answered_by_tenant IS NULL THEN 0 ELSE 1 END"
            " + CASE WHEN answered_by_organization_user IS NULL THEN 0 ELSE 1 END"
            " + CASE WHEN answered_by_sub_tenant IS NULL THEN 0 ELSE 1 END <= 1",
        ),
        check(
            "ck_answeredintegrationpersonalinformationaccess_atleas_33b3ef4b",
            "answered_by_tenant IS NOT NULL"
            " OR answered_by_organization_user IS NOT NULL"
            " OR answered_by_sub_tenant IS NOT NULL",
        ),
    )
    create_index(
        "ix_answeredintegrationpersonalinformationaccess_answer_8833be4a",
        "integrations_answeredintegrationpersonalinformationaccess",
        "customer_id",
        "answered_by_tenant",
        "created_at",
        "id",
        where="answered_by_tenant IS NOT NULL",
    )
    create_index(
        "ix_answeredintegrationpersonalinformationaccess_answer_a24580df",
        "integrations_answeredintegrationpersonalinformationaccess",
        "customer_id",
        "answered_by_sub_tenant",
        "created_at",
        "id",
        where="answered_by_sub_tenant IS NOT NULL",
    )
    create_index(
        "ix_answeredintegrationpersonalinformationaccess_answer_a314af25",
        "integrations_answeredintegrationpersonalinformationaccess",
        "customer_id",
        "answered_by_organization_user",
        "created_at",
        "id",
        where="answered_by_organization_user IS NOT NULL",
    )
    create_index(
        "ix_answeredintegrationpersonalinformationaccess_created_at_id",
        "integrations_answeredintegrationpersonalinformationaccess",
        "customer_id",
        "created_at",
        "id",
    )
    create_index(
        "ix_answeredintegrationpersonalinformationaccess_custom_id",
        "integrations_answeredintegrationpersonalinformationaccess",
        "customer_id",
        "custom_id",
        where="custom_id IS NOT NULL",
    )
    create_index(
        "ix_answeredintegrationpersonalinformationaccess_integr_bf3fb0e6",
        "integrations_answeredintegrationpersonalinformationaccess",
        "customer_id",
        "integration",
        "created_at",
        "id",
    )
    create_index(
        "ix_answeredintegrationpersonalinformationaccess_organi_251734c6",
        "integrations_answeredintegrationpersonalinformationaccess",
        "customer_id",
        "organization",
        "created_at",
        "id",
        where="organization IS NOT NULL",
    )


def _id_connections() -> None:
    create_table(
        "integrations_integrationserviceidconnection",
        uuid("customer_id"),
        uuid("id"),
        uuid("application_id"),
        time("created_at"),
        uuid("content_type"),
        uuid("object_id"),
        text("external_id"),
        boolean("hidden"),
        uuid("organization", null=True),
        text("custom_id", null=True),
        text("external_id_folded"),
        text("custom_id_folded", null=True),
        uuid("external_id_digest"),
        time("updated_at"),
        integer("revision"),
        primary_key("pk_integrationserviceidconnection", "customer_id", "id"),
        unique(
            "uq_integrationserviceidconnection_application_id_conte_8c04eca9",
            "customer_id",
            "application_id",
            "content_type",
            "object_id",
            "external_id_digest",
        ),
        reference(
            "fk_integrationserviceidconnection_customer_id", ("customer_id",), "platform_customer"
        ),
        reference(
            "fk_integrationserviceidconnection_content_type",
            ("content_type",),
            "platform_contenttype",
        ),
        reference(
            "fk_integrationserviceidconnection_organization",
            ("customer_id", "organization"),
            "sales_organization",
        ),
        time_form("ck_integrationserviceidconnection_created_at_form", "created_at"),
        length("ck_integrationserviceidconnection_external_id_length", "external_id", 1, 1024),
        zero_or_one("ck_integrationserviceidconnection_hidden_boolean", "hidden"),
        length("ck_integrationserviceidconnection_custom_id_length", "custom_id", 0, 128),
    )
    create_index(
        "ix_integrationserviceidconnection_application_id_conte_3faeb34e",
        "integrations_integrationserviceidconnection",
        "customer_id",
        "application_id",
        "content_type",
        "external_id_digest",
    )
    create_index(
        "ix_integrationserviceidconnection_content_type_created_at_id",
        "integrations_integrationserviceidconnection",
        "customer_id",
        "content_type",
        "created_at",
        "id",
    )
    create_index(
        "ix_integrationserviceidconnection_created_at_id",
        "integrations_integrationserviceidconnection",
        "customer_id",
        "created_at",
        "id",
    )
    create_index(
        "ix_integrationserviceidconnection_custom_id",
        "integrations_integrationserviceidconnection",
        "customer_id",
        "custom_id",
        where="custom_id IS NOT NULL",
    )
    create_index(
        "ix_integrationserviceidconnection_organization_created_at_id",
        "integrations_integrationserviceidconnection",
        "customer_id",
        "organization",
        "created_at",
        "id",
        where="organization IS NOT NULL",
    )
