"""Nothing is lost that another wrote, and nothing is shown on that was withdrawn."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import uuid4

import httpx
import pytest

from portvakt.schema.operations import Operation
from portvakt.schema.resource import Resource
from tests.support import stored
from tests.support.examples import OFFERED, samples
from tests.support.servers import Server

ANSWERS = "/integrations/answeredintegrationpersonalinformationaccess/"
CONNECTIONS = "/integrations/integrationserviceidconnection/"
TENANTS = "/accounts/users/customer/tenant/"
STALE = '"1.2000-01-01T00:00:00.000000Z.s-0123456789abcdef"'

READABLE = [one for one in OFFERED if {Operation.get, Operation.list} <= {*one.operations}]


@pytest.fixture
def tenant(operating: httpx.Client) -> str:
    """The path of a new tenant."""
    answer = operating.post(TENANTS, json={"first_name": "Ada", "custom_id": uuid4().hex})
    return answer.headers["Location"]


def matching(tag: str) -> dict[str, str]:
    """The header that names a tag."""
    return {"If-Match": tag}


def unless(tag: str) -> dict[str, str]:
    """The header that names what the reader has."""
    return {"If-None-Match": tag}


# --- reading --------------------------------------------------------------------------------------


@pytest.mark.parametrize("resource", READABLE, ids=lambda one: one.name)
def test_single_items_have_a_tag_and_lists_have_none(
    resource: Resource, operating: httpx.Client
) -> None:
    """A Get is answered with a strong tag, and 304 to who names it; a list with neither."""
    listed = operating.get(f"{resource.path}list/?_limit=1")
    assert "ETag" not in listed.headers
    path = f"{resource.path}{listed.json()[0]['id']}/"
    first = operating.get(path)
    tag = first.headers["ETag"]
    assert tag.startswith('"')
    assert first.headers["Cache-Control"] == "private, no-cache"
    again = operating.get(path, headers=unless(f'"x", {tag}'))
    assert (again.status_code, again.content) == (304, b"")
    assert again.headers["ETag"] == tag
    assert again.headers["Cache-Control"] == "private, no-cache"
    assert operating.get(path, headers=unless('"x"')).content == first.content
    assert operating.head(path).headers["ETag"] == tag


def test_every_answer_says_that_it_is_whole(operating: httpx.Client, tenant: str) -> None:
    """There are no ranges and no dates of changes; a Range is left out of account."""
    whole = operating.get(tenant)
    part = operating.get(tenant, headers={"Range": "bytes=0-1"})
    assert (part.status_code, part.content) == (200, whole.content)
    for answer in (part, operating.get(f"{TENANTS}list/?_limit=1"), operating.get("/nothing/")):
        assert answer.headers["Accept-Ranges"] == "none"
        assert "Last-Modified" not in answer.headers


def test_another_form_is_another_answer(operating: httpx.Client, tenant: str) -> None:
    """What was kept of one form is not taken for another; a write takes the tag of either."""
    plain, more = operating.get(tenant), operating.get(f"{tenant}?_changed=true")
    assert plain.headers["ETag"] != more.headers["ETag"]
    wanted = operating.get(f"{tenant}?_changed=true", headers=unless(plain.headers["ETag"]))
    assert wanted.json()["revision"] == 1
    written = operating.patch(tenant, json={}, headers=matching(more.headers["ETag"]))
    assert written.status_code == 200


def test_a_write_is_answered_with_the_tag_that_a_read_has(operating: httpx.Client) -> None:
    """Who creates or updates needn't read before the next write."""
    made = operating.post(TENANTS, json={"first_name": "Ada"})
    path = made.headers["Location"]
    assert operating.get(path).headers["ETag"] == made.headers["ETag"]
    changed = operating.patch(
        path, json={"first_name": "Bo"}, headers=matching(made.headers["ETag"])
    )
    assert operating.get(path).headers["ETag"] == changed.headers["ETag"] != made.headers["ETag"]
    same = operating.patch(path, json={"first_name": "Bo"})
    assert same.headers["ETag"] == changed.headers["ETag"]


