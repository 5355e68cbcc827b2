"""The sealed events: two logs that nothing changes any more, and the heads of their chains."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from portvakt.storage.migrations.forms import (
    Column,
    check,
    create_index,
    create_table,
    integer,
    json,
    length,
    primary_key,
    text,
    time,
    time_form,
    unique,
    uuid,
)

revision = "0019_seals"
down_revision = "0018_events"
branch_labels = None
depends_on = None

_REFUSAL = "The ledger is only ever added to"
_CUSTOMERS, _PLATFORM = "common_eventlog", "platform_ledgerentry"
_TRIGGERED_BY = ("tenant", "sub_tenant", "organization_user", "integration")


def upgrade() -> None:
    """Create the logs with their guards, the heads and the horizon."""
    _customers_log()
    _platform_log()
    for table in (_CUSTOMERS, _PLATFORM):
        _guard(table)
    create_table(
        "ledger_head",
        uuid("customer_id"),
        integer("position"),
        text("hash"),
        time("at"),
        text("key", null=True),
        text("signature", null=True),
        primary_key("pk_ledger_head", "customer_id"),
    )
    big = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    create_table(
        "ledger_horizon",
        text("name"),
        sa.Column("value", big, nullable=False),
        primary_key("pk_ledger_horizon", "name"),
    )


def _customers_log() -> None:
    create_table(
        _CUSTOMERS,
        uuid("customer_id"),
        *_shared_columns(),
        *(uuid(f"triggered_by_{who}", null=True) for who in _TRIGGERED_BY),
        uuid("organization", null=True),
        text("custom_id", null=True),
        *_seal_columns(),
        uuid("application_id", null=True),
        uuid("about", null=True),
        text("event_identifier_folded"),
        text("custom_id_folded", null=True),
        time("updated_at"),
        integer("revision"),
        primary_key("pk_eventlog", "customer_id", "id"),
        *_keys("eventlog", "customer_id"),
        *_shared_checks("eventlog"),
        length("ck_eventlog_custom_id_length", "custom_id", 0, 128),
        *_seal_checks("eventlog"),
    )
    customer = "customer_id"
    create_index("ix_eventlog_created_at_id", _CUSTOMERS, customer, "created_at", "id")
    index = "ix_eventlog_content_type_position"
    create_index(index, _CUSTOMERS, customer, "content_type", "position")
    for name in (*(f"triggered_by_{who}" for who in _TRIGGERED_BY), "organization"):
        index, where = f"ix_eventlog_{name}_position", f"{name} IS NOT NULL"
        create_index(index, _CUSTOMERS, customer, name, "position", where=where)
    where = "custom_id IS NOT NULL"
    create_index("ix_eventlog_custom_id", _CUSTOMERS, customer, "custom_id", where=where)


def _platform_log() -> None:
    create_table(
        _PLATFORM,
        *_shared_columns(),
        uuid("triggered_by_operator", null=True),
        *_seal_columns(),
        text("event_identifier_folded"),
        time("updated_at"),
        integer("revision"),
        primary_key("pk_ledgerentry", "id"),
        *_keys("ledgerentry"),
        *_shared_checks("ledgerentry"),
        *_seal_checks("ledgerentry"),
    )


def _shared_columns() -> tuple[Column, ...]:
    return (
        uuid("id"),
        uuid("object_id"),
        uuid("content_type"),
        text("event_identifier"),
        time("created_at"),
        json("event_context"),
    )


def _seal_columns() -> tuple[Column, ...]:
    return integer("position"), integer("event_revision"), text("hash")


def _keys(model: str, *customer: str) -> tuple[sa.Constraint, ...]:
    event = ("object_id", "content_type", "event_revision")
    return (
        unique(f"uq_{model}_position", *customer, "position"),
        unique(f"uq_{model}_object_id_content_type_event_revision", *customer, *event),
    )


def _shared_checks(model: str) -> tuple[sa.Constraint, ...]:
    return (
        length(f"ck_{model}_event_identifier_length", "event_identifier", 0, 255),
        time_form(f"ck_{model}_created_at_form", "created_at"),
    )


def _seal_checks(model: str) -> tuple[sa.Constraint, ...]:
    most = 2**31 - 1
    return (
        check(f"ck_{model}_position_range", f"position BETWEEN 1 AND {most}"),
        check(f"ck_{model}_event_revision_range", f"event_revision BETWEEN 1 AND {most}"),
        length(f"ck_{model}_hash_length", "hash", 64, 64),
    )


def _guard(table: str) -> None:
    """Let the database refuse to change a row."""
    if op.get_bind().dialect.name == "postgresql":
        op.execute(
            f"CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {table}"
            " EXECUTE FUNCTION ledger_refuse()"
        )
        return
    for what in ("UPDATE", "DELETE"):
        op.execute(
            f"CREATE TRIGGER {table}_{what.lower()} BEFORE {what} ON {table}"
            f" BEGIN SELECT RAISE(ABORT, '{_REFUSAL}'); END"
        )
