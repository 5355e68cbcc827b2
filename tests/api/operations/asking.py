"""What tests of the six operations ask, of which resources, and how problems are compared."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import httpx
import pytest

from portvakt.errors import Code
from portvakt.schema.resource import Resource
from tests.support.examples import (
    ANSWERS,
    ASKED,
    CONNECTIONS,
    TENANTS,
    WRITABLE,
    Item,
    example,
    resource_named,
)

EACH = pytest.mark.parametrize("resource", WRITABLE, ids=lambda resource: resource.model)
SORTS = [resource_named("accounts.integrationuseragent"), TENANTS, ANSWERS, CONNECTIONS]
EACH_SORT = pytest.mark.parametrize("resource", SORTS, ids=lambda resource: resource.model)
"""For what is the same of every resource: one that people alone create, one of persons with links
and a key, one with versions, one that belongs to an application and can be hidden."""

PATHS = sorted({asked.path for asked in ASKED})
NOWHERE = "00000000-0000-4000-8000-000000000000"
TRIES = 20


def listed(client: httpx.Client, resource: Resource, **params: Any) -> Any:
    """What a list answers, as JSON."""
    answer = client.get(f"{resource.path}list/", params=params)
    assert answer.status_code == 200, answer.text
    return answer.json()


def marked(client: httpx.Client, resource: Resource, number: int) -> tuple[str, list[Item]]:
    """New items whose `custom_id`s begin with a mark of their own, and the mark."""
    mark = uuid4().hex
    bodies = [example(resource, custom_id=f"{mark}-{index:03}") for index in range(number)]
    answer = client.post(f"{resource.path}list/", json=bodies)
    assert answer.status_code == 200, answer.text
    return mark, answer.json()


def ids(items: list[Item]) -> list[str]:
    """The items' ids, in order."""
    return [item["id"] for item in items]


def check(answer: httpx.Response, code: Code, *errors: tuple[str, str]) -> dict[str, Any]:
    """The answer is this problem, with these (where, code)s and no others."""
    problem: dict[str, Any] = answer.json()
    assert (answer.status_code, problem["code"]) == (code.status, code.name), problem
    found = [
        (error.get("pointer", error.get("parameter", error.get("header"))), error["code"])
        for error in problem["errors"]
    ]
    assert found == list(errors)
    return problem


def fresh_keys(resource: Resource) -> Item:
    """New values for the texts of unique keys."""
    body = example(resource)
    return {n: body[n] for key in resource.unique for n in key.fields if n in body}
