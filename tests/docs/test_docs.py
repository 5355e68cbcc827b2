"""The documents tell the truth: links lead somewhere, names exist, examples do what they say.

An example is a `console` block: after `$ ` a command, below it what it prints. Only the commands in
`RUN` and assignments of shell variables may stand there; each is run against a sandbox of the
document's own, in its folder. Blocks in other languages are not run.
"""

from __future__ import annotations

import os
import re
import shlex
import socket
import subprocess
import sys
import time
import tomllib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
import sqlalchemy as sa
from alembic.operations import Operations
from alembic.runtime.migration import MigrationContext

from portvakt.resources import load
from portvakt.schema.operators import OPERATORS
from portvakt.schema.registry import Registry
from portvakt.settings import PREFIX, Settings
from portvakt.storage.tables import Tables
from tests.docs.markdown import ROOT, agrees, anchors, blocks, examples, links, pages

SHOWN_ADDRESS = "http://127.0.0.1:8000"
RECORDS = ROOT / "docs" / "decisions"
PAGES = {str(path.relative_to(ROOT)): path.read_text("utf-8") for path in pages()}
WITH_EXAMPLES = sorted(name for name, text in PAGES.items() if blocks(text, "console"))

# The programs that examples may call.
RUN = ("curl ", "portvakt ", "printf ", "grep ", "sed ")

# Variables of the tests, which the server doesn't read.
TEST_VARIABLES = {"PORTVAKT_TEST_POSTGRES", "PORTVAKT_TEST_CITUS"}


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


def test_every_decision_is_in_the_index() -> None:
    """The index links every record under its own title, in order of the numbers."""
    index = PAGES["docs/decisions/README.md"]
    records = sorted(RECORDS.glob("[0-9]*.md"))
    numbers = [path.name[:4] for path in records]
    assert numbers == [f"{number:04d}" for number in range(1, len(records) + 1)]
    stated = re.findall(r"^- \[(.+)\]\((\d{4}-.+\.md)\)", index, re.MULTILINE)
    titles = [path.read_text("utf-8").partition("\n")[0].removeprefix("# ") for path in records]
    assert stated == [(t, path.name) for t, path in zip(titles, records, strict=True)]


@pytest.mark.parametrize("path", sorted(RECORDS.glob("[0-9]*.md")), ids=lambda path: path.stem)
def test_every_decision_has_the_same_shape(path: Path) -> None:
    """A record has its number in the title, a context, a decision and consequences."""
    text = path.read_text("utf-8")
    assert text.startswith(f"# {int(path.name[:4])}. ")
    assert re.findall("^## (.*)$", text, re.MULTILINE) == ["Context", "Decision", "Consequences"]


def test_records_that_the_code_names_exist() -> None:
    """`decision record 3` in a comment leads to a file."""
    for path in (ROOT / "src").rglob("*.py"):
        for number in re.findall(r"decision record (\d+)", path.read_text("utf-8")):
            assert list(RECORDS.glob(f"{int(number):04d}-*.md")), path


def test_every_library_has_its_reason() -> None:
    """What Portvakt installs on a server is in the record about libraries."""
    (record,) = RECORDS.glob("*-libraries.md")
    named = set(re.findall(r"[a-z][a-z0-9-]+", record.read_text("utf-8").lower()))
    declared = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    assert set(declared["project"]["dependencies"]) <= named


# --- examples -------------------------------------------------------------------------------------


def test_there_are_examples() -> None:
    """The README's first calls are among those that are run."""
    assert "README.md" in WITH_EXAMPLES


@pytest.mark.slow
@pytest.mark.parametrize("name", WITH_EXAMPLES)
def test_examples_print_what_they_say(name: str, tmp_path: Path) -> None:
    """Each command of a document's `console` blocks, in order, prints what stands below it."""
    assignments: list[str] = []
    port = str(_free_port())
    with running(tmp_path, ["sandbox", "--port", port], {"PORTVAKT_PORT": port}) as address:
        for command, stated in examples(PAGES[name]):
            line = command.replace(SHOWN_ADDRESS, address)
            if re.match(r"\w+=|\. var/", line):
                assignments.append(_settled(assignments, line, tmp_path))
                continue
            assert line.startswith(RUN), f"{name}: can't run {line!r}"
            printed = _run([*assignments, line], tmp_path)
            assert agrees(stated, printed), f"{name}: {command}\nprinted:\n{printed}"


def _settled(assignments: list[str], line: str, folder: Path) -> str:
    """The assignment; one that a command makes is made once, as the reader does."""
    variable, equals, value = line.partition("=")
    if not equals or "$(" not in value:
        return line
    made = _run([*assignments, line, f'printf %s "${variable}"'], folder)
    return f"{variable}={shlex.quote(made)}"


def _run(lines: list[str], folder: Path) -> str:
    # The command is the one of this environment, as after `. .venv/bin/activate`.
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    done = subprocess.run(
        ["bash", "-c", "\n".join(lines)],
        check=False,
        cwd=folder,
        env=_environment({"PATH": path, "COLUMNS": "200"}),
        capture_output=True,
        text=True,
        timeout=30,
    )
    return done.stdout + done.stderr


# --- servers --------------------------------------------------------------------------------------


@contextmanager
def running(folder: Path, arguments: list[str], settings: dict[str, str]) -> Iterator[str]:
    """`portvakt` in a process of its own, working in `folder`; gives its address."""
    address = f"http://127.0.0.1:{settings['PORTVAKT_PORT']}"
    command = "from portvakt.cli.main import main; main()"
    with (folder / "log").open("w") as log:
        process = subprocess.Popen(
            [sys.executable, "-c", command, *arguments],
            cwd=folder,
            env=_environment(settings),
            stdout=log,
            stderr=log,
        )
        try:
            _wait(process, address, folder / "log")
            yield address
        finally:
            process.terminate()
            process.wait(30)


def _environment(settings: dict[str, str]) -> dict[str, str]:
    """The settings, and no others of this machine's."""
    others = {name: value for name, value in os.environ.items() if not name.startswith(PREFIX)}
    return {**others, "PYTHONPATH": str(ROOT / "src"), **settings}


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait(process: subprocess.Popen[bytes], address: str, log: Path) -> None:
    """Wait until the server answers."""
    for _ in range(600):
        assert process.poll() is None, log.read_text("utf-8")
        try:
            httpx.get(f"{address}/health/ready").raise_for_status()
        except httpx.HTTPError:
            time.sleep(0.05)
        else:
            return
    raise AssertionError(log.read_text("utf-8"))
