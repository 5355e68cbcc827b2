"""Whatever a server is sent, it says clearly what is wrong with it, and goes on answering.

What no HTTP client would send goes through a plain socket.
"""

from __future__ import annotations

import json
import socket
import time
from collections.abc import Iterator, Sequence
from contextlib import suppress
from typing import Any, NamedTuple
from urllib.parse import urlsplit
from uuid import uuid4

import httpx
import pytest

from portvakt.schema.values import NO_ID
from tests.support.examples import ANSWERS, CONNECTIONS, ONE_DATABASE, example, resource_named
from tests.support.servers import Server, serve

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


@pytest.fixture(autouse=True)
def _goes_on_answering(client: httpx.Client) -> Iterator[None]:
    """After each test the server still answers."""
    yield
    assert client.get(LIST, params={"_limit": 1}).status_code == 200


# --- bodies ---------------------------------------------------------------------------------------

UNREADABLE = {
    "nothing": b"",
    "blank": b"  ",
    "truncated": b'{"answer": tr',
    "truncated text": b'{"custom_id": "x',
    "two values": b"{} {}",
    "trailing comma": b'{"answer": true,}',
    "single quotes": b"{'answer': true}",
    "comment": b"{} // x",
    "deep arrays": b"[" * 100_000,
    "deep arrays that end": b"[" * 100_000 + b"]" * 100_000,
    "deep objects": b'{"a":' * 100_000,
    "not a number": b'{"answer": NaN}',
    "infinity": b"[Infinity, -Infinity]",
    "a number too large": b'{"custom_id": 1e999}',
    "ten thousand digits": b'{"custom_id": ' + b"9" * 10_000 + b"}",
    "half of a pair": rb'{"custom_id": "\ud800"}',
    "the other half": rb'{"custom_id": "\udc00 and more"}',
    "half of a pair as bytes": b'{"custom_id": "\xed\xa0\x80"}',
    "not UTF-8": b'{"custom_id": "\xff"}',
    "Latin-1": '{"custom_id": "Å"}'.encode("latin-1"),
    "UTF-16": '{"custom_id": "Å"}'.encode("utf-16"),
    "byte order mark": b"\xef\xbb\xbf{}",
    "NUL": b'{"custom_id": "a\x00b"}',
    "raw line end": b'{"custom_id": "a\nb"}',
}


@ONE_DATABASE
@pytest.mark.parametrize("body", UNREADABLE.values(), ids=UNREADABLE)
@pytest.mark.parametrize("tail", ["", "list/"])
def test_what_is_not_json_is_refused(client: httpx.Client, tail: str, body: bytes) -> None:
    """A body that is not JSON in UTF-8 is a 400 that says so."""
    headers = dict([JSON])
    answer = client.post(ANSWERS.path + tail, content=body, headers=headers)
    assert answer.status_code == 400
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert answer.json()["code"] == "unreadable_json"
    assert answer.json()["detail"].endswith(".")


@ONE_DATABASE
@pytest.mark.parametrize(
    ("body", "code", "pointer"),
    [
        (b"null", "type", ""),
        (b"5", "type", ""),
        (b'"\\u0000"', "type", ""),
        (b"[]", "type", ""),
        (b'{"custom_id": "\\u0000"}', "forbidden_character", "/custom_id"),
        (b'{"custom_id": 123456789012345678901234567890}', "type", "/custom_id"),
        (b'{"custom_id": [[[[[[[[[[[[[]]]]]]]]]]]]]}', "type", "/custom_id"),
        (b'{"\\u0000": 1}', "unknown_field", "/\0"),
        (b'{"": 1}', "unknown_field", "/"),
        (b'{"a/b~c": 1}', "unknown_field", "/a~1b~0c"),
        (b'{"answer": 1e300}', "type", "/answer"),
        (b'{"integration": {"id": {"id": 1}}}', "type", "/integration/id"),
    ],
)
def test_what_is_json_but_wrong_is_told(
    client: httpx.Client, body: bytes, code: str, pointer: str
) -> None:
    """Readable JSON that is no item is a 422 that points at what is wrong."""
    answer = client.post(ANSWERS.path, content=body, headers=dict([JSON]))
    assert answer.status_code == 422
    errors = answer.json()["errors"]
    assert (code, pointer) in [(error["code"], error.get("pointer")) for error in errors]


