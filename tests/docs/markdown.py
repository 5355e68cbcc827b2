"""Reads the repository's Markdown: links, headings, and the examples that are run."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parents[2]

_FENCED = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_LINK = re.compile(r"(?<!!)\[[^\]]+\]\(([^)\s]+)\)")
_HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)


class Example(NamedTuple):
    """A command of a `console` block, and what the document says that it prints."""

    command: str
    stated: str


def pages() -> list[Path]:
    """The Markdown files that git knows or would take."""
    git = ["git", "-c", f"safe.directory={ROOT}"]  # the checkout may be another account's
    listed = subprocess.run(
        [*git, "ls-files", "-z", "--cached", "--others", "--exclude-standard", "*.md"],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    return sorted(path for name in listed.split("\0") if name and (path := ROOT / name).is_file())


def links(text: str) -> list[str]:
    """The targets of links, those in code left out."""
    prose = re.sub(r"`[^`\n]*`", "", _FENCED.sub("", text))
    return _LINK.findall(prose)


def anchors(text: str) -> set[str]:
    """What a link may name after `#`: the headings, as the usual renderers turn them into ids."""
    headings = _HEADING.findall(_FENCED.sub("", text))
    kept = (re.sub(r"[^\w\- ]", "", heading.lower()) for heading in headings)
    return {heading.replace(" ", "-") for heading in kept}


def blocks(text: str, language: str) -> list[str]:
    """The fenced blocks in one language."""
    return [body for found, body in _FENCED.findall(text) if found == language]


def examples(text: str) -> Iterator[Example]:
    """The examples of the `console` blocks: lines after `$ `, each with the output below it.

    A command goes on over lines that are indented.
    """
    for block in blocks(text, "console"):
        for part in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
            lines = part.rstrip("\n").split("\n")
            end = next((i for i, line in enumerate(lines) if i and line[:1] != " "), len(lines))
            yield Example("\n".join(lines[:end]), "\n".join(lines[end:]))


def agrees(stated: str, printed: str) -> bool:
    """Whether output is as stated; `...` in the statement stands for anything."""
    pattern = re.escape(stated.strip()).replace(r"\.\.\.", ".*")
    return re.fullmatch(pattern, printed.replace("\r", "").strip(), re.DOTALL) is not None
