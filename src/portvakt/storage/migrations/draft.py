"""Drafts a step: the difference between what the steps make and what is declared.

It is written in the words of `forms`, for somebody to read and to mend. What the steps make is
read from a database of SQLite's: what only PostgreSQL tells apart, such as a text from an id, is
left to the test that compares both.
"""

from __future__ import annotations

import json
import re
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory
from textwrap import wrap
from typing import Any, NamedTuple

from portvakt.storage.migrations import forms
from portvakt.storage.migrations.declared import Table, declared, parts_of
from portvakt.storage.migrations.forms import Part, split
from portvakt.storage.migrations.migrate import migrate
from portvakt.storage.migrations.schema_version import TABLE
from portvakt.storage.sql.tables import Tables

_HEAD = '''\
"""{title}."""

from __future__ import annotations

from portvakt.storage.migrations import forms


async def upgrade(step: forms.Step) -> None:
    """Take the step."""'''
_WIDTH = 100  # as in pyproject.toml
_INDENT = 4
_OPEN = "TODO"  # what no database understands, so that it can't be forgotten


async def draft(tables: Tables, steps: Path, title: str) -> str:
    """The text of the step after those in a folder; "" where they make what is declared."""
    made, only_added_to = await _made(steps)
    sqlite, postgresql = declared(tables, "sqlite"), declared(tables, "postgresql")
    lines: list[str] = []
    for name, table in sqlite.items():
        other = postgresql[name].parts
        parts = {part: Part(text, other.get(part, "")) for part, text in table.parts.items()}
        if name in made:
            lines += _changed_table(name, parts, made[name].parts)
        else:
            lines += _new_table(name, parts, made)
        lines += _indexes(name, table.indexes, made[name].indexes if name in made else {})
        if name in tables.append_only and name not in only_added_to:
            lines += _written(_Call("await step.append_only", [_literal(name)]))
    for name in sorted(only_added_to - {*tables.append_only}):
        lines += _comment(f"{name} isn't only added to any more: drop its triggers by hand.")
    for name in sorted(made.keys() - sqlite.keys()):
        lines += _comment(f"{name} isn't declared any more: drop it by hand.")
    return "\n".join([_HEAD.format(title=title), *lines, ""]) if lines else ""


async def _made(steps: Path) -> tuple[dict[str, Table], set[str]]:
    """The tables that the steps make, and the names of those with triggers."""
    with TemporaryDirectory() as folder:
        file = Path(folder, "made.db")
        await migrate(f"sqlite:///{file}", steps)
        with closing(sqlite3.connect(file)) as driver:
            rows = driver.execute(
                "SELECT type, name, tbl_name, sql FROM sqlite_schema"
                " WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite_%' AND name <> ?",
                [TABLE],
            ).fetchall()
    tables = {name: Table(parts_of(sql), {}) for kind, name, _, sql in rows if kind == "table"}
    for kind, name, table, sql in rows:
        if kind == "index":
            tables[table].indexes[name] = sql
    return tables, {table for kind, _, table, _ in rows if kind == "trigger"}


# --- tables --------------------------------------------------------------------------------------


def _new_table(name: str, parts: Mapping[str, Part], made: Mapping[str, Table]) -> Iterator[str]:
    yield from _written(_Call("await step.create_table", [_literal(name), *_words(parts)]))
    if name.removesuffix("_past") in made:
        yield from _comment("What is there now has no version yet: insert it here.")


def _changed_table(name: str, parts: Mapping[str, Part], made: Mapping[str, str]) -> Iterator[str]:
    other = {
        part: text
        for part, text in made.items()
        if part not in parts or not _same(parts[part].sqlite, text)
    }
    for part in [part for part, text in other.items() if _is_by_hand(text)]:
        was = other.pop(part)
        now = f"declared as `{parts[part].sqlite}`" if part in parts else "not declared any more"
        yield from _comment(f"{name}: `{was}` is {now}: change it by hand.")
    new = {part: both for part, both in parts.items() if part not in made or part in other}
    full = [part for part, both in new.items() if _takes_no_null(both)]
    arguments: list[_Shown] = [_literal(name), *_words(new)]
    if other:
        arguments.append(_Call("drop=", [_literal(part) for part in other], "[]"))
    if full:
        yield from _comment("Say in SQL what the rows that are there get in these columns.")
        filled = [f"{_literal(part)}: {_literal(_OPEN)}" for part in full]
        arguments.append(_Call("fill=", filled, "{}"))
    if new or other:
        yield from _written(_Call("await step.change_table", arguments))


def _is_constraint(text: str) -> bool:
    return text.startswith("CONSTRAINT ")


def _is_by_hand(text: str) -> bool:
    return not _is_constraint(text) or " PRIMARY KEY " in text


def _takes_no_null(part: Part) -> bool:
    return not _is_constraint(part.sqlite) and part.sqlite.endswith(" NOT NULL")


