"""Roles of PostgreSQL: one without any right, and what the guide to production grants."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit
from uuid import uuid4

from tests.support.postgres import query

GUIDE = Path(__file__).parents[2] / "docs" / "how-to" / "run-in-production.md"


def grants() -> list[str]:
    """The statements of the guide for that role."""
    blocks = re.findall(r"```sql\n(.*?)```", GUIDE.read_text("utf-8"), re.DOTALL)
    (block,) = [block for block in blocks if "GRANT" in block]
    statements = block.removeprefix("\\connect portvakt\n").split(";\n")
    return [statement for statement in statements if statement.strip()]


@contextmanager
def role(url: str) -> Iterator[tuple[str, str]]:
    """A role without any right, and the URL of the database under it."""
    name = f"portvakt_test_{uuid4().hex}"
    query(url, f"CREATE ROLE {name} LOGIN")
    parts = urlsplit(url)
    try:
        yield name, parts._replace(netloc=f"{name}@{parts.hostname}:{parts.port}").geturl()
    finally:
        query(url, f"DROP OWNED BY {name}")
        query(url, f"DROP ROLE {name}")
