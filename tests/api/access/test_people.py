"""Operators and administrators: who may call what, tokens and logins."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import httpx
import pytest

from portvakt.access.credentials import new_secret
from portvakt.schema.caller_kinds import (
    ADMINISTRATOR,
    CALLER_KINDS,
    INTEGRATION,
    OPERATOR,
    CallerKind,
)
from portvakt.schema.operations import Operation
from portvakt.schema.resource import Resource
from tests.support.examples import CONNECTIONS, example, registry
from tests.support.people import CUSTOMER, PASSWORD, administrator, bearer, log_in, operator
from tests.support.servers import Server

CUSTOMERS = "/platform/customer/list/"
CONNECTED = f"{CONNECTIONS.path}list/?_limit=1"


Headers = dict[CallerKind, dict[str, str]]
"""The headers of each kind of caller."""


@pytest.fixture(scope="module")
def admin(anonymous: httpx.Client, server: Server) -> dict[str, Any]:
    """An administrator of the first customer."""
    return administrator(anonymous, server, f"{uuid4().hex}@example.com")


@pytest.fixture(scope="module")
def callers(anonymous: httpx.Client, server: Server, admin: dict[str, Any]) -> Headers:
    """The headers of each kind of caller, for the first customer's data."""
    token = log_in(anonymous, server, admin["email"]).json()["token"]
    return {
        INTEGRATION: server.customers[0].headers,
        ADMINISTRATOR: bearer(token),
        OPERATOR: operator(server, 0),
    }


# --- the matrix -----------------------------------------------------------------------------------


EACH_CALLER = pytest.mark.parametrize("caller", CALLER_KINDS.values(), ids=CALLER_KINDS)
EACH = pytest.mark.parametrize("resource", registry().offered, ids=lambda one: one.name)


@EACH_CALLER
@EACH
def test_each_kind_of_caller_may_use_what_is_declared(
    anonymous: httpx.Client, callers: Headers, resource: Resource, caller: CallerKind
) -> None:
    """Whom the resource doesn't name is refused with 403 that says who may; others go on."""
    assert caller in callers, f"the fixture `callers` of {__file__} has no {caller.name}"
    found = [(one.method, path) for one, path in resource.paths.items()]
    actions = [one for one in resource.actions if not one.public]
    found += [(one.method, one.path(resource.path)) for one in actions]
    for method, path in found:
        body: Any = [] if path.endswith(Operation.bulk.tail) else {}
        sent = {"json": body} if method in ("POST", "PATCH") else {}
        url = path.format(pk=uuid4())
        answer = anonymous.request(method, url, headers=callers[caller], **sent)
        if caller not in resource.used_by:
            assert (answer.status_code, answer.json()["code"]) == (403, "forbidden")
            assert all(one.plural in answer.json()["detail"] for one in resource.used_by)
        elif caller.people:
            assert answer.status_code in (200, 400, 404, 422), answer.text


@pytest.mark.parametrize("path", [CUSTOMERS, CONNECTED])
def test_every_caller_needs_a_token_that_is_right(
    anonymous: httpx.Client, server: Server, path: str
) -> None:
    """Whatever is wrong with a token, the answer is one and the same 401."""
    tokens = ["x", new_secret(OPERATOR.prefix), new_secret(ADMINISTRATOR.prefix)]
    tokens += [server.operator.upper(), server.operator[:-1]]
    same = {"X-Request-ID": "people"}
    customer = server.customers[0].id
    answers = [anonymous.get(path, headers=bearer(t, customer) | same) for t in tokens]
    if path == CONNECTED:
        answers.append(anonymous.get(path, headers=bearer(server.operator, str(uuid4())) | same))
    assert {(answer.status_code, answer.content) for answer in answers} == {
        (401, answers[0].content)
    }


# --- whose data -----------------------------------------------------------------------------------


def test_an_operator_names_the_customer(anonymous: httpx.Client, server: Server) -> None:
    """For a customer's data the header is missing by name; on the platform none is needed."""
    refused = anonymous.get(CONNECTED, headers=operator(server))
    assert refused.status_code == 401
    assert [error["header"] for error in refused.json()["errors"]] == [CUSTOMER]
    assert anonymous.get(CUSTOMERS, headers=operator(server)).status_code == 200


def test_an_administrators_token_fixes_the_customer(
    anonymous: httpx.Client, server: Server, callers: Headers
) -> None:
    """The own customer may be named, another one is refused."""
    headers = callers[ADMINISTRATOR]
    named = [{}, {CUSTOMER: server.customers[0].id}, {CUSTOMER: server.customers[1].id}]
    answers = [anonymous.get(CONNECTED, headers=headers | more) for more in named]
    assert [answer.status_code for answer in answers] == [200, 200, 401]


