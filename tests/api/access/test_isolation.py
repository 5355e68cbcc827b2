"""Nobody learns anything of items that aren't theirs.

Each request is sent twice: once about a stranger's item, once about a made-up one that is nowhere.
The answers must be the same to the byte, but for the made-up values themselves.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple
from uuid import uuid4

import httpx
import pytest

from portvakt.api import cursor
from portvakt.schema.fields import Reference, References, Text
from portvakt.schema.operators import JSON, Kind
from portvakt.schema.query import Order
from portvakt.schema.resource import Resource
from portvakt.schema.rules import AtMostOneOf
from tests.support.examples import (
    ANSWERS,
    CONNECTIONS,
    NOT_HELD,
    ONE_DATABASE,
    WRITABLE,
    Item,
    create,
    example,
    levelled,
    new_text,
    registry,
    sample,
    samples,
    shown,
)
from tests.support.servers import Server, another_integration

OTHER_APPLICATION = 1
"""The place of an integration of another application among the sample's integrations."""


class Stranger(NamedTuple):
    """Whose items are not the caller's: another customer, or another application of the same."""

    kind: str
    customer: int
    client: httpx.Client


@pytest.fixture(scope="module")
def same_customer(server: Server, server_database: str) -> Iterator[httpx.Client]:
    """Calls as another application of the first customer."""
    sample = samples().customers[0]
    caller = asyncio.run(
        another_integration(server_database, server.keys, sample, OTHER_APPLICATION)
    )
    with server.client(caller) as calling:
        yield calling


def _strangers() -> Iterator[Any]:
    for resource in WRITABLE:
        yield pytest.param(resource, "customer", id=f"{resource.model}-customer")
        if resource.owner:
            yield pytest.param(resource, "application", id=f"{resource.model}-application")


EACH_STRANGER = pytest.mark.parametrize(("resource", "kind"), list(_strangers()))


@pytest.fixture
def stranger(kind: str, other_client: httpx.Client, same_customer: httpx.Client) -> Stranger:
    """A caller whose items the first customer's first integration must not notice."""
    if kind == "customer":
        return Stranger(kind, 1, other_client)
    return Stranger(kind, 0, same_customer)


# --- what is asked --------------------------------------------------------------------------------


class Probe(NamedTuple):
    """One request about an item."""

    method: str
    path: str
    params: Any = None
    body: Any = None


def ghost_of(resource: Resource, item: Item) -> Item:
    """An item like this one that is nowhere: its id and its texts are made up."""
    ghost = {**item, "id": str(uuid4())}
    for field in own_texts(resource, item):
        ghost[field.name] = new_text(field)
    for generic in resource.generic_references:
        if not levelled(resource):
            ghost[generic.object_id] = str(uuid4())
    return ghost


def own_texts(resource: Resource, item: Item) -> list[Text]:
    """The text fields that the item has, with values that no other item has."""
    fields = [field for field in resource.texts if isinstance(field, Text) and not field.options]
    return [field for field in fields if item.get(field.name) is not None]


def values_of(resource: Resource, item: Item) -> dict[str, str]:
    """The item's values as filters take them, by field; without nulls. Of many one."""
    values = {}
    for field in resource.visible:
        value = item[field.name]
        if isinstance(value, list) and field.kind is Kind.references:
            value = value[0] if value else None
        if value is not None and field.kind not in JSON:
            values[field.name] = value["id"] if isinstance(value, dict) else str(value)
    return values


def probes(resource: Resource, item: Item, mine: Item) -> Iterator[Probe]:
    """Every way to ask about an item by its id or its values."""
    yield from _single(resource, item)
    yield from _bulk(resource, item, mine)
    yield from _lists(resource, item)
    yield from _forms(resource, item)
    yield from _cursors(resource, item)
    if resource.mapping:
        yield from _resolve(resource, item)


def _single(resource: Resource, item: Item) -> Iterator[Probe]:
    path = f"{resource.path}{item['id']}/"
    for method in ("GET", "HEAD", "DELETE"):
        yield Probe(method, path)
    bodies: tuple[Any, ...] = (
        {},
        {"custom_id": "taken"},
        {"id": item["id"]},
        {"id": str(uuid4())},
        {"nonsense": 1},
        {"custom_id": 1},
        {field.name: None for field in resource.writable},
        [],
    )
    for body in bodies:
        yield Probe("PATCH", path, body=body)


