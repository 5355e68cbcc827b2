"""The six operations and `resolve` over HTTP, for every resource that has them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote
from uuid import uuid4

import httpx
import pytest

from portvakt.errors import Code
from portvakt.schema.operators import Kind
from portvakt.schema.registry import content_type_id
from portvakt.schema.resource import Resource
from portvakt.schema.values import NO_ID
from portvakt.storage.long_texts import headed
from tests.api.examples import (
    ANSWERS,
    ASKED,
    CONNECTIONS,
    CONTENT_TYPES,
    FORBIDDEN,
    FORMS,
    NOT_HELD,
    OFFERED,
    ONE_DATABASE,
    TENANTS,
    WRITABLE,
    Asked,
    Item,
    body_of,
    create,
    example,
    registry,
    resource_named,
    send,
    shown,
)


@pytest.fixture
def client(
    request: pytest.FixtureRequest, client: httpx.Client, operating: httpx.Client
) -> httpx.Client:
    """Calls as the first customer's integration; as an operator about what it can't create."""
    resource = request.getfixturevalue("resource") if "resource" in request.fixturenames else None
    return operating if resource and resource.made_by_people else client


EACH = pytest.mark.parametrize("resource", WRITABLE, ids=lambda resource: resource.model)
SORTS = [resource_named("accounts.integrationuseragent"), TENANTS, ANSWERS, CONNECTIONS]
EACH_SORT = pytest.mark.parametrize("resource", SORTS, ids=lambda resource: resource.model)
"""For what is the same of every resource: one that people alone create, one of persons with links
and a key, one with versions, one that belongs to an application and can be hidden."""

PATHS = sorted({asked.path for asked in ASKED})
NOWHERE = "00000000-0000-4000-8000-000000000000"
TRIES = 20


@pytest.fixture
def whole(resource: Resource, client: httpx.Client, operating: httpx.Client) -> httpx.Client:
    """A caller who reaches all of the customer's items, those that belong to no organization too.

    It is the operator, who can do all but create what belongs to an application.
    """
    return client if resource.owner else operating


@pytest.fixture
def seeing(resource: Resource, client: httpx.Client, operating: httpx.Client) -> httpx.Client:
    """A caller who sees new items as they are.

    It is the operator, where an item is seen only with the persons who have it.
    """
    return operating if resource.held else client


def listed(client: httpx.Client, resource: Resource, **params: Any) -> Any:
    """What a list answers, as JSON."""
    answer = client.get(f"{resource.path}list/", params=params)
    assert answer.status_code == 200, answer.text
    return answer.json()


def marked(client: httpx.Client, resource: Resource, number: int) -> tuple[str, list[Item]]:
    """New items whose `custom_id`s begin with a mark of their own, and the mark."""
    mark = uuid4().hex
    bodies = [example(resource, custom_id=f"{mark}-{index:03}") for index in range(number)]
    answer = client.post(f"{resource.path}list/", json=bodies)
    assert answer.status_code == 200, answer.text
    return mark, answer.json()


def ids(items: list[Item]) -> list[str]:
    """The items' ids, in order."""
    return [item["id"] for item in items]


def check(answer: httpx.Response, code: Code, *errors: tuple[str, str]) -> dict[str, Any]:
    """The answer is this problem, with these (where, code)s and no others."""
    problem: dict[str, Any] = answer.json()
    assert (answer.status_code, problem["code"]) == (code.status, code.name), problem
    found = [
        (error.get("pointer", error.get("parameter", error.get("header"))), error["code"])
        for error in problem["errors"]
    ]
    assert found == list(errors)
    return problem


# --- paths and methods ----------------------------------------------------------------------------


@EACH
def test_create(seeing: httpx.Client, resource: Resource) -> None:
    """A created item is at its Location, with the fields that were sent and no others."""
    body = example(resource)
    answer = seeing.post(resource.path, json=body)
    item = answer.json()
    assert answer.status_code == 201
    assert answer.headers["Location"] == f"{resource.path}{item['id']}/"
    assert list(item) == list(resource.by_name)
    assert {name: item[name] for name in shown(resource, body)} == shown(resource, body)
    assert seeing.get(answer.headers["Location"]).json() == item


@EACH
def test_delete(seeing: httpx.Client, resource: Resource) -> None:
    """A deleted item is gone, and can't be deleted again."""
    path = f"{resource.path}{create(seeing, resource)['id']}/"
    answer = seeing.delete(path)
    assert (answer.status_code, answer.content) == (204, b"")
    for method in ("GET", "DELETE", "PATCH"):
        again = seeing.request(method, path, json={} if method == "PATCH" else None)
        check(again, Code.not_found)


@ONE_DATABASE
@pytest.mark.parametrize("path", PATHS)
def test_missing_slash(client: httpx.Client, path: str) -> None:
    """Without its last slash a path leads to the one with it, its query string kept."""
    there = path.format(pk=NOWHERE).removesuffix("/")
    for method in sorted({asked.method for asked in ASKED if asked.path == path}):
        answer = client.request(method, f"{there}?a=%C3%A5&b=1")
        assert (method, answer.status_code) == (method, 308)
        assert answer.headers["Location"].endswith(f"{there}/?a=%C3%A5&b=1")


@EACH_SORT
def test_redirected_write(client: httpx.Client, resource: Resource) -> None:
    """A client that follows the redirect creates the item."""
    answer = client.post(
        resource.path.removesuffix("/"), json=example(resource), follow_redirects=True
    )
    assert answer.status_code == 201


@ONE_DATABASE
@pytest.mark.parametrize("path", PATHS)
def test_other_methods(client: httpx.Client, path: str) -> None:
    """A method that a path does not have is refused, and the answer lists those it has."""
    there = {asked.method for asked in ASKED if asked.path == path}
    for method in {"GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"} - there:
        answer = client.request(method, path.format(pk=NOWHERE), json={})
        check(answer, Code.method_not_allowed)
        assert set(answer.headers["Allow"].split(", ")) == there


