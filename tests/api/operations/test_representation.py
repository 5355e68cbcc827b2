"""Items as they travel: read-only fields, null, references, faults of a body."""

from __future__ import annotations

import json
from typing import Any
from uuid import uuid4

import httpx

from portvakt.errors import Code
from portvakt.schema.operators import Kind
from portvakt.schema.resource import Resource
from tests.api.operations.asking import EACH, EACH_SORT, NOWHERE, check, fresh_keys
from tests.support.examples import (
    ANSWERS,
    CONNECTIONS,
    ONE_DATABASE,
    create,
    example,
)


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
