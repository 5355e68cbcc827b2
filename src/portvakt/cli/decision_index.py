"""The index of the decision records, made from their titles and heads.

A record begins with its title and one line: `Status: in force. Theme: lists. Rooms: api, storage.
Changed by: [53](0053-....md).` Who changes a decision writes a new record, and that in both heads.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from portvakt.errors import SettingsError

FOLDER = "docs/decisions"
INDEX = f"{FOLDER}/README.md"

RULES = {
    "interface": "Paths, values and refusals",
    "lists": "Lists and search",
    "writes": "Writes",
    "callers": "Callers and credentials",
    "access": "What an integration reaches, and may do",
    "consent": "Consent",
    "evidence": "Evidence and erasure",
    "exports and bounds": "Exports, bounds and failures",
    "commands and documents": "Commands and documents",
}
"""The themes of what Portvakt does, which whoever uses it can rely on."""

REASONS = {
    "structure": "Structure, libraries and tests",
    "storage": "What is stored, and how it is found",
    "speed": "Speed",
    "several machines": "Several machines",
}
"""The themes of why the code is as it is, which nobody but its readers notices."""

IN_FORCE, SUPERSEDED = "in force", "superseded"
POINTERS = ("Supersedes", "Superseded by", "Changes", "Changed by")

_NAMES = ("Status", "Theme", "Rooms", *POINTERS)
_PART = re.compile(rf"({'|'.join(_NAMES)}): (.+?)\.(?= [A-Z]|$)")


class Record(NamedTuple):
    """A record's file name and title, and what its head says; `pointers` hold numbers by name."""

    name: str
    title: str
    status: str
    theme: str
    rooms: tuple[str, ...]
    pointers: Mapping[str, tuple[int, ...]]

    @property
    def number(self) -> int:
        """The record's number, which its file name begins with."""
        return int(self.name[:4])


def parse(name: str, text: str) -> Record:
    """Read the head of a record. Raises `SettingsError` that names the record and the fault."""
    title, blank, head, *_ = [*text.split("\n"), "", "", ""]
    parts = dict(_PART.findall(head))
    if not title.startswith("# ") or blank or head != _written(parts):
        raise SettingsError(f"{FOLDER}/{name}: the third line must be `Status: ... Theme: ...`.")
    if parts.get("Status") not in (IN_FORCE, SUPERSEDED):
        raise SettingsError(f"{FOLDER}/{name}: the status is {IN_FORCE!r} or {SUPERSEDED!r}.")
    if parts.get("Theme") not in RULES | REASONS:
        known = ", ".join(RULES | REASONS)
        raise SettingsError(f"{FOLDER}/{name}: the theme is one of {known}.")
    return Record(
        name,
        title.removeprefix("# "),
        parts["Status"],
        parts["Theme"],
        tuple(parts["Rooms"].split(", ")) if "Rooms" in parts else (),
        {name: tuple(map(int, re.findall(r"\[(\d+)\]", parts.get(name, "")))) for name in POINTERS},
    )


def _written(parts: Mapping[str, str]) -> str:
    """The head that has these parts, in their one order."""
    return " ".join(f"{name}: {parts[name]}." for name in _NAMES if name in parts)


def index(texts: Mapping[str, str]) -> str:
    """The text of the index, from the records' texts by file name. Raises `SettingsError`."""
    records = [parse(name, texts[name]) for name in sorted(texts)]
    return "\n".join([*_beginning(), *_by_theme(records), *_by_room(records)])


def _beginning() -> Iterator[str]:
    yield "# Decisions"
    yield ""
    yield "Short records of what was decided, why, and what follows from it, each about one thing."
    yield "A record isn't rewritten when its decision changes: a new one says what it changes or"
    yield "supersedes, and the heads of both point at each other. *The reference* in them is the"
    yield "documentation of the Core API's application Integrations, version 2.0.0."
    yield ""
    yield "This page is made of the records' heads by `portvakt generate`."


def _by_theme(records: Iterable[Record]) -> Iterator[str]:
    of_theme: dict[str, list[Record]] = {}
    for record in records:
        of_theme.setdefault(record.theme, []).append(record)
    for heading, themes in (
        ("Rules of the product", RULES),
        ("Why the code is so", REASONS),
    ):
        yield from ("", f"## {heading}")
        for theme, title in themes.items():
            yield from ("", f"### {title}", "")
            yield from map(_line, of_theme.get(theme, ()))


def _line(record: Record) -> str:
    later = [
        f", {name.lower()} {', '.join(map(str, numbers))}"
        for name in ("Superseded by", "Changed by")
        if (numbers := record.pointers[name])
    ]
    return f"- [{record.title}]({record.name}){''.join(later)}"


def _by_room(records: Iterable[Record]) -> Iterator[str]:
    of_room: dict[str, list[str]] = {}
    for record in records:
        for room in record.rooms if record.status == IN_FORCE else ():
            of_room.setdefault(room, []).append(f"[{record.number}]({record.name})")
    yield from ("", "## Read before you touch", "")
    yield "The records in force, by the folder of `src/portvakt/` that each is about most."
    yield from ("", "| folder | records |", "| --- | --- |")
    for room, links in sorted(of_room.items()):
        yield f"| `{room}/` | {', '.join(links)} |"
    yield ""