@pytest.mark.parametrize("second", [b'"custom_id": "x"', b'"\\u0063ustom_id" : "x"'])
def test_a_repeated_name_is_refused(client: httpx.Client, second: bytes) -> None:
    """An object that names a field twice means neither value: 400, and nothing is written."""
    body = json.dumps(example(ANSWERS))[:-1].encode() + b', "custom_id": "x", ' + second + b"}"
    made = client.get(LIST, params={"_statistics": True}).json()["count"]
    for path, sent, where in (
        (ANSWERS.path, body, ""),
        (LIST, b"[{}, " + body + b"]", "/1"),
        (f"{LIST}?_dry_run=true", b"[{}, " + body + b"]", "/1"),
        (f"{LIST}?_atomic=false", b"[{}, " + body + b"]", "/1"),
    ):
        answer = client.post(path, content=sent, headers=dict([JSON]))
        assert (answer.status_code, answer.json()["code"]) == (400, "repeated_name")
        (error,) = answer.json()["errors"]
        assert (error["code"], error["pointer"]) == ("repeated_name", f"{where}/custom_id")
    assert client.get(LIST, params={"_statistics": True}).json()["count"] == made


@ONE_DATABASE
@pytest.mark.parametrize(
    ("path", "body", "pointer"),
    [
        (ANSWERS.path, b'{"answered_by_tenant": {"id": 1, "id": 2}}', "/answered_by_tenant/id"),
        (
            f"{CONNECTIONS.path}resolve/",
            b'[{"external_id": 1, "external_id": 2}]',
            "/0/external_id",
        ),
        ("/integrations/decision/check/", b'[{"tenant": {"id": 1, "id": 2}}]', "/0/tenant/id"),
        ("/platform/login/", b'{"email": 1, "email": 2}', "/email"),
    ],
)
def test_a_repeated_name_is_refused_everywhere(
    client: httpx.Client, path: str, body: bytes, pointer: str
) -> None:
    """Nested references and every action's body included."""
    answer = client.post(path, content=body, headers=dict([JSON]))
    assert (answer.status_code, answer.json()["code"]) == (400, "repeated_name")
    assert [error["pointer"] for error in answer.json()["errors"]] == [pointer]


@ONE_DATABASE
def test_a_repeated_name_in_a_free_object_is_refused(operating: httpx.Client) -> None:
    """What is kept as it was sent says nothing twice either, at any depth."""
    agents = resource_named("accounts.integrationuseragent").path
    body = b'{"allowed_access": {"accounts.tenant": ["read"], "accounts.tenant": []}}'
    answer = operating.post(agents, content=body, headers=dict([JSON]))
    assert (answer.status_code, answer.json()["code"]) == (400, "repeated_name")
    assert answer.json()["errors"][0]["pointer"] == "/allowed_access/accounts.tenant"


@ONE_DATABASE
def test_a_repeated_name_in_a_parameter_is_refused(client: httpx.Client) -> None:
    """Where a parameter takes JSON, it is read as any."""
    asked = {"global_realestates": f'[{{"id": "{NO_ID}", "id": "{NO_ID}"}}]'}
    answer = client.get(LIST, params=asked)
    assert answer.status_code == 400
    (error,) = answer.json()["errors"]
    assert (error["code"], error["parameter"]) == ("repeated_name", "global_realestates")


def test_a_text_may_be_any_unicode(client: httpx.Client) -> None:
    """Escaped and raw characters outside the basic plane come back as they are."""
    text = "\U0001f600\u0001\u2028\uffff\U0010ffff"
    for ascii_only in (True, False):
        body = json.dumps(example(ANSWERS, custom_id=text), ensure_ascii=ascii_only)
        answer = client.post(ANSWERS.path, content=body.encode(), headers=dict([JSON]))
        assert answer.json()["custom_id"] == text


MEDIA_TYPES: dict[str, Headers] = {
    "none": [],
    "empty": [("Content-Type", "")],
    "text": [("Content-Type", "text/plain")],
    "form": [("Content-Type", "application/x-www-form-urlencoded")],
    "another JSON": [("Content-Type", "application/vnd.api+json")],
    "lines": [("Content-Type", "application/x-ndjson")],
    "another charset": [("Content-Type", "application/json; charset=latin-1")],
    "UTF-16": [("Content-Type", "application/json; charset=utf-16")],
    "twice": [("Content-Type", "text/plain"), JSON],
    "gzip": [JSON, ("Content-Encoding", "gzip")],
    "gzip and nothing": [JSON, ("Content-Encoding", "gzip"), ("Content-Encoding", "identity")],
}


