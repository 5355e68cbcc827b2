"""Activations over their life: chosen, suspended, resumed, deprecated; which one decides.

Every integration here is the test's own, registered by an operator over the API.
"""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest

from portvakt.schema.registry import content_type_id
from tests.support.beside_servers import open_store
from tests.support.examples import CONNECTIONS, TENANTS
from tests.support.registered import (
    ACTIVATIONS,
    ALL,
    APPLICATIONS,
    LIST,
    SERVICES,
    VERSIONS,
    Item,
    Operator,
    faults,
)
from tests.support.stored import run

# --- what must fit together -----------------------------------------------------------------------


def test_the_service_must_belong_to_the_application(operator: Operator) -> None:
    """Headers that all agree with the activation are refused where the registry says otherwise.

    It can't come to that over the API: a service stays its application's.
    """
    service = operator.service()
    version = operator.version(service, allowed_access={TENANTS.name: ["read"]})
    activation = operator.activate(service, version)
    other = operator.service()["application"]
    kept = operator.change(SERVICES, service["id"], application=other, name="moved")
    assert faults(kept) == [("sealed", "/application")]

    async def write(change: str) -> None:
        async with open_store(operator.server.database) as store, store.database.transaction() as c:
            await c.execute(f"UPDATE platform_service SET {change} WHERE id = '{service['id']}'")

    def move(application: Item) -> None:
        run(write(f"application = '{application['id']}', name = 'moved'"))

    with operator.server.client(operator.caller(activation)) as client:
        move(other)
        refused = client.get(LIST)
        nobody = client.get(LIST, headers={"X-PIGELLO-SERVICE-ID": str(uuid4())})
        assert refused.status_code == nobody.status_code == 401
        told = [answer.json() | {"instance": ""} for answer in (refused, nobody)]
        assert told[0] == told[1]
        move(service["application"])
        assert client.get(LIST).status_code == 200


# --- what can be chosen ---------------------------------------------------------------------------


def test_the_read_only_fields_mirror_the_version(operator: Operator) -> None:
    """An activation shows what its version says, and follows when it gets another one."""
    service = operator.service()
    said: Item = {
        "allowed_access": {TENANTS.name: ["read"]},
        "subscribes_to_events": [{"name": "tenant.created"}],
        "require_personal_information_access": True,
        "registered_ip_addresses": ["192.0.2.0/24"],
    }
    first, second = operator.version(service, 1, **said), operator.version(service, 2)
    made = operator.activate(service, first, allowed_access={"x.y": ["read"]})
    assert {name: made[name] for name in said} == said
    body = {"service_version_id": second["id"]}
    changed = operator.change(ACTIVATIONS, made["id"], **body).json()
    assert changed["allowed_access"] == {}
    assert changed["registered_ip_addresses"] is None
    assert changed["require_personal_information_access"] is False


def test_the_parts_must_fit(operator: Operator) -> None:
    """The version's service, the service's application, and the level of its object."""
    service, other = operator.service(), operator.service("objects.realestate")
    version = operator.version(service)
    wanted = operator.wanted(service, version)
    cases = {
        "/service_id": {"service_id": other["id"], "application_id": other["application"]["id"]},
        "/application_id": {"application_id": other["application"]["id"]},
        "/activation_content_type": {
            "activation_content_type": other["level"],
            "activation_object_id": operator.first("real_estate"),
        },
    }
    for place, wrong in cases.items():
        answer = operator.send("POST", ACTIVATIONS, {**wanted, **wrong})
        assert ("mismatch", place) in faults(answer)


@pytest.mark.parametrize("state", ["draft", "deprecated"])
def test_only_a_published_version_is_activated(operator: Operator, state: str) -> None:
    """A draft isn't there yet; a deprecated one is there for those who have it."""
    service = operator.service()
    version = operator.version(service, state="draft" if state == "draft" else "published")
    if state == "deprecated":
        assert operator.change(VERSIONS, version["id"], state=state).status_code == 200
    refused = operator.send("POST", ACTIVATIONS, operator.wanted(service, version))
    assert faults(refused) == [("not_available", "/service_version_id")]