def test_a_past_moment_has_no_tag(operating: httpx.Client) -> None:
    """An erasure changes what it tells without another revision."""
    (answer,) = operating.get(f"{ANSWERS}list/?_limit=1").json()
    told = operating.get(f"{ANSWERS}{answer['id']}/?_as_of=2100-01-01")
    assert told.status_code == 200
    assert "ETag" not in told.headers


# --- writing --------------------------------------------------------------------------------------


Write = Callable[[httpx.Client, str, dict[str, str]], httpx.Response]
WRITES: dict[str, Write] = {
    "update": lambda client, path, headers: client.patch(
        path, json={"first_name": "Bo"}, headers=headers
    ),
    "delete": lambda client, path, headers: client.delete(path, headers=headers),
}


@pytest.mark.parametrize("write", WRITES.values(), ids=WRITES)
def test_a_stale_write_changes_nothing(write: Write, operating: httpx.Client, tenant: str) -> None:
    """412 where the item is no longer what was read; the write goes on where it is."""
    read = operating.get(tenant).headers["ETag"]
    operating.patch(tenant, json={"first_name": "Cia"})
    now = operating.get(tenant)
    for headers in (
        matching(read),
        matching('"x"'),
        matching(f"W/{now.headers['ETag']}"),
        unless("*"),
    ):
        refused = write(operating, tenant, headers)
        assert refused.status_code == 412, headers
        assert refused.json()["code"] == "precondition_failed"
        assert operating.get(tenant).content == now.content
    assert write(operating, tenant, matching(now.headers["ETag"])).status_code in (200, 204)


@pytest.mark.parametrize("write", WRITES.values(), ids=WRITES)
def test_a_missing_item_is_told_before_a_precondition(
    write: Write, operating: httpx.Client
) -> None:
    """404 stays 404."""
    assert write(operating, f"{TENANTS}{uuid4()}/", matching("*")).status_code == 404


def test_a_precondition_goes_before_the_content(operating: httpx.Client, tenant: str) -> None:
    """Of an item that has changed nothing else is told."""
    refused = operating.patch(tenant, json={"first_name": 7}, headers=matching(STALE))
    assert refused.status_code == 412


def test_collections_know_preconditions_too(operating: httpx.Client) -> None:
    """A list is there, without a tag; where an item is created there is nothing yet."""
    mark = uuid4().hex
    body = {"first_name": "Ada", "custom_id": mark}
    many = f"{TENANTS}list/"
    assert operating.post(many, json=[body], headers=matching(STALE)).status_code == 412
    assert operating.post(many, json=[body], headers=unless("*")).status_code == 412
    assert operating.post(TENANTS, json=body, headers=matching("*")).status_code == 412
    assert operating.get(many, headers=matching(STALE)).status_code == 412
    assert operating.get(many, params={"custom_id": mark}).json() == []
    assert operating.post(many, json=[body], headers=matching("*")).status_code == 200
    assert operating.post(TENANTS, json=body, headers=unless("*")).status_code == 201


@pytest.mark.parametrize(
    ("header", "text"),
    [("If-Match", "abc"), ("If-None-Match", '"a'), ("Content-Range", "bytes 0-1/2")],
)
def test_a_wrong_header_is_named(
    header: str, text: str, operating: httpx.Client, tenant: str
) -> None:
    """400, and nothing is written."""
    refused = operating.patch(tenant, json={"first_name": "Bo"}, headers={header: text})
    assert refused.status_code == 400
    assert refused.json()["errors"][0]["header"] == header
    assert operating.get(tenant).json()["first_name"] == "Ada"


