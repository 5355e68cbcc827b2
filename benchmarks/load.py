"""The load generator: sends ready-made requests over kept-alive connections, and takes the time.

`closed` keeps a number of connections busy: how much goes through. `open_loop` sends at fixed
moments, whether the answers before have come or not, and counts from those moments: how long a
client waits. It knows no more of HTTP than what the two servers say, and imports little, so that
it takes little of the core that it shares with the database.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Coroutine, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar, cast

import uvloop

T = TypeVar("T")
_MOST_CONNECTIONS = 256
"""How many an open loop opens."""


@dataclass
class Result:
    """What came of a load.

    - `seconds` each answer took, those of failed requests left out.
    - `answers`, `failed`: how many were good (2xx) and not; `first_failure`: what one said.
    - `received`: bytes of all bodies. `elapsed`: seconds from the first request to the last answer.
    - `cpu`: seconds of processor that the generator itself used.
    - `last_good`, `last_good_sent`, `first_bad`: moments of the system's monotonic clock.
    """

    seconds: list[float] = field(default_factory=list)
    answers: int = 0
    failed: int = 0
    first_failure: str = ""
    received: int = 0
    elapsed: float = 0.0
    cpu: float = 0.0
    last_good: float = 0.0
    last_good_sent: float = 0.0
    first_bad: float = 0.0

    @property
    def rate(self) -> float:
        """Good answers a second."""
        return self.answers / self.elapsed if self.elapsed else 0.0

    def percentile(self, share: float) -> float:
        """The time under which this share of the answers stayed, in milliseconds."""
        if not self.seconds:
            return float("nan")
        ordered = sorted(self.seconds)
        return ordered[min(len(ordered) - 1, int(len(ordered) * share))] * 1000

    def note(self, sent: float, status: int, body: bytes) -> None:
        """Count one answer."""
        now = time.monotonic()
        if 200 <= status < 300:
            self.answers += 1
            self.seconds.append(now - sent)
            self.last_good, self.last_good_sent = now, max(sent, self.last_good_sent)
        else:
            self.failed += 1
            self.first_bad = self.first_bad or now
            self.first_failure = self.first_failure or f"{status} {body[:300]!r}"


_KEPT = 4_000
"""How many bytes of an answer's end are looked at: an item fits."""


class _Connection(asyncio.Protocol):
    """One connection: one request at a time."""

    def __init__(self) -> None:
        self._transport: asyncio.Transport | None = None
        self._waiting: asyncio.Future[tuple[int, bytes]] | None = None
        self._clear()

    def _clear(self) -> None:
        self._head = b""
        self._status = 0
        self._left = -1  # bytes of the body still to come; -1: it comes in chunks
        self._tail = b""
        self.received = 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)

    def connection_lost(self, exc: Exception | None) -> None:
        self._transport = None
        if self._waiting and not self._waiting.done():
            self._waiting.set_result((0, repr(exc).encode()))

    @property
    def alive(self) -> bool:
        """Whether another request can be sent."""
        return self._transport is not None and not self._transport.is_closing()

    async def ask(self, request: bytes) -> tuple[int, bytes]:
        """Send a request; the answer's status, and the end of its body. Status 0: cut off."""
        self._clear()
        if self._transport is None:
            return 0, b"closed"
        self._waiting = asyncio.get_running_loop().create_future()
        self._transport.write(request)
        return await self._waiting

    def close(self) -> None:
        """End the connection."""
        if self._transport is not None:
            self._transport.close()

    def data_received(self, data: bytes) -> None:
        if not self._status:
            self._head += data
            head, end, data = self._head.partition(b"\r\n\r\n")
            if not end:
                return
            self._status = int(head[9:12])
            self._left = _length(head)
            if self._status in (204, 304):
                self._left = 0
        self.received += len(data)
        self._tail = (self._tail + data)[-_KEPT:]
        if self._left >= 0:
            self._left -= len(data)
            done = self._left <= 0
        else:
            done = self._tail.endswith(b"0\r\n\r\n")
        if done and self._waiting and not self._waiting.done():
            self._waiting.set_result((self._status, self._tail))


def _length(head: bytes) -> int:
    for line in head.split(b"\r\n")[1:]:
        name, _, value = line.partition(b":")
        if name.lower() == b"content-length":
            return int(value)
    return -1


