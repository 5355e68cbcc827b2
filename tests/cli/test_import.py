"""`portvakt import`: files of items, the bad lines among them, on both databases."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from portvakt.cli import asking
from portvakt.cli.line_files import open_source
from portvakt.cli.sample_data import sample_data
from portvakt.cli.text_lines import LONGEST_LINE
from portvakt.errors import SettingsError
from portvakt.resources import load
from portvakt.schema.resource import OPERATOR, Operation, Resource
from tests.cli.conftest import Done, Portvakt

HEADER = ("custom_id", "first_name", "last_name", "email", "organization.custom_id", "is_active")
LOADABLE = [
    each
    for each in load().offered
    if Operation.bulk in each.operations and OPERATOR in each.used_by
]

Row = Sequence[str]
Count = Callable[..., int]


def tenants(number: int) -> list[Row]:
    """Lines of tenants, none of them wrong."""
    return [
        (f"T-{i}", "Åsa", f"Öberg {i}", f"a{i}@example.com", ("NORTH", "SOUTH")[i % 2], "")
        for i in range(number)
    ]


def write_csv(
    path: Path,
    rows: Sequence[Row],
    header: Row = HEADER,
    *,
    delimiter: str = ",",
    encoding: str = "utf-8",
) -> Path:
    """A CSV file."""
    with path.open("w", encoding=encoding, newline="") as file:
        csv.writer(file, delimiter=delimiter).writerows([header, *rows])
    return path


@pytest.fixture
def count(portvakt: Portvakt, customer: str) -> Count:
    """Counts the customer's items of a resource that filters leave."""

    def run(name: str = "accounts.tenant", *filters: str) -> int:
        asked = ("item", "list", name, "_statistics=true", *filters, "--customer", customer)
        return int(portvakt(*asked).json["count"])

    return run


@pytest.fixture
def load_file(portvakt: Portvakt, customer: str) -> Callable[..., Done]:
    """Imports a file for the customer, and gives what is told as JSON."""

    def run(path: Path, *options: object) -> Done:
        return portvakt("import", path, "--customer", customer, "--json", *options)

    return run


def told(done: Done) -> dict[str, int]:
    """The counts of a report."""
    return {name: done.json[name] for name in ("created", "updated", "unchanged", "refused")}


def counts(created: int = 0, updated: int = 0, unchanged: int = 0, refused: int = 0) -> Any:
    """The counts as `told` gives them."""
    return {"created": created, "updated": updated, "unchanged": unchanged, "refused": refused}


# --- files that are right ------------------------------------------------------------------------


def test_five_thousand_lines_come_in(load_file: Any, count: Count, tmp_path: Path) -> None:
    """Each line is an item, with its references and defaults; a second time nothing changes."""
    path = write_csv(tmp_path / "tenants.csv", tenants(5000))
    done = load_file(path, "--match", "custom_id")
    assert (done.status, told(done)) == (0, counts(created=5000))
    assert done.json["written"] is True
    assert count() == 5000
    assert count("accounts.tenant", "last_name=Öberg 4999", "is_active=true") == 1
    again = load_file(path, "--match", "custom_id")
    assert told(again) == counts(unchanged=5000)


def test_a_match_updates(load_file: Any, count: Count, tmp_path: Path) -> None:
    """A line whose custom_id is known changes that item, and only what it says."""
    load_file(write_csv(tmp_path / "tenants.csv", tenants(10)))
    changed = [("T-1", "nobody@example.com"), ("T-2", "a2@example.com"), ("T-99", "b@example.com")]
    path = write_csv(tmp_path / "t.csv", changed, ("custom_id", "email"))
    done = load_file(path, "--resource", "tenant", "--match", "custom_id", "--keep-going")
    assert told(done) == counts(updated=1, unchanged=1, refused=1)
    assert count("accounts.tenant", "email=nobody@example.com", "first_name=Åsa") == 1


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig"])
def test_delimiters_and_marks_are_understood(
    load_file: Any, count: Count, tmp_path: Path, delimiter: str, encoding: str
) -> None:
    """A comma, a semicolon or a tab; with a byte order mark or without."""
    rows = [("T-1", 'Åsa; "A", B', "Ö\nberg", "", "NORTH", "false")]
    path = write_csv(tmp_path / "tenants.csv", rows, delimiter=delimiter, encoding=encoding)
    assert told(load_file(path)) == counts(created=1)
    assert count("accounts.tenant", 'first_name=Åsa; "A", B', "is_active=false") == 1
    assert count("accounts.tenant", "email__isnull=true", "last_name=Ö\nberg") == 1


