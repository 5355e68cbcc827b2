"""Every block of every page does what the page says, or the page says why it isn't run.

What a page needs first is what its reader has by then: a sandbox that runs in the reader's folder,
a fresh PostgreSQL, a checkout.
"""

from __future__ import annotations

import re
import shutil
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlsplit

import pytest

from tests.docs.markdown import ROOT, all_blocks, pages, strange_fences
from tests.docs.reader import LANGUAGES, MARKS, Reader, has_form, is_read
from tests.docs.shell import Shell
from tests.support.postgres import cluster, free_port, fresh_database, programs, temporary_cluster
from tests.support.servers import sandbox, seed

PAGES = {str(path.relative_to(ROOT)): path.read_text("utf-8") for path in pages()}
RUN = sorted(
    name for name, text in PAGES.items() if any(b.mark != "not run" for b in all_blocks(text))
)
SHOWN = "127.0.0.1:8000"
"""The address at which the pages have their server."""


class Given(NamedTuple):
    """What a page's reader has: settings of the shell, what is true in place of what is shown."""

    settings: Mapping[str, str]
    instead: Mapping[str, str]
    database: str


# --- every block ----------------------------------------------------------------------------------


def test_there_are_examples() -> None:
    """The README and the guide to production are among the pages that are run."""
    assert {"README.md", "CONTRIBUTING.md", "docs/how-to/run-in-production.md"} <= set(RUN)


@pytest.mark.parametrize("name", PAGES)
def test_every_block_is_run_or_says_why_not(name: str) -> None:
    """A block is of a kind that is run, or the comment above it tells the reason."""
    assert strange_fences(PAGES[name]) == 0
    assert [block.line for block in all_blocks(PAGES[name]) if not is_read(block)] == []


def test_marks_are_spelt_right() -> None:
    """A mark that stands before no block would be passed over."""
    mark = re.compile(rf"(?<!`)<!-- ({'|'.join(MARKS)})")
    for name, text in PAGES.items():
        marked = [block for block in all_blocks(text) if block.mark in MARKS]
        assert len(mark.findall(text)) == len(marked), name


@pytest.mark.parametrize("name", RUN)
def test_examples_name_the_server_by_a_variable(name: str) -> None:
    """So that they work whatever its port is; but for the one that sets the variable."""
    lines = [
        line
        for block in all_blocks(PAGES[name])
        if block.language in LANGUAGES
        for line in block.body.splitlines()
        if SHOWN in line and "PORTVAKT=http" not in line
    ]
    assert lines == []


@pytest.mark.parametrize(
    ("block", "read"),
    [
        ("```sh\nls\n```\n", True),
        ("```ini\n[Unit]\n```\n", False),
        ("```\nls\n```\n", False),
        ("<!-- not run: it takes an hour -->\n```ini\n[Unit]\n```\n", True),
        ("<!-- not run:  -->\n```ini\n[Unit]\n```\n", False),
        ("<!-- notrun: it takes an hour -->\n```sh\nls\n```\n", False),
        ("<!-- typed: yes -->\n```ini\n[Unit]\n```\n", False),
    ],
)
def test_a_block_without_a_mark_is_noticed(block: str, read: bool) -> None:
    """The check can fail."""
    assert [is_read(one) for one in all_blocks(block)] == [read]


@pytest.mark.parametrize(
    ("shown", "true", "fits"),
    [
        ({"a": 1}, {"a": 2}, True),
        ({"a": 1}, {"a": "x"}, False),
        ({"a": 1}, {"a": 2, "b": 3}, False),
        ({"a": 1, "...": 0}, {"a": 2, "b": 3}, True),
        ([{"a": 1}], [{"a": 2}, {"b": 2}], False),
        ([{"a": 1}], [], False),
    ],
)
def test_the_form_of_a_document_is_compared(shown: object, true: object, fits: bool) -> None:
    """A shown document has the keys of the true one, at every depth."""
    assert has_form(shown, true) is fits


# --- what readers have ----------------------------------------------------------------------------


@contextmanager
def beside_a_sandbox(folder: Path) -> Iterator[Given]:
    """A sandbox runs in the folder, as after `make sandbox`; the shell knows nothing of it."""
    (folder / "var").mkdir()
    database = f"sqlite:///{folder / 'var' / 'sandbox.db'}"
    seed(folder, database)
    with sandbox(folder, database) as server:
        shutil.copy(folder / "credentials.json", folder / "sandbox.json")
        yield Given({}, {SHOWN: urlsplit(server.base_url).netloc}, "")


@contextmanager
def beside_a_sandbox_and_a_database(folder: Path) -> Iterator[Given]:
    """So, and PostgreSQL has an empty database."""
    shown = "postgresql://portvakt:PASSWORD@127.0.0.1:5432/portvakt"
    with beside_a_sandbox(folder) as given, cluster() as url, fresh_database(url) as database:
        yield given._replace(instead={**given.instead, shown: database})


@contextmanager
def with_a_fresh_postgresql(_: Path) -> Iterator[Given]:
    """PostgreSQL was just installed, and nothing else runs."""
    with temporary_cluster(programs()) as url:
        instead = {"127.0.0.1:5432": urlsplit(url).netloc.partition("@")[2]}
        yield Given({}, instead, url)


@contextmanager
def in_a_checkout(folder: Path) -> Iterator[Given]:
    """The folder holds the sources, and its commands are those of the sources."""
    shutil.copytree(ROOT / "src", folder / "src", ignore=shutil.ignore_patterns("__pycache__"))
    yield Given({"PYTHONPATH": str(folder / "src")}, {}, "")


READERS: dict[str, Callable[[Path], AbstractContextManager[Given]]] = {
    "README.md": beside_a_sandbox_and_a_database,
    "CONTRIBUTING.md": in_a_checkout,
    "docs/how-to/run-in-production.md": with_a_fresh_postgresql,
}
"""Where a reader has something else than a sandbox."""


# --- the pages ------------------------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.parametrize("name", RUN)
def test_a_page_can_be_followed(name: str, tmp_path: Path) -> None:
    """Each block of a page, in reading order and in one shell, does what the page says."""
    port = free_port()
    with READERS.get(name, beside_a_sandbox)(tmp_path) as given:
        (tmp_path / ".venv").symlink_to(Path(sys.prefix))
        settings = {"PORTVAKT_PORT": str(port), **given.settings}
        served = f"127.0.0.1:{port}"
        instead = {SHOWN: served, **given.instead}
        with Shell(tmp_path, settings) as shell:
            reader = Reader(shell, tmp_path, instead, f"http://{served}", given.database)
            reader.read(name, PAGES[name])


@pytest.mark.slow
def test_the_lines_of_the_sandbox_can_be_pasted(tmp_path: Path) -> None:
    """Each of the six lines that the sandbox prints, as it stands, is answered with success."""
    with beside_a_sandbox(tmp_path) as given, Shell(tmp_path, given.settings) as shell:
        printed = (tmp_path / "output").read_text("utf-8").splitlines()
        lines = [line for line in printed if line.startswith("curl ")]
        printed = [shell.run(line).printed for line in lines]
        # The real curl tells how far it is, too, on the same screen.
        statuses = [re.findall(r"HTTP/1\.1 ([0-9]{3}) ", one)[:1] for one in printed]
        assert len(lines) == 6
        assert all(status and status[0].startswith("2") for status in statuses), printed
