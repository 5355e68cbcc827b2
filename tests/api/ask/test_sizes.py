"""Bodies, items, bulk writes and query strings have largest sizes, and all within them is read."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import httpx
import pytest

from tests.support.examples import ANSWERS, CONNECTIONS, ONE_DATABASE
from tests.support.servers import Server
from tests.support.sockets import JSON, LIST, MIB, connect, request, send

pytestmark = pytest.mark.usefixtures("goes_on_answering")


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