def _bulk(resource: Resource, item: Item, mine: Item) -> Iterator[Probe]:
    path = f"{resource.path}list/"
    update = {"id": item["id"], "custom_id": "taken"}
    for how in ("", "_atomic=false", "_dry_run=true", "_report=true", "_match=custom_id"):
        yield Probe("POST", path, how, [update])
        yield Probe("POST", path, how, [{**update, "nonsense": 1}, {"custom_id": 1}])
        yield Probe("POST", path, how, [update, {"id": mine["id"]}, update])


COUNTED = {"_count": "true", "_limit": "5"}
SUMMED = {"_statistics": "true"}


def _lists(resource: Resource, item: Item) -> Iterator[Probe]:
    path = f"{resource.path}list/"
    for field, value in values_of(resource, item).items():
        yield Probe("GET", path, {"id": item["id"], field: value, **COUNTED})
        yield Probe("GET", path, {"id": item["id"], f"{field}!": value, **COUNTED})
    for text in own_texts(resource, item):
        yield Probe("GET", path, {f"{text.name}__startswith": item[text.name], **SUMMED})
        yield Probe("GET", path, {"_search": item[text.name], **COUNTED})
    for extra in ({}, COUNTED, SUMMED, {"_jsonl": "1"}):
        for generic in resource.generic_references:
            if not levelled(resource):
                yield Probe("GET", path, {generic.object_id: item[generic.object_id], **extra})
        yield Probe("GET", path, {"id__in": item["id"], **extra})
        yield Probe("GET", path, {"_search": item["id"], **extra})


def _forms(resource: Resource, item: Item) -> Iterator[Probe]:
    """The list's forms at paths of their own."""
    for form in resource.list_forms:
        path = resource.path + form.tail
        yield Probe("GET", path, {"id__in": item["id"]})
        yield Probe("GET", path, {"_search": item["id"]})
        for text in own_texts(resource, item):
            yield Probe("GET", path, {f"{text.name}__startswith": item[text.name]})
            yield Probe("GET", path, {f"not__{text.name}": item[text.name], "id": item["id"]})


def _cursors(resource: Resource, item: Item) -> Iterator[Probe]:
    """A cursor is no secret: anyone can make one that points at a stranger's item."""
    for descending in (False, True):
        order = (Order("created_at", descending), Order("id"))
        after = cursor.render(order, [item["created_at"], item["id"]])
        asked = {"_order_by": "-created_at" if descending else "created_at", "_limit": "3"}
        yield Probe("GET", f"{resource.path}list/", {**asked, "_after": after})


def _resolve(resource: Resource, item: Item) -> Iterator[Probe]:
    assert resource.mapping
    kind, ours = resource.mapping.reference
    for name in (ours, resource.mapping.external):
        yield Probe("POST", f"{resource.path}resolve/", body=[{kind: item[kind], name: item[name]}])


def told(client: httpx.Client, probe: Probe, item: Item) -> tuple[Any, ...]:
    """The answer's status, headers and body, in which the item's own values are blotted out."""
    answer = client.request(
        probe.method,
        probe.path,
        params=probe.params or None,
        json=probe.body,
        headers={"X-Request-ID": "isolation"},
    )
    headers = {**answer.headers, "date": ""}
    # Without a stranger's item in it, a list may still have grown by what the test itself made.
    text = json.dumps(headers) + answer.text
    for value in item.values():
        if isinstance(value, str):
            text = text.replace(value, "*")
    return probe.method, answer.status_code, text


# --- reading and writing --------------------------------------------------------------------------


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
    hidden = {resource.hidden_by: "false"} if resource.hidden_by else {}
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
    others = others | resource.personal if resource.held else others  # it isn't seen
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


# --- references -----------------------------------------------------------------------------------


def _references() -> Iterator[Any]:
    for resource in WRITABLE:
        for field in resource.pointing:
            if not registry().target(field).platform:
                yield pytest.param(resource, field, id=f"{resource.model}-{field.name}")