def test_a_line_may_refer_to_an_earlier_one(load_file: Any, count: Count, tmp_path: Path) -> None:
    """By the key that the earlier line gives itself."""
    rows = [("O-0", "Whole", "NORTH")]
    rows += [(f"O-{i}", f"Part {i}", f"O-{i - 1}") for i in range(1, 30)]
    header = ("custom_id", "name", "organization.custom_id")
    done = load_file(write_csv(tmp_path / "organizations.csv", rows, header))
    assert told(done) == counts(created=30), done
    assert count("sales.organization") == 32


def test_many_references_and_objects_have_a_form(
    portvakt: Portvakt, load_file: Any, customer: str, tmp_path: Path
) -> None:
    """A comma list of keys; JSON for free objects."""
    write = write_csv(
        tmp_path / "realestates.csv", [("R-1", "A"), ("R,2", "B")], ("custom_id", "name")
    )
    assert told(load_file(write)) == counts(created=2)
    header = ("first_name", "realestates.custom_id", "block_notifications_for", "profile_picture")
    row = ("Åsa", 'R-1,"R,2"', '[{"kind": "sms"}]', '{"url": "x"}')
    assert told(load_file(write_csv(tmp_path / "tenants.csv", [row], header))) == counts(created=1)
    (tenant,) = portvakt("item", "list", "tenant", "--customer", customer, "--json").json
    assert len(tenant["realestates"]) == 2
    assert tenant["block_notifications_for"] == [{"kind": "sms"}]
    assert tenant["profile_picture"] == {"url": "x"}


def test_json_lines_come_in(load_file: Any, count: Count, tmp_path: Path) -> None:
    """As the API takes items, and with references by key; an unreadable line is told."""
    path = tmp_path / "tenants.jsonl"
    lines = [
        '{"first_name": "Åsa", "organization.custom_id": "NORTH"}',
        "",
        '{"first_name": "Bo", "organization": null}',
        "{",
        "[]",
        '{"first_name": 1, "realestates.custom_id": "R-1", "organization.name.x": ""}',
    ]
    path.write_text("\n".join(lines), "utf-8")
    done = load_file(path, "--keep-going")
    assert told(done) == counts(created=2, refused=3)
    where = [(fault["line"], fault["field"], fault["code"]) for fault in done.json["faults"]]
    assert where == [
        (4, "", "format"),
        (5, "", "type"),
        (6, "realestates.custom_id", "type"),
        (6, "organization.name.x", "unknown_field"),
        (6, "first_name", "type"),
    ]
    assert count() == 2


END_LINES = {
    "right": (('{"first_name": "A"}', "", '{"first_name": "B"}', '{"_end":{"count":2}}', ""), []),
    "cut in the middle": (('{"first_name": "A"}', '{"_end":{"count":2}}'), [(2, "_end")]),
    "more than it says": (('{"first_name": "A"}',) * 2 + ('{"_end":{"count":1}}',), [(3, "_end")]),
    "something after it": (('{"_end":{"count":0}}', '{"first_name": "A"}'), [(2, "")]),
    "two ends": (('{"_end":{"count":0}}', '{"_end":{"count":0}}'), [(2, "")]),
    "no number": (('{"_end":true}',), [(1, "_end")]),
    "another name beside it": (('{"_end":{"count":0},"first_name":"A"}',), [(1, "_end")]),
}


