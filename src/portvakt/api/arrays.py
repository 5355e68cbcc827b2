"""Takes a long JSON array apart, so that no step is long and nothing is decoded at once.

A window is a part of the array's text that ends behind an item. That it does needn't be known
beforehand: a JSON text is read from left to right, so if the window by itself is an array of whole
items, these are the array's.
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Iterator
from contextlib import suppress

import msgspec

from portvakt.cooperative import yield_if_due

WINDOW = 256 * 1024
"""Bytes whose items are found in less than a millisecond."""

_items = msgspec.json.Decoder(list[msgspec.Raw])
_TOKEN = re.compile(rb'"[^"\\]*+(?:\\.[^"\\]*+)*+"?|[\[\]{},]', re.DOTALL)
_TOKENS = 4_000  # looked at in some milliseconds
_COMMA = ord(b",")
_BYTE = re.compile(r"(?<=\(byte )\d+(?=\))")

Raws = list[msgspec.Raw]
Text = bytes | bytearray


class TooLong(Exception):
    """An item is longer than any may be."""


async def windows(text: Text, longest: int) -> AsyncIterator[tuple[Text, Raws]]:
    """The windows of an array and their items, undecoded; none may be longer than `longest`.

    Raises `msgspec.DecodeError` where the text is no array, and `TooLong`.
    """
    if len(text) <= WINDOW:
        yield text, _items.decode(text)
        return
    start = first = text.index(b"[") + 1
    while len(text) - start > WINDOW:
        end, items = await _window(text, start, longest)
        if end < 0:
            break
        yield text[start:end], items
        await yield_if_due()
        start = end + 1
    if len(text) - start > longest + WINDOW:
        raise TooLong
    if start == first:
        yield text, _items.decode(text)
    else:
        yield text[start:], _decode(text, start, len(text), closed=True)


async def _window(text: Text, start: int, longest: int) -> tuple[int, Raws]:
    """Where a window ends, at a comma, and its items; -1 where none was found in reach."""
    most = start + WINDOW
    for end in (text.rfind(b"},", start, most) + 1, text.rfind(b",", start, most)):
        if end > 0:  # else there is none; within a text or an object it is not the right one
            with suppress(msgspec.DecodeError):
                return end, _decode(text, start, end)
    end = await _last_comma(text, start, most)
    if end < 0:
        end = await _last_comma(text, start, start + longest + WINDOW)
    return end, _decode(text, start, end) if end >= 0 else []


def _decode(text: Text, start: int, end: int, *, closed: bool = False) -> Raws:
    """The items in a part of the text. Raises `msgspec.DecodeError`, of the place in the text."""
    before = b"[0,"  # so that the part can't be empty, nor begin with a comma
    try:
        return _items.decode(before + text[start:end] + (b"" if closed else b"]"))[1:]
    except msgspec.DecodeError as error:
        raise moved(error, start - len(before)) from None


def moved(error: msgspec.DecodeError, by: int) -> msgspec.DecodeError:
    """The error with its place moved `by` bytes, from a part of a text to the whole."""
    return msgspec.DecodeError(_BYTE.sub(lambda found: str(int(found[0]) + by), str(error)))


async def _last_comma(text: Text, start: int, end: int) -> int:
    """The last comma between two items; -1 where there is none."""
    found, depth = -1, 0
    for number, (token, place) in enumerate(_tokens(text, start, end), 1):
        if token == _COMMA:
            if not depth:
                found = place
        elif token in b"[{":
            depth += 1
        elif token in b"]}":
            depth -= 1
        if depth < 0:
            break
        if number % _TOKENS == 0:
            await yield_if_due()
    return found


def _tokens(text: Text, start: int, end: int) -> Iterator[tuple[int, int]]:
    """The first byte of each text and sign, and its place. A text that isn't ended goes on."""
    for match in _TOKEN.finditer(text, start, end):
        yield text[match.start()], match.start()
