"""The event log and the history of items, over HTTP."""

from __future__ import annotations

import time
from typing import Any
from uuid import uuid4

import httpx
import pytest

from portvakt.schema.registry import content_type_id
from tests.support.event_log import LOG, WAIT, events_of
from tests.support.examples import ANSWERS, CONNECTIONS, create, example, resource_named
from tests.support.people import operator
from tests.support.servers import Server


def test_the_log_tells_what_happened(client: httpx.Client) -> None:
    """Each write of an item, in order, within a moment, by whom."""
    item = create(client, CONNECTIONS)
    path = f"{CONNECTIONS.path}{item['id']}/"
    assert client.patch(path, json={"hidden": True}).status_code == 200
    created, updated = events_of(client, item["id"], 2)
    name = "integrations.integrationserviceidconnection"
    assert created["event_identifier"] == f"{name}.instancecreated"
    assert updated["event_identifier"] == f"{name}.instanceupdated"
    assert created["content_type"] == {"id": content_type_id(name)}
    assert created["created_at"] == item["created_at"]
    assert (created["event_context"], updated["event_context"]) == (
        {"revision": 1},
        {"revision": 2},
    )
    assert created["triggered_by_integration"] is not None
    assert created["triggered_by_organization_user"] is None
    assert client.get(f"{LOG}{created['id']}/").json() == created


def test_a_deletion_is_told(client: httpx.Client, server: Server) -> None:
    """To people, and to who did it, also of what belonged to no organization."""
    item = create(client, ANSWERS, organization=None)
    assert client.delete(f"{ANSWERS.path}{item['id']}/").status_code == 204
    with server.client(None) as people:
        people.headers.update(operator(server, 0))
        told = [events_of(who, item["id"], 2)[-1] for who in (people, client)]
    for last in told:
        assert last["event_identifier"].endswith(".instancedeleted")
        assert last["event_context"] == {"revision": 2, "pk": item["id"]}


def test_a_withdrawn_answer_is_told_to_the_integration_it_was_to(
    client: httpx.Client, server: Server
) -> None:
    """Whoever deleted it, and wherever the integration is activated."""
    item = create(client, ANSWERS, organization=None)
    with server.client(None) as people:
        people.headers.update(operator(server, 0))
        assert people.delete(f"{ANSWERS.path}{item['id']}/").status_code == 204
        events_of(people, item["id"], 2)
    last = events_of(client, item["id"], 2)[-1]
    assert last["event_identifier"].endswith(".instancedeleted")
    assert last["triggered_by_integration"] is None


def test_the_log_is_the_customers_own(other_client: httpx.Client, client: httpx.Client) -> None:
    """Another customer finds none of its events."""
    item = create(client, CONNECTIONS)
    (event,) = events_of(client, item["id"], 1)
    assert other_client.get(f"{LOG}list/?object_id={item['id']}&_limit=10").json() == []
    assert other_client.get(f"{LOG}{event['id']}/").status_code == 404


def test_the_log_can_be_read_on_from_its_end(client: httpx.Client) -> None:
    """Also the last page tells a cursor, from which what comes later is read, each event once."""
    url, seen = f"{LOG}list/?_limit=1000", list[dict[str, Any]]()
    made = [create(client, CONNECTIONS)["id"] for _ in range(3)]
    end = time.monotonic() + WAIT
    more = ""
    while time.monotonic() < end and not {*made} <= {event["object_id"] for event in seen}:
        answer = client.get(url)
        seen += answer.json()
        if "Link" in answer.headers:
            url = answer.links["next"]["url"]
        if not more and seen:
            more = create(client, CONNECTIONS)["id"]
            made.append(more)
    assert {*made} <= {event["object_id"] for event in seen}
    assert len({event["id"] for event in seen}) == len(seen)


# --- history --------------------------------------------------------------------------------------


def history(client: httpx.Client, path: str, pk: str) -> httpx.Response:
    """The answer of an item's history."""
    return client.get(f"{path}{pk}/history/")


def test_history_tells_each_revision(client: httpx.Client) -> None:
    """Who, when and what changed, the newest last."""
    item = create(client, ANSWERS, answer=True)
    client.patch(f"{ANSWERS.path}{item['id']}/", json={"answer": False})
    first, second = history(client, ANSWERS.path, item["id"]).json()
    assert (first["revision"], first["operation"], first["through"]) == (1, "created", "api")
    assert first["at"] == item["created_at"]
    assert first["changed"]["integration"] == {"before": None, "after": item["integration"]}
    assert (second["revision"], second["operation"]) == (2, "updated")
    assert second["changed"].pop("answer") == {"before": True, "after": False}
    # How the yes was given says nothing of the no.
    assert {change["after"] for change in second["changed"].values()} <= {None}
    assert second["by"]["caller"] == "integration"
    assert {*second["by"]} == {"caller", "activation"}


def test_history_of_a_deleted_item_is_for_people(client: httpx.Client, server: Server) -> None:
    """To the integration it isn't there; to an operator it is, and tells its end."""
    item = create(client, ANSWERS)
    client.delete(f"{ANSWERS.path}{item['id']}/")
    assert history(client, ANSWERS.path, item["id"]).status_code == 404
    with server.client(None) as people:
        people.headers.update(operator(server, 0))
        answer = history(people, ANSWERS.path, item["id"])
        assert [one["operation"] for one in answer.json()] == ["created", "deleted"]
        assert history(people, ANSWERS.path, str(uuid4())).status_code == 404
        people.headers.update(operator(server, 1))
        assert history(people, ANSWERS.path, item["id"]).status_code == 404


def test_history_tells_no_personal_value(server: Server) -> None:
    """To people a digest."""
    tenants = resource_named("accounts.tenant")
    with server.client(None) as people:
        people.headers.update(operator(server, 0))
        name = uuid4().hex
        body = {**example(tenants), "first_name": name, "username": None}
        item = people.post(tenants.path, json=body).json()
        answer = history(people, tenants.path, item["id"])
    (only,) = answer.json()
    assert name not in answer.text
    assert {*only["changed"]["first_name"]["after"]} == {"digest"}


@pytest.mark.parametrize("parameter", ["_limit=1", "answer=true"])
def test_history_takes_no_parameters(client: httpx.Client, parameter: str) -> None:
    """What would be ignored is refused."""
    item = create(client, ANSWERS)
    answer = client.get(f"{ANSWERS.path}{item['id']}/history/?{parameter}")
    assert answer.status_code == 400
