"""Requests for any resource, made from its declaration and the sample data.

A resource that is declared tomorrow has them too, once the sample data holds an item of it.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import cache
from random import Random
from typing import Any, NamedTuple
from uuid import uuid4

import httpx
import pytest

from portvakt import resources
from portvakt.errors import Fault
from portvakt.sandbox.data import SampleData, sample_data
from portvakt.schema.caller_kinds import INTEGRATION
from portvakt.schema.fields import Reference, References, Text
from portvakt.schema.operations import Operation
from portvakt.schema.paths import IsObject
from portvakt.schema.registry import Registry, content_type_id
from portvakt.schema.resource import Resource
from portvakt.schema.validation import merge, merged_faults, parse_body
from portvakt.schema.values import InvalidValue
from portvakt.storage.sql.rows import render_item
from tests.support.people import operator
from tests.support.samples import value
from tests.support.servers import Server

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
TENANTS = resource_named("accounts.tenant")
CONTENT_TYPES = resource_named("platform.contenttype")


# --- items ----------------------------------------------------------------------------------------


class Stock:
    """Items that nothing refers to yet, for references that are unique; made as they are needed."""

    def __init__(self) -> None:
        self._server: Server | None = None
        self._ids: dict[tuple[str, int], list[str]] = {}

    @contextmanager
    def of(self, server: Server) -> Iterator[None]:
        """Within the block the items are made on this server."""
        self._server, self._ids = server, {}
        yield
        self._server = None

    def take(self, target: str, customer: int) -> str:
        """The id of an item that has not been taken before."""
        ids = self._ids.setdefault((target, customer), [])
        if not ids:
            resource = resource_named(target)
            bodies = [example(resource, customer) for _ in range(50)]
            answer = self.post(f"{resource.path}list/", customer, bodies)
            assert answer.status_code == 200, answer.text
            ids += [item["id"] for item in answer.json()]
        return ids.pop()

    def post(self, path: str, customer: int, body: Any) -> httpx.Response:
        """The answer to what an operator sends."""
        assert self._server, "There is no server to make an item on."
        with self._server.client(None) as client:
            return client.post(path, json=body, headers=operator(self._server, customer))


STOCK = Stock()


# A short one would be found now and then within another item's long one, were it of digits too.
_LETTERS = str.maketrans("0123456789abcdef", "ghijklmnopqrstuv")


def new_text(field: Text) -> str:
    """A text that the field accepts and no other item has."""
    mark = uuid4()
    digits = f"{mark.int % 10**15:015}"
    for text in (
        field.options[0] if field.options else mark.hex,
        mark.hex[: field.max_length].translate(_LETTERS),
        f"{mark.hex}@example.com",
        f"sv-{mark.hex[:8]}",
        digits,
        *(f"{start}{digits[:12]}{check}" for start in ("", "0088:") for check in range(10)),
        *(f"{digits[:9]}{check}" for check in range(10)),
        *(f"19{digits[:9]}{check}" for check in range(10)),
    ):
        with suppress(InvalidValue):
            return field.parse(text)
    raise AssertionError(f"No text was found for {field.name}; add one here.")


def sample(resource: Resource, customer: int) -> Item:
    """An item of the sample data, as it travels: the last, which is nobody's parent."""
    items = all_items(customer).get(resource.name)
    assert items, f"{resource.name} needs an item in the sample data (sandbox/items.py)."
    place = -1 if any(isinstance(step, IsObject) for step in resource.reach) else 0
    return render_item(resource, merge(resource, items[place], None))


@cache
def template(name: str, customer: int) -> Item:
    """A body with as many fields as the rules allow; its texts are not new."""
    resource = resource_named(name)
    shown = dict.fromkeys(resource.known) | sample(resource, customer)
    body = {
        field.name: shown[field.name]
        for field in resource.writable
        if field.name not in resource.confidential  # which always count as changed
    }
    ids = {key: [item["id"] for item in items] for key, items in all_items(customer).items()}
    generic = {field for pair in resource.generic_references for field in pair}
    for field in resource.writable:
        if field.name in body and not body[field.name] and field.name not in generic:
            given = body[field.name]
            body[field.name] = (
                new_text(field)
                if isinstance(field, Text)
                else {"id": ids[field.target][0]}
                if isinstance(field, Reference)
                else [{"id": ids[field.target][-1]}]
                if isinstance(field, References)
                else value(Random(field.name), field, {})
            )
            if list(faults(resource, body)):
                body[field.name] = given
    return body