@pytest.mark.parametrize("asked", [a for a in FORMS if a.method == "HEAD"], ids=str)
def test_head(client: httpx.Client, asked: Asked) -> None:
    """HEAD answers as GET does, without the body."""
    if asked.resource in WRITABLE:
        pk = create(client, asked.resource)["id"]
    else:
        first = client.get(f"{asked.resource.path}list/", params={"_page": 1, "_page_size": 1})
        pk = first.json()[0]["id"]
    path = asked.path.format(pk=pk)
    for _ in range(TRIES):
        before, head, get = client.get(path), client.head(path), client.get(path)
        if len(before.content) == len(get.content):  # nothing was sealed in between
            break
    assert (head.status_code, head.content) == (asked.status, b"")
    assert head.headers["Content-Type"] == get.headers["Content-Type"]
    if "Content-Length" in head.headers:
        assert head.headers["Content-Length"] == get.headers["Content-Length"]


NO_IDS = [NOWHERE, "1", "x", "0" * 32, "{" + NOWHERE + "}", "%00", "å", NOWHERE + "%20", "..."]


OF_AN_ITEM = [a for a in FORMS if a.of_one_item and a.status != FORBIDDEN]


@pytest.mark.parametrize("asked", OF_AN_ITEM, ids=str)
def test_no_such_item(client: httpx.Client, asked: Asked) -> None:
    """What is no UUID is as unknown as an unknown one."""
    for pk in NO_IDS:
        answer = send(client, asked, pk, json=body_of(asked))
        assert (pk, answer.status_code) == (pk, 404)
        if asked.method != "HEAD":
            check(answer, Code.not_found)


@pytest.mark.parametrize(
    "asked", [a for a in ASKED if a.of_one_item and a.resource in (ANSWERS, CONNECTIONS)], ids=str
)
def test_the_same_404(client: httpx.Client, other_client: httpx.Client, asked: Asked) -> None:
    """No UUID, an unknown one, and another customer's: the answers are equal to the letter."""
    pks = [NOWHERE, "no-id", NO_ID, create(other_client, asked.resource, 1)["id"]]
    same = {"headers": {"X-Request-ID": "same"}, "json": body_of(asked)}
    answers = {send(client, asked, pk, **same).content for pk in pks}
    assert len(answers) == 1


@EACH
def test_upper_case_id(client: httpx.Client, resource: Resource) -> None:
    """An id in upper case names the same item, which is shown in lower case."""
    item = create(client, resource)
    assert client.get(f"{resource.path}{item['id'].upper()}/").json() == item


@pytest.mark.parametrize("path", ["/", "/openapi/", "/openapi/integrations.json", "/health/live"])
def test_public_paths(anonymous: httpx.Client, path: str) -> None:
    """Documents and health need no credentials."""
    assert anonymous.get(path).status_code == 200
    assert anonymous.head(path).status_code == 200


@pytest.mark.parametrize("path", ["/nothing/", "/integrations/", "/integrations/list/", "/å/"])
def test_unknown_path(client: httpx.Client, path: str) -> None:
    """A path that nothing is at is a problem too."""
    check(client.get(path), Code.unknown_path)


# --- representation -------------------------------------------------------------------------------


@EACH
def test_read_only_fields(seeing: httpx.Client, resource: Resource) -> None:
    """What was read may be sent back: fields that the server sets are ignored."""
    item = create(seeing, resource)
    path = f"{resource.path}{item['id']}/"
    assert seeing.patch(path, json=item).json() == item
    changed = {f.name: "ignored" for f in resource.visible if f.read_only and f.name != "id"}
    assert seeing.patch(path, json=changed).json() == item
    copy = seeing.post(resource.path, json={**item, **changed, **fresh_keys(resource)}).json()
    assert copy["id"] != item["id"]


def fresh_keys(resource: Resource) -> Item:
    """New values for the texts of unique keys."""
    body = example(resource)
    return {n: body[n] for key in resource.unique for n in key.fields if n in body}


@EACH_SORT
def test_id_mismatch(client: httpx.Client, resource: Resource) -> None:
    """A PATCH whose body names another item than its path is refused."""
    item = create(client, resource)
    path = f"{resource.path}{item['id']}/"
    check(client.patch(path, json={"id": NOWHERE}), Code.invalid, ("/id", "id_mismatch"))
    check(client.patch(path, json={"id": "x"}), Code.invalid, ("/id", "format"))
    assert client.patch(path, json={"id": item["id"].upper()}).json() == item


@EACH
def test_null_clears(whole: httpx.Client, resource: Resource) -> None:
    """In a PATCH null clears, what is absent stays, and an item is again what it was before."""
    item = create(whole, resource)
    path = f"{resource.path}{item['id']}/"
    assert item["custom_id"] is not None
    assert whole.patch(path, json={}).json() == item
    cleared = whole.patch(path, json={"custom_id": None, "organization": None})
    assert cleared.json() == {**item, "custom_id": None, "organization": None}
    restored = whole.patch(
        path, json={"custom_id": item["custom_id"], "organization": item["organization"]}
    )
    assert restored.json() == item


@EACH
def test_required(seeing: httpx.Client, resource: Resource) -> None:
    """What is required must be there on create, and can't be cleared."""
    required = [field.name for field in resource.writable if field.required]
    problem = seeing.post(resource.path, json={}).json()
    assert problem["status"] == 422
    missing = [e["pointer"] for e in problem["errors"] if e["code"] == "required"]
    assert missing == [f"/{name}" for name in required]
    if required:
        item = create(seeing, resource)
        cleared = seeing.patch(f"{resource.path}{item['id']}/", json=dict.fromkeys(required))
        check(cleared, Code.invalid, *((f"/{name}", "null") for name in required))


@EACH
def test_unknown_field(client: httpx.Client, resource: Resource) -> None:
    """An unknown field is refused, and the nearest known one is named."""
    body = {**example(resource), "custom_idd": "x", "a/b~c": 1}
    problem = check(
        client.post(resource.path, json=body),
        Code.invalid,
        ("/custom_idd", "unknown_field"),
        ("/a~1b~0c", "unknown_field"),
    )
    assert "`custom_id`" in problem["errors"][0]["detail"]


@EACH
def test_all_faults_of_an_item(client: httpx.Client, resource: Resource) -> None:
    """Every wrong field of an item is reported at once."""
    body = {f.name: {"wrong": [1]} for f in resource.writable if f.kind is not Kind.object}
    problem = client.post(resource.path, json=body).json()
    places = {error["pointer"].split("/")[1] for error in problem["errors"]}
    assert places == set(body)


