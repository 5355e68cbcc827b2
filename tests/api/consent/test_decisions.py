"""Decisions over HTTP: asked one by one, many at once, and as a list of who may be seen."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest

from tests.support.examples import registry, samples
from tests.support.people import operator
from tests.support.servers import Server

CHECK = "/integrations/decision/check/"
ACCESSIBLE = "/integrations/decision/accessible/"
TENANTS = "/accounts/users/customer/tenant/"
ACTIVATIONS = "/accounts/users/api/integrationuseragent/"
ANSWERS = "/integrations/answeredintegrationpersonalinformationaccess/"
NOWHERE = "00000000-0000-4000-8000-000000000000"

Item = dict[str, Any]


def integration() -> str:
    """The integration that `client` is."""
    return str(samples().customers[0].first_integration["id"])


def tenants(client: httpx.Client) -> list[Item]:
    """The tenants of the sample data that the caller reaches."""
    known = set(samples().customers[0].ids("tenant"))
    listed: list[Item] = client.get(f"{TENANTS}list/").json()
    return [item for item in listed if item["id"] in known]


def check(client: httpx.Client, **params: str) -> Item:
    """What is decided of one pair."""
    answer = client.get(CHECK, params=params)
    assert answer.status_code == 200, answer.text
    told: Item = answer.json()
    return told


def accessible(client: httpx.Client, kind: str = "tenant", **params: str) -> list[str]:
    """The ids that are told."""
    answer = client.get(ACCESSIBLE, params={"kind": kind, **params})
    assert answer.status_code == 200, answer.text
    assert answer.headers["Content-Type"] == "application/x-ndjson"
    return [json.loads(line)["id"] for line in answer.content.splitlines()]


def test_the_end_of_the_accessible_is_told(client: httpx.Client) -> None:
    """Where it is asked for: now, at a past moment, and where there is nobody."""
    asks: list[dict[str, str]] = [{}, {"_as_of": "2020-01-01"}]
    for asked in asks:
        ids = accessible(client, **asked)
        answer = client.get(ACCESSIBLE, params={"kind": "tenant", "_end": "true", **asked})
        assert answer.status_code == 200, answer.text
        *lines, last = answer.content.splitlines()
        assert [json.loads(line)["id"] for line in lines] == ids
        assert json.loads(last) == {"_end": {"count": len(ids)}}


def test_every_way_of_asking_agrees(client: httpx.Client, server: Server) -> None:
    """One pair, many pairs, the list of persons, and what a read of the person shows."""
    items = tenants(client)
    pairs = [{"integration": {"id": integration()}, "tenant": {"id": one["id"]}} for one in items]
    told = client.post(CHECK, json=pairs).json()
    assert told[:3] == [check(client, tenant=item["id"]) for item in items[:3]]
    allowed = {item["id"] for item, one in zip(items, told, strict=True) if one["allowed"]}
    denied = {item["id"] for item in items} - allowed
    assert allowed
    assert denied
    seen = accessible(client)
    assert allowed <= set(seen)
    assert not denied & set(seen)
    named = ("first_name", "last_name", "corporate_name")
    shown = {item["id"] for item in items if any(item[name] for name in named)}
    assert shown == allowed
    headers = operator(server, 0)
    assert client.post(CHECK, json=pairs).json() == told
    with server.client(None) as anonymous:
        assert anonymous.post(CHECK, json=pairs, headers=headers).json() == told
        asked = {"kind": "tenant", "integration": integration()}
        answer = anonymous.get(ACCESSIBLE, params=asked, headers=headers)
        assert [json.loads(line)["id"] for line in answer.content.splitlines()] == seen


def test_an_answer_is_told_and_withdrawn(client: httpx.Client) -> None:
    """The answer that counts, its revision and since when; nothing once it is deleted."""
    tenant = tenants(client)[-1]["id"]
    body = {
        "answer": False,
        "integration": {"id": integration()},
        "answered_by_tenant": {"id": tenant},
    }
    made = client.post(ANSWERS, json=body).json()
    told = check(client, tenant=tenant)
    assert (told["answer"], told["revision"]) == ({"id": made["id"]}, 1)
    assert told["since"] == made["created_at"]
    assert client.delete(f"{ANSWERS}{made['id']}/").status_code == 204
    again = check(client, tenant=tenant)
    assert (again["answer"], again["revision"], again["since"]) == (None, None, None)


def test_a_past_moment(client: httpx.Client, server: Server, anonymous: httpx.Client) -> None:
    """What was told then is told again, in every way of asking, though all is withdrawn since.

    People are told of persons who were deleted too; integrations are not.
    """
    now: Callable[[], str] = lambda: datetime.now(UTC).isoformat()  # noqa: E731
    headers = operator(server, 0)
    # The mode that the tests' servers begin with was not written through Portvakt; so it is now.
    path, body = f"{ACTIVATIONS}{integration()}/", {"custom_id": "written"}
    assert anonymous.patch(path, json=body, headers=headers).status_code == 200
    place = {"organization": tenants(client)[0]["organization"]}
    person = {"first_name": "Tillfällig", **place}
    tenant = anonymous.post(TENANTS, json=person, headers=headers).json()["id"]
    answered = {"integration": {"id": integration()}, "answered_by_tenant": {"id": tenant}}
    before = now()
    made = client.post(ANSWERS, json={"answer": True, **answered}).json()
    told, then = check(client, tenant=tenant), now()
    assert (told["allowed"], told["answer"]) == (True, {"id": made["id"]})
    assert client.delete(f"{ANSWERS}{made['id']}/").status_code == 204
    assert check(client, tenant=tenant)["answer"] is None
    pairs = [{"tenant": {"id": tenant}}, {"sub_tenant": {"id": NOWHERE}}]
    named = [{**pair, "integration": {"id": integration()}} for pair in pairs]
    asked = {"integration": integration(), "_as_of": then}

    def told_to_people() -> Item:
        """What people are told, in each way of asking."""
        one = anonymous.get(CHECK, params={"tenant": tenant, **asked}, headers=headers).json()
        many = anonymous.post(CHECK, json=named, params={"_as_of": then}, headers=headers).json()
        assert [many[0], many[1]["reason"]] == [one, "unknown"]
        listed = anonymous.get(ACCESSIBLE, params={"kind": "tenant", **asked}, headers=headers)
        assert (tenant in listed.text) == one["allowed"]
        return dict(one)

    assert told_to_people() == told
    assert client.post(CHECK, json=pairs, params={"_as_of": then}).json()[0] == told
    assert check(client, tenant=tenant, _as_of=then) == told
    assert tenant in accessible(client, _as_of=then)
    assert check(client, tenant=tenant, _as_of=before)["answer"] is None
    assert check(client, tenant=tenant, _as_of="2999-01-01") == check(client, tenant=tenant)
    assert anonymous.delete(f"{TENANTS}{tenant}/", headers=headers).status_code == 204
    assert told_to_people() == told
    assert check(client, tenant=tenant, _as_of=then)["reason"] == "unknown"
    assert tenant not in accessible(client, _as_of=then)


def test_what_is_not_there_is_unknown(client: httpx.Client) -> None:
    """Nothing tells whether it is somebody else's."""
    unknown = {
        "allowed": False,
        "reason": "unknown",
        "answer": None,
        "revision": None,
        "since": None,
        "mode": None,
    }
    theirs = samples().customers[1]
    for params in (
        {"tenant": NOWHERE},
        {"tenant": theirs.ids("tenant")[0]},
        {"tenant": tenants(client)[0]["id"], "integration": theirs.first_integration["id"]},
        {"sub_tenant": tenants(client)[0]["id"]},
    ):
        assert check(client, **params) == unknown
    assert accessible(client, integration=theirs.first_integration["id"]) == []


