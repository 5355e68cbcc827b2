"""Everything in which SQLite and PostgreSQL differ, but for their adapters, in one place.

A `Dialect` says how clean values are bound and loaded, and how the few expressions that the two
databases write differently are built. Statements are otherwise the same. What tables and the ledger
need of each stands in `table_dialects` and `ledger_dialects`. No other module asks which database
it is (a test reads the sources).

==========  =============================  ==========================
kind        SQLite                         PostgreSQL
==========  =============================  ==========================
boolean     INTEGER 0 or 1                 BOOLEAN
uuid        TEXT, canonical                UUID
time        TEXT, fixed width, `Z`         TIMESTAMP WITH TIME ZONE
date        TEXT                           DATE
number      REAL                           DOUBLE PRECISION
text        TEXT                           TEXT COLLATE "C"
JSON        TEXT                           JSON (keeps the text as it is)
==========  =============================  ==========================
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.dialects.postgresql import asyncpg
from sqlalchemy.engine import Dialect as CoreDialect

from portvakt.schema.operators import JSON, Kind
from portvakt.schema.values import parse_moment, render_time
from portvakt.storage.sql import ledger_dialects
from portvakt.storage.sql.ledger_dialects import LedgerDialect

Convert = Callable[[Any], Any]
Expression = sa.ColumnElement[Any]
Upsert = sqlite.Insert | postgresql.Insert

_json = sa.Text().with_variant(postgresql.JSON(), "postgresql")
_uuid = sa.Text().with_variant(postgresql.UUID(as_uuid=False), "postgresql")
_text = sa.Text().with_variant(postgresql.TEXT(collation="C"), "postgresql")

TYPES: Mapping[Kind, sa.types.TypeEngine[Any]] = {
    Kind.boolean: sa.Integer().with_variant(postgresql.BOOLEAN(), "postgresql"),
    Kind.uuid: _uuid,
    Kind.reference: _uuid,
    Kind.time: sa.Text().with_variant(postgresql.TIMESTAMP(timezone=True), "postgresql"),
    Kind.date: sa.Text().with_variant(postgresql.DATE(), "postgresql"),
    Kind.integer: sa.Integer(),
    Kind.number: sa.REAL().with_variant(postgresql.DOUBLE_PRECISION(), "postgresql"),
    Kind.text: _text,
    **dict.fromkeys(JSON, _json),
}
"""The column type of each kind of field that has a column."""


def materialized(rows: sa.CTE) -> sa.CTE:
    """Rows that are found once for all who read them, where a database might not do so."""
    return rows.prefix_with("MATERIALIZED", dialect="postgresql")


def _dump(value: Any) -> str:
    return msgspec.json.encode(value).decode()


@dataclass(frozen=True, eq=False)
class Dialect:
    """One database's ways.

    - `core`: SQLAlchemy's dialect, which compiles the text.
    - `many_at_once`: whether many rows are written fastest as lists in one statement.
    - `bind`, `load`: what turns a clean value into the driver's and back; a kind that is not
      there needs nothing done. Null never reaches them.
    - `ledger`: how it numbers the ledger's events, and says which of them can be sealed.
    - `take_locks`: takes the locks in a list of numbers; "" where only one writes at a time.
    - `lacking_rights`: those of a list of tables and rights that the role hasn't got; "" where
      there are no roles.
    """

    name: str
    core: CoreDialect
    many_at_once: bool
    bind: Mapping[Kind, Convert]
    load: Mapping[Kind, Convert]
    ledger: LedgerDialect
    take_locks: str = ""
    lacking_rights: str = ""

    # -- in statements that are written as text ----------------------------------------------

    def mark(self, place: int, kind: Kind | None = None, *, repeated: bool = False) -> str:
        """The placeholder of the value at a place, from 1 on.

        `kind`: said where the database couldn't tell by itself. `repeated`: it stands more than
        once, or not in the order of the values.
        """
        raise NotImplementedError

    def among(self, column: str, mark: str, kind: Kind = Kind.uuid) -> str:
        """That a column is among the values of a list, bound by `bind_list`."""
        raise NotImplementedError

    def lists(self, kinds: Sequence[Kind], first: int) -> str:
        """Rows `given` out of a list for each column, from the place `first` on.

        Only where `many_at_once`.
        """
        raise NotImplementedError

    def arrange(self, values: Sequence[Any], places: Sequence[int]) -> list[Any]:
        """The values for a statement in which their places stand in this order, each once."""
        raise NotImplementedError

    # -- in statements that SQLAlchemy makes -------------------------------------------------

    def ids(self, select: sa.Select[Any]) -> Expression:
        """The ids that a select of one column finds, as one value that `load` turns into a list."""
        raise NotImplementedError

    def joined(self, select: sa.Select[Any]) -> Expression:
        """The ids that a select finds as one text, sorted and parted by spaces; null if none."""
        raise NotImplementedError

    def sorted(self, column: Expression, *, descending: bool, nullable: bool) -> Expression:
        """`column` as a part of ORDER BY, null as the greatest value."""
        raise NotImplementedError

    def first(self, select: sa.Select[Any], enough: int) -> sa.Select[Any]:  # noqa: ARG002
        """Its first `limit` rows after `offset` others; `enough`: no fewer than both together."""
        return select.limit(_bound("limit")).offset(_bound("offset"))

    def bind_list(self, kind: Kind, values: Sequence[Any]) -> Any:
        """The driver's value for a list of clean values (see `one_of`)."""
        raise NotImplementedError

    def one_of(self, column: Expression, kind: Kind, name: str) -> Expression:
        """`column` is one of the values in the list parameter `name`."""
        raise NotImplementedError

    def table_of(self, columns: Mapping[str, Kind], prefix: str) -> sa.FromClause:
        """Rows that come in as parameters, as a table `given` with these columns.

        PostgreSQL takes one list parameter a column, named `prefix` and the column; SQLite one
        JSON text named `prefix`.
        """
        raise NotImplementedError

    def bind_table(
        self, columns: Mapping[str, Kind], prefix: str, rows: Sequence[Sequence[Any]]
    ) -> dict[str, Any]:
        """The parameters of `table_of` for these rows of clean values."""
        raise NotImplementedError

    def insert(self, table: sa.TableClause) -> Upsert:
        """An INSERT that can say what to do where a row with the same key is there."""
        raise NotImplementedError

    def contains(self, column: Expression, name: str) -> Expression:
        """`column` contains the text parameter `name`, which `bind_pattern` has prepared."""
        raise NotImplementedError

    def ends_with(self, column: Expression, name: str) -> Expression:
        """`column` ends with the text parameter `name`, which `bind_pattern` has prepared."""
        raise NotImplementedError

    def position(self, column: Expression, letter: str) -> Expression:
        """The place of the first such letter in `column`, from 1 on; 0 where there is none."""
        raise NotImplementedError

    def bind_pattern(self, before: str, text: str, after: str) -> str:
        """The driver's value for a text to look for; `before` and `after` are `%` or empty."""
        raise NotImplementedError