@EACH
def test_references(client: httpx.Client, resource: Resource) -> None:
    """A reference may hold more than its id, in any case; it is shown as the id alone."""
    body = example(resource)
    for field in resource.references:
        if body[field.name]:
            body[field.name] = {"id": body[field.name]["id"].upper(), "name": "ignored"}
    item = client.post(resource.path, json=body).json()
    for field in resource.references:
        if not field.additive:
            assert item[field.name] == (body[field.name] and {"id": body[field.name]["id"].lower()})


WRONG_REFERENCES: list[tuple[Any, str, str]] = [
    (NOWHERE, "", "type"),
    ({}, "/id", "required"),
    ({"id": None}, "/id", "type"),
    ({"id": "x"}, "/id", "format"),
    ({"id": NOWHERE}, "", "not_found"),
    ([], "", "type"),
]


@EACH_SORT
def test_wrong_reference(client: httpx.Client, resource: Resource) -> None:
    """A reference that can't be read, or names nothing, is refused at its place."""
    for value, where, code in WRONG_REFERENCES:
        body = example(resource, organization=value)
        check(client.post(resource.path, json=body), Code.invalid, (f"/organization{where}", code))


@ONE_DATABASE
@EACH_SORT
def test_forbidden_text(client: httpx.Client, resource: Resource) -> None:
    """Text with NUL or half a character is refused, and never reaches the database."""
    for text in ("a\x00b", "\ud800"):
        body = json.dumps(example(resource, custom_id=text))
        headers = {"Content-Type": "application/json"}
        answer = client.post(resource.path, content=body, headers=headers)
        assert answer.status_code in (400, 422)
        assert answer.json()["code"] in ("unreadable_json", "invalid")


@EACH_SORT
def test_lengths_count_code_points(client: httpx.Client, resource: Resource) -> None:
    """A text may be as long as is said, whatever the characters."""
    longest = "🏠" * 128
    assert create(client, resource, custom_id=longest)["custom_id"] == longest
    answer = client.post(resource.path, json=example(resource, custom_id=longest + "x"))
    check(answer, Code.invalid, ("/custom_id", "too_long"))


def test_external_id(client: httpx.Client) -> None:
    """An external id has 1 to 1024 characters of any kind."""
    for text in ("x", " ", "å/🏠\n'\"%_\\", "ÿ" * 1024, uuid4().hex + "\u0130ß"):
        item = create(client, CONNECTIONS, external_id=text, object_id=str(uuid4()))
        assert item["external_id"] == text
    for text, code in (("", "too_short"), ("x" * 1025, "too_long")):
        answer = client.post(CONNECTIONS.path, json=example(CONNECTIONS, external_id=text))
        check(answer, Code.invalid, ("/external_id", code))


def test_exactly_one_person(client: httpx.Client) -> None:
    """An answer has one person: two exclude each other, none is not enough, also after a PATCH."""
    item = create(client, ANSWERS)
    persons = [name for name in item if name.startswith("answered_by_")]
    (given,) = [name for name in persons if item[name]]
    other = next(name for name in persons if name != given)
    two = client.post(ANSWERS.path, json={**example(ANSWERS), other: item[given]}).json()
    assert {"excludes"} < {error["code"] for error in two["errors"]} | {"not_found"}
    none = client.patch(f"{ANSWERS.path}{item['id']}/", json={given: None})
    assert {error["code"] for error in none.json()["errors"]} == {"at_least_one"}


# --- lists ----------------------------------------------------------------------------------------


@EACH_SORT
def test_list_is_a_bare_array(client: httpx.Client, resource: Resource) -> None:
    """A list is an array of whole items, the oldest first."""
    _, items = marked(client, resource, 3)
    found = listed(client, resource)
    assert found[-3:] == items
    times = [item["created_at"] for item in found]
    assert times == sorted(times)


@EACH_SORT
def test_pages(client: httpx.Client, resource: Resource) -> None:
    """Pages together are the list; past the end, and of size 0, they are empty."""
    mark, items = marked(client, resource, 5)
    asked = {"custom_id__startswith": mark}
    pages = [listed(client, resource, **asked, _page=page, _page_size=2) for page in (1, 2, 3)]
    assert [item for page in pages for item in page] == items
    assert listed(client, resource, **asked, _page=4, _page_size=2) == []
    assert listed(client, resource, **asked, _page=2147483647, _page_size=10000) == []
    assert listed(client, resource, **asked, _page=1, _page_size=0) == []


@EACH_SORT
def test_cursors(client: httpx.Client, resource: Resource) -> None:
    """The Link headers lead through the whole list, each item once, in either direction."""
    mark, items = marked(client, resource, 5)
    for order, expected in (("custom_id", items), ("-custom_id", items[::-1])):
        path = f"{resource.path}list/?custom_id__startswith={mark}&_order_by={order}&_limit=2"
        found, steps = [], 0
        while path:
            answer = client.get(path)
            found += answer.json()
            path = answer.links.get("next", {}).get("url", "")
            steps += 1
        assert found == expected
        assert steps == 3


@EACH_SORT
def test_cursor_under_writes(client: httpx.Client, resource: Resource) -> None:
    """What is deleted or added before the cursor neither repeats nor skips an item behind it."""
    mark, items = marked(client, resource, 4)
    path = f"{resource.path}list/?custom_id__startswith={mark}&_order_by=custom_id&_limit=2"
    first = client.get(path)
    client.delete(f"{resource.path}{items[1]['id']}/")
    create(client, resource, custom_id=f"{mark}-000-new")
    rest = client.get(first.links["next"]["url"])
    assert (first.json(), rest.json()) == (items[:2], items[2:])


def orders(resource: Resource) -> Iterator[str]:
    """By all fields at once, either way; by what is null in some items and set in others.

    And by each field that no resource before has the like of.
    """
    names = [*resource.by_name]
    yield ",".join(names)
    yield ",".join(f"-{name}" for name in names[::-1])
    for name in names:
        first = FIRST_OF_ITS_LIKE[_like(resource, name)] == (resource.name, name)
        if first or name in ("organization", "custom_id"):
            yield from (name, f"-{name}")


