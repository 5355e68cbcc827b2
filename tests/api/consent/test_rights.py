"""What persons may ask for, over HTTP: everything that is held about them, and to be erased."""

from __future__ import annotations

import json
from html.parser import HTMLParser
from typing import Any
from uuid import uuid4

import httpx
import pytest

from tests.support.event_log import LOG, events_of
from tests.support.examples import ANSWERS, CONNECTIONS, resource_named, samples
from tests.support.people import administrator, bearer, log_in
from tests.support.servers import Server

TENANTS = resource_named("accounts.tenant")
ADDRESSES = resource_named("common.address")
IDENTITIES = resource_named("accounts.protectedidentity")
HOME = {"street": "Storgatan", "postal_code": "123 45", "city": "Umeå", "country": "Sverige"}

Item = dict[str, Any]


def integration() -> str:
    """The integration that `client` is."""
    return str(samples().customers[0].first_integration["id"])


def post(client: httpx.Client, path: str, body: Item) -> Item:
    """A new item."""
    answer = client.post(path, json=body)
    assert answer.status_code == 201, answer.text
    made: Item = answer.json()
    return made


@pytest.fixture
def tenant(operating: httpx.Client, client: httpx.Client) -> Item:
    """A tenant with an address, a protected identity, two answers (one deleted) and an id there."""
    home = post(operating, ADDRESSES.path, {**HOME, "care_of": "<b>Öberg & Co</b>"})
    body: Item = {"first_name": "Åsa", "last_name": f"<i>{uuid4().hex}</i>"}
    body["organization"] = {"id": client.headers["X-PIGELLO-CLIENT-ENTITY"]}
    body |= {"current_registered_address": {"id": home["id"]}, "custom_id": uuid4().hex}
    made = post(operating, TENANTS.path, body)
    me = {"id": made["id"]}
    post(operating, IDENTITIES.path, {"tenant": me, "first_name": "Hemlig"})
    given = {"integration": {"id": integration()}, "answered_by_tenant": me}
    gone = post(operating, ANSWERS.path, {**given, "answer": True})
    post(operating, ANSWERS.path, {**given, "answer": False})
    assert operating.delete(f"{ANSWERS.path}{gone['id']}/").status_code == 204
    kind = next(
        item["id"]
        for item in operating.get("/platform/contenttype/list/?name=accounts.tenant").json()
    )
    link = {"content_type": {"id": kind}, "object_id": made["id"], "external_id": uuid4().hex}
    post(client, CONNECTIONS.path, link)
    return made


def exported(operating: httpx.Client, pk: str) -> Item:
    """The export as JSON."""
    answer = operating.get(f"{TENANTS.path}{pk}/export/")
    assert answer.status_code == 200, answer.text
    assert answer.headers["Content-Type"] == "application/json"
    told: Item = answer.json()
    return told


def test_an_export_holds_everything(operating: httpx.Client, tenant: Item) -> None:
    """The person, what refers to it and belongs to it, answers with history, decisions, history."""
    told = exported(operating, tenant["id"])
    assert [*told] == ["head", "person", "items", "answers", "decisions", "history"]
    assert told["head"]["resource"] == "accounts.tenant"
    assert told["head"]["erased_at"] is None
    assert told["person"] == tenant
    assert {one["resource"]: one["as"] for one in told["items"]} == {
        "accounts.protectedidentity": "tenant",
        "integrations.integrationserviceidconnection": "object_id",
        "common.address": "current_registered_address",
    }
    assert [[one["operation"] for one in answer["history"]] for answer in told["answers"]] == [
        ["created", "deleted"],
        ["created"],
    ]
    assert [answer["item"] is None for answer in told["answers"]] == [True, False]
    activations = operating.get("/accounts/users/api/integrationuseragent/list/?_slim=true").json()
    assert {one["integration"]["id"] for one in told["decisions"]} == {a["id"] for a in activations}
    check = {"integration": integration(), "tenant": tenant["id"]}
    (mine,) = [one for one in told["decisions"] if one["integration"]["id"] == integration()]
    decided = operating.get("/integrations/decision/check/", params=check).json()
    assert {name: mine[name] for name in decided} == decided
    assert mine["application"]["name"]
    assert [one["operation"] for one in told["history"]] == ["created"]


