"""No row stops anything, however it came in: what can't be read is told as a fault of its item."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import httpx
import pytest

from tests.support import stored
from tests.support.beside_servers import open_store
from tests.support.examples import ANSWERS, TENANTS, create
from tests.support.servers import Server

Item = dict[str, Any]

BROKEN = {
    "sqlite": [
        ("last_name", "CAST(x'C3C3' AS TEXT)"),
        ("email", "CAST(x'FF61' AS TEXT)"),
        ("profile_picture", "'{not JSON'"),
        ("profile_picture", "CAST(x'7B22C3' AS TEXT)"),
        ("block_notifications_for", "'[1e999]'"),
        ("first_name", "CAST(x'80' AS TEXT)"),
    ],
    "postgresql": [
        ("active_to", "'10000-01-01T00:00:00Z'::timestamptz"),
        ("active_to", "'0044-03-15T12:00:00Z BC'::timestamptz"),
        ("birth_date", "'0044-03-15 BC'::date"),
        ("birth_date", "'20000-01-01'::date"),
        ("profile_picture", """'{"a": "\\ud800"}'::json"""),
        ("block_notifications_for", "'[1e999]'::json"),
    ],
}
"""A field of a tenant and what somebody puts there by hand, by the database."""


def put(server: Server, pk: str, field: str, expression: str) -> None:
    """Change one stored value by hand."""

    async def work() -> None:
        async with open_store(server.database) as store, store.database.transaction() as connection:
            await connection.execute(
                f"UPDATE accounts_tenant SET {field} = {expression} WHERE id = '{pk}'"
            )

    stored.run(work())


@pytest.fixture(params=range(6))
def broken(
    request: pytest.FixtureRequest, server: Server, operating: httpx.Client
) -> Sequence[Any]:
    """Three tenants, of which the second has a value that can't be read; its field."""
    kind = "sqlite" if server.database.startswith("sqlite") else "postgresql"
    field, expression = BROKEN[kind][request.param]
    items = [create(operating, TENANTS) for _ in range(3)]
    put(server, items[1]["id"], field, expression)
    return items, field


def path(item: Item, tail: str = "") -> str:
    """Where the tenant is."""
    return f"{TENANTS.path}{item['id']}/{tail}"


def told(item: Item, field: str) -> bool:
    """Whether the item tells that this field, and no other, can't be read."""
    faults = item.get("_faults", [])
    found = [(fault["pointer"], fault["code"]) for fault in faults]
    return found == [(f"/{field}", "unreadable")] and item[field] is None


def test_others_are_read_and_it_tells_its_fault(
    server: Server, operating: httpx.Client, broken: Sequence[Any]
) -> None:
    """By get, list, page, cursor in both directions, JSON lines, statistics and export."""
    items, field = broken
    mine = {"id__in": ",".join(item["id"] for item in items)}
    lists = f"{TENANTS.path}list/"
    assert told(operating.get(path(items[1])).json(), field)
    pages: Sequence[dict[str, str]] = (
        {},
        {"_page": "1", "_page_size": "10"},
        {"_limit": "10", "_count": "true"},
    )
    for page in pages:
        found = operating.get(lists, params={**mine, **page}).json()
        assert [item["id"] for item in found] == [item["id"] for item in items]
        assert [told(item, field) for item in found] == [False, True, False]
        assert {item.get("_faults") is None for item in found} == {True, False}
    lines = operating.get(lists, params={**mine, "_jsonl": "true"}).content.splitlines()
    assert [told(json.loads(line), field) for line in lines] == [False, True, False]
    for order, limit in ((field, "1"), (f"-{field}", "1"), (field, "2"), (f"-{field}", "2")):
        sorted_by = {**mine, "_order_by": order}
        seen: list[str] = []
        asked = str(httpx.URL(lists, params={**sorted_by, "_limit": limit}))
        while asked and len(seen) < 9:
            answer = operating.get(asked)
            seen += [item["id"] for item in answer.json()]
            asked = answer.links.get("next", {}).get("url", "")
        assert seen == [item["id"] for item in operating.get(lists, params=sorted_by).json()]
    measured = operating.get(lists, params={**mine, "_statistics": "true"})
    assert measured.json()["count"] == 3
    export = operating.get(path(items[1], "export/")).json()
    assert told(export["person"], field)
    assert operating.get(path(items[1], "history/")).status_code == 200
    logged = [entry for entry in server.entries() if entry.get("event") == "unreadable values"]
    assert logged[-1]["fields"] == [field]