def _like(resource: Resource, name: str) -> tuple[Any, ...]:
    """What sorting by a field, and a cursor that holds its value, depend on."""
    field = resource.by_name[name]
    gated = resource.name if name in resource.personal else ""
    return field.kind, field.nullable, name in headed(resource), gated


FIRST_OF_ITS_LIKE = {
    _like(resource, name): (resource.name, name)
    for resource in WRITABLE[::-1]
    for name in [*resource.by_name][::-1]
}


@EACH
def test_cursor_with_every_field(whole: httpx.Client, resource: Resource) -> None:
    """Every field can be ordered by, nulls and ties included, without losing an item."""
    mark, items = marked(whole, resource, 3)
    whole.patch(f"{resource.path}{items[0]['id']}/", json={"organization": None})
    for order in orders(resource):
        asked = {"custom_id__startswith": mark, "_order_by": order}
        expected = ids(listed(whole, resource, **asked))
        found: list[str] = []
        path = str(httpx.URL(f"{resource.path}list/", params={**asked, "_limit": "2"}))
        while path:
            answer = whole.get(path)
            found += ids(answer.json())
            path = answer.links.get("next", {}).get("url", "")
        assert found == expected
        assert sorted(found) == sorted(ids(items))


@EACH_SORT
def test_order(whole: httpx.Client, resource: Resource) -> None:
    """Null counts as greatest, text sorts by code point, and `id` breaks ties."""
    mark = uuid4().hex
    texts = [f"{mark}{end}" for end in ("B", "a", "Å", "å", "🏠", "\uff5e")]
    items = [create(whole, resource, custom_id=text, organization=None) for text in texts]
    asked = {"custom_id__startswith": mark}
    by_text = listed(whole, resource, **asked, _order_by="custom_id")
    assert [item["custom_id"] for item in by_text] == sorted(texts)
    assert ids(listed(whole, resource, **asked, _order_by="organization")) == sorted(ids(items))
    other = create(whole, resource, custom_id=f"{mark}C")
    assert other["organization"] is not None
    first = ids(listed(whole, resource, **asked, _order_by="organization"))[0]
    last = ids(listed(whole, resource, **asked, _order_by="-organization"))[-1]
    assert first == last == other["id"]


@EACH_SORT
def test_jsonl(client: httpx.Client, resource: Resource) -> None:
    """With `_jsonl` each line is an item, of the whole list or of a page."""
    mark, items = marked(client, resource, 5)
    asked = {"custom_id__startswith": mark, "_jsonl": "true"}
    page = {"_page": "2", "_page_size": "2"}
    for extra, expected in (({}, items), (page, items[2:4]), ({"_limit": "2"}, items[:2])):
        answer = client.get(f"{resource.path}list/", params=asked | extra)
        assert answer.headers["Content-Type"] == "application/x-ndjson"
        assert [json.loads(line) for line in answer.content.splitlines()] == expected
        assert answer.text.endswith("\n")
    assert client.get(f"{resource.path}list/", params={**asked, "id": NOWHERE}).content == b""


@EACH_SORT
def test_end(client: httpx.Client, resource: Resource) -> None:
    """With `_end` one more line follows, with the number of those before, whatever is asked."""
    mark, items = marked(client, resource, 5)
    asked = {"custom_id__startswith": mark, "_jsonl": "true", "_end": "true"}
    page = {"_page": "2", "_page_size": "2"}
    forms: Any = (
        ({}, items),
        (page, items[2:4]),
        ({"_limit": "2"}, items[:2]),
        ({"id": NOWHERE}, []),
    )
    for extra, expected in forms:
        answer = client.get(f"{resource.path}list/", params=asked | extra)
        assert answer.headers["Content-Type"] == "application/x-ndjson"
        *lines, last = answer.text.splitlines(keepends=True)
        assert [json.loads(line) for line in lines] == expected
        assert last == f'{{"_end":{{"count":{len(expected)}}}}}\n'
    asked["_end"] = "false"
    assert client.get(f"{resource.path}list/", params={**asked, "id": NOWHERE}).content == b""


@EACH_SORT
def test_slim(client: httpx.Client, resource: Resource) -> None:
    """Slim items hold their id alone, in every form of the list."""
    mark, items = marked(client, resource, 3)
    slim = [{"id": pk} for pk in ids(items)]
    asked = {"custom_id__startswith": mark, "_slim": "true"}
    assert listed(client, resource, **asked) == slim
    assert listed(client, resource, **asked, _page=1, _page_size=9) == slim
    assert listed(client, resource, **asked, _limit=9, _order_by="custom_id") == slim
    lines = client.get(f"{resource.path}list/", params={**asked, "_jsonl": "true"}).text
    assert [json.loads(line) for line in lines.splitlines()] == slim


@EACH
def test_statistics(whole: httpx.Client, resource: Resource) -> None:
    """Statistics count what the filters leave."""
    mark, items = marked(whole, resource, 3)
    whole.patch(f"{resource.path}{items[0]['id']}/", json={"organization": None})
    found = listed(whole, resource, custom_id__startswith=mark, _statistics="true")
    fields = found["fields"]
    assert found["count"] == 3
    assert list(fields) == list(resource.by_name)
    assert fields["custom_id"] == {"distinct": 3, "null": 0}
    assert fields["organization"] == {"distinct": 1, "null": 1}
    times = [item["created_at"] for item in items]
    assert fields["created_at"] == {"min": min(times), "max": max(times), "null": 0}
    none = listed(whole, resource, id=NOWHERE, _statistics="true")
    assert none["count"] == 0
    assert none["fields"]["created_at"] == {"min": None, "max": None, "null": 0}


def test_statistics_of_a_boolean(client: httpx.Client) -> None:
    """Of a boolean the statistics count true, false and null."""
    mark, items = marked(client, ANSWERS, 3)
    for item, answer in zip(items, (True, False, False), strict=True):
        client.patch(f"{ANSWERS.path}{item['id']}/", json={"answer": answer})
    found = listed(client, ANSWERS, custom_id__startswith=mark, _statistics="true")
    assert found["fields"]["answer"] == {"true": 1, "false": 2, "null": 0}


