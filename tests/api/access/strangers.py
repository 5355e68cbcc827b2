"""Strangers to the first customer's first integration, and what is asked about their items.

Each request is sent twice: once about a stranger's item, once about a made-up one that is nowhere.
The answers must be the same to the byte, but for the made-up values themselves.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, NamedTuple
from uuid import uuid4

import httpx
import pytest

from portvakt.api import cursor
from portvakt.schema.fields import Text
from portvakt.schema.operators import JSON, Kind
from portvakt.schema.query import Order
from portvakt.schema.resource import Resource
from tests.support.examples import (
    WRITABLE,
    Item,
    levelled,
    new_text,
)

OTHER_APPLICATION = 1
"""The place of an integration of another application among the sample's integrations."""


class Stranger(NamedTuple):
    """Whose items are not the caller's: another customer, or another application of the same."""

    kind: str
    customer: int
    client: httpx.Client


def _strangers() -> Iterator[Any]:
    for resource in WRITABLE:
        yield pytest.param(resource, "customer", id=f"{resource.model}-customer")
        if resource.of_application:
            yield pytest.param(resource, "application", id=f"{resource.model}-application")


EACH_STRANGER = pytest.mark.parametrize(("resource", "kind"), list(_strangers()))


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
