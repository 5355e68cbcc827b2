"""Every operation and action has its own limit of bodies: a table, made from the operations."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

import httpx
import pytest

from portvakt.action_table import ACTIONS
from portvakt.api.documents import openapi
from portvakt.api.limits import DEFAULTS, Limits
from portvakt.api.routes import Route, Routes
from portvakt.schema.caller_kinds import OPERATOR
from portvakt.schema.operations import Operation
from portvakt.schema.values import NO_ID
from tests.support.examples import ANSWERS, CONNECTIONS, registry, resource_named
from tests.support.people import operator
from tests.support.servers import Server, seed, serve

KIB, MIB = 1024, 1024 * 1024
SET = Limits(anonymous=2 * KIB, item=20 * KIB, body=40 * KIB, items=50, query=2 * KIB)
"""Small ones, so that each can be reached by every route."""


class Row(NamedTuple):
    """A method of a path that takes a body, and the most bytes of it."""

    method: str
    path: str
    most: int
    route: Route


def table(limits: Limits) -> Iterator[Row]:
    """Every method of every path that takes a body."""
    routes = Routes(registry(), ACTIONS, limits)
    found = {
        **routes.exact,
        **{path + Operation.get.tail: route for path, route in routes.items.items()},
        **{f"{before}{{pk}}/{after}": r for (before, after), r in routes.of_items.items()},
    }
    for path, route in found.items():
        for method, most in route.bodies.items():
            if most:
                yield Row(method, path, most, route)


ROWS = tuple(table(SET))
BY_NAME = pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row.method} {row.path}")


@pytest.fixture(scope="module")
def limited(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server with these limits."""
    folder = tmp_path_factory.mktemp("limited")
    url = f"sqlite:///{folder / 'portvakt.db'}"
    seeded = seed(folder, url)
    settings = {
        "max_anonymous_bytes": SET.anonymous,
        "max_item_bytes": SET.item,
        "max_body_bytes": SET.body,
        "max_bulk_items": SET.items,
        "max_query_bytes": SET.query,
    }
    with serve(folder, url, seeded.keys, **settings) as server:
        server.customers, server.operator = seeded.customers, seeded.operator
        yield server


@pytest.mark.parametrize("chunked", [False, True], ids=["at once", "chunked"])
@BY_NAME
def test_a_body_may_have_so_many_bytes(limited: Server, row: Row, chunked: bool) -> None:
    """As many bytes as it may have are read, one more is a 413 that states the limit."""
    people = OPERATOR in row.route.resource.used_by
    with limited.client(None if people else 0) as client:
        headers = operator(limited, 0) if people else {}
        for length in (row.most, row.most + 1):
            answer = send(client, row, b"{}".ljust(length), headers, chunked=chunked)
            told = answer.json()
            if length > row.most:
                assert (answer.status_code, told["code"]) == (413, "too_large")
                assert f"{row.most} bytes" in told["detail"]
            else:
                assert answer.status_code in (201, 404, 422), told


def send(
    client: httpx.Client, row: Row, body: bytes, headers: dict[str, str], *, chunked: bool
) -> httpx.Response:
    """The answer to a body, whose length is told or isn't."""
    content = iter([body[: KIB // 2], body[KIB // 2 :]]) if chunked else body
    path = row.path.replace("{pk}", NO_ID)
    headers = {**headers, "Content-Type": "application/json"}
    return client.request(row.method, path, content=content, headers=headers)


def test_nothing_is_read_of_who_may_not(limited: Server) -> None:
    """Who calls, and whether the caller may, is looked at before the body: no 413."""
    large = b"[" * (SET.body + 1)
    for row in ROWS:
        with limited.client(None) as nobody:
            answer = send(nobody, row, large, {}, chunked=False)
        assert answer.status_code == (413 if row.route.public else 401), row
    with limited.client(0) as client:
        # Items of these are created by people alone.
        path = resource_named("accounts.integrationuseragent").path
        row = next(row for row in ROWS if (row.method, row.path) == ("POST", path))
        assert send(client, row, large, {}, chunked=False).status_code == 403


def test_the_limits_follow_from_what_is_taken() -> None:
    """A login has the least, an item more, and only what takes many items as much as there is."""
    most = {(row.method, row.path): row.most for row in table(DEFAULTS)}
    assert most["POST", "/platform/login/"] == 16 * KIB
    assert most["POST", "/platform/credential/"] == 16 * KIB
    assert most["POST", "/platform/credential/{pk}/rotate/"] == 16 * KIB
    assert most["POST", ANSWERS.path] == most["PATCH", ANSWERS.path + "{pk}/"] == MIB
    assert most["POST", ANSWERS.path + "list/"] == 32 * MIB
    assert most["POST", CONNECTIONS.path + "resolve/"] == 32 * MIB
    pair = len(
        f'{{"integration": {{"id": "{NO_ID}"}}, "organization_user": {{"id": "{NO_ID}"}}}}, '
    )
    assert 10_000 * pair < most["POST", "/integrations/decision/check/"] < 16 * MIB
    tenants = resource_named("accounts.tenant").path
    assert most["POST", tenants + "list/"] == 32 * MIB
    assert ("POST", tenants + "{pk}/erase/") not in most


def test_served_documents_state_the_limits_that_are_set(limited: Server) -> None:
    """Not the usual ones: how many bytes and items a body may have, and how long a query is."""
    paths: dict[str, Any] = {}
    with limited.client(None) as anyone:
        for address in anyone.get("/openapi/").json().values():
            served = anyone.get(address).json()
            paths |= served["paths"]
            refusals = served["components"]["responses"]
            assert said(refusals["Problem413"]) == f"At most {SET.items} items a request, not 51."
            assert said(refusals["Problem414"]).startswith(f"The query string may have {SET.query}")
    for row in ROWS:
        operation = paths[row.path][row.method.lower()]
        told = operation["responses"]["413"]["description"]
        assert told.endswith(f"The body may have {row.most} bytes here."), row
        schema = operation["requestBody"]["content"]["application/json"]["schema"]
        assert schema.get("maxItems", SET.items) == SET.items, row


def said(refusal: dict[str, Any]) -> str:
    """What the example of a problem says."""
    (example,) = refusal["content"]["application/problem+json"]["examples"].values()
    detail: str = example["value"]["detail"]
    return detail


def test_documents_state_the_usual_limits_where_none_is_set() -> None:
    """Such are those of the reference."""
    applications = {resource.application for resource in registry().offered}
    paths = {
        path: item
        for label in applications
        for path, item in openapi.document(registry(), label)["paths"].items()
    }
    for row in table(DEFAULTS):
        told = paths[row.path][row.method.lower()]["responses"]["413"]
        assert f"may have {row.most} bytes" in told["description"], row
