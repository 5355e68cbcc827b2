"""Integrations with their credentials, answers and id connections."""

from __future__ import annotations

from portvakt.storage.migrations.forms import (
    boolean,
    check,
    create_index,
    create_table,
    integer,
    json,
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

revision = "0003_integrations"
down_revision = "0002_persons"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the tables, each after those that it refers to."""
    _integrations()
    _credentials()
    _answers()
    _id_connections()


def _integrations() -> None:
    create_table(
        "accounts_integrationuseragent",
        uuid("customer_id"),
        uuid("id"),
        uuid("application_id"),
        uuid("service_id"),
        uuid("service_version_id"),
        integer("clashing_priority"),
        text("category", null=True),
        boolean("is_active"),
        uuid("activation_content_type", null=True),
        uuid("activation_object_id", null=True),
        json("activation_variables", null=True),
        json("integration_activation_data", null=True),
        integer("personal_information_acceptance_mode", null=True),
        time("created_at"),
        uuid("organization", null=True),
        text("custom_id", null=True),
        text("category_folded", null=True),
        text("custom_id_folded", null=True),
        time("updated_at"),
        integer("revision"),
        primary_key("pk_integrationuseragent", "customer_id", "id"),
        reference("fk_integrationuseragent_customer_id", ("customer_id",), "platform_customer"),
        reference(
            "fk_integrationuseragent_activation_content_type",
            ("activation_content_type",),
            "platform_contenttype",
        ),
        reference(
            "fk_integrationuseragent_organization",
            ("customer_id", "organization"),
            "sales_organization",
        ),
        length("ck_integrationuseragent_category_length", "category", 0, 255),
        zero_or_one("ck_integrationuseragent_is_active_boolean", "is_active"),
        check(
            "ck_integrationuseragent_personal_information_acceptanc_6c32b638",
            "personal_information_acceptance_mode IN (0, 1, 2)",
        ),
        time_form("ck_integrationuseragent_created_at_form", "created_at"),
        length("ck_integrationuseragent_custom_id_length", "custom_id", 0, 128),
        check(
            "ck_integrationuseragent_settogether_activation_content_cf982fe7",
            "CASE WHEN activation_content_type IS NULL THEN 0 ELSE 1 END"
            " + CASE WHEN activation_object_id IS NULL THEN 0 ELSE 1 END IN (0, 2)",
        ),
    )
    create_index(
        "ix_integrationuseragent_activation_content_type_created_at_id",
        "accounts_integrationuseragent",
        "customer_id",
        "activation_content_type",
        "created_at",
        "id",
        where="activation_content_type IS NOT NULL",
    )
    create_index(
        "ix_integrationuseragent_created_at_id",
        "accounts_integrationuseragent",
        "customer_id",
        "created_at",
        "id",
    )
    create_index(
        "ix_integrationuseragent_custom_id",
        "accounts_integrationuseragent",
        "customer_id",
        "custom_id",
        where="custom_id IS NOT NULL",
    )
    create_index(
        "ix_integrationuseragent_organization_created_at_id",
        "accounts_integrationuseragent",
        "customer_id",
        "organization",
        "created_at",
        "id",
        where="organization IS NOT NULL",
    )


def _credentials() -> None:
    create_table(
        "platform_credential",
        uuid("customer_id"),
        uuid("id"),
        uuid("integration"),
        text("digest"),
        integer("key_number"),
        time("expires_at", null=True),
        time("revoked_at", null=True),
        time("last_used_at", null=True),
        time("created_at"),
        text("digest_folded"),
        time("updated_at"),
        integer("revision"),
        primary_key("pk_credential", "customer_id", "id"),
        reference("fk_credential_customer_id", ("customer_id",), "platform_customer"),
        reference(
            "fk_credential_integration",
            ("customer_id", "integration"),
            "accounts_integrationuseragent",
        ),
        length("ck_credential_digest_length", "digest", 64, 64),
        check("ck_credential_key_number_range", "key_number BETWEEN 1 AND 2147483647"),
        time_form("ck_credential_expires_at_form", "expires_at"),
        time_form("ck_credential_revoked_at_form", "revoked_at"),
        time_form("ck_credential_last_used_at_form", "last_used_at"),
        time_form("ck_credential_created_at_form", "created_at"),
    )
    create_index(
        "ix_credential_created_at_id", "platform_credential", "customer_id", "created_at", "id"
    )
    create_index(
        "ix_credential_integration_created_at_id",
        "platform_credential",
        "customer_id",
        "integration",
        "created_at",
        "id",
    )


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
            "answered_by_tenant IS NOT NULL OR answered_by_organization_user IS NOT NULL"
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
