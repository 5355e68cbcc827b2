"""Filters and other parameters over HTTP, for every resource; and those that are wrong."""

from __future__ import annotations

import json
from urllib.parse import quote
from uuid import uuid4

import httpx
import pytest

from portvakt.errors import Code
from portvakt.schema.resource import Resource
from tests.api.operations.asking import EACH, EACH_SORT, NOWHERE, check, ids, listed, marked
from tests.support.examples import (
    ANSWERS,
    FORMS,
    ONE_DATABASE,
    WRITABLE,
    Asked,
    body_of,
    create,
    send,
)


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


HIDING = [one for one in WRITABLE if one.listing.hidden_by]


@pytest.mark.parametrize("resource", HIDING, ids=lambda resource: resource.model)
def test_hidden(client: httpx.Client, resource: Resource) -> None:
    """Hidden items are left out of every form of a list unless asked for; Get finds them."""
    hidden = resource.listing.hidden_by
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
