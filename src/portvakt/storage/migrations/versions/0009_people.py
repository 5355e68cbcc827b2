"""Operators, administrators, their tokens, and the logins that failed."""

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

revision = "0009_people"
down_revision = "0008_answers"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the tables, each after those that it refers to."""
    _operators()
    _administrators()
    _tokens()
    _login_attempts()


def _operators() -> None:
    create_table(
        "platform_operator",
        uuid("id"),
        text("name"),
        text("email"),
        boolean("is_active"),
        time("created_at"),
        text("name_folded"),
        text("email_folded"),
        time("updated_at"),
        integer("revision"),
        primary_key("pk_operator", "id"),
        unique("uq_operator_email", "email"),
        length("ck_operator_name_length", "name", 1, 255),
        length("ck_operator_email_length", "email", 0, 254),
        zero_or_one("ck_operator_is_active_boolean", "is_active"),
        time_form("ck_operator_created_at_form", "created_at"),
    )


def _administrators() -> None:
    create_table(
        "platform_administrator",
        uuid("customer_id"),
        uuid("id"),
        uuid("organization_user"),
        text("email"),
        text("password", null=True),
        boolean("is_active"),
        time("created_at"),
        text("email_folded"),
        time("updated_at"),
        integer("revision"),
        primary_key("pk_administrator", "customer_id", "id"),
        unique("uq_administrator_organization_user", "customer_id", "organization_user"),
        unique("uq_administrator_email", "customer_id", "email"),
        reference("fk_administrator_customer_id", ("customer_id",), "platform_customer"),
        reference(
            "fk_administrator_organization_user",
            ("customer_id", "organization_user"),
            "accounts_organizationuser",
        ),
        length("ck_administrator_email_length", "email", 0, 254),
        length("ck_administrator_password_length", "password", 0, 255),
        zero_or_one("ck_administrator_is_active_boolean", "is_active"),
        time_form("ck_administrator_created_at_form", "created_at"),
    )
    table = "platform_administrator"
    create_index("ix_administrator_created_at_id", table, "customer_id", "created_at", "id")
    create_index(
        "ix_administrator_organization_user_created_at_id",
        table,
        *("customer_id", "organization_user", "created_at", "id"),
    )


def _tokens() -> None:
    create_table(
        "platform_token",
        uuid("id"),
        uuid("operator", null=True),
        uuid("customer", null=True),
        uuid("administrator", null=True),
        text("digest"),
        integer("key_number"),
        time("expires_at", null=True),
        time("revoked_at", null=True),
        time("last_used_at", null=True),
        time("created_at"),
        time("updated_at"),
        integer("revision"),
        primary_key("pk_token", "id"),
        unique("uq_token_digest", "digest"),
        reference("fk_token_operator", ("operator",), "platform_operator"),
        reference("fk_token_customer", ("customer",), "platform_customer"),
        length("ck_token_digest_length", "digest", 64, 64),
        check("ck_token_key_number_range", "key_number BETWEEN 1 AND 2147483647"),
        time_form("ck_token_expires_at_form", "expires_at"),
        time_form("ck_token_revoked_at_form", "revoked_at"),
        time_form("ck_token_last_used_at_form", "last_used_at"),
        time_form("ck_token_created_at_form", "created_at"),
        check(
            "ck_token_atmostoneof_operator_administrator",
            "CASE WHEN operator IS NULL THEN 0 ELSE 1 END"
            " + CASE WHEN administrator IS NULL THEN 0 ELSE 1 END <= 1",
        ),
        check(
            "ck_token_atleastoneof_operator_administrator",
            "operator IS NOT NULL OR administrator IS NOT NULL",
        ),
        check(
            "ck_token_settogether_customer_administrator",
            "CASE WHEN customer IS NULL THEN 0 ELSE 1 END"
            " + CASE WHEN administrator IS NULL THEN 0 ELSE 1 END IN (0, 2)",
        ),
    )


def _login_attempts() -> None:
    create_table(
        "platform_loginattempt",
        uuid("id"),
        text("account"),
        integer("failures"),
        time("last_failed_at"),
        time("created_at"),
        time("updated_at"),
        integer("revision"),
        primary_key("pk_loginattempt", "id"),
        unique("uq_loginattempt_account", "account"),
        length("ck_loginattempt_account_length", "account", 64, 64),
        check("ck_loginattempt_failures_range", "failures BETWEEN 0 AND 2147483647"),
        time_form("ck_loginattempt_last_failed_at_form", "last_failed_at"),
        time_form("ck_loginattempt_created_at_form", "created_at"),
    )
