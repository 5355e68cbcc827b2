"""Whatever body a server is sent, it says clearly what is wrong with it, and goes on answering."""

from __future__ import annotations

import json

import httpx
import pytest

from portvakt.schema.values import NO_ID
from tests.support.examples import ANSWERS, CONNECTIONS, ONE_DATABASE, example, resource_named
from tests.support.servers import Server
from tests.support.sockets import JSON, LIST, Headers, request, send

pytestmark = pytest.mark.usefixtures("goes_on_answering")

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
