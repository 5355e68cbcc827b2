"""Everything of tables in which SQLite and PostgreSQL differ, but for the types of columns.

Those stand in `storage.sql.dialects`, of which this is a part.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import sqlalchemy as sa

from portvakt.schema.operators import Kind

BIG_INTEGER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

STRICT: Mapping[str, Any] = {"sqlite_strict": True}
"""How each table is made: SQLite holds its columns to their types only if it is told to."""

_DATE_FORM = "-".join(("[0-9]" * 4, "[0-9]" * 2, "[0-9]" * 2))
_TIME_FORM = _DATE_FORM + "T" + ":".join(("[0-9]" * 2,) * 3) + "." + "[0-9]" * 6 + "Z"
_FORMS = {
    Kind.boolean: ("boolean", "{} IN (0, 1)"),
    Kind.time: ("form", f"{{}} GLOB '{_TIME_FORM}'"),
    Kind.date: ("form", f"{{}} GLOB '{_DATE_FORM}'"),
}


def form_checks(
    kind: Kind, column: str, name: Callable[[str], str]
) -> Iterator[sa.CheckConstraint]:
    """That a column's values have their form, where a database has no type that says so.

    `name` makes the constraint's name of what is checked.
    """
    if kind in _FORMS:
        what, condition = _FORMS[kind]
        check = sa.CheckConstraint(condition.format(column), name=name(what))
        yield check.ddl_if(dialect="sqlite")


def partial_index(condition: sa.ColumnElement[bool] | None) -> dict[str, Any]:
    """How an index is made that holds only rows for which a condition holds (None: all)."""
    return {"sqlite_where": condition, "postgresql_where": condition}
