"""Reads the repository's Markdown: links, headings, and the examples that are run."""

from __future__ import annotations

import re
import shlex
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parents[2]

_FENCED = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_FENCE = re.compile(r"^ *(```|~~~)", re.MULTILINE)
_MARK = re.compile(r"<!-- ([\w ]+): ([^>]+) -->\n\Z")
_LINK = re.compile(r"(?<!!)\[[^\]]+\]\(([^)\s]+)\)")
_HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)


class Block(NamedTuple):
    """A fenced block: its language, what it holds, the line it begins in, and its mark.

    The mark is a comment on the line above: `<!-- not run: it takes an hour -->`.
    """

    language: str
    body: str
    line: int
    mark: str
    told: str


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
    return [block.body for block in all_blocks(text) if block.language == language]


def all_blocks(text: str) -> list[Block]:
    """The fenced blocks in reading order."""
    found = []
    for match in _FENCED.finditer(text):
        mark = _MARK.search(text, 0, match.start())
        name, told = mark.groups() if mark else ("", "")
        line = text.count("\n", 0, match.start()) + 1
        found.append(Block(match[1], match[2], line, name, told))
    return found


def strange_fences(text: str) -> int:
    """How many fences are none that `all_blocks` reads: indented ones, or with other signs."""
    return len(_FENCE.findall(text)) - 2 * len(all_blocks(text))


def examples(block: str) -> Iterator[Example]:
    """The examples of a `console` block: lines after `$ `, each with the output below it.

    A command goes on over lines that are indented.
    """
    for part in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
        lines = part.rstrip("\n").split("\n")
        end = next((i for i, line in enumerate(lines) if i and line[:1] != " "), len(lines))
        yield Example("\n".join(lines[:end]), "\n".join(lines[end:]))


def commands(block: str) -> Iterator[str]:
    """The commands of an `sh` block, as a shell divides them."""
    lines: list[str] = []
    for line in block.splitlines():
        lines.append(line)
        if _is_whole(text := "\n".join(lines)):
            lines = []
            if shlex.split(text, comments=True):
                yield text
    if lines:
        yield "\n".join(lines)


def _is_whole(text: str) -> bool:
    """Whether a command ends here: no quote is open, and the line doesn't go on."""
    try:
        shlex.split(text, comments=True)
    except ValueError:
        return False
    return not text.endswith("\\")


def agrees(stated: str, printed: str) -> bool:
    """Whether output is as stated; `...` in the statement stands for anything."""
    pattern = re.escape(stated.strip()).replace(r"\.\.\.", ".*")
    return re.fullmatch(pattern, printed.replace("\r", "").strip(), re.DOTALL) is not None
