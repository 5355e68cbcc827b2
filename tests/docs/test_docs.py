"""The documents tell the truth: links lead somewhere, and what they name exists.

What they show is run in `test_examples.py`.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa
from alembic.operations import Operations
from alembic.runtime.migration import MigrationContext

from portvakt.resources import load
from portvakt.schema.operators import OPERATORS
from portvakt.schema.registry import Registry
from portvakt.settings import PREFIX, Settings
from portvakt.storage.tables import Tables
from tests.docs.markdown import ROOT, anchors, blocks, links, pages
from tests.support.postgres import OLDEST

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


def test_the_new_resource_can_be_added() -> None:
    """The example of CONTRIBUTING.md is a right declaration, and its step makes its table."""
    known = load()
    application, resource, step = (
        _defined(block) for block in blocks(PAGES["CONTRIBUTING.md"], "python")
    )
    new = resource["RESOURCE"]
    others = [one for one in known.resources.values() if one.name != new.name]
    applications = [*known.applications.values(), application["APPLICATION"]]
    tables = Tables(Registry(applications, [*others, new]))
    table = tables.declared(tables[new])
    assert _made(table.create) == _made(lambda connection: _take(connection, step["upgrade"]))


def _defined(block: str) -> dict[str, Any]:
    names: dict[str, Any] = {"__name__": "portvakt.resources.annotating.tag"}
    exec(block, names)  # noqa: S102 (a block of our own documents)
    return names


def _take(connection: sa.Connection, upgrade: Callable[[], None]) -> None:
    with Operations.context(MigrationContext.configure(connection)):
        upgrade()


def _made(make: Callable[[sa.Connection], None]) -> set[str]:
    """What SQLite keeps of the tables and indexes that are made, white space apart."""
    engine = sa.create_engine("sqlite://", poolclass=sa.NullPool)
    with engine.connect() as connection:
        make(connection)
        rows = connection.exec_driver_sql("SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL")
        return {" ".join(row[0].split()) for row in rows}


# --- decisions ------------------------------------------------------------------------------------


def test_every_library_has_its_reason() -> None:
    """What Portvakt installs on a server is in the record about libraries."""
    (record,) = RECORDS.glob("*-libraries.md")
    named = set(re.findall(r"[a-z][a-z0-9-]+", record.read_text("utf-8").lower()))
    declared = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    assert set(declared["project"]["dependencies"]) <= named
