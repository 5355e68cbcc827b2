"""Evidence over HTTP: taken by every write, shown where it is asked for, and what a notice does."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from tests.support.servers import Server

ANSWERS = "/integrations/answeredintegrationpersonalinformationaccess/"
NOTICES = "/integrations/notice/"
CONNECTIONS = "/integrations/integrationserviceidconnection/"
CHECK = "/integrations/decision/check/"
EVIDENCE = {
    "method": "paper",
    "expires_at": "2100-01-01T00:00:00.000000Z",
    "on_behalf_of": "Eva Exempel, god man",
}
ASKED = {"_evidence": "true"}

Item = dict[str, Any]


@pytest.fixture
def body(server: Server) -> Item:
    """A tenant's yes to the caller, and how it was given."""
    ids = server.customers[0].ids
    return {
        "answer": True,
        "integration": {"id": ids["integration"][0]},
        "answered_by_tenant": {"id": ids["tenant"][0]},
        **EVIDENCE,
    }


def evidence(item: Item) -> Item:
    """The additive fields that an item shows."""
    return {name: item[name] for name in ("notice", *EVIDENCE) if name in item}


def test_every_answer_shows_it_if_asked(client: httpx.Client, body: Item) -> None:
    """Create, Get, list, lines, update and bulk write; otherwise there are the nine fields."""
    whole = {"notice": None, **EVIDENCE}
    plain = client.post(ANSWERS, json=body).json()
    assert len(plain) == 9
    path, listing = f"{ANSWERS}{plain['id']}/", f"{ANSWERS}list/"
    one = {"id": plain["id"]}

    def shown(params: Item) -> list[Item]:
        lines = client.get(listing, params={**one, **params, "_jsonl": "true"}).content.splitlines()
        reports = client.post(listing, params={**params, "_report": "true"}, json=[one]).json()
        return [
            client.get(path, params=params).json(),
            client.patch(path, params=params, json={}).json(),
            *client.get(listing, params={**one, **params}).json(),
            *map(json.loads, lines),
            *client.post(listing, params=params, json=[one]).json(),
            *(report["item"] for report in reports),
        ]

    assert shown({}) == [plain] * 6
    assert shown(ASKED) == [{**plain, **whole}] * 6
    made = client.post(ANSWERS, params=ASKED, json=body).json()
    assert evidence(made) == whole
    told = client.get(f"{path}history/").json()
    assert told[0]["changed"]["method"] == {"before": None, "after": "paper"}


def test_only_answers_have_it(client: httpx.Client, body: Item) -> None:
    """Elsewhere the parameter is unknown; and evidence is neither filtered nor sorted by."""
    for path in (f"{CONNECTIONS}list/", f"{CONNECTIONS}{body['integration']['id']}/"):
        answer = client.get(path, params=ASKED)
        assert answer.json()["errors"][0]["code"] == "unknown_parameter"
    for params in ({"method": "paper"}, {"expires_at__isnull": "true"}, {"_order_by": "method"}):
        answer = client.get(f"{ANSWERS}list/", params=params)
        assert (answer.status_code, len(answer.json()["errors"])) == (400, 1)
    assert client.get(f"{ANSWERS}list/", params={"_evidence": "yes"}).status_code == 400


def test_wrong_evidence_is_told_at_once(client: httpx.Client, body: Item) -> None:
    """Each field's fault with its place."""
    wrong = {"method": "fax", "expires_at": "soon", "on_behalf_of": "", "notice": "first"}
    problem = client.post(ANSWERS, json={**body, **wrong}).json()
    assert {(error["pointer"], error["code"]) for error in problem["errors"]} == {
        ("/method", "not_an_option"),
        ("/expires_at", "format"),
        ("/on_behalf_of", "too_short"),
        ("/notice", "type"),
    }


@pytest.fixture
def strict(operating: httpx.Client, body: Item) -> Iterator[None]:
    """Only a yes counts for the caller."""
    path = f"/accounts/users/api/integrationuseragent/{body['integration']['id']}/"
    name = "personal_information_acceptance_mode"
    before = operating.get(path).json()[name]
    assert operating.patch(path, json={name: 2}).status_code == 200
    yield
    assert operating.patch(path, json={name: before}).status_code == 200


@pytest.mark.usefixtures("strict")
def test_a_material_change_asks_persons_again(client: httpx.Client, body: Item) -> None:
    """A yes to the notice before counts until there is one that changes something that matters."""
    tenant = {"tenant": body["answered_by_tenant"]["id"]}
    said = {
        "language": "sv",
        "text": "Vi visar dina uppgifter.",
        "integration": body["integration"],
    }
    first = client.post(NOTICES, json={**said, "version": 101}).json()
    client.post(ANSWERS, json={**body, "notice": {"id": first["id"]}})
    reasons = []
    made = [first["id"]]
    for version, material in ((102, False), (103, True)):
        changed = {**said, "version": version, "material_change": material}
        made.append(client.post(NOTICES, json=changed).json()["id"])
        told = client.get(CHECK, params=tenant).json()
        reasons.append((told["reason"], told["answer"] is None))
    assert reasons == [("answered_yes", False), ("not_answered", True)]
    again = {**body, "notice": {"id": made[-1]}}
    answer = client.post(ANSWERS, json=again).json()
    assert client.get(CHECK, params=tenant).json()["answer"] == {"id": answer["id"]}
    assert client.delete(f"{NOTICES}{made[-1]}/").status_code == 409
    sealed = client.patch(f"{NOTICES}{first['id']}/", json={"text": "Annat."}).json()
    assert [error["code"] for error in sealed["errors"]] == ["sealed"]
