"""`portvakt import`: bad lines and files are told, and what they leave written."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import pytest

from portvakt.resources import load
from portvakt.sandbox.data import sample_data
from tests.cli.files import Count, Row, counts, tenants, told, write_csv
from tests.support.command_line import Portvakt


def bad_tenants() -> list[Row]:
    """5,000 lines, four of them wrong in one way each."""
    rows = [list(row) for row in tenants(5000)]
    rows[10][3] = "nowhere"
    rows[1500][4] = "WEST"
    rows[2500][5] = "perhaps"
    rows[4999][1] = rows[4999][2] = ""
    return [*rows]


BAD_LINES = [
    (12, "email", "format"),
    (1502, "organization.custom_id", "not_found"),
    (2502, "is_active", "type"),
    (5001, "first_name", "at_least_one"),
]


@pytest.mark.slow
def test_bad_lines_leave_nothing_written(load_file: Any, count: Count, tmp_path: Path) -> None:
    """Each is told by its line, its field and the reason, here and in the report."""
    path = write_csv(tmp_path / "tenants.csv", bad_tenants())
    report = tmp_path / "refused.csv"
    done = load_file(path, "--report", report)
    assert done.status == 1
    assert (told(done), done.json["written"]) == (counts(created=4996, refused=4), False)
    faults = [(fault["line"], fault["field"], fault["code"]) for fault in done.json["faults"]]
    assert faults == BAD_LINES
    with report.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [(int(row["line"]), row["field"], row["code"]) for row in rows] == BAD_LINES
    assert all(row["reason"] for row in rows)
    assert count() == 0


def test_a_name_twice_in_an_object_is_told(load_file: Any, count: Count, tmp_path: Path) -> None:
    """A JSON line, or the JSON of a cell, that says a name twice means neither value."""
    picture = '{"url": "x", "url": "y"}'
    lines = tmp_path / "tenants.jsonl"
    lines.write_text(
        f'{{"first_name": "Bo", "first_name": "Ada"}}\n\n{{"profile_picture": {picture}}}\n'
    )
    cells = write_csv(tmp_path / "tenants.csv", [(picture,)], ("profile_picture",))
    for path, expected in (
        (lines, [(1, "first_name"), (3, "profile_picture/url")]),
        (cells, [(2, "profile_picture/url")]),
    ):
        done = load_file(path)
        faults = [fault for fault in done.json["faults"] if fault["code"] == "repeated_name"]
        assert [(fault["line"], fault["field"]) for fault in faults] == expected
    assert count() == 0


@pytest.mark.slow
def test_the_good_lines_go_on_when_asked(load_file: Any, count: Count, tmp_path: Path) -> None:
    """With --keep-going; the same file mended later adds the rest."""
    path = write_csv(tmp_path / "tenants.csv", bad_tenants())
    done = load_file(path, "--keep-going", "--match", "custom_id")
    assert (done.status, told(done)) == (1, counts(created=4996, refused=4))
    assert count() == 4996
    mended = write_csv(tmp_path / "tenants.csv", tenants(5000))
    assert told(load_file(mended, "--match", "custom_id")) == counts(created=4, unchanged=4996)


def test_a_dry_run_writes_nothing(load_file: Any, count: Count, tmp_path: Path) -> None:
    """It tells the same as the import itself, whichever way that goes."""
    good = write_csv(tmp_path / "tenants.csv", tenants(1500))
    done = load_file(good, "--dry-run")
    assert (done.status, told(done), done.json["written"]) == (0, counts(created=1500), False)
    bad = write_csv(tmp_path / "tenants.csv", [*tenants(1500), ("T", "", "", "", "", "")])
    assert told(load_file(bad, "--dry-run", "--keep-going")) == counts(created=1500, refused=1)
    assert count() == 0


def test_lines_about_one_item_are_told(load_file: Any, count: Count, tmp_path: Path) -> None:
    """However far apart; the first of them counts."""
    rows = [*tenants(1200), ("T-3", "Bo", "", "", "", ""), ("T-1199", "Bo", "", "", "", "")]
    done = load_file(write_csv(tmp_path / "tenants.csv", rows), "--match", "custom_id")
    assert [(fault["line"], fault["code"]) for fault in done.json["faults"]] == [
        (1202, "repeated_key"),
        (1203, "repeated_key"),
    ]
    assert "Line 5 " in done.json["faults"][0]["reason"]
    assert count() == 0


@pytest.mark.parametrize("options", [(), ("--match", "custom_id"), ("--keep-going",)])
def test_unique_keys_hold_across_lines(
    load_file: Any, count: Count, tmp_path: Path, options: tuple[str, ...]
) -> None:
    """Against other lines, which are told by their numbers, and against what is stored."""
    rows = [("A", "North"), ("B", "East"), ("C", "West"), ("D", "East")]
    path = write_csv(tmp_path / "organizations.csv", rows, ("custom_id", "name"))
    done = load_file(path, *options)
    faults = [(fault["line"], fault["code"]) for fault in done.json["faults"]]
    assert faults == [(2, "conflict"), (3, "repeated_key"), (5, "repeated_key")]
    assert count("sales.organization") == (3 if "--keep-going" in options else 2)
    assert "3, 5" in done.json["faults"][1]["reason"]


def test_lines_that_are_no_csv_are_told(load_file: Any, count: Count, tmp_path: Path) -> None:
    """Too many cells, too few, a quotation mark without its end."""
    path = tmp_path / "tenants.csv"
    path.write_text('first_name,email\nA,\nB,,\nC\n\nD,"x" y\nE,\nF,"\nG,\n', "utf-8")
    done = load_file(path, "--keep-going")
    assert [fault["line"] for fault in done.json["faults"]] == [3, 4, 6, 8, 9]
    assert told(done) == counts(created=2, refused=5)
    assert count() == 2


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("first_name\nÅsa\n".encode("latin-1"), "line 2: The byte 0xc5 is not UTF-8. Save"),
        ("first_name\n".encode("utf-16"), "It is UTF-16. Save"),
        ("first_name\nÅ".encode()[:-1], "line 2: It ends within a character."),
        (b"", "has to name the columns"),
        (b"\nfirst_name\n", "has to name the columns"),
        (b"frist_name,email\n", "There is no such field. Did you mean `first_name`?"),
        (b"email,email\n", "has another column already"),
        (b"email.custom_id\n", "refers to nothing"),
        (b"organization.nam\n", "Expected `organization.id` or `organization.custom_id`"),
    ],
)
def test_files_that_can_not_be_read_are_refused(
    load_file: Any, count: Count, tmp_path: Path, content: bytes, said: str
) -> None:
    """Before anything is written; the message names the place and the mend."""
    path = tmp_path / "tenants.csv"
    path.write_bytes(content)
    done = load_file(path)
    assert (done.status, done.json["written"], done.json["lines"]) == (1, False, 0)
    assert said in done.errors
    assert count() == 0


def test_what_is_missing_is_said(portvakt: Portvakt, tmp_path: Path) -> None:
    """Whose, which resource, which form, by which key."""
    path = write_csv(tmp_path / "tenants.csv", tenants(1))
    other = write_csv(tmp_path / "people.txt", tenants(1))
    customer = ("--customer", sample_data(load()).customers[0].id)
    assert "portvakt customer list" in portvakt("import", path).errors
    assert "--resource" in portvakt("import", other, *customer).errors
    assert "--format" in portvakt("import", other, "--resource", "tenant", *customer).errors
    assert "custom_id" in portvakt("import", path, "--match", "email", *customer).errors
    assert "No such file" in portvakt("import", tmp_path / "none.csv", *customer).errors
    assert portvakt("import", path, "--resource", "credential", *customer).status == 1


def test_people_see_a_table(portvakt: Portvakt, customer: str, tmp_path: Path) -> None:
    """The first refused lines on standard error, the counts on standard output."""
    rows = [("T", "", "", "", "", "")] * 25
    done = portvakt("import", write_csv(tmp_path / "tenants.csv", rows), "--customer", customer)
    assert done.status == 1
    assert "5 more faults" in done.errors
    assert "25 refused" in done.output
    assert "nothing was written" in done.output


def test_a_table_has_the_fields_that_are_asked_for(
    portvakt: Portvakt, customer: str, load_file: Any, tmp_path: Path
) -> None:
    """`_fields` and `_slim` choose the columns; a content type can be named."""
    load_file(write_csv(tmp_path / "tenants.csv", tenants(1)))
    asked = ("item", "list", "accounts.tenant", "--customer", customer)
    assert portvakt(*asked, "_fields=last_name").output.count("│") == 3
    assert "Öberg 0" in portvakt(*asked, "_fields=last_name").output
    assert "Öberg 0" not in portvakt(*asked, "_slim=true").output
    named = ("item", "list", "platform.service", "level=sales.organization", "--json")
    assert portvakt(*named).json