@pytest.mark.parametrize("case", END_LINES)
def test_an_end_line_is_checked(load_file: Any, count: Count, tmp_path: Path, case: str) -> None:
    """It is no item. Where the number isn't that of the lines before it, nothing is written."""
    lines, wrong = END_LINES[case]
    path = tmp_path / "tenants.jsonl"
    path.write_text("\n".join(lines), "utf-8")
    for options in (("--dry-run",), ()):
        done = load_file(path, *options)
        assert [(fault["line"], fault["field"]) for fault in done.json["faults"]] == wrong
        assert done.json["refused"] == len(wrong)
        assert done.json["end_told"] is (case == "right")
        assert done.status == (1 if wrong else 0)
    assert count() == (0 if wrong else 2)


def test_a_list_of_items_comes_in_and_says_that_it_is_whole(
    portvakt: Portvakt, customer: str, count: Count, tmp_path: Path
) -> None:
    """What `item list --jsonl` writes is taken by `import`; without its last lines it isn't."""
    path = write_csv(tmp_path / "tenants.csv", tenants(3))
    portvakt("import", path, "--customer", customer)
    whose = ("--customer", customer)
    lines = portvakt("item", "list", "accounts.tenant", "--jsonl", *whose).output.splitlines()
    again = tmp_path / "again.jsonl"
    for told, kept in ((True, lines), (False, lines[:-1])):
        again.write_text("\n".join(kept), "utf-8")
        done = portvakt("import", again, "--resource", "tenant", "--dry-run", *whose)
        assert "3 lines of accounts.tenant" in done.output
        assert ("It is whole" in done.output) is told
    assert count() == 3


# --- every resource ------------------------------------------------------------------------------


def _cell(value: Any) -> str:
    """A value of an item as a cell."""
    if value is None:
        return ""
    if isinstance(value, dict) and value.keys() == {"id"}:
        return str(value["id"])
    if isinstance(value, list) and value and all("id" in each for each in value):
        return ",".join(each["id"] for each in value)
    return value if isinstance(value, str) else json.dumps(value)


@pytest.mark.parametrize("resource", LOADABLE, ids=lambda each: each.name)
def test_what_was_read_can_be_imported_again(
    portvakt: Portvakt, tmp_path: Path, resource: Resource
) -> None:
    """As CSV: the items are the same, so that nothing changes."""
    whose = () if resource.platform else ("--customer", sample_data(load()).customers[0].id)
    asked = ("_evidence=true",) if resource.additive else ()
    items = portvakt("item", "list", resource.name, *asked, "--json", *whose).json
    assert items
    assert set(items[0]) == set(resource.known)
    cells = [[_cell(value) for value in item.values()] for item in items]
    path = write_csv(tmp_path / "x.csv", cells, list(items[0]))
    done = portvakt("import", path, "--resource", resource.name, "--json", *whose)
    assert told(done) == counts(unchanged=len(items)), done.json["faults"][:3]


@pytest.mark.parametrize("resource", LOADABLE, ids=lambda each: each.name)
def test_a_files_name_tells_its_resource(resource: Resource) -> None:
    """The model's name, or its plural; `app.model` too."""
    file = resource.declared_in.rpartition(".")[2]
    plural = {"y": file.removesuffix("y") + "ies", "s": file + "es"}.get(file[-1], file + "s")
    if resource.model.endswith("access"):
        plural = file + "es"
    for name in (resource.name, file, plural, f"{plural.title()} 2026-11"):
        assert asking.of_file(load(), name) is resource


def test_a_files_name_that_tells_nothing_is_refused() -> None:
    """And the nearest name is told."""
    with pytest.raises(SettingsError, match=r"near to tenants.*--resource"):
        asking.of_file(load(), "tennants")


# --- files that are wrong ------------------------------------------------------------------------


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


# --- counts add up --------------------------------------------------------------------------------


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
