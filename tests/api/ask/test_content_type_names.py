"""Names of content types, `app.model`, are taken wherever the id is; answers show the id."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import httpx
import pytest

from portvakt.resources import load
from portvakt.schema.fields import Reference, References
from portvakt.schema.registry import content_type_id
from tests.support.servers import Server

CONNECTIONS = "/integrations/integrationserviceidconnection/"
TENANT = content_type_id("accounts.tenant")

Item = dict[str, Any]


@pytest.fixture
def body(server: Server) -> Item:
    """A connection of a tenant with an external id of its own, its kind named."""
    tenant = server.customers[0].ids["tenant"][0]
    kind = {"id": "accounts.tenant"}
    return {"content_type": kind, "object_id": tenant, "external_id": str(uuid4())}


def test_every_reference_to_a_content_type_takes_names() -> None:
    """Whichever resource declares it."""
    pointing = [field for one in load().resources.values() for field in one.pointing]
    kinds = [field for field in pointing if field.target == "platform.contenttype"]
    assert kinds
    assert not any(isinstance(field, References) for field in kinds)
    assert all(isinstance(field, Reference) and field.named for field in kinds)


def test_bodies_take_names(client: httpx.Client, body: Item) -> None:
    """Create, update, bulk write, dry runs, `_match` and `resolve/`."""
    made = client.post(CONNECTIONS, json=body).json()
    assert made["content_type"] == {"id": TENANT}
    changed = client.patch(
        f"{CONNECTIONS}{made['id']}/", json={"content_type": {"id": "Accounts.Tenant"}}
    )
    assert changed.json() == made
    for params in ({}, {"_dry_run": "true"}):
        match = {"_match": "content_type,object_id,external_id", "_report": "true", **params}
        (report,) = client.post(f"{CONNECTIONS}list/", params=match, json=[body]).json()
        assert (report["outcome"], report["id"]) == ("unchanged", made["id"])
    asked = {name: body[name] for name in ("content_type", "external_id")}
    assert client.post(f"{CONNECTIONS}resolve/", json=[asked]).json() == [[made]]


def test_filters_take_names(client: httpx.Client, body: Item) -> None:
    """Exact, one of several, negated; and in the event log."""
    made = client.post(CONNECTIONS, json=body).json()

    def found(**params: str) -> list[str]:
        asked = {"external_id": body["external_id"], **params}
        return [item["id"] for item in client.get(f"{CONNECTIONS}list/", params=asked).json()]

    assert found(content_type="accounts.tenant") == [made["id"]]
    assert found(content_type__in=f"accounts.subtenant,{TENANT}") == [made["id"]]
    assert found(content_type__in="accounts.subtenant,ACCOUNTS.TENANT") == [made["id"]]
    assert found(content_type="accounts.subtenant") == []
    assert found(**{"content_type!": "accounts.tenant"}) == []


def test_the_event_log_takes_names(operating: httpx.Client) -> None:
    """By name and by id the same events are found."""
    named = {"content_type": "sales.organization", "_limit": "3"}
    by_id = {**named, "content_type": content_type_id("sales.organization")}
    events = operating.get("/common/eventlog/list/", params=named).json()
    assert events
    assert events == operating.get("/common/eventlog/list/", params=by_id).json()


def test_a_name_that_is_none_is_told(client: httpx.Client, body: Item) -> None:
    """With the nearest one, as a fault of its place; nothing is found or written."""
    params = {"content_type": "accounts.tennant"}
    refused = client.get(f"{CONNECTIONS}list/", params=params)
    wrong = {**body, "content_type": {"id": "accounts.tennant"}}
    writes = [
        client.post(CONNECTIONS, json=wrong),
        client.post(f"{CONNECTIONS}list/", params={"_dry_run": "true"}, json=[wrong]),
    ]
    assert refused.status_code == 400
    for response in (refused, *writes):
        (fault,) = response.json()["errors"]
        assert fault["code"] == "not_an_option"
        assert "Did you mean `accounts.tenant`?" in fault["detail"]
    assert [r.json()["errors"][0]["pointer"] for r in writes] == [
        "/content_type/id",
        "/0/content_type/id",
    ]