@EACH_SORT
def test_forms_at_paths_of_their_own(client: httpx.Client, resource: Resource) -> None:
    """`list/statistics/` and `list/export/` answer what the parameters of the list do."""
    mark, items = marked(client, resource, 3)
    path = f"{resource.path}list/"
    for asked in (
        {"custom_id__startswith": mark},
        {"custom_id__startswith": mark, "not__id": items[0]["id"]},
        {"_search": mark, "created_at__gte": items[1]["created_at"]},
    ):
        found = client.get(f"{path}statistics/", params=asked)
        assert found.json() == client.get(path, params={**asked, "_statistics": "1"}).json()
        lines = client.get(f"{path}export/", params=asked)
        assert lines.headers["Content-Type"] == "application/x-ndjson"
        assert lines.content == client.get(path, params={**asked, "_jsonl": "1"}).content
        assert found.json()["count"] == len(lines.content.splitlines()) > 0
    ordered = {"custom_id__startswith": mark, "_order_by": "-custom_id", "_count": "true"}
    lines = client.get(f"{path}export/", params=ordered)
    assert [json.loads(line) for line in lines.content.splitlines()] == items[::-1]
    assert lines.headers["X-Total-Count"] == "3"


@ONE_DATABASE
@EACH_SORT
def test_forms_have_no_parameters_that_would_change_nothing(
    client: httpx.Client, resource: Resource
) -> None:
    """What asks for pages or for another form is refused there, not ignored."""
    paging = ["_page", "_page_size", "_limit", "_after"]
    for form, names in (
        ("export", [*paging, "_jsonl", "_statistics", "_slim"]),
        ("statistics", [*paging, "_jsonl", "_statistics", "_slim", "_order_by", "_count"]),
    ):
        answer = client.get(f"{resource.path}list/{form}/", params=dict.fromkeys(names, "1"))
        assert answer.status_code == 400
        errors = answer.json()["errors"]
        assert {(one["parameter"], one["code"]) for one in errors} == {
            (name, "unknown_parameter") for name in names
        }


@EACH
def test_search(client: httpx.Client, resource: Resource) -> None:
    """Every word must occur, whatever its case; a whole UUID finds ids and references."""
    mark = uuid4().hex
    item = create(client, resource, custom_id=f"{mark} Ångström Straße")
    for words in (f"{mark} ÅNGSTRÖM", f"strasse  {mark[:20]}", f"  {mark.upper()}", item["id"]):
        assert listed(client, resource, _search=words) == [item]
    assert listed(client, resource, _search=f"{mark} Ö") == [item]
    assert listed(client, resource, _search=f"{mark} missing") == []
    organization = item["organization"]["id"].upper()
    assert listed(client, resource, _search=f"{mark} {organization}") == [item]
    assert listed(client, resource, _search=f"{mark}%") == []


@EACH_SORT
def test_count(client: httpx.Client, resource: Resource) -> None:
    """`_count` tells the number of items that the filters leave, however many are shown."""
    mark, _ = marked(client, resource, 3)
    asked = {"custom_id__startswith": mark, "_count": "true"}
    for extra in ({}, {"_limit": "1"}, {"_page": "9", "_page_size": "1"}, {"_jsonl": "1"}):
        answer = client.get(f"{resource.path}list/", params=asked | extra)
        assert answer.headers["X-Total-Count"] == "3"
    without = client.get(f"{resource.path}list/", params={"custom_id__startswith": mark})
    assert "X-Total-Count" not in without.headers


@EACH_SORT
def test_negation(whole: httpx.Client, resource: Resource) -> None:
    """A filter and its negation split the collection in two, nulls included."""
    mark, items = marked(whole, resource, 3)
    whole.patch(f"{resource.path}{items[0]['id']}/", json={"organization": None})
    organization = items[1]["organization"]["id"]
    base = f"{resource.path}list/?custom_id__startswith={mark}&"
    for bang in ("!", "%21"):
        for name, value, inside in (
            ("organization", organization, items[1:]),
            ("organization__isnull", "true", items[:1]),
            ("organization__in", organization, items[1:]),
            ("custom_id__endswith", "-001", items[1:2]),
            ("id__in", "", []),
        ):
            found = ids(whole.get(f"{base}{name}={value}").json())
            rest = ids(whole.get(f"{base}{name}{bang}={value}").json())
            assert found == ids(inside)
            assert sorted(found + rest) == sorted(ids(items))


@EACH_SORT
def test_repeated_filter(client: httpx.Client, resource: Resource) -> None:
    """A repeated parameter is one more filter; what can't hold twice is refused, not empty."""
    mark, items = marked(client, resource, 3)
    path = f"{resource.path}list/?custom_id__startswith={mark}"
    assert client.get(f"{path}&custom_id__endswith=1&custom_id__contains=00").json() == items[1:2]
    assert (
        client.get(f"{path}&custom_id__contains=-0&custom_id__contains=-001").json() == items[1:2]
    )
    for again in ("custom_id__endswith", "custom_id", "custom_id__in", "custom_id__in!"):
        refused = client.get(f"{path}&{again}=1&{again}=2")
        assert refused.status_code == 400
        (error,) = refused.json()["errors"]
        assert (error["parameter"], error["code"]) == (again, "duplicate")
    both = client.get(f"{path}&custom_id__endswith!=1&custom_id__endswith!=2").json()
    assert both == items[:1]
    spelt = client.get(f"{path}&not__custom_id__endswith=1&custom_id__endswith!=2").json()
    assert spelt == both


@EACH_SORT
def test_in(client: httpx.Client, resource: Resource) -> None:
    """`in` takes a comma list, quoted where a value holds a comma or a quote."""
    mark = uuid4().hex
    items = [create(client, resource, custom_id=f"{mark}{end}") for end in ("a,b", 'c"d', "e")]
    quoted = f'"{mark}a,b","{mark}c""d",{mark}e'
    assert listed(client, resource, custom_id__in=quoted) == items
    assert listed(client, resource, custom_id__in=f"{mark}e,{mark}f") == items[2:]
    assert listed(client, resource, custom_id__in="") == []


