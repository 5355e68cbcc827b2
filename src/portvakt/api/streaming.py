"""Answers that are too large to hold: an export, written as it is read."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from contextlib import AbstractAsyncContextManager, contextmanager
from dataclasses import dataclass, replace
from typing import Any

import msgspec
from starlette.datastructures import MutableHeaders
from starlette.types import Receive, Scope, Send

from portvakt.api.body import Disconnected
from portvakt.api.problems import RETRY_AFTER
from portvakt.cooperative import look_at
from portvakt.errors import Code, Problem
from portvakt.operations.reading.read import Export

NDJSON = "application/x-ndjson"
_encoder = msgspec.json.Encoder()


class TooSlow(Exception):
    """An export wasn't read to its end in time; its connection is given up."""


class Streams:
    """The places for exports that run at a time, in one process, for at most `longest` seconds.

    Each keeps a connection to the database for as long as its client reads, so there must be an
    end: whoever finds no place is told so at once, rather than waiting in a queue.
    """

    def __init__(self, places: int, longest: float) -> None:
        self._places = places
        self.longest = longest
        self._taken = 0

    @contextmanager
    def place(self) -> Iterator[None]:
        """Keep a place. Raises `Problem` (unavailable) if there is none."""
        if self._taken >= self._places:
            raise Problem(
                Code.unavailable,
                f"As many exports as may be are being sent: {self._places}. Try again shortly, or "
                "ask for pages.",
                headers=[RETRY_AFTER],
            )
        self._taken += 1
        try:
            yield
        finally:
            self._taken -= 1


Chunks = AsyncIterator[list[dict[str, Any]]]


@dataclass(frozen=True)
class Form:
    """How an export is written: its media type, what makes bytes of it, and headers of its own."""

    media_type: str
    encode: Callable[[Chunks], AsyncIterator[bytes]]
    headers: tuple[tuple[str, str], ...] = ()


class ExportAnswer:
    """The ASGI answer of an export, in one of the forms.

    Nothing is sent before the first items are read, so that until then it may still be refused.
    The export ends when all is sent, when the client goes away, or when its time is over. A client
    that reads nothing is made to go away by the server (`server.http_protocol`).
    """

    def __init__(
        self,
        export: AbstractAsyncContextManager[Export],
        form: Form,
        streams: Streams,
    ) -> None:
        self._export = export
        self._form = form
        self._streams = streams

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send the answer.

        Raises `Problem` (unavailable) if too many are being sent, `Disconnected`, `TooSlow`.
        """
        with self._streams.place():
            await _while_there(self._answer(scope, send), receive, self._streams.longest)
        # Last of all, so that who has read the end finds the place free.
        await _send(send, b"", more=False)

    async def _answer(self, scope: Scope, send: Send) -> None:
        """Send all but the end."""
        async with self._export as export:
            bodies = self._form.encode(export.chunks)
            first = await anext(bodies, b"")
            await send(self._start(export))
            if scope["method"] == "HEAD":
                return
            await _send(send, first, more=True)
            async for body in bodies:
                await _send(send, body, more=True)

    def _start(self, export: Export) -> dict[str, Any]:
        message: dict[str, Any] = {"type": "http.response.start", "status": 200, "headers": []}
        headers = MutableHeaders(raw=message["headers"])
        headers["Content-Type"] = self._form.media_type
        for name, value in self._form.headers:
            headers[name] = value
        if export.total is not None:
            headers["X-Total-Count"] = str(export.total)
        return message


async def _send(send: Send, body: bytes, *, more: bool) -> None:
    await send({"type": "http.response.body", "body": body, "more_body": more})


async def _while_there(work: Coroutine[Any, Any, None], receive: Receive, seconds: float) -> None:
    """Do the work, but break it off when the client goes away.

    Raises what the work raises, `Disconnected`, and `TooSlow` if it takes more than `seconds`.
    """
    working = asyncio.ensure_future(work)
    gone = asyncio.ensure_future(_disconnection(receive))
    try:
        done, _ = await asyncio.wait(
            (working, gone), timeout=seconds, return_when=asyncio.FIRST_COMPLETED
        )
    finally:
        ended = working.done()
        working.cancel()
        gone.cancel()
        await asyncio.wait((working, gone))
    if ended:
        working.result()
        return
    look_at(working)
    raise Disconnected if done else TooSlow


async def _disconnection(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


async def _lines(chunks: Chunks) -> AsyncIterator[bytes]:
    async for items in chunks:
        yield _encoder.encode_lines(items)


async def _array(chunks: Chunks) -> AsyncIterator[bytes]:
    before = b"["
    async for items in chunks:
        if items:
            yield before + _encoder.encode(items)[1:-1]
            before = b","
    yield b"[]" if before == b"[" else b"]"


def end_line(count: int) -> bytes:
    """What follows the last of so many lines, where it was asked for (`_end`)."""
    return _encoder.encode_lines([{"_end": {"count": count}}])


def ended(form: Form) -> Form:
    """Wrap a form of lines, so that a last line says that this was all.

    How a connection ends tells nothing to who reads through some proxies, or by HTTP/1.0.
    """

    async def encode(chunks: Chunks) -> AsyncIterator[bytes]:
        count = 0

        async def counted() -> AsyncIterator[list[dict[str, Any]]]:
            nonlocal count
            async for items in chunks:
                count += len(items)
                yield items

        async for body in form.encode(counted()):
            yield body
        yield end_line(count)

    return replace(form, encode=encode)


LINES = Form(NDJSON, _lines)
ARRAY = Form("application/json", _array)
