"""The persons: organization users, tenants and sub-tenants."""

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
    uuid,
    zero_or_one,
)

revision = "0002_persons"
down_revision = "0001_first_tables"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the three tables."""
    _organization_users()
    _tenants()
    _sub_tenants()


def _organization_users() -> None:
    create_table(
        "accounts_organizationuser",
        uuid("customer_id"),
        uuid("id"),
        integer("detail_access"),
        text("first_name", null=True),
        text("last_name", null=True),
        text("corporate_name", null=True),
        text("email", null=True),
        text("phone_number", null=True),
        boolean("is_active"),
        time("created_at"),
        uuid("organization", null=True),
        text("custom_id", null=True),
        text("first_name_folded", null=True),
        text("last_name_folded", null=True),
        text("corporate_name_folded", null=True),
        text("email_folded", null=True),
        text("phone_number_folded", null=True),
        text("custom_id_folded", null=True),
        time("updated_at"),
        integer("revision"),
        primary_key("pk_organizationuser", "customer_id", "id"),
        reference("fk_organizationuser_customer_id", ("customer_id",), "platform_customer"),
        reference(
            "fk_organizationuser_organization",
            ("customer_id", "organization"),
            "sales_organization",
        ),
        check("ck_organizationuser_detail_access_options", "detail_access IN (0, 1, 2)"),
        length("ck_organizationuser_first_name_length", "first_name", 0, 255),
        length("ck_organizationuser_last_name_length", "last_name", 0, 255),
        length("ck_organizationuser_corporate_name_length", "corporate_name", 0, 255),
        length("ck_organizationuser_email_length", "email", 0, 254),
        length("ck_organizationuser_phone_number_length", "phone_number", 0, 36),
        zero_or_one("ck_organizationuser_is_active_boolean", "is_active"),
        time_form("ck_organizationuser_created_at_form", "created_at"),
        length("ck_organizationuser_custom_id_length", "custom_id", 0, 128),
        check(
            "ck_organizationuser_atleastoneof_first_name_last_name__3b99832f",
            "first_name IS NOT NULL OR last_name IS NOT NULL OR corporate_name IS NOT NULL",
        ),
    )
    create_index(
        "ix_organizationuser_created_at_id",
        "accounts_organizationuser",
        "customer_id",
        "created_at",
        "id",
    )
    create_index(
        "ix_organizationuser_custom_id",
        "accounts_organizationuser",
        "customer_id",
        "custom_id",
        where="custom_id IS NOT NULL",
    )
    create_index(
        "ix_organizationuser_organization_created_at_id",
        "accounts_organizationuser",
        "customer_id",
        "organization",
        "created_at",
        "id",
        where="organization IS NOT NULL",
    )


def _tenants() -> None:
    create_table(
        "accounts_tenant",
        uuid("customer_id"),
        uuid("id"),
        text("first_name", null=True),
        text("last_name", null=True),
        text("corporate_name", null=True),
        text("email", null=True),
        text("phone_number", null=True),
        boolean("allows_external_personal_information_sharing", null=True),
        time("created_at"),
        uuid("organization", null=True),
        text("custom_id", null=True),
        text("first_name_folded", null=True),
        text("last_name_folded", null=True),
        text("corporate_name_folded", null=True),
        text("email_folded", null=True),
        text("phone_number_folded", null=True),
        text("custom_id_folded", null=True),
        time("updated_at"),
        integer("revision"),
        primary_key("pk_tenant", "customer_id", "id"),
        reference("fk_tenant_customer_id", ("customer_id",), "platform_customer"),
        reference("fk_tenant_organization", ("customer_id", "organization"), "sales_organization"),
        length("ck_tenant_first_name_length", "first_name", 0, 255),
        length("ck_tenant_last_name_length", "last_name", 0, 255),
        length("ck_tenant_corporate_name_length", "corporate_name", 0, 255),
        length("ck_tenant_email_length", "email", 0, 254),
        length("ck_tenant_phone_number_length", "phone_number", 0, 36),
        zero_or_one(
            "ck_tenant_allows_external_personal_information_sharing_boolean",
            "allows_external_personal_information_sharing",
        ),
        time_form("ck_tenant_created_at_form", "created_at"),
        length("ck_tenant_custom_id_length", "custom_id", 0, 128),
        check(
            "ck_tenant_atleastoneof_first_name_last_name_corporate_name",
            "first_name IS NOT NULL OR last_name IS NOT NULL OR corporate_name IS NOT NULL",
        ),
    )
    create_index("ix_tenant_created_at_id", "accounts_tenant", "customer_id", "created_at", "id")
    create_index(
        "ix_tenant_custom_id",
        "accounts_tenant",
        "customer_id",
        "custom_id",
        where="custom_id IS NOT NULL",
    )
    create_index(
        "ix_tenant_organization_created_at_id",
        "accounts_tenant",
        "customer_id",
        "organization",
        "created_at",
        "id",
        where="organization IS NOT NULL",
    )


def _sub_tenants() -> None:
    create_table(
        "accounts_subtenant",
        uuid("customer_id"),
        uuid("id"),
        text("first_name", null=True),
        text("last_name", null=True),
        text("corporate_name", null=True),
        text("phone_number", null=True),
        boolean("allows_external_personal_information_sharing", null=True),
        time("created_at"),
        uuid("organization", null=True),
        text("custom_id", null=True),
        text("first_name_folded", null=True),
        text("last_name_folded", null=True),
        text("corporate_name_folded", null=True),
        text("phone_number_folded", null=True),
        text("custom_id_folded", null=True),
        time("updated_at"),
        integer("revision"),
        primary_key("pk_subtenant", "customer_id", "id"),
        reference("fk_subtenant_customer_id", ("customer_id",), "platform_customer"),
        reference(
            "fk_subtenant_organization", ("customer_id", "organization"), "sales_organization"
        ),
        length("ck_subtenant_first_name_length", "first_name", 0, 255),
        length("ck_subtenant_last_name_length", "last_name", 0, 255),
        length("ck_subtenant_corporate_name_length", "corporate_name", 0, 255),
        length("ck_subtenant_phone_number_length", "phone_number", 0, 36),
        zero_or_one(
            "ck_subtenant_allows_external_personal_information_shar_40f00902",
            "allows_external_personal_information_sharing",
        ),
        time_form("ck_subtenant_created_at_form", "created_at"),
        length("ck_subtenant_custom_id_length", "custom_id", 0, 128),
        check(
            "ck_subtenant_atleastoneof_first_name_last_name_corporate_name",
            "first_name IS NOT NULL OR last_name IS NOT NULL OR corporate_name IS NOT NULL",
        ),
    )
    create_index(
        "ix_subtenant_created_at_id", "accounts_subtenant", "customer_id", "created_at", "id"
    )
    create_index(
        "ix_subtenant_custom_id",
        "accounts_subtenant",
        "customer_id",
        "custom_id",
        where="custom_id IS NOT NULL",
    )
    create_index(
        "ix_subtenant_organization_created_at_id",
        "accounts_subtenant",
        "customer_id",
        "organization",
        "created_at",
        "id",
        where="organization IS NOT NULL",
    )
