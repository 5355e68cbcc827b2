"""Nobody learns by a reference whether an item that isn't theirs is there."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any
from uuid import uuid4

import httpx
import pytest

from portvakt.schema.fields import Reference, References
from portvakt.schema.resource import Resource
from portvakt.schema.rules import AtMostOneOf
from tests.support.examples import (
    CONNECTIONS,
    WRITABLE,
    Item,
    create,
    example,
    levelled,
    registry,
    sample,
    samples,
)


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