WRONG: list[tuple[Item, list[tuple[str, str]]]] = [
    ({}, [("tenant", "at_least_one")]),
    (
        {"tenant": NOWHERE, "sub_tenant": NOWHERE},
        [("tenant", "excludes"), ("sub_tenant", "excludes")],
    ),
    ({"tenant": "x"}, [("tenant", "format")]),
    ({"tenant": NOWHERE, "_as_of": "yesterday"}, [("_as_of", "format")]),
    ({"tenant": NOWHERE, "tennant": NOWHERE}, [("tennant", "unknown_parameter")]),
]


@pytest.mark.parametrize(("params", "errors"), WRONG)
def test_wrong_parameters(
    client: httpx.Client, params: Item, errors: list[tuple[str, str]]
) -> None:
    """Each is named, and how to mend it."""
    answer = client.get(CHECK, params=params)
    assert answer.status_code == 400
    found = [(error["parameter"], error["code"]) for error in answer.json()["errors"]]
    assert found == errors


def test_wrong_kinds(client: httpx.Client) -> None:
    """The kind of persons is one that there is."""
    for params, code in (({}, "missing"), ({"kind": "customer"}, "not_an_option")):
        answer = client.get(ACCESSIBLE, params=params)
        (error,) = answer.json()["errors"]
        assert (answer.status_code, error["parameter"], error["code"]) == (400, "kind", code)


