"""What a query string means: every parameter known, every fault found, nothing else raised."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from portvakt.api.parameters import MAX_PARAMETERS, Pairs, parse_none, split
from portvakt.api.query_string import (
    LIST_CONTROLS,
    MAX_CONDITIONS,
    filter_names,
    parse_bulk,
    parse_list,
)
from portvakt.errors import Code, Fault, FaultCode, Problem
from portvakt.operations.write import Bulk
from portvakt.resources import load
from portvakt.schema.operators import OPERATORS, Kind, Operand
from portvakt.schema.query import BY_AGE, Filter, Keyset, Order, Page, Query
from portvakt.schema.resource import Resource

ANSWERS = load().resources["integrations.answeredintegrationpersonalinformationaccess"]
CONNECTIONS = load().resources["integrations.integrationserviceidconnection"]
ID = "497f6eca-6276-4993-bfeb-53cbbbba6f08"
OTHER = "d4ea9ac7-5f47-4fd2-93fb-1d0d8e5a2d1c"
LONGEST = 60_000

RESOURCES = [pytest.param(one, id=one.model) for one in load().offered]
TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"))


def asked(query: str, resource: Resource = ANSWERS) -> Query:
    """What a query string asks for."""
    return parse_list(split(query.encode(), LONGEST), resource)


def refused(query: str, resource: Resource = ANSWERS) -> list[Fault]:
    """The faults of a query string."""
    with pytest.raises(Problem) as raised:
        asked(query, resource)
    assert raised.value.code is Code.invalid_parameters
    return list(raised.value.faults)


def fault(query: str, resource: Resource = ANSWERS) -> tuple[str, FaultCode]:
    """Where and what the only fault of a query string is."""
    (found,) = refused(query, resource)
    assert found.place == "parameter"
    return found.where, found.code


def only(query: str, resource: Resource = ANSWERS) -> Filter:
    """The only filter of a query string."""
    (found,) = asked(query, resource).filters
    return found


# --- splitting ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("query", "pairs"),
    [
        (b"", []),
        (b"&&", []),
        (b"a", [("a", "")]),
        (b"a=", [("a", "")]),
        (b"=b", [("", "b")]),
        (b"a=b=c", [("a", "b=c")]),
        (b"a%3Db=c%26d", [("a=b", "c&d")]),
        (b"a+b=c+d%2B", [("a b", "c d+")]),
        (b"a%21=1&a!=2", [("a!", "1"), ("a!", "2")]),
        (b"%C3%A5=%E2%82%AC", [("å", "€")]),
        (b"a=%&b=%zz&c=%4", [("a", "%"), ("b", "%zz"), ("c", "%4")]),
        (b"a;b=1", [("a;b", "1")]),
    ],
)
def test_a_query_string_is_names_and_values(query: bytes, pairs: Pairs) -> None:
    """Parts are split at `&` and the first `=`, then unescaped; a part without `=` is a name."""
    assert split(query, LONGEST) == pairs


@given(st.lists(st.tuples(TEXTS, TEXTS), max_size=20))
def test_what_a_client_encodes_is_read(pairs: list[tuple[str, str]]) -> None:
    """Names and values come through a client's encoding as they are."""
    assert split(urlencode(pairs).encode(), 10**6) == pairs


@pytest.mark.parametrize("query", [b"%ff", b"a=%ed%a0%80", b"a=\xc3\xa5", b"%C3=1"])
def test_a_query_string_must_be_utf_8(query: bytes) -> None:
    """Bytes that are no escaped UTF-8 are refused, each at its parameter."""
    with pytest.raises(Problem) as raised:
        split(query + b"&b=%C3%A5&c=%ff", LONGEST)
    assert raised.value.code is Code.invalid_parameters
    first, second = raised.value.faults
    assert (first.place, first.code) == ("parameter", FaultCode.format)
    assert first.where in ("\ufffd", "a")
    assert second.where == "c"


def test_a_query_string_has_a_greatest_length() -> None:
    """The limit is inclusive, and told."""
    assert split(b"a" * 10, 10)
    with pytest.raises(Problem, match="10 bytes, not 11") as raised:
        split(b"a" * 11, 10)
    assert raised.value.code is Code.uri_too_long


def test_parameters_have_a_greatest_number() -> None:
    """The limit is inclusive, and told."""
    assert len(split(b"&".join([b"a"] * MAX_PARAMETERS), LONGEST)) == MAX_PARAMETERS
    with pytest.raises(Problem, match=f"{MAX_PARAMETERS} parameters, not {MAX_PARAMETERS + 1}"):
        split(b"&".join([b"a"] * (MAX_PARAMETERS + 1)), LONGEST)