def test_a_deprecated_version_goes_on_where_it_is_active(operator: Operator) -> None:
    """It answers, can be suspended, resumed and changed; nobody else gets it, not by update."""
    service = operator.service()
    old = operator.version(service, 1, allowed_access={TENANTS.name: ["read"]})
    new = operator.version(service, 2, allowed_access={TENANTS.name: ["read"]})
    has_old, has_new = operator.activate(service, old), operator.activate(service, new)
    with operator.server.client(operator.caller(has_old)) as client:
        assert operator.change(VERSIONS, old["id"], state="deprecated").status_code == 200
        assert client.get(LIST).status_code == 200
        for changes in ({"is_active": False}, {"is_active": True}, {"clashing_priority": 7}):
            assert operator.change(ACTIVATIONS, has_old["id"], **changes).status_code == 200
        assert client.get(LIST).status_code == 200
    back = operator.change(ACTIVATIONS, has_new["id"], service_version_id=old["id"])
    assert faults(back) == [("not_available", "/service_version_id")]
    assert (
        operator.change(ACTIVATIONS, has_old["id"], service_version_id=new["id"]).status_code == 200
    )


def test_an_application_is_for_whom_it_says(operator: Operator) -> None:
    """A draft for nobody, a private one for the customers it lists, a public one for all."""
    first, second = (customer.id for customer in operator.server.customers[:2])
    service = operator.service(visibility="draft")
    application = service["application"]["id"]
    wanted = operator.wanted(service, operator.version(service))
    refused = [("not_available", "/application_id")]
    assert faults(operator.send("POST", ACTIVATIONS, wanted)) == refused
    operator.change(APPLICATIONS, application, visibility="private", customers=[{"id": second}])
    assert faults(operator.send("POST", ACTIVATIONS, wanted)) == refused
    operator.change(APPLICATIONS, application, customers=[{"id": first}])
    assert operator.send("POST", ACTIVATIONS, wanted).status_code == 201
    theirs = {**wanted, "activation_object_id": operator.server.customers[1].ids["organization"][0]}
    assert faults(operator.send("POST", ACTIVATIONS, theirs, customer=second)) == refused
    operator.change(APPLICATIONS, application, visibility="public")
    assert operator.send("POST", ACTIVATIONS, theirs, customer=second).status_code == 201


def test_a_published_version_never_changes(operator: Operator) -> None:
    """But for its state and its description; it can't become a draft again."""
    version = operator.version(operator.service(), allowed_access={TENANTS.name: ["read"]})
    changes: list[Item] = [
        {"allowed_access": {TENANTS.name: ALL}},
        {"registered_ip_addresses": ["192.0.2.1"]},
        {"subscribes_to_events": [{}]},
        {"requires_sole_category_ownership": True},
        {"number": 9},
    ]
    for change in changes:
        answer = operator.change(VERSIONS, version["id"], **change)
        assert faults(answer) == [("sealed", f"/{next(iter(change))}")]
    assert faults(operator.change(VERSIONS, version["id"], state="draft")) == [
        ("not_an_option", "/state")
    ]
    assert operator.change(VERSIONS, version["id"], description="As it was").status_code == 200


# --- suspended and resumed ------------------------------------------------------------------------


def test_a_suspended_activation_loses_nothing(operator: Operator) -> None:
    """It is refused from the next request on; resumed, it goes on with its secret and its items."""
    activation, caller = operator.integration({CONNECTIONS.name: ALL})
    path = f"{CONNECTIONS.path}list/"
    body = {
        "content_type": {"id": content_type_id("objects.apartment")},
        "object_id": str(uuid4()),
        "external_id": "apartment 1",
    }
    with operator.server.client(caller) as client:
        made = client.post(CONNECTIONS.path, json=body)
        assert made.status_code == 201, made.text
        suspended = operator.change(ACTIVATIONS, activation["id"], is_active=False)
        assert suspended.status_code == 200
        assert (client.get(path).status_code, client.post(path, json=[]).status_code) == (401, 401)
        operator.change(ACTIVATIONS, activation["id"], is_active=True)
        assert client.get(path).json() == [made.json()]


# --- categories -----------------------------------------------------------------------------------