def test_wrong_pairs(client: httpx.Client) -> None:
    """Every fault of every pair is reported with its place."""
    pairs = [{"tenant": {"id": NOWHERE}}, {}, {"tenant": {"id": "x"}}, 7]
    answer = client.post(CHECK, json=pairs)
    assert answer.status_code == 422
    found = [(error["pointer"], error["code"]) for error in answer.json()["errors"]]
    assert found == [("/1/tenant", "at_least_one"), ("/2/tenant/id", "format"), ("/3", "type")]
    asked = client.post(CHECK, json=[pairs[0]], params={"_as_of": "then", "tenant": NOWHERE})
    found = [(error["parameter"], error["code"]) for error in asked.json()["errors"]]
    assert found == [("_as_of", "format"), ("tenant", "unknown_parameter")]
    assert client.post(CHECK, json=[pairs[0]] * 10_001).status_code == 413
    assert client.post(CHECK, json=[]).json() == []


def test_credentials_are_needed(anonymous: httpx.Client) -> None:
    """As everywhere."""
    for answer in (
        anonymous.get(CHECK, params={"tenant": NOWHERE}),
        anonymous.post(CHECK, json=[]),
        anonymous.get(ACCESSIBLE, params={"kind": "tenant"}),
    ):
        assert answer.status_code == 401


def test_people_say_whom_they_ask_about(client: httpx.Client, operating: httpx.Client) -> None:
    """Left out, it is a fault that names it; an integration that leaves it out means itself."""
    person = tenants(client)[0]["id"]
    for path, params in ((CHECK, {"tenant": person}), (ACCESSIBLE, {"kind": "tenant"})):
        for more in ({}, {"_as_of": "2026-01-01T00:00:00Z"}):
            answer = operating.get(path, params={**params, **more})
            assert answer.status_code == 400, answer.text
            (error,) = answer.json()["errors"]
            assert (error["parameter"], error["code"]) == ("integration", "missing")
            assert client.get(path, params={**params, **more}).status_code == 200
    entry = {"tenant": {"id": person}}
    named = {**entry, "integration": {"id": integration()}}
    answer = operating.post(CHECK, json=[named, entry, {**entry, "integration": None}, {}])
    assert answer.status_code == 422
    errors = [(error["pointer"], error["code"]) for error in answer.json()["errors"]]
    assert errors == [
        ("/1/integration", "required"),
        ("/2/integration", "required"),
        ("/3/integration", "required"),
        ("/3/tenant", "at_least_one"),
    ]
    mine = client.post(CHECK, json=[named, entry, {**entry, "integration": None}]).json()
    assert mine[0] == mine[1] == mine[2]
    assert mine[0]["reason"] != "unknown"


def test_what_an_action_requires_is_asked_for() -> None:
    """No action takes null for what it requires, and what names the caller is one of its fields."""
    for resource in registry().resources.values():
        for action in resource.actions:
            named = {field.name for field in (*action.query, *action.body)}
            assert action.asking is None or action.asking in named
            assert not [field for field in action.body if field.required and field.nullable]