class _SQLite(Dialect):
    def mark(self, place: int, kind: Kind | None = None, *, repeated: bool = False) -> str:  # noqa: ARG002
        return f"?{place}" if repeated else "?"

    def among(self, column: str, mark: str, kind: Kind = Kind.uuid) -> str:  # noqa: ARG002
        return f"{column} IN (SELECT value FROM json_each({mark}))"  # noqa: S608 - only names

    def arrange(self, values: Sequence[Any], places: Sequence[int]) -> list[Any]:
        return [values[place - 1] for place in places]

    def ids(self, select: sa.Select[Any]) -> Expression:
        found = select.subquery()
        return sa.select(sa.func.json_group_array(found.c.target)).scalar_subquery()

    def joined(self, select: sa.Select[Any]) -> Expression:
        found = select.order_by(select.selected_columns.target).subquery()
        text = sa.func.group_concat(found.c.target, " ", type_=_text)
        return sa.select(text).scalar_subquery()

    def sorted(self, column: Expression, *, descending: bool, nullable: bool) -> Expression:
        directed = column.desc() if descending else column.asc()
        if not nullable:
            return directed
        return directed.nulls_first() if descending else directed.nulls_last()

    def bind_list(self, kind: Kind, values: Sequence[Any]) -> str:
        convert = self.bind.get(kind)
        return _dump([convert(value) for value in values] if convert else list(values))

    def one_of(self, column: Expression, kind: Kind, name: str) -> Expression:  # noqa: ARG002
        each = sa.func.json_each(sa.bindparam(name, type_=sa.Text())).table_valued("value")
        return column.in_(sa.select(each.c.value).scalar_subquery())

    def table_of(self, columns: Mapping[str, Kind], prefix: str) -> sa.FromClause:
        each = sa.func.json_each(sa.bindparam(prefix, type_=sa.Text())).table_valued("value")
        parts = [
            sa.func.json_extract(each.c.value, f"$[{place}]", type_=TYPES[kind]).label(name)
            for place, (name, kind) in enumerate(columns.items())
        ]
        return sa.select(*parts).subquery("given")

    def bind_table(
        self, columns: Mapping[str, Kind], prefix: str, rows: Sequence[Sequence[Any]]
    ) -> dict[str, Any]:
        converts = [self.bind.get(kind) for kind in columns.values()]
        bound = [
            [c(v) if c and v is not None else v for c, v in zip(converts, row, strict=True)]
            for row in rows
        ]
        return {prefix: _dump(bound)}

    def insert(self, table: sa.TableClause) -> sqlite.Insert:
        return sqlite.insert(table)

    def contains(self, column: Expression, name: str) -> Expression:
        return sa.func.instr(column, _text_parameter(name)) > 0

    def ends_with(self, column: Expression, name: str) -> Expression:
        text = _text_parameter(name)
        length = sa.func.length(text)
        # Of no length: `substr(column, 0)` is all of it, which an empty text doesn't equal.
        tail = sa.func.substr(column, -length) == text
        return sa.case((length == 0, column.is_not(None)), else_=tail)

    def position(self, column: Expression, letter: str) -> Expression:
        return sa.func.instr(column, sa.literal_column(f"'{letter}'"), type_=sa.Integer())

    def bind_pattern(self, before: str, text: str, after: str) -> str:  # noqa: ARG002
        return text