def _run(work: Coroutine[Any, Any, T]) -> T:
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        return runner.run(work)


async def _connect(port: int) -> _Connection:
    loop = asyncio.get_running_loop()
    _, connection = await loop.create_connection(_Connection, "127.0.0.1", port)
    return connection


def closed(
    port: int,
    requests: Sequence[bytes],
    connections: int,
    *,
    seconds: float | None = None,
    times: int | None = None,
) -> Result:
    """Each connection sends the next request as soon as it has its answer.

    Until `seconds` have passed or `times` requests were sent, all connections together.
    """
    return _run(_closed(port, requests, connections, seconds, times))


async def _closed(
    port: int,
    requests: Sequence[bytes],
    connections: int,
    seconds: float | None,
    times: int | None,
) -> Result:
    result = Result()
    ends = time.monotonic() + (seconds or 1e9)
    sent = 0

    async def client() -> None:
        nonlocal sent
        connection = await _connect(port)
        while time.monotonic() < ends and (times is None or sent < times):
            if not connection.alive:
                connection = await _connect(port)
            request = requests[sent % len(requests)]
            sent += 1
            began = time.monotonic()
            status, body = await connection.ask(request)
            result.received += connection.received
            result.note(began, status, body)
        connection.close()

    began, cpu = time.monotonic(), time.process_time()
    await asyncio.gather(*(client() for _ in range(connections)))
    result.elapsed = time.monotonic() - began
    result.cpu = time.process_time() - cpu
    return result


def open_loop(port: int, requests: Sequence[bytes], rate: float, seconds: float) -> Result:
    """Send `rate` requests a second, evenly, whatever becomes of those before.

    When all connections are busy a request waits for one, and its time counts from when it was due:
    so a moment in which nothing is answered makes the times longer, and fails nothing.
    """
    return _run(_open_loop(port, requests, rate, seconds))


async def _open_loop(port: int, requests: Sequence[bytes], rate: float, seconds: float) -> Result:
    result = Result()
    # The one that was used last goes first: no more are kept busy than are needed.
    idle: asyncio.LifoQueue[_Connection] = asyncio.LifoQueue()
    for _ in range(8):
        idle.put_nowait(await _connect(port))
    made = idle.qsize()
    running: set[asyncio.Task[None]] = set()

    async def one(due: float, request: bytes) -> None:
        nonlocal made
        if idle.empty() and made < _MOST_CONNECTIONS:
            made += 1
            connection = await _connect(port)
        else:
            connection = await idle.get()
        if not connection.alive:
            connection = await _connect(port)
        status, body = await connection.ask(request)
        result.note(due, status, body)
        idle.put_nowait(connection)

    began, cpu = time.monotonic(), time.process_time()
    for number in range(int(rate * seconds)):
        due = began + number / rate
        # Sleeping is not exact to less than a millisecond; what is due then goes out at once.
        if due - time.monotonic() > 0.0005:
            await asyncio.sleep(due - time.monotonic())
        task = asyncio.create_task(one(due, requests[number % len(requests)]))
        running.add(task)
        task.add_done_callback(running.discard)
    await asyncio.gather(*running)
    result.elapsed = time.monotonic() - began
    result.cpu = time.process_time() - cpu
    while not idle.empty():
        idle.get_nowait().close()
    return result


def until_refused(
    port: int, requests: Sequence[bytes], connections: int, most: float, empty: bytes | None = None
) -> Result:
    """As `closed`, until a connection has been refused ten times in a row, or `most` seconds.

    An answer that holds `empty` counts as refused too.
    """
    return _run(_until_refused(port, requests, connections, most, empty))


async def _until_refused(
    port: int, requests: Sequence[bytes], connections: int, most: float, empty: bytes | None
) -> Result:
    result = Result()
    ends = time.monotonic() + most

    async def client() -> None:
        connection = await _connect(port)
        refused = number = 0
        while refused < 10 and time.monotonic() < ends:
            began = time.monotonic()
            status, body = await connection.ask(requests[number % len(requests)])
            number += 1
            if empty is not None and empty in body:
                status = 0
            result.note(began, status, body)
            refused = 0 if 200 <= status < 300 else refused + 1
        connection.close()

    await asyncio.gather(*(client() for _ in range(connections)))
    return result
