"""`portvakt import`: files of items that come in, on both databases."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from portvakt.cli import arguments
from portvakt.errors import SettingsError
from portvakt.resources import load
from portvakt.sandbox.data import sample_data
from portvakt.schema.resource import Resource
from tests.cli.files import LOADABLE, Count, counts, tenants, told, write_csv
from tests.support.command_line import Portvakt


@pytest.mark.slow
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
    for whole, kept in ((True, lines), (False, lines[:-1])):
        again.write_text("\n".join(kept), "utf-8")
        done = portvakt("import", again, "--resource", "tenant", "--dry-run", *whose)
        assert "3 lines of accounts.tenant" in done.output
        assert ("It is whole" in done.output) is whole
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
        assert arguments.of_file(load(), name) is resource


def test_a_files_name_that_tells_nothing_is_refused() -> None:
    """And the nearest name is told."""
    with pytest.raises(SettingsError, match=r"near to tenants.*--resource"):
        arguments.of_file(load(), "tennants")
