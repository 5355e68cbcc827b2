"""The words that the steps are written in: columns, constraints and indexes for both databases.

Frozen with the first step: what a word means here never changes, so that an old step always does
what it did. They stand apart from `storage.dialects` and `storage.tables`, which may change.
"""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

Column = sa.Column[object]

_DATE = "-".join(("[0-9]" * 4, "[0-9]" * 2, "[0-9]" * 2))
_TIME = _DATE + "T"
_TIME += ":".join(("[0-9]" * 2,) * 3) + "." + "[0-9]" * 6 + "Z"


def uuid(name: str, *, null: bool = False) -> Column:
    """A UUID; on SQLite its canonical text."""
    kind = sa.Text().with_variant(postgresql.UUID(as_uuid=False), "postgresql")
    return sa.Column(name, kind, nullable=null)


def text(name: str, *, null: bool = False) -> Column:
    """Text that sorts by code point."""
    kind = sa.Text().with_variant(postgresql.TEXT(collation="C"), "postgresql")
    return sa.Column(name, kind, nullable=null)


def time(name: str, *, null: bool = False) -> Column:
    """A moment; on SQLite text of a fixed width (see `time_form`)."""
    kind = sa.Text().with_variant(postgresql.TIMESTAMP(timezone=True), "postgresql")
    return sa.Column(name, kind, nullable=null)


def date(name: str, *, null: bool = False) -> Column:
    """A day; on SQLite text of a fixed width (see `date_form`)."""
    kind = sa.Text().with_variant(postgresql.DATE(), "postgresql")
    return sa.Column(name, kind, nullable=null)


def boolean(name: str, *, null: bool = False) -> Column:
    """True or false; on SQLite 1 or 0 (see `zero_or_one`)."""
    kind = sa.Integer().with_variant(postgresql.BOOLEAN(), "postgresql")
    return sa.Column(name, kind, nullable=null)


def integer(name: str, *, null: bool = False) -> Column:
    """A whole number of 32 bits."""
    return sa.Column(name, sa.Integer(), nullable=null)


def number(name: str, *, null: bool = False) -> Column:
    """A number of 64 bits."""
    kind: sa.REAL[float] = sa.REAL().with_variant(postgresql.DOUBLE_PRECISION(), "postgresql")
    return sa.Column(name, kind, nullable=null)


def json(name: str, *, null: bool = False) -> Column:
    """JSON, kept as it was written."""
    kind = sa.Text().with_variant(postgresql.JSON(), "postgresql")
    return sa.Column(name, kind, nullable=null)


def primary_key(name: str, *columns: str) -> sa.Constraint:
    """The primary key."""
    return sa.PrimaryKeyConstraint(*columns, name=name)


def unique(name: str, *columns: str) -> sa.Constraint:
    """A unique key."""
    return sa.UniqueConstraint(*columns, name=name)


def reference(
    name: str, columns: tuple[str, ...], target: str, *, cascade: bool = False
) -> sa.Constraint:
    """A foreign key to `target`: to its `id`, or to `customer_id` and `id` from two columns.

    With `cascade`, rows go when the one that they refer to goes.
    """
    found = ("id",) if len(columns) == 1 else ("customer_id", "id")
    return sa.ForeignKeyConstraint(
        columns,
        [f"{target}.{column}" for column in found],
        name=name,
        ondelete="CASCADE" if cascade else None,
    )


def check(name: str, condition: str) -> sa.Constraint:
    """A condition on both databases."""
    return sa.CheckConstraint(condition, name=name)


def length(name: str, column: str, least: int, most: int) -> sa.Constraint:
    """How many code points a text may have."""
    return check(name, f"length({column}) BETWEEN {least} AND {most}")


def zero_or_one(name: str, column: str) -> sa.Constraint:
    """A boolean is one, on SQLite; PostgreSQL's type says so by itself."""
    return sa.CheckConstraint(f"{column} IN (0, 1)", name=name).ddl_if(dialect="sqlite")


def time_form(name: str, column: str) -> sa.Constraint:
    """A time has its fixed width, on SQLite; PostgreSQL's type says so by itself."""
    return sa.CheckConstraint(f"{column} GLOB '{_TIME}'", name=name).ddl_if(dialect="sqlite")


def date_form(name: str, column: str) -> sa.Constraint:
    """A date has its fixed width, on SQLite; PostgreSQL's type says so by itself."""
    return sa.CheckConstraint(f"{column} GLOB '{_DATE}'", name=name).ddl_if(dialect="sqlite")


def create_table(name: str, *parts: Column | sa.Constraint) -> None:
    """Create a table; on SQLite a strict one."""
    op.create_table(name, *parts, sqlite_strict=True)


def create_index(name: str, table: str, *columns: str, where: str | None = None) -> None:
    """Create an index, with `where` of some rows only."""
    condition = sa.text(where) if where else None
    op.create_index(name, table, list(columns), sqlite_where=condition, postgresql_where=condition)


def create_unique_index(name: str, table: str, *columns: str, where: str) -> None:
    """Create an index of some rows, of which no two may have the same values."""
    condition = sa.text(where)
    op.create_index(
        name,
        table,
        list(columns),
        unique=True,
        sqlite_where=condition,
        postgresql_where=condition,
    )


def time_check(name: str, column: str) -> str:
    """The constraint of `time_form` as the SQL that `add_columns` takes."""
    return f"CONSTRAINT {name} CHECK ({column} GLOB '{_TIME}')"


def add_columns(table: str, *parts: Column | str) -> None:
    """Add columns that may be null, at the end, and constraints, which are given as SQL.

    SQLite can't add a constraint: there the table is made anew with what it holds. Nothing looks at
    foreign keys meanwhile (`storage.migrate`).
    """
    on_sqlite = op.get_bind().dialect.name == "sqlite"
    for part in parts:
        if not isinstance(part, str):
            op.add_column(table, part)
    constraints = [part for part in parts if isinstance(part, str)]
    if not on_sqlite:
        for constraint in constraints:
            if " GLOB " not in constraint:  # of which PostgreSQL knows nothing: see `time_form`
                op.execute(f"ALTER TABLE {table} ADD {constraint}")
    elif constraints:
        _make_anew(table, constraints)


def _make_anew(table: str, constraints: Sequence[str]) -> None:
    found = "SELECT type, sql FROM sqlite_schema WHERE tbl_name = :name AND sql IS NOT NULL"
    texts = op.get_bind().execute(sa.text(found), {"name": table}).all()
    (made,) = [text for kind, text in texts if kind == "table"]
    body, _, end = made.rpartition(")")
    kept = f"kept_{table}"
    op.execute(f"CREATE TEMPORARY TABLE {kept} AS SELECT * FROM {table}")  # noqa: S608
    op.execute(f"DROP TABLE {table}")
    op.execute(", ".join([body.rstrip(), *constraints]) + "\n)" + end)
    op.execute(f"INSERT INTO {table} SELECT * FROM {kept}")  # noqa: S608
    op.execute(f"DROP TABLE {kept}")
    for kind, text in texts:
        if kind != "table":
            op.execute(text)
