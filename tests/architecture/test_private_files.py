"""Whatever may hold secrets or persons' data is written through one module."""

from __future__ import annotations

import re
from pathlib import Path

SOURCES = Path(__file__).parents[2] / "src" / "portvakt"
WRITES = re.compile(
    r"""\.open\(\s*["'](?!r)|write_text|write_bytes|os\.open|O_CREAT|\.mkdir\(|makedirs"""
    r"""|(?<![\w.])(?<!def )open\(|NamedTemporaryFile|mkstemp"""
)
ALLOWED = {
    "private_files.py",
    "cli/generate.py",  # pages of the repository, which everybody may read
}


def test_files_are_made_for_their_owner_alone() -> None:
    """No other module of ours makes a file or a folder."""
    found = {
        path.relative_to(SOURCES).as_posix()
        for path in SOURCES.rglob("*.py")
        if WRITES.search(path.read_text("utf-8"))
    }
    assert found == ALLOWED
