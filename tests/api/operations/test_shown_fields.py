"""`_fields`: what is shown of items, in a Get and in every form of a list."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from portvakt.resources import load
from portvakt.schema.caller import UNBOUNDED
from portvakt.schema.query import Query
from portvakt.storage.sql.dialects import DIALECTS
from portvakt.storage.sql.tables import Tables
from portvakt.storage.statements.statements import statements_of

ANSWERS = "/integrations/answeredintegrationpersonalinformationaccess/"
TENANTS = "/accounts/users/customer/tenant/"

Item = dict[str, Any]
Asked = Callable[[httpx.Client, str, dict[str, str]], list[Item]]


def array(client: httpx.Client, path: str, params: dict[str, str]) -> list[Item]:
    """Without a page: the whole array, to its first items."""
    items: list[Item] = client.get(f"{path}list/", params=params).json()
    return items[:5]


def page(client: httpx.Client, path: str, params: dict[str, str]) -> list[Item]:
    """The first page of five."""
    return array(client, path, {"_page": "1", "_page_size": "5", **params})


def lines(client: httpx.Client, path: str, params: dict[str, str]) -> list[Item]:
    """As JSON lines."""
    found = client.get(f"{path}list/", params={"_jsonl": "true", **params}).content.splitlines()
    return [json.loads(line) for line in found[:5]]


def cursor(client: httpx.Client, path: str, params: dict[str, str]) -> list[Item]:
    """Five items in five parts, each found by the link of the one before."""
    answer = client.get(f"{path}list/", params={"_limit": "1", "_order_by": "created_at", **params})
    items = answer.json()
    while len(items) < 5:
        answer = client.get(answer.links["next"]["url"])
        items += answer.json()
    return list(items)


def single(client: httpx.Client, path: str, params: dict[str, str]) -> list[Item]:
    """Each by its id."""
    ids = [item["id"] for item in array(client, path, {"_slim": "true"})]
    return [client.get(f"{path}{pk}/", params=params).json() for pk in ids]


@pytest.mark.parametrize("asked", [array, page, lines, cursor, single])
@pytest.mark.parametrize("path", [ANSWERS, TENANTS])
def test_the_named_fields_are_shown(client: httpx.Client, asked: Asked, path: str) -> None:
    """In the same order and with the same values as without: personal ones masked alike."""
    whole = asked(client, path, {})
    names = ["id", "created_at", "organization", "custom_id", "first_name"]
    wanted = [name for name in names if name in whole[0]]
    shown = asked(client, path, {"_fields": ",".join(reversed(wanted[1:]))})
    kept = [{name: value for name, value in item.items() if name in wanted} for item in whole]
    assert json.dumps(shown) == json.dumps(kept)


def test_it_picks_from_what_is_shown_besides(client: httpx.Client) -> None:
    """Evidence and revisions can be named where they are asked for, and where they are not."""
    first = {"_page": "1", "_page_size": "1", "_evidence": "true", "_changed": "true"}
    (picked,) = client.get(f"{ANSWERS}list/", params={**first, "_fields": "method,revision"}).json()
    alone = {name: one for name, one in first.items() if name not in ("_evidence", "_changed")}
    named = client.get(f"{ANSWERS}list/", params={**alone, "_fields": "method,revision"}).json()
    assert named == [picked]
    assert list(picked) == ["id", "method", "revision"]


def test_the_past_is_shown_alike(client: httpx.Client) -> None:
    """With `_as_of`."""
    params = {"_as_of": "2100-01-01", "_limit": "1", "_fields": "answer"}
    (item,) = client.get(f"{ANSWERS}list/", params=params).json()
    assert list(item) == ["id", "answer"]


@pytest.mark.parametrize(
    ("params", "code", "hint"),
    [
        ({"_fields": "anser"}, "unknown_field", "Did you mean `answer`?"),
        ({"_fields": "metod"}, "unknown_field", "Did you mean `method`?"),
        ({"_fields": ""}, "unknown_field", ""),
        ({"_fields": "answer", "_slim": "true"}, "excludes", "_slim"),
        ({"_fields": "answer", "_statistics": "true"}, "excludes", "_statistics"),
    ],
)
def test_what_can_not_be_shown_is_told(
    client: httpx.Client, params: dict[str, str], code: str, hint: str
) -> None:
    """As a fault of the parameter."""
    answer = client.get(f"{ANSWERS}list/", params=params)
    (fault,) = answer.json()["errors"]
    assert (answer.status_code, fault["parameter"], fault["code"]) == (400, "_fields", code)
    assert hint in fault["detail"]


def test_of_many_unknown_names_some_are_told(client: httpx.Client) -> None:
    """And how many there are besides."""
    names = ",".join(f"x{number}" for number in range(2_000))
    answer = client.get(f"{ANSWERS}list/", params={"_fields": names})
    assert answer.status_code == 400
    assert "'x0'" in answer.text
    assert "1995 others" in answer.text
    assert len(answer.content) < 2_000


@pytest.mark.parametrize("database", sorted(DIALECTS))
def test_what_is_not_shown_is_not_read(database: str) -> None:
    """The statement of a list selects the named columns, and looks up no others."""
    registry = load()
    resource = registry.resources["accounts.tenant"]
    statements = statements_of(Tables(registry), DIALECTS[database])
    query = Query(fields=frozenset({"first_name"}))
    text = statements.rows.listing(resource, query, UNBOUNDED).text
    assert "first_name" in text
    assert not any(name in text for name in ("last_name", "current_registered_address", "link"))
