"""Nobody learns anything of items that aren't theirs."""

from __future__ import annotations

import json
from uuid import uuid4

import httpx
import pytest

from portvakt.schema.resource import Resource
from tests.api.access.strangers import (
    EACH_STRANGER,
    Stranger,
    _forms,
    _lists,
    _resolve,
    _single,
    ghost_of,
    own_texts,
    probes,
    told,
)
from tests.support.examples import (
    ANSWERS,
    CONNECTIONS,
    NOT_HELD,
    ONE_DATABASE,
    WRITABLE,
    create,
    example,
    levelled,
    new_text,
    registry,
    samples,
    shown,
)


@EACH_STRANGER
def test_strangers_item(client: httpx.Client, stranger: Stranger, resource: Resource) -> None:
    """Whatever is asked about a stranger's item, the answer is that of an item that is nowhere."""
    item = create(stranger.client, resource, stranger.customer)
    mine = create(client, resource)
    ghost = ghost_of(resource, item)
    pairs = zip(probes(resource, item, mine), probes(resource, ghost, mine), strict=True)
    for real, made_up in pairs:
        assert told(client, real, item) == told(client, made_up, ghost), real
    assert stranger.client.get(f"{resource.path}{item['id']}/").json() == item


@ONE_DATABASE
@EACH_STRANGER
def test_probes_notice(stranger: Stranger, resource: Resource) -> None:
    """The probes above would tell: to the item's owner the two answers differ."""
    item = create(stranger.client, resource, stranger.customer)
    ghost = ghost_of(resource, item)
    makers = [_single, _lists, _forms, *([_resolve] if resource.mapping else [])]
    for make in makers:
        for real, made_up in zip(make(resource, item), make(resource, ghost), strict=True):
            negated = any(
                name.endswith("!") or name.startswith("not__") for name in real.params or ()
            )
            if (real.method in ("GET", "HEAD") and not negated) or make is _resolve:
                answers = [
                    told(stranger.client, *pair) for pair in ((real, item), (made_up, ghost))
                ]
                assert answers[0] != answers[1], real


@EACH_STRANGER
def test_own_collection(client: httpx.Client, stranger: Stranger, resource: Resource) -> None:
    """Two callers' lists share no item; counts and statistics cover the caller's own alone."""
    path = f"{resource.path}list/"
    item = create(stranger.client, resource, stranger.customer)
    hidden = {resource.listing.hidden_by: "false"} if resource.listing.hidden_by else {}
    found = [
        {row["id"] for row in calling.get(path, params=hidden).json()}
        for calling in (client, stranger.client)
    ]
    assert item["id"] in found[1]
    assert found[0]
    assert not found[0] & found[1]
    for calling, ids in zip((client, stranger.client), found, strict=True):
        counted = calling.get(path, params={"_count": "true", "_limit": 1, **hidden})
        assert counted.headers["X-Total-Count"] == str(len(ids))
        assert calling.get(path, params={"_statistics": "true", **hidden}).json()["count"] == len(
            ids
        )
        assert calling.get(f"{path}statistics/", params=hidden).json()["count"] == len(ids)
        lines = calling.get(f"{path}export/", params=hidden).content.splitlines()
        assert {json.loads(line)["id"] for line in lines} == ids


@EACH_STRANGER
def test_strangers_keys(writing: httpx.Client, stranger: Stranger, resource: Resource) -> None:
    """A unique key or custom_id of a stranger's item is free, and `_match` doesn't find it."""
    item = create(stranger.client, resource, stranger.customer)
    others = {field.name for field in resource.pointing}
    generic = {name for pair in resource.generic_references for name in pair}
    others = others | generic if levelled(resource) else others - generic
    others = others | resource.personal if resource.belongs_to_persons else others  # it isn't seen
    own = {name: item[name] for name in shown(resource, item) if name not in others}
    own = {name: own[name] for name in own if not resource.by_name[name].read_only}
    body = {**example(resource), **own}
    matches = ["custom_id"]
    if resource.mapping:
        matches.append(",".join((*resource.mapping.reference, resource.mapping.external)))
    for match in matches:
        asked = {"_match": match, "_report": "true", "_dry_run": "true"}
        answer = writing.post(f"{resource.path}list/", params=asked, json=[body])
        assert [entry["outcome"] for entry in answer.json()] == ["created"]
    assert writing.post(resource.path, json=body).status_code == 201
    assert stranger.client.get(f"{resource.path}{item['id']}/").json() == item


@pytest.mark.parametrize("resource", WRITABLE, ids=lambda resource: resource.model)
def test_identical_items(
    client: httpx.Client, other_client: httpx.Client, resource: Resource
) -> None:
    """Two customers whose items have the same names and ids see each its own, in the same order."""
    mark, callers = uuid4().hex, (client, other_client)
    made: tuple[list[str], list[str]] = ([], [])
    for number in range(3):
        texts = {field.name: new_text(field) for field in own_texts(resource, example(resource))}
        texts["custom_id"] = f"{mark}-{number}"
        for customer, calling in enumerate(callers):
            made[customer].append(create(calling, resource, customer, **texts)["id"])
    path = f"{resource.path}list/?custom_id__startswith={mark}"
    for field in [*resource.texts, resource.by_name["created_at"]]:
        for sign in ("", "-"):
            told = []
            for calling, ids in zip(callers, made, strict=True):
                answer = calling.get(f"{path}&_count=true&_order_by={sign}{field.name}")
                places = [ids.index(item["id"]) for item in answer.json()]
                told.append((places, answer.headers["X-Total-Count"]))
            assert told[0] == told[1]
            assert told[0][1] == "3"
    sums = [calling.get(f"{path}&_statistics=true").json() for calling in callers]
    assert [one["count"] for one in sums] == [3, 3]
    for field in resource.texts:
        assert sums[0]["fields"][field.name] == sums[1]["fields"][field.name]


# --- the platform ---------------------------------------------------------------------------------


@pytest.mark.parametrize("target", ["platform.customer", "platform.credential"])
def test_platform_items_are_nowhere(client: httpx.Client, target: str) -> None:
    """A connection can't be made with the platform's own items, which nobody may read."""
    kind = next(pk for pk, name in registry().content_types.items() if name == target)
    for pk in (samples().customers[0].id, samples().customers[1].id, str(uuid4())):
        body = example(CONNECTIONS, content_type={"id": kind}, object_id=pk)
        answer = client.post(CONNECTIONS.path, json=body)
        assert [error["pointer"] for error in answer.json()["errors"]] == ["/object_id"]


def test_hidden_paths(client: httpx.Client) -> None:
    """A resource that is not offered has no path."""
    for resource in registry().resources.values():
        if not resource.operations:
            assert client.get(f"{resource.path}list/").status_code == 404
            assert client.post(resource.path, json={}).status_code == 404
    assert ANSWERS in WRITABLE
    assert NOT_HELD in registry().content_types
