"""The table of idempotency keys, which belongs to no resource.

A row says that a caller's write was done: it is added and filled in the transaction of that write.
Keys and requests stand in it as digests, under a key that the database doesn't know. What was done
is kept as ids, revisions and outcomes. It refers to nothing, so that it is in nobody's way.
"""

from __future__ import annotations

from collections.abc import Mapping

import sqlalchemy as sa

from portvakt.schema.operators import Kind
from portvakt.storage.sql.dialects import TYPES
from portvakt.storage.sql.table_dialects import STRICT

TABLE = "idempotency_key"

COLUMNS: Mapping[str, Kind] = {
    "customer_id": Kind.uuid,
    "caller": Kind.uuid,
    "key": Kind.text,
    "request": Kind.text,
    "at": Kind.time,
    "done": Kind.text,
}
"""Whose data, who asked, the digests of the key and of the request, when, and what was done.

`done` is null only within the transaction that does it.
"""


def add_key_table(metadata: sa.MetaData) -> None:
    """Add the table to those of the resources."""
    columns = (sa.Column(n, TYPES[k], nullable=n == "done") for n, k in COLUMNS.items())
    sa.Table(
        TABLE,
        metadata,
        *columns,
        sa.PrimaryKeyConstraint("customer_id", "caller", "key", name="pk_idempotency_key"),
        sa.Index("ix_idempotency_key_at", "at"),
        **STRICT,
    )
