"""The first tables: the platform's own, and organizations."""

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

revision = "0001_first_tables"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the tables, each after those that it refers to."""
    _customers()
    _content_types()
    _applications()
    _services()
    _service_versions()
    _organizations()


def _customers() -> None:
    create_table(
        "platform_customer",
        uuid("id"),
        text("name"),
        boolean("is_active"),
        time("created_at"),
        text("name_folded"),
        time("updated_at"),
        integer("revision"),
        primary_key("pk_customer", "id"),
        length("ck_customer_name_length", "name", 0, 255),
        zero_or_one("ck_customer_is_active_boolean", "is_active"),
        time_form("ck_customer_created_at_form", "created_at"),
    )


def _content_types() -> None:
    create_table(
        "platform_contenttype",
        uuid("id"),
        text("name"),
        time("created_at"),
        text("name_folded"),
        time("updated_at"),
        integer("revision"),
        primary_key("pk_contenttype", "id"),
        unique("uq_contenttype_name", "name"),
        length("ck_contenttype_name_length", "name", 0, 255),
        time_form("ck_contenttype_created_at_form", "created_at"),
    )


def _applications() -> None:
    create_table(
        "platform_application",
        uuid("id"),
        text("name"),
        time("created_at"),
        text("name_folded"),
        time("updated_at"),
        integer("revision"),
        primary_key("pk_application", "id"),
        unique("uq_application_name", "name"),
        length("ck_application_name_length", "name", 0, 255),
        time_form("ck_application_created_at_form", "created_at"),
    )


def _services() -> None:
    create_table(
        "platform_service",
        uuid("id"),
        uuid("application"),
        text("name"),
        uuid("level"),
        time("created_at"),
        text("name_folded"),
        time("updated_at"),
        integer("revision"),
        primary_key("pk_service", "id"),
        unique("uq_service_application_name", "application", "name"),
        reference("fk_service_application", ("application",), "platform_application"),
        reference("fk_service_level", ("level",), "platform_contenttype"),
        length("ck_service_name_length", "name", 0, 255),
        time_form("ck_service_created_at_form", "created_at"),
    )


def _service_versions() -> None:
    create_table(
        "platform_serviceversion",
        uuid("id"),
        uuid("service"),
        integer("number"),
        boolean("require_personal_information_access"),
        time("created_at"),
        time("updated_at"),
        integer("revision"),
        primary_key("pk_serviceversion", "id"),
        unique("uq_serviceversion_service_number", "service", "number"),
        reference("fk_serviceversion_service", ("service",), "platform_service"),
        check("ck_serviceversion_number_range", "number BETWEEN 1 AND 2147483647"),
        zero_or_one(
            "ck_serviceversion_require_personal_information_access_boolean",
            "require_personal_information_access",
        ),
        time_form("ck_serviceversion_created_at_form", "created_at"),
    )


def _organizations() -> None:
    create_table(
        "sales_organization",
        uuid("customer_id"),
        uuid("id"),
        text("name"),
        json("customer_columns", null=True),
        json("tags", null=True),
        time("created_at"),
        uuid("organization", null=True),
        text("custom_id", null=True),
        text("name_folded"),
        text("custom_id_folded", null=True),
        time("updated_at"),
        integer("revision"),
        primary_key("pk_organization", "customer_id", "id"),
        unique("uq_organization_name", "customer_id", "name"),
        reference("fk_organization_customer_id", ("customer_id",), "platform_customer"),
        reference(
            "fk_organization_organization", ("customer_id", "organization"), "sales_organization"
        ),
        length("ck_organization_name_length", "name", 0, 255),
        time_form("ck_organization_created_at_form", "created_at"),
        length("ck_organization_custom_id_length", "custom_id", 0, 128),
    )
    create_index(
        "ix_organization_created_at_id", "sales_organization", "customer_id", "created_at", "id"
    )
    create_index(
        "ix_organization_custom_id",
        "sales_organization",
        "customer_id",
        "custom_id",
        where="custom_id IS NOT NULL",
    )
    create_index(
        "ix_organization_organization_created_at_id",
        "sales_organization",
        "customer_id",
        "organization",
        "created_at",
        "id",
        where="organization IS NOT NULL",
    )