@EACH_SORT
def test_case_insensitive(client: httpx.Client, resource: Resource) -> None:
    """Case is Unicode's on both databases, and matters where no `i` says otherwise."""
    mark = uuid4().hex
    item = create(client, resource, custom_id=f"{mark}Åäß_%")
    for name, value in {
        "iexact": f"{mark}åÄSS_%".upper(),
        "istartswith": f"{mark}å".upper(),
        "icontains": "åÄss_",
        "iendswith": "SS_%",
        "endswith": "ß_%",
        "contains": "Åä",
    }.items():
        found = listed(
            client, resource, custom_id__startswith=mark, **{f"custom_id__{name}": value}
        )
        assert found == [item], name
    for name, value in {"contains": "åä", "endswith": "x%", "icontains": "x_"}.items():
        found = listed(
            client, resource, custom_id__startswith=mark, **{f"custom_id__{name}": value}
        )
        assert found == []


@EACH_SORT
def test_times(client: httpx.Client, resource: Resource) -> None:
    """A time in a filter may have any offset, a space for its plus, or be a bare date."""
    item = create(client, resource)
    created = item["created_at"]
    base = f"{resource.path}list/?id={item['id']}&"
    later = f"{created[:11]}{int(created[11:13]):02}{created[13:-1]}"
    for text in (created, later, f"{later}+00:00", f"{later} 00:00", f"{later}-00:00"):
        for form in (text, quote(text)):
            assert client.get(f"{base}created_at={form}").json() == [item]
    assert client.get(f"{base}created_at__gte={created[:10]}").json() == [item]
    assert client.get(f"{base}created_at__lt={created[:10]}").json() == []
    assert client.get(f"{base}created_at__gt=2000-01-01T00:00:00+02:00").json() == [item]


@pytest.mark.parametrize("text", ["TRUE", "1", "true", "True"])
def test_booleans(client: httpx.Client, text: str) -> None:
    """Booleans are words in any case, or digits."""
    item = create(client, ANSWERS, answer=True)
    assert listed(client, ANSWERS, id=item["id"], answer=text) == [item]
    no = {"TRUE": "FALSE", "1": "0", "true": "false", "True": "False"}[text]
    assert listed(client, ANSWERS, id=item["id"], answer=no) == []


HIDING = [one for one in WRITABLE if one.hidden_by]


@pytest.mark.parametrize("resource", HIDING, ids=lambda resource: resource.model)
def test_hidden(client: httpx.Client, resource: Resource) -> None:
    """Hidden items are left out of every form of a list unless asked for; Get finds them."""
    hidden = resource.hidden_by
    assert hidden
    shown, item = create(client, resource), create(client, resource, **{hidden: True})
    both = f"{shown['id']},{item['id']}"
    assert listed(client, resource, id__in=both) == [shown]
    assert listed(client, resource, id__in=both, _search=item["id"]) == []
    assert listed(client, resource, id__in=both, _statistics=1)["count"] == 1
    for extra, expected in (
        ({hidden: "true"}, [item]),
        ({hidden: "false"}, [shown]),
        ({f"{hidden}__in": "true,false"}, [shown, item]),
        ({f"{hidden}!": "false"}, [item]),
        ({f"{hidden}__isnull": "false"}, [shown, item]),
    ):
        assert listed(client, resource, id__in=both, **extra) == expected
    assert client.get(f"{resource.path}{item['id']}/").json() == item


@EACH
def test_global_filters(client: httpx.Client, resource: Resource) -> None:
    """The global filters are read and checked in each form, and no item concerns a made-up id."""
    create(client, resource)
    one, two = str(uuid4()), str(uuid4())
    forms = (one, f"{one},{two}", json.dumps([{"id": one}]), json.dumps([one, {"id": two}]))
    for name in ("global_realestates", "global_segments"):
        for text in forms:
            assert listed(client, resource, **{name: text}) == []
        assert client.get(f"{resource.path}list/?{name}={one}&{name}={two}").status_code == 200
        for text in ("x", f"{one},x", "[1]", "[{}]", "[", '[{"id":1}]'):
            answer = client.get(f"{resource.path}list/", params={name: text})
            assert answer.status_code == 400, text
            assert [error["parameter"] for error in answer.json()["errors"]] == [name]


@ONE_DATABASE
@EACH_SORT
def test_all_wrong_parameters(client: httpx.Client, resource: Resource) -> None:
    """All wrong parameters are reported at once, each with the nearest right one."""
    wrong = {
        "custom_idd": ("x", "unknown_parameter", "`custom_id`"),
        "_serach": ("x", "unknown_parameter", "`_search`"),
        "custom_id__icontain": ("x", "unknown_operator", "`custom_id__icontains`"),
        "created_at__contains": ("x", "unknown_operator", ""),
        "id": ("x", "format", ""),
        "created_at__gt": ("yesterday", "format", ""),
        "organization__isnull": ("maybe", "type", ""),
        "_slim": ("2", "type", ""),
        "_page": ("0", "out_of_range", ""),
        "_limit": ("ten", "out_of_range", ""),
        "_after": ("x", "format", ""),
        "_order_by": ("-create_at", "unknown_field", "`created_at`"),
        "global_segments": ("1", "format", ""),
    }
    answer = client.get(
        f"{resource.path}list/", params={name: value for name, (value, _, _) in wrong.items()}
    )
    problem = answer.json()
    found = {(error["parameter"], error["code"]): error for error in problem["errors"]}
    assert (answer.status_code, problem["code"]) == (400, "invalid_parameters")
    for name, (_, code, hint) in wrong.items():
        assert hint in found[name, code]["detail"]
    assert {name for name, _ in found} == {*wrong, "_page_size"}  # half of a pair