def test_a_list_goes_on_past_a_day_that_there_is_not(
    server: Server, operating: httpx.Client
) -> None:
    """Whatever time stands where lists are sorted by, each link leads on to the end."""
    organization = {"id": server.customers[0].ids["organization"][0]}
    body: Item = {"organization": organization}
    items = [create(operating, TENANTS, **body) for _ in range(3)]
    sqlite = server.database.startswith("sqlite")
    put(
        server,
        items[1]["id"],
        "created_at",
        "'2026-02-30T00:00:00.000000Z'" if sqlite else "'infinity'",
    )
    for order in ("created_at", "-created_at"):
        asked = str(
            httpx.URL(
                f"{TENANTS.path}list/",
                params={
                    "id__in": ",".join(item["id"] for item in items),
                    "_order_by": order,
                    "_limit": "1",
                },
            )
        )
        seen: list[str] = []
        while asked and len(seen) < 9:
            answer = operating.get(asked)
            assert answer.status_code == 200, answer.text
            seen += [item["id"] for item in answer.json()]
            asked = answer.links.get("next", {}).get("url", "")
        assert sorted(seen) == sorted(item["id"] for item in items)


def test_a_write_says_what_shall_stand_there(
    operating: httpx.Client, broken: Sequence[Any]
) -> None:
    """A write of something else is refused with the field's name; one that mends it is stored."""
    items, field = broken
    refused = operating.patch(path(items[1]), json={"popular_name": "x"})
    assert refused.status_code == 422
    errors = [(error["pointer"], error["code"]) for error in refused.json()["errors"]]
    assert errors == [(f"/{field}", "unreadable")]
    empty: list[Item] | None = [] if field.startswith("block") else None
    for mode in ("true", "false"):
        body = [{"id": items[1]["id"], field: empty}]
        mended = operating.post(f"{TENANTS.path}list/?_dry_run={mode}", json=body)
        assert mended.status_code == 200, mended.text
    item = operating.get(path(items[1])).json()
    assert "_faults" not in item
    assert item == {**items[1], field: empty}


@pytest.mark.parametrize("way", ["delete", "erase"])
def test_it_can_be_taken_away(operating: httpx.Client, broken: Sequence[Any], way: str) -> None:
    """By deletion, and a person by erasure."""
    items, _ = broken
    if way == "delete":
        assert operating.delete(path(items[1])).status_code == 204
        assert operating.get(path(items[1])).status_code == 404
        return
    erased = operating.post(path(items[1], "erase/"), json={})
    assert erased.status_code == 200, erased.text
    assert "_faults" not in operating.get(path(items[1])).json()


def test_an_answer_whose_end_cannot_be_read_is_withdrawn(
    server: Server, operating: httpx.Client
) -> None:
    """Its person can be erased, and the answer deleted."""
    tenant = create(operating, TENANTS)
    body = {
        "answer": True,
        "integration": {"id": server.customers[0].ids["integration"][0]},
        "answered_by_tenant": {"id": tenant["id"]},
        "expires_at": "2100-01-01T00:00:00Z",
    }
    answer = operating.post(ANSWERS.path, json=body).json()
    far = "9999-99-99T00:00:00.000000Z" if server.database.startswith("sqlite") else "20000-01-01"

    async def work() -> None:
        async with open_store(server.database) as store, store.database.transaction() as connection:
            for table, key in (
                (ANSWERS.name.replace(".", "_"), "id"),
                ("integrations_decision", "answer"),
            ):
                changed = f"UPDATE {table} SET expires_at = '{far}' WHERE {key} = '{answer['id']}'"
                assert await connection.execute(changed) == 1

    stored.run(work())
    where = f"{ANSWERS.path}{answer['id']}/"
    assert operating.get(where).json() == answer
    assert operating.get(where, params={"_evidence": "true"}).status_code == 200
    assert operating.get(path(tenant, "export/")).status_code == 200
    assert operating.post(path(tenant, "erase/"), json={}).status_code == 200
    assert operating.patch(where, json={"expires_at": None}).status_code == 200
    assert operating.delete(where).status_code == 204