def deciding(operator: Operator, category: str) -> Any:
    """What is told of a category."""
    answer = operator.send("GET", f"{ACTIVATIONS}category/", params={"category": category})
    assert answer.status_code == 200, answer.text
    return answer.json()


def test_the_highest_priority_decides(operator: Operator) -> None:
    """Of the active ones of a category, and of several the oldest."""
    category = f"låssystem {uuid4()}"
    service = operator.service()
    version = operator.version(service)
    low, high, same = (
        operator.activate(service, version, category=category, clashing_priority=priority)
        for priority in (-5, 40, 40)
    )
    told = {"category": category, "integration": {"id": high["id"]}, "clashing_priority": 40}
    assert deciding(operator, category) == [told]
    operator.change(ACTIVATIONS, high["id"], is_active=False)
    assert deciding(operator, category)[0]["integration"] == {"id": same["id"]}
    operator.change(ACTIVATIONS, low["id"], clashing_priority=41)
    assert deciding(operator, category)[0]["integration"] == {"id": low["id"]}
    for one in (low, same):
        operator.change(ACTIVATIONS, one["id"], is_active=False)
    assert deciding(operator, category) == []
    operator.change(ACTIVATIONS, high["id"], is_active=True)
    every = operator.send("GET", f"{ACTIVATIONS}category/").json()
    assert told in every
    assert [one["category"] for one in every] == sorted({one["category"] for one in every})


def test_an_integration_learns_whether_it_decides(operator: Operator) -> None:
    """Not who else does, where it doesn't see that one, nor of categories that aren't its own."""
    category, other = f"mine {uuid4()}", f"other {uuid4()}"
    rights = {"accounts.integrationuseragent": ["read"]}
    mine, caller = operator.integration(rights, {"category": category, "clashing_priority": 5})
    service = operator.service()
    version = operator.version(service)
    operator.activate(service, version, category=other)
    rival = operator.activate(service, version, category=category, clashing_priority=4)
    with operator.server.client(caller) as client:
        path = f"{ACTIVATIONS}category/"
        won = {"category": category, "integration": {"id": mine["id"]}, "clashing_priority": 5}
        assert client.get(path).json() == [won]
        operator.change(ACTIVATIONS, rival["id"], clashing_priority=6)
        lost = {"category": category, "integration": None, "clashing_priority": None}
        assert client.get(path).json() == [lost]
        assert client.get(path, params={"category": other}).json() == []
        wrong = client.get(path, params={"categorie": other})
        assert (wrong.status_code, wrong.json()["errors"][0]["parameter"]) == (400, "categorie")
        assert client.post(path, json={}).headers["Allow"] == "GET, HEAD"
    _, blind = operator.integration({})
    with operator.server.client(blind) as client:
        refused = client.get(path)
        assert (refused.status_code, "read accounts.integrationuseragent" in refused.text) == (
            403,
            True,
        )


def test_a_category_can_be_owned(operator: Operator) -> None:
    """While its owner is active no other is; whoever comes second is refused, either way."""
    category = f"passage {uuid4()}"
    service, sole = operator.service(), operator.service()
    usual = operator.version(service)
    owning = operator.version(sole, requires_sole_category_ownership=True)
    owner = operator.activate(sole, owning, category=category)
    wanted = operator.wanted(service, usual, category=category)
    assert operator.send("POST", ACTIVATIONS, wanted).status_code == 409
    quiet = operator.make(ACTIVATIONS, {**wanted, "is_active": False})
    resumed = operator.change(ACTIVATIONS, quiet["id"], is_active=True)
    assert (resumed.status_code, resumed.json()["errors"][0]["pointer"]) == (409, "/category")
    both = [{"id": owner["id"], "is_active": False}, {"id": quiet["id"], "is_active": True}]
    swapped = operator.send("POST", f"{ACTIVATIONS}list/", both)
    assert swapped.status_code == 200, swapped.text
    assert operator.change(ACTIVATIONS, owner["id"], is_active=True).status_code == 409
    second = operator.server.customers[1]
    theirs = {**wanted, "activation_object_id": second.ids["organization"][0]}
    assert operator.send("POST", ACTIVATIONS, theirs, customer=second.id).status_code == 201
