"""Sub-tenants, and what they are to tenants."""

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

revision = "0005_sub_tenants"
down_revision = "0004_tenants"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the tables, each after those that it refers to."""
    _sub_tenants()
    _connections()


def _sub_tenants() -> None:
    create_table(
        "accounts_subtenant",
        uuid("customer_id"),
        uuid("id"),
        boolean("allow_errands_access_through_connections"),
        boolean("allow_personal_information_access"),
        boolean("add_connection_description_on_invoice"),
        boolean("allow_notifications"),
        boolean("allow_revenue_row_access"),
        boolean("allow_brf_access"),
        boolean("allow_cancel_contract_access"),
        boolean("allow_errands_access"),
        boolean("allow_contracts_access"),
        boolean("allow_invoice_access"),
        boolean("allow_objects_access"),
        boolean("allow_my_pages_access"),
        text("first_name", null=True),
        text("last_name", null=True),
        text("corporate_name", null=True),
        text("org_no", null=True),
        text("sni_number", null=True),
        text("gln13_number", null=True),
        text("fmi", null=True),
        text("phone_number", null=True),
        text("peppol_id", null=True),
        text("invoice_email", null=True),
        uuid("previous_address", null=True),
        uuid("current_registered_address", null=True),
        uuid("future_address", null=True),
        date("birth_date", null=True),
        boolean("is_active"),
        boolean("ssn_is_coordination_number"),
        boolean("autogiro_disables_invoice_distribution"),
        boolean("allows_external_personal_information_sharing", null=True),
        json("block_sms_notifications_for"),
        json("block_notifications_for"),
        json("profile_picture", null=True),
        integer("status"),
        boolean("mfa_has_hotp", null=True),
        text("username", null=True),
        json("is_company", null=True),
        time("created_at"),
        uuid("organization", null=True),
        text("custom_id", null=True),
        text("first_name_folded", null=True),
        text("last_name_folded", null=True),
        text("corporate_name_folded", null=True),
        text("org_no_folded", null=True),
        text("sni_number_folded", null=True),
        text("gln13_number_folded", null=True),
        text("fmi_folded", null=True),
        text("phone_number_folded", null=True),
        text("peppol_id_folded", null=True),
        text("invoice_email_folded", null=True),
        text("username_folded", null=True),
        text("custom_id_folded", null=True),
        time("updated_at"),
        integer("revision"),
        primary_key("pk_subtenant", "customer_id", "id"),
        unique("uq_subtenant_username", "customer_id", "username"),
        reference("fk_subtenant_customer_id", ("customer_id",), "platform_customer"),
        reference(
            "fk_subtenant_previous_address", ("customer_id", "previous_address"), "common_address"
        ),
        reference(
            "fk_subtenant_current_registered_address",
            ("customer_id", "current_registered_address"),
            "common_address",
        ),
        reference(
            "fk_subtenant_future_address", ("customer_id", "future_address"), "common_address"
        ),
        reference(
            "fk_subtenant_organization", ("customer_id", "organization"), "sales_organization"
        ),
        zero_or_one(
            "ck_subtenant_allow_errands_access_through_connections_boolean",
            "allow_errands_access_through_connections",
        ),
        zero_or_one(
            "ck_subtenant_allow_personal_information_access_boolean",
            "allow_personal_information_access",
        ),
        zero_or_one(
            "ck_subtenant_add_connection_description_on_invoice_boolean",
            "add_connection_description_on_invoice",
        ),
        zero_or_one("ck_subtenant_allow_notifications_boolean", "allow_notifications"),
        zero_or_one("ck_subtenant_allow_revenue_row_access_boolean", "allow_revenue_row_access"),
        zero_or_one("ck_subtenant_allow_brf_access_boolean", "allow_brf_access"),
        zero_or_one(
            "ck_subtenant_allow_cancel_contract_access_boolean", "allow_cancel_contract_access"
        ),
        zero_or_one("ck_subtenant_allow_errands_access_boolean", "allow_errands_access"),
        zero_or_one("ck_subtenant_allow_contracts_access_boolean", "allow_contracts_access"),
        zero_or_one("ck_subtenant_allow_invoice_access_boolean", "allow_invoice_access"),
        zero_or_one("ck_subtenant_allow_objects_access_boolean", "allow_objects_access"),
        zero_or_one("ck_subtenant_allow_my_pages_access_boolean", "allow_my_pages_access"),
        length("ck_subtenant_first_name_length", "first_name", 0, 255),
        length("ck_subtenant_last_name_length", "last_name", 0, 255),
        length("ck_subtenant_corporate_name_length", "corporate_name", 0, 255),
        length("ck_subtenant_org_no_length", "org_no", 10, 11),
        length("ck_subtenant_sni_number_length", "sni_number", 0, 6),
        length("ck_subtenant_gln13_number_length", "gln13_number", 13, 14),
        length("ck_subtenant_fmi_length", "fmi", 17, 20),
        length("ck_subtenant_phone_number_length", "phone_number", 0, 36),
        length("ck_subtenant_peppol_id_length", "peppol_id", 15, 18),
        length("ck_subtenant_invoice_email_length", "invoice_email", 0, 254),
        date_form("ck_subtenant_birth_date_form", "birth_date"),
        zero_or_one("ck_subtenant_is_active_boolean", "is_active"),
        zero_or_one(
            "ck_subtenant_ssn_is_coordination_number_boolean", "ssn_is_coordination_number"
        ),
        zero_or_one(
            "ck_subtenant_autogiro_disables_invoice_distribution_boolean",
            "autogiro_disables_invoice_distribution",
        ),
        zero_or_one(
            "ck_subtenant_allows_external_personal_information_shar_40f00902",
            "allows_external_personal_information_sharing",
        ),
        check("ck_subtenant_status_options", "status IN (0, 1, 2, 3, 4, 5, 6, 7, 8, 9)"),
        zero_or_one("ck_subtenant_mfa_has_hotp_boolean", "mfa_has_hotp"),
        length("ck_subtenant_username_length", "username", 8, 150),
        time_form("ck_subtenant_created_at_form", "created_at"),
        length("ck_subtenant_custom_id_length", "custom_id", 0, 128),
        check(
            "ck_subtenant_atleastoneof_first_name_last_name_corporate_name",
            "first_name IS NOT NULL OR last_name IS NOT NULL OR corporate_name IS NOT NULL",
        ),
        check(
            "ck_subtenant_requires_sni_number_corporate_name",
            "sni_number IS NULL OR (corporate_name IS NOT NULL)",
        ),
    )
    create_index(
        "ix_subtenant_created_at_id", "accounts_subtenant", "customer_id", "created_at", "id"
    )
    create_index(
        "ix_subtenant_current_registered_address_created_at_id",
        "accounts_subtenant",
        "customer_id",
        "current_registered_address",
        "created_at",
        "id",
        where="current_registered_address IS NOT NULL",
    )
    create_index(
        "ix_subtenant_custom_id",
        "accounts_subtenant",
        "customer_id",
        "custom_id",
        where="custom_id IS NOT NULL",
    )
    create_index(
        "ix_subtenant_future_address_created_at_id",
        "accounts_subtenant",
        "customer_id",
        "future_address",
        "created_at",
        "id",
        where="future_address IS NOT NULL",
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
    create_index(
        "ix_subtenant_previous_address_created_at_id",
        "accounts_subtenant",
        "customer_id",
        "previous_address",
        "created_at",
        "id",
        where="previous_address IS NOT NULL",
    )


def _connections() -> None:
    create_table(
        "accounts_subtenanttenantconnection",
        uuid("customer_id"),
        uuid("id"),
        uuid("sub_tenant"),
        uuid("tenant"),
        integer("stakeholder_type"),
        integer("category", null=True),
        uuid("parent_sub_tenant", null=True),
        time("created_at"),
        uuid("organization", null=True),
        text("custom_id", null=True),
        text("custom_id_folded", null=True),
        time("updated_at"),
        integer("revision"),
        primary_key("pk_subtenanttenantconnection", "customer_id", "id"),
        reference(
            "fk_subtenanttenantconnection_customer_id", ("customer_id",), "platform_customer"
        ),
        reference(
            "fk_subtenanttenantconnection_sub_tenant",
            ("customer_id", "sub_tenant"),
            "accounts_subtenant",
        ),
        reference(
            "fk_subtenanttenantconnection_tenant", ("customer_id", "tenant"), "accounts_tenant"
        ),
        reference(
            "fk_subtenanttenantconnection_parent_sub_tenant",
            ("customer_id", "parent_sub_tenant"),
            "accounts_subtenant",
        ),
        reference(
            "fk_subtenanttenantconnection_organization",
            ("customer_id", "organization"),
            "sales_organization",
        ),
        check(
            "ck_subtenanttenantconnection_stakeholder_type_options",
            "stakeholder_type IN (0, 1, 2, 3)",
        ),
        check(
            "ck_subtenanttenantconnection_category_options",
            "category IN (0, 1, 2, 3, 4, 5, 6, 7, 8, 9)",
        ),
        time_form("ck_subtenanttenantconnection_created_at_form", "created_at"),
        length("ck_subtenanttenantconnection_custom_id_length", "custom_id", 0, 128),
    )
    create_index(
        "ix_subtenanttenantconnection_created_at_id",
        "accounts_subtenanttenantconnection",
        "customer_id",
        "created_at",
        "id",
    )
    create_index(
        "ix_subtenanttenantconnection_custom_id",
        "accounts_subtenanttenantconnection",
        "customer_id",
        "custom_id",
        where="custom_id IS NOT NULL",
    )
    create_index(
        "ix_subtenanttenantconnection_organization_created_at_id",
        "accounts_subtenanttenantconnection",
        "customer_id",
        "organization",
        "created_at",
        "id",
        where="organization IS NOT NULL",
    )
    create_index(
        "ix_subtenanttenantconnection_parent_sub_tenant_created_at_id",
        "accounts_subtenanttenantconnection",
        "customer_id",
        "parent_sub_tenant",
        "created_at",
        "id",
        where="parent_sub_tenant IS NOT NULL",
    )
    create_index(
        "ix_subtenanttenantconnection_sub_tenant_created_at_id",
        "accounts_subtenanttenantconnection",
        "customer_id",
        "sub_tenant",
        "created_at",
        "id",
    )
    create_index(
        "ix_subtenanttenantconnection_tenant_created_at_id",
        "accounts_subtenanttenantconnection",
        "customer_id",
        "tenant",
        "created_at",
        "id",
    )
