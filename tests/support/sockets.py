"""Requests through a plain socket, for what no HTTP client would send."""

from __future__ import annotations

import json
import socket
from collections.abc import Sequence
from contextlib import suppress
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from tests.support.examples import ANSWERS
from tests.support.servers import Server

MIB = 1024 * 1024
JSON = ("Content-Type", "application/json")
LIST = ANSWERS.path + "list/"
Headers = Sequence[tuple[str, str | bytes]]


# --- a plain socket -------------------------------------------------------------------------------


class Answer(NamedTuple):
    """What came back through a socket. `status` is 0 where nothing did."""

    status: int
    head: str
    body: bytes

    @property
    def problem(self) -> dict[str, Any]:
        """The body as a problem."""
        assert "content-type: application/problem+json" in self.head.lower()
        found: dict[str, Any] = json.loads(self.body)
        return found


def connect(server: Server) -> socket.socket:
    """A connection to the server, on which nothing takes longer than ten seconds."""
    parts = urlsplit(server.base_url)
    assert parts.hostname
    assert parts.port
    return socket.create_connection((parts.hostname, parts.port), timeout=10)


def send(server: Server, data: bytes) -> Answer:
    """What the server answers to these bytes, until it closes the connection."""
    with connect(server) as connection:
        with suppress(ConnectionError):  # refused before it was all sent; the answer is there
            connection.sendall(data)
        return receive(connection)


def receive(connection: socket.socket) -> Answer:
    """What comes until the other side closes."""
    received = b""
    with suppress(ConnectionResetError):  # what we sent last was not read any more
        while chunk := connection.recv(65536):
            received += chunk
    head, _, body = received.partition(b"\r\n\r\n")
    status = int(head.split()[1]) if head else 0
    return Answer(status, head.decode("latin-1"), body)


def read_until(connection: socket.socket, end: bytes) -> bytes:
    """What comes until it ends with these bytes, or the other side closes."""
    received = b""
    while not received.endswith(end) and (chunk := connection.recv(65536)):
        received += chunk
    return received


def request(
    server: Server, method: str, target: str | bytes, more: Headers = (), body: bytes = b""
) -> bytes:
    """The bytes of a request with the first customer's credentials; the last on its connection."""
    target = target.encode() if isinstance(target, str) else target
    headers: list[tuple[str, str | bytes]] = [("Host", "localhost"), ("Connection", "close")]
    headers += [*server.customers[0].headers.items(), *more]
    if body and not any(name in ("Content-Length", "Transfer-Encoding") for name, _ in more):
        headers.append(("Content-Length", str(len(body))))
    lines = [method.encode() + b" " + target + b" HTTP/1.1"]
    for name, value in headers:
        lines.append(name.encode() + b": " + (value.encode() if isinstance(value, str) else value))
    return b"\r\n".join(lines) + b"\r\n\r\n" + body
