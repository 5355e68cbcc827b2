"""What ARCHITECTURE.md says in its tree of the rooms: which knows SQL, which HTTP, which no I/O."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cache

import pytest

from tests.architecture.sources import trees

ROOMS = {
    "sqlalchemy": {"storage"},
    "asyncpg": {"storage"},
    "sqlite3": {"storage", "ingest"},
    "starlette": {"api", "app.py"},
    "http": {"api"},
    "jinja2": {"api"},
    "httptools": {"server"},
    "uvicorn": {"server"},
    "typer": {"cli", "sandbox"},
    "rich": {"cli", "ingest"},
}
"""The packages that are known in a room or two, and in which."""

OUTSIDE = {"asyncio", "os", "pathlib", "shutil", "socket", "subprocess", "threading", "structlog"}
"""What reaches out of a program: not for what only says what a resource is."""


@cache
def imported() -> frozenset[tuple[str, str]]:
    """Each package that is imported, and the room where it is."""
    return frozenset(_imported())


def _imported() -> Iterator[tuple[str, str]]:
    for path, tree in trees().items():
        for node in ast.walk(tree):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            if isinstance(node, ast.ImportFrom) and node.module:
                names = [node.module]
            for name in names:
                yield name.partition(".")[0], path.partition("/")[0]


@pytest.mark.parametrize("package", ROOMS)
def test_a_package_is_known_in_its_rooms_alone(package: str) -> None:
    """SQL stays in storage, HTTP at the top: what can be done is done without either."""
    assert {room for name, room in imported() if name == package} == ROOMS[package]


def test_what_a_resource_is_needs_no_io() -> None:
    """Declarations, and what follows from them, are values and pure functions."""
    found = {name for name, room in imported() if room in ("schema", "resources")}
    assert found & OUTSIDE == set()
