"""A parameter that can be given once is refused if it is given twice, by every operation."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

import httpx
import pytest

from portvakt.api.documents import openapi
from portvakt.api.parameters import LISTS
from portvakt.schema.values import NO_ID
from tests.support.examples import registry


class Asked(NamedTuple):
    """An operation and the parameters of its query string that are no filters of a list."""

    method: str
    path: str
    names: list[str]


def operations() -> Iterator[Asked]:
    """Every documented operation that has such parameters."""
    for label in sorted({resource.application for resource in registry().offered}):
        for path, item in openapi.document(registry(), label)["paths"].items():
            for method, operation in item.items():
                if names := [*_names(path, operation)]:
                    yield Asked(method.upper(), path, names)


def _names(path: str, operation: dict[str, Any]) -> Iterator[str]:
    for parameter in operation.get("parameters", []):
        name = parameter.get("name", "")
        control = name.startswith("_") or not path.endswith("/list/")
        if parameter.get("in") == "query" and control and name not in LISTS:
            yield name


@pytest.mark.parametrize("asked", [*operations()], ids=lambda one: f"{one.method} {one.path}")
def test_each_is_a_fault(client: httpx.Client, operating: httpx.Client, asked: Asked) -> None:
    """All of them are told, each by its name, whatever the values are."""
    twice = "&".join(f"{name}=true&{name}=true" for name in asked.names)
    target = f"{asked.path.replace('{pk}', NO_ID)}?{twice}"
    body: list[object] | None = None if asked.method == "GET" else []
    answer = operating.request(asked.method, target, json=body)
    if answer.status_code == 403:  # for integrations alone
        answer = client.request(asked.method, target, json=body)
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid_parameters")
    told = {e["parameter"] for e in answer.json()["errors"] if e["code"] == "duplicate"}
    assert told == {*asked.names}
