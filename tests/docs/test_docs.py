"""The documents tell the truth: links lead somewhere, and what they name exists.

What they show is run in `test_examples.py`.
"""

from __future__ import annotations

import re
import shutil
import tomllib
from inspect import getsource
from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest

from portvakt.api.dispatch import Dispatch
from portvakt.resources import load
from portvakt.schema.operators import JSON, OPERATORS, Kind
from portvakt.schema.registry import Registry
from portvakt.settings import PREFIX, Settings
from portvakt.storage.migrations.draft import draft
from portvakt.storage.migrations.migrate import migrate
from portvakt.storage.migrations.schema_version import STEPS
from portvakt.storage.sql.tables import Tables
from tests.docs.markdown import ROOT, anchors, blocks, links, pages
from tests.support.postgres import OLDEST
from tests.support.schemas import catalog, create_declared

RECORDS = ROOT / "docs" / "decisions"
PAGES = {str(path.relative_to(ROOT)): path.read_text("utf-8") for path in pages()}

# Variables of the tests, which the server doesn't read.
TEST_VARIABLES = {f"PORTVAKT_TEST_{name}" for name in ("POSTGRES", "CITUS", "CURL", "DATABASE")}


# --- links and names ------------------------------------------------------------------------------


@pytest.mark.parametrize("name", PAGES)
def test_links_lead_somewhere(name: str) -> None:
    """Every relative link names a file of the repository, and a heading in it where it says so."""
    broken = []
    for link in links(PAGES[name]):
        path, _, anchor = link.partition("#")
        if "://" in link or link.startswith("mailto:"):
            continue
        target = (ROOT / name).parent / path if path else ROOT / name
        if not target.exists() or (anchor and anchor not in anchors(target.read_text("utf-8"))):
            broken.append(link)
    assert broken == []


def test_every_setting_that_is_named_exists() -> None:
    """A setting that was renamed or taken away is not written of any more."""
    known = {PREFIX + name.upper() for name in Settings.model_fields} | TEST_VARIABLES
    for name, text in PAGES.items():
        assert set(re.findall(rf"\b{PREFIX}[A-Z_]*[A-Z]", text)) <= known, name


def test_every_setting_is_in_the_reference() -> None:
    """The table of settings is whole."""
    table = PAGES["docs/reference/settings.md"]
    for name in Settings.model_fields:
        assert f"`{PREFIX}{name.upper()}`" in table


UNITS = {"KiB": 1024, "MiB": 1024 * 1024, "s": 1, "h": 3600, "hours": 1, "items": 1, "": 1}
_NUMBER = rf"([\d,]+) ?({'|'.join(UNITS)})\b"
_SETTING = rf"`{PREFIX}(\w+)`"
TOLD = re.compile(rf"{_SETTING}, {_NUMBER}|{_NUMBER} \({_SETTING}\)")
"""A number beside the setting whose it is: `PORTVAKT_POOL_TIMEOUT`, 5 s; or the other way round."""


def test_defaults_that_are_told_are_so() -> None:
    """A number beside the name of a setting is what that is where nothing is set."""
    found = {}
    for text in PAGES.values():
        for one in TOLD.finditer(text):
            name, number, unit = (one[6] or one[1]), (one[4] or one[2]), (one[5] or one[3])
            found[name] = int(number.replace(",", "")) * UNITS[unit]
    assert len(found) > 10
    known = {name.upper(): field.default for name, field in Settings.model_fields.items()}
    assert {name: known[name] for name in found} == found


def test_the_interface_tells_the_usual_limits() -> None:
    """What it says of bodies and keys is what holds where nothing is set."""
    usual = Settings.model_construct()
    page = " ".join(PAGES["docs/reference/interface.md"].split())
    body, item = usual.max_body_bytes // UNITS["MiB"], usual.max_item_bytes // UNITS["MiB"]
    assert f"At most {usual.max_bulk_items:,} items and {body} MiB, and {item} MiB an item" in page
    assert f"It is kept for {usual.idempotency_hours} hours (a setting)" in page


def test_the_interface_tells_the_operators_of_each_kind() -> None:
    """Its table is that of the declarations."""
    named = {
        "boolean": {Kind.boolean},
        "id, reference": {Kind.uuid, Kind.reference},
        "many references": {Kind.references},
        "time, date, number": {Kind.time, Kind.date, Kind.integer, Kind.number},
        "text": {Kind.text},
        "JSON": JSON,
    }
    assert set().union(*named.values()) == {*Kind}
    page = PAGES["docs/reference/interface.md"]
    for label, kinds in named.items():
        (told,) = re.findall(rf"^\| {label} \| (exact, )?(.*?) \|", page, re.MULTILINE)
        operators = {*re.findall("`(.*?)`", told[1]), *([""] if told[0] else [])}
        assert [{*OPERATORS[kind]} for kind in kinds] == [operators] * len(kinds), label