WRONG_PARAMETERS = [
    ("_page=1", "_page_size", "set_together"),
    ("_page_size=1", "_page", "set_together"),
    ("_page=1&_page_size=10001", "_page_size", "out_of_range"),
    ("_page=2147483648&_page_size=1", "_page", "out_of_range"),
    ("_page=1&_page_size=1&_limit=1", "_limit", "excludes"),
    ("_limit=0", "_limit", "out_of_range"),
    ("_limit=10001", "_limit", "out_of_range"),
    ("_after=x", "_after", "format"),
    ("_slim=1&_slim=1", "_slim", "duplicate"),
    ("_jsonl=", "_jsonl", "type"),
    ("_end=true", "_end", "requires"),
    ("_end=true&_jsonl=false&_limit=1", "_end", "requires"),
    ("_end=true&_jsonl=true&_statistics=true", "_end", "excludes"),
    ("_end=&_jsonl=true", "_end", "type"),
    ("_order_by=id,,id", "_order_by", "unknown_field"),
    ("id__=x", "id__", "unknown_operator"),
    ("id__gt=" + NOWHERE, "id__gt", "unknown_operator"),
    ("id__in=a", "id__in", "format"),
    ("custom_id=%00", "custom_id", "forbidden_character"),
    ('custom_id__in="a', "custom_id__in", "format"),
    ("created_at=2026-02-30", "created_at", "format"),
    ("created_at=", "created_at", "format"),
    ("=1", "", "unknown_parameter"),
    ("_as=1", "_as", "unknown_parameter"),
    ("_match=custom_id", "_match", "unknown_parameter"),
    ("customer_id=" + NOWHERE, "customer_id", "unknown_parameter"),
    ("revisions=1", "revisions", "unknown_parameter"),
]


@ONE_DATABASE
@EACH_SORT
def test_wrong_parameter(client: httpx.Client, resource: Resource) -> None:
    """Nothing that is wrong with a parameter is silently ignored."""
    for query, name, code in WRONG_PARAMETERS:
        problem = client.get(f"{resource.path}list/?{query}").json()
        assert (problem["status"], problem["code"]) == (400, "invalid_parameters")
        assert (name, code) in [(e["parameter"], e["code"]) for e in problem["errors"]]


@ONE_DATABASE
@pytest.mark.parametrize("asked", [a for a in FORMS if a.tail != "list/"], ids=str)
def test_no_parameters(client: httpx.Client, asked: Asked) -> None:
    """An operation without parameters refuses any."""
    answer = send(client, asked, NOWHERE, params={"_slim": "true"}, json=body_of(asked))
    assert answer.status_code == 400
    if asked.method != "HEAD":
        check(answer, Code.invalid_parameters, ("_slim", "unknown_parameter"))


def test_query_string(client: httpx.Client) -> None:
    """A query string that is not UTF-8 is refused; a long one is read, a longer one refused."""
    unreadable = client.get(f"{ANSWERS.path}list/?custom_id=%ff")
    check(unreadable, Code.invalid_parameters, ("custom_id", "format"))
    long = client.get(f"{ANSWERS.path}list/?custom_id={'x' * 50_000}")
    assert (long.status_code, long.json()) == (200, [])
    check(client.get(f"{ANSWERS.path}list/?custom_id={'x' * 60_000}"), Code.uri_too_long)


# --- bulk write -----------------------------------------------------------------------------------


@EACH
def test_bulk(seeing: httpx.Client, resource: Resource) -> None:
    """A mixed array creates and updates, and is answered in its order."""
    item = create(seeing, resource)
    new = [example(resource), example(resource)]
    update = {"id": item["id"], "custom_id": "changed"}
    answer = seeing.post(f"{resource.path}list/", json=[new[0], update, new[1]])
    found = answer.json()
    assert answer.status_code == 200
    assert found[1] == {**item, "custom_id": "changed"}
    for body, made in ((new[0], found[0]), (new[1], found[2])):
        assert {name: made[name] for name in shown(resource, body)} == shown(resource, body)
        assert seeing.get(f"{resource.path}{made['id']}/").json() == made


@EACH_SORT
def test_empty_bulk(client: httpx.Client, resource: Resource) -> None:
    """Nothing in, nothing out."""
    for query in ("", "?_report=true", "?_match=custom_id", "?_dry_run=1"):
        answer = client.post(f"{resource.path}list/{query}", json=[])
        assert (answer.status_code, answer.json()) == (200, [])


@EACH
def test_atomic(client: httpx.Client, resource: Resource) -> None:
    """One fault, and nothing is written; every fault of every item is told with its position."""
    mark = uuid4().hex
    bodies: list[Any] = [
        example(resource, custom_id=mark),
        example(resource, custom_id=1),
        {"id": NOWHERE},
        7,
        example(resource, organisation=None),
    ]
    check(
        client.post(f"{resource.path}list/", json=bodies),
        Code.invalid,
        ("/1/custom_id", "type"),
        ("/2/id", "not_found"),
        ("/3", "type"),
        ("/4/organisation", "unknown_field"),
    )
    assert listed(client, resource, custom_id=mark) == []


@EACH_SORT
def test_not_atomic(client: httpx.Client, resource: Resource) -> None:
    """With `_atomic=false` the good items are written, and the report says what became of each."""
    item = create(client, resource)
    bodies = [
        example(resource),
        {"id": NOWHERE, "custom_id": "x"},
        {"id": item["id"], "custom_id": "new"},
        {"id": create(client, resource)["id"]},
        {"custom_idd": 1},
    ]
    answer = client.post(f"{resource.path}list/?_atomic=false", json=bodies)
    report = answer.json()
    assert answer.status_code == 207
    assert [entry["index"] for entry in report] == [0, 1, 2, 3, 4]
    outcomes = [entry["outcome"] for entry in report]
    assert outcomes == ["created", "refused", "updated", "unchanged", "refused"]
    assert report[1]["id"] == NOWHERE
    assert [error["pointer"] for error in report[1]["errors"]] == ["/1/id"]
    assert all("item" not in entry for entry in report if entry["outcome"] == "refused")
    assert "/4/custom_idd" in [error["pointer"] for error in report[4]["errors"]]
    for entry in (report[0], report[2], report[3]):
        assert client.get(f"{resource.path}{entry['id']}/").json() == entry["item"]


@EACH_SORT
def test_dry_run(client: httpx.Client, resource: Resource) -> None:
    """A dry run tells what would be done, and does nothing."""
    item = create(client, resource)
    bodies = [example(resource), {"id": item["id"], "custom_id": "new"}]
    answer = client.post(f"{resource.path}list/?_dry_run=true&_report=true", json=bodies)
    report = answer.json()
    assert [entry["outcome"] for entry in report] == ["created", "updated"]
    assert client.get(f"{resource.path}{report[0]['id']}/").status_code == 404
    assert client.get(f"{resource.path}{item['id']}/").json() == item
    faulty = client.post(f"{resource.path}list/?_dry_run=true", json=[{"id": NOWHERE}])
    check(faulty, Code.invalid, ("/0/id", "not_found"))


