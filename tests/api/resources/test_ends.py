"""What was written is read back, by every operation: each kind of field at its ends.

The server runs in a zone that isn't UTC, as all tests do (`tests/conftest.py`).
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from portvakt.schema.fields import Field, Text
from portvakt.schema.operators import OPERATORS, Comparison, Kind, Operand
from portvakt.schema.resource import Resource
from tests.support.examples import ANSWERS, TENANTS, WRITABLE, create, example, faults, new_text
from tests.support.samples import ENDS

Item = dict[str, Any]

EACH = pytest.mark.parametrize("resource", WRITABLE, ids=lambda resource: resource.model)
NESTED: Any = json.loads('{"a":' * 63 + "{}" + "}" * 63)

AT_ENDS: dict[Kind, Sequence[Any]] = {
    Kind.boolean: (False, True, True),
    Kind.time: (ENDS[0], ENDS[-1], ENDS[-2]),
    Kind.date: ("0001-01-01", "9999-12-31", "9999-12-30"),
    Kind.uuid: (f"{0:08}-0000-0000-0000-{0:012}", "f" * 8 + "-ffff-ffff-ffff-" + "f" * 12, ""),
    Kind.object: ({}, NESTED, {"\U0010ffff": -(2**63), "A\u030a": 2**64 - 1}),
    Kind.objects: ([], [NESTED["a"]], [{"": 5e-324}, {"": 1.7976931348623157e308}]),
    Kind.anything: (None, NESTED, ""),
    Kind.texts: ([], ["\U0010ffff", "A\u030a"], [""]),
}
"""The least value, the greatest, and one inside."""

BESIDE = (Comparison.greater, Comparison.less)
"""The comparisons that leave out the value itself."""


def at_ends(field: Field) -> Sequence[Any]:
    """The values to write into a field; none where a rule or another item says what it may be."""
    if field.kind in (Kind.integer, Kind.number):
        options = getattr(field, "options", ())
        least, greatest = getattr(field, "minimum", 0), getattr(field, "maximum", 0)
        return (options[0], options[-1], options[-1]) if options else (least, greatest, least + 1)
    if isinstance(field, Text) and not (field.options or field.pattern or field.format):
        most = field.max_length or 5000
        inside = ("A\u030a\u0001" * most)[:most]
        return ("x" * field.min_length, "\U0010ffff" * most, inside)
    return AT_ENDS.get(field.kind, ())


def bodies(resource: Resource) -> list[Item]:
    """Three bodies of new items: all fields at their least, at their greatest, inside."""
    made = []
    generic = {name for pair in resource.generic_references for name in pair}
    keyed = {name for unique in resource.unique for name in unique.fields}
    taken = {
        *generic,
        *keyed,
        *(rule_field for one in resource.transitions for rule_field in one.own),
    }
    for place in range(3):
        body = example(resource)
        for field in resource.writable:
            values = at_ends(field)
            if field.name in taken or not values or field.guarded:
                continue
            given = body.get(field.name)
            body[field.name] = values[place]
            if list(faults(resource, body)):
                body[field.name] = given
        made.append(body)
    return made


@pytest.fixture
def caller(resource: Resource, client: httpx.Client, operating: httpx.Client) -> httpx.Client:
    """Who sees all items as they are stored."""
    return client if resource.of_application else operating


def answered(answer: httpx.Response) -> Any:
    """The JSON of an answer that went well."""
    assert answer.is_success, answer.text
    return answer.json()


def listed(client: httpx.Client, resource: Resource, **params: Any) -> list[Item]:
    """What a list answers."""
    found: list[Item] = answered(client.get(f"{resource.path}list/", params=params))
    return found


@EACH
def test_what_was_written_is_read_back(caller: httpx.Client, resource: Resource) -> None:
    """By create, bulk, get, list, JSON lines, statistics, history, update and delete."""
    sent = bodies(resource)
    made = [answered(caller.post(resource.path, json=body)) for body in sent]
    for item, body in zip(made, sent, strict=True):
        path = f"{resource.path}{item['id']}/"
        assert {name: item.get(name, value) for name, value in body.items()} == body
        assert answered(caller.get(path)) == item
        again = {name: body[name] for name in body if name in item}
        patched = answered(caller.patch(path, json=again))
        assert patched == item
        assert answered(caller.get(f"{path}history/"))[0]["operation"] == "created"
    ids = ",".join(item["id"] for item in made)
    order = {"_order_by": "created_at,id", "id__in": ids}
    order |= {"hidden__in": "true,false"} if resource.listing.hidden_by else {}
    assert listed(caller, resource, **order) == made
    lines = caller.get(f"{resource.path}list/", params={**order, "_jsonl": "true"}).text
    assert [json.loads(line) for line in lines.splitlines()] == made
    asked = {**order, "_statistics": "true"}
    measured = answered(caller.get(f"{resource.path}list/", params=asked))
    for field in resource.visible:
        if "min" in measured["fields"][field.name]:
            known = [item[field.name] for item in made if item[field.name] is not None]
            ends = (min(known, default=None), max(known, default=None))
            found = measured["fields"][field.name]
            assert (found["min"], found["max"]) == ends, field.name
    bulk = [{"id": item["id"]} for item in made]
    assert answered(caller.post(f"{resource.path}list/", json=bulk)) == made
    for item in made:
        assert caller.delete(f"{resource.path}{item['id']}/").status_code == 204


def one_of_each_kind() -> dict[Kind, tuple[Resource, str]]:
    """A field of each kind that has ends; the statements of all are compared in `tests/storage`."""
    found: dict[Kind, tuple[Resource, str]] = {}
    for resource in WRITABLE:
        for field in resource.visible:
            if not field.read_only and not resource.of_application and at_ends(field):
                found.setdefault(field.kind, (resource, field.name))
    return found


@pytest.mark.parametrize("kind", one_of_each_kind(), ids=lambda kind: kind.name)
def test_every_operator_and_order_finds_the_ends(operating: httpx.Client, kind: Kind) -> None:
    """A filter with a value that was written finds it; pages by cursor hold everything once."""
    resource, name = one_of_each_kind()[kind]
    made = answered(operating.post(f"{resource.path}list/", json=bodies(resource)))
    ids = sorted(item["id"] for item in made)
    mine = {"id__in": ",".join(ids)}
    for item in made:
        value = item[name] if isinstance(item[name], str | int | float) else None
        said = str(value).lower() if isinstance(value, bool) else str(value)
        for operator in OPERATORS[kind].values() if value is not None and len(said) < 1000 else ():
            if operator.operand is not Operand.value:
                continue
            asked = operator.parameter(name)
            found, others = (
                [one["id"] for one in listed(operating, resource, **mine, **{asked + sign: said})]
                for sign in ("", "!")
            )
            assert (item["id"] in found) is (operator.comparison not in BESIDE), asked
            assert sorted(found + others) == ids, asked
    for sign in ("", "-"):
        order = f"{sign}{name}"
        assert paged(operating, resource, order, mine) == [
            item["id"] for item in listed(operating, resource, **mine, _order_by=order)
        ]


def paged(
    client: httpx.Client, resource: Resource, order: str, params: dict[str, str]
) -> list[str]:
    """The ids of all pages of one item."""
    found: list[str] = []
    asked: dict[str, Any] | None = {**params, "_order_by": order, "_limit": "1"}
    while asked:
        answer = client.get(f"{resource.path}list/", params=asked)
        found += [item["id"] for item in answered(answer)]
        link = answer.links.get("next", {}).get("url")
        asked = parse_qs(urlsplit(link).query) if link else None
    return found


@pytest.mark.parametrize("moment", AT_ENDS[Kind.time])
def test_a_person_with_any_times_is_told_and_erased(operating: httpx.Client, moment: str) -> None:
    """The person's own time and the end of an answer: export, receipt, the past, erasure."""
    tenant = create(operating, TENANTS, active_to=moment)
    body = example(ANSWERS, answered_by_tenant={"id": tenant["id"]}, expires_at=moment)
    body = {name: body[name] for name in ("answer", "integration", "answered_by_tenant")}
    made = answered(operating.post(ANSWERS.path, json={**body, "expires_at": moment}))
    path = f"{ANSWERS.path}{made['id']}/"
    evident = {"_evidence": "true"}
    assert answered(operating.get(path, params=evident))["expires_at"] == moment
    for at in AT_ENDS[Kind.time]:
        past = operating.get(path, params={**evident, "_as_of": at})
        assert past.status_code == (200 if at > "2027" else 404)
        params = {"id": made["id"], "_as_of": at, **evident}
        assert len(listed(operating, ANSWERS, **params)) == (at > "2027")
    assert answered(operating.get(f"{path}history/"))
    assert operating.get(f"{path}receipt/").status_code == 200
    told = answered(operating.get(f"{TENANTS.path}{tenant['id']}/export/"))
    assert told["person"]["active_to"] == moment
    assert told["answers"][0]["item"]["id"] == made["id"]
    assert answered(operating.patch(path, json={"answer": False}))
    erased = operating.post(f"{TENANTS.path}{tenant['id']}/erase/", json={})
    assert answered(erased)["outcome"] == "erased"
    assert operating.delete(path).status_code == 204


@pytest.mark.parametrize("hours", ["+05:99", "+24:00", "-00:60", "+99:00"])
def test_an_offset_has_hours_and_minutes(operating: httpx.Client, hours: str) -> None:
    """Hours are 00 to 23 and minutes 00 to 59, in bodies, filters and `_as_of`."""
    moment = f"2026-01-31T08:30:00{hours}"
    body = {"first_name": new_text(TENANTS.by_name["first_name"]), "active_to": moment}  # type: ignore[arg-type]
    refused = operating.post(TENANTS.path, json=body)
    assert refused.status_code == 422
    assert [error["pointer"] for error in refused.json()["errors"]] == ["/active_to"]
    for name in ("created_at__gt", "_as_of"):
        answer = operating.get(f"{ANSWERS.path}list/", params={name: moment})
        assert answer.status_code == 400
        assert [error["parameter"] for error in answer.json()["errors"]] == [name]
