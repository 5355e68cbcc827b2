"""What is done depends on what is asked, and not on when: time and ids come in from outside."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

import pytest

from tests.architecture.sources import entry, unreleased

MAY_LOOK = {
    "app.py": "the clock, and the ids of new items, of a server",
    "server/*": "processes that wait for each other",
    "logs.py": "the time of a line",
    "api/middleware.py": "how long a request took, for its line",
    "cooperative.py": "when it is another's turn",
    "storage/databases/last_write.py": "how long a failure is remembered",
    "storage/databases/replica.py": "how long a standby is left alone",
    "storage/databases/sqlite.py": "how long a lock is waited for",
    "storage/databases/sqlite_connection.py": "how long a statement takes, and may block the loop",
    "storage/databases/sqlite_reading.py": "the same of a statement that reads",
    "access/authentication.py": "the key that verified secrets are remembered under",
    "access/credentials.py": "new secrets",
    "access/passwords.py": "a password that nobody has",
    "ledger/event.py": "the keys of digests",
}
"""The modules that may look at a clock, or draw by chance, and what for."""

SOURCES = {"time", "random", "secrets"}
NOW = re.compile(r"(?:.+\.)?(?:now|utcnow|today|urandom|getrandom|uuid[1467])|.+\.time")


def looks(tree: ast.AST) -> bool:
    """Whether a module asks for the time, or for what is different each time."""
    return any(NOW.fullmatch(name) for name in asked(tree))


def asked(tree: ast.AST) -> Iterator[str]:
    """The dotted names that a module calls, and `now` for each source of time that it imports."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            yield ast.unparse(node.func)
        elif isinstance(node, ast.Import):
            yield from ("now" for alias in node.names if alias.name in SOURCES)
        elif isinstance(node, ast.ImportFrom) and node.module in SOURCES:
            yield "now"
        elif isinstance(node, ast.ImportFrom):
            yield from (alias.name for alias in node.names)


def test_only_these_modules_know_the_time() -> None:
    """The others are told: by `Context`, or by the clock that they are made with."""
    found = {entry(path, MAY_LOOK) or path for path, tree in unreleased().items() if looks(tree)}
    assert found == MAY_LOOK.keys()


@pytest.mark.parametrize(
    "source",
    [
        "import time\nbegan = time.monotonic()",
        "from time import perf_counter as clock",
        "from datetime import UTC, datetime\ndatetime.now(UTC)",
        "import datetime as dt\ndt.datetime.utcnow()",
        "from uuid_utils import uuid7 as new",
        "import uuid\nuuid.uuid4()",
        "import os\nos.urandom(8)",
        "from random import choice",
    ],
)
def test_such_a_look_would_be_found(source: str) -> None:
    """However the clock was imported."""
    assert looks(ast.parse(source))


def test_what_is_the_same_each_time_is_none() -> None:
    """An id that is made of a name, and a time that is parsed, are values."""
    assert not looks(ast.parse("from uuid import uuid5\nuuid5(a, b)\ndatetime.fromisoformat(x)"))