def test_no_update_is_lost(server: Server, operating: httpx.Client, tenant: str) -> None:
    """Eight writers add one each to what they have read, ten times: the sum is right."""
    operating.patch(tenant, json={"custom_id": "0"})

    def add(_: int) -> int:
        """Add one, ten times; how often it was refused."""
        refused = 0
        with server.client(None) as client:
            client.headers.update(operating.headers)
            for _ in range(10):
                while True:
                    read = client.get(tenant)
                    body = {"custom_id": str(int(read.json()["custom_id"]) + 1)}
                    answer = client.patch(tenant, json=body, headers=matching(read.headers["ETag"]))
                    if answer.status_code == 200:
                        break
                    assert answer.status_code == 412, answer.text
                    refused += 1
        return refused

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(add, range(8)))
    assert operating.get(tenant).json()["custom_id"] == "80"


# --- many at once ---------------------------------------------------------------------------------


@pytest.mark.parametrize("dry", ["false", "true"])
def test_items_of_a_bulk_write_may_name_a_revision(
    dry: str, operating: httpx.Client, tenant: str
) -> None:
    """A stale one is told at its place; the others are refused with it, or written without it."""
    operating.patch(tenant, json={"first_name": "Bo"})
    pk = tenant.split("/")[-2]
    bodies: list[dict[str, Any]] = [
        {"id": pk, "_revision": 1, "first_name": "Cia"},
        {"first_name": "new"},
        {"first_name": "new", "_revision": 1},
    ]
    many = f"{TENANTS}list/?_dry_run={dry}"
    refused = operating.post(many, json=bodies)
    assert refused.status_code == 422
    told = [(error["pointer"], error["code"]) for error in refused.json()["errors"]]
    assert told == [("/0/_revision", "stale"), ("/2/_revision", "stale")]
    report = operating.post(f"{many}&_atomic=false", json=bodies).json()
    assert [one["outcome"] for one in report] == ["refused", "created", "refused"]
    assert operating.get(tenant).json()["first_name"] == "Bo"
    bodies[0]["_revision"] = 2
    assert operating.post(many, json=bodies[:1]).json()[0]["first_name"] == "Cia"


def test_a_matched_item_may_name_a_revision(operating: httpx.Client, tenant: str) -> None:
    """Whatever the item was found by."""
    mark = operating.get(tenant).json()["custom_id"]
    many = f"{TENANTS}list/?_match=custom_id"
    body = {"custom_id": mark, "first_name": "Bo"}
    assert operating.post(many, json=[{**body, "_revision": 2}]).status_code == 422
    assert operating.post(many, json=[{**body, "_revision": 1}]).status_code == 200


def test_an_update_may_name_a_revision(operating: httpx.Client, tenant: str) -> None:
    """It says what If-Match does; anything but a number from 1 is a fault."""
    stale = operating.patch(tenant, json={"_revision": 2, "first_name": "Bo"})
    assert (stale.status_code, stale.json()["errors"][0]["code"]) == (412, "stale")
    for wrong in ("1", 0, None):
        assert operating.patch(tenant, json={"_revision": wrong}).status_code == 422
    assert operating.patch(tenant, json={"_revision": 1, "first_name": "Bo"}).status_code == 200


# --- revisions shown ------------------------------------------------------------------------------


def test_items_show_their_revision_where_asked(operating: httpx.Client, tenant: str) -> None:
    """Get and list show revision and time; what was read can be sent back."""
    plain = operating.get(tenant).json()
    assert not {"revision", "updated_at"} & plain.keys()
    operating.patch(tenant, json={"first_name": "Bo"})
    item = operating.get(f"{tenant}?_changed=true").json()
    assert item["revision"] == 2
    assert item["updated_at"] > item["created_at"]
    asked = f"{TENANTS}list/?_changed=true&id={item['id']}"
    for form in ("", "&_page=1&_page_size=9", "&_limit=9", "&_limit=9&_order_by=revision"):
        assert operating.get(asked + form).json() == [item]
    assert operating.get(f"{asked}&_jsonl=true").json() == item
    assert operating.patch(tenant, json=item).json() == {**plain, "first_name": "Bo"}


