"""Texts folded anew, so that they are compared however their letters are composed.

Only texts that aren't plain ASCII can fold to something else. Logs hold no others.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from unicodedata import normalize

import sqlalchemy as sa
from alembic import op

revision = "0027_folded_anew"
down_revision = "0026_idempotency_keys"
branch_labels = None
depends_on = None

_FOLDED = "_folded"
_LOGS = ("common_eventlog", "platform_ledgerentry")  # whose rows nobody can change
_BATCH = 1000


def upgrade() -> None:
    """Fold the texts of each table anew, in batches, in the order of its key."""
    connection = op.get_bind()
    inspected = sa.inspect(connection)
    for name in sorted({*inspected.get_table_names()}.difference(_LOGS)):
        columns = inspected.get_columns(name)
        table = sa.table(name, *(sa.column(one["name"], one["type"]) for one in columns))
        keys = inspected.get_pk_constraint(name)["constrained_columns"]
        texts = [one["name"] for one in columns if one["name"].endswith(_FOLDED)]
        if texts:
            _fold_anew(connection, table, keys, texts)


def fold(text: str) -> str:
    """What texts are compared by (Unicode 3.13, D145), composed."""
    return normalize("NFC", normalize("NFD", text).casefold())


def _fold_anew(
    connection: sa.Connection, table: sa.TableClause, keys: list[str], texts: list[str]
) -> None:
    key = [table.c[name] for name in keys]
    plain = [table.c[name.removesuffix(_FOLDED)] for name in texts]
    page = sa.select(*key, *plain, *(table.c[name] for name in texts))
    page = page.where(sa.or_(*map(_is_other, plain))).order_by(*key).limit(_BATCH)
    rows = connection.execute(page).mappings().all()
    while rows:
        for row in rows:
            values = dict(_changed(texts, row))
            if values:
                same = [table.c[name] == row[name] for name in keys]
                connection.execute(sa.update(table).where(*same).values(values))
        last = sa.tuple_(*(sa.literal(rows[-1][one.name], one.type) for one in key))
        rows = connection.execute(page.where(sa.tuple_(*key) > last)).mappings().all()


def _is_other(text: sa.ColumnElement[Any]) -> sa.ColumnElement[bool]:
    """That a text isn't plain ASCII: it has more bytes than characters."""
    if op.get_context().dialect.name == "sqlite":
        return sa.func.length(text) < sa.func.length(sa.cast(text, sa.LargeBinary))
    return sa.func.length(text) < sa.func.octet_length(text)


def _changed(texts: list[str], row: sa.RowMapping) -> Iterator[tuple[str, str]]:
    for name in texts:
        text = row[name.removesuffix(_FOLDED)]
        if text is not None and fold(text) != row[name]:
            yield name, fold(text)
