"""Tenants."""

from __future__ import annotations

from portvakt.storage.migrations.forms import (
    boolean,
    check,
    create_index,
    create_table,
    date,
    date_form,
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

revision = "0004_tenants"
down_revision = "0003_organization_users"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the table, with that of their real estates."""
    _tenants()


def _tenants() -> None:
    create_table(
        "accounts_tenant",
        uuid("customer_id"),
        uuid("id"),
        text("first_name", null=True),
        text("last_name", null=True),
        text("corporate_name", null=True),
        text("popular_name", null=True),
        text("email", null=True),
        text("phone_number", null=True),
        text("ssn", null=True),
        text("org_no", null=True),
        text("gln13_number", null=True),
        text("sni_number", null=True),
        date("birth_date", null=True),
        boolean("ssn_is_coordination_number"),
        boolean("anonymized"),
        text("anonymization_name", null=True),
        boolean("is_active"),
        time("active_to", null=True),
        boolean("allows_external_personal_information_sharing", null=True),
        uuid("current_registered_address", null=True),
        uuid("future_address", null=True),
        text("invoice_email", null=True),
        boolean("autogiro_disables_invoice_distribution"),
        json("debt_distribution_instruction", null=True),
        json("reminder_distribution_instruction", null=True),
        json("invoice_distribution_instruction", null=True),
        json("send_out_distribution_instruction", null=True),
        json("block_notifications_for"),
        json("block_email_notifications_for"),
        text("custom_dimension_category_value", null=True),
        json("profile_picture", null=True),
        text("username", null=True),
        integer("status"),
        time("created_at"),
        uuid("organization", null=True),
        text("custom_id", null=True),
        text("first_name_folded", null=True),
        text("last_name_folded", null=True),
        text("corporate_name_folded", null=True),
        text("popular_name_folded", null=True),
        text("email_folded", null=True),
        text("phone_number_folded", null=True),
        text("ssn_folded", null=True),
        text("org_no_folded", null=True),
        text("gln13_number_folded", null=True),
        text("sni_number_folded", null=True),
        text("anonymization_name_folded", null=True),
        text("invoice_email_folded", null=True),
        text("custom_dimension_category_value_folded", null=True),
        text("username_folded", null=True),
        text("custom_id_folded", null=True),
        time("updated_at"),
        integer("revision"),
        primary_key("pk_tenant", "customer_id", "id"),
        unique("uq_tenant_username", "customer_id", "username"),
        reference("fk_tenant_customer_id", ("customer_id",), "platform_customer"),
        reference(
            "fk_tenant_current_registered_address",
            ("customer_id", "current_registered_address"),
            "common_address",
        ),
        reference("fk_tenant_future_address", ("customer_id", "future_address"), "common_address"),
        reference("fk_tenant_organization", ("customer_id", "organization"), "sales_organization"),
        length("ck_tenant_first_name_length", "first_name", 0, 255),
        length("ck_tenant_last_name_length", "last_name", 0, 255),
        length("ck_tenant_corporate_name_length", "corporate_name", 0, 255),
        length("ck_tenant_popular_name_length", "popular_name", 0, 255),
        length("ck_tenant_email_length", "email", 0, 254),
        length("ck_tenant_phone_number_length", "phone_number", 0, 36),
        length("ck_tenant_ssn_length", "ssn", 12, 13),
        length("ck_tenant_org_no_length", "org_no", 10, 11),
        length("ck_tenant_gln13_number_length", "gln13_number", 13, 14),
        length("ck_tenant_sni_number_length", "sni_number", 0, 6),
        date_form("ck_tenant_birth_date_form", "birth_date"),
        zero_or_one("ck_tenant_ssn_is_coordination_number_boolean", "ssn_is_coordination_number"),
        zero_or_one("ck_tenant_anonymized_boolean", "anonymized"),
        length("ck_tenant_anonymization_name_length", "anonymization_name", 0, 255),
        zero_or_one("ck_tenant_is_active_boolean", "is_active"),
        time_form("ck_tenant_active_to_form", "active_to"),
        zero_or_one(
            "ck_tenant_allows_external_personal_information_sharing_boolean",
            "allows_external_personal_information_sharing",
        ),
        length("ck_tenant_invoice_email_length", "invoice_email", 0, 254),
        zero_or_one(
            "ck_tenant_autogiro_disables_invoice_distribution_boolean",
            "autogiro_disables_invoice_distribution",
        ),
        length(
            "ck_tenant_custom_dimension_category_value_length",
            "custom_dimension_category_value",
            0,
            255,
        ),
        length("ck_tenant_username_length", "username", 8, 150),
        check("ck_tenant_status_options", "status IN (0, 1, 2, 3, 4, 5, 6, 7, 8, 9)"),
        time_form("ck_tenant_created_at_form", "created_at"),
        length("ck_tenant_custom_id_length", "custom_id", 0, 128),
        check(
            "ck_tenant_atleastoneof_first_name_last_name_corporate_name",
            "first_name IS NOT NULL OR last_name IS NOT NULL OR corporate_name IS NOT NULL",
        ),
    )
    create_index("ix_tenant_created_at_id", "accounts_tenant", "customer_id", "created_at", "id")
    create_index(
        "ix_tenant_current_registered_address_created_at_id",
        "accounts_tenant",
        "customer_id",
        "current_registered_address",
        "created_at",
        "id",
        where="current_registered_address IS NOT NULL",
    )
    create_index(
        "ix_tenant_custom_id",
        "accounts_tenant",
        "customer_id",
        "custom_id",
        where="custom_id IS NOT NULL",
    )
    create_index(
        "ix_tenant_future_address_created_at_id",
        "accounts_tenant",
        "customer_id",
        "future_address",
        "created_at",
        "id",
        where="future_address IS NOT NULL",
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
    create_table(
        "accounts_tenant_realestates",
        uuid("customer_id"),
        uuid("item"),
        uuid("target"),
        primary_key("pk_tenant_realestates", "customer_id", "item", "target"),
        reference(
            "fk_tenant_realestates_item", ("customer_id", "item"), "accounts_tenant", cascade=True
        ),
        reference("fk_tenant_realestates_target", ("customer_id", "target"), "objects_realestate"),
    )
    create_index(
        "ix_tenant_realestates_target",
        "accounts_tenant_realestates",
        "customer_id",
        "target",
        "item",
    )