def problem_of(parse: Callable[[], Any]) -> Problem | None:
    """The problem that this raises, if any; any other exception is a mistake."""
    try:
        parse()
    except Problem as problem:
        return problem
    return None


@given(st.binary(max_size=200), st.sampled_from(load().offered))
@example(b"_after=gA", ANSWERS)
@example(b"_search=%00", ANSWERS)
@example(b"global_segments=[[]]", ANSWERS)
@example(b"custom_id__in=%22", ANSWERS)
def test_any_bytes_are_answered_by_a_query_or_a_problem(query: bytes, resource: Resource) -> None:
    """No query string raises anything but a problem, which says what is wrong."""
    for parse in (parse_list, parse_bulk, lambda pairs, _: parse_none(pairs)):
        found = problem_of(lambda parse=parse: parse(split(query, LONGEST), resource))  # type: ignore[misc]
        if found is not None:
            assert found.code is Code.invalid_parameters
            assert found.faults


NAMES = st.sampled_from(
    sorted({*LIST_CONTROLS, *filter_names(ANSWERS), *filter_names(CONNECTIONS)})
)
VALUES = st.one_of(
    TEXTS,
    st.sampled_from(["", "true", "1", "0", ID, f"{ID},{OTHER}", f'[{{"id":"{ID}"}}]', "[", "a,b"]),
    st.integers().map(str),
    st.datetimes().map(str),
    st.sampled_from(["-created_at", "id,-id", "content_type,object_id,external_id"]),
)


@given(st.lists(st.tuples(NAMES, st.sampled_from(["", "!", "!!"]), VALUES), max_size=8))
def test_any_values_of_known_parameters_are_answered(pairs: list[tuple[str, str, str]]) -> None:
    """Known names with any values raise nothing but a problem, which blames only given names."""
    query = [(name + negation, value) for name, negation, value in pairs]
    names = {name for name, _ in query} | {"_page", "_page_size", "_limit", "_search"}
    for resource in load().offered:
        found = problem_of(lambda resource=resource: parse_list(query, resource))  # type: ignore[misc]
        assert found is None or {fault.where for fault in found.faults} <= names


# --- filters --------------------------------------------------------------------------------------


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


# --- the other parameters -------------------------------------------------------------------------


def test_nothing_asks_for_everything() -> None:
    """An empty query string is the default query."""
    assert asked("") == Query()
    assert asked("").order == BY_AGE


@pytest.mark.parametrize(
    ("text", "order"),
    [
        ("", BY_AGE),
        ("custom_id", (Order("custom_id"), Order("id"))),
        ("-custom_id,answer", (Order("custom_id", True), Order("answer"), Order("id"))),
        ("-id,answer", (Order("id", True), Order("answer"))),
        ("answer,-answer", (Order("answer"), Order("id"))),
        ("+-answer", (Order("answer", True), Order("id"))),
    ],
)
def test_the_order_ends_with_the_id(text: str, order: tuple[Order, ...]) -> None:
    """Every order is total: `id` is added unless it was named."""
    assert asked(f"_order_by={text}").order == order


def test_an_order_may_go_on_in_a_repeated_parameter() -> None:
    """Some clients send a list as repeated parameters."""
    assert asked("_order_by=answer&_order_by=-id") == asked("_order_by=answer,-id")


@pytest.mark.parametrize(
    ("query", "page"),
    [
        ("_page=1&_page_size=0", Page(1, 0)),
        ("_page=2147483647&_page_size=10000", Page(2147483647, 10000)),
        ("_page=007&_page_size=1", Page(7, 1)),
    ],
)
def test_a_page_is_a_number_and_a_size(query: str, page: Page) -> None:
    """The least and the greatest page."""
    assert asked(query).page == page


