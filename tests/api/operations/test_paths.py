"""Paths and methods over HTTP: what leads to an item, and what leads nowhere."""

from __future__ import annotations

import httpx
import pytest

from portvakt.errors import Code
from portvakt.schema.resource import Resource
from portvakt.schema.values import NO_ID
from tests.api.operations.asking import EACH, EACH_SORT, NOWHERE, PATHS, TRIES, check
from tests.support.examples import (
    ANSWERS,
    ASKED,
    CONNECTIONS,
    FORBIDDEN,
    FORMS,
    ONE_DATABASE,
    WRITABLE,
    Asked,
    body_of,
    create,
    example,
    send,
    shown,
)


@EACH
def test_create(seeing: httpx.Client, resource: Resource) -> None:
    """A created item is at its Location, with the fields that were sent and no others."""
    body = example(resource)
    answer = seeing.post(resource.path, json=body)
    item = answer.json()
    assert answer.status_code == 201
    assert answer.headers["Location"] == f"{resource.path}{item['id']}/"
    assert list(item) == list(resource.by_name)
    assert {name: item[name] for name in shown(resource, body)} == shown(resource, body)
    assert seeing.get(answer.headers["Location"]).json() == item


@EACH
def test_delete(seeing: httpx.Client, resource: Resource) -> None:
    """A deleted item is gone, and can't be deleted again."""
    path = f"{resource.path}{create(seeing, resource)['id']}/"
    answer = seeing.delete(path)
    assert (answer.status_code, answer.content) == (204, b"")
    for method in ("GET", "DELETE", "PATCH"):
        again = seeing.request(method, path, json={} if method == "PATCH" else None)
        check(again, Code.not_found)


@ONE_DATABASE
@pytest.mark.parametrize("path", PATHS)
def test_missing_slash(client: httpx.Client, path: str) -> None:
    """Without its last slash a path leads to the one with it, its query string kept."""
    there = path.format(pk=NOWHERE).removesuffix("/")
    for method in sorted({asked.method for asked in ASKED if asked.path == path}):
        answer = client.request(method, f"{there}?a=%C3%A5&b=1")
        assert (method, answer.status_code) == (method, 308)
        assert answer.headers["Location"].endswith(f"{there}/?a=%C3%A5&b=1")


@EACH_SORT
def test_redirected_write(client: httpx.Client, resource: Resource) -> None:
    """A client that follows the redirect creates the item."""
    answer = client.post(
        resource.path.removesuffix("/"), json=example(resource), follow_redirects=True
    )
    assert answer.status_code == 201


@ONE_DATABASE
@pytest.mark.parametrize("path", PATHS)
def test_other_methods(client: httpx.Client, path: str) -> None:
    """A method that a path does not have is refused, and the answer lists those it has."""
    there = {asked.method for asked in ASKED if asked.path == path}
    for method in {"GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"} - there:
        answer = client.request(method, path.format(pk=NOWHERE), json={})
        check(answer, Code.method_not_allowed)
        assert set(answer.headers["Allow"].split(", ")) == there


@pytest.mark.parametrize("asked", [a for a in FORMS if a.method == "HEAD"], ids=str)
def test_head(client: httpx.Client, asked: Asked) -> None:
    """HEAD answers as GET does, without the body."""
    if asked.resource in WRITABLE:
        pk = create(client, asked.resource)["id"]
    else:
        first = client.get(f"{asked.resource.path}list/", params={"_page": 1, "_page_size": 1})
        pk = first.json()[0]["id"]
    path = asked.path.format(pk=pk)
    for _ in range(TRIES):
        before, head, get = client.get(path), client.head(path), client.get(path)
        if len(before.content) == len(get.content):  # nothing was sealed in between
            break
    assert (head.status_code, head.content) == (asked.status, b"")
    assert head.headers["Content-Type"] == get.headers["Content-Type"]
    if "Content-Length" in head.headers:
        assert head.headers["Content-Length"] == get.headers["Content-Length"]


NO_IDS = [NOWHERE, "1", "x", "0" * 32, "{" + NOWHERE + "}", "%00", "å", NOWHERE + "%20", "..."]


OF_AN_ITEM = [a for a in FORMS if a.of_one_item and a.status != FORBIDDEN]


@pytest.mark.parametrize("asked", OF_AN_ITEM, ids=str)
def test_no_such_item(client: httpx.Client, asked: Asked) -> None:
    """What is no UUID is as unknown as an unknown one."""
    for pk in NO_IDS:
        answer = send(client, asked, pk, json=body_of(asked))
        assert (pk, answer.status_code) == (pk, 404)
        if asked.method != "HEAD":
            check(answer, Code.not_found)


@pytest.mark.parametrize(
    "asked", [a for a in ASKED if a.of_one_item and a.resource in (ANSWERS, CONNECTIONS)], ids=str
)
def test_the_same_404(client: httpx.Client, other_client: httpx.Client, asked: Asked) -> None:
    """No UUID, an unknown one, and another customer's: the answers are equal to the letter."""
    pks = [NOWHERE, "no-id", NO_ID, create(other_client, asked.resource, 1)["id"]]
    same = {"headers": {"X-Request-ID": "same"}, "json": body_of(asked)}
    answers = {send(client, asked, pk, **same).content for pk in pks}
    assert len(answers) == 1


@EACH
def test_upper_case_id(client: httpx.Client, resource: Resource) -> None:
    """An id in upper case names the same item, which is shown in lower case."""
    item = create(client, resource)
    assert client.get(f"{resource.path}{item['id'].upper()}/").json() == item


@pytest.mark.parametrize("path", ["/", "/openapi/", "/openapi/integrations.json", "/health/live"])
def test_public_paths(anonymous: httpx.Client, path: str) -> None:
    """Documents and health need no credentials."""
    assert anonymous.get(path).status_code == 200
    assert anonymous.head(path).status_code == 200


@pytest.mark.parametrize("path", ["/nothing/", "/integrations/", "/integrations/list/", "/å/"])
def test_unknown_path(client: httpx.Client, path: str) -> None:
    """A path that nothing is at is a problem too."""
    check(client.get(path), Code.unknown_path)
