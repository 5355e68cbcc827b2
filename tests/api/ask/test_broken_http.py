"""Broken HTTP, headers, methods and paths are refused clearly, and the server goes on answering."""

from __future__ import annotations

import json
import time
from uuid import uuid4

import httpx
import pytest

from tests.support.examples import ANSWERS, ONE_DATABASE, example
from tests.support.servers import Server
from tests.support.sockets import JSON, LIST, MIB, Headers, connect, receive, request, send

pytestmark = pytest.mark.usefixtures("goes_on_answering")

HEAD = b"GET /health/live HTTP/1.1\r\nHost: x\r\n"
BROKEN = {
    "no HTTP": b"\x00\x01\x02\r\n\r\n",
    "TLS": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"a" * 200,
    "HTTP/2": b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    "another version": b"GET / HTTP/9.9\r\nHost: x\r\n\r\n",
    "no version": b"GET / \r\n\r\nx",
    "unknown method": b"FROBNICATE / HTTP/1.1\r\nHost: x\r\n\r\n",
    "method in lower case": b"get / HTTP/1.1\r\nHost: x\r\n\r\n",
    "blank in a name": HEAD + b"X A: b\r\n\r\n",
    "no colon": HEAD + b"X-A\r\n\r\n",
    "NUL in a value": HEAD + b"X-A: a\0b\r\n\r\n",
    "path that is not ASCII": b"GET /\xff\xfe/ HTTP/1.1\r\nHost: x\r\n\r\n",
    "blank in the path": b"GET /a b HTTP/1.1\r\nHost: x\r\n\r\n",
    "length that is no number": HEAD + b"Content-Length: abc\r\n\r\n",
    "negative length": HEAD + b"Content-Length: -1\r\n\r\n",
    "endless length": HEAD + b"Content-Length: 99999999999999999999999999\r\n\r\n",
    "two lengths": HEAD + b"Content-Length: 2\r\nContent-Length: 3\r\n\r\n{} ",
    "length and chunks": HEAD + b"Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "another encoding": b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: gzip\r\n\r\nx",
    "encoded chunks": HEAD + b"Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
    "no host": b"GET /health/live HTTP/1.1\r\n\r\n",
    "two hosts": HEAD + b"host: y\r\n\r\n",
}


@ONE_DATABASE
@pytest.mark.parametrize("data", BROKEN.values(), ids=BROKEN)
def test_broken_http_is_refused(server: Server, data: bytes) -> None:
    """What is no HTTP is a 400 that says so, and the connection ends."""
    answer = send(server, data)
    assert (answer.status, answer.problem["code"]) == (400, "unreadable_request")


def test_a_broken_chunk_is_refused(server: Server, client: httpx.Client) -> None:
    """A chunk whose size is no number ends the connection, and writes nothing."""
    mark = uuid4().hex
    body = json.dumps(example(ANSWERS, custom_id=mark)).encode()
    chunks = b"%x\r\n%s\r\nzz\r\n" % (len(body), body)
    more = [JSON, ("Transfer-Encoding", "chunked")]
    assert send(server, request(server, "POST", ANSWERS.path, more, chunks)).status in (0, 400)
    # A page needs no place among the exports, which broken clients may still hold.
    assert client.get(LIST, params={"custom_id": mark, "_limit": 1}).json() == []


TOO_LARGE = {
    "one value": [("X-A", "a" * 200_000)],
    "one name": [("X-" + "a" * 200_000, "a")],
    "many": [(f"X-{number}", "a") for number in range(20_000)],
    "without end": [("X-A", "a" * 20_000_000)],
    "a secret": [("X-PIGELLO-CLIENT-SECRET", "pvk_" + "a" * 100_000)],
}


@ONE_DATABASE
@pytest.mark.parametrize("headers", TOO_LARGE.values(), ids=TOO_LARGE)
def test_headers_have_a_largest_size(server: Server, headers: Headers) -> None:
    """Headers beyond 64 KiB are a 431 that states the limit, and are not kept."""
    before = server.resident_bytes
    answer = send(server, request(server, "GET", LIST, headers))
    assert (answer.status, answer.problem["code"]) == (431, "headers_too_large")
    assert "65536 bytes" in answer.problem["detail"]
    assert server.resident_bytes - before < 50 * MIB


@ONE_DATABASE
def test_line_ends_before_a_request_have_an_end(server: Server) -> None:
    """Nothing may be sent without end, not even what a server is to skip."""
    assert send(server, b"\r\n" * 1_000_000).status == 431


@ONE_DATABASE
def test_headers_within_the_limit_are_read(server: Server) -> None:
    """60,000 bytes of headers, in small pieces, are no fault."""
    data = request(server, "GET", LIST + "?_limit=1", [("X-A", "a" * 60_000)])
    with connect(server) as connection:
        for start in range(0, len(data), 7_000):
            connection.sendall(data[start : start + 7_000])
            time.sleep(0.01)
        assert receive(connection).status == 200


