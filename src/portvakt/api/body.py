"""Reads a request's body: bounded in size, time and memory, and as JSON.

Whoever asks for it knows by then who calls, and that the caller may: nothing is read before.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Iterable, Iterator
from typing import Any, NamedTuple

import msgspec
from starlette.types import Message, Receive, Scope

from portvakt.api import arrays, header_names
from portvakt.api.memory_budget import SMALL, MemoryBudgets, Reservation
from portvakt.api.memory_estimate import OF_VALUE, MemoryEstimate
from portvakt.cooperative import next_time_slice, yield_if_due
from portvakt.errors import Code, Fault, FaultCode, Problem
from portvakt.schema import json_text
from portvakt.schema.values import json_type

MAX_VALUES = 50_000
"""The most values of one item: those of arrays and objects within it are counted."""

_AT_ONCE = 16 * 1024  # bytes, decoded and checked in some milliseconds, whatever they are
_MOST = 100  # items that are decoded and checked at once, however short they are
_COUNTED = 1024 * 1024  # bytes whose values are counted in a turn

_OF_BODIES = frozenset({b"content-length", b"transfer-encoding"})
"""The headers of which a request with a body has one (RFC 9112, 6)."""

_NOTHING = (b"", b"{}", b"null")
_SAYING_NOTHING = 64  # bytes that are read of a body where none is taken

_SPACE = re.compile(rb"[ \t\n\r]*+")
_STRING = re.compile(rb'"[^"\\]*+(?:\\.[^"\\]*+)*+"', re.DOTALL)

Text = bytes | bytearray


class Disconnected(Exception):
    """The client went away in the middle of its body or of an export: there is nobody to answer."""


class Bounds(NamedTuple):
    """What bounds every body.

    `items`, `item`: how many it may hold, and how large they may be. `made`: how many bytes may be
    made of it. `timeout`: in how many seconds it must have arrived.
    """

    items: int
    item: int
    made: int
    timeout: float


class Incoming:
    """The body of one request, read when it is asked for. All raise `Problem`.

    `most`: the bytes that it may have; 0: none is taken. What it takes of the process' room, it has
    until `leave`.
    """

    def __init__(
        self,
        headers: Iterable[tuple[bytes, bytes]],
        receive: Receive,
        most: int,
        bounds: Bounds,
        rooms: MemoryBudgets,
    ) -> None:
        self._headers = headers
        self._receive = receive
        self._most = most
        self._bounds = bounds
        self._rooms = rooms
        self._places: tuple[Reservation, ...] = ()
        self._text: Text | None = None

    def leave(self) -> None:
        """Let others have the room of this body."""
        for place in self._places:
            place.leave()

    def _place(self, *, made: bool = False) -> Reservation:
        """What it has of the room for texts, or for what is made of them; most have none."""
        self._places = self._places or (
            Reservation(self._rooms.texts),
            Reservation(self._rooms.made),
        )
        return self._places[made]

    async def __call__(self) -> Any:
        """The body as one JSON value."""
        text = bytes(await self.text())
        try:
            await self._make_room(text, 1)
            if len(text) > SMALL:
                await next_time_slice()
            return _value(text)
        except json_text.RepeatedNames as repeated:
            raise _repeated(repeated.faults) from None
        except _UNREADABLE as error:
            raise _unreadable(error) from None

    async def items(self) -> AsyncIterator[list[Any]]:
        """The items of the body, which is an array: some at a time, to be used before the next.

        Others run in between. That an item can't be read, or says a name twice, is told at its
        turn at the latest at the end; so nothing may be done for good before the end.
        """
        text = await self.text()
        await self._make_room(text, self._bounds.items)
        try:
            _expect_array(text, self._bounds.item)
            async for values in self._values(text):
                yield values
        except json_text.RepeatedNames as repeated:
            raise _repeated(repeated.faults) from None
        except _UNREADABLE as error:
            raise _unreadable(error) from None

    async def _values(self, text: Text) -> AsyncIterator[list[Any]]:
        found: list[Fault] = []
        number = 0
        try:
            async for part in self._parts(text):
                values = _quickly(part)
                if values is None:
                    values = [_item(one, number + index, found) for index, one in enumerate(part)]
                number += len(part)
                if not found:
                    yield values
        except _UNREADABLE:
            if len(text) <= arrays.WINDOW:
                json_text.check(bytes(text))  # raises the same, told as of the whole text
            raise
        if found:
            raise _repeated(found)

    async def _parts(self, text: Text) -> AsyncIterator[list[msgspec.Raw]]:
        """The texts of the items of an array, as many as are dealt with in one turn."""
        number = 0
        try:
            async for window, raws in arrays.windows(text, self._bounds.item):
                number += len(raws)
                if number > self._bounds.items:
                    found = f", not {number}" if len(window) == len(text) else ""
                    detail = f"At most {self._bounds.items} items a request{found}."
                    raise Problem(Code.too_large, detail)
                for part in _slices(raws):
                    self._check_lengths(part)
                    yield part
                    await yield_if_due()
        except arrays.TooLong:
            raise self._too_large_item() from None

    async def _make_room(self, text: Text, items: int) -> None:
        """Take room for what will be made of the text, which holds at most so many items."""
        if len(text) <= SMALL:
            return
        made = MemoryEstimate()
        for start in range(0, len(text), _COUNTED):
            made.add(text[start : start + _COUNTED])
            await yield_if_due()
        if made.values > self._bounds.made:
            detail = f"A body may hold {self._bounds.made // OF_VALUE} values."
            raise Problem(Code.too_large, detail)
        await self._place(made=True).take(made.total(items))

    def _check_lengths(self, part: Iterable[msgspec.Raw]) -> None:
        if max(map(len, part)) > self._bounds.item:
            raise self._too_large_item()

    def _too_large_item(self) -> Problem:
        return Problem(Code.too_large, f"An item may have {self._bounds.item} bytes.")

    async def text(self) -> Text:
        """The body as it was sent."""
        if self._text is None:
            self._text = await self._arrived(self._check_headers())
        return self._text

    async def refuse_unexpected(self, scope: Scope) -> None:
        """Refuse a body where none is taken, but for one that says nothing, as some clients send.

        What it could mean can't be known, so that it isn't ignored.
        """
        if self._most or not header_names.has(scope, _OF_BODIES):
            return
        given = [value for name, value in self._headers if name in _OF_BODIES]
        if self._text is None:
            if given[0].isdigit() and int(given[0]) > _SAYING_NOTHING:
                raise _unexpected()
            self._text = await self._arrived(_SAYING_NOTHING)
        if b"".join(self._text.split()) not in _NOTHING:
            raise _unexpected()

    async def _arrived(self, length: int) -> Text:
        try:
            async with asyncio.timeout(self._bounds.timeout):
                return await self._read(length)
        except TimeoutError:
            detail = f"The body did not arrive within {self._bounds.timeout:g} seconds."
            close = [("Connection", "close")]
            raise Problem(Code.request_timeout, detail, headers=close) from None

    async def _read(self, length: int) -> Text:
        """All chunks. Only who has sent more than a small body takes room for the whole."""
        text = bytearray()  # a list of chunks would have to be joined, in twice the memory
        while True:
            message: Message = await self._receive()
            if message["type"] == "http.disconnect":
                raise Disconnected
            chunk: bytes = message.get("body", b"")
            size = len(text) + len(chunk)
            if size > max(self._most, _SAYING_NOTHING):
                raise self._too_large()
            if size > SMALL:
                await self._place().take(length)
            more = message.get("more_body", False)
            if not more and self._places:
                self._place().keep(size)
            if not text and not more:
                return chunk
            text += chunk
            if not more:
                return text

    def _check_headers(self) -> int:
        """The length that the body will have, at most. What needn't be read is refused.

        That is another media type, an encoding, and a body that is too large.
        """
        given = _headers(self._headers)
        media_type, _, parameters = given.get(b"content-type", b"").lower().partition(b";")
        if media_type.strip() != b"application/json" or not _utf8(parameters):
            raise Problem(
                Code.unsupported_media_type,
                "Send JSON in UTF-8, with Content-Type: application/json.",
            )
        if given.get(b"content-encoding", b"identity").lower() != b"identity":
            raise Problem(Code.unsupported_media_type, "Send the body without a Content-Encoding.")
        length = given.get(b"content-length", b"")
        if not length.isdigit():
            return self._most
        if int(length) > self._most:
            raise self._too_large()
        return int(length)

    def _too_large(self) -> Problem:
        if not self._most:
            return _unexpected()
        return Problem(Code.too_large, f"The body may have {self._most} bytes here.")


# --- headers --------------------------------------------------------------------------------------


def _headers(headers: Iterable[tuple[bytes, bytes]]) -> dict[bytes, bytes]:
    """The headers by name; one that occurs twice means what its values say together."""
    joined: dict[bytes, bytes] = {}
    for name, value in headers:
        joined[name] = joined[name] + b", " + value if name in joined else value
    return joined


def _utf8(parameters: bytes) -> bool:
    charset = parameters.replace(b" ", b"").replace(b'"', b"")
    return charset in (b"", b"charset=utf-8", b"charset=utf8")


# --- texts ----------------------------------------------------------------------------------------


def _slices(raws: Iterable[msgspec.Raw]) -> Iterator[list[msgspec.Raw]]:
    """The texts of items, as many as are decoded and checked in some milliseconds."""
    part: list[msgspec.Raw] = []
    size = 0
    for raw in raws:
        part.append(raw)
        size += len(raw)
        if size > _AT_ONCE or len(part) == _MOST:
            yield part
            part, size = [], 0
    if part:
        yield part


def _values_at_most(text: Text) -> int:
    """No fewer values than the text holds: what looks like one within a string counts too."""
    return text.count(b",") + text.count(b"[") + text.count(b"{") + 1


# --- values ---------------------------------------------------------------------------------------


def _expect_array(text: Text, longest: int) -> None:
    """Refuse what is no array; of a text that is longer than an item only its begin is read."""
    place = _SPACE.match(text).end()  # type: ignore[union-attr]
    begin = bytes(text[place : place + 1])
    if begin == b"[":
        return
    if len(text) <= longest:
        found = json_type(_value(bytes(text)))
    else:
        found = json_type(
            _BEGINS[begin] if begin in _BEGINS else _value(bytes(text[place:longest]))
        )
    fault = Fault(FaultCode.type, "", f"Expected an array, not {found}.")
    raise Problem(Code.invalid, "1 fault in the body.", [fault])


_BEGINS = {b"{": {}, b'"': "", b"t": True, b"f": False, b"n": None}
"""What a value is that begins so; else it is nothing that can be read, or a number without end."""


def _quickly(part: list[msgspec.Raw]) -> list[Any] | None:
    """The values of items of which nothing has to be said; None: look at them one by one."""
    if sum(map(len, part)) > 2 * MAX_VALUES:
        return None
    try:
        return json_text.decode_each(part)
    except _UNREADABLE:
        return None


def _item(text: msgspec.Raw, index: int, found: list[Fault]) -> Any:
    """The value of an item; None where it says a name twice, which is then among the `found`."""
    try:
        return _value(bytes(text))
    except json_text.RepeatedNames as repeated:
        found += [fault.under(f"/{index}") for fault in repeated.faults]
        return None
    except msgspec.DecodeError as error:
        raise msgspec.DecodeError(f"{error} in the item at {index}") from None


def _value(text: bytes) -> Any:
    """The value of a text that is an item's."""
    if (
        len(text) > 2 * MAX_VALUES
        and _values_at_most(text) > MAX_VALUES
        and _values_at_most(_STRING.sub(b"", text)) > MAX_VALUES
    ):
        json_text.check_syntax(text)
        raise Problem(Code.too_large, f"An item may hold {MAX_VALUES} values.")
    return json_text.decode(text)


_UNREADABLE = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)


def _unexpected() -> Problem:
    return Problem(Code.unexpected_body, "Send none, or `{}`: nothing would be done with it.")


def _unreadable(error: Exception) -> Problem:
    if isinstance(error, RecursionError):
        return Problem(Code.unreadable_json, "The JSON is nested too deeply.")
    if isinstance(error, UnicodeDecodeError):
        return Problem(Code.unreadable_json, "The body is not UTF-8.")
    return Problem(Code.unreadable_json, f"{error}.")


def _repeated(faults: list[Fault]) -> Problem:
    number = "1 name is" if len(faults) == 1 else f"{len(faults)} names are"
    return Problem(Code.repeated_name, f"{number} repeated within an object.", faults)
