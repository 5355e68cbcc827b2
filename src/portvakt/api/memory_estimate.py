"""How much memory is made of a JSON text, told from its bytes before it is read.

No less than it takes, of whatever is written so: values and names by the signs between them, and
texts by their characters, each of which may take as much as the widest one beside it.
"""

from __future__ import annotations

import re

OF_VALUE = 80
"""Bytes of a value and of its place: a number, a text without its letters, what holds nothing."""

_OF_NAME = 48  # its entry in an object; the names themselves are mostly shared, or texts
_OF_TABLE = 128  # the table of one that isn't empty
_OF_ITEM = 6 * 1024  # what a write makes of an item besides: its change, row and answer
_COPIES = 2  # of each text: as it was sent, and folded
_SENT = 2  # of each byte: on its way to the database, and in the answer

_DENSE = 4  # bytes, of which one is a sign
_NO_SIGNS = bytes(byte for byte in range(256) if byte not in b",:[{")
_WITHIN = bytes(range(0x80, 0xC0))  # what a character goes on with
_WIDE = re.compile(rb"[\xc4-\xff]|\\u(?!00)")  # a character past U+00FF
_WIDEST = re.compile(rb"[\xf0-\xff]|\\u[dD][89a-fA-F]")  # or past U+FFFF

Text = bytes | bytearray


class MemoryEstimate:
    """What is made of a text, as its parts are told."""

    def __init__(self) -> None:
        self._values = 1
        self._names = 0
        self._objects = self._tables = 0
        self._texts = 0

    def add(self, part: Text) -> None:
        """Count what is made of a part of the text."""
        signs = part.translate(None, _NO_SIGNS)
        names, objects = signs.count(b":"), signs.count(b"{")
        self._values += len(signs) - names
        self._names += names
        self._objects += objects
        self._tables += objects
        if len(signs) > len(part) // _DENSE:  # else there can't be many that hold nothing
            empty = part.count(b"{}")
            self._values -= empty + part.count(b"[]")
            self._tables -= empty
        self._texts += len(part) * _SENT + _characters(part) * _COPIES

    @property
    def values(self) -> int:
        """The bytes of the values alone, as if every text were short."""
        return self._values * OF_VALUE + self._names * _OF_NAME + self._tables * _OF_TABLE

    def total(self, items: int) -> int:
        """The bytes that are made of all of it, which is at most so many items."""
        return self.values + self._texts + min(self._objects, items) * _OF_ITEM


def _characters(part: Text) -> int:
    """The bytes that the characters take, if all are as wide as the widest."""
    if part.isascii() and b"\\" not in part:
        return len(part)
    many = len(part.translate(None, _WITHIN))
    if _WIDEST.search(part):
        return many * 4
    return many * 2 if _WIDE.search(part) else many
