"""What is one thing in several spellings is found by each of them, and kept as it was sent."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from portvakt.api.query_string import parse_list
from portvakt.operations.reading import read
from portvakt.operations.writing import write
from portvakt.operations.writing.changes import Bulk
from portvakt.schema.decision import ConsentTerms
from portvakt.schema.query import Filter, Query
from tests.support.stores import ORGANIZATION_USER, RESOURCES, TENANT, Customer, add, ref

pytestmark = pytest.mark.asyncio(loop_scope="module")

ADMINISTRATOR = RESOURCES["platform.administrator"]

KEPT: dict[str, list[str]] = {
    "ssn": ["19121212-1212", "191212121212", "20121212-1212", "201212121212"],
    "org_no": ["556016-0680", "5560160680", "121212-1212"],
    "phone_number": ["0701740605", "+46701740605", "0046701740605", "+460701740605", "701740605"],
    "email": ["Asa@Example.SE", "Asa@example.se", "asa@example.se", "x@åkerö.example.se"],
}
"""Texts that are stored, all of them valid."""

ASKED = [
    ("ssn", "191212121212", KEPT["ssn"][:2]),
    ("ssn", "19121212+1212", KEPT["ssn"][:2]),
    ("ssn", "121212-1212", KEPT["ssn"]),  # which century isn't said: of those who may be alive
    ("ssn", "121212+1212", KEPT["ssn"][:2]),  # with a plus it isn't this one
    ("ssn", "1212121212", KEPT["ssn"]),
    ("ssn", "19121212 1212", KEPT["ssn"][:2]),
    ("ssn", "19121212", []),
    ("org_no", "556016-0680", KEPT["org_no"][:2]),
    ("org_no", "165560160680", KEPT["org_no"][:2]),
    ("org_no", "SE556016068001", KEPT["org_no"][:2]),
    ("org_no", "19121212-1212", KEPT["org_no"][2:]),
    ("phone_number", "070-174 06 05", KEPT["phone_number"][:4]),
    ("phone_number", "+46 (0)70-174 06 05", KEPT["phone_number"][:4]),
    ("phone_number", "46701740605", KEPT["phone_number"][:4]),
    ("phone_number", "701740605", KEPT["phone_number"][4:]),  # a lost zero is no spelling
    ("email", "Asa@EXAMPLE.se", KEPT["email"][:2]),
    ("email", "asa@Example.Se", KEPT["email"][2:3]),
    ("email", "x@xn--ker-tla2g.example.se", KEPT["email"][3:]),
    ("email", "x@A\u030aKERO\u0308.example.se", KEPT["email"][3:]),
]


async def kept(customer: Customer, field: str) -> dict[str, str]:
    """The ids of new tenants with each of the texts."""
    bodies = [{"first_name": field, field: text} for text in KEPT[field]]
    items = await add(customer.own, TENANT, bodies)
    assert [item[field] for item in items] == KEPT[field]
    return {item["id"]: item[field] for item in items}


async def found(customer: Customer, *filters: Filter, search: tuple[str, ...] = ()) -> list[Any]:
    """The ids that a list finds."""
    query = Query(filters=filters, search=search)
    return [item["id"] for item in (await read.page(customer.context, TENANT, query)).items]


@pytest.mark.parametrize(("field", "asked", "expected"), ASKED)
async def test_an_exact_filter_finds_every_spelling(
    customer: Customer, field: str, asked: str, expected: list[str]
) -> None:
    """Exact and `in`, and negated exactly the others."""
    texts = await kept(customer, field)
    mine = Filter("id", "in", False, tuple(texts))
    for operator, operand in (("", asked), ("in", ("nothing", asked))):
        same = await found(customer, mine, Filter(field, operator, False, operand))
        others = await found(customer, mine, Filter(field, operator, True, operand))
        assert sorted(texts[pk] for pk in same) == sorted(expected)
        assert sorted(same + others) == sorted(texts)


@pytest.mark.parametrize(("field", "asked", "expected"), [one for one in ASKED if one[2]])
async def test_a_search_finds_every_spelling(
    customer: Customer, field: str, asked: str, expected: list[str]
) -> None:
    """A number is found whole, also with spaces in it; an address whatever the case, all of it."""
    if field == "email":
        asked, expected = asked.rpartition("@")[2].removeprefix("xn--"), []
    texts = await kept(customer, field)
    words = parse_list([("_search", asked)], TENANT).search
    same = await found(customer, Filter("id", "in", False, tuple(texts)), search=words)
    assert {*expected} <= {texts[pk] for pk in same}
    if field == "ssn":
        assert sorted(texts[pk] for pk in same) == sorted(expected)


async def test_the_text_itself_stays_reachable(customer: Customer) -> None:
    """Parts of texts, and how they begin and end, are compared as they are."""
    texts = await kept(customer, "ssn")
    mine = Filter("id", "in", False, tuple(texts))
    for operator in ("startswith", "contains", "endswith", "iexact"):
        same = await found(customer, mine, Filter("ssn", operator, False, "19121212-1212"))
        assert [texts[pk] for pk in same] == ["19121212-1212"]


@pytest.mark.parametrize("field", KEPT)
async def test_no_spelling_finds_what_is_hidden(customer: Customer, field: str) -> None:
    """Who may not see the persons finds none, by filter or search, and by negation all."""
    texts = await kept(customer, field)
    caller = replace(
        customer.context.caller, consent_terms=ConsentTerms(active=True, requires=True, mode=2)
    )
    blind = replace(customer, context=replace(customer.context, caller=caller))
    mine = Filter("id", "in", False, tuple(texts))
    for _, asked, _ in (one for one in ASKED if one[0] == field):
        for operator, operand in (("", asked), ("in", (asked,))):
            assert await found(blind, mine, Filter(field, operator, False, operand)) == []
            others = await found(blind, mine, Filter(field, operator, True, operand))
            assert sorted(others) == sorted(texts)
        words = parse_list([("_search", asked)], TENANT).search
        assert await found(blind, mine, search=words) == []


async def test_a_match_finds_an_address_by_its_domain(customer: Customer) -> None:
    """With `_match=email` the administrator who is there is updated, dry run or not."""
    users = customer.ids[ORGANIZATION_USER.name]
    body = {"organization_user": ref(users[0]), "email": "Asa@Example.se"}
    (made,) = await add(customer.own, ADMINISTRATOR, [body])
    again = {**body, "email": "Asa@EXAMPLE.SE"}
    for dry in (True, False):
        how = Bulk(match=("email",), dry_run=dry)
        (change,) = await write.bulk(customer.own, ADMINISTRATOR, [again], how)
        assert (change.outcome, change.target) == ("updated", made["id"])
    other = {"organization_user": ref(users[1]), "email": "asa@example.se"}
    (change,) = await write.bulk(customer.own, ADMINISTRATOR, [other], Bulk(match=("email",)))
    assert change.outcome == "created"
