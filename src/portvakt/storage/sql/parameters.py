"""Parameters of statements: their values are bound by kind (see `statement.Statement`)."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from portvakt.schema.operators import Kind
from portvakt.storage.sql.dialects import TYPES, Expression


def parameter(name: str, kind: Kind) -> sa.BindParameter[Any]:
    """A parameter of a statement; its value is bound by kind (see `statement.Statement`)."""
    return sa.bindparam(name, type_=TYPES[kind])


def is_true(column: Expression) -> Expression:
    """That a boolean column is true."""
    # By a parameter: SQLite's true is the number 1, PostgreSQL's is a boolean.
    return column == parameter("true", Kind.boolean)
