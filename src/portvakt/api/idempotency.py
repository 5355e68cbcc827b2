"""Reads `Idempotency-Key`, and makes of a request what tells it from another one."""

from __future__ import annotations

import hashlib
import re

from starlette.types import Message, Receive, Scope, Send

from portvakt.api import header_names
from portvakt.api.services import Services
from portvakt.errors import Code, Fault, FaultCode, Problem
from portvakt.operations.idempotency import HEADER, IdempotentWrite

_NAMES = frozenset({HEADER.lower().encode()})
_KEY = re.compile(rb"[\x21-\x7e]{1,255}")
_READING = ("GET", "HEAD")


def read(scope: Scope, services: Services) -> KeyedRequest | None:
    """What a request asks for by its key; None where it brings none."""
    if not header_names.has(scope, _NAMES):
        return None
    sent = [value for name, value in scope["headers"] if name in _NAMES]
    return KeyedRequest(sent, scope, services)


class KeyedRequest:
    """A request that brings a key, while it is read."""

    def __init__(self, sent: list[bytes], scope: Scope, services: Services) -> None:
        self._sent = sent
        self._writes = scope["method"] not in _READING
        self._services = services
        self._digest = hashlib.sha256()
        for part in (scope["method"].encode(), scope["path"].encode(), scope["query_string"]):
            self._digest.update(len(part).to_bytes(4, "big") + part)

    def once(self) -> IdempotentWrite | None:
        """How the request is to be done, for one try; None: it only reads, again and again.

        Raises `Problem` (invalid_headers).
        """
        if faults := _faults(self._sent):
            raise Problem(Code.invalid_headers, f"{HEADER} is wrong.", faults)
        if not self._writes:
            return None
        keys, lasts = self._services.keys, self._services.idempotency_lasts
        return IdempotentWrite(self._sent[0].decode(), keys, self._digest.hexdigest, lasts)

    def receive(self, receive: Receive) -> Receive:
        """Wrap `receive`, so that the digest of the request takes in the body as it comes."""

        async def counted() -> Message:
            message = await receive()
            self._digest.update(message.get("body", b""))
            return message

        return counted


def sending(once: IdempotentWrite | None, send: Send) -> Send:
    """Wrap `send`, so that the answer's headers say if it tells what was done before."""
    if once is None:
        return send

    async def told(message: Message) -> None:
        if message["type"] == "http.response.start":
            more = [(name.lower().encode(), value.encode()) for name, value in once.headers()]
            message["headers"] = [*message.get("headers", ()), *more]
        await send(message)

    return told


def _faults(sent: list[bytes]) -> list[Fault]:
    if len(sent) > 1:
        return [Fault(FaultCode.duplicate, HEADER, "It may be sent once.", place="header")]
    if not _KEY.fullmatch(sent[0]):
        detail = "Expected 1 to 255 visible characters of ASCII, without spaces."
        return [Fault(FaultCode.format, HEADER, detail, place="header")]
    return []
