"""Tests stand in the rooms of the sources, one file a concept."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

TESTS = Path(__file__).parents[1]
SOURCES = TESTS.parent / "src" / "portvakt"
LONGEST_FILE = 400

OF_THEIR_OWN = {"architecture", "docs", "golden", "harness", "support", "api/ask"}
"""Folders that are no room of the sources: ARCHITECTURE.md says what each is for."""


def files() -> list[Path]:
    """The modules of the tests, by their path in the folder of tests."""
    return sorted(path.relative_to(TESTS) for path in TESTS.rglob("*.py"))


def is_room(folder: Path) -> bool:
    """Whether a folder of tests is a room of the sources, or a room asked over HTTP, in `api`."""
    rooms = [folder, folder.relative_to("api")] if folder.is_relative_to("api") else [folder]
    return any((SOURCES / room).is_dir() for room in rooms)


def test_files_are_short() -> None:
    """A file of tests is read in one go, as a module of the sources is."""
    lengths = {path: len((TESTS / path).read_text("utf-8").splitlines()) for path in files()}
    assert lengths
    assert [path for path, n in lengths.items() if n >= LONGEST_FILE] == []


def test_every_folder_is_a_room_of_the_sources() -> None:
    """Whoever changes a module finds its tests where the module is."""
    folders = {path.parent for path in TESTS.rglob("*.*") if "__pycache__" not in path.parts}
    others = {str(one) for folder in folders if not is_room(one := folder.relative_to(TESTS))}
    assert others == OF_THEIR_OWN


def imported(path: Path) -> Iterator[str]:
    """The modules that a module imports."""
    for node in ast.walk(ast.parse((TESTS / path).read_text("utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module:
            yield node.module


def test_no_test_needs_the_file_of_another() -> None:
    """What several files need stands in a module that holds no tests, so that each can move."""
    found = [
        f"{path} imports {name}"
        for path in files()
        for name in imported(path)
        if name.startswith("tests.") and name.rpartition(".")[2].startswith("test_")
    ]
    assert found == []
