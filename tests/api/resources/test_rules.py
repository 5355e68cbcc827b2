"""Every kind of rule, through the API, on both databases.

The rules themselves have their tables in `tests/schema/`; here each kind shows once that what
breaks it is refused at its place, in a single write and in a bulk write, and that what keeps it
comes back as it was sent.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import uuid4

import httpx
import pytest

from portvakt.schema.resource import Resource
from tests.support.examples import STOCK, create, example, resource_named, samples

TENANT = "accounts.tenant"
SUB_TENANT = "accounts.subtenant"
USER = "accounts.organizationuser"
REAL_ESTATE = "objects.realestate"
COMPANY = "organization.company"
ACTIVATION = "accounts.integrationuseragent"
PROTECTED = "accounts.protectedidentity"
SEGMENT = "organization.segment"
ADDRESS = "common.address"

UNNAMED = {"first_name": None, "last_name": None, "corporate_name": None, "sni_number": None}
SHARED = samples().customers[0].ids("real_estate")
ONE, TWO = ({"id": pk} for pk in SHARED[:2])
FREE = {"å": [1, None, {"b": True}], "": 1.5}

KEPT: list[tuple[str, dict[str, Any]]] = [
    (TENANT, {"ssn": "20121212-1212", "org_no": "556016-0680"}),
    (TENANT, {"ssn": "197010632391", "ssn_is_coordination_number": True}),
    (USER, {"ssn": "201212121212", "org_no": "5560160680"}),
    (TENANT, {"gln13_number": "7350053850019"}),
    (SUB_TENANT, {"gln13_number": "07350053850019"}),
    (TENANT, {"phone_number": "+46701740605"}),
    (SUB_TENANT, {"peppol_id": "0088:7350053850019"}),
    (TENANT, {"email": "Åsa.Öberg@example.se", "invoice_email": None}),
    (TENANT, {**UNNAMED, "last_name": "Öberg"}),
    (SUB_TENANT, {**UNNAMED, "corporate_name": "Bageriet", "sni_number": "20.520"}),
    (REAL_ESTATE, {"purchased_date": "2020-01-01", "sold_date": "2020-01-01"}),
    (TENANT, {"realestates": []}),
    (SEGMENT, {"realestates": sorted((ONE, TWO), key=lambda one: one["id"])}),
    (ACTIVATION, {"activation_variables": FREE, "integration_activation_data": {}}),
    (TENANT, {"profile_picture": FREE, "block_notifications_for": [FREE, {}]}),
    (COMPANY, {"bookkeeping_month_start": 12, "auto_confirm_bookkeeping_after_days": -(2**31)}),
    (ADDRESS, {"latitude": -90, "longitude": 180}),
    (USER, {"fmi": "x" * 20, "detail_access": 0}),
]

BROKEN: list[tuple[str, dict[str, Any], dict[str, str]]] = [
    (TENANT, {"ssn": "20121212-1213"}, {"/ssn": "format"}),
    (USER, {"ssn": "197010632392"}, {"/ssn": "format"}),
    (PROTECTED, {"ssn": "121212-1212"}, {"/ssn": "too_short"}),
    (TENANT, {"org_no": "556016-0681"}, {"/org_no": "format"}),
    (TENANT, {"gln13_number": "7350053850018"}, {"/gln13_number": "format"}),
    (SUB_TENANT, {"phone_number": "070-174 06 05"}, {"/phone_number": "format"}),
    (SUB_TENANT, {"peppol_id": "0009:5560160680"}, {"/peppol_id": "format"}),
    (TENANT, {"email": "a@localhost", "invoice_email": "a"}, {
        "/email": "format", "/invoice_email": "format",
    }),
    (TENANT, UNNAMED, {"/first_name": "at_least_one"}),
    (SUB_TENANT, {"corporate_name": None, "sni_number": "20.520"}, {"/sni_number": "requires"}),
    (PROTECTED, {"tenant": None, "sub_tenant": None}, {"/tenant": "at_least_one"}),
    (ACTIVATION, {"activation_object_id": None}, {"/activation_object_id": "set_together"}),
    (REAL_ESTATE, {"purchased_date": "2020-01-02", "sold_date": "2020-01-01",
                   "financial_responsibility_to": None,
                   "non_financial_responsibility_to": None}, {"/sold_date": "wrong_order"}),
    (TENANT, {"realestates": [ONE, TWO, ONE]}, {"/realestates/2": "repeated_value"}),
    (TENANT, {"realestates": None}, {"/realestates": "null"}),
    (SEGMENT, {"realestates": [ONE, {"id": str(uuid4())}]}, {"/realestates": "not_found"}),
    (ACTIVATION, {"activation_variables": [1]}, {"/activation_variables": "type"}),
    (TENANT, {"block_notifications_for": [{}, 1]}, {"/block_notifications_for/1": "type"}),
    (COMPANY, {"bookkeeping_month_start": 13}, {"/bookkeeping_month_start": "out_of_range"}),
    (COMPANY, {"auto_confirm_bookkeeping_after_days": 2**31}, {
        "/auto_confirm_bookkeeping_after_days": "out_of_range",
    }),
    (ADDRESS, {"latitude": 90.1, "longitude": "1"}, {
        "/latitude": "out_of_range", "/longitude": "type",
    }),
    (ADDRESS, {"street": "Storgatan, uppgång B"}, {"/street": "format"}),
    (USER, {"detail_access": 3}, {"/detail_access": "not_an_option"}),
    (USER, {"fmi": "x" * 21, "anonymization_name": "å" * 256}, {
        "/fmi": "too_long", "/anonymization_name": "too_long",
    }),
    (TENANT, {"birth_date": "2026-02-30"}, {"/birth_date": "format"}),
]  # fmt: skip


def named(value: object) -> str:
    """A test's name: the model, and the fields that are changed."""
    if isinstance(value, str):
        return value.partition(".")[2]
    return "-".join(name.strip("/") for name in value) if isinstance(value, Mapping) else ""


