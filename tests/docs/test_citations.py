"""What sources, tests and documents cite is there to be read."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.docs.markdown import ROOT, anchors

ENDINGS = (".py", ".md", ".toml", ".sh", ".yml", ".yaml", "Makefile", "/run")

# Of documents that whoever reads the repository doesn't have.
ELSEWHERE = re.compile(
    r"""
      \b contract (,|'s|\ \() \s* (section \s+)? \d | \b contract \s+ section \b
    | \b facts \s+ \d | \( [^()\n]* \b rule \s+ \d+ [^()\n]* \)
    | \b design \s+ record \b
    | \b (house|design|contract) \.md \b
    """,
    re.VERBOSE | re.IGNORECASE,
)
RECORD = re.compile(r"\brecords?\s+\[?(\d+(?:(?:,|\s+and|,\s+and)\s+\d+)*)")
PAGE = re.compile(r"\bdocs/[\w/-]+\.md(?:\#[\w-]+)?")

RECORDS = {int(path.name[:4]) for path in (ROOT / "docs" / "decisions").glob("[0-9]*.md")}


def texts() -> Iterator[tuple[str, str]]:
    """The name and text of each file that may cite something, but for this one."""
    git = ["git", "-c", f"safe.directory={ROOT}"]  # the checkout may be another account's
    listed = subprocess.run(
        [*git, "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    for name in listed.split("\0"):
        path = ROOT / name
        if name.endswith(ENDINGS) and path.is_file() and path != Path(__file__):
            yield name, path.read_text("utf-8")


TEXTS = dict(texts())


def test_nothing_is_cited_that_a_reader_does_not_have() -> None:
    """What a comment or a record leans on stands in the repository, or at a public address."""
    found = [(name, cited[0]) for name, text in TEXTS.items() for cited in ELSEWHERE.finditer(text)]
    assert found == []


@pytest.mark.parametrize(
    "text",
    [
        "(contract, section 4)",
        "(contract, 8)",
        "the contract's section 9",
        "of contract section 9",
        "(facts 3.12, rule 16)",
        "Facts 1.9 and 3.7",
        "(design record: rows)",
        "see house.md",
    ],
)
def test_such_a_citation_would_be_found(text: str) -> None:
    """The pattern of the test above recognises what it is for."""
    assert ELSEWHERE.search(text)


def test_every_record_that_is_named_exists() -> None:
    """`decision record 3`, in a comment or a document, leads to a file."""
    missing = [
        (name, int(number))
        for name, text in TEXTS.items()
        for numbers in RECORD.findall(text)
        for number in re.findall(r"\d+", numbers)
        if int(number) not in RECORDS
    ]
    assert missing == []


def test_every_page_that_the_code_names_exists() -> None:
    """`docs/reference/interface.md#lists` leads to a page and to a heading in it."""
    missing = []
    for name, text in TEXTS.items():
        for cited in PAGE.findall(text) if not name.endswith(".md") else ():
            path, _, anchor = cited.partition("#")
            page = ROOT / path
            if not page.is_file() or (anchor and anchor not in anchors(page.read_text("utf-8"))):
                missing.append((name, cited))
    assert missing == []
