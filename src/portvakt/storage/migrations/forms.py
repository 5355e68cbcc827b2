"""The words that the steps are written in: columns, constraints, and what is done with them.

Frozen with the first release: what a word means here never changes, so that an old step always does
what it did. They stand apart from `dialects` and `tables`, which may change.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from portvakt.storage.databases.interface import Connection

_DATE = "-".join(("[0-9]" * 4, "[0-9]" * 2, "[0-9]" * 2))
_TIME = _DATE + "T" + ":".join(("[0-9]" * 2,) * 3) + "." + "[0-9]" * 6 + "Z"
_CONSTRAINT = "CONSTRAINT "


class Part(NamedTuple):
    """A column or a constraint in the SQL of each database; "" where one doesn't need it."""

    sqlite: str
    postgresql: str


# --- columns -------------------------------------------------------------------------------------


def _column(name: str, sqlite: str, postgresql: str, null: bool) -> Part:
    end = "" if null else " NOT NULL"
    return Part(f"{name} {sqlite}{end}", f"{name} {postgresql}{end}")


def uuid(name: str, *, null: bool = False) -> Part:
    """A UUID; on SQLite its canonical text."""
    return _column(name, "TEXT", "UUID", null)


def text(name: str, *, null: bool = False) -> Part:
    """Text that sorts by code point."""
    return _column(name, "TEXT", 'TEXT COLLATE "C"', null)


def time(name: str, *, null: bool = False) -> Part:
    """A moment; on SQLite text of a fixed width (see `time_form`)."""
    return _column(name, "TEXT", "TIMESTAMP WITH TIME ZONE", null)


def date(name: str, *, null: bool = False) -> Part:
    """A day; on SQLite text of a fixed width (see `date_form`)."""
    return _column(name, "TEXT", "DATE", null)


def boolean(name: str, *, null: bool = False) -> Part:
    """True or false; on SQLite 1 or 0 (see `zero_or_one`)."""
    return _column(name, "INTEGER", "BOOLEAN", null)


def integer(name: str, *, null: bool = False) -> Part:
    """A whole number of 32 bits."""
    return _column(name, "INTEGER", "INTEGER", null)


def number(name: str, *, null: bool = False) -> Part:
    """A number of 64 bits."""
    return _column(name, "REAL", "DOUBLE PRECISION", null)


def json(name: str, *, null: bool = False) -> Part:
    """JSON, kept as it was written."""
    return _column(name, "TEXT", "JSON", null)


# --- constraints ---------------------------------------------------------------------------------


def primary_key(name: str, *columns: str) -> Part:
    """The primary key."""
    return _on_both(name, f"PRIMARY KEY ({', '.join(columns)})")


def unique(name: str, *columns: str) -> Part:
    """A unique key."""
    return _on_both(name, f"UNIQUE ({', '.join(columns)})")


def reference(name: str, columns: Sequence[str], target: str, *, cascade: bool = False) -> Part:
    """A foreign key to `target`: to its `id`, or to `customer_id` and `id` from two columns.

    With `cascade`, rows go when the one that they refer to goes.
    """
    found = "id" if len(columns) == 1 else "customer_id, id"
    end = " ON DELETE CASCADE" if cascade else ""
    key = f"FOREIGN KEY({', '.join(columns)}) REFERENCES {target} ({found}){end}"
    return _on_both(name, key)


def check(name: str, condition: str) -> Part:
    """A condition on both databases."""
    return _on_both(name, f"CHECK ({condition})")


def length(name: str, column: str, least: int, most: int) -> Part:
    """How many code points a text may have."""
    return check(name, f"length({column}) BETWEEN {least} AND {most}")


def zero_or_one(name: str, column: str) -> Part:
    """A boolean is one, on SQLite; PostgreSQL's type says so by itself."""
    return _on_sqlite(name, f"{column} IN (0, 1)")


def time_form(name: str, column: str) -> Part:
    """A time has its fixed width, on SQLite; PostgreSQL's type says so by itself."""
    return _on_sqlite(name, f"{column} GLOB '{_TIME}'")


def date_form(name: str, column: str) -> Part:
    """A date has its fixed width, on SQLite; PostgreSQL's type says so by itself."""
    return _on_sqlite(name, f"{column} GLOB '{_DATE}'")


def _on_both(name: str, rule: str) -> Part:
    return Part(f"{_CONSTRAINT}{name} {rule}", f"{_CONSTRAINT}{name} {rule}")


def _on_sqlite(name: str, condition: str) -> Part:
    return check(name, condition)._replace(postgresql="")


# --- what is done --------------------------------------------------------------------------------


