"""Lists over HTTP: pages, cursors, order, lines and where they end."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import httpx

from portvakt.schema.resource import Resource
from portvakt.storage.sql.long_texts import prefixed
from tests.api.operations.asking import EACH, EACH_SORT, NOWHERE, ids, listed, marked
from tests.support.examples import (
    WRITABLE,
    create,
)


@EACH_SORT
def test_list_is_a_bare_array(client: httpx.Client, resource: Resource) -> None:
    """A list is an array of whole items, the oldest first."""
    _, items = marked(client, resource, 3)
    found = listed(client, resource)
    assert found[-3:] == items
    times = [item["created_at"] for item in found]
    assert times == sorted(times)


@EACH_SORT
def test_pages(client: httpx.Client, resource: Resource) -> None:
    """Pages together are the list; past the end, and of size 0, they are empty."""
    mark, items = marked(client, resource, 5)
    asked = {"custom_id__startswith": mark}
    pages = [listed(client, resource, **asked, _page=page, _page_size=2) for page in (1, 2, 3)]
    assert [item for page in pages for item in page] == items
    assert listed(client, resource, **asked, _page=4, _page_size=2) == []
    assert listed(client, resource, **asked, _page=2147483647, _page_size=10000) == []
    assert listed(client, resource, **asked, _page=1, _page_size=0) == []


@EACH_SORT
def test_cursors(client: httpx.Client, resource: Resource) -> None:
    """The Link headers lead through the whole list, each item once, in either direction."""
    mark, items = marked(client, resource, 5)
    for order, expected in (("custom_id", items), ("-custom_id", items[::-1])):
        path = f"{resource.path}list/?custom_id__startswith={mark}&_order_by={order}&_limit=2"
        found, steps = [], 0
        while path:
            answer = client.get(path)
            found += answer.json()
            path = answer.links.get("next", {}).get("url", "")
            steps += 1
        assert found == expected
        assert steps == 3


@EACH_SORT
def test_cursor_under_writes(client: httpx.Client, resource: Resource) -> None:
    """What is deleted or added before the cursor neither repeats nor skips an item behind it."""
    mark, items = marked(client, resource, 4)
    path = f"{resource.path}list/?custom_id__startswith={mark}&_order_by=custom_id&_limit=2"
    first = client.get(path)
    client.delete(f"{resource.path}{items[1]['id']}/")
    create(client, resource, custom_id=f"{mark}-000-new")
    rest = client.get(first.links["next"]["url"])
    assert (first.json(), rest.json()) == (items[:2], items[2:])


def orders(resource: Resource) -> Iterator[str]:
    """By all fields at once, either way; by what is null in some items and set in others.

    And by each field that no resource before has the like of.
    """
    names = [*resource.by_name]
    yield ",".join(names)
    yield ",".join(f"-{name}" for name in names[::-1])
    for name in names:
        first = FIRST_OF_ITS_LIKE[_like(resource, name)] == (resource.name, name)
        if first or name in ("organization", "custom_id"):
            yield from (name, f"-{name}")


def _like(resource: Resource, name: str) -> tuple[Any, ...]:
    """What sorting by a field, and a cursor that holds its value, depend on."""
    field = resource.by_name[name]
    gated = resource.name if name in resource.personal else ""
    return field.kind, field.nullable, name in prefixed(resource), gated


FIRST_OF_ITS_LIKE = {
    _like(resource, name): (resource.name, name)
    for resource in WRITABLE[::-1]
    for name in [*resource.by_name][::-1]
}


@EACH
def test_cursor_with_every_field(whole: httpx.Client, resource: Resource) -> None:
    """Every field can be ordered by, nulls and ties included, without losing an item."""
    mark, items = marked(whole, resource, 3)
    whole.patch(f"{resource.path}{items[0]['id']}/", json={"organization": None})
    for order in orders(resource):
        asked = {"custom_id__startswith": mark, "_order_by": order}
        expected = ids(listed(whole, resource, **asked))
        found: list[str] = []
        path = str(httpx.URL(f"{resource.path}list/", params={**asked, "_limit": "2"}))
        while path:
            answer = whole.get(path)
            found += ids(answer.json())
            path = answer.links.get("next", {}).get("url", "")
        assert found == expected
        assert sorted(found) == sorted(ids(items))


@EACH_SORT
def test_order(whole: httpx.Client, resource: Resource) -> None:
    """Null counts as greatest, text sorts by code point, and `id` breaks ties."""
    mark = uuid4().hex
    texts = [f"{mark}{end}" for end in ("B", "a", "Å", "å", "🏠", "\uff5e")]
    items = [create(whole, resource, custom_id=text, organization=None) for text in texts]
    asked = {"custom_id__startswith": mark}
    by_text = listed(whole, resource, **asked, _order_by="custom_id")
    assert [item["custom_id"] for item in by_text] == sorted(texts)
    assert ids(listed(whole, resource, **asked, _order_by="organization")) == sorted(ids(items))
    other = create(whole, resource, custom_id=f"{mark}C")
    assert other["organization"] is not None
    first = ids(listed(whole, resource, **asked, _order_by="organization"))[0]
    last = ids(listed(whole, resource, **asked, _order_by="-organization"))[-1]
    assert first == last == other["id"]


@EACH_SORT
def test_jsonl(client: httpx.Client, resource: Resource) -> None:
    """With `_jsonl` each line is an item, of the whole list or of a page."""
    mark, items = marked(client, resource, 5)
    asked = {"custom_id__startswith": mark, "_jsonl": "true"}
    page = {"_page": "2", "_page_size": "2"}
    for extra, expected in (({}, items), (page, items[2:4]), ({"_limit": "2"}, items[:2])):
        answer = client.get(f"{resource.path}list/", params=asked | extra)
        assert answer.headers["Content-Type"] == "application/x-ndjson"
        assert [json.loads(line) for line in answer.content.splitlines()] == expected
        assert answer.text.endswith("\n")
    assert client.get(f"{resource.path}list/", params={**asked, "id": NOWHERE}).content == b""


@EACH_SORT
def test_end(client: httpx.Client, resource: Resource) -> None:
    """With `_end` one more line follows, with the number of those before, whatever is asked."""
    mark, items = marked(client, resource, 5)
    asked = {"custom_id__startswith": mark, "_jsonl": "true", "_end": "true"}
    page = {"_page": "2", "_page_size": "2"}
    forms: Any = (
        ({}, items),
        (page, items[2:4]),
        ({"_limit": "2"}, items[:2]),
        ({"id": NOWHERE}, []),
    )
    for extra, expected in forms:
        answer = client.get(f"{resource.path}list/", params=asked | extra)
        assert answer.headers["Content-Type"] == "application/x-ndjson"
        *lines, last = answer.text.splitlines(keepends=True)
        assert [json.loads(line) for line in lines] == expected
        assert last == f'{{"_end":{{"count":{len(expected)}}}}}\n'
    asked["_end"] = "false"
    assert client.get(f"{resource.path}list/", params={**asked, "id": NOWHERE}).content == b""
