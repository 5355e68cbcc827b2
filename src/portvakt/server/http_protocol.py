"""The server's HTTP protocol: uvicorn's, with bounds on slow clients.

uvicorn's own keeps whatever it is sent until the head of a request is complete, for as long as
that takes. Here a head may have so many bytes and so many seconds (settings), whoever sends it.

And it keeps what it has to send for as long as the client is connected, whether that reads or not.
Here who reads too little in so many seconds is cut off, whatever the answer is.

And it closes a connection while its client is still sending. Here that is read first, so that the
client sees why it was refused (`lingering`).
"""

from __future__ import annotations

import asyncio
import fcntl
import socket
import sys
import termios
from functools import cache
from typing import Any, cast
from uuid import uuid4

import httptools
import msgspec
from uvicorn.protocols.http.httptools_impl import (
    STATUS_LINE,
    HttpToolsProtocol,
    RequestResponseCycle,
)

from portvakt.api.middleware import CUT_OFF
from portvakt.api.problems import MEDIA_TYPE, render_problem
from portvakt.errors import Code, Problem
from portvakt.server.joined_writes import JoinedWrites
from portvakt.server.lingering import Lingering, reset
from portvakt.server.until_closed import NeverAsked, UntilClosed
from portvakt.settings import Settings, read_settings

MAX_TARGET_BYTES = 65_000
"""The longest path with its query string; the parser can't tell the parts of one past 65,535."""

LEAST_READ = 64 * 1024
"""Bytes that a client has to read in `stall_timeout` seconds, while so many wait for it."""

LAST_CALL = 1.0
"""Seconds for which a connection without a request is kept when the server ends.

A request may be on its way: closed at once, its client would be reset, and not know why.
"""

_MORE = 4096  # the rest of a request line, white space

_settings = cache(read_settings)