class _PostgreSQL(Dialect):
    def mark(self, place: int, kind: Kind | None = None, *, repeated: bool = False) -> str:  # noqa: ARG002
        return f"${place}::{_CASTS[kind]}" if kind else f"${place}"

    def among(self, column: str, mark: str, kind: Kind = Kind.uuid) -> str:
        return f"{column} = ANY({mark}::{_CASTS[kind]}[])"

    def lists(self, kinds: Sequence[Kind], first: int) -> str:
        lists = (f"{self.mark(place, kind)}[]" for place, kind in enumerate(kinds, first))
        return f"unnest({', '.join(lists)}) AS given"

    def arrange(self, values: Sequence[Any], places: Sequence[int]) -> list[Any]:  # noqa: ARG002
        return list(values)

    def ids(self, select: sa.Select[Any]) -> Expression:
        return sa.func.array(select.scalar_subquery())

    def joined(self, select: sa.Select[Any]) -> Expression:
        target = sa.cast(select.selected_columns.target, _text)
        text = sa.func.string_agg(target, postgresql.aggregate_order_by(sa.literal(" "), target))
        return select.with_only_columns(text).scalar_subquery()

    def sorted(self, column: Expression, *, descending: bool, nullable: bool) -> Expression:  # noqa: ARG002
        # PostgreSQL takes null for the greatest value by itself.
        return column.desc() if descending else column.asc()

    def first(self, select: sa.Select[Any], enough: int) -> sa.Select[Any]:
        # Of a parameter PostgreSQL believes that it asks for a tenth of all rows, so that with many
        # rows it would rather plan each time than keep a plan. The inner rows come in order.
        inner = select.limit(sa.literal_column(str(enough), sa.BigInteger())).subquery("first")
        return super().first(sa.select(*inner.c), enough)

    def bind_list(self, kind: Kind, values: Sequence[Any]) -> list[Any]:
        convert = self.bind.get(kind)
        return [convert(value) for value in values] if convert else list(values)

    def one_of(self, column: Expression, kind: Kind, name: str) -> Expression:
        return column == sa.any_(_list_parameter(name, kind))

    def table_of(self, columns: Mapping[str, Kind], prefix: str) -> sa.FromClause:
        lists = [_list_parameter(prefix + name, kind) for name, kind in columns.items()]
        shown = [sa.column(name, TYPES[kind]) for name, kind in columns.items()]
        return sa.func.unnest(*lists).table_valued(*shown).render_derived(name="given")

    def bind_table(
        self, columns: Mapping[str, Kind], prefix: str, rows: Sequence[Sequence[Any]]
    ) -> dict[str, Any]:
        return {
            prefix + name: [
                convert(row[place]) if convert and row[place] is not None else row[place]
                for row in rows
            ]
            for place, (name, kind) in enumerate(columns.items())
            for convert in [self.bind.get(kind)]
        }

    def insert(self, table: sa.TableClause) -> postgresql.Insert:
        return postgresql.insert(table)

    def contains(self, column: Expression, name: str) -> Expression:
        return column.like(_text_parameter(name))

    ends_with = contains

    def position(self, column: Expression, letter: str) -> Expression:
        return sa.func.strpos(column, sa.literal_column(f"'{letter}'"), type_=sa.Integer())

    def bind_pattern(self, before: str, text: str, after: str) -> str:
        escaped = text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
        return before + escaped + after


