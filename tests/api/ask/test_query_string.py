"""What a query string means: every parameter known, every fault found, nothing else raised."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from portvakt.api.parameters import MAX_PARAMETERS, Pairs, parse_none, split
from portvakt.api.query_string import (
    LIST_CONTROLS,
    filter_names,
    parse_bulk,
    parse_list,
)
from portvakt.errors import Code, FaultCode, Problem
from portvakt.operations.writing.changes import Bulk
from portvakt.resources import load
from portvakt.schema.query import BY_AGE, Keyset, Order, Page, Query
from portvakt.schema.resource import Resource
from tests.api.ask.queries import ANSWERS, CONNECTIONS, ID, LONGEST, OTHER, TEXTS, asked, fault


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
