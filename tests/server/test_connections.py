"""How connections end: the answer arrives, a part never looks whole, and who is idle may stay."""

from __future__ import annotations

import json
import re
import socket
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.support import stored
from tests.support.examples import ANSWERS, ONE_DATABASE, example, samples
from tests.support.processes import SQLITE, folder
from tests.support.servers import Server, seed, serve
from tests.support.sockets import JSON, LIST, MIB, Answer, Headers, connect, read_until, request

ROUNDS = 5
LARGE = b" " * (4 * MIB)
LENGTH = ("Content-Length", str(len(LARGE)))
CHUNKED = ("Transfer-Encoding", "chunked")
LIVE = b"GET /health/live HTTP/1.1\r\nHost: x\r\n\r\n"
ALIVE = b'{"status":"alive"}'
ONE = b"%x\r\n%s\r\n0\r\n\r\n" % (len(LARGE), LARGE)
EXPECT = ("Expect", "100-continue")


@pytest.fixture(scope="module")
def narrow(server: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A second server on the same database, which takes small bodies and hardly waits for them.

    A connection that is idle may be so for longer than the head of a request may take.
    """
    place = tmp_path_factory.mktemp("narrow")
    settings = {
        "max_body_bytes": 65_536,
        "body_timeout": 1.5,
        "head_timeout": 0.6,
        "keep_alive": 30,
    }
    with serve(place, server.database, server.keys, **settings) as running:
        running.customers = server.customers
        yield running


def whole(connection: socket.socket) -> Answer:
    """What comes until the other side closes. Raises `ConnectionError` where it resets."""
    received = b""
    while chunk := connection.recv(65536):
        received += chunk
    while received.startswith(b"HTTP/1.1 100 "):
        received = received.partition(b"\r\n\r\n")[2]
    head, _, body = received.partition(b"\r\n\r\n")
    return Answer(int(head.split()[1]), head.decode("latin-1"), body)


def asked(
    server: Server, method: str, target: str, more: Headers = (), version: str = "1.1"
) -> bytes:
    """The head of the last request on its connection."""
    return request(server, method, target, more).replace(
        b" HTTP/1.1\r\n", f" HTTP/{version}\r\n".encode()
    )


# --- closing while the client still sends ---------------------------------------------------------

NOBODY = ("X-PIGELLO-CLIENT-SECRET", "nobody's")
EARLY: dict[str, tuple[str, str, Headers, bytes, int]] = {
    "wrong credentials": ("POST", LIST, [JSON, LENGTH, NOBODY], LARGE, 400),
    "announced as too large": ("POST", LIST, [JSON, LENGTH], LARGE, 413),
    "turns out too large": ("POST", LIST, [JSON, CHUNKED], ONE, 413),
    "no JSON": ("POST", LIST, [("Content-Type", "text/csv"), LENGTH], LARGE, 415),
    "no such path": ("POST", "/nowhere/", [JSON, LENGTH], LARGE, 404),
    "another method": ("PUT", LIST, [JSON, LENGTH], LARGE, 405),
    "a wrong parameter": ("POST", LIST + "?_dry=1", [JSON, LENGTH], LARGE, 400),
    "unknown expectation": ("POST", LIST, [JSON, LENGTH, ("Expect", "tea")], LARGE, 417),
    "a body that a read has": ("GET", LIST + "?_limit=1", [LENGTH], LARGE, 400),
}


@ONE_DATABASE
@pytest.mark.parametrize("case", EARLY)
@pytest.mark.parametrize("expect", [False, True], ids=["at once", "with Expect"])
@pytest.mark.parametrize("version", ["1.0", "1.1"])
def test_an_early_answer_arrives(narrow: Server, case: str, version: str, expect: bool) -> None:
    """Whoever is answered before its body is sent can send it all, and then reads the answer.

    Whether it keeps the connection or not: here it doesn't.
    """
    method, target, headers, body, status = EARLY[case]
    if version == "1.0" and CHUNKED in headers:
        return  # there are none
    more = [*headers, *([EXPECT] if expect and status != 417 else [])]
    for _ in range(ROUNDS):
        with connect(narrow) as connection:
            connection.sendall(asked(narrow, method, target, more, version))
            connection.sendall(body)
            answer = whole(connection)
        assert answer.status == status
        assert "connection: close" in answer.head.lower()


@ONE_DATABASE
def test_wrong_credentials_and_a_large_body_are_401(narrow: Server) -> None:
    """The refusal that large bodies meet most."""
    secret = narrow.customers[0].headers["X-PIGELLO-CLIENT-SECRET"].encode()
    head = asked(narrow, "POST", LIST, [JSON, LENGTH]).replace(secret, secret[::-1])
    for _ in range(ROUNDS):
        with connect(narrow) as connection:
            connection.sendall(head)
            connection.sendall(LARGE)
            assert whole(connection).status == 401


REFUSED = {
    "no HTTP": (b"HELLO\r\n\r\n", 400),
    "a broken chunk": (b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz", 404),
    "headers too large": (b"GET / HTTP/1.1\r\nHost: x\r\nX-A: ", 431),
    "an address too long": (b"GET /", 414),
}


@ONE_DATABASE
@pytest.mark.parametrize("case", REFUSED)
def test_a_refusal_of_what_is_no_request_arrives(narrow: Server, case: str) -> None:
    """However much is sent after it."""
    start, status = REFUSED[case]
    for _ in range(ROUNDS):
        with connect(narrow) as connection:
            connection.sendall(start + b"a" * (4 * MIB))
            answer = whole(connection)
        assert answer.status in (status, 400)


@ONE_DATABASE
def test_a_body_that_is_too_slow_is_told(narrow: Server) -> None:
    """The client that goes on sending all the same reads the 408."""
    with connect(narrow) as connection:
        connection.sendall(asked(narrow, "POST", LIST, [JSON, ("Content-Length", "1000")]))
        for _ in range(20):
            time.sleep(0.1)
            connection.sendall(b" ")
        assert whole(connection).status == 408


@ONE_DATABASE
@pytest.mark.parametrize("silent", [True, False])
def test_closing_does_not_last_for_ever(narrow: Server, silent: bool) -> None:
    """Neither for who sends nothing more and doesn't close, nor for who goes on and on."""
    with connect(narrow) as connection:
        connection.sendall(asked(narrow, "POST", LIST, [JSON, ("Content-Length", "99999999")]))
        assert whole(connection).status == 413
        ends = time.monotonic() + 30
        with pytest.raises(ConnectionError):
            while time.monotonic() < ends:
                time.sleep(2 if silent else 0.05)
                connection.sendall(b" ")


@ONE_DATABASE
@pytest.mark.parametrize(
    ("values", "status"),
    [
        (["100-continue"], 201),
        (["100-Continue"], 201),
        (["100-continue, x"], 417),
        (["100-continue", "x=1"], 417),
        (["200-ok"], 417),
        ([""], 201),
    ],
)
def test_what_is_expected_is_met_or_refused(narrow: Server, values: list[str], status: int) -> None:
    """`100-continue` is known, in any case; nothing else is, and nothing of it is written."""
    body = json.dumps(example(ANSWERS)).encode()
    more = [JSON, ("Content-Length", str(len(body))), *(("Expect", value) for value in values)]
    with connect(narrow) as connection:
        connection.sendall(asked(narrow, "POST", ANSWERS.path, more) + body)
        answer = whole(connection)
    assert answer.status == status
    if status == 417:
        assert answer.problem["code"] == "expectation_failed"


@ONE_DATABASE
def test_a_body_is_asked_for_once_it_is_wanted(narrow: Server) -> None:
    """Whoever waits for 100 gets it before it sends; a refusal comes in its place."""
    body = json.dumps(example(ANSWERS)).encode()
    more = [JSON, ("Content-Length", str(len(body))), EXPECT]
    with connect(narrow) as connection:
        connection.sendall(asked(narrow, "POST", ANSWERS.path, more))
        assert read_until(connection, b"\r\n\r\n") == b"HTTP/1.1 100 Continue\r\n\r\n"
        connection.sendall(body)
        assert whole(connection).status == 201
    kept = asked(narrow, "POST", "/nowhere/", more).replace(b"Connection: close\r\n", b"")
    with connect(narrow) as connection:
        connection.sendall(kept)
        answer = whole(connection)  # the connection ends, as nobody knows whether a body follows
        assert (answer.status, "connection: close" in answer.head.lower()) == (404, True)
    with connect(narrow) as connection:
        connection.sendall(kept + body + LIVE)  # which followed at once: the connection is kept
        assert read_until(connection, ALIVE).startswith(b"HTTP/1.1 404 ")


# --- HTTP/1.0 -------------------------------------------------------------------------------------


@ONE_DATABASE
def test_an_old_client_gets_no_chunks(server: Server, client: httpx.Client) -> None:
    """An answer without a length ends with the connection, in each form; nor is 100 sent to it."""
    narrowed = "custom_id__startswith=SVAR-1"
    expected = client.get(f"{LIST}?{narrowed}").json()
    for more in ("", "&_jsonl=true&_end=true", "&_limit=10000", "&custom_id=nobody"):
        with connect(server) as connection:
            connection.sendall(asked(server, "GET", f"{LIST}?{narrowed}{more}", (), "1.0"))
            answer = whole(connection)
        assert answer.status == 200
        assert "transfer-encoding" not in answer.head.lower()
        if "_jsonl" in more:
            *lines, last = map(json.loads, answer.body.splitlines())
            assert last == {"_end": {"count": len(lines)}}
            assert lines == expected
        else:
            assert json.loads(answer.body) == ([] if "nobody" in more else expected)
    body = json.dumps(example(ANSWERS)).encode()
    more_headers = [JSON, ("Content-Length", str(len(body))), EXPECT]
    with connect(server) as connection:
        connection.sendall(asked(server, "POST", ANSWERS.path, more_headers, "1.0") + body)
        assert read_until(connection, b"}").startswith(b"HTTP/1.1 201 ")
    with connect(server) as connection:
        connection.sendall(asked(server, "HEAD", LIST, (), "1.0"))
        assert whole(connection).body == b""


@SQLITE
@pytest.mark.slow
def test_a_part_of_an_answer_never_looks_whole(fresh_url: str, tmp_path: Path) -> None:
    """An export that breaks off has no `]` and no last line.

    For HTTP/1.0, which has no other sign of it, the connection is reset: so proxies can tell too.
    """
    seeded = seed(tmp_path, fresh_url)
    stored.insert_copies(fresh_url, samples().customers[0], ANSWERS.name, 30_000)
    settings = {"stream_timeout": 1}
    with serve(folder(tmp_path, "serve"), fresh_url, seeded.keys, **settings) as server:
        server.customers = seeded.customers
        for version in ("1.0", "1.1"):
            for more in ("", "?_jsonl=true&_end=true"):
                received, was_reset = b"", False
                with connect(server) as connection:
                    connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 18)
                    connection.sendall(asked(server, "GET", LIST + more, (), version))
                    time.sleep(2)
                    try:
                        while chunk := connection.recv(65536):
                            received += chunk
                    except ConnectionResetError:
                        was_reset = True
                head, _, body = received.partition(b"\r\n\r\n")
                assert head.startswith(b"HTTP/1.1 200 ")
                assert (b"chunked" in head) is (version == "1.1")
                assert not body.endswith((b"]", b"0\r\n\r\n"))
                assert b'"_end"' not in body
                assert was_reset or version == "1.1"
    assert {"too slow"} == {
        entry["ended"] for entry in server.entries() if entry.get("path") == LIST
    }