# --- headers, methods and paths -------------------------------------------------------------------


@ONE_DATABASE
def test_a_credential_header_may_occur_once(server: Server) -> None:
    """The same header twice is a 400 that names it, even with the same value."""
    name = "X-PIGELLO-CUSTOMER-ID"
    twice = [(name, server.customers[0].id)]
    answer = send(server, request(server, "GET", LIST, twice))
    assert (answer.status, answer.problem["code"]) == (400, "invalid_headers")
    assert [error["header"] for error in answer.problem["errors"]] == [name]


@ONE_DATABASE
@pytest.mark.parametrize("value", [b"\xff\xfe", "é".encode(), b"a,b", b"\t x"])
def test_other_headers_may_hold_anything(server: Server, value: bytes) -> None:
    """A header that means nothing to us does no harm, nor does a request id that is none."""
    more: Headers = [("X-Other", value), ("X-Request-ID", value), ("X-Other", value)]
    answer = send(server, request(server, "GET", LIST + "?_limit=1", more))
    assert answer.status == 200


@pytest.mark.parametrize("value", [b"\xff\xfe", b"pvk_", "pvk_é".encode(), b"0" * 1000])
def test_a_strange_credential_is_not_accepted(server: Server, value: bytes) -> None:
    """Any value of a credential header that is not right is the same 401."""
    for name in server.customers[0].headers:
        data = request(server, "GET", LIST)
        ours = f"{name}: {server.customers[0].headers[name]}".encode()
        answer = send(server, data.replace(ours, f"{name}: ".encode() + value))
        assert (answer.status, answer.problem["errors"]) == (401, [])
        assert answer.problem["detail"] == "The credentials were not accepted."


@ONE_DATABASE
@pytest.mark.parametrize(
    "method", ["PUT", "OPTIONS", "TRACE", "CONNECT", "PROPFIND", "M-SEARCH", "QUERY"]
)
def test_other_methods_are_not_allowed(server: Server, method: str) -> None:
    """A method that a path does not have is a 405 that lists those it has."""
    answer = send(server, request(server, method, LIST))
    assert (answer.status, answer.problem["code"]) == (405, "method_not_allowed")
    assert "allow: GET, HEAD, POST" in answer.head


@ONE_DATABASE
@pytest.mark.parametrize(
    ("path", "code"),
    [
        ("//", "unknown_path"),
        ("/..", "unknown_path"),
        ("/../.." + LIST, "unknown_path"),
        ("//evil.example/", "unknown_path"),
        ("//evil.example" + ANSWERS.path, "unknown_path"),
        ("/%2F%2Fevil.example" + LIST, "unknown_path"),
        ("/integrations//list/", "unknown_path"),
        (ANSWERS.path + "a%2Fb/", "unknown_path"),
        (LIST + ";x=1/", "unknown_path"),
        (LIST.upper(), "unknown_path"),
        ("*", "unknown_path"),
        ("/openapi/..%2fintegrations.json", "unknown_path"),
        (ANSWERS.path + "../", "not_found"),
        (ANSWERS.path + "%2e%2e/", "not_found"),
        (ANSWERS.path + "%00/", "not_found"),
        (ANSWERS.path + "%ff%fe/", "not_found"),
        (ANSWERS.path + "%ED%A0%80/", "not_found"),
        (ANSWERS.path + "x" * 60_000 + "/", "not_found"),
        (ANSWERS.path + "{pk}/", "not_found"),
    ],
)
def test_odd_paths_lead_nowhere(server: Server, path: str, code: str) -> None:
    """A path that is not exactly one of ours is a 404."""
    answer = send(server, request(server, "GET", path))
    assert (answer.status, answer.problem["code"]) == (404, code)


@ONE_DATABASE
@pytest.mark.parametrize("path", [LIST[:-1], ANSWERS.path[:-1], LIST.replace("/list/", "%2Flist")])
def test_a_missing_slash_leads_to_the_same_server(server: Server, path: str) -> None:
    """The redirect to the path with its slash names no host, and keeps the query string."""
    answer = send(server, request(server, "GET", path + "?_limit=1"))
    location = f"location: {path}/?_limit=1\r\n"
    assert answer.status == 308
    assert location.lower() in answer.head.lower()


def test_nothing_of_all_this_is_an_error_of_ours(server: Server) -> None:
    """The log of the server holds no failed request; that it was busy for a moment is none."""
    assert [entry for entry in server.entries() if entry.get("level") == "error"] == []
    assert {entry.get("status", 0) for entry in server.entries()} & {500, 501, 502, 504} == set()
