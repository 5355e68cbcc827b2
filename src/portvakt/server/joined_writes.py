"""A transport that sends an answer's head and body together.

uvicorn writes them apart, and uvloop sends each write at once: two calls of the system and two
packets for each answer, as much as a third of what a Get takes.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

_MOST = 64 * 1024  # bytes that wait to be joined


class JoinedWrites:
    """Joins what is written until `flush`, or until the event loop's next turn at the latest.

    Whatever else a transport can do goes to the one inside. `close_later` is asked before that is
    closed: where it says so, whoever was asked closes it.
    """

    def __init__(
        self,
        transport: asyncio.Transport,
        loop: asyncio.AbstractEventLoop,
        close_later: Callable[[], bool],
    ) -> None:
        self.is_closing = transport.is_closing
        self._close_later = close_later
        self._transport = transport
        self._loop = loop
        self._waiting: list[bytes] = []
        self._size = 0

    def __getattr__(self, name: str) -> Any:
        return getattr(self._transport, name)

    def write(self, data: bytes) -> None:
        """Send soon."""
        if not self._waiting:
            self._loop.call_soon(self.flush)
        self._waiting.append(data)
        self._size += len(data)
        if self._size > _MOST:
            self.flush()

    def flush(self) -> None:
        """Send what waits."""
        if not self._waiting:
            return
        waiting, self._waiting, self._size = self._waiting, [], 0
        if not self.is_closing():
            self._transport.writelines(waiting)

    def get_write_buffer_size(self) -> int:
        """Bytes that are not sent yet."""
        return self._transport.get_write_buffer_size() + self._size

    def close(self) -> None:
        """Close when all is sent."""
        self.flush()
        if self._close_later():
            self.is_closing = _true  # nothing may be written any more
        else:
            self._transport.close()


def _true() -> bool:
    return True
