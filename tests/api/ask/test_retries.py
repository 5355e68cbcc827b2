"""Writes whose answers are lost are asked for again, by clients and by proxies, and done once."""

from __future__ import annotations

import os
import socket
import socketserver
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from random import Random
from typing import Any, ClassVar
from uuid import uuid4

import httpx
import pytest

from tests.support.examples import TENANTS
from tests.support.people import bearer
from tests.support.servers import Server, seed, serve

KILLS = int(os.environ.get("PORTVAKT_TEST_KILLS", "3"))
WRITERS = 3
REPLAYED = "Idempotency-Replayed"


class Writer:
    """Creates tenants one after the other, each under a key of its own, until it is answered."""

    def __init__(self, number: int, headers: dict[str, str]) -> None:
        self._number = number
        self._headers = headers
        self.asked = 0
        self.answered = 0
        self.replayed = 0
        self.refused: list[str] = []

    @property
    def name(self) -> str:
        """The name of the tenant that is asked for now."""
        return f"retry {self._number} {self.asked}"

    def write(self, client: httpx.Client) -> None:
        """Ask for the tenant; the next one is another only if this one was answered."""
        body = [{"first_name": "x", "custom_id": self.name}]
        headers = {**self._headers, "Idempotency-Key": self.name.replace(" ", "-")}
        answer = client.post(f"{TENANTS.path}list/", json=body, headers=headers)
        if answer.status_code != 200:
            self.refused.append(answer.text)
        self.replayed += REPLAYED in answer.headers
        self.answered += 1
        self.asked += 1


def write(server: Server, writer: Writer, stop: threading.Event) -> None:
    """Write as fast as it goes until the server is gone."""
    with suppress(httpx.HTTPError), server.client(None) as client:
        while not stop.is_set():
            writer.write(client)


def write_until_killed(server: Server, writers: list[Writer], seconds: float) -> None:
    """All writers at once, until the server is killed."""
    stop = threading.Event()
    threads = [threading.Thread(target=write, args=(server, one, stop)) for one in writers]
    for thread in threads:
        thread.start()
    time.sleep(seconds)
    server.kill()
    stop.set()
    for thread in threads:
        thread.join()


@pytest.mark.slow
@pytest.mark.parametrize(
    ("fresh_url", "workers"), [("sqlite", 1), ("postgresql", 2)], indirect=["fresh_url"]
)
def test_killed_at_any_moment_each_key_is_done_once(
    tmp_path: Path, fresh_url: str, workers: int
) -> None:
    """Whatever was answered or not when the processes ended: asked again, each is there once."""
    seeded, random = seed(tmp_path, fresh_url), Random()
    headers = bearer(seeded.operator, seeded.customers[0].id)
    writers = [Writer(number, headers) for number in range(WRITERS)]
    for _ in range(KILLS):
        with serve(tmp_path, fresh_url, seeded.keys, workers=workers) as server:
            write_until_killed(server, writers, random.uniform(0.05, 0.6))
    with serve(tmp_path, fresh_url, seeded.keys) as server, server.client(None) as client:
        for writer in writers:
            writer.write(client)
        found = client.get(
            f"{TENANTS.path}list/?custom_id__startswith=retry+", headers=headers
        ).json()
    names = Counter(item["custom_id"] for item in found)
    expected = {f"retry {n} {place}" for n, one in enumerate(writers) for place in range(one.asked)}
    assert names == Counter(expected)
    assert not [text for writer in writers for text in writer.refused]


# --- a proxy that repeats -------------------------------------------------------------------------


class Repeating(socketserver.BaseRequestHandler):
    """Sends each request on twice, as a proxy does that got no answer, and gives the last answer.

    By `loses` the answer of the first one is never read.
    """

    target: ClassVar[tuple[str, int]]
    loses: ClassVar[bool] = False

    def handle(self) -> None:
        """One connection, with one request."""
        request = _message(self.request)
        for last in (False, True):
            with socket.create_connection(self.target, timeout=30) as onward:
                onward.sendall(request)
                if last or not self.loses:
                    answer = _message(onward)
        self.request.sendall(answer)


def _message(connection: socket.socket) -> bytes:
    """One HTTP message with a Content-Length, or without a body."""
    data = b""
    while b"\r\n\r\n" not in data:
        data += _some(connection)
    head, _, body = data.partition(b"\r\n\r\n")
    lengths = [
        int(line.split(b":")[1])
        for line in head.lower().split(b"\r\n")
        if line.startswith(b"content-length:")
    ]
    while len(body) < sum(lengths):
        body += _some(connection)
    return head + b"\r\n\r\n" + body


def _some(connection: socket.socket) -> bytes:
    data = connection.recv(65536)
    if not data:
        raise ConnectionError("The other end is gone")
    return data


@contextmanager
def proxy(server: Server, *, loses: bool) -> Iterator[str]:
    """The address of such a proxy in front of a server."""
    url = httpx.URL(server.base_url)
    attributes = {"target": (url.host, url.port), "loses": loses}
    handler: Any = type("Handler", (Repeating,), attributes)
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), handler) as listening:
        threading.Thread(target=listening.serve_forever, daemon=True).start()
        try:
            yield f"http://127.0.0.1:{listening.server_address[1]}"
        finally:
            listening.shutdown()


@pytest.mark.parametrize("loses", [False, True])
def test_a_proxy_may_repeat_requests(server: Server, operating: httpx.Client, loses: bool) -> None:
    """Each is done once, and the client is answered as if it had been sent once."""
    key = uuid4().hex
    with (
        proxy(server, loses=loses) as address,
        httpx.Client(base_url=address, headers=operating.headers, trust_env=False) as client,
    ):
        client.headers["Connection"] = "close"
        for number in range(5):
            body = {"first_name": "x", "custom_id": f"{key} {number}"}
            headers = {"Idempotency-Key": f"{key}-{number}"}
            made = client.post(TENANTS.path, json=body, headers=headers)
            assert made.status_code == 201, made.text
            path = f"{TENANTS.path}{made.json()['id']}/"
            headers = {"Idempotency-Key": f"{key}-{number}-delete"}
            if number % 2:
                assert client.delete(path, headers=headers).status_code == 204
    found = operating.get(f"{TENANTS.path}list/", params={"custom_id__startswith": key}).json()
    assert sorted(item["custom_id"] for item in found) == [f"{key} {n}" for n in (0, 2, 4)]