def _refer(field: Reference | References, pk: str) -> Item:
    return {field.name: [{"id": pk}] if isinstance(field, References) else {"id": pk}}


@pytest.mark.parametrize(("resource", "field"), list(_references()))
def test_strangers_reference(
    writing: httpx.Client, resource: Resource, field: Reference | References
) -> None:
    """An item can't refer to another customer's: it is not found, like one that is nowhere."""
    foreign = samples().customers[1].items[field.target][0]["id"]
    check_reference(writing, resource, lambda pk: _refer(field, pk), f"/{field.name}", foreign)


@pytest.mark.parametrize(("resource", "field"), list(_references()))
def test_reference_of_another_resource(
    writing: httpx.Client, resource: Resource, field: Reference | References
) -> None:
    """The id of an own item of another resource is not found either."""
    other = next(
        key for key in samples().customers[0].items if key not in (field.target, "platform")
    )
    wrong = samples().customers[0].items[other][0]["id"]
    check_reference(writing, resource, lambda pk: _refer(field, pk), f"/{field.name}", wrong)


def _generic() -> Iterator[Any]:
    held = [name for name in samples().customers[0].items if name != "platform.customer"]
    for resource in WRITABLE:
        for generic in resource.generic_references:
            # The level of an activation is its service's.
            kind = sample(resource, 0)[generic.content_type]["id"]
            level = registry().content_types[kind]
            for target in [level] if levelled(resource) else held:
                yield pytest.param(resource, generic, target, id=f"{resource.model}-{target}")


@pytest.mark.parametrize(("resource", "generic", "target"), list(_generic()))
def test_strangers_generic_reference(
    writing: httpx.Client, resource: Resource, generic: Any, target: str
) -> None:
    """A generic reference to another customer's item is not found, of whichever resource it is."""
    kind = next(pk for pk, name in registry().content_types.items() if name == target)
    foreign = samples().customers[1].items[target][0]["id"]
    check_reference(
        writing,
        resource,
        lambda pk: {generic.content_type: {"id": kind}, generic.object_id: pk},
        f"/{generic.object_id}",
        foreign,
    )


def test_generic_reference_to_another_applications_item(
    client: httpx.Client, same_customer: httpx.Client
) -> None:
    """A connection can't be made with a connection that another application keeps."""
    kind = next(pk for pk, name in registry().content_types.items() if name == CONNECTIONS.name)
    foreign = create(same_customer, CONNECTIONS)["id"]
    check_reference(
        client,
        CONNECTIONS,
        lambda pk: {"content_type": {"id": kind}, "object_id": pk},
        "/object_id",
        foreign,
    )
    own = create(client, CONNECTIONS)["id"]
    assert create(client, CONNECTIONS, content_type={"id": kind}, object_id=own)


def check_reference(
    client: httpx.Client,
    resource: Resource,
    refer: Callable[[str], Item],
    pointer: str,
    foreign: str,
) -> None:
    """Create, update and bulk write say of `foreign` what they say of an id that is nowhere."""
    # Where one of several is given, the reference under test takes the place of the others.
    rules = [rule for rule in resource.rules if isinstance(rule, AtMostOneOf)]
    others = [name for rule in rules if pointer[1:] in rule.fields for name in rule.fields]
    mine = create(client, resource)
    nowhere = str(uuid4())
    answers = []
    for pk in (foreign, nowhere):
        change = {**dict.fromkeys(others), **refer(pk)}
        new = {**example(resource), **change}
        headers = {"X-Request-ID": "isolation"}
        answers.append(
            [
                answer.text.replace(pk, "*")
                for answer in (
                    client.post(resource.path, json=new, headers=headers),
                    client.patch(f"{resource.path}{mine['id']}/", json=change, headers=headers),
                    client.post(f"{resource.path}list/", json=[new], headers=headers),
                )
            ]
        )
    assert answers[0] == answers[1]
    for text in answers[0]:
        problem = json.loads(text)
        (error,) = problem["errors"]
        assert (problem["status"], error["code"]) == (422, "not_found")
        assert error["pointer"].endswith(pointer)


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
