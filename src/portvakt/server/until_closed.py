"""Answers that end their connection: to HTTP/1.0, and to who was never asked for its body."""

from __future__ import annotations

from typing import Any

from uvicorn.protocols.http.httptools_impl import RequestResponseCycle

_EMPTY = (204, 304)


class NeverAsked(RequestResponseCycle):
    """One request with `Expect: 100-continue`, and its answer.

    If that comes in place of 100, nobody can tell whether the body still follows on the connection:
    so it ends. Apache, which kept it, answered 500 in place of the refusal.
    """

    async def send(self, message: Any) -> None:
        """What the application says, as uvicorn sends it."""
        if self.waiting_for_100_continue and self.more_body:
            self.keep_alive = False
        await super().send(message)


class UntilClosed(RequestResponseCycle):
    """One request of HTTP/1.0 and its answer.

    uvicorn sends chunks to it too, which RFC 9112 (6.1) forbids. Where an answer has no length its
    end must be told by what is in it, and whoever breaks it off must reset the connection.
    """

    unframed = False

    @property
    def cut(self) -> bool:
        """Whether closing the connection now would make a part of an answer look whole."""
        return self.unframed and not self.response_complete

    async def send(self, message: Any) -> None:
        """What the application says: as uvicorn does, but that nothing is framed."""
        if not self.unframed:
            if message["type"] == "http.response.start" and self._has_no_length(message):
                self.unframed = True
                self.chunked_encoding = False  # decided: uvicorn adds no header
            await super().send(message)
            return
        if self.flow.write_paused and not self.disconnected:
            await self.flow.drain()
        if self.disconnected:
            return
        self.transport.write(message.get("body", b""))
        if not message.get("more_body", False):
            self.response_complete = True
            self.message_event.set()
            self.transport.close()
            self.on_response()

    def _has_no_length(self, message: Any) -> bool:
        empty = self.scope["method"] == "HEAD" or message["status"] in _EMPTY
        names = {name.lower() for name, _ in message.get("headers", ())}
        return not empty and b"content-length" not in names
