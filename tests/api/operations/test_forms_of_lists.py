"""The other forms of a list over HTTP: slim, counts and statistics, at paths of their own."""

from __future__ import annotations

import json

import httpx

from portvakt.schema.resource import Resource
from tests.api.operations.asking import EACH, EACH_SORT, NOWHERE, ids, listed, marked
from tests.support.examples import (
    ANSWERS,
    ONE_DATABASE,
)


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
