"""What bounds an activation: connected items alone, and its version's rights.

Every integration here is the test's own, registered by an operator over the API.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import httpx
import pytest

from portvakt.schema.registry import content_type_id
from tests.support.examples import ANSWERS, CONNECTIONS, TENANTS
from tests.support.registered import (
    ACTIVATIONS,
    ALL,
    LIST,
    Item,
    Operator,
    faults,
)


@pytest.fixture
def bounded(operator: Operator) -> Iterator[httpx.Client]:
    """Calls as an integration that needs a connection of each item."""
    rights = dict.fromkeys((TENANTS.name, ANSWERS.name, CONNECTIONS.name), ALL)
    needs = {"access_requires_specific_object_connection": True}
    activation, caller = operator.integration(rights, needs)
    with operator.server.client(caller) as client:
        client.headers["X-Activation"] = activation["id"]  # for the tests; the server ignores it
        yield client


def connection(pk: str, kind: str = TENANTS.name, external_id: str = "their 1") -> Item:
    """The body of a connection of an item."""
    return {
        "content_type": {"id": content_type_id(kind)},
        "object_id": pk,
        "external_id": external_id,
    }


def shown(client: httpx.Client, path: str) -> set[str]:
    """The ids in a list, which its other forms agree with."""
    items = client.get(f"{path}list/").json()
    found = {item["id"] for item in items}
    lines = client.get(f"{path}list/?_jsonl=true").content.splitlines()
    assert {json.loads(line)["id"] for line in lines} == found
    assert client.get(f"{path}list/?_statistics=true").json()["count"] == len(found)
    counted = client.get(f"{path}list/?_limit=5&_count=true")
    assert counted.headers["X-Total-Count"] == str(len(found))
    return found


def test_only_connected_items_are_seen(operator: Operator, bounded: httpx.Client) -> None:
    """From the connection on, and not after it; answers by their person; nothing can be created."""
    tenant, other = operator.server.customers[0].ids["tenant"][:2]
    assert shown(bounded, TENANTS.path) == shown(bounded, ANSWERS.path) == set()
    assert bounded.get(f"{TENANTS.path}{tenant}/").status_code == 404
    answer = {
        "answer": True,
        "integration": {"id": bounded.headers["X-Activation"]},
        "answered_by_tenant": {"id": tenant},
    }
    refused = bounded.post(ANSWERS.path, json=answer)
    assert faults(refused) == [("not_found", "/answered_by_tenant")]
    made = bounded.post(CONNECTIONS.path, json=connection(tenant))
    assert made.status_code == 201, made.text
    assert shown(bounded, TENANTS.path) == {tenant}
    written = bounded.post(ANSWERS.path, json=answer)
    assert written.status_code == 201, written.text
    assert written.json()["id"] in shown(bounded, ANSWERS.path)
    assert bounded.get(f"{TENANTS.path}{other}/").status_code == 404
    named = {"first_name": "Ny", "last_name": "Person"}
    organization = {"id": operator.first("organization")}
    created = bounded.post(TENANTS.path, json=named)
    assert faults(created) == [("out_of_reach", "")]
    within = bounded.post(TENANTS.path, json={**named, "organization": organization})
    assert faults(within) == [("not_found", "/organization")]
    assert bounded.delete(f"{CONNECTIONS.path}{made.json()['id']}/").status_code == 204
    assert shown(bounded, TENANTS.path) == shown(bounded, ANSWERS.path) == set()
    assert bounded.patch(f"{TENANTS.path}{tenant}/", json={}).status_code == 404


def test_a_connection_tells_nothing_of_what_is_out_of_reach(
    operator: Operator, bounded: httpx.Client
) -> None:
    """Another customer's item, and one that is nowhere, are the same to who connects."""
    strangers = operator.server.customers[1].ids["tenant"][0]
    answers = [
        bounded.post(CONNECTIONS.path, json=connection(pk)) for pk in (strangers, str(uuid4()))
    ]
    assert [faults(answer) for answer in answers] == [[("not_found", "/object_id")]] * 2


