"""Integrations with their credentials."""

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
    uuid,
    zero_or_one,
)

revision = "0007_integrations"
down_revision = "0006_protected_identities"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the tables, each after those that it refers to."""
    _integrations()
    _credentials()


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
        boolean("access_requires_specific_object_connection"),
        integer("personal_information_acceptance_mode", null=True),
        json("subscribes_to_events"),
        json("allowed_access"),
        boolean("requires_sole_category_ownership"),
        boolean("require_personal_information_access"),
        boolean("allow_token_generation_for_tenants"),
        boolean("allow_token_generation_for_sub_tenants"),
        boolean("has_tenant_http_invokable_method"),
        boolean("has_sub_tenant_http_invokable_method"),
        json("registered_ip_addresses", null=True),
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
        zero_or_one("ck_integrationuseragent_is_active_boolean", "is_active"),
        zero_or_one(
            "ck_integrationuseragent_access_requires_specific_objec_97df332b",
            "access_requires_specific_object_connection",
        ),
        check(
            "ck_integrationuseragent_personal_information_acceptanc_6c32b638",
            "personal_information_acceptance_mode IN (0, 1, 2)",
        ),
        zero_or_one(
            "ck_integrationuseragent_requires_sole_category_ownersh_ec14c382",
            "requires_sole_category_ownership",
        ),
        zero_or_one(
            "ck_integrationuseragent_require_personal_information_a_1c048dba",
            "require_personal_information_access",
        ),
        zero_or_one(
            "ck_integrationuseragent_allow_token_generation_for_ten_9dff753a",
            "allow_token_generation_for_tenants",
        ),
        zero_or_one(
            "ck_integrationuseragent_allow_token_generation_for_sub_b329a3d4",
            "allow_token_generation_for_sub_tenants",
        ),
        zero_or_one(
            "ck_integrationuseragent_has_tenant_http_invokable_meth_3566e492",
            "has_tenant_http_invokable_method",
        ),
        zero_or_one(
            "ck_integrationuseragent_has_sub_tenant_http_invokable__607a3efd",
            "has_sub_tenant_http_invokable_method",
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
