"""How a connection ends, so that its client takes the end for what it is.

Closed while its client still sends, a connection is reset, and the answer that was on its way may
be lost: to the client, or to the proxy in front, which makes an answer of its own. So the side that
we write to is shut first, and what still arrives is thrown away (RFC 9112, 9.6).
"""

from __future__ import annotations

import asyncio
import os
import socket
import struct

SILENCE = 5.0
"""Seconds after which nothing more is expected of a client that sends nothing."""

MOST_BYTES = 256 * 1024 * 1024
"""What is read at most of what nobody wants."""


class Lingering:
    """A connection that was answered for the last time, until its client has seen that.

    It ends when the client ends it, or has sent nothing for a while, or too much, or for too long.
    """

    def __init__(
        self, transport: asyncio.Transport, loop: asyncio.AbstractEventLoop, seconds: float
    ) -> None:
        """Shut the side that is written to, once all that was written is sent."""
        self._transport = transport
        self._loop = loop
        self._ends = loop.time() + seconds
        self._bytes = 0
        self._seen = 0  # bytes at the last look
        transport.write_eof()
        self._timer = loop.call_later(min(SILENCE, seconds), self._look)

    def received(self, data: bytes) -> None:
        """Throw away what arrived."""
        self._bytes += len(data)
        if self._bytes > MOST_BYTES:
            self._transport.abort()

    def _look(self) -> None:
        if self._bytes == self._seen or self._loop.time() >= self._ends:
            self._transport.abort()
            return
        self._seen = self._bytes
        self._timer = self._loop.call_later(SILENCE, self._look)

    def stop(self) -> None:
        """The connection is gone."""
        self._timer.cancel()


def reset(transport: asyncio.Transport) -> None:
    """End a connection by a reset: its client can't take what it has got for all there is."""
    descriptor = os.dup(transport.get_extra_info("socket").fileno())
    with socket.socket(fileno=descriptor) as same:
        same.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    transport.abort()
