"""The ledger's own tables, and the triggers that keep what was added as it is.

`ledger_event` holds one row for each written item. Its key is what an event is about: an item, and
the revision that the write made of it; so the database itself keeps a write from having two.

- `arrival` is a number taken after the item's own row was written: of two transactions that wrote
  the same item, the later one has the greater number.
- `transaction` is PostgreSQL's number of the transaction; null on SQLite, whose only writer
  commits in the order of `arrival`. Each database has an index on what it needs alone.

`ledger_key` holds, for each item, the random key of its digests. Destroying it erases them: this
is done when the item is deleted, or the person that it is erased.

`ledger_head` holds each chain's last link, signed. `ledger_horizon` says from where on events may
not be sealed yet: a number of a transaction on PostgreSQL, of an arrival on SQLite.
"""

from __future__ import annotations

from collections.abc import Iterator

import sqlalchemy as sa

from portvakt.schema.operators import Kind
from portvakt.storage.dialects import TYPES

EVENT = "ledger_event"
KEY = "ledger_key"
HEAD = "ledger_head"
HORIZON = "ledger_horizon"

_BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def _column(name: str, kind: Kind, *, null: bool = False) -> sa.Column[object]:
    return sa.Column(name, TYPES[kind], nullable=null)


def add_ledger_tables(metadata: sa.MetaData) -> None:
    """Add the ledger's tables to those of the resources."""
    _add_events(metadata)
    _add_seals(metadata)
    sa.Table(
        KEY,
        metadata,
        _column("customer_id", Kind.uuid),
        _column("item", Kind.uuid),
        _column("secret", Kind.text),
        sa.PrimaryKeyConstraint("customer_id", "item", name="pk_ledger_key"),
        sqlite_strict=True,
    )


def _add_seals(metadata: sa.MetaData) -> None:
    sa.Table(
        HEAD,
        metadata,
        _column("customer_id", Kind.uuid),
        _column("position", Kind.integer),
        _column("hash", Kind.text),
        _column("at", Kind.time),
        _column("key", Kind.text, null=True),
        _column("signature", Kind.text, null=True),
        sa.PrimaryKeyConstraint("customer_id", name="pk_ledger_head"),
        sqlite_strict=True,
    )
    sa.Table(
        HORIZON,
        metadata,
        _column("name", Kind.text),
        sa.Column("value", _BIG, nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_ledger_horizon"),
        sqlite_strict=True,
    )


def _add_events(metadata: sa.MetaData) -> None:
    sa.Table(
        EVENT,
        metadata,
        _column("customer_id", Kind.uuid),
        _column("content_type", Kind.uuid),
        _column("item", Kind.uuid),
        _column("revision", Kind.integer),
        sa.Column("arrival", _BIG, sa.Identity(always=True), nullable=False),
        sa.Column("transaction", _BIG, nullable=True),
        _column("at", Kind.time),
        _column("operation", Kind.text),
        _column("through", Kind.text),
        _column("request", Kind.text),
        _column("caller", Kind.text),
        _column("holder", Kind.uuid, null=True),
        _column("activation", Kind.uuid, null=True),
        _column("service_version", Kind.uuid, null=True),
        _column("credential", Kind.uuid, null=True),
        _column("before", Kind.text, null=True),
        _column("after", Kind.text, null=True),
        sa.PrimaryKeyConstraint(
            "customer_id", "item", "content_type", "revision", name="pk_ledger_event"
        ),
        _index("ix_ledger_event_transaction", "transaction", '"transaction" IS NOT NULL'),
        _index("ix_ledger_event_arrival", "arrival", '"transaction" IS NULL'),
        _index("ix_ledger_event_erased", ("customer_id", "item"), "operation = 'erased'"),
        sqlite_strict=True,
    )


def _index(name: str, columns: str | tuple[str, ...], where: str) -> sa.Index:
    condition: sa.ColumnElement[bool] = sa.literal_column(where)
    names = (columns,) if isinstance(columns, str) else columns
    return sa.Index(name, *names, sqlite_where=condition, postgresql_where=condition)


REFUSAL = "The ledger is only ever added to"

REFUSE = f"""\
CREATE OR REPLACE FUNCTION ledger_refuse() RETURNS trigger LANGUAGE plpgsql
AS $$ BEGIN RAISE EXCEPTION '{REFUSAL}'; END $$"""
"""PostgreSQL's function that the triggers call."""


def guards(dialect: str, table: str) -> Iterator[str]:
    """What makes a database refuse to change a table's rows: each statement is refused."""
    if dialect == "postgresql":
        # Two, as Citus makes none for TRUNCATE where the rows are.
        for name, what in (("", "UPDATE OR DELETE"), ("_truncate", "TRUNCATE")):
            yield (
                f"CREATE TRIGGER append_only{name} BEFORE {what} ON {table}"
                " EXECUTE FUNCTION ledger_refuse()"
            )
        return
    for what in ("UPDATE", "DELETE"):
        yield (
            f"CREATE TRIGGER {table}_{what.lower()} BEFORE {what} ON {table}"
            f" BEGIN SELECT RAISE(ABORT, '{REFUSAL}'); END"
        )


def all_guards(dialect: str, tables: tuple[str, ...]) -> list[str]:
    """The guards of all append-only tables of a database (`tables.Tables.append_only`)."""
    shared = [REFUSE] if dialect == "postgresql" else []
    return shared + [guard for table in tables for guard in guards(dialect, table)]
