"""Files with secrets or persons' data: only their owner may read them, whatever the umask is."""

from __future__ import annotations

import os
import stat
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO

_FILE, _FOLDER = 0o600, 0o700


def make_folder(path: Path) -> None:
    """Make a folder, and those above it that are missing; one that is there stays as it is.

    Raises `OSError`.
    """
    for folder in (*reversed(path.parents), path):
        with suppress(FileExistsError):
            if not folder.exists():
                folder.mkdir(_FOLDER)
                folder.chmod(_FOLDER)


def make_file(path: Path) -> None:
    """Make an empty file; one that is there stays as it is. Raises `OSError`."""
    with suppress(FileExistsError):
        os.close(_open(path, os.O_EXCL))


def rewrite(path: Path) -> BinaryIO:
    """Open a file to write all of it anew, and take it from others. Raises `OSError`."""
    return os.fdopen(_open(path, os.O_TRUNC), "wb")


def take_from_others(path: Path) -> None:
    """If everybody may read or write a file, let only its owner do so. What is none stays.

    What a group may do is left: somebody gave it the right, to make backups for instance.
    """
    with suppress(OSError):  # it isn't there, or isn't ours to change
        mode = path.stat().st_mode
        if stat.S_ISREG(mode) and mode & stat.S_IRWXO:
            path.chmod(_FILE)


def _open(path: Path, flags: int) -> int:
    file = os.open(path, os.O_WRONLY | os.O_CREAT | flags, _FILE)
    if stat.S_ISREG(os.fstat(file).st_mode):  # and not a terminal or a pipe
        with suppress(PermissionError):  # another's file, which it is to decide about
            os.fchmod(file, _FILE)
    return file