@ONE_DATABASE
@pytest.mark.parametrize("headers", MEDIA_TYPES.values(), ids=MEDIA_TYPES)
def test_a_body_must_be_plain_json(server: Server, headers: Headers) -> None:
    """Another media type, charset or encoding is a 415 that says what to send."""
    answer = send(server, request(server, "POST", ANSWERS.path, headers, b"{}"))
    assert (answer.status, answer.problem["code"]) == (415, "unsupported_media_type")
    assert answer.problem["detail"].startswith("Send ")


@ONE_DATABASE
@pytest.mark.parametrize("value", ["application/json", 'Application/JSON ; charset="UTF-8"'])
def test_json_may_name_its_charset(client: httpx.Client, value: str) -> None:
    """UTF-8 may be named, in any case."""
    body = json.dumps(example(ANSWERS))
    answer = client.post(ANSWERS.path, content=body, headers={"Content-Type": value})
    assert answer.status_code == 201


# --- sizes ----------------------------------------------------------------------------------------


def _body(megabytes: int) -> Iterator[bytes]:
    yield b'[{"custom_id": "'
    for _ in range(megabytes):
        yield b"x" * MIB
    yield b'"}]'


@ONE_DATABASE
@pytest.mark.parametrize("chunked", [False, True])
def test_a_body_has_a_largest_size(server: Server, client: httpx.Client, chunked: bool) -> None:
    """33 MiB are refused by 413 with the limit, whether announced or not, and are not kept."""
    before = server.resident_bytes
    content: Any = _body(33) if chunked else b"".join(_body(33))
    answer = client.post(ANSWERS.path + "list/", content=content, headers=dict([JSON]))
    assert answer.status_code == 413
    assert answer.json()["code"] == "too_large"
    assert "33554432 bytes" in answer.json()["detail"]
    assert server.resident_bytes - before < 150 * MIB


@ONE_DATABASE
def test_a_body_announced_as_too_large_is_not_awaited(server: Server) -> None:
    """A Content-Length beyond the limit is refused before anything of the body has come."""
    announced = [JSON, ("Content-Length", str(33 * MIB))]
    with connect(server) as connection:
        connection.sendall(request(server, "POST", ANSWERS.path, announced))
        assert connection.recv(65536).startswith(b"HTTP/1.1 413 ")


@ONE_DATABASE
def test_a_large_body_within_the_limit_is_read(client: httpx.Client) -> None:
    """A body of 31 MiB is no fault by itself: its texts are too long for their field."""
    item = b'{"custom_id": "' + b"x" * (MIB - 1000) + b'"}'
    content = b"[" + b", ".join([item] * 31) + b"]"
    answer = client.post(ANSWERS.path + "list/", content=content, headers=dict([JSON]))
    assert answer.status_code == 422
    assert [error["code"] for error in answer.json()["errors"]].count("too_long") == 31


@ONE_DATABASE
def test_an_item_has_a_largest_size(client: httpx.Client) -> None:
    """An item of more than 1 MiB is a 413 that states the limit, alone and among many."""
    item = b'{"custom_id": "' + b"x" * MIB + b'"}'
    for path, content in ((ANSWERS.path, item), (LIST, b"[{}, " + item + b"]")):
        answer = client.post(path, content=content, headers=dict([JSON]))
        assert (answer.status_code, answer.json()["code"]) == (413, "too_large")
        assert f"{MIB} bytes" in answer.json()["detail"]


@ONE_DATABASE
@pytest.mark.parametrize("tail", ["list/", "resolve/"])
def test_a_bulk_write_has_a_largest_number_of_items(client: httpx.Client, tail: str) -> None:
    """10,001 items are refused by 413 with the limit."""
    answer = client.post(CONNECTIONS.path + tail, json=[{}] * 10_001)
    assert answer.status_code == 413
    assert "10000 items" in answer.json()["detail"]
    assert "10001" in answer.json()["detail"]


