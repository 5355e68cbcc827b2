"""The decision records have one form, and point at each other from both sides."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from portvakt.cli import decision_index
from portvakt.cli.decision_index import IN_FORCE, SUPERSEDED, Record
from portvakt.errors import SettingsError
from tests.docs.markdown import ROOT

LONGEST, WIDEST = 30, 120
PATHS = sorted((ROOT / decision_index.FOLDER).glob("[0-9]*.md"))
RECORDS = {int(path.name[:4]): decision_index.parse(path.name, path.read_text()) for path in PATHS}
BACK = {"Changes": "Changed by", "Supersedes": "Superseded by"}

HEAD = "Status: in force. Theme: lists. Rooms: api, storage. Changes: [4](0004-lists.md)."


def test_records_are_numbered_without_a_gap() -> None:
    """The next record's number is the one after the last."""
    assert sorted(RECORDS) == list(range(1, len(PATHS) + 1))


@pytest.mark.parametrize("path", PATHS, ids=lambda path: path.stem)
def test_every_record_has_the_same_form(path: Path) -> None:
    """A record has its number in the title, a head, a context, a decision and consequences."""
    text = path.read_text("utf-8")
    assert text.startswith(f"# {int(path.name[:4])}. ")
    assert re.findall("^## (.*)$", text, re.MULTILINE) == ["Context", "Decision", "Consequences"]


@pytest.mark.parametrize("path", PATHS, ids=lambda path: path.stem)
def test_every_record_is_short(path: Path) -> None:
    """From its context on a record has thirty lines at most, tables apart, none of them long."""
    _, _, body = path.read_text("utf-8").partition("## Context")
    lines = [line for line in f"## Context{body}".splitlines() if not line.startswith("|")]
    assert len(lines) <= LONGEST
    assert [line for line in lines if len(line) > WIDEST] == []


@pytest.mark.parametrize("record", RECORDS.values(), ids=lambda record: record.name[:4])
def test_every_pointer_points_back(record: Record) -> None:
    """What changes or supersedes another record is newer, and named in the head of that one."""
    for there, back in BACK.items():
        for number in record.pointers[there]:
            assert number < record.number
            assert record.number in RECORDS[number].pointers[back]
        for number in record.pointers[back]:
            assert record.number in RECORDS[number].pointers[there]


@pytest.mark.parametrize("record", RECORDS.values(), ids=lambda record: record.name[:4])
def test_the_status_tells_whether_a_record_is_superseded(record: Record) -> None:
    """A record is in force until another one supersedes it."""
    superseded = bool(record.pointers["Superseded by"])
    assert record.status == (SUPERSEDED if superseded else IN_FORCE)


@pytest.mark.parametrize("record", RECORDS.values(), ids=lambda record: record.name[:4])
def test_every_room_is_a_folder(record: Record) -> None:
    """What a record is about is a folder of the package."""
    for room in record.rooms:
        assert (ROOT / "src" / "portvakt" / room).is_dir()


def test_a_head_is_read() -> None:
    """The head of a record says its status, theme, rooms, and the records that it points at."""
    record = decision_index.parse("0099-tried.md", f"# 99. Tried\n\n{HEAD}\n\n## Context\n")
    assert record.title == "99. Tried"
    assert (record.status, record.theme) == (IN_FORCE, "lists")
    assert record.rooms == ("api", "storage")
    assert record.pointers["Changes"] == (4,)


@pytest.mark.parametrize(
    "head",
    [
        "",
        "Theme: lists.",
        "Status: in force. Theme: weather.",
        "Status: forgotten. Theme: lists.",
        "Theme: lists. Status: in force.",
        "Status: in force. Theme: lists. Mood: good.",
    ],
)
def test_a_wrong_head_is_refused(head: str) -> None:
    """A record without a right head is named, so that the index is never made without it."""
    with pytest.raises(SettingsError, match=re.escape("0099-tried.md")):
        decision_index.parse("0099-tried.md", f"# 99. Tried\n\n{head}\n\n## Context\n")


def test_the_index_tells_what_became_of_a_record() -> None:
    """A record's line in the index names what changed it, and only what is in force has rooms."""
    texts = {
        "0001-a.md": "# 1. A\n\nStatus: superseded. Theme: lists. Rooms: api."
        " Superseded by: [2](0002-b.md).\n\n## Context\n",
        "0002-b.md": "# 2. B\n\nStatus: in force. Theme: lists. Rooms: api."
        " Supersedes: [1](0001-a.md).\n\n## Context\n",
    }
    index = decision_index.index(texts)
    assert "- [1. A](0001-a.md), superseded by 2\n- [2. B](0002-b.md)\n" in index
    assert "| `api/` | [2](0002-b.md) |" in index
