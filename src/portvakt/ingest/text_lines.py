"""The lines of a text file, counted, however long one is."""

from __future__ import annotations

import csv
from typing import Self, TextIO

LONGEST_LINE = 8 * 1024 * 1024
"""The most characters of a line of a file, and of a cell."""


class TooLong(csv.Error):
    """A line has more characters than are read at once. It was passed over."""

    def __init__(self) -> None:
        super().__init__(f"the line has more than {LONGEST_LINE} characters")


class TextLines:
    """Gives the lines of an open file; `number` is that of the last one, from 1.

    A line that is too long counts as one, and raises `TooLong`; the next call goes on behind it.
    """

    def __init__(self, file: TextIO) -> None:
        self.number = 0
        self._file = file

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> str:
        text = self._file.readline(LONGEST_LINE)
        if not text:
            raise StopIteration
        self.number += 1
        if _is_cut(text):
            while _is_cut(self._file.readline(LONGEST_LINE)):
                pass
            raise TooLong
        return text


def _is_cut(text: str) -> bool:
    """Whether the line goes on behind what was read of it."""
    return len(text) == LONGEST_LINE and not text.endswith(("\n", "\r"))
