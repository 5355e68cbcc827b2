"""What the filters of a query string mean, and what is told of wrong ones."""

from __future__ import annotations

import csv
import io
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portvakt.api.parameters import split
from portvakt.api.query_string import (
    MAX_CONDITIONS,
    parse_list,
)
from portvakt.errors import FaultCode, Problem
from portvakt.resources import load
from portvakt.schema.operators import OPERATORS, Kind, Operand
from portvakt.schema.query import Filter
from tests.api.ask.queries import (
    ANSWERS,
    CONNECTIONS,
    ID,
    LONGEST,
    OTHER,
    TEXTS,
    asked,
    fault,
    only,
    refused,
)


@pytest.mark.parametrize(
    ("query", "wanted"),
    [
        ("answer=true", ("answer", "", False, True)),
        ("answer=FALSE", ("answer", "", False, False)),
        ("answer=1", ("answer", "", False, True)),
        ("answer!=0", ("answer", "", True, False)),
        ("answer%21=0", ("answer", "", True, False)),
        ("answer__in=true,0", ("answer", "in", False, (True, False))),
        ("answer__isnull!=true", ("answer", "isnull", True, True)),
        (f"integration={ID.upper()}", ("integration", "", False, ID)),
        (f"integration__in={ID},{OTHER}", ("integration", "in", False, (ID, OTHER))),
        ("id__in=", ("id", "in", False, ())),
        ("custom_id=", ("custom_id", "", False, "")),
        ("custom_id=a%26b%3Dc+d", ("custom_id", "", False, "a&b=c d")),
        ("custom_id__icontains=%C3%85", ("custom_id", "icontains", False, "Å")),
        ('custom_id__in="a,b",c', ("custom_id", "in", False, ("a,b", "c"))),
        ('custom_id__in="a""b",', ("custom_id", "in", False, ('a"b', ""))),
        ('custom_id__in=""', ("custom_id", "in", False, ("",))),
        ("custom_id__in!=a", ("custom_id", "in", True, ("a",))),
        ("created_at__gte=2026-01-31", ("created_at", "gte", False, "2026-01-31T00:00:00.000000Z")),
        (
            "created_at__lt=2026-01-31T01:00:00+02:00",  # the + is a space
            ("created_at", "lt", False, "2026-01-30T23:00:00.000000Z"),
        ),
    ],
)
def test_a_filter_is_a_field_an_operator_and_an_operand(query: str, wanted: Any) -> None:
    """Each form of a filter, with `!` for its complement."""
    assert only(query) == Filter(*wanted)


def test_filters_are_joined_and_repeated() -> None:
    """A repeated parameter is one more filter; nothing replaces anything."""
    filters = asked("custom_id__contains=a&custom_id__contains=b&custom_id!=c&custom_id!=d").filters
    assert [(one.operand, one.negated) for one in filters] == [
        ("a", False),
        ("b", False),
        ("c", True),
        ("d", True),
    ]


OPERANDS = {
    Kind.boolean: "true",
    Kind.uuid: ID,
    Kind.reference: ID,
    Kind.references: ID,
    Kind.time: "2026-01-31T00:00:00Z",
    Kind.date: "2026-01-31",
    Kind.integer: "1",
    Kind.number: "1",
    Kind.text: "a",
}
"""A value of each kind that can be compared."""

ORDERED = {"gt", "gte", "lt", "lte"}
PARTS = {"contains", "icontains"}
AT_ONE_END = {"startswith", "istartswith", "endswith", "iendswith", "iexact"}
REPEATABLE = {
    False: {
        Kind.references: {""},
        Kind.time: ORDERED,
        Kind.date: ORDERED,
        Kind.integer: ORDERED,
        Kind.number: ORDERED,
        Kind.text: PARTS,
    },
    True: {
        Kind.boolean: {""},
        Kind.uuid: {""},
        Kind.reference: {""},
        Kind.references: {""},
        Kind.time: {"", *ORDERED},
        Kind.date: {"", *ORDERED},
        Kind.integer: {"", *ORDERED},
        Kind.number: {"", *ORDERED},
        Kind.text: {"", *PARTS, *AT_ONE_END},
    },
}
"""By negation and kind, the operators that can be meant twice: neither contradiction nor list."""

