"""The documents tell the truth: links lead somewhere, names exist, examples do what they say.

An example is a `console` block: after `$ ` a command, below it what it prints. Only curl calls and
assignments of shell variables may stand there; each is run against a sandbox of the document's
own. Blocks in other languages are not run.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from portvakt.settings import PREFIX, Settings
from tests.docs.markdown import ROOT, agrees, anchors, blocks, examples, links, pages

SHOWN_ADDRESS = "http://127.0.0.1:8000"
RECORDS = ROOT / "docs" / "decisions"
PAGES = {str(path.relative_to(ROOT)): path.read_text("utf-8") for path in pages()}
WITH_EXAMPLES = sorted(name for name, text in PAGES.items() if blocks(text, "console"))

# Variables of the tests, which the server doesn't read.
TEST_VARIABLES = {"PORTVAKT_TEST_POSTGRES"}


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

    known = {command.callback.__name__ for command in app.registered_commands if command.callback}
    named = re.compile(r"(?:`|/|\$\()portvakt ([a-z]+)\b")
    for name, text in PAGES.items():
        assert set(named.findall(text)) <= known, name


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


# --- examples -------------------------------------------------------------------------------------


def test_there_are_examples() -> None:
    """The README's first calls are among those that are run."""
    assert "README.md" in WITH_EXAMPLES


@pytest.mark.parametrize("name", WITH_EXAMPLES)
def test_examples_print_what_they_say(name: str, tmp_path: Path) -> None:
    """Each command of a document's `console` blocks, in order, prints what stands below it."""
    assignments: list[str] = []
    with sandbox(tmp_path) as address:
        for command, stated in examples(PAGES[name]):
            if re.match(r"\w+=", command):
                assignments.append(command.replace(SHOWN_ADDRESS, address))
                continue
            assert command.startswith("curl "), f"{name}: can't run {command!r}"
            printed = _run([*assignments, command.replace(SHOWN_ADDRESS, address)], tmp_path)
            assert agrees(stated, printed), f"{name}: {command}\nprinted:\n{printed}"


def _run(lines: list[str], folder: Path) -> str:
    done = subprocess.run(
        ["bash", "-c", "\n".join(lines)], cwd=folder, capture_output=True, text=True, timeout=30
    )
    return done.stdout + done.stderr


@contextmanager
def sandbox(folder: Path) -> Iterator[str]:
    """A sandbox in a process of its own, its files in `folder`; gives its address."""
    command = "from portvakt.cli.main import main; main()"
    variables = {name: value for name, value in os.environ.items() if PREFIX not in name}
    with (folder / "log").open("w+") as log:
        process = subprocess.Popen(
            [sys.executable, "-c", command, "sandbox", "--port", "0"],
            cwd=folder,
            env={**variables, "PYTHONPATH": str(ROOT / "src"), "PYTHONUNBUFFERED": "1"},
            stdout=log,
            stderr=log,
        )
        try:
            yield _address(process, folder / "log")
        finally:
            process.terminate()
            process.wait(30)


def _address(process: subprocess.Popen[bytes], log: Path) -> str:
    """Wait until the server answers."""
    for _ in range(600):
        found = re.search(r"sandbox at (http://[0-9.:]+)", log.read_text())
        if found and _answers(found[1]):
            return found[1]
        assert process.poll() is None, log.read_text()
        time.sleep(0.05)
    raise AssertionError(log.read_text())


def _answers(address: str) -> bool:
    try:
        return httpx.get(f"{address}/health/ready").is_success
    except httpx.TransportError:
        return False