class Step:
    """Does to a database what a step says, in the transaction that takes it.

    `connection` runs what there is no word for; `database` is "sqlite" or "postgresql".
    """

    def __init__(self, connection: Connection, database: str) -> None:
        self.connection = connection
        self.database = database

    async def execute(self, statement: str, values: Sequence[Any] = ()) -> None:
        """Run one statement of SQL that both databases understand."""
        await self.connection.execute(statement, values)

    async def create_table(self, table: str, *parts: Part) -> None:
        """Create a table; on SQLite a strict one."""
        end = " STRICT" if self.database == "sqlite" else ""
        await self.execute(f"CREATE TABLE {table} {_body(self._own(parts))}{end}")

    async def create_index(
        self, name: str, table: str, *columns: str, where: str = "", unique: bool = False
    ) -> None:
        """Create an index on columns or expressions; with `where` of some rows only."""
        kind = "UNIQUE INDEX" if unique else "INDEX"
        end = f" WHERE {where}" if where else ""
        await self.execute(f"CREATE {kind} {name} ON {table} ({', '.join(columns)}){end}")

    async def change_table(
        self,
        table: str,
        *parts: Part,
        drop: Sequence[str] = (),
        fill: Mapping[str, str] | None = None,
    ) -> None:
        """Drop the constraints that `drop` names, then add columns and constraints.

        `fill`: what the rows that are there get in a new column, as SQL that names no other; a
        column that takes no null needs it.
        """
        added, filled = self._own(parts), fill or {}
        if self.database == "sqlite":
            await self._make_anew(table, added, drop, filled)
            return
        for name in drop:
            # Those that only SQLite needs are not there.
            await self.execute(f"ALTER TABLE {table} DROP CONSTRAINT IF EXISTS {name}")
        for part in added:
            column = "" if part.startswith(_CONSTRAINT) else _name(part)
            value = f" DEFAULT {filled[column]}" if column in filled else ""
            await self.execute(f"ALTER TABLE {table} ADD {'COLUMN ' * bool(column)}{part}{value}")
            if value:
                await self.execute(f"ALTER TABLE {table} ALTER COLUMN {column} DROP DEFAULT")

    async def append_only(self, table: str) -> None:
        """Let the database refuse to change or to delete the table's rows."""
        if self.database == "sqlite":
            for what in ("UPDATE", "DELETE"):
                await self.execute(
                    f"CREATE TRIGGER {table}_{what.lower()} BEFORE {what} ON {table}"
                    " BEGIN SELECT RAISE(ABORT, 'The ledger is only ever added to'); END"
                )
            return
        for name, what in (("", "UPDATE OR DELETE"), ("_truncate", "TRUNCATE")):
            await self.execute(
                f"CREATE TRIGGER append_only{name} BEFORE {what} ON {table}"
                " EXECUTE FUNCTION ledger_refuse()"
            )

    def _own(self, parts: Sequence[Part]) -> list[str]:
        texts = (getattr(part, self.database) for part in parts)
        return [text for text in texts if text]

    async def _make_anew(
        self, table: str, added: Sequence[str], drop: Sequence[str], fill: Mapping[str, str]
    ) -> None:
        """Make a table of SQLite's anew with what it holds, as its constraints can't be changed.

        Nothing looks at foreign keys meanwhile (`storage.migrations.migrate`).
        """
        found = await self.connection.fetch(
            "SELECT type, sql FROM sqlite_schema WHERE tbl_name = ? AND sql IS NOT NULL", [table]
        )
        (made,) = (text for kind, text in found if kind == "table")
        old = split(made)
        gone = tuple(f"{_CONSTRAINT}{name} " for name in drop)
        parts = [*(part for part in old if not part.startswith(gone)), *added]
        columns = [_name(part) for part in old if not part.startswith(_CONSTRAINT)]
        # Columns stand before constraints; in the order in which they came, each.
        body = _body(sorted(parts, key=lambda part: part.startswith(_CONSTRAINT)))
        names, values = ", ".join([*columns, *fill]), ", ".join([*columns, *fill.values()])
        await self.execute(f"CREATE TABLE new_{table} {body} STRICT")
        copy = f"INSERT INTO new_{table} ({names}) SELECT {values} FROM {table}"  # noqa: S608
        await self.execute(copy)
        await self.execute(f"DROP TABLE {table}")
        await self.execute(f"ALTER TABLE new_{table} RENAME TO {table}")
        for kind, text in found:  # what went with the table
            if kind != "table":
                await self.execute(text)


def _body(parts: Sequence[str]) -> str:
    lines = ",\n    ".join(parts)
    return f"(\n    {lines}\n)"


def _name(column: str) -> str:
    return column.partition(" ")[0]


def split(table: str) -> list[str]:
    """The columns and constraints in the text of a CREATE TABLE."""
    found, depth, quoted = [""], 0, False
    for letter in table[table.index("(") + 1 : table.rindex(")")]:
        quoted ^= letter == "'"
        depth += 0 if quoted else (letter == "(") - (letter == ")")
        if letter == "," and depth == 0 and not quoted:
            found.append("")
        else:
            found[-1] += letter
    return [part.strip() for part in found]
