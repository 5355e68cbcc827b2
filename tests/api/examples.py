"""Requests for any resource, made from its declaration and the sample data.

A resource that is declared tomorrow has them too, once the sample data holds an item of it.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import Any, NamedTuple
from uuid import uuid4

import httpx

from portvakt import resources
from portvakt.cli.sample_data import SampleData, sample_data
from portvakt.schema.registry import Registry, content_type_id
from portvakt.schema.resource import INTEGRATION, Operation, Resource
from portvakt.schema.validation import merge
from portvakt.storage.rows import render_item

Item = dict[str, Any]

NOT_HELD = content_type_id("accounting.invoice")
"""A content type whose items another system holds, so that any object id will do."""


@cache
def registry() -> Registry:
    """All declared resources."""
    return resources.load()


@cache
def samples() -> SampleData:
    """The sample data."""
    return sample_data(registry())


OFFERED = tuple(one for one in registry().offered if INTEGRATION in one.used_by)
"""The resources that integrations may use."""

WRITABLE = tuple(resource for resource in OFFERED if Operation.create in resource.operations)


def resource_named(name: str) -> Resource:
    """The resource `app.model`."""
    return registry().resources[name]


ANSWERS = resource_named("integrations.answeredintegrationpersonalinformationaccess")
CONNECTIONS = resource_named("integrations.integrationserviceidconnection")
CONTENT_TYPES = resource_named("platform.contenttype")


def example(resource: Resource, customer: int = 0, **changes: Any) -> Item:
    """A valid body for a new item of one of the sample's customers: no other item is like it.

    Its own texts are new; a generic reference points at an item that another system holds.
    """
    items = samples().customers[customer].items.get(resource.name)
    assert items, f"{resource.name} needs an item in the sample data (cli/sample_items.py)."
    shown = render_item(resource, merge(resource, items[0], None))
    body = {field.name: shown[field.name] for field in resource.writable}
    for generic in resource.generic_references:
        body[generic.content_type] = {"id": NOT_HELD}
        body[generic.object_id] = str(uuid4())
    for field in resource.texts:
        if field.name == "custom_id" or any(field.name in key.fields for key in resource.unique):
            body[field.name] = uuid4().hex
    return {**body, **changes}


def create(client: httpx.Client, resource: Resource, customer: int = 0, **changes: Any) -> Item:
    """A new item of a customer, through the API."""
    answer = client.post(resource.path, json=example(resource, customer, **changes))
    assert answer.status_code == 201, answer.text
    item: Item = answer.json()
    return item


# --- every operation ------------------------------------------------------------------------------


class Asked(NamedTuple):
    """A way to call a resource: an operation, HEAD where there is GET, history and `resolve`."""

    resource: Resource
    method: str
    tail: str
    status: int

    @property
    def path(self) -> str:
        """The path, with `{pk}` where an id belongs."""
        return self.resource.path + self.tail

    @property
    def of_one_item(self) -> bool:
        """Whether the path names an item."""
        return "{pk}" in self.tail

    def __str__(self) -> str:
        return f"{self.method} {self.resource.model}/{self.tail}"


def _asked() -> Iterator[Asked]:
    for resource in OFFERED:
        for operation in resource.operations:
            yield Asked(resource, operation.method, operation.tail, operation.status)
            if operation.method == "GET":
                yield Asked(resource, "HEAD", operation.tail, operation.status)
        if resource.has_history:
            yield Asked(resource, "GET", "{pk}/history/", 200)
            yield Asked(resource, "HEAD", "{pk}/history/", 200)
        if resource.mapping:
            yield Asked(resource, "POST", "resolve/", 200)


ASKED = tuple(_asked())


def body_of(asked: Asked, customer: int = 0) -> Any:
    """A valid body of a request, or None where it has none."""
    if asked.method == "PATCH":
        return {}
    if asked.method != "POST":
        return None
    if asked.tail == "resolve/":
        return [{"content_type": {"id": NOT_HELD}, "external_id": "nobody's"}]
    body = example(asked.resource, customer)
    return [body] if asked.tail else body


def send(client: httpx.Client, asked: Asked, pk: str = "", **arguments: Any) -> httpx.Response:
    """Send a request of this kind."""
    return client.request(asked.method, asked.path.format(pk=pk), **arguments)