_CASTS = {Kind.uuid: "uuid", Kind.time: "timestamptz", Kind.text: "text", Kind.integer: "integer"}


def _bound(name: str) -> sa.BindParameter[int]:
    return sa.bindparam(name, type_=sa.BigInteger())


def _text_parameter(name: str) -> sa.BindParameter[str]:
    return sa.bindparam(name, type_=sa.Text())


def _list_parameter(name: str, kind: Kind) -> sa.BindParameter[Any]:
    element = TYPES[kind].dialect_impl(POSTGRESQL_CORE)
    return sa.bindparam(name, type_=postgresql.ARRAY(element))


POSTGRESQL_CORE: CoreDialect = asyncpg.dialect()  # type: ignore[no-untyped-call]

SQLITE = _SQLite(
    name="sqlite",
    core=sqlite.dialect(paramstyle="qmark"),
    many_at_once=False,
    bind={Kind.boolean: int, **dict.fromkeys(JSON, _dump)},
    load={
        Kind.boolean: bool,
        Kind.references: lambda text: sorted(msgspec.json.decode(text)),
        **dict.fromkeys(JSON, msgspec.json.decode),
    },
    ledger=ledger_dialects.SQLITE,
)

POSTGRESQL = _PostgreSQL(
    name="postgresql",
    core=POSTGRESQL_CORE,
    many_at_once=True,
    bind={
        Kind.time: parse_moment,
        Kind.date: date.fromisoformat,
        **dict.fromkeys(JSON, _dump),
    },
    load={
        Kind.uuid: str,
        Kind.reference: str,
        Kind.references: lambda ids: sorted(map(str, ids)),
        Kind.time: render_time,
        Kind.date: date.isoformat,
        **dict.fromkeys(JSON, msgspec.json.decode),
    },
    ledger=ledger_dialects.POSTGRESQL,
    take_locks="SELECT pg_advisory_xact_lock(number) FROM unnest($1::bigint[]) AS number",
    lacking_rights="""
    SELECT quote_ident(current_user), quote_ident(current_schema()), "right", name
    FROM unnest($1::text[], $2::text[]) AS needed (name, "right")
    WHERE NOT has_table_privilege(to_regclass(name), "right")""",
)

DIALECTS: Mapping[str, Dialect] = {"sqlite": SQLITE, "postgresql": POSTGRESQL}
"""By the name of `storage.databases.interface.Database.name`."""
