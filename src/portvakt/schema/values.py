"""Clean values: the one form in which a value travels inside Portvakt.

==========  ===============================================================
kind        clean value
==========  ===============================================================
boolean     ``bool``
uuid        ``str``, lower case with dashes
reference   ``str``, the id of the item referred to
references  ``list`` of ids, sorted, each once
time        ``str``, RFC 3339 in UTC with six decimals and ``Z`` (sorts as text)
date        ``str``, RFC 3339 full-date
integer     ``int``
number      ``float``
text        ``str`` without NUL and unpaired surrogates
object      ``dict``
texts       ``list`` of ``str``
objects     ``list`` of ``dict``
anything    any JSON value
==========  ===============================================================

Functions here turn outside values into clean ones. They raise `InvalidValue`, which says what is
wrong without saying where; the caller knows where.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from functools import cache, lru_cache
from heapq import nlargest
from itertools import pairwise
from typing import Any
from unicodedata import combining, normalize

import msgspec

from portvakt.errors import FaultCode

NO_ID = "00000000-0000-0000-0000-000000000000"
"""The UUID that nothing has: what a text that is no UUID is looked up by, and not found."""

_CANONICAL = "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"
_UUIDS = re.compile(f"{_CANONICAL}(?:\n{_CANONICAL})*")
_UUID = re.compile(_CANONICAL, re.IGNORECASE)
_FORBIDDEN = re.compile("[\x00\ud800-\udfff]")
_TIME = re.compile(
    r"(\d{4}-\d\d-\d\d)"  # the date
    r"(?:[Tt ](\d\d:\d\d:\d\d)(?:\.(\d+))?"  # the time of day, any number of decimals
    r" ?([Zz]|[+-](?:[01]\d|2[0-3]):[0-5]\d)?)?",  # the offset
    re.ASCII,
)
_DATE = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
MAX_DEPTH = 64
"""How deep arrays and objects may be nested in a JSON value that is stored as such."""

_QUOTED = 1000
"""How much of what was sent is quoted back, in characters: more than any right name has."""

_encode = msgspec.json.Encoder().encode
_WITH_DECIMALS = len('"2026-01-31T12:30:00.123456Z"')
_LOST_PLUS = re.compile(r"(:\d\d(?:\.\d+)?) (\d\d:\d\d)\Z", re.ASCII)


class InvalidValue(Exception):
    """A value is not acceptable. `where` is a pointer below the value ("" for itself)."""

    def __init__(self, code: FaultCode, detail: str, where: str = "") -> None:
        super().__init__(detail)
        self.code = code
        self.detail = detail
        self.where = where


def parse_uuid(value: object) -> str:
    """A UUID in its dashed form, any case -> lower case. Raises `InvalidValue`."""
    if type(value) is not str:
        raise InvalidValue(FaultCode.type, "Expected a UUID as a string.")
    if _UUID.fullmatch(value) is None:
        raise InvalidValue(
            FaultCode.format, "Expected a UUID such as 497f6eca-6276-4993-bfeb-53cbbbba6f08."
        )
    return value.lower()


def is_uuid(text: str) -> bool:
    """Whether `text` is one whole UUID."""
    return _UUID.fullmatch(text) is not None


def are_canonical(values: Iterable[Any]) -> bool:
    """Whether each value is the text of one whole UUID as we write it, in lower case."""
    try:
        known = {*values}  # many are the same
        text = "\n".join(known)
    except TypeError:
        return False
    return text.count("\n") == len(known) - 1 and _UUIDS.fullmatch(text) is not None


def parse_text(value: object) -> str:
    """A string without NUL and unpaired surrogates. Raises `InvalidValue`."""
    if type(value) is not str:
        raise InvalidValue(FaultCode.type, "Expected a string.")
    if _FORBIDDEN.search(value):
        raise InvalidValue(
            FaultCode.forbidden_character, "Text may not contain NUL or unpaired surrogates."
        )
    return value


def parse_time(value: object, *, date_alone: bool = False) -> str:
    """An RFC 3339 time -> the same instant in UTC with six decimals. Raises `InvalidValue`.

    Without an offset it means UTC; decimals past the sixth are cut off. With `date_alone` (in
    filters) a bare date means its midnight in UTC, and a space where a `+` was meant is
    understood.
    """
    if type(value) is not str:
        raise InvalidValue(FaultCode.type, "Expected a time as a string.")
    text = _LOST_PLUS.sub(r"\1+\2", value) if date_alone else value
    match = _TIME.fullmatch(text)
    if match is None or (match[2] is None and not date_alone):
        raise InvalidValue(
            FaultCode.format, "Expected an RFC 3339 time such as 2026-01-31T08:30:00Z."
        )
    try:
        return render_time(_instant(*match.groups()))
    except (ValueError, OverflowError):
        raise InvalidValue(FaultCode.format, "There is no such time.") from None


def _instant(date: str, clock: str | None, decimals: str | None, offset: str | None) -> datetime:
    zone = "+00:00" if offset in (None, "Z", "z") else offset
    moment = datetime.fromisoformat(f"{date}T{clock or '00:00:00'}{zone}")
    micros = int((decimals or "0")[:6].ljust(6, "0"))
    return (moment + timedelta(microseconds=micros)).astimezone(UTC)


def render_time(moment: datetime) -> str:
    """A datetime -> fixed-width RFC 3339 text in UTC (decision record 2); no zone means UTC."""
    utc = moment if moment.tzinfo is UTC else _in_utc(moment)
    # An encoder of C: a list of 100 rows would take half of its time with `isoformat`.
    text = _encode(utc).decode()
    return text[1:-1] if len(text) == _WITH_DECIMALS else f"{text[1:20]}.000000Z"


def _in_utc(moment: datetime) -> datetime:
    # asyncpg gives the first and the last moment, which PostgreSQL calls infinite, without a zone.
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def parse_date(value: object) -> str:
    """A full-date such as 2026-01-31. Raises `InvalidValue`."""
    if type(value) is not str:
        raise InvalidValue(FaultCode.type, "Expected a date as a string.")
    if _DATE.fullmatch(value) is None:
        raise InvalidValue(FaultCode.format, "Expected a date such as 2026-01-31.")
    try:
        return date.fromisoformat(value).isoformat()
    except ValueError:
        raise InvalidValue(FaultCode.format, "There is no such date.") from None


def parse_json(value: Any) -> Any:
    """Any JSON value whose texts are free of NUL. Raises `InvalidValue`, with a pointer.

    It may hold values within values down to `MAX_DEPTH`: what is read must be writable again,
    in an item, in a list.
    """
    _check_json(value, 0)
    return value


def _check_json(value: Any, depth: int) -> None:
    """Raise `InvalidValue` where a value can't be kept.

    A pointer is made only then: it may be long.
    """
    if isinstance(value, str):
        if _FORBIDDEN.search(value):
            raise InvalidValue(FaultCode.forbidden_character, "Text may not contain NUL.")
        return
    if not isinstance(value, dict | list):
        return
    if depth == MAX_DEPTH:
        raise InvalidValue(FaultCode.format, f"Nested more than {MAX_DEPTH} deep.")
    if isinstance(value, dict):
        for key in value:
            _check_json(key, depth)
    for key, inner in value.items() if isinstance(value, dict) else enumerate(value):
        if inner or depth == MAX_DEPTH - 1:  # what is empty is quickly seen to be right
            try:
                _check_json(inner, depth + 1)
            except InvalidValue as wrong:
                where = f"/{escape_pointer(str(key))}{wrong.where}"
                raise InvalidValue(wrong.code, wrong.detail, shorten(where)) from None


def escape_pointer(token: str) -> str:
    """One token of a JSON pointer (RFC 6901)."""
    return token.replace("~", "~0").replace("/", "~1")


def shorten(text: str) -> str:
    """The text as it is quoted back: of a very long one the beginning."""
    return text if len(text) <= _QUOTED else f"{text[:_QUOTED]}…"


def following(moment: str) -> str:
    """The least clean time after a clean time."""
    return render_time(parse_moment(moment) + timedelta(microseconds=1))


def is_day(text: str | None) -> bool:
    """Whether a time or date of the clean form is one that there is; null is."""
    try:
        return text is None or bool(datetime.fromisoformat(text))
    except ValueError:
        return False


def parse_moment(text: str) -> datetime:
    """A clean time -> an aware datetime in UTC."""
    return datetime.fromisoformat(text)


LAST = chr(0x10FFFF)
"""The last code point."""

_SURROGATES = range(0xD800, 0xE000)  # no text holds these


_WITHOUT_MARKS = re.compile("[\0-\u01ef\u01f1-\u02ff]*")
"""Letters that neither are marks nor fold to what composes otherwise (U+01F0 does)."""


_SHORT = 256  # the square of so many takes no time worth mentioning


def fold(text: str) -> str:
    """The form in which texts are compared whatever the case, and however letters are composed.

    Two texts have the same one if they are a canonical caseless match (Unicode 3.13, D145). Letters
    are composed in it, so that `a` isn't found in `å`.
    """
    if text.isascii():
        return text.lower()
    if _WITHOUT_MARKS.fullmatch(text):  # most texts, in a fifth of the time
        return text.casefold()
    return normalize("NFC", _decomposed(text).casefold())


def _decomposed(text: str) -> str:
    """The text's NFD. Of many marks in a row the library's time is the square of their number."""
    if len(text) > _SHORT:
        text = _runs(_LAST_MARK if _WIDE.search(text) else _NARROW).sub(_in_order, text)
    return normalize("NFD", text)


def _in_order(run: re.Match[str]) -> str:
    marks = "".join(normalize("NFD", mark) for mark in run[0])
    return "".join(sorted(marks, key=combining))


_NARROW, _LAST_MARK = 0xFFFF, 0x1FFFF
_WIDE = re.compile("[\U00010000-\U0010ffff]")


@cache
def _runs(last: int) -> re.Pattern[str]:
    """Many characters in a row that are, or are made of, marks with an order, up to `last`.

    Of a set with others than narrow ones, Python looks at one range after the other.
    """
    letters = map(chr, (*range(0x300, 0xD800), *range(0xE000, last + 1)))
    marks = (one for one in letters if combining(normalize("NFD", one)[0]))
    one = f"[{''.join(marks)}]"
    return re.compile(f"{one}{one}{{31,}}")  # what begins with a set is looked for quickly


def past(start: str) -> str | None:
    """The least text, by code points, that is greater than all that start with `start`.

    None where there is none: `start` is empty, or holds the last code point alone.
    """
    rest = start.rstrip(LAST)
    if not rest:
        return None
    following = ord(rest[-1]) + 1
    if following == _SURROGATES.start:
        following = _SURROGATES.stop
    return rest[:-1] + chr(following)


def same(one: Any, other: Any) -> bool:
    """Whether two clean values are the same in JSON, where `true` is not `1` as in Python."""
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(same(one[key], other[key]) for key in one)
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(same, one, other))
    return type(one) is type(other) and bool(one == other)


def nearest(name: str, known: Iterable[str]) -> str | None:
    """The name in `known` that `name` was most likely meant to be, or None."""
    return _nearest(name[:100], tuple(known))


_CLOSELY = 3
"""How many names are compared letter by letter, which takes as long as hundreds of the others."""


@lru_cache(maxsize=1024)
def _nearest(name: str, known: tuple[str, ...]) -> str | None:
    mine = _pairs(name)
    alike = [len(mine & pairs) / (len(mine) + len(pairs)) for pairs in _pairs_of(known)]
    order = nlargest(_CLOSELY, range(len(known)), key=alike.__getitem__)
    matches = difflib.get_close_matches(name, [known[i] for i in order], n=1, cutoff=0.6)
    return matches[0] if matches else None


@lru_cache(maxsize=256)
def _pairs_of(known: tuple[str, ...]) -> list[frozenset[str]]:
    return [_pairs(name) for name in known]


def _pairs(name: str) -> frozenset[str]:
    """The pairs of letters that stand beside each other in a name, its ends included."""
    return frozenset(map("".join, pairwise(f" {name} ")))


def json_type(value: Any) -> str:
    """What a JSON value is called in messages to people."""
    names = {
        bool: "a boolean",
        int: "a number",
        float: "a number",
        str: "a string",
        list: "an array",
    }
    return "null" if value is None else names.get(type(value), "an object")


def wrong_type(expected: str, value: Any) -> InvalidValue:
    """What to raise where a value of JSON is not of the `expected` type, such as "a number"."""
    return InvalidValue(FaultCode.type, f"Expected {expected}, not {json_type(value)}.")
