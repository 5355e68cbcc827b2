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

import sqlalchemy as sa

from portvakt.schema.operators import Kind
from portvakt.storage.sql.dialects import DIALECTS, TYPES
from portvakt.storage.sql.table_dialects import BIG_INTEGER, STRICT, partial_index

EVENT = "ledger_event"
KEY = "ledger_key"
HEAD = "ledger_head"
HORIZON = "ledger_horizon"


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
        **STRICT,
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
        **STRICT,
    )
    sa.Table(
        HORIZON,
        metadata,
        _column("name", Kind.text),
        sa.Column("value", BIG_INTEGER, nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_ledger_horizon"),
        **STRICT,
    )


def _add_events(metadata: sa.MetaData) -> None:
    sa.Table(
        EVENT,
        metadata,
        _column("customer_id", Kind.uuid),
        _column("content_type", Kind.uuid),
        _column("item", Kind.uuid),
        _column("revision", Kind.integer),
        sa.Column("arrival", BIG_INTEGER, sa.Identity(always=True), nullable=False),
        sa.Column("transaction", BIG_INTEGER, nullable=True),
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
        **STRICT,
    )


def _index(name: str, columns: str | tuple[str, ...], where: str) -> sa.Index:
    condition: sa.ColumnElement[bool] = sa.literal_column(where)
    names = (columns,) if isinstance(columns, str) else columns
    return sa.Index(name, *names, **partial_index(condition))


def all_guards(dialect: str, tables: tuple[str, ...]) -> list[str]:
    """What makes a database refuse to change the rows of its append-only tables.

    That is each statement that would (`tables.Tables.append_only`).
    """
    ledger = DIALECTS[dialect].ledger
    guards = (guard.format(table=table) for table in tables for guard in ledger.guards)
    return [*ledger.shared_guards, *guards]