# --- connections that are kept --------------------------------------------------------------------


@ONE_DATABASE
def test_an_idle_connection_is_kept(narrow: Server) -> None:
    """For longer than the head of a request may take, also after an early answer; not for ever."""
    early = request(narrow, "POST", "/nowhere/", [JSON, ("Content-Length", "3")])
    with connect(narrow) as connection:
        for _ in range(2):
            connection.sendall(LIVE)
            assert read_until(connection, ALIVE).startswith(b"HTTP/1.1 200 ")
            time.sleep(1.1)
            connection.sendall(early.replace(b"Connection: close\r\n", b""))
            assert read_until(connection, b"}").startswith(b"HTTP/1.1 404 ")
            connection.sendall(b"abc")
            time.sleep(1.1)
        connection.sendall(LIVE[:10])
        with pytest.raises(ConnectionError):
            whole_or_nothing(connection)


def whole_or_nothing(connection: socket.socket) -> None:
    """Raises `ConnectionError` where the other side closes without a word."""
    if connection.recv(1) == b"":
        raise ConnectionResetError


@SQLITE
def test_how_long_an_idle_connection_is_kept_is_set(fresh_url: str, tmp_path: Path) -> None:
    """By `keep_alive`; after that it is closed, whether a body came late or not."""
    seeded = seed(tmp_path, fresh_url)
    settings = {"keep_alive": 1, "body_timeout": 60, "head_timeout": 60}
    with serve(folder(tmp_path, "serve"), fresh_url, seeded.keys, **settings) as server:
        server.customers = seeded.customers
        early = request(server, "POST", "/nowhere/", [JSON, ("Content-Length", "3")])
        for sent, rest in ((LIVE, b""), (early.replace(b"Connection: close\r\n", b""), b"abc")):
            with connect(server) as connection:
                connection.sendall(sent)
                assert read_until(connection, b"}").startswith(b"HTTP/1.1 ")
                connection.sendall(rest)
                assert connection.recv(1) == b""