def test_every_target_that_is_named_exists() -> None:
    """`make something` in a document is a target of the Makefile."""
    makefile = (ROOT / "Makefile").read_text("utf-8")
    targets = set(re.findall(r"^([a-z-]+):", makefile, re.MULTILINE))
    named = re.compile(r"(?:`|^)make ([a-z-]+)", re.MULTILINE)
    for name, text in PAGES.items():
        assert set(named.findall(text)) <= targets, name


def test_every_command_that_is_named_exists() -> None:
    """`portvakt something` in a document is a command."""
    from portvakt.cli.main import app

    known = {
        command.name or command.callback.__name__
        for command in app.registered_commands
        if command.callback
    }
    known |= {str(group.name) for group in app.registered_groups}
    named = re.compile(r"(?:`|/|\$\()portvakt ([a-z]+)\b")
    for name, text in PAGES.items():
        assert set(named.findall(text)) <= known, name


def test_every_operator_has_an_example() -> None:
    """The guide to filters shows each operator at work."""
    shown = "".join(blocks(PAGES["docs/how-to/filter-lists.md"], "console"))
    for operator in {name for operators in OPERATORS.values() for name in operators}:
        assert re.search(rf"[a-z]{'__' if operator else ''}{operator}!?=", shown), operator


def test_the_tree_is_as_drawn() -> None:
    """ARCHITECTURE.md draws the package's folders and modules, each of them."""
    (drawn,) = blocks(PAGES["ARCHITECTURE.md"], "text")
    there = {path.name for path in (ROOT / "src" / "portvakt").iterdir()}
    unsaid = {"__init__.py", "__main__.py", "__pycache__", "py.typed"}
    assert set(re.findall(r"^  (\S+?)/?  ", drawn, re.MULTILINE)) == there - unsaid


def test_the_way_of_a_request_is_as_shown() -> None:
    """ARCHITECTURE.md shows the steps that a request takes, each of them."""
    (shown,) = blocks(PAGES["ARCHITECTURE.md"], "python")
    assert shown == dedent(getsource(Dispatch._answer))


def test_the_readme_shows_a_part_of_the_table_of_access() -> None:
    """What the README says of who may do what is what a server was asked."""
    table = (ROOT / "tests" / "golden" / "access.txt").read_text("utf-8")
    shown, _ = blocks(PAGES["README.md"], "text")
    heading, resource = shown.strip("\n").split("\n\n")
    assert f"\n{heading}\n" in table
    assert f"\n{resource}\n" in table


def test_the_readme_says_what_it_runs_on() -> None:
    """The oldest Python and PostgreSQL are those of the package and of the tests."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    python = project["requires-python"].removeprefix(">=")
    assert f"| Python | {python} or newer" in PAGES["README.md"]
    assert f"| PostgreSQL | {OLDEST} or newer" in PAGES["README.md"]


# --- code ----------------------------------------------------------------------------------------


async def test_the_new_resource_can_be_added(tmp_path: Path) -> None:
    """The example of CONTRIBUTING.md is a right declaration; its drafted step makes its table."""
    known = load()
    shown = blocks(PAGES["CONTRIBUTING.md"], "python")
    application, resource = (_defined(block) for block in shown)
    new = resource["RESOURCE"]
    others = [one for one in known.resources.values() if one.name != new.name]
    applications = [*known.applications.values(), application["APPLICATION"]]
    registry = Registry(applications, [*others, new])
    steps = shutil.copytree(STEPS, tmp_path / "steps")
    (steps / "9999_tags.py").write_text(await draft(Tables(registry), steps, "Tags"))
    migrated, declared = (f"sqlite:///{tmp_path}/{name}.db" for name in ("migrated", "declared"))
    await migrate(migrated, steps)
    await create_declared(declared, registry)
    assert await catalog(migrated) == await catalog(declared)


def _defined(block: str) -> dict[str, Any]:
    names: dict[str, Any] = {"__name__": "portvakt.resources.annotating.tag"}
    exec(block, names)  # noqa: S102 (a block of our own documents)
    return names


# --- decisions ------------------------------------------------------------------------------------


def test_every_library_has_its_reason() -> None:
    """What Portvakt installs on a server is in the record about libraries."""
    (record,) = RECORDS.glob("*-libraries.md")
    named = set(re.findall(r"[a-z][a-z0-9-]+", record.read_text("utf-8").lower()))
    declared = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    assert set(declared["project"]["dependencies"]) <= named
