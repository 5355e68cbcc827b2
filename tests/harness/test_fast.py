"""What `make test-fast` runs, and what it leaves out."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

LEFT_OUT = {
    *(f"tests/api/{room}" for room in ("access", "consent", "ledger", "resources")),
    "tests/server",
}
"""The folders in which every test asks a server."""


def collected(*options: str) -> set[str]:
    """The tests that pytest finds."""
    done = subprocess.run(
        [
            sys.executable,
            "-m",
            "pytest",
            "--collect-only",
            "-q",
            "-p",
            "no:cacheprovider",
            *options,
        ],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    return {line for line in done.stdout.splitlines() if "::" in line}


def folders(tests: set[str]) -> set[str]:
    """The folders in which tests are."""
    return {str(Path(test.partition("::")[0]).parent) for test in tests}


@pytest.mark.slow
def test_the_fast_tests_are_of_every_folder_but_those_of_servers() -> None:
    """By what a test uses: what asks no server and needs no other database is among them."""
    recipe = re.search(r"^test-fast:.*\n.* -m \"(.*?)\"", (ROOT / "Makefile").read_text(), re.M)
    assert recipe
    fast, every = collected("-m", recipe[1]), collected()
    assert folders(every) - folders(fast) == LEFT_OUT
    assert not [test for test in fast if re.search(r"[\[-]postgresql[]-]", test)]
    of_the_repository = {test for test in every if test.startswith("tests/architecture/")}
    assert {test for test in of_the_repository - fast if "postgresql" not in test} == set()
