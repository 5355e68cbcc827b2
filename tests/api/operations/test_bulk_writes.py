"""Bulk writes over HTTP, for every resource."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import httpx

from portvakt.errors import Code
from portvakt.schema.resource import Resource
from tests.api.operations.asking import EACH, EACH_SORT, NOWHERE, check, listed
from tests.support.examples import (
    ONE_DATABASE,
    create,
    example,
    shown,
)


@EACH
def test_bulk(seeing: httpx.Client, resource: Resource) -> None:
    """A mixed array creates and updates, and is answered in its order."""
    item = create(seeing, resource)
    new = [example(resource), example(resource)]
    update = {"id": item["id"], "custom_id": "changed"}
    answer = seeing.post(f"{resource.path}list/", json=[new[0], update, new[1]])
    found = answer.json()
    assert answer.status_code == 200
    assert found[1] == {**item, "custom_id": "changed"}
    for body, made in ((new[0], found[0]), (new[1], found[2])):
        assert {name: made[name] for name in shown(resource, body)} == shown(resource, body)
        assert seeing.get(f"{resource.path}{made['id']}/").json() == made


@EACH_SORT
def test_empty_bulk(client: httpx.Client, resource: Resource) -> None:
    """Nothing in, nothing out."""
    for query in ("", "?_report=true", "?_match=custom_id", "?_dry_run=1"):
        answer = client.post(f"{resource.path}list/{query}", json=[])
        assert (answer.status_code, answer.json()) == (200, [])


@EACH
def test_atomic(client: httpx.Client, resource: Resource) -> None:
    """One fault, and nothing is written; every fault of every item is told with its position."""
    mark = uuid4().hex
    bodies: list[Any] = [
        example(resource, custom_id=mark),
        example(resource, custom_id=1),
        {"id": NOWHERE},
        7,
        example(resource, organisation=None),
    ]
    check(
        client.post(f"{resource.path}list/", json=bodies),
        Code.invalid,
        ("/1/custom_id", "type"),
        ("/2/id", "not_found"),
        ("/3", "type"),
        ("/4/organisation", "unknown_field"),
    )
    assert listed(client, resource, custom_id=mark) == []


@EACH_SORT
def test_not_atomic(client: httpx.Client, resource: Resource) -> None:
    """With `_atomic=false` the good items are written, and the report says what became of each."""
    item = create(client, resource)
    bodies = [
        example(resource),
        {"id": NOWHERE, "custom_id": "x"},
        {"id": item["id"], "custom_id": "new"},
        {"id": create(client, resource)["id"]},
        {"custom_idd": 1},
    ]
    answer = client.post(f"{resource.path}list/?_atomic=false", json=bodies)
    report = answer.json()
    assert answer.status_code == 207
    assert [entry["index"] for entry in report] == [0, 1, 2, 3, 4]
    outcomes = [entry["outcome"] for entry in report]
    assert outcomes == ["created", "refused", "updated", "unchanged", "refused"]
    assert report[1]["id"] == NOWHERE
    assert [error["pointer"] for error in report[1]["errors"]] == ["/1/id"]
    assert all("item" not in entry for entry in report if entry["outcome"] == "refused")
    assert "/4/custom_idd" in [error["pointer"] for error in report[4]["errors"]]
    for entry in (report[0], report[2], report[3]):
        assert client.get(f"{resource.path}{entry['id']}/").json() == entry["item"]


@EACH_SORT
def test_dry_run(client: httpx.Client, resource: Resource) -> None:
    """A dry run tells what would be done, and does nothing."""
    item = create(client, resource)
    bodies = [example(resource), {"id": item["id"], "custom_id": "new"}]
    answer = client.post(f"{resource.path}list/?_dry_run=true&_report=true", json=bodies)
    report = answer.json()
    assert [entry["outcome"] for entry in report] == ["created", "updated"]
    assert client.get(f"{resource.path}{report[0]['id']}/").status_code == 404
    assert client.get(f"{resource.path}{item['id']}/").json() == item
    faulty = client.post(f"{resource.path}list/?_dry_run=true", json=[{"id": NOWHERE}])
    check(faulty, Code.invalid, ("/0/id", "not_found"))


@EACH_SORT
def test_same_id_twice(client: httpx.Client, resource: Resource) -> None:
    """The same id twice in an array is a fault of both, which names both positions."""
    pk = create(client, resource)["id"]
    answer = client.post(
        f"{resource.path}list/",
        json=[{"id": pk}, {"id": create(client, resource)["id"]}, {"id": pk}],
    )
    problem = check(answer, Code.invalid, ("/0/id", "repeated_id"), ("/2/id", "repeated_id"))
    assert all("0, 2" in error["detail"] for error in problem["errors"])


@EACH
def test_match(whole: httpx.Client, resource: Resource) -> None:
    """With `_match` an item that is there is updated or unchanged, else created."""
    mark = uuid4().hex
    body = example(resource, custom_id=mark)
    path = f"{resource.path}list/?_match=custom_id&_report=true"
    outcomes = []
    for changed in (body, body, {**body, "organization": None}):
        (entry,) = whole.post(path, json=[changed]).json()
        outcomes.append(entry["outcome"])
    assert outcomes == ["created", "unchanged", "updated"]
    assert len(listed(whole, resource, custom_id=mark)) == 1


@EACH_SORT
def test_match_of_several(client: httpx.Client, resource: Resource) -> None:
    """What would match several items, or be matched twice in one array, is refused."""
    mark = uuid4().hex
    path = f"{resource.path}list/?_match=custom_id"
    create(client, resource, custom_id=mark)
    create(client, resource, custom_id=mark)
    several = client.post(path, json=[example(resource, custom_id=mark)])
    check(several, Code.invalid, ("/0/custom_id", "conflict"))
    twice = [example(resource, custom_id="twice" + mark) for _ in range(2)]
    check(
        client.post(path, json=twice),
        Code.invalid,
        ("/0/custom_id", "repeated_key"),
        ("/1/custom_id", "repeated_key"),
    )


@ONE_DATABASE
@EACH_SORT
def test_wrong_bulk_parameter(client: httpx.Client, resource: Resource) -> None:
    """What a bulk write can't be asked is refused."""
    for query in ("_match=id", "_match=", "_match=created_at", "_atomic=x", "_limit=1"):
        answer = client.post(f"{resource.path}list/?{query}", json=[])
        assert (query, answer.status_code) == (query, 400)
        name = query.partition("=")[0]
        assert [error["parameter"] for error in answer.json()["errors"]] == [name]


@ONE_DATABASE
@EACH_SORT
def test_bulk_is_an_array(client: httpx.Client, resource: Resource) -> None:
    """A bulk write takes an array, a create takes an object."""
    headers = {"Content-Type": "application/json"}
    for content in (b"{}", b"null", b'"x"', b"1"):
        answer = client.post(f"{resource.path}list/", content=content, headers=headers)
        check(answer, Code.invalid, ("", "type"))
    check(client.post(resource.path, json=[]), Code.invalid, ("", "type"))


@ONE_DATABASE
@EACH_SORT
def test_too_many_items(client: httpx.Client, resource: Resource) -> None:
    """More items than allowed are refused with the limit."""
    problem = check(client.post(f"{resource.path}list/", json=[{}] * 10_001), Code.too_large)
    assert "10000" in problem["detail"]
