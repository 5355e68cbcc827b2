"""Id connections over HTTP: unique keys, `resolve`, and content types."""

from __future__ import annotations

from uuid import uuid4

import httpx

from portvakt.errors import Code
from portvakt.schema.registry import content_type_id
from tests.api.operations.asking import NOWHERE, check, listed
from tests.support.examples import (
    CONNECTIONS,
    CONTENT_TYPES,
    NOT_HELD,
    create,
    example,
    registry,
)


def test_unique_connection(client: httpx.Client) -> None:
    """The same pair of ids twice is a conflict that names the key, also within one array."""
    body = example(CONNECTIONS)
    create(client, CONNECTIONS, **body)
    key = ["application_id", "content_type", "object_id", "external_id"]
    problem = check(
        client.post(CONNECTIONS.path, json=body), Code.conflict, ("/external_id", "conflict")
    )
    assert problem["errors"][0]["fields"] == key
    bulk = client.post(f"{CONNECTIONS.path}list/", json=[body])
    check(bulk, Code.invalid, ("/0/external_id", "conflict"))
    new = example(CONNECTIONS)
    twice = client.post(f"{CONNECTIONS.path}list/", json=[new, new])
    check(
        twice,
        Code.invalid,
        ("/0/external_id", "repeated_key"),
        ("/1/external_id", "repeated_key"),
    )


def test_many_to_many(client: httpx.Client) -> None:
    """An item may have many external ids, and an external id many items."""
    first = create(client, CONNECTIONS)
    same_item = create(client, CONNECTIONS, object_id=first["object_id"])
    same_external = create(client, CONNECTIONS, external_id=first["external_id"])
    path = f"{CONNECTIONS.path}resolve/"
    ours = {"content_type": first["content_type"], "object_id": first["object_id"]}
    theirs = {"content_type": first["content_type"], "external_id": first["external_id"]}
    nobodys = {**theirs, "external_id": uuid4().hex}
    found = client.post(path, json=[theirs, nobodys, ours, theirs]).json()
    assert found == [[first, same_external], [], [first, same_item], [first, same_external]]
    assert client.post(path, json=[]).json() == []


def test_resolve_finds_hidden(client: httpx.Client) -> None:
    """A hidden connection is resolved all the same."""
    item = create(client, CONNECTIONS, hidden=True)
    entry = {"content_type": item["content_type"], "external_id": item["external_id"]}
    assert client.post(f"{CONNECTIONS.path}resolve/", json=[entry]).json() == [[item]]


def test_wrong_resolve(client: httpx.Client) -> None:
    """Every fault of every entry is told with its position."""
    kind = {"id": NOT_HELD}
    check(
        client.post(
            f"{CONNECTIONS.path}resolve/",
            json=[
                {"content_type": kind},
                {"external_id": "x"},
                {"content_type": kind, "external_id": "x", "object_id": NOWHERE},
                {"content_type": kind, "external_id": "x", "hidden": True},
                7,
            ],
        ),
        Code.invalid,
        ("/0/object_id", "at_least_one"),
        ("/1/content_type", "required"),
        ("/2/object_id", "excludes"),
        ("/3/hidden", "unknown_field"),
        ("/4", "type"),
    )


def test_match_connection(client: httpx.Client) -> None:
    """A connection that is there is found by its three fields in any order, and not doubled."""
    body = example(CONNECTIONS)
    outcomes = []
    for match in ("content_type,object_id,external_id", "external_id,object_id,content_type"):
        path = f"{CONNECTIONS.path}list/?_match={match}&_report=true"
        outcomes += [entry["outcome"] for entry in client.post(path, json=[body]).json()]
    assert outcomes == ["created", "unchanged"]


def test_connection_of_a_held_item(client: httpx.Client) -> None:
    """Where we hold the resource the item must exist; elsewhere any id will do."""
    tenant = {"id": content_type_id("accounts.tenant")}
    body = example(CONNECTIONS, content_type=tenant, object_id=NOWHERE)
    check(client.post(CONNECTIONS.path, json=body), Code.invalid, ("/object_id", "not_found"))
    unknown = example(CONNECTIONS, content_type={"id": NOWHERE})
    check(client.post(CONNECTIONS.path, json=unknown), Code.invalid, ("/content_type", "not_found"))


def test_application_is_the_callers(client: httpx.Client) -> None:
    """The application is set from the caller, whatever the body says."""
    item = create(client, CONNECTIONS, application_id=NOWHERE)
    assert item["application_id"] == client.headers["X-PIGELLO-APPLICATION-ID"]


def test_content_types(client: httpx.Client) -> None:
    """All known content types are listed with the ids that every installation has."""
    found = listed(client, CONTENT_TYPES)
    assert {item["id"]: item["name"] for item in found} == registry().content_types
    (tenant,) = listed(client, CONTENT_TYPES, name="accounts.tenant")
    assert tenant["id"] == content_type_id("accounts.tenant")
    assert client.get(f"{CONTENT_TYPES.path}{tenant['id']}/").json() == tenant