def test_both_kinds_of_credentials_at_once(anonymous: httpx.Client, server: Server) -> None:
    """A token beside an integration's headers is refused by their names."""
    headers = {**server.customers[0].headers, **bearer(server.operator)}
    answer = anonymous.get(CONNECTED, headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid_headers")
    assert len(answer.json()["errors"]) == 6


def test_people_see_every_applications_items_and_create_none(
    anonymous: httpx.Client, server: Server
) -> None:
    """An item whose application is set from the caller can be changed by people, not created."""
    headers = operator(server, 0)
    listed = anonymous.get(f"{CONNECTIONS.path}list/", headers=headers).json()
    assert len({item["application_id"] for item in listed}) > 1
    answer = anonymous.post(CONNECTIONS.path, headers=headers, json=example(CONNECTIONS))
    assert answer.status_code == 422
    assert [error["pointer"] for error in answer.json()["errors"]] == ["/application_id"]
    path = f"{CONNECTIONS.path}{listed[0]['id']}/"
    assert anonymous.patch(path, headers=headers, json={}).status_code == 200


def test_internal_fields_are_not_there(anonymous: httpx.Client, server: Server) -> None:
    """They are neither shown nor taken nor asked for."""
    path = "/platform/token/list/"
    items = anonymous.get(path, headers=operator(server)).json()
    assert not {"digest", "key_number"} & {name for item in items for name in item}
    for query in ("digest=x", "_order_by=digest", "key_number__gt=0"):
        assert anonymous.get(f"{path}?{query}", headers=operator(server)).status_code == 400
    body = {"password": PASSWORD}
    refused = anonymous.post("/platform/administrator/", headers=operator(server, 0), json=body)
    assert "/password" in [error["pointer"] for error in refused.json()["errors"]]


# --- the end of a token ---------------------------------------------------------------------------


def test_an_inactive_administrator_is_refused(anonymous: httpx.Client, server: Server) -> None:
    """From the next request on, and until active again."""
    made = administrator(anonymous, server, f"{uuid4().hex}@example.com")
    headers = bearer(log_in(anonymous, server, made["email"]).json()["token"])
    path, found = f"/platform/administrator/{made['id']}/", []
    for active in (True, False, True):
        anonymous.patch(path, headers=operator(server, 0), json={"is_active": active})
        found.append(anonymous.get(CONNECTED, headers=headers).status_code)
        found.append(log_in(anonymous, server, made["email"]).status_code)
    assert found == [200, 200, 401, 401, 200, 200]


def test_a_revoked_token_is_refused(anonymous: httpx.Client, server: Server) -> None:
    """From the next request on."""
    made = administrator(anonymous, server, f"{uuid4().hex}@example.com")
    headers = bearer(log_in(anonymous, server, made["email"]).json()["token"])
    assert anonymous.get(CONNECTED, headers=headers).status_code == 200
    path = f"/platform/token/list/?administrator={made['id']}"
    (token,) = anonymous.get(path, headers=operator(server)).json()
    revoke = f"/platform/token/{token['id']}/revoke/"
    assert anonymous.post(revoke, headers=operator(server)).status_code == 200
    assert anonymous.get(CONNECTED, headers=headers).status_code == 401


def test_two_tokens_of_an_administrator_are_live(anonymous: httpx.Client, server: Server) -> None:
    """A third login ends the oldest; a new password ends all."""
    made = administrator(anonymous, server, f"{uuid4().hex}@example.com")
    tokens = [log_in(anonymous, server, made["email"]).json()["token"] for _ in range(3)]
    answers = [anonymous.get(CONNECTED, headers=bearer(token)) for token in tokens]
    assert [answer.status_code for answer in answers] == [401, 200, 200]
    path = f"/platform/administrator/{made['id']}/password/"
    anonymous.post(path, headers=operator(server, 0), json={"password": PASSWORD})
    assert anonymous.get(CONNECTED, headers=bearer(tokens[2])).status_code == 401


# --- logins ---------------------------------------------------------------------------------------


def test_a_failed_login_does_not_tell_why(
    anonymous: httpx.Client, server: Server, admin: dict[str, Any]
) -> None:
    """A wrong password, an unknown address and an unknown customer are answered alike."""
    bodies = [
        {"customer": server.customers[0].id, "email": admin["email"], "password": "wrong"},
        {"customer": server.customers[0].id, "email": "nobody@example.com", "password": PASSWORD},
        {"customer": str(uuid4()), "email": admin["email"], "password": PASSWORD},
    ]
    same = {"X-Request-ID": "people"}
    answers = [anonymous.post("/platform/login/", json=body, headers=same) for body in bodies]
    assert {(a.status_code, a.content) for a in answers} == {(401, answers[0].content)}


def test_an_address_in_any_case_is_the_same(
    anonymous: httpx.Client, server: Server, admin: dict[str, Any]
) -> None:
    """People don't write their address as we have it."""
    assert log_in(anonymous, server, admin["email"].upper()).status_code == 200


@pytest.mark.slow
@pytest.mark.parametrize("known", [True, False])
def test_too_many_failures_lock_an_account(
    anonymous: httpx.Client, server: Server, known: bool
) -> None:
    """The eleventh attempt is refused whatever the password, for an account known or not."""
    email = f"{uuid4().hex}@example.com"
    if known:
        administrator(anonymous, server, email)
    failed = [log_in(anonymous, server, email, "wrong").status_code for _ in range(10)]
    answer = log_in(anonymous, server, email)
    assert failed == [401] * 10
    assert (answer.status_code, answer.json()["code"]) == (429, "too_many_requests")
    assert 0 < int(answer.headers["Retry-After"]) <= 901
