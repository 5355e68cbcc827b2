"""Answers that are too large to hold: an export, written as it is read."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractAsyncContextManager, contextmanager
from dataclasses import dataclass
from typing import Any

import msgspec
from starlette.datastructures import MutableHeaders
from starlette.types import Receive, Scope, Send

from portvakt.errors import Code, Problem
from portvakt.operations.read import Export

NDJSON = "application/x-ndjson"
_encoder = msgspec.json.Encoder()


class Stalled(Exception):
    """The client stopped reading; its connection is given up."""


class Streams:
    """The places for exports that run at a time, in one process.

    Each keeps a connection to the database for as long as its client reads, so there must be an
    end: whoever finds no place is told so at once, rather than waiting in a queue.
    """

    def __init__(self, places: int) -> None:
        self._places = places
        self._taken = 0

    @contextmanager
    def place(self) -> Iterator[None]:
        """Keep a place. Raises `Problem` (unavailable) if there is none."""
        if self._taken >= self._places:
            raise Problem(
                Code.unavailable,
                f"{self._places} lists without paging are being sent. Try again shortly, or ask "
                "for pages.",
                headers=[("Retry-After", "5")],
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
    """The ASGI answer of an export: a JSON array, one item a line, or another `form`.

    Nothing is sent before the first items are read, so that until then it may still be refused.
    The export ends when all is sent, when the client goes away, or when it reads nothing for
    `stall` seconds.
    """

    def __init__(
        self,
        export: AbstractAsyncContextManager[Export],
        *,
        lines: bool,
        slim: bool,
        stall: float,
        streams: Streams,
        form: Form | None = None,
    ) -> None:
        self._export = export
        self._form = form or (_LINES if lines else _ARRAY)
        self._slim = slim
        self._stall = stall
        self._streams = streams

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send the answer. Raises `Problem` (unavailable) if too many are being sent."""
        with self._streams.place():
            whole = await self._answer(scope, receive, send)
        # Last of all, so that who has read the end finds the place free.
        if whole:
            await self._send(send, b"", more=False)

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> bool:
        """Send all but the end; whether the client is still there."""
        async with self._export as export:
            bodies = self._form.encode(self._items(export))
            first = await anext(bodies, b"")
            await send(self._start(export))
            if scope["method"] == "HEAD":
                return True
            gone = asyncio.create_task(_disconnection(receive))
            try:
                await self._send(send, first, more=True)
                return await self._send_rest(bodies, send, gone)
            finally:
                gone.cancel()

    def _start(self, export: Export) -> dict[str, Any]:
        message: dict[str, Any] = {"type": "http.response.start", "status": 200, "headers": []}
        headers = MutableHeaders(raw=message["headers"])
        headers["Content-Type"] = self._form.media_type
        for name, value in self._form.headers:
            headers[name] = value
        if export.total is not None:
            headers["X-Total-Count"] = str(export.total)
        return message

    async def _send_rest(
        self, bodies: AsyncIterator[bytes], send: Send, gone: asyncio.Task[None]
    ) -> bool:
        async for body in bodies:
            if gone.done():
                return False
            await self._send(send, body, more=True)
        return True

    async def _items(self, export: Export) -> AsyncIterator[list[dict[str, Any]]]:
        async for items in export.chunks:
            yield [{"id": item["id"]} for item in items] if self._slim else items

    async def _send(self, send: Send, body: bytes, *, more: bool) -> None:
        try:
            async with asyncio.timeout(self._stall):
                await send({"type": "http.response.body", "body": body, "more_body": more})
        except TimeoutError:
            raise Stalled from None


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


_LINES = Form(NDJSON, _lines)
_ARRAY = Form("application/json", _array)