def _same(one: str, other: str) -> bool:
    return one.replace('"', "").split() == other.replace('"', "").split()


def _indexes(table: str, new: Mapping[str, str], old: Mapping[str, str]) -> Iterator[str]:
    for name, text in old.items():
        if name not in new or not _same(new[name], text):
            yield from _written(_Call("await step.execute", [_literal(f"DROP INDEX {name}")]))
    for name, text in new.items():
        if name not in old or not _same(text, old[name]):
            made, _, where = " ".join(text.split()).partition(" WHERE ")
            arguments: list[_Shown] = [_literal(one) for one in (name, table, *split(made))]
            arguments += [f"where={_literal(where)}"] * bool(where)
            arguments += ["unique=True"] * made.startswith("CREATE UNIQUE ")
            yield from _written(_Call("await step.create_index", arguments))


# --- words ---------------------------------------------------------------------------------------


def _words(parts: Mapping[str, Part]) -> list[_Call]:
    return [_word(name, part) for name, part in parts.items()]


def _word(name: str, part: Part) -> _Call:
    """The word of `forms` that says just this."""
    for word, arguments, named in _candidates(name, part.sqlite):
        if getattr(forms, word)(*arguments, **named) == part:
            shown = [*map(_literal, arguments), *(f"{key}=True" for key in named)]
            return _Call(f"forms.{word}", shown)
    return _Call("forms.Part", [_literal(text) for text in part])


_Candidate = tuple[str, tuple[Any, ...], dict[str, bool]]


def _candidates(name: str, text: str) -> Iterator[_Candidate]:
    if not _is_constraint(text):
        null = {} if text.endswith(" NOT NULL") else {"null": True}
        for word in ("uuid", "text", "time", "date", "boolean", "integer", "number", "json"):
            yield word, (name,), null
    elif found := re.search(r" (PRIMARY KEY|UNIQUE) \((.*)\)$", text):
        yield found[1].lower().replace(" ", "_"), (name, *found[2].split(", ")), {}
    elif found := re.search(r" FOREIGN KEY\((.*)\) REFERENCES (\S+) \(.*?\)(.*)$", text):
        yield (
            "reference",
            (name, found[1].split(", "), found[2]),
            {"cascade": True} if found[3] else {},
        )
    elif found := re.search(r" CHECK \((.*)\)$", text):
        yield from _candidate_checks(name, found[1])


def _candidate_checks(name: str, condition: str) -> Iterator[_Candidate]:
    for word in ("zero_or_one", "time_form", "date_form"):
        yield word, (name, condition.partition(" ")[0]), {}
    if found := re.fullmatch(r"length\((\w+)\) BETWEEN (\d+) AND (\d+)", condition):
        yield "length", (name, found[1], int(found[2]), int(found[3])), {}
    yield "check", (name, condition), {}


# --- how it is written ---------------------------------------------------------------------------


class _Call(NamedTuple):
    """What is called, its arguments, and what stands around them."""

    name: str
    arguments: Sequence[_Shown]
    around: str = "()"


_Shown = str | _Call


def _literal(value: Any) -> str:
    if isinstance(value, list):
        return f"[{', '.join(map(_literal, value))}]"
    if isinstance(value, str) and '"' in value and "'" not in value:
        return f"'{value}'"
    return json.dumps(value, ensure_ascii=False)


def _comment(text: str) -> Iterator[str]:
    start = f"{' ' * _INDENT}# "
    yield from wrap(text, _WIDTH, initial_indent=start, subsequent_indent=start)


def _written(call: _Call) -> list[str]:
    return (" " * _INDENT + _text(call, _INDENT, end=0)).splitlines()


def _text(shown: _Shown, indent: int, *, end: int = len(",")) -> str:
    """On one line if that isn't too long, else the arguments below, as `make format` leaves it."""
    line = shown if isinstance(shown, str) else _line(shown)
    if indent + len(line) + end <= _WIDTH:
        return line
    if isinstance(shown, str):
        quote, pieces = line[0], wrap(line[1:-1], _WIDTH - indent - 3, drop_whitespace=False)
        return f"\n{' ' * indent}".join(f"{quote}{piece}{quote}" for piece in pieces)
    inner, below = _arguments(shown), indent + _INDENT
    if below + len(inner) > _WIDTH:
        inner = f",\n{' ' * below}".join(_text(each, below) for each in shown.arguments) + ","
    return f"{shown.name}{shown.around[0]}\n{' ' * below}{inner}\n{' ' * indent}{shown.around[1]}"


def _line(call: _Call) -> str:
    return f"{call.name}{call.around[0]}{_arguments(call)}{call.around[1]}"


def _arguments(call: _Call) -> str:
    return ", ".join(each if isinstance(each, str) else _line(each) for each in call.arguments)