class BoundedProtocol(HttpToolsProtocol):
    """One connection. Refuses a head that is too large, closes on one that takes too long.

    And ends where the client doesn't read what it asked for.
    """

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._limits: Settings = _settings()
        self._most = self._limits.max_head_bytes
        self._reading_head = True
        self._begun = False  # whether some of the head that is expected has arrived
        self._boundary = False  # whether a request began or ended within the parsed data
        self._received = 0  # bytes of an incomplete head, as far as parsed headers don't tell
        self._head_bytes = 0
        self._refusal: Problem | None = None
        self._waits = False  # whether the refusal waits for the answers to requests before it
        # One timer a connection that looks at the deadline, rather than one for each request.
        self._idle = False  # whether the deadline is that of a connection without a request
        self._timer: asyncio.TimerHandle | None = None
        self._deadline = 0.0
        self._unread = 0
        self._refused = False
        self._ending = False  # whether the server ends: the next answer is the last
        self._lingering: Lingering | None = None
        self._reader_timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """A head is expected from now on."""
        self._inside = transport
        self._writes = JoinedWrites(transport, self.loop, self._close_later)
        super().connection_made(cast("asyncio.Transport", self._writes))
        self._start_timer(self._limits.head_timeout)

    def connection_lost(self, exc: Exception | None) -> None:
        """Nothing is expected any more."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        self._stop_watching()
        if self._lingering is not None:
            self._lingering.stop()
        super().connection_lost(exc)

    def _close_later(self) -> bool:
        """Whether the connection, which is to be closed, is closed in another way than at once."""
        cycle: RequestResponseCycle | None = self.cycle
        if self._lingering is not None:
            return True
        if isinstance(cycle, UntilClosed) and cycle.cut:
            reset(self._inside)
            return True
        answered = cycle is not None and cycle.response_complete and not self._reading_head
        if not (self._refused or answered) or self._inside.is_closing():
            return False
        self.flow.resume_reading()
        self._lingering = Lingering(self._inside, self.loop, self._limits.body_timeout)
        return True

    def pause_writing(self) -> None:
        """More waits to be read than the transport likes to keep: watch whether it is."""
        super().pause_writing()
        self._watch()

    def resume_writing(self) -> None:
        """Most of it was read."""
        super().resume_writing()
        self._stop_watching()

    def _watch(self) -> None:
        self._stop_watching()
        self._unread = self._waiting_bytes()
        self._reader_timer = self.loop.call_later(self._limits.stall_timeout, self._look_at_reader)

    def _waiting_bytes(self) -> int:
        """What was written and not read: in the transport, and in the system's own buffer.

        That one alone may hold megabytes, and takes more only when a good part of it was read.
        """
        return self.transport.get_write_buffer_size() + _unsent(
            self.transport.get_extra_info("socket")
        )

    def _stop_watching(self) -> None:
        if self._reader_timer is not None:
            self._reader_timer.cancel()
            self._reader_timer = None

    def _look_at_reader(self) -> None:
        """Nothing is written while more waits than may, so that what waits tells what was read."""
        if self._unread - self._waiting_bytes() >= LEAST_READ:
            self._watch()
            return
        cycle: RequestResponseCycle | None = self.cycle
        if cycle is not None:
            cycle.scope["state"] = {**cycle.scope.get("state", {}), CUT_OFF: "client stalled"}
        if isinstance(cycle, UntilClosed) and cycle.cut:
            reset(self._inside)
        else:
            self.transport.abort()  # closing would wait until it is read

    def data_received(self, data: bytes) -> None:
        """Parse; a head that is still incomplete may not have grown past its bounds."""
        if self._lingering is not None:
            self._lingering.received(data)
            return
        if self._waits:
            return
        self._boundary = False
        super().data_received(data)
        if not self._reading_head or self.transport.is_closing():
            return
        if self._boundary and not self._begun:  # a request has ended: how long none may follow is
            return  # another matter (`keep_alive`)
        if self._idle or not self._deadline:
            self._idle = False
            self._start_timer(self._limits.head_timeout)
        if not self._boundary:
            self._received += len(data)
        if self._received > self._limits.max_head_bytes + MAX_TARGET_BYTES + _MORE:
            self._refusal = self._too_large()
            self.send_400_response("")

    def on_message_begin(self) -> None:
        """The first bytes of a request."""
        super().on_message_begin()
        self._reading_head = self._boundary = self._begun = True
        self._received = self._head_bytes = 0

    def on_message_complete(self) -> None:
        """The body is whole; what follows is another head."""
        super().on_message_complete()
        self._reading_head = self._boundary = True
        self._received = 0
        if self.cycle.response_complete:  # uvicorn's own timer has ended with the body's first byte
            self._idle = True
            self._start_timer(self._limits.keep_alive)

    def on_url(self, url: bytes) -> None:
        """A part of the path and query string."""
        super().on_url(url)
        if len(self.url) > MAX_TARGET_BYTES:
            detail = f"The path and query string may have {MAX_TARGET_BYTES} bytes together."
            self._stop(Problem(Code.uri_too_long, detail))

    def on_header(self, name: bytes, value: bytes) -> None:
        """One whole header; its `: ` and line end count too. Trailers count, but say nothing."""
        self._head_bytes += len(name) + len(value) + 4
        if self._head_bytes > self._most:
            self._stop(self._too_large())
        if self._reading_head:  # as uvicorn's, which takes a tenth of a Get to be called so often
            name = name.lower()
            if name == b"expect" and value.lower() == b"100-continue":
                self.expect_100_continue = True
            self.headers.append((name, value))

    def on_headers_complete(self) -> None:
        """The head is whole."""
        self._check_head()
        self._reading_head = self._begun = False
        self._deadline = 0.0
        super().on_headers_complete()
        if self._ending:
            self.cycle.keep_alive = False
        if self.scope["http_version"] == "1.0":
            # uvicorn makes it, and lets nobody choose its class. It hasn't begun yet.
            self.cycle.__class__ = UntilClosed
            self.cycle.waiting_for_100_continue = False  # unknown to HTTP/1.0 (RFC 9110, 10.1.1)
        elif self.expect_100_continue:
            self.cycle.__class__ = NeverAsked

    def _check_head(self) -> None:
        """Refuse what RFC 9112 says must be (3.2), and bodies that nobody here decodes (6.1)."""
        names = [name for name, _ in self.headers]
        if b"transfer-encoding" in names:
            for name, value in self.headers:
                if name == b"transfer-encoding" and value.strip().lower() != b"chunked":
                    detail = "No Transfer-Encoding but chunked is known here."
                    self._stop(Problem(Code.unreadable_request, detail))
        if (hosts := names.count(b"host")) != 1 and self.parser.get_http_version() == "1.1":
            detail = f"Expected one header Host, not {hosts}."
            self._stop(Problem(Code.unreadable_request, detail))

    def send_400_response(self, msg: str) -> None:
        """Refuse what is no HTTP, or what was found to be too large, and close.

        Requests before it are answered first, or else their clients took this for the answer.
        """
        cycle: RequestResponseCycle | None = self.cycle
        if self._reading_head and cycle is not None and not cycle.response_complete:
            self._waits = True
            return
        self._refused = True
        self.transport.write(_answer(self._refusal or Problem(Code.unreadable_request, msg)))
        self.transport.close()

    def _too_large(self) -> Problem:
        detail = f"The headers may have {self._limits.max_head_bytes} bytes together."
        return Problem(Code.headers_too_large, detail)

    def _stop(self, problem: Problem) -> None:
        """Refuse from within the parser, which then goes no further."""
        self._refusal = problem
        raise httptools.HttpParserError(problem.detail)

    def on_response_complete(self) -> None:
        """Answered; if the body is still arriving, nobody reads it: it has so long, then we close.

        Closing at once would keep a client that is still sending from seeing the answer.
        """
        self._writes.flush()
        super().on_response_complete()
        if self._waits and self.cycle.response_complete and not self.transport.is_closing():
            self.send_400_response("Invalid HTTP request received.")
        elif not self._reading_head and not self.transport.is_closing():
            self._start_timer(self._limits.body_timeout)
        elif self._ending and self.cycle.response_complete:
            self._start_timer(LAST_CALL)

    def shutdown(self) -> None:
        """The server ends: what has begun is answered, and what is on its way."""
        cycle: RequestResponseCycle | None = self.cycle
        self._ending = True
        if cycle is not None and not cycle.response_complete:
            # Where the answer's head is sent, the client doesn't know that it is the last.
            cycle.keep_alive = cycle.keep_alive and cycle.response_started
        elif self._reading_head:
            self._start_timer(LAST_CALL)
        else:
            self.transport.close()

    def _start_timer(self, seconds: float) -> None:
        """What is expected, a head mostly, must be complete some seconds from now."""
        self._deadline = self.loop.time() + seconds
        if self._timer is not None and self._timer.when() > self._deadline:
            self._timer.cancel()
            self._timer = None
        if self._timer is None:
            self._timer = self.loop.call_at(self._deadline, self._look)

    def _look(self) -> None:
        """Whether the deadline has passed; if it is later, or there is none, look again then."""
        self._timer = None
        if not self._deadline:
            return
        if self.loop.time() >= self._deadline:
            self._give_up()
        else:
            self._timer = self.loop.call_at(self._deadline, self._look)

    def _give_up(self) -> None:
        """Close, unless an answer to the request before is still on its way."""
        cycle: RequestResponseCycle | None = self.cycle
        if cycle is not None and not cycle.response_complete:
            self._start_timer(self._limits.head_timeout)
        elif self._reading_head and not self.transport.is_closing():
            self.transport.close()
        elif not self.transport.is_closing():
            self.transport.abort()  # of what is still sent enough was read


def _unsent(connection: socket.socket) -> int:
    """Bytes in the system's buffer of a connection that the client hasn't acknowledged."""
    counted = bytearray(4)
    try:
        fcntl.ioctl(connection.fileno(), termios.TIOCOUTQ, counted)
    except OSError:  # a system that doesn't tell
        return 0
    return int.from_bytes(counted, sys.byteorder)


def _answer(problem: Problem) -> bytes:
    """The whole answer to a request that never reached the application."""
    request_id = uuid4().hex
    body = msgspec.json.encode(render_problem(problem, request_id))
    headers = {
        "Content-Type": MEDIA_TYPE,
        "Content-Length": str(len(body)),
        "X-Request-ID": request_id,
        "Connection": "close",
    }
    lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    return STATUS_LINE[problem.code.status] + lines.encode() + b"\r\n" + body
