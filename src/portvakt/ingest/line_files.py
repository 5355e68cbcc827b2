"""Reads files of items, line after line: CSV with a header, or one JSON object a line.

Files are UTF-8, with or without the mark that some programs put first. No more than a line is in
memory.
"""

from __future__ import annotations

import codecs
import csv
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TextIO

import msgspec

from portvakt.errors import Fault, FaultCode, SettingsError
from portvakt.ingest import cells
from portvakt.ingest.cells import Column
from portvakt.ingest.loading import Line, NamedItems
from portvakt.ingest.text_lines import LONGEST_LINE, TextLines, TooLong
from portvakt.schema import json_text
from portvakt.schema.actions import END
from portvakt.schema.fields import References
from portvakt.schema.registry import Registry
from portvakt.schema.resource import Resource
from portvakt.schema.values import InvalidValue, escape_pointer, json_type

DELIMITERS = (",", ";", "\t")
FORMATS = {".csv": "csv", ".jsonl": "jsonl", ".ndjson": "jsonl"}
"""What a file's name ends with, and what it then is."""

_PIECE = 1 << 20  # bytes read at a time, so that a file of any size takes little memory
_UTF16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


class Ending:
    """The last line of a file that the API or `item list` wrote: `{"_end":{"count":N}}`.

    `told`: whether there was one, it was the last, and its number is that of the lines before it.
    """

    def __init__(self) -> None:
        self.told = False
        self._ended = False
        self._items = 0

    def is_item(self, line: Line) -> bool:
        """Whether a line is to be imported; faults are added to one that can't be right."""
        if self._ended:
            self.told = False
            line.body.pop(END.name, None)
            line.faults.append(Fault(FaultCode.format, "", "This stands after the end line."))
        elif {*line.body} != {END.name}:
            self._items += 1
        else:
            self._ended = True
            self.told = line.body.pop(END.name) == {"count": self._items}
            if not self.told:
                detail = f"{self._items} lines stand before the end line, which says otherwise."
                line.faults.append(Fault(FaultCode.mismatch, f"/{END.name}", detail))
        return not self._ended or bool(line.faults)


@dataclass
class SkippedLines:
    """How many lines of a file are no item's: blank ones, and further ones of a quoted cell."""

    blank: int = 0
    continued: int = 0


@dataclass
class Source:
    """An open file; `lines` gives its items, `position` how many bytes were read.

    The lines of the file are the header of a CSV file, those of `lines`, those that it has
    `passed`, and the one that says that it is the last: `ending`.
    """

    file: TextIO
    lines: Iterator[Line]
    passed: SkippedLines
    ending: Ending

    @property
    def position(self) -> int:
        """How many bytes of the file were read, about."""
        return int(self.file.buffer.raw.tell())  # type: ignore[attr-defined]


def check_encoding(path: Path) -> None:
    """Read the whole file once. Raises `SettingsError` where it can't be read as UTF-8."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    line = 1
    try:
        with path.open("rb") as file:
            while piece := file.read(_PIECE):
                if line == 1 and piece.startswith(_UTF16):
                    raise _encoding(path, 1, "It is UTF-16.")
                try:
                    decoder.decode(piece)
                except UnicodeDecodeError as error:
                    line += error.object[: error.start].count(b"\n")
                    found = f"The byte 0x{error.object[error.start]:02x} is not UTF-8."
                    raise _encoding(path, line, found) from None
                line += piece.count(b"\n")
            decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        raise _encoding(path, line, "It ends within a character.") from None
    except OSError as error:
        raise SettingsError(f"Can't read {path}: {error.strerror}.") from None


def _encoding(path: Path, line: int, found: str) -> SettingsError:
    mend = "Save the file as UTF-8 (in Excel: CSV UTF-8) and try again; nothing was written."
    return SettingsError(f"{path}, line {line}: {found} {mend}")


def open_source(
    path: Path, form: str, registry: Registry, resource: Resource, delimiter: str | None
) -> Source:
    """The items of a file whose encoding was checked.

    Raises `SettingsError` for an empty file, `Problem` for a header that doesn't fit.
    """
    csv.field_size_limit(LONGEST_LINE)
    file = path.open(encoding="utf-8-sig", newline="")
    try:
        text, passed = TextLines(file), SkippedLines()
        if form == "csv":
            lines = _csv_lines(text, passed, path, registry, resource, delimiter)
            return Source(file, lines, passed, Ending())
        ending = Ending()
        lines = _json_lines(text, passed, registry, resource)
        return Source(file, filter(ending.is_item, lines), passed, ending)
    except BaseException:
        file.close()
        raise


# --- CSV -------------------------------------------------------------------------------------


def _csv_lines(
    lines: TextLines,
    passed: SkippedLines,
    path: Path,
    registry: Registry,
    resource: Resource,
    delimiter: str | None,
) -> Iterator[Line]:
    try:
        header = next(lines, "")
    except TooLong as error:
        raise SettingsError(f"{path}, line 1: {error}.") from None
    if not header.strip():
        raise SettingsError(f"{path}: The first line has to name the columns; it is empty.")
    chosen = delimiter or _sniff(header, resource)
    (names,) = csv.reader([header], delimiter=chosen)
    found = cells.columns(registry, resource, [name.strip() for name in names])
    reader = csv.reader(lines, delimiter=chosen, strict=True)
    return _records(reader, lines, passed, found)


def _sniff(header: str, resource: Resource) -> str:
    """The delimiter with which the header names the most fields."""

    def fitting(delimiter: str) -> int:
        (names,) = csv.reader([header], delimiter=delimiter)
        return sum(name.strip().partition(".")[0] in resource.known for name in names)

    return max(DELIMITERS, key=fitting)


def _records(
    reader: Iterator[list[str]], lines: TextLines, passed: SkippedLines, found: list[Column]
) -> Iterator[Line]:
    """The records below the header. A record is told by its first line."""
    while True:
        first = lines.number + 1
        try:
            record = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            yield from _unreadable(first, lines.number, error)
            continue
        if any(map(str.strip, record)):
            passed.continued += lines.number - first
            yield _record(first, found, record)
        else:
            passed.blank += lines.number - first + 1


def _unreadable(first: int, last: int, error: csv.Error) -> Iterator[Line]:
    """The lines of a record that can't be read: each is refused, since none of them was stored."""
    end = f" It takes in all lines up to {last}." if last > first else ""
    hint = "" if isinstance(error, TooLong) else f" Look at the quotation marks.{end}"
    yield _broken(first, f"This is no CSV: {error}.{hint}")
    for number in range(first + 1, last + 1):
        yield _broken(number, f"A quotation mark in line {first} makes this a part of that line.")