@EACH_SORT
def test_same_id_twice(client: httpx.Client, resource: Resource) -> None:
    """The same id twice in an array is a fault of both, which names both positions."""
    pk = create(client, resource)["id"]
    answer = client.post(
        f"{resource.path}list/",
        json=[{"id": pk}, {"id": create(client, resource)["id"]}, {"id": pk}],
    )
    problem = check(answer, Code.invalid, ("/0/id", "repeated_id"), ("/2/id", "repeated_id"))
    assert all("0, 2" in error["detail"] for error in problem["errors"])


@EACH
def test_match(whole: httpx.Client, resource: Resource) -> None:
    """With `_match` an item that is there is updated or unchanged, else created."""
    mark = uuid4().hex
    body = example(resource, custom_id=mark)
    path = f"{resource.path}list/?_match=custom_id&_report=true"
    outcomes = []
    for changed in (body, body, {**body, "organization": None}):
        (entry,) = whole.post(path, json=[changed]).json()
        outcomes.append(entry["outcome"])
    assert outcomes == ["created", "unchanged", "updated"]
    assert len(listed(whole, resource, custom_id=mark)) == 1


@EACH_SORT
def test_match_of_several(client: httpx.Client, resource: Resource) -> None:
    """What would match several items, or be matched twice in one array, is refused."""
    mark = uuid4().hex
    path = f"{resource.path}list/?_match=custom_id"
    create(client, resource, custom_id=mark)
    create(client, resource, custom_id=mark)
    several = client.post(path, json=[example(resource, custom_id=mark)])
    check(several, Code.invalid, ("/0/custom_id", "conflict"))
    twice = [example(resource, custom_id="twice" + mark) for _ in range(2)]
    check(
        client.post(path, json=twice),
        Code.invalid,
        ("/0/custom_id", "repeated_key"),
        ("/1/custom_id", "repeated_key"),
    )


@ONE_DATABASE
@EACH_SORT
def test_wrong_bulk_parameter(client: httpx.Client, resource: Resource) -> None:
    """What a bulk write can't be asked is refused."""
    for query in ("_match=id", "_match=", "_match=created_at", "_atomic=x", "_limit=1"):
        answer = client.post(f"{resource.path}list/?{query}", json=[])
        assert (query, answer.status_code) == (query, 400)
        name = query.partition("=")[0]
        assert [error["parameter"] for error in answer.json()["errors"]] == [name]


@ONE_DATABASE
@EACH_SORT
def test_bulk_is_an_array(client: httpx.Client, resource: Resource) -> None:
    """A bulk write takes an array, a create takes an object."""
    headers = {"Content-Type": "application/json"}
    for content in (b"{}", b"null", b'"x"', b"1"):
        answer = client.post(f"{resource.path}list/", content=content, headers=headers)
        check(answer, Code.invalid, ("", "type"))
    check(client.post(resource.path, json=[]), Code.invalid, ("", "type"))


@ONE_DATABASE
@EACH_SORT
def test_too_many_items(client: httpx.Client, resource: Resource) -> None:
    """More items than allowed are refused with the limit."""
    problem = check(client.post(f"{resource.path}list/", json=[{}] * 10_001), Code.too_large)
    assert "10000" in problem["detail"]


# --- connections ----------------------------------------------------------------------------------


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


# --- problems -------------------------------------------------------------------------------------


@pytest.mark.parametrize("resource", OFFERED, ids=lambda resource: resource.model)
def test_problem(client: httpx.Client, resource: Resource) -> None:
    """A problem has its media type, and holds the id of its request."""
    answer = client.get(f"{resource.path}{NOWHERE}/")
    problem = answer.json()
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert list(problem) == ["type", "title", "status", "code", "detail", "instance", "errors"]
    assert problem["instance"].endswith(f":{answer.headers['X-Request-ID']}")


@pytest.mark.parametrize("path", ["/", "/nothing/", f"{ANSWERS.path}list/?_limit=1", ANSWERS.path])
def test_request_id(client: httpx.Client, path: str) -> None:
    """A request may bring its id; one that is none, or a second one, is not taken over."""
    given = f"test-{uuid4()}"
    assert client.get(path, headers={"X-Request-ID": given}).headers["X-Request-ID"] == given
    for wrong in (b"", b"a b", b"x" * 65, b"\xe5"):
        answer = client.get(path, headers=[(b"X-Request-ID", wrong)])
        assert len(answer.headers["X-Request-ID"]) == 32
    assert client.get(path).headers["X-Request-ID"] != client.get(path).headers["X-Request-ID"]


@pytest.mark.parametrize(
    ("content", "detail"),
    [
        (b"", ""),
        (b"{", ""),
        (b"{} {}", ""),
        (b'{"a": NaN}', ""),
        (b'{"custom_id": "\xff"}', "UTF-8"),
        (b"[" * 100_000, "nested"),
        (b"\xef\xbb\xbf{}", ""),
    ],
    ids=["empty", "half", "two", "NaN", "not UTF-8", "deep", "byte order mark"],
)
def test_unreadable_json(client: httpx.Client, content: bytes, detail: str) -> None:
    """What is not JSON is a problem of its own, with the place."""
    headers = {"Content-Type": "application/json"}
    problem = check(
        client.post(ANSWERS.path, content=content, headers=headers), Code.unreadable_json
    )
    assert detail in problem["detail"]


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Content-Type": "text/plain"},
        {"Content-Type": "application/x-www-form-urlencoded"},
        {"Content-Type": "application/json; charset=latin-1"},
        {"Content-Type": "application/json", "Content-Encoding": "gzip"},
    ],
)
def test_media_type(client: httpx.Client, headers: dict[str, str]) -> None:
    """Only JSON in UTF-8 is taken."""
    answer = client.post(ANSWERS.path, content=b"{}", headers=headers)
    check(answer, Code.unsupported_media_type)


def test_media_type_with_charset(client: httpx.Client) -> None:
    """The character set may be said."""
    headers = {"Content-Type": 'Application/JSON; Charset="UTF-8"'}
    content = json.dumps(example(ANSWERS)).encode()
    assert client.post(ANSWERS.path, content=content, headers=headers).status_code == 201
