"""Answers to HTTP/1.0, which knows no chunks: what has no length ends where the connection does."""

from __future__ import annotations

from typing import Any

from uvicorn.protocols.http.httptools_impl import RequestResponseCycle

_EMPTY = (204, 304)


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
