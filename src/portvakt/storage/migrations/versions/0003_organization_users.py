"""Organization users, and where they work."""

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
    uuid,
    zero_or_one,
)

revision = "0003_organization_users"
down_revision = "0002_places"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the tables, each after those that it refers to."""
    _organization_users()
    _organization_user_segments()


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
        text("ssn", null=True),
        text("org_no", null=True),
        text("fmi", null=True),
        date("birth_date", null=True),
        boolean("ssn_is_coordination_number"),
        boolean("anonymized"),
        boolean("is_active"),
        boolean("prefer_invoice_view_only"),
        text("anonymization_name", null=True),
        time("active_to", null=True),
        uuid("role", null=True),
        json("external_clients"),
        json("debt_distribution_instruction", null=True),
        json("reminder_distribution_instruction", null=True),
        json("invoice_distribution_instruction", null=True),
        json("send_out_distribution_instruction", null=True),
        json("profile_picture", null=True),
        time("created_at"),
        uuid("organization", null=True),
        text("custom_id", null=True),
        text("first_name_folded", null=True),
        text("last_name_folded", null=True),
        text("corporate_name_folded", null=True),
        text("email_folded", null=True),
        text("phone_number_folded", null=True),
        text("ssn_folded", null=True),
        text("org_no_folded", null=True),
        text("fmi_folded", null=True),
        text("anonymization_name_folded", null=True),
        text("custom_id_folded", null=True),
        time("updated_at"),
        integer("revision"),
        primary_key("pk_organizationuser", "customer_id", "id"),
        reference("fk_organizationuser_customer_id", ("customer_id",), "platform_customer"),
        reference("fk_organizationuser_role", ("customer_id", "role"), "organization_role"),
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
        length("ck_organizationuser_ssn_length", "ssn", 12, 13),
        length("ck_organizationuser_org_no_length", "org_no", 10, 11),
        length("ck_organizationuser_fmi_length", "fmi", 17, 20),
        date_form("ck_organizationuser_birth_date_form", "birth_date"),
        zero_or_one(
            "ck_organizationuser_ssn_is_coordination_number_boolean", "ssn_is_coordination_number"
        ),
        zero_or_one("ck_organizationuser_anonymized_boolean", "anonymized"),
        zero_or_one("ck_organizationuser_is_active_boolean", "is_active"),
        zero_or_one(
            "ck_organizationuser_prefer_invoice_view_only_boolean", "prefer_invoice_view_only"
        ),
        length("ck_organizationuser_anonymization_name_length", "anonymization_name", 0, 255),
        time_form("ck_organizationuser_active_to_form", "active_to"),
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
    create_index(
        "ix_organizationuser_role_created_at_id",
        "accounts_organizationuser",
        "customer_id",
        "role",
        "created_at",
        "id",
        where="role IS NOT NULL",
    )


def _organization_user_segments() -> None:
    create_table(
        "accounts_organizationusersegment",
        uuid("customer_id"),
        uuid("id"),
        uuid("segment"),
        uuid("user"),
        uuid("role", null=True),
        time("created_at"),
        uuid("organization", null=True),
        text("custom_id", null=True),
        text("custom_id_folded", null=True),
        time("updated_at"),
        integer("revision"),
        primary_key("pk_organizationusersegment", "customer_id", "id"),
        reference("fk_organizationusersegment_customer_id", ("customer_id",), "platform_customer"),
        reference(
            "fk_organizationusersegment_segment", ("customer_id", "segment"), "organization_segment"
        ),
        reference(
            "fk_organizationusersegment_user", ("customer_id", "user"), "accounts_organizationuser"
        ),
        reference("fk_organizationusersegment_role", ("customer_id", "role"), "organization_role"),
        reference(
            "fk_organizationusersegment_organization",
            ("customer_id", "organization"),
            "sales_organization",
        ),
        time_form("ck_organizationusersegment_created_at_form", "created_at"),
        length("ck_organizationusersegment_custom_id_length", "custom_id", 0, 128),
    )
    create_index(
        "ix_organizationusersegment_created_at_id",
        "accounts_organizationusersegment",
        "customer_id",
        "created_at",
        "id",
    )
    create_index(
        "ix_organizationusersegment_custom_id",
        "accounts_organizationusersegment",
        "customer_id",
        "custom_id",
        where="custom_id IS NOT NULL",
    )
    create_index(
        "ix_organizationusersegment_organization_created_at_id",
        "accounts_organizationusersegment",
        "customer_id",
        "organization",
        "created_at",
        "id",
        where="organization IS NOT NULL",
    )
    create_index(
        "ix_organizationusersegment_role_created_at_id",
        "accounts_organizationusersegment",
        "customer_id",
        "role",
        "created_at",
        "id",
        where="role IS NOT NULL",
    )
    create_index(
        "ix_organizationusersegment_segment_created_at_id",
        "accounts_organizationusersegment",
        "customer_id",
        "segment",
        "created_at",
        "id",
    )
    create_index(
        "ix_organizationusersegment_user_created_at_id",
        "accounts_organizationusersegment",
        "customer_id",
        "user",
        "created_at",
        "id",
    )
