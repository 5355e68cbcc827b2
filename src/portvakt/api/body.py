"""Reads a request's body: bounded in size and time, and as JSON."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from contextlib import suppress
from typing import Any

import msgspec
from starlette.types import Message, Receive

from portvakt.errors import Code, Problem
from portvakt.settings import Settings
from portvakt.turns import map_in_turns

_decoder = msgspec.json.Decoder()
_items = msgspec.json.Decoder(list[msgspec.Raw])
_AT_ONCE = 64 * 1024  # bytes, decoded in less than a millisecond


class Disconnected(Exception):
    """The client went away in the middle of its body or of an export: there is nobody to answer."""


def check_headers(headers: Iterable[tuple[bytes, bytes]], settings: Settings) -> None:
    """Refuse what needn't be read: another media type, an encoding, a body that is too large.

    Raises `Problem`: unsupported_media_type, too_large.
    """
    given = _joined(headers)
    media_type, _, parameters = given.get(b"content-type", b"").lower().partition(b";")
    if media_type.strip() != b"application/json" or not _utf8(parameters):
        raise Problem(
            Code.unsupported_media_type, "Send JSON in UTF-8, with Content-Type: application/json."
        )
    if given.get(b"content-encoding", b"identity").lower() != b"identity":
        raise Problem(Code.unsupported_media_type, "Send the body without a Content-Encoding.")
    length = given.get(b"content-length", b"")
    if length.isdigit() and int(length) > settings.max_body_bytes:
        raise _too_large(settings)


def _joined(headers: Iterable[tuple[bytes, bytes]]) -> dict[bytes, bytes]:
    """The headers by name; one that occurs twice means what its values say together."""
    joined: dict[bytes, bytes] = {}
    for name, value in headers:
        joined[name] = joined[name] + b", " + value if name in joined else value
    return joined


def _utf8(parameters: bytes) -> bool:
    charset = parameters.replace(b" ", b"").replace(b'"', b"")
    return charset in (b"", b"charset=utf-8", b"charset=utf8")


def _too_large(settings: Settings) -> Problem:
    return Problem(Code.too_large, f"A body may have {settings.max_body_bytes} bytes.")


async def read_json(receive: Receive, settings: Settings) -> Any:
    """The body as JSON. Raises `Problem`: unreadable_json, too_large, request_timeout."""
    try:
        async with asyncio.timeout(settings.body_timeout):
            body = await _read(receive, settings)
    except TimeoutError:
        detail = f"The body did not arrive within {settings.body_timeout:g} seconds."
        raise Problem(Code.request_timeout, detail, headers=[("Connection", "close")]) from None
    try:
        return await _decode(body)
    except RecursionError:
        raise Problem(Code.unreadable_json, "The JSON is nested too deeply.") from None
    except UnicodeDecodeError:
        raise Problem(Code.unreadable_json, "The body is not UTF-8.") from None
    except msgspec.DecodeError as error:
        raise Problem(Code.unreadable_json, f"{error}.") from None


async def _decode(body: bytes) -> Any:
    """The body's value; the items of a long array are decoded in turns."""
    if len(body) > _AT_ONCE:
        with suppress(msgspec.DecodeError):  # told below, with its place in the whole body
            return await map_in_turns(_decoder.decode, _items.decode(body))
    return _decoder.decode(body)


async def _read(receive: Receive, settings: Settings) -> bytes:
    chunks: list[bytes] = []
    size = 0
    while True:
        message: Message = await receive()
        if message["type"] == "http.disconnect":
            raise Disconnected
        chunk = message.get("body", b"")
        size += len(chunk)
        if size > settings.max_body_bytes:
            raise _too_large(settings)
        chunks.append(chunk)
        if not message.get("more_body", False):
            return b"".join(chunks)