@pytest.mark.parametrize(
    ("query", "where", "code"),
    [
        ("_page=1", "_page_size", FaultCode.set_together),
        ("_page_size=1", "_page", FaultCode.set_together),
        ("_page=0&_page_size=1", "_page", FaultCode.out_of_range),
        ("_page=2147483648&_page_size=1", "_page", FaultCode.out_of_range),
        ("_page=1&_page_size=10001", "_page_size", FaultCode.out_of_range),
        ("_page=-1&_page_size=1", "_page", FaultCode.out_of_range),
        ("_page=1.5&_page_size=1", "_page", FaultCode.out_of_range),
        ("_page=%D9%A1&_page_size=1", "_page", FaultCode.out_of_range),
        ("_page=1&_page=2&_page_size=1", "_page", FaultCode.duplicate),
        ("_limit=0", "_limit", FaultCode.out_of_range),
        ("_limit=10001", "_limit", FaultCode.out_of_range),
        ("_limit=1&_page=1&_page_size=1", "_limit", FaultCode.excludes),
        ("_limit=1&_after=x", "_after", FaultCode.format),
        ("_order_by=answer,", "_order_by", FaultCode.unknown_field),
        ("_order_by=--answer", "_order_by", FaultCode.unknown_field),
        ("_search=%00", "_search", FaultCode.forbidden_character),
        ("_slim=yes", "_slim", FaultCode.type),
        ("_slim=1&_slim=1", "_slim", FaultCode.duplicate),
        ("_slim!=1", "_slim!", FaultCode.unknown_parameter),
        ("global_realestates=1", "global_realestates", FaultCode.format),
        ("global_segments=[1]", "global_segments", FaultCode.type),
        ("global_segments=[", "global_segments", FaultCode.format),
        ("global_segments=[{}]", "global_segments", FaultCode.type),
        ("global_segments={}", "global_segments", FaultCode.type),
        ("global_segments={", "global_segments", FaultCode.format),
        ("_atomic=true", "_atomic", FaultCode.unknown_parameter),
    ],
)
def test_a_wrong_control_is_told(query: str, where: str, code: FaultCode) -> None:
    """Halves of a pair, values out of range and what excludes each other are faults."""
    assert fault(query) == (where, code)


def test_a_limit_leads_through_a_list() -> None:
    """`_limit` alone is the first page of a keyset."""
    assert asked("_limit=10000").keyset == Keyset(10000)


def test_a_search_is_folded_words() -> None:
    """Words are split at any white space, folded, and each counts once."""
    assert asked("_search=%C3%85sa++STRASSE%09stra%C3%9Fe%C2%A0x").search == (
        "åsa",
        "strasse",
        "x",
    )
    assert asked("_search=").search == ()


@pytest.mark.parametrize(
    "text",
    [
        f"{ID},{OTHER}",
        f" {ID} , {OTHER},",
        f'[{{"id":"{ID}"}},"{OTHER}"]',
        f'{{"id":"{ID}"}},{{"id":"{OTHER}"}}',
    ],
)
def test_ids_are_a_comma_list_or_json(text: str) -> None:
    """Each form of a list of ids; nothing given is not the same as an empty list."""
    for name, attribute in (("global_realestates", "realestates"), ("global_segments", "segments")):
        query = parse_list([(name, text)], ANSWERS)
        assert getattr(query, attribute) == (ID, OTHER)
        assert getattr(parse_list([(name, "")], ANSWERS), attribute) == ()
        assert getattr(Query(), attribute) is None


# --- bulk writes and the rest ---------------------------------------------------------------------


def test_a_bulk_write_is_atomic_unless_told() -> None:
    """The defaults, and each parameter."""
    assert parse_bulk([], ANSWERS) == (Bulk(), (False, False))
    pairs = [("_atomic", "false"), ("_dry_run", "1"), ("_report", "TRUE"), ("_match", "custom_id")]
    how = Bulk(atomic=False, dry_run=True, match=("custom_id",))
    assert parse_bulk(pairs, ANSWERS) == (how, (True, False))
    assert parse_bulk([("_evidence", "1")], ANSWERS) == (Bulk(), (False, True))
    with pytest.raises(Problem):
        parse_bulk([("_evidence", "1")], CONNECTIONS)


def test_a_match_names_a_whole_key() -> None:
    """The fields of a key may come in any order; another list of fields is refused."""
    how, _ = parse_bulk([("_match", "external_id, object_id,content_type")], CONNECTIONS)
    assert how.match == ("content_type", "object_id", "external_id")
    for text in ("", "object_id", "content_type,object_id,external_id,custom_id", "id"):
        with pytest.raises(Problem) as raised:
            parse_bulk([("_match", text)], CONNECTIONS)
        assert [one.code for one in raised.value.faults] == [FaultCode.not_an_option]


def test_other_operations_have_no_parameters() -> None:
    """Each parameter is a fault where none is known."""
    parse_none([])
    with pytest.raises(Problem) as raised:
        parse_none([("a", ""), ("_slim", "1")])
    assert [one.where for one in raised.value.faults] == ["a", "_slim"]