def faults(answer: httpx.Response, prefix: str = "") -> dict[str, str]:
    """The pointers of a refusal and their codes."""
    assert answer.status_code == 422, answer.text
    return {e["pointer"].removeprefix(prefix): e["code"] for e in answer.json()["errors"]}


@pytest.mark.parametrize(("name", "changes"), KEPT, ids=named)
def test_what_keeps_the_rules_is_stored(
    client: httpx.Client, operating: httpx.Client, name: str, changes: dict[str, Any]
) -> None:
    """It comes back as it was sent, after a create and after an update."""
    resource = resource_named(name)
    client = operating if resource.belongs_to_persons else client  # who sees new items as they are
    item = create(client, resource, **changes)
    assert {field: item[field] for field in changes} == changes
    other = create(client, resource)
    path = f"{resource.path}{other['id']}/"
    assert client.patch(path, json=changes).json() == {**other, **changes}
    assert client.get(path).json() == {**other, **changes}


@pytest.mark.parametrize(("name", "changes", "expected"), BROKEN, ids=named)
def test_what_breaks_a_rule_is_refused(
    client: httpx.Client,
    operating: httpx.Client,
    name: str,
    changes: dict[str, Any],
    expected: dict[str, str],
) -> None:
    """At its place, by a create, an update and a bulk write; and nothing is written."""
    resource = resource_named(name)
    client = operating if resource.made_by_people else client
    body = example(resource, **changes)
    item = create(client, resource)
    path = f"{resource.path}{item['id']}/"
    assert faults(client.post(resource.path, json=body)) == expected
    assert faults(client.patch(path, json=changes)) == expected
    bulk = client.post(f"{resource.path}list/", json=[{"id": item["id"]}, body])
    assert faults(bulk, "/1") == expected
    assert client.get(path).json() == item


@pytest.mark.parametrize(("name", "field"), [(PROTECTED, "tenant"), (PROTECTED, "sub_tenant")])
def test_a_unique_reference_is_taken_once(client: httpx.Client, name: str, field: str) -> None:
    """A second item with it is a conflict that names the field, until the first is gone."""
    resource = resource_named(name)
    person: dict[str, Any] = {"tenant": None, "sub_tenant": None}
    person[field] = {"id": STOCK.take(resource.targets[field], 0)}
    first = create(client, resource, **person)
    taken(client, resource, person, field)
    assert client.delete(f"{resource.path}{first['id']}/").status_code == 204
    assert create(client, resource, **person)[field] == person[field]


@pytest.mark.parametrize("name", ["sales.organization", "organization.role"])
def test_a_unique_name_is_taken_once(client: httpx.Client, name: str) -> None:
    """Two items of a customer can't have the same; other letters are another name."""
    resource = resource_named(name)
    mark = uuid4().hex
    create(client, resource, name=f"{mark} å")
    taken(client, resource, {"name": f"{mark} å"}, "name")
    assert create(client, resource, name=f"{mark} Å")


def taken(client: httpx.Client, resource: Resource, values: dict[str, Any], field: str) -> None:
    """No write can give another item these values of a unique key."""
    single = client.post(resource.path, json=example(resource, **values))
    assert (single.status_code, single.json()["code"]) == (409, "conflict")
    assert [error["fields"] for error in single.json()["errors"]] == [[field]]
    bulk = client.post(f"{resource.path}list/", json=[example(resource, **values)])
    assert faults(bulk, "/0") == {f"/{field}": "conflict"}
    other = create(client, resource)
    path = f"{resource.path}{other['id']}/"
    assert client.patch(path, json=values).status_code == 409
    assert client.get(path).json() == other


def test_one_protected_identity_has_one_person(client: httpx.Client) -> None:
    """A tenant and a sub-tenant exclude each other, in the reference's words."""
    resource = resource_named(PROTECTED)
    both: dict[str, Any] = {
        name: {"id": STOCK.take(resource.targets[name], 0)} for name in ("tenant", "sub_tenant")
    }
    answer = client.post(resource.path, json=example(resource, **both))
    assert faults(answer) == {"/tenant": "excludes", "/sub_tenant": "excludes"}
    said = "This value can't bet set, when any of the following fields are set: tenant"
    assert answer.json()["errors"][1]["detail"] == said


def test_the_level_of_an_activation_is_its_services(operating: httpx.Client) -> None:
    """A pair that is set together, of another kind than the service's level, is refused."""
    resource = resource_named(ACTIVATION)
    other = example(resource_named("integrations.integrationserviceidconnection"))["content_type"]
    answer = operating.post(resource.path, json=example(resource, activation_content_type=other))
    assert faults(answer)["/activation_content_type"] == "mismatch"
