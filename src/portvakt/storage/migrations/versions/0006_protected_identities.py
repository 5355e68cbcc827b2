"""Protected identities of tenants and sub-tenants."""

from __future__ import annotations

from portvakt.storage.migrations.forms import (
    boolean,
    check,
    create_index,
    create_table,
    date,
    date_form,
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

revision = "0006_protected_identities"
down_revision = "0005_sub_tenants"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the table."""
    _protected_identities()


def _protected_identities() -> None:
    create_table(
        "accounts_protectedidentity",
        uuid("customer_id"),
        uuid("id"),
        uuid("tenant", null=True),
        uuid("sub_tenant", null=True),
        text("first_name", null=True),
        text("last_name", null=True),
        text("corporate_name", null=True),
        text("email", null=True),
        text("phone_number", null=True),
        text("ssn", null=True),
        boolean("ssn_is_coordination_number"),
        text("org_no", null=True),
        date("birth_date", null=True),
        uuid("current_registered_address", null=True),
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
        text("custom_id_folded", null=True),
        time("updated_at"),
        integer("revision"),
        primary_key("pk_protectedidentity", "customer_id", "id"),
        unique("uq_protectedidentity_tenant", "customer_id", "tenant"),
        unique("uq_protectedidentity_sub_tenant", "customer_id", "sub_tenant"),
        reference("fk_protectedidentity_customer_id", ("customer_id",), "platform_customer"),
        reference("fk_protectedidentity_tenant", ("customer_id", "tenant"), "accounts_tenant"),
        reference(
            "fk_protectedidentity_sub_tenant", ("customer_id", "sub_tenant"), "accounts_subtenant"
        ),
        reference(
            "fk_protectedidentity_current_registered_address",
            ("customer_id", "current_registered_address"),
            "common_address",
        ),
        reference(
            "fk_protectedidentity_organization",
            ("customer_id", "organization"),
            "sales_organization",
        ),
        length("ck_protectedidentity_first_name_length", "first_name", 0, 255),
        length("ck_protectedidentity_last_name_length", "last_name", 0, 255),
        length("ck_protectedidentity_corporate_name_length", "corporate_name", 0, 255),
        length("ck_protectedidentity_email_length", "email", 0, 254),
        length("ck_protectedidentity_phone_number_length", "phone_number", 0, 36),
        length("ck_protectedidentity_ssn_length", "ssn", 12, 13),
        zero_or_one(
            "ck_protectedidentity_ssn_is_coordination_number_boolean", "ssn_is_coordination_number"
        ),
        length("ck_protectedidentity_org_no_length", "org_no", 10, 11),
        date_form("ck_protectedidentity_birth_date_form", "birth_date"),
        time_form("ck_protectedidentity_created_at_form", "created_at"),
        length("ck_protectedidentity_custom_id_length", "custom_id", 0, 128),
        check(
            "ck_protectedidentity_atmostoneof_tenant_sub_tenant",
            "CASE WHEN tenant IS NULL THEN 0 ELSE 1 END"
            " + CASE WHEN sub_tenant IS NULL THEN 0 ELSE 1 END <= 1",
        ),
        check(
            "ck_protectedidentity_atleastoneof_tenant_sub_tenant",
            "tenant IS NOT NULL OR sub_tenant IS NOT NULL",
        ),
        check(
            "ck_protectedidentity_atleastoneof_first_name_last_name_e85189cb",
            "first_name IS NOT NULL OR last_name IS NOT NULL OR corporate_name IS NOT NULL",
        ),
    )
    create_index(
        "ix_protectedidentity_created_at_id",
        "accounts_protectedidentity",
        "customer_id",
        "created_at",
        "id",
    )
    create_index(
        "ix_protectedidentity_current_registered_address_created_at_id",
        "accounts_protectedidentity",
        "customer_id",
        "current_registered_address",
        "created_at",
        "id",
        where="current_registered_address IS NOT NULL",
    )
    create_index(
        "ix_protectedidentity_custom_id",
        "accounts_protectedidentity",
        "customer_id",
        "custom_id",
        where="custom_id IS NOT NULL",
    )
    create_index(
        "ix_protectedidentity_organization_created_at_id",
        "accounts_protectedidentity",
        "customer_id",
        "organization",
        "created_at",
        "id",
        where="organization IS NOT NULL",
    )
    create_index(
        "ix_protectedidentity_sub_tenant_created_at_id",
        "accounts_protectedidentity",
        "customer_id",
        "sub_tenant",
        "created_at",
        "id",
        where="sub_tenant IS NOT NULL",
    )
    create_index(
        "ix_protectedidentity_tenant_created_at_id",
        "accounts_protectedidentity",
        "customer_id",
        "tenant",
        "created_at",
        "id",
        where="tenant IS NOT NULL",
    )