# --- what is part of which request ----------------------------------------------------------------

LAST = b"Connection: close\r\n"
BROKEN_NEXT = {
    "no HTTP": (b"}\r\n\r\n", "400"),
    "headers too large": (
        b"GET / HTTP/1.1\r\nHost: x\r\nX-A: " + b"a" * 70_000 + b"\r\n\r\n",
        "431",
    ),
    "no host": (b"GET / HTTP/1.1\r\n\r\n", "400"),
}
TRAILERS = {
    "X-PIGELLO-CLIENT-SECRET": "nobody's",
    "Authorization": "Bearer pvk_op_x",
    "Idempotency-Key": "a b",
    "If-Match": '"stale"',
    "Expect": "tea",
    "Host": "elsewhere",
}


def statuses(server: Server, data: bytes) -> list[str]:
    """Of all answers on a connection, until the other side closes it."""
    received = b""
    with connect(server) as connection:
        connection.sendall(data)
        while chunk := connection.recv(65536):
            received += chunk
    return re.findall(r"HTTP/1\.1 (\d+) ", received.decode())


@ONE_DATABASE
@pytest.mark.parametrize("case", BROKEN_NEXT)
def test_what_follows_a_request_does_not_take_its_answer(server: Server, case: str) -> None:
    """A write that is done is answered as such, whatever comes behind it; that is refused next."""
    rest, status = BROKEN_NEXT[case]
    body = json.dumps(example(ANSWERS)).encode()
    one = request(server, "POST", ANSWERS.path, [JSON], body).replace(LAST, b"")
    assert statuses(server, one + one + rest) == ["201", "201", status]


@ONE_DATABASE
@pytest.mark.parametrize("name", TRAILERS)
def test_trailers_are_no_headers(server: Server, name: str) -> None:
    """What comes behind a body says nothing about the request (RFC 9110, 6.5.1)."""
    body = json.dumps(example(ANSWERS)).encode()
    head = request(server, "POST", ANSWERS.path, [JSON, CHUNKED]).replace(LAST, b"")
    trailer = f"{name}: {TRAILERS[name]}\r\n".encode()
    one = head + b"%x\r\n%s\r\n0\r\n%s\r\n" % (len(body), body, trailer)
    last = LIVE.replace(b"\r\n\r\n", b"\r\n" + LAST + b"\r\n")
    assert statuses(server, one + last) == ["201", "200"]


@ONE_DATABASE
def test_trailers_have_a_largest_size(server: Server) -> None:
    """They count as headers do."""
    body = b"0\r\n" + b"X-A: aaaaaaaaaaaaaaaa\r\n" * 10_000
    head = request(server, "POST", LIST, [JSON, CHUNKED])
    assert statuses(server, head + body) == ["431"]