@ONE_DATABASE
def test_unknown_fields_without_end_are_told_shortly(server: Server, client: httpx.Client) -> None:
    """40,000 unknown fields cost no more than their reading: ten are named, the rest counted."""
    body = json.dumps({f"kustom_id{number}": 1 for number in range(40_000)}).encode()
    began = time.monotonic()
    answer = client.post(ANSWERS.path, content=body, headers=dict([JSON]))
    assert time.monotonic() - began < 10
    unknown = [error for error in answer.json()["errors"] if error["code"] == "unknown_field"]
    assert len(unknown) == 11
    assert "39989 others" in unknown[-1]["detail"]
    assert server.resident_bytes < 1024 * MIB


# --- query strings --------------------------------------------------------------------------------


@ONE_DATABASE
@pytest.mark.parametrize("size", [60_001, 64_900, 66_000, 100_000, 5_000_000])
@pytest.mark.parametrize("tail", ["list/?custom_id=", "list/?", ""])
def test_an_address_has_a_greatest_length(server: Server, tail: str, size: int) -> None:
    """A path and query string too long for us are a 414 that states the limit."""
    target = ANSWERS.path + tail + "x" * size
    answer = send(server, request(server, "GET", target))
    if "?" not in tail and size < 65_000:
        assert answer.status in (404, 308)
        return
    assert (answer.status, answer.problem["code"]) == (414, "uri_too_long")
    assert "bytes" in answer.problem["detail"]


@ONE_DATABASE
@pytest.mark.parametrize("query", ["%ff", "custom_id=%ed%a0%80", "custom_id=%C3", "%80=1"])
def test_a_query_string_is_utf_8(client: httpx.Client, query: str) -> None:
    """Escaped bytes that are no UTF-8 are a 400."""
    answer = client.get(f"{LIST}?{query}")
    assert answer.status_code == 400
    (error,) = answer.json()["errors"]
    assert (error["code"], "parameter" in error) == ("format", True)


def test_nul_is_no_text_to_look_for(client: httpx.Client) -> None:
    """NUL in a filter or search is refused at its parameter."""
    answer = client.get(f"{LIST}?custom_id=%00&_search=a%00b&custom_id__in=a,%00")
    found = {error["parameter"]: error["code"] for error in answer.json()["errors"]}
    assert set(found) == {"custom_id", "_search", "custom_id__in"}
    assert set(found.values()) == {"forbidden_character"}


@ONE_DATABASE
@pytest.mark.parametrize(
    ("query", "limit"),
    [
        ("&".join(["answer=true"] * 5000), "200 parameters, not 5000"),
        ("&".join(f"answe{number}=1" for number in range(4000)), "200 parameters, not 4000"),
        ("&".join(["answer=true"] * 101), "100 filters"),
        ("_search=" + "+".join(f"a{number}" for number in range(101)), "100 filters"),
    ],
)
def test_filters_have_a_greatest_number(client: httpx.Client, query: str, limit: str) -> None:
    """Thousands of filters, parameters or search words are a quick 400 that states the limit."""
    began = time.monotonic()
    answer = client.get(f"{LIST}?{query}")
    assert time.monotonic() - began < 2
    assert answer.status_code == 400
    assert answer.json()["code"] == "invalid_parameters"
    assert limit in answer.text


def test_as_many_filters_as_allowed_are_answered(client: httpx.Client) -> None:
    """A hundred filters at once are no fault."""
    query = "&".join(["created_at__gte=2020-01-01"] * 99 + ["_limit=1", "custom_id__isnull!=true"])
    assert client.get(f"{LIST}?{query}").status_code == 200


def test_a_list_of_operands_may_be_long(client: httpx.Client) -> None:
    """Thousands of values of one `in` are looked for in one statement."""
    ids = ",".join(str(uuid4()) for _ in range(1500))
    assert client.get(LIST, params={"id__in": ids}).json() == []


# --- time -----------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def impatient(server: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A second server on the same database that waits half a second for headers and bodies."""
    folder = tmp_path_factory.mktemp("impatient")
    waits = {"head_timeout": 0.5, "body_timeout": 0.5}
    with serve(folder, server.database, server.keys, **waits) as running:
        running.customers = server.customers
        yield running


