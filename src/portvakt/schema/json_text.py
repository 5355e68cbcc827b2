"""JSON from outside: every text is read here, so that no parser settles in silence what is said.

msgspec keeps the last of two members with one name, as most parsers do. RFC 8259 leaves open what
they mean together; we refuse them (decision record 47).
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import msgspec

from portvakt.errors import Fault, FaultCode
from portvakt.schema.values import escape_pointer, shorten

_MOST_TOLD = 100
"""The most repeated names of one text that are told."""

_decode = msgspec.json.Decoder().decode
_encode = msgspec.json.Encoder().encode
_skip = msgspec.json.Decoder(msgspec.Raw).decode


class RepeatedNames(ValueError):
    """Objects in a JSON text say names more than once; `pointers` tell which, the first hundred."""

    def __init__(self, pointers: list[str]) -> None:
        names = ", ".join(shorten(pointer) for pointer in pointers[:5])
        super().__init__(f"An object has a name more than once: {names}")
        self.pointers = pointers

    @property
    def faults(self) -> list[Fault]:
        """One fault for each name."""
        detail = "The object has this name more than once."
        return [Fault(FaultCode.repeated_name, shorten(one), detail) for one in self.pointers]


def decode(text: bytes | str) -> Any:
    """The value of a JSON text.

    Raises `RepeatedNames`, `msgspec.DecodeError`, `UnicodeDecodeError`, `RecursionError`.
    """
    value = _decode(text)
    if type(value) in (dict, list):
        refuse_repeated(text, value)
    return value


def decode_each(texts: list[msgspec.Raw]) -> list[Any] | None:
    """The values of texts, looked at together; None where one of them may have a name twice.

    Raises as `decode` does.
    """
    text = b"[%b]" % b",".join(texts)
    values: list[Any] = _decode(text)
    return values if len(values) == len(texts) and _kept_all(text, values) else None


def check(text: bytes) -> None:
    """Raise as `decode` does of a text that can't be read at all."""
    _decode(text)


def check_syntax(text: bytes) -> None:
    """Raise where the text is no JSON, without making a value of it."""
    _skip(text)


def refuse_repeated(text: bytes | str, value: Any) -> None:
    """Raise `RepeatedNames` where members of the text were lost in its value."""
    encoded = text.encode() if isinstance(text, str) else text
    if not _kept_all(encoded, value) and (lost := _repeated(encoded)):
        raise RepeatedNames(lost)


def _kept_all(text: bytes, value: Any) -> bool:
    """Whether surely no member of the text was lost in its value. False: it must be looked at.

    A member has a colon, and so may names and texts have; of these the encoder writes each as a
    colon, and none besides. So as many as the text has are written if, and only if, nothing was
    lost. Only a colon that the text escapes isn't one there: those are counted too, and what only
    looks like one, behind an escaped backslash, makes the number too great.
    """
    colons = text.count(b":")
    if b"\\" in text:  # few have any, and this is quickly seen
        colons += text.count(rb"\u003a") + text.count(rb"\u003A")
    return colons == _encode(value).count(b":")


class _Members(list[tuple[str, Any]]):
    """The members of an object as they stand in the text."""


def _number(_: str) -> None:
    """What a number is doesn't matter here, and one of many digits would be slow to read."""


_parser = json.JSONDecoder(
    object_pairs_hook=_Members,
    parse_int=_number,
    parse_float=_number,
    parse_constant=_number,
    strict=False,
)


def _repeated(text: bytes) -> list[str]:
    """The pointers of the names that are repeated within their object, each once."""
    found: dict[str, None] = {}
    for path in _paths(_parser.decode(text.decode()), []):
        found["".join(f"/{escape_pointer(str(token))}" for token in path)] = None
        if len(found) == _MOST_TOLD:
            break
    return list(found)


def _paths(value: Any, path: list[str | int]) -> Iterator[list[str | int]]:
    """Where a name stands that its object has had before; valid until the next is asked for."""
    known: set[str | int] = set()
    for token, inner in value if isinstance(value, _Members) else enumerate(value):
        path.append(token)
        if token in known:
            yield path
        known.add(token)
        if isinstance(inner, list):
            yield from _paths(inner, path)
        path.pop()