EVERY_FILTER = [
    pytest.param(kind, operator, negated, id=f"{kind.value}__{operator}{'!' if negated else ''}")
    for kind in Kind
    for operator in OPERATORS[kind]
    for negated in (False, True)
]


@pytest.mark.parametrize(("kind", "operator", "negated"), EVERY_FILTER)
def test_only_what_can_be_meant_twice_is_repeated(kind: Kind, operator: str, negated: bool) -> None:
    """A filter that AND makes a contradiction of, or a list of, is a fault the second time."""
    resource, field = next(
        (resource, field)
        for resource in load().offered
        for field in resource.visible
        if field.kind is kind and not getattr(field, "options", ())
    )
    values = OPERATORS[kind][operator].operand
    operand = "true" if values is Operand.boolean else OPERANDS.get(kind, "")
    name = (f"{field.name}__{operator}" if operator else field.name) + "!" * negated
    twice = [(name, operand)] * 2
    if operator in REPEATABLE[negated].get(kind, ()):
        assert [one.field for one in parse_list(twice, resource).filters].count(field.name) == 2
        return
    with pytest.raises(Problem) as raised:
        parse_list([*twice, (name, operand)], resource)
    (found,) = raised.value.faults
    assert (found.where, found.code) == (name, FaultCode.duplicate)


@pytest.mark.parametrize(
    ("query", "hint"),
    [
        ("answer__in=true&answer__in=false", "one comma list: `answer__in=a,b`"),
        ("answer__in!=true&answer__in!=false", "one comma list: `answer__in!=a,b`"),
        ("not__answer__in=true&answer__in!=false", "one comma list: `answer__in!=a,b`"),
        ("answer=true&answer=false", "one comma list: `answer__in=a,b`"),
        ("custom_id__startswith=a&custom_id__startswith=b", "Give it once."),
        ("answer__isnull=true&answer__isnull=true", "Give it once."),
    ],
)
def test_a_list_that_is_sent_as_repeated_parameters_is_told_its_form(query: str, hint: str) -> None:
    """Who sends a list as untyped clients do learns how it is written, instead of nothing found."""
    (found,) = refused(query)
    assert found.code is FaultCode.duplicate
    assert hint in found.detail


@pytest.mark.parametrize(
    ("query", "same"),
    [
        ("not__answer=true", "answer!=true"),
        ("not__answer__in=true,0", "answer__in!=true,0"),
        ("not__custom_id__icontains=a", "custom_id__icontains!=a"),
        ("not__custom_id=a&custom_id!=b", "custom_id!=a&custom_id!=b"),
    ],
)
def test_a_negated_filter_has_a_second_spelling(query: str, same: str) -> None:
    """`not__FIELD` is `FIELD!`, for clients whose names can't hold a `!`."""
    assert asked(query) == asked(same)


@given(st.lists(TEXTS, min_size=1))
def test_a_list_of_texts_comes_through_its_quoting(texts: list[str]) -> None:
    """Whatever RFC 4180 quoting can write is read."""
    line = io.StringIO()
    csv.writer(line, quoting=csv.QUOTE_ALL, lineterminator="").writerow(texts)
    (found,) = parse_list([("custom_id__in", line.getvalue())], ANSWERS).filters
    assert found.operand == tuple(texts)


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("answer=yes", FaultCode.type),
        ("answer=", FaultCode.type),
        ("answer__in=true,", FaultCode.type),
        ("answer__isnull=2", FaultCode.type),
        ("id=1", FaultCode.format),
        ("integration=", FaultCode.format),
        (f"id__in={ID},1", FaultCode.format),
        ('custom_id__in="a', FaultCode.format),
        ('custom_id__in="a"b', FaultCode.format),
        ("custom_id__in=a%0Ab", FaultCode.format),
        ("custom_id__in=a%0A", FaultCode.format),
        ("custom_id__in=%0D", FaultCode.format),
        ("custom_id=a%00", FaultCode.forbidden_character),
        ("created_at=yesterday", FaultCode.format),
        ("created_at=2026-02-30", FaultCode.format),
        ("custom_id__like=a", FaultCode.unknown_operator),
        ("answer__gt=true", FaultCode.unknown_operator),
        ("answer__=true", FaultCode.unknown_operator),
        ("answer__in__in=true", FaultCode.unknown_operator),
        ("answr=true", FaultCode.unknown_parameter),
        ("answer!!=true", FaultCode.unknown_parameter),
        ("customer_id=a", FaultCode.unknown_parameter),
        ("revisio=1", FaultCode.unknown_parameter),
        ("revision=one", FaultCode.type),
        ("_as_of_=1", FaultCode.unknown_parameter),
        ("=1", FaultCode.unknown_parameter),
        ("!=1", FaultCode.unknown_parameter),
        ("not__=1", FaultCode.unknown_parameter),
        ("not__answer!=true", FaultCode.unknown_parameter),
        ("not__not__answer=true", FaultCode.unknown_parameter),
        ("not___slim=true", FaultCode.unknown_parameter),
        ("not__answer__gt=true", FaultCode.unknown_operator),
    ],
)
def test_a_wrong_filter_is_told(query: str, code: FaultCode) -> None:
    """Nothing is ignored: an unknown name, operator or operand is a fault at the parameter."""
    found = refused(query)
    assert [one.code for one in found] == [code]
    ((name, _),) = split(query.encode(), LONGEST)
    assert found[0].where == name