@ONE_DATABASE
def test_a_slow_body_is_not_awaited(impatient: Server) -> None:
    """A body that does not arrive in time is a 408 that states the time; the connection ends."""
    announced = [JSON, ("Content-Length", "100")]
    answer = send(impatient, request(impatient, "POST", ANSWERS.path, announced) + b'{"answer"')
    assert (answer.status, answer.problem["code"]) == (408, "request_timeout")
    assert "0.5 seconds" in answer.problem["detail"]
    assert "connection: close" in answer.head.lower()


@ONE_DATABASE
def test_a_body_that_trickles_is_not_awaited(impatient: Server) -> None:
    """The time counts for the whole body: a byte now and then does not prolong it."""
    chunked = [JSON, ("Transfer-Encoding", "chunked")]
    with connect(impatient) as connection:
        connection.sendall(request(impatient, "POST", ANSWERS.path, chunked))
        with suppress(ConnectionError):
            for _ in range(20):
                connection.sendall(b"1\r\n \r\n")
                time.sleep(0.1)
        assert receive(connection).status == 408


@ONE_DATABASE
def test_a_body_that_nobody_reads_is_not_awaited(impatient: Server) -> None:
    """Whoever goes on sending after the answer is cut off too, whatever was answered."""
    with connect(impatient) as connection:
        asked = request(impatient, "GET", LIST, [JSON, ("Content-Length", "100000")])
        connection.sendall(asked.replace(b"Connection: close\r\n", b""))
        ends = time.monotonic() + 10
        with pytest.raises(ConnectionError):
            while time.monotonic() < ends:
                connection.sendall(b" ")
                time.sleep(0.05)


@ONE_DATABASE
@pytest.mark.parametrize("start", [b"", b"\r\n", b"GET ", b"GET / HTTP/1.1\r\nHost: x\r\nX-A: "])
def test_slow_headers_are_not_awaited(impatient: Server, start: bytes) -> None:
    """A connection on which no request arrives in time is closed without a word."""
    with connect(impatient) as connection:
        connection.sendall(start)
        assert receive(connection).status == 0


@ONE_DATABASE
def test_a_second_request_has_its_own_time(impatient: Server) -> None:
    """The time for headers begins anew with each request of a connection."""
    whole = b"GET /health/live HTTP/1.1\r\nHost: x\r\n\r\n"
    with connect(impatient) as connection:
        for _ in range(3):
            connection.sendall(whole[:10])
            time.sleep(0.3)
            connection.sendall(whole[10:])
            assert read_until(connection, b'{"status":"alive"}').startswith(b"HTTP/1.1 200 OK")
        connection.sendall(whole[:10])
        assert receive(connection).status == 0


# --- clients that go away -------------------------------------------------------------------------


@pytest.mark.parametrize("atomic", ["true", "false"])
def test_a_body_that_ends_early_writes_nothing(
    server: Server, client: httpx.Client, atomic: str
) -> None:
    """A client that goes away within its body has written nothing, whole items included."""
    mark = uuid4().hex
    body = json.dumps([example(ANSWERS, custom_id=mark)] * 3).encode()[:-1]
    announced = [JSON, ("Content-Length", str(len(body) + 100))]
    with connect(server) as connection:
        target = f"{ANSWERS.path}list/?_atomic={atomic}"
        connection.sendall(request(server, "POST", target, announced, body))
        connection.shutdown(socket.SHUT_WR)
        assert receive(connection).status == 0
    assert client.get(LIST, params={"custom_id": mark}).json() == []


def test_clients_that_go_away_leave_nothing_behind(server: Server, client: httpx.Client) -> None:
    """A hundred clients that ask for everything and read nothing cost no memory that stays.

    Nor a place among the lists without paging: others may have to wait for one, but not for long.
    """
    client.get(LIST)
    before = server.resident_bytes
    for _ in range(100):
        with connect(server) as connection:
            connection.sendall(request(server, "GET", CONNECTIONS.path + "list/"))
    assert client.get(LIST, params={"_limit": 1}).status_code == 200
    until = time.monotonic() + 20
    while (answer := client.get(LIST)).status_code == 503 and time.monotonic() < until:
        assert answer.headers["Retry-After"]
        time.sleep(0.1)
    assert answer.status_code == 200
    assert server.resident_bytes - before < 100 * MIB


# --- broken HTTP ----------------------------------------------------------------------------------

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
