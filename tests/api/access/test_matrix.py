"""Who may call what: each operation of each resource, by each kind of caller.

Made from the declarations: a resource is covered the moment it is declared.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any
from uuid import uuid4

import httpx
import pytest

from portvakt.access.authentication import HEADERS
from portvakt.access.credentials import new_secret
from portvakt.action_table import ACTIONS
from portvakt.api.routes import Route, Routes
from portvakt.schema.caller_kinds import INTEGRATION
from portvakt.schema.operations import Operation
from portvakt.schema.registry import content_type_id
from portvakt.schema.resource import Resource
from tests.support.examples import (
    ASKED,
    FORBIDDEN,
    FORMS,
    OFFERED,
    ONE_DATABASE,
    Asked,
    body_of,
    create,
    registry,
    samples,
    send,
)
from tests.support.servers import Server

ASKED_BY_NAME = pytest.mark.parametrize("asked", ASKED, ids=str)
EACH_FORM = pytest.mark.parametrize("asked", FORMS, ids=str)
EACH_HEADER = pytest.mark.parametrize("header", HEADERS.values())

SAME_REQUEST_ID = {"X-Request-ID": "matrix"}
"""With it two answers of one meaning are the same to the byte."""


@pytest.fixture(scope="module")
def stored(client: httpx.Client) -> dict[str, str]:
    """By resource, the id of an item that the first customer may read."""
    ids = {}
    for resource in OFFERED:
        if Operation.create not in resource.operations:
            first = client.get(f"{resource.path}list/", params={"_page": 1, "_page_size": 1})
            ids[resource.name] = first.json()[0]["id"]
        else:
            ids[resource.name] = create(client, resource)["id"]
    return ids


Call = Callable[..., httpx.Response]


@pytest.fixture
def call(anonymous: httpx.Client) -> Call:
    """Sends a valid request with the given headers."""

    def send_with(asked: Asked, pk: str, headers: Any, customer: int = 0) -> httpx.Response:
        return send(anonymous, asked, pk, headers=headers, json=body_of(asked, customer))

    return send_with


def check_problem(asked: Asked, answer: httpx.Response, status: int, code: str) -> None:
    """The answer is a problem with this status and code."""
    assert answer.status_code == status
    assert answer.headers["Content-Type"] == "application/problem+json"
    if asked.method == "HEAD":
        assert answer.content == b""
    else:
        assert (answer.json()["status"], answer.json()["code"]) == (status, code)


# --- the matrix -----------------------------------------------------------------------------------


def test_the_matrix_has_every_route() -> None:
    """No path and method is answered that the matrix does not ask for.

    What integrations may not use at all is asked for in `test_people.py`, decisions in
    `test_decisions.py`.
    """
    routes = Routes(registry(), ACTIONS)
    elsewhere = {
        (method, action.path(resource.path))
        for resource in OFFERED
        for action in resource.actions
        if action.tail.startswith("/")
        for method in (action.method, *(["HEAD"] if action.method == "GET" else []))
    }
    below = {before + "{pk}/" + after: route for (before, after), route in routes.of_items.items()}
    answered = set(_templates(routes.exact, "")) | set(_templates(routes.items, "{pk}/"))
    answered |= set(_templates(below, ""))
    assert answered - elsewhere == {(asked.method, asked.path) for asked in ASKED}


def _templates(routes: dict[str, Route], tail: str) -> Iterator[tuple[str, str]]:
    for path, route in routes.items():
        if INTEGRATION in route.resource.used_by:
            for method in route.methods:
                yield method, path + tail


@ASKED_BY_NAME
def test_right(
    call: Call, server: Server, client: httpx.Client, stored: dict[str, str], asked: Asked
) -> None:
    """The right caller succeeds; what people alone may do is forbidden."""
    pk = stored[asked.resource.name]
    if asked.method == "DELETE":
        pk = create(client, asked.resource)["id"]
    answer = call(asked, pk, server.customers[0].headers)
    if asked.method == "DELETE" and asked.resource.belongs_to_persons:
        check_problem(asked, answer, 409, "in_use")  # it doesn't see whether somebody has it
    elif asked.method == "POST" and asked.resource.made_by_people:
        check_problem(asked, answer, 403, "forbidden")
    else:
        assert answer.status_code == asked.status, answer.text


@ASKED_BY_NAME
def test_other_customer(call: Call, server: Server, stored: dict[str, str], asked: Asked) -> None:
    """Another customer finds none of the items, and succeeds with its own."""
    pk = stored[asked.resource.name]
    answer = call(asked, pk, server.customers[1].headers, customer=1)
    if asked.of_one_item and not asked.resource.platform and asked.status != FORBIDDEN:
        check_problem(asked, answer, 404, "not_found")
    elif asked.method == "POST" and asked.resource.made_by_people:
        check_problem(asked, answer, 403, "forbidden")
    else:
        assert answer.status_code == asked.status, answer.text


@pytest.mark.parametrize("resource", OFFERED, ids=lambda resource: resource.model)
def test_nobody(
    anonymous: httpx.Client, server: Server, stored: dict[str, str], resource: Resource
) -> None:
    """Without credentials, or with another secret, no operation of any resource is answered."""
    pk, right = stored[resource.name], server.customers[0].headers
    for asked in ASKED:
        if asked.resource is resource:
            for headers in ({}, {**right, HEADERS["secret"]: new_secret()}):
                answer = send(anonymous, asked, pk, headers=headers)
                assert (str(asked), answer.status_code) == (str(asked), 401)
                check_problem(asked, answer, 401, "unauthorized")


@ONE_DATABASE
@EACH_FORM
def test_no_header(call: Call, stored: dict[str, str], asked: Asked) -> None:
    """Without credentials every operation is refused, and all missing headers are listed."""
    answer = call(asked, stored[asked.resource.name], {})
    check_problem(asked, answer, 401, "unauthorized")
    if asked.method != "HEAD":
        assert [error["header"] for error in answer.json()["errors"]] == list(HEADERS.values())


@ONE_DATABASE
@EACH_FORM
def test_missing_header(call: Call, server: Server, stored: dict[str, str], asked: Asked) -> None:
    """Each header that is left out or empty is refused by its name."""
    right, pk = server.customers[0].headers, stored[asked.resource.name]
    for header in HEADERS.values():
        without = {name: value for name, value in right.items() if name != header}
        for headers in (without, {**right, header: ""}):
            answer = call(asked, pk, headers)
            check_problem(asked, answer, 401, "unauthorized")
            if asked.method != "HEAD":
                (error,) = answer.json()["errors"]
                assert (error["header"], error["code"]) == (header, "missing")


@ONE_DATABASE
@EACH_FORM
def test_header_twice(call: Call, server: Server, stored: dict[str, str], asked: Asked) -> None:
    """Each header that is sent twice is refused by its name, even if both are right."""
    right = server.customers[0].headers
    for header in HEADERS.values():
        headers = [*right.items(), (header, right[header])]
        answer = call(asked, stored[asked.resource.name], headers)
        check_problem(asked, answer, 400, "invalid_headers")
        if asked.method != "HEAD":
            (error,) = answer.json()["errors"]
            assert (error["header"], error["code"]) == (header, "duplicate")


# --- wrong credentials ----------------------------------------------------------------------------


def wrong_values(server: Server, header: str) -> dict[str, str]:
    """Values of a header that are wrong, by the kind of mistake."""
    mine, other = (customer.headers for customer in server.customers)
    values = {"malformed": "wrong", "unknown": str(uuid4())}
    integrations = samples().customers[0].of_kind("integration")
    organizations = samples().customers[0].of_kind("organization")
    others = {
        "customer": [other[header]],
        "application": [item["application_id"] for item in integrations],
        "service": [item["service_id"] for item in integrations],
        "service_version": [item["id"] for item in samples().platform["platform.serviceversion"]],
        "content_type": ["accounts.tenant", content_type_id("accounts.tenant"), "no.such"],
        "object": [other[header], *(item["id"] for item in organizations)],
        "secret": [other[header], new_secret(), mine[header][:-1], mine[header].upper()],
    }
    claim = next(name for name, known in HEADERS.items() if known == header)
    for index, value in enumerate(others[claim]):
        if value != mine[header]:
            values[f"valid elsewhere {index}"] = value
    return values


@EACH_FORM
def test_wrong_header(call: Call, server: Server, stored: dict[str, str], asked: Asked) -> None:
    """Whatever is wrong with whichever header, the answer is one and the same 401.

    Every kind of mistake is made with a read and a write; with the other forms, which ask the same
    authentication, one mistake with each header.
    """
    pk = stored[asked.resource.name]
    right = server.customers[0].headers | SAME_REQUEST_ID
    nobody = call(asked, pk, {**right, "X-PIGELLO-CUSTOMER-ID": str(uuid4())})
    check_problem(asked, nobody, 401, "unauthorized")
    for header in HEADERS.values():
        values = wrong_values(server, header)
        if asked not in (ASKED[0], ASKED[1]):
            values = {"unknown": values["unknown"]}
        for kind, value in values.items():
            answer = call(asked, pk, {**right, header: value})
            assert (kind, answer.status_code, answer.content) == (kind, 401, nobody.content)
            assert {**answer.headers, "date": ""} == {**nobody.headers, "date": ""}


@pytest.mark.parametrize("value", ["å", "x" * 8000], ids=["not ASCII", "long"])
@EACH_HEADER
def test_odd_header(call: Call, server: Server, header: str, value: str) -> None:
    """A header that holds no id at all is wrong like any other."""
    right = server.customers[0].headers | SAME_REQUEST_ID
    nobody = call(ASKED[0], "", {**right, "X-PIGELLO-CUSTOMER-ID": str(uuid4())})
    headers = {**right, header: value.encode("latin-1")}
    answer = call(ASKED[0], "", [(k.encode(), v) for k, v in headers.items()])
    assert (answer.status_code, answer.content) == (401, nobody.content)


def test_spelling(server: Server, anonymous: httpx.Client) -> None:
    """Header names in any case, and ids in any case, are the same credentials."""
    path = f"{OFFERED[0].path}list/?_page=1&_page_size=0"
    for change in (str.upper, str.lower):
        headers = {
            change(name): value if name.endswith("SECRET") else change(value)
            for name, value in server.customers[0].headers.items()
        }
        assert anonymous.get(path, headers=headers).status_code == 200


@pytest.mark.parametrize("form", ["name", "id"])
def test_client_ct(call: Call, server: Server, form: str) -> None:
    """The kind of object is named by its content type's name or its id."""
    headers = dict(server.customers[0].headers)
    name = headers["X-PIGELLO-CLIENT-CT"]
    headers["X-PIGELLO-CLIENT-CT"] = name if form == "name" else content_type_id(name)
    listing = next(asked for asked in ASKED if asked.method == "GET" and not asked.of_one_item)
    answer = call(listing, "", headers)
    assert answer.status_code == 200