@pytest.mark.parametrize(
    ("query", "hint"),
    [
        ("answr=true", "`answer`"),
        ("_oder_by=id", "`_order_by`"),
        ("custom_id__icontain=a", "`custom_id__icontains`"),
        ("answer__zzzzzz=1", "answer__in, answer__isnull"),
        ("not__answr=true", "`not__answer`"),
        ("not_answer=true", "`not__answer`"),
        ("not__answer__isnul=true", "`not__answer__isnull`"),
        ("not__answer!=true", "`answer!`"),
        ("answr!=true", "`answer`"),
        ("_order_by=create_at", "`created_at`"),
    ],
)
def test_a_fault_names_the_right_one(query: str, hint: str) -> None:
    """A misspelt name comes back with the nearest right one."""
    (found,) = refused(query)
    assert hint in found.detail


def test_all_faults_are_told_at_once() -> None:
    """Each wrong parameter has its fault in one answer."""
    query = "answer=x&id=x&nothing=1&_page=0&_limit=x&_after=x&_order_by=x&_slim=x"
    found = [one.where for one in refused(query)]
    wanted = ["answer", "id", "nothing", "_page", "_limit", "_after", "_order_by", "_slim"]
    assert set(wanted) <= set(found)


def test_all_wrong_values_of_a_list_are_told_at_once() -> None:
    """The fault of a list quotes the values in it that are wrong, and no others."""
    (ids,) = refused(f"id__in=one,{OTHER},two")
    (order,) = refused("_order_by=answr,id,-custm_id,answr")
    (realestates,) = refused(f"global_realestates=one,{OTHER}&global_realestates=two")
    assert "'one', 'two'." in ids.detail
    assert "'one', 'two'." in realestates.detail
    assert OTHER not in ids.detail + realestates.detail
    assert order.detail.count("`answer`") == order.detail.count("`custom_id`") == 1


def test_many_and_long_wrong_values_are_not_all_quoted() -> None:
    """A fault stays short, whatever was sent."""
    (found,) = refused("answer__in=" + ",".join(["x" * 1000] * 50))
    assert found.detail.endswith(" and 45 more.")
    assert len(found.detail) < 500


def test_conditions_have_a_greatest_number() -> None:
    """Filters and search words count together, the limit inclusive."""
    many = "&".join(["answer!=1"] * (MAX_CONDITIONS - 2)) + "&_search=a+b"
    assert len(asked(many).filters) == MAX_CONDITIONS - 2
    assert fault(many + "+c") == ("_search", FaultCode.limit)


def test_hidden_items_are_left_out_unless_asked_for() -> None:
    """A resource's hidden items are filtered away; any filter on that field speaks for itself."""
    assert asked("", CONNECTIONS).filters == (Filter("hidden", "", False, False),)
    assert asked("hidden=true", CONNECTIONS).filters == (Filter("hidden", "", False, True),)
    (found,) = asked("hidden__isnull=false", CONNECTIONS).filters
    assert found.operator == "isnull"
