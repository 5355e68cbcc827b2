"""`portvakt import`: whatever is in a file, its counts add up."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from portvakt.ingest.line_files import open_source
from portvakt.ingest.text_lines import LONGEST_LINE
from portvakt.resources import load
from tests.cli.files import Count, counts, told
from tests.support.command_line import Done


def lines_of(document: dict[str, Any], path: Path) -> int:
    """How many lines of its file a document accounts for."""
    parts = ("lines", "blank", "continued")
    outcomes = ("created", "updated", "unchanged", "refused")
    assert document["lines"] == sum(document[outcome] for outcome in outcomes)
    return int(path.suffix == ".csv") + sum(int(document[part]) for part in parts)


def write_text(path: Path, lines: Sequence[str]) -> Path:
    """A file with these lines, as they are."""
    path.write_text("".join(f"{line}\n" for line in lines), "utf-8")
    return path


def test_each_line_that_an_open_quote_takes_in_is_told(
    load_file: Callable[..., Done], count: Count, tmp_path: Path
) -> None:
    """Lines that were read as part of a broken one were not stored, so each is refused."""
    rows = ["custom_id,first_name", "Q1,Ada", 'Q2,"Bo', "Q3,Cia", 'Q4,"Dan"', "Q5,Eva"]
    path = write_text(tmp_path / "tenants.csv", rows)
    done = load_file(path, "--keep-going")
    assert told(done) == counts(created=2, refused=3)
    assert [fault["line"] for fault in done.json["faults"]] == [3, 4, 5]
    assert "all lines up to 5" in done.json["faults"][0]["reason"]
    assert count() == 2


def test_a_quote_that_never_closes_takes_in_the_rest(
    load_file: Callable[..., Done], count: Count, tmp_path: Path
) -> None:
    """Each line to the end of the file is told."""
    rows = ["custom_id,first_name", "Q1,Ada", 'Q2,"Bo', *[f"Q{i},Cia" for i in range(3, 1500)]]
    done = load_file(write_text(tmp_path / "tenants.csv", rows), "--keep-going")
    assert told(done) == counts(created=1, refused=1498)
    assert len(done.json["faults"]) + done.json["faults_left_out"] == 1498
    assert count() == 1


def test_a_row_of_empty_cells_is_blank(load_file: Callable[..., Done], tmp_path: Path) -> None:
    """Spreadsheets write such rows below the last one, with any number of cells."""
    rows = ["custom_id;first_name;last_name", "B1;Ada;Ek", ";;", ";;;;", " ; ; ", '"";;', "", ";"]
    done = load_file(write_text(tmp_path / "tenants.csv", rows))
    assert (done.status, told(done), done.json["blank"]) == (0, counts(created=1), 6)


def test_a_quoted_cell_may_hold_lines(load_file: Callable[..., Done], tmp_path: Path) -> None:
    """The further lines of a cell belong to its line, and are counted apart."""
    rows = ["custom_id,first_name", 'C1,"Ada\nB', 'C"', "C2,Bo"]
    path = write_text(tmp_path / "tenants.csv", rows)
    done = load_file(path)
    assert (told(done), done.json["continued"]) == (counts(created=2), 2)
    assert lines_of(done.json, path) == 5


@pytest.mark.parametrize(
    ("name", "text", "faults", "error"),
    [
        ("tenants.csv", "custom_id,firstname\nA,B\n", [1], "1 name is wrong; nothing was written."),
        ("tenants.csv", "", [], "The first line has to name the columns; it is empty."),
        ("tenants.csv", "custom_id,first_name\nA,\udcff\n", [], "is not UTF-8"),
        ("nothings.csv", "custom_id\n", [], "--resource"),
        ("tenants.txt", "custom_id\n", [], "Is "),
    ],
)
def test_a_file_that_is_refused_as_a_whole_is_told_as_json(
    load_file: Callable[..., Done],
    tmp_path: Path,
    name: str,
    text: str,
    faults: list[int],
    error: str,
) -> None:
    """Whatever the reason, `--json` prints one document, and the exit status is 1."""
    (tmp_path / name).write_bytes(text.encode("utf-8", "surrogateescape"))
    done = load_file(tmp_path / name)
    assert done.status == 1
    assert [fault["line"] for fault in done.json["faults"]] == faults
    assert error in done.json["error"]
    assert (done.json["written"], done.json["lines"]) == (False, 0)
    assert done.errors


def test_a_missing_file_is_told_as_json(load_file: Callable[..., Done], tmp_path: Path) -> None:
    """So is a file that isn't there, and a report that can't be written."""
    missing = load_file(tmp_path / "tenants.csv")
    there = write_text(tmp_path / "tenants.jsonl", ["{}"])
    unwritable = load_file(there, "--report", tmp_path / "none" / "report.csv")
    assert "Can't read" in missing.json["error"]
    assert "Can't write" in unwritable.json["error"]
    assert (missing.status, unwritable.status) == (1, 1)


PIECES = st.sampled_from(
    [
        "A",
        "Bo",
        "Åsa",
        '"',
        '""',
        '"Bo"',
        '"B\no"',
        "\n",
        "\r\n",
        ",",
        ";",
        " ",
        "a@b",
        "{}",
        "x" * 40,
    ]
)


@pytest.mark.parametrize("form", ["csv", "jsonl"])
@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_whatever_the_file_its_counts_add_up(
    form: str, data: st.DataObject, tmp_path: Path
) -> None:
    """Each line of a file is its header, told of, blank, or a further line of a quoted cell."""
    good = "T-1,Ada\n" if form == "csv" else '{"custom_id": "T-1", "first_name": "Ada"}\n'
    rows = data.draw(st.lists(st.one_of(st.just(good), st.lists(PIECES).map("".join))))
    text = ("custom_id,first_name\n" if form == "csv" else "") + "".join(rows)
    path = tmp_path / f"tenants.{form}"
    path.write_bytes(text.encode())
    registry = load()
    source = open_source(path, form, registry, registry.resources["accounts.tenant"], ",")
    with source.file:
        told = [line.number for line in source.lines]
    accounted = (form == "csv") + len(told) + source.passed.blank + source.passed.continued
    assert accounted == len(
        text.encode().replace(b"\r\n", b"\n").replace(b"\r", b"\n").splitlines()
    )
    assert told == sorted(set(told))


@pytest.mark.parametrize("form", ["csv", "jsonl"])
def test_a_line_of_any_length_is_one(form: str, tmp_path: Path) -> None:
    """A line that is too long to be read is refused once, and the next one keeps its number."""
    long = "x" * (2 * LONGEST_LINE + 5)
    rows = {
        "csv": ["custom_id,first_name", f"A,{long}", "B,Bo", f'C,"{long}', "D,Di"],
        "jsonl": ["{}", f'{{"custom_id": "{long}"}}', "{}", f'"{long}"', "{}"],
    }
    path = write_text(tmp_path / f"tenants.{form}", rows[form])
    registry = load()
    source = open_source(path, form, registry, registry.resources["accounts.tenant"], ",")
    with source.file:
        told = {line.number: bool(line.faults) for line in source.lines}
    first = {} if form == "csv" else {1: False}
    assert told == {**first, 2: True, 3: False, 4: True, 5: False}
