"""Real estates with what they belong to, addresses, and the roles of those who work there."""

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
    number,
    primary_key,
    reference,
    text,
    time,
    time_form,
    unique,
    uuid,
    zero_or_one,
)

revision = "0002_places"
down_revision = "0001_first_tables"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the tables, each after those that it refers to."""
    _addresses()
    _companies()
    _real_estates()
    _segments()
    _roles()


def _addresses() -> None:
    create_table(
        "common_address",
        uuid("customer_id"),
        uuid("id"),
        text("street"),
        text("street_number", null=True),
        text("postal_code"),
        text("city"),
        text("country"),
        text("care_of", null=True),
        text("attention", null=True),
        number("longitude", null=True),
        number("latitude", null=True),
        time("created_at"),
        uuid("organization", null=True),
        text("custom_id", null=True),
        text("street_folded"),
        text("street_number_folded", null=True),
        text("postal_code_folded"),
        text("city_folded"),
        text("country_folded"),
        text("care_of_folded", null=True),
        text("attention_folded", null=True),
        text("custom_id_folded", null=True),
        time("updated_at"),
        integer("revision"),
        primary_key("pk_address", "customer_id", "id"),
        reference("fk_address_customer_id", ("customer_id",), "platform_customer"),
        reference("fk_address_organization", ("customer_id", "organization"), "sales_organization"),
        length("ck_address_street_length", "street", 0, 255),
        length("ck_address_street_number_length", "street_number", 0, 255),
        length("ck_address_postal_code_length", "postal_code", 0, 16),
        length("ck_address_city_length", "city", 0, 255),
        length("ck_address_country_length", "country", 0, 255),
        length("ck_address_care_of_length", "care_of", 0, 255),
        length("ck_address_attention_length", "attention", 0, 255),
        check("ck_address_longitude_range", "longitude BETWEEN -180 AND 180"),
        check("ck_address_latitude_range", "latitude BETWEEN -90 AND 90"),
        time_form("ck_address_created_at_form", "created_at"),
        length("ck_address_custom_id_length", "custom_id", 0, 128),
    )
    create_index("ix_address_created_at_id", "common_address", "customer_id", "created_at", "id")
    create_index(
        "ix_address_custom_id",
        "common_address",
        "customer_id",
        "custom_id",
        where="custom_id IS NOT NULL",
    )
    create_index(
        "ix_address_organization_created_at_id",
        "common_address",
        "customer_id",
        "organization",
        "created_at",
        "id",
        where="organization IS NOT NULL",
    )


def _companies() -> None:
    create_table(
        "organization_company",
        uuid("customer_id"),
        uuid("id"),
        text("name"),
        boolean("has_brf_company", null=True),
        integer("auto_confirm_bookkeeping_after_days", null=True),
        date("bookkeeping_locked_to", null=True),
        integer("bookkeeping_month_start", null=True),
        time("created_at"),
        uuid("organization", null=True),
        text("custom_id", null=True),
        text("name_folded"),
        text("custom_id_folded", null=True),
        time("updated_at"),
        integer("revision"),
        primary_key("pk_company", "customer_id", "id"),
        reference("fk_company_customer_id", ("customer_id",), "platform_customer"),
        reference("fk_company_organization", ("customer_id", "organization"), "sales_organization"),
        length("ck_company_name_length", "name", 0, 255),
        zero_or_one("ck_company_has_brf_company_boolean", "has_brf_company"),
        date_form("ck_company_bookkeeping_locked_to_form", "bookkeeping_locked_to"),
        check(
            "ck_company_bookkeeping_month_start_range", "bookkeeping_month_start BETWEEN 1 AND 12"
        ),
        time_form("ck_company_created_at_form", "created_at"),
        length("ck_company_custom_id_length", "custom_id", 0, 128),
    )
    create_index(
        "ix_company_created_at_id", "organization_company", "customer_id", "created_at", "id"
    )
    create_index(
        "ix_company_custom_id",
        "organization_company",
        "customer_id",
        "custom_id",
        where="custom_id IS NOT NULL",
    )
    create_index(
        "ix_company_organization_created_at_id",
        "organization_company",
        "customer_id",
        "organization",
        "created_at",
        "id",
        where="organization IS NOT NULL",
    )


def _real_estates() -> None:
    create_table(
        "objects_realestate",
        uuid("customer_id"),
        uuid("id"),
        text("name"),
        text("popular_name", null=True),
        uuid("company", null=True),
        json("community", null=True),
        integer("type_code", null=True),
        integer("ownership_type", null=True),
        date("purchased_date", null=True),
        date("financial_responsibility_to", null=True),
        date("sold_date", null=True),
        date("non_financial_responsibility_to", null=True),
        time("created_at"),
        uuid("organization", null=True),
        text("custom_id", null=True),
        text("name_folded"),
        text("popular_name_folded", null=True),
        text("custom_id_folded", null=True),
        time("updated_at"),
        integer("revision"),
        primary_key("pk_realestate", "customer_id", "id"),
        reference("fk_realestate_customer_id", ("customer_id",), "platform_customer"),
        reference("fk_realestate_company", ("customer_id", "company"), "organization_company"),
        reference(
            "fk_realestate_organization", ("customer_id", "organization"), "sales_organization"
        ),
        length("ck_realestate_name_length", "name", 0, 255),
        length("ck_realestate_popular_name_length", "popular_name", 0, 255),
        date_form("ck_realestate_purchased_date_form", "purchased_date"),
        date_form("ck_realestate_financial_responsibility_to_form", "financial_responsibility_to"),
        date_form("ck_realestate_sold_date_form", "sold_date"),
        date_form(
            "ck_realestate_non_financial_responsibility_to_form", "non_financial_responsibility_to"
        ),
        time_form("ck_realestate_created_at_form", "created_at"),
        length("ck_realestate_custom_id_length", "custom_id", 0, 128),
        check(
            "ck_realestate_properorder_purchased_date_sold_date_non_6085457e",
            "(purchased_date IS NULL OR sold_date IS NULL"
            " OR purchased_date <= sold_date) AND (purchased_date IS NULL"
            " OR non_financial_responsibility_to IS NULL"
            " OR purchased_date <= non_financial_responsibility_to)"
            " AND (sold_date IS NULL OR non_financial_responsibility_to IS NULL"
            " OR sold_date <= non_financial_responsibility_to)",
        ),
        check(
            "ck_realestate_properorder_purchased_date_financial_res_450214b8",
            "(purchased_date IS NULL OR financial_responsibility_to IS NULL"
            " OR purchased_date <= financial_responsibility_to)"
            " AND (purchased_date IS NULL OR non_financial_responsibility_to IS NULL"
            " OR purchased_date <= non_financial_responsibility_to)"
            " AND (financial_responsibility_to IS NULL"
            " OR non_financial_responsibility_to IS NULL"
            " OR financial_responsibility_to <= non_financial_responsibility_to)",
        ),
    )
    create_index(
        "ix_realestate_company_created_at_id",
        "objects_realestate",
        "customer_id",
        "company",
        "created_at",
        "id",
        where="company IS NOT NULL",
    )
    create_index(
        "ix_realestate_created_at_id", "objects_realestate", "customer_id", "created_at", "id"
    )
    create_index(
        "ix_realestate_custom_id",
        "objects_realestate",
        "customer_id",
        "custom_id",
        where="custom_id IS NOT NULL",
    )
    create_index(
        "ix_realestate_organization_created_at_id",
        "objects_realestate",
        "customer_id",
        "organization",
        "created_at",
        "id",
        where="organization IS NOT NULL",
    )


def _segments() -> None:
    create_table(
        "organization_segment",
        uuid("customer_id"),
        uuid("id"),
        text("name"),
        time("created_at"),
        uuid("organization", null=True),
        text("custom_id", null=True),
        text("name_folded"),
        text("custom_id_folded", null=True),
        time("updated_at"),
        integer("revision"),
        primary_key("pk_segment", "customer_id", "id"),
        reference("fk_segment_customer_id", ("customer_id",), "platform_customer"),
        reference("fk_segment_organization", ("customer_id", "organization"), "sales_organization"),
        length("ck_segment_name_length", "name", 0, 255),
        time_form("ck_segment_created_at_form", "created_at"),
        length("ck_segment_custom_id_length", "custom_id", 0, 128),
    )
    create_index(
        "ix_segment_created_at_id", "organization_segment", "customer_id", "created_at", "id"
    )
    create_index(
        "ix_segment_custom_id",
        "organization_segment",
        "customer_id",
        "custom_id",
        where="custom_id IS NOT NULL",
    )
    create_index(
        "ix_segment_organization_created_at_id",
        "organization_segment",
        "customer_id",
        "organization",
        "created_at",
        "id",
        where="organization IS NOT NULL",
    )
    create_table(
        "organization_segment_realestates",
        uuid("customer_id"),
        uuid("item"),
        uuid("target"),
        primary_key("pk_segment_realestates", "customer_id", "item", "target"),
        reference(
            "fk_segment_realestates_item",
            ("customer_id", "item"),
            "organization_segment",
            cascade=True,
        ),
        reference("fk_segment_realestates_target", ("customer_id", "target"), "objects_realestate"),
    )
    create_index(
        "ix_segment_realestates_target",
        "organization_segment_realestates",
        "customer_id",
        "target",
        "item",
    )


def _roles() -> None:
    create_table(
        "organization_role",
        uuid("customer_id"),
        uuid("id"),
        text("name"),
        time("created_at"),
        uuid("organization", null=True),
        text("custom_id", null=True),
        text("name_folded"),
        text("custom_id_folded", null=True),
        time("updated_at"),
        integer("revision"),
        primary_key("pk_role", "customer_id", "id"),
        unique("uq_role_name", "customer_id", "name"),
        reference("fk_role_customer_id", ("customer_id",), "platform_customer"),
        reference("fk_role_organization", ("customer_id", "organization"), "sales_organization"),
        length("ck_role_name_length", "name", 0, 255),
        time_form("ck_role_created_at_form", "created_at"),
        length("ck_role_custom_id_length", "custom_id", 0, 128),
    )
    create_index("ix_role_created_at_id", "organization_role", "customer_id", "created_at", "id")
    create_index(
        "ix_role_custom_id",
        "organization_role",
        "customer_id",
        "custom_id",
        where="custom_id IS NOT NULL",
    )
    create_index(
        "ix_role_organization_created_at_id",
        "organization_role",
        "customer_id",
        "organization",
        "created_at",
        "id",
        where="organization IS NOT NULL",
    )
