"""Reads what a request's head says besides its credentials: preconditions, ranges, forms."""

from __future__ import annotations

import re
from collections.abc import Mapping

from starlette.types import Scope

from portvakt.api import header_names
from portvakt.errors import Code, Fault, FaultCode, Problem
from portvakt.schema.entity_tags import ANY, NO_PRECONDITIONS, Preconditions

_WANTED = frozenset({b"accept", b"content-range", b"if-match", b"if-none-match"})
_TAG = re.compile(r'(W/)?("[\x21\x23-\x7e\x80-\xff]*")[ \t]*(?=,|\Z)')
"""One entity tag, up to the comma behind it or the end."""

_FORM = 'Expected * or a comma list of entity tags such as "abc", from the header ETag.'

_SAFE = frozenset({"GET", "HEAD"})  # the methods that only read


def read(scope: Scope) -> tuple[str, Preconditions]:
    """What form of answer a request accepts ("": any), and its preconditions.

    Raises `Problem` (invalid_headers), naming each wrong header. If-Modified-Since,
    If-Unmodified-Since and If-Range are left: nothing here has a date or parts (RFC 9110, 13.1.3 to
    13.1.5). A write of a part is refused (RFC 9110, 14.4).
    """
    found: dict[bytes, str] = {}
    if header_names.has(scope, _WANTED):  # mostly one or none
        for name, value in scope["headers"]:
            if name in _WANTED:
                text = value.decode("latin-1")
                found[name] = f"{found[name]}, {text}" if name in found else text
    accept = found.pop(b"accept", "")
    return accept, _parse(found, scope["method"]) if found else NO_PRECONDITIONS


def _parse(given: Mapping[bytes, str], method: str) -> Preconditions:
    """The preconditions of these headers, by lower-case name, repeated ones joined."""
    faults: list[Fault] = []
    if method not in _SAFE and b"content-range" in given:
        detail = "A part can't be written. Send the whole body, without this header."
        faults.append(_fault("Content-Range", FaultCode.not_available, detail))
    if_match = _tags(given.get(b"if-match"), "If-Match", faults)
    if_none_match = _tags(given.get(b"if-none-match"), "If-None-Match", faults)
    if faults:
        raise Problem(Code.invalid_headers, "The headers are wrong.", faults)
    strong = None if if_match is None else tuple(tag for weak, tag in if_match if not weak)
    known = None if if_none_match is None else tuple(tag for _, tag in if_none_match)
    return Preconditions(strong, known)


def _tags(text: str | None, header: str, faults: list[Fault]) -> tuple[tuple[str, str], ...] | None:
    """(`W/` or "", tag) of each entity tag in a header; None where there is no header."""
    if text is None:
        return None
    if text.strip() == ANY:
        return (("", ANY),)
    found, place = [], 0
    while place < len(text):
        if text[place] in ", \t":
            place += 1
            continue
        match = _TAG.match(text, place)
        if match is None:
            faults.append(_fault(header, FaultCode.format, _FORM))
            return None
        found.append((match[1] or "", match[2]))
        place = match.end()
    if not found:
        faults.append(_fault(header, FaultCode.format, _FORM))
    return tuple(found)


def _fault(header: str, code: FaultCode, detail: str) -> Fault:
    return Fault(code, header, detail, place="header")