def _broken(number: int, detail: str) -> Line:
    return Line(number, faults=[Fault(FaultCode.format, "", detail)])


def _record(number: int, found: list[Column], record: list[str]) -> Line:
    line = Line(number)
    if len(record) != len(found):
        detail = f"There are {len(record)} cells; the header names {len(found)} columns."
        line.faults.append(Fault(FaultCode.format, "", detail))
        return line
    for column, text in zip(found, record, strict=True):
        cells.fill(line, column, text)
    return line


# --- JSON lines ------------------------------------------------------------------------------


def _json_lines(
    lines: TextLines, passed: SkippedLines, registry: Registry, resource: Resource
) -> Iterator[Line]:
    known: dict[str, Column | InvalidValue] = {}
    while True:
        try:
            text = next(lines)
        except StopIteration:
            return
        except TooLong as error:
            yield _broken(lines.number, f"This can't be read: {error}.")
            continue
        if text.strip():
            yield _json_line(lines.number, text, known, registry, resource)
        else:
            passed.blank += 1


def _json_line(
    number: int,
    text: str,
    known: dict[str, Column | InvalidValue],
    registry: Registry,
    resource: Resource,
) -> Line:
    line = Line(number)
    try:
        value = json_text.decode(text)
    except json_text.RepeatedNames as repeated:
        line.faults += repeated.faults
        return line
    except (msgspec.DecodeError, RecursionError) as error:
        line.faults.append(Fault(FaultCode.format, "", f"This is no JSON: {error}"))
        return line
    if not isinstance(value, dict):
        detail = f"Expected an object, not {json_type(value)}."
        line.faults.append(Fault(FaultCode.type, "", detail))
        return line
    for name, given in value.items():
        if "." not in name:
            line.body[name] = given
            continue
        if name not in known:
            known[name] = _known(registry, resource, name)
        _name(line, name, known[name], given)
    return line


def _known(registry: Registry, resource: Resource, name: str) -> Column | InvalidValue:
    try:
        return cells.column(registry, resource, name)
    except InvalidValue as wrong:
        return wrong


def _name(line: Line, name: str, column: Column | InvalidValue, given: Any) -> None:
    """Items that are named by a key: one text, or a list of them."""
    where = f"/{escape_pointer(name)}"
    if isinstance(column, InvalidValue):
        line.faults.append(Fault(column.code, where, column.detail))
        return
    many = isinstance(column.field, References)
    texts = given if isinstance(given, list) else [given]
    if given is None:
        line.body[column.field.name] = [] if many else None
    elif isinstance(given, list) != many or not all(isinstance(text, str) for text in texts):
        expected = "an array of strings" if many else "a string"
        line.faults.append(Fault(FaultCode.type, where, f"Expected {expected}."))
    elif column.key:
        line.named.append(NamedItems(column.field, column.key, tuple(texts)))  # type: ignore[arg-type]
    else:
        ids = [{"id": text} for text in texts]
        line.body[column.field.name] = ids if many else ids[0]
