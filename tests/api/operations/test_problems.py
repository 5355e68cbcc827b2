"""Problems over HTTP: their form, and what they say of a body that can't be read."""

from __future__ import annotations

import json
from uuid import uuid4

import httpx
import pytest

from portvakt.errors import Code
from portvakt.schema.resource import Resource
from tests.api.operations.asking import NOWHERE, check
from tests.support.examples import (
    ANSWERS,
    OFFERED,
    example,
)


@pytest.mark.parametrize("resource", OFFERED, ids=lambda resource: resource.model)
def test_problem(client: httpx.Client, resource: Resource) -> None:
    """A problem has its media type, and holds the id of its request."""
    answer = client.get(f"{resource.path}{NOWHERE}/")
    problem = answer.json()
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert list(problem) == ["type", "title", "status", "code", "detail", "instance", "errors"]
    assert problem["instance"].endswith(f":{answer.headers['X-Request-ID']}")


@pytest.mark.parametrize("path", ["/", "/nothing/", f"{ANSWERS.path}list/?_limit=1", ANSWERS.path])
def test_request_id(client: httpx.Client, path: str) -> None:
    """A request may bring its id; one that is none, or a second one, is not taken over."""
    given = f"test-{uuid4()}"
    assert client.get(path, headers={"X-Request-ID": given}).headers["X-Request-ID"] == given
    for wrong in (b"", b"a b", b"x" * 65, b"\xe5"):
        answer = client.get(path, headers=[(b"X-Request-ID", wrong)])
        assert len(answer.headers["X-Request-ID"]) == 32
    assert client.get(path).headers["X-Request-ID"] != client.get(path).headers["X-Request-ID"]


@pytest.mark.parametrize(
    ("content", "detail"),
    [
        (b"", ""),
        (b"{", ""),
        (b"{} {}", ""),
        (b'{"a": NaN}', ""),
        (b'{"custom_id": "\xff"}', "UTF-8"),
        (b"[" * 100_000, "nested"),
        (b"\xef\xbb\xbf{}", ""),
    ],
    ids=["empty", "half", "two", "NaN", "not UTF-8", "deep", "byte order mark"],
)
def test_unreadable_json(client: httpx.Client, content: bytes, detail: str) -> None:
    """What is not JSON is a problem of its own, with the place."""
    headers = {"Content-Type": "application/json"}
    problem = check(
        client.post(ANSWERS.path, content=content, headers=headers), Code.unreadable_json
    )
    assert detail in problem["detail"]


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Content-Type": "text/plain"},
        {"Content-Type": "application/x-www-form-urlencoded"},
        {"Content-Type": "application/json; charset=latin-1"},
        {"Content-Type": "application/json", "Content-Encoding": "gzip"},
    ],
)
def test_media_type(client: httpx.Client, headers: dict[str, str]) -> None:
    """Only JSON in UTF-8 is taken."""
    answer = client.post(ANSWERS.path, content=b"{}", headers=headers)
    check(answer, Code.unsupported_media_type)


def test_media_type_with_charset(client: httpx.Client) -> None:
    """The character set may be said."""
    headers = {"Content-Type": 'Application/JSON; Charset="UTF-8"'}
    content = json.dumps(example(ANSWERS)).encode()
    assert client.post(ANSWERS.path, content=content, headers=headers).status_code == 201