def test_connections_of_other_applications_do_not_count(
    operator: Operator, bounded: httpx.Client
) -> None:
    """Each application sees what it has connected itself; a hidden connection is one, too."""
    tenant = operator.server.customers[0].ids["tenant"][2]
    _, other = operator.integration({CONNECTIONS.name: ALL})
    with operator.server.client(other) as client:
        assert client.post(CONNECTIONS.path, json=connection(tenant)).status_code == 201
    assert shown(bounded, TENANTS.path) == set()
    hidden = {**connection(tenant), "hidden": True}
    assert bounded.post(CONNECTIONS.path, json=hidden).status_code == 201
    assert shown(bounded, TENANTS.path) == {tenant}


def test_the_bound_can_be_set_and_lifted(operator: Operator) -> None:
    """For the next request, on a connection of an activation that is at work."""
    activation, caller = operator.integration({TENANTS.name: ["read"]})
    with operator.server.client(caller) as client:
        everyone = shown(client, TENANTS.path)
        assert everyone
        for needs, seen in ((True, set()), (False, everyone)):
            changed = operator.change(
                ACTIVATIONS,
                activation["id"],
                access_requires_specific_object_connection=needs,
            )
            assert changed.status_code == 200
            assert shown(client, TENANTS.path) == seen


# --- rights ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("right", "method", "tail", "body"),
    [
        ("read", "GET", "list/", None),
        ("read", "GET", "list/?_statistics=true", None),
        ("read", "GET", "list/statistics/", None),
        ("read", "GET", "list/export/", None),
        ("read", "GET", "{pk}/", None),
        ("create", "POST", "", {}),
        ("create", "POST", "list/", [{"custom_id": "x"}]),
        ("create", "POST", "list/?_dry_run=true&_match=custom_id", [{"custom_id": "x"}]),
        ("update", "PATCH", "{pk}/", {}),
        ("update", "POST", "list/", [{"id": "{pk}"}]),
        ("delete", "DELETE", "{pk}/", None),
        ("read", "POST", "resolve/", []),
    ],
)
def test_a_refusal_names_the_missing_right(
    operator: Operator, right: str, method: str, tail: str, body: Any
) -> None:
    """Each operation asks for its own, and having all others doesn't help."""
    rights = [one for one in ALL if one != right]
    _, caller = operator.integration({CONNECTIONS.name: rights})
    sent = {} if body is None else {"json": json.loads(json.dumps(body).replace("{pk}", NOBODY))}
    with operator.server.client(caller) as client:
        answer = client.request(method, CONNECTIONS.path + tail.format(pk=NOBODY), **sent)
    detail = f"The right to {right} {CONNECTIONS.name} is missing."
    assert (answer.status_code, answer.json()["detail"]) == (403, detail)


NOBODY = "00000000-0000-4000-8000-000000000000"


def test_a_right_to_one_resource_is_none_to_another(operator: Operator) -> None:
    """What isn't listed isn't allowed, and `all` alone is no right to do anything."""
    _, caller = operator.integration({TENANTS.name: ["read"], ANSWERS.name: ["all"]})
    with operator.server.client(caller) as client:
        assert client.get(LIST).status_code == 200
        for path in (ANSWERS.path, CONNECTIONS.path, "/sales/organization/"):
            assert client.get(f"{path}list/").status_code == 403


def test_own_rows_unless_all_is_allowed(operator: Operator) -> None:
    """An integration sees the answers about itself; a tenant portal those about every one."""
    rights = ["read", "create"]
    mine, caller = operator.integration({ANSWERS.name: rights})
    _, portal = operator.integration({ANSWERS.name: [*rights, "all"]})
    tenant = {"id": operator.server.customers[0].ids["tenant"][0]}
    body = {"answer": False, "integration": {"id": mine["id"]}, "answered_by_tenant": tenant}
    with operator.server.client(caller) as own, operator.server.client(portal) as every:
        about_me = every.post(ANSWERS.path, json=body)
        assert about_me.status_code == 201, about_me.text
        assert shown(own, ANSWERS.path) == {about_me.json()["id"]}
        assert len(shown(every, ANSWERS.path)) > 1
        others = {**body, "integration": {"id": operator.first("integration")}}
        assert faults(own.post(ANSWERS.path, json=others)) == [("not_found", "/integration")]