def all_items(customer: int) -> dict[str, list[Item]]:
    """The sample's items of a customer and of the platform."""
    return samples().platform | samples().customers[customer].items


def faults(resource: Resource, body: Item) -> Iterator[Fault]:
    """What the declaration says is wrong with a body."""
    parsed = parse_body(resource, body)
    yield from parsed.faults
    yield from merged_faults(resource, merge(resource, parsed.given, None), parsed.invalid)


def example(resource: Resource, customer: int = 0, **changes: Any) -> Item:
    """A valid body for a new item of one of the sample's customers: no other item is like it.

    Its texts are new, and so are the items that unique references name. A generic reference points
    at an item that another system holds, if it may.
    """
    body = dict(template(resource.name, customer))
    for generic in resource.generic_references:
        if not levelled(resource):
            body[generic.content_type] = {"id": NOT_HELD}
            body[generic.object_id] = str(uuid4())
    for field in resource.writable:
        if isinstance(field, Text) and body.get(field.name) is not None:
            body[field.name] = new_text(field)
        unique = any(key.fields == (field.name,) for key in resource.unique)
        if (
            isinstance(field, Reference)
            and unique
            and body[field.name]
            and field.name not in changes
        ):
            body[field.name] = {"id": STOCK.take(field.target, customer)}
    return {**body, **changes}


def levelled(resource: Resource) -> bool:
    """Whether its generic reference must be of the kind that another item says."""
    kinds = {generic.content_type for generic in resource.generic_references}
    return any(own in kinds for lookup in resource.lookups for own, _ in lookup.agrees)


def shown(resource: Resource, body: Item) -> Item:
    """What of a body an item shows: all but additive fields."""
    return {name: value for name, value in body.items() if name in resource.by_name}


def create(client: httpx.Client, resource: Resource, customer: int = 0, **changes: Any) -> Item:
    """A new item of a customer, through the API; by an operator what integrations can't create."""
    body = example(resource, customer, **changes)
    if resource.made_by_people:
        answer = STOCK.post(resource.path, customer, body)
    else:
        answer = client.post(resource.path, json=body)
    assert answer.status_code == 201, answer.text
    item: Item = answer.json()
    return item


# --- every operation ------------------------------------------------------------------------------


FORBIDDEN = 403
"""What an integration is answered that asks for what people alone may do."""


class Asked(NamedTuple):
    """A way to call a resource: operation, form of the list, action, HEAD, history, `resolve`.

    Actions at a path of their own are asked for in the tests of what they do.
    """

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
        for form in resource.list_forms:
            yield Asked(resource, "GET", form.tail, 200)
            yield Asked(resource, "HEAD", form.tail, 200)
        if resource.has_history:
            yield Asked(resource, "GET", "{pk}/history/", 200)
            yield Asked(resource, "HEAD", "{pk}/history/", 200)
        if resource.mapping:
            yield Asked(resource, "POST", "resolve/", 200)
        for action in (one for one in resource.actions if not one.tail.startswith("/")):
            theirs = not action.callers or INTEGRATION in action.callers
            status = action.status if theirs else FORBIDDEN
            yield Asked(resource, action.method, action.tail, status)
            if action.method == "GET":
                yield Asked(resource, "HEAD", action.tail, status)


ASKED = tuple(_asked())

ONE_DATABASE = pytest.mark.parametrize(
    "server_database", ["sqlite"], indirect=True, scope="session"
)
"""For what is answered before any database is asked for items."""

FORMS = tuple({(a.method, a.tail, a.resource.platform): a for a in reversed(ASKED)}.values())[::-1]
"""One way to call of each form. What is said of a request's head is told by forms: one place reads
it, which knows of a route only whether it is public, and whether it is of the platform."""


def body_of(asked: Asked, customer: int = 0) -> Any:
    """A valid body of a request, or None where it has none."""
    if asked.method == "PATCH":
        return {}
    if asked.method != "POST":
        return None
    if asked.tail == "resolve/":
        return [{"content_type": {"id": NOT_HELD}, "external_id": "nobody's"}]
    action = next((one for one in asked.resource.actions if one.tail == asked.tail), None)
    if asked.tail and action is not None and not action.body:
        return None
    body = example(asked.resource, customer)
    return [body] if asked.tail else body


def send(client: httpx.Client, asked: Asked, pk: str = "", **arguments: Any) -> httpx.Response:
    """Send a request of this kind."""
    return client.request(asked.method, asked.path.format(pk=pk), **arguments)