def test_lists_are_filtered_and_sorted_by_revision_and_time(operating: httpx.Client) -> None:
    """Who keeps a copy asks for what has changed since; the pages by cursor show it no earlier."""
    mark = uuid4().hex
    bodies = [{"first_name": "Ada", "custom_id": f"{mark}-{n}"} for n in range(4)]
    items = operating.post(f"{TENANTS}list/", json=bodies).json()
    for item in (items[2], items[0], items[2]):
        operating.patch(f"{TENANTS}{item['id']}/", json={"first_name": uuid4().hex})
    asked = f"{TENANTS}list/?custom_id__startswith={mark}&_changed=true"
    everything = operating.get(asked).json()
    assert {item["custom_id"][-1]: item["revision"] for item in everything} == {
        "0": 2,
        "1": 1,
        "2": 3,
        "3": 1,
    }
    since = sorted(item["updated_at"] for item in everything)[2]
    later = operating.get(f"{asked}&updated_at__gte={since}&_order_by=-updated_at").json()
    assert [item["custom_id"][-1] for item in later] == ["2", "0"]
    first = operating.get(f"{asked}&revision!=1&_order_by=-revision").json()
    assert [item["revision"] for item in first] == [3, 2]
    page = f"{TENANTS}list/?custom_id__startswith={mark}&_order_by=updated_at&_limit=3"
    answer = operating.get(page)
    assert [item["custom_id"][-1] for item in answer.json()][2:] == ["0"]
    assert all("updated_at" not in item for item in answer.json())
    rest = operating.get(answer.links["next"]["url"]).json()
    assert [item["custom_id"][-1] for item in rest] == ["2"]


@pytest.mark.parametrize("other", ["_slim", "_statistics"])
def test_what_shows_no_items_shows_no_revisions(other: str, operating: httpx.Client) -> None:
    """What can't be shown is a fault, not left out."""
    for path, name in ((TENANTS, "_changed"), (ANSWERS, "_changed"), (ANSWERS, "_evidence")):
        answer = operating.get(f"{path}list/", params={name: "true", other: "true"})
        assert answer.status_code == 400
        assert answer.json()["errors"][0]["parameter"] == name


# --- decisions ------------------------------------------------------------------------------------


def test_a_withdrawal_makes_another_state(server: Server, operating: httpx.Client) -> None:
    """Nothing of the person is written; yet what was read is neither kept nor written on."""
    sample = samples().customers[0]
    agent = (server.database, sample, stored.INTEGRATION, sample.first_integration["id"])
    stored.change(*agent, personal_information_acceptance_mode=2)
    try:
        with server.client() as client:
            path, answer = _answered(client, operating)
            shown = client.get(path)
            client.patch(answer, json={"answer": False})
            hidden = client.get(path, headers=unless(shown.headers["ETag"]))
            assert hidden.status_code == 200
            assert hidden.json()["first_name"] is None
            body = {"custom_id": uuid4().hex}
            stale = client.patch(path, json=body, headers=matching(shown.headers["ETag"]))
            assert stale.status_code == 412
            written = client.patch(path, json=body, headers=matching(hidden.headers["ETag"]))
            assert written.status_code == 200
            assert written.headers["ETag"] == client.get(path).headers["ETag"]
    finally:
        stored.change(*agent, personal_information_acceptance_mode=0)


def _answered(client: httpx.Client, operating: httpx.Client) -> tuple[str, str]:
    """The paths of a new tenant that has said yes, and of that answer."""
    (other,) = client.get(f"{TENANTS}list/?_limit=1&organization__isnull=false").json()
    body = {"first_name": "Ada", "organization": other["organization"]}
    made = operating.post(TENANTS, json=body)
    yes = {
        "answer": True,
        "integration": {"id": samples().customers[0].first_integration["id"]},
        "answered_by_tenant": {"id": made.json()["id"]},
    }
    return made.headers["Location"], client.post(ANSWERS, json=yes).headers["Location"]