class Page(HTMLParser):
    """What a page consists of: its tags, the language, and the texts of its headings."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[str] = []
        self.language: str | None = None
        self.scopes: list[str | None] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """One more tag is open."""
        self.tags.append(tag)
        if tag == "html":
            self.language = dict(attrs).get("lang")
        if tag == "th":
            self.scopes.append(dict(attrs).get("scope"))
        if tag not in ("meta", "br"):
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        """It ends the last one that was opened."""
        assert self.open.pop() == tag


def test_an_export_is_a_page_for_who_accepts_html(operating: httpx.Client, tenant: Item) -> None:
    """Well-formed, with a language, headings and headers of tables; what is stored is escaped."""
    accept = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"
    answer = operating.get(f"{TENANTS.path}{tenant['id']}/export/", headers={"Accept": accept})
    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == "text/html; charset=utf-8"
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
    page = Page()
    page.feed(answer.text)
    assert page.open == []
    assert page.language == "en"
    assert page.tags.count("h1") == 1
    assert page.tags.count("h2") == 5
    assert page.scopes
    assert {*page.scopes} <= {"col", "row"}
    assert not {"script", "link", "img"} & {*page.tags}
    assert "&lt;b&gt;Öberg &amp; Co&lt;/b&gt;" in answer.text
    assert tenant["last_name"] not in answer.text


@pytest.mark.parametrize(
    ("accept", "kind"),
    [
        ("*/*", "application/json"),
        ("application/json, text/html;q=0.9", "application/json"),
        ("text/html;q=0", "application/json"),
        ("text/html", "text/html; charset=utf-8"),
    ],
)
def test_the_form_is_what_is_accepted(
    operating: httpx.Client, tenant: Item, accept: str, kind: str
) -> None:
    """JSON, unless HTML is what is wanted most."""
    answer = operating.head(f"{TENANTS.path}{tenant['id']}/export/", headers={"Accept": accept})
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, kind)


def test_an_erased_person_is_nobody_any_more(
    operating: httpx.Client, client: httpx.Client, tenant: Item
) -> None:
    """The export tells what is left; integrations are told that it happened, and can't undo it."""
    path = f"{TENANTS.path}{tenant['id']}/"
    answer = operating.post(f"{path}erase/")
    assert answer.status_code == 200, answer.text
    told = answer.json()
    assert (told["outcome"], told["anonymized"], told["first_name"]) == ("erased", True, "Erased")
    left = exported(operating, tenant["id"])
    assert left["head"]["erased_at"] == told["erased_at"]
    assert left["items"] == []
    assert len(left["answers"]) == 2
    text = json.dumps(left)
    assert tenant["last_name"] not in text
    assert tenant["custom_id"] not in text
    assert operating.post(f"{path}erase/").json()["outcome"] == "unchanged"
    refused = client.patch(path, json={"last_name": "Öberg"})
    assert (refused.status_code, refused.json()["errors"][0]["code"]) == (422, "erased")
    events = events_of(operating, tenant["id"], 2)
    assert events[-1]["event_identifier"] == "accounts.tenant.instanceerased"
    assert LOG


def test_administrators_answer_and_integrations_do_not(
    anonymous: httpx.Client, client: httpx.Client, server: Server, tenant: Item
) -> None:
    """An administrator may export and erase; an integration is told who may."""
    made = administrator(anonymous, server, f"{uuid4().hex}@example.com")
    headers = bearer(log_in(anonymous, server, made["email"]).json()["token"])
    path = f"{TENANTS.path}{tenant['id']}/"
    for method, tail in (("GET", "export/"), ("POST", "erase/")):
        refused = client.request(method, path + tail)
        assert (refused.status_code, refused.json()["code"]) == (403, "forbidden")
        assert "administrators and operators" in refused.json()["detail"]
        assert anonymous.request(method, path + tail, headers=headers).status_code == 200
    nobody = f"{TENANTS.path}{uuid4()}/"
    assert anonymous.get(f"{nobody}export/", headers=headers).status_code == 404
    assert anonymous.post(f"{nobody}erase/", headers=headers).status_code == 404
