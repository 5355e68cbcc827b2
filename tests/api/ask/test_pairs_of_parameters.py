"""Two parameters that are fine alone: together both mean something, or it is told which to drop.

Nothing that the reference shows beside each other is refused: its example of a list has all of its
own parameters at once.
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import combinations

import pytest

from portvakt.api import cursor
from portvakt.api.query_string import list_controls, parse_get, parse_list
from portvakt.api.reading_parameters import own_controls
from portvakt.errors import FaultCode, Problem
from portvakt.resources import load
from portvakt.schema.operations import ListForm
from portvakt.schema.query import BY_AGE

ANSWERS = load().resources["integrations.answeredintegrationpersonalinformationaccess"]
PK = "00000000-0000-4000-8000-000000000001"
AFTER = cursor.render(BY_AGE, ("2026-11-23T10:00:00.000000Z", PK))
PAGE = {"_page": "1", "_page_size": "2"}

GIVEN: dict[str, dict[str, str]] = {
    "_jsonl": {"_jsonl": "true"},
    "_order_by": {"_order_by": "created_at"},
    "_page": PAGE,
    "_page_size": PAGE,
    "_search": {"_search": "x"},
    "_slim": {"_slim": "true"},
    "_statistics": {"_statistics": "true"},
    "global_realestates": {"global_realestates": PK},
    "global_segments": {"global_segments": PK},
    "_limit": {"_limit": "3"},
    "_after": {"_limit": "3", "_after": AFTER},
    "_count": {"_count": "true"},
    "_end": {"_jsonl": "true", "_end": "true"},
    "_changed": {"_changed": "true"},
    "_fields": {"_fields": "answer"},
    "_as_of": {"_as_of": "2026-11-23"},
    "_evidence": {"_evidence": "true"},
}
"""Each parameter with those that it can't be without."""

REFUSED = {
    **{
        frozenset({"_statistics", name}): {name}
        for name in ("_limit", "_count", "_end", "_changed", "_fields", "_evidence")
    },
    frozenset({"_statistics", "_after"}): {"_after", "_limit"},
    **{frozenset({"_slim", name}): {name} for name in ("_changed", "_fields", "_evidence")},
    **{
        frozenset({page, name}): {"_limit"}
        for page in ("_page", "_page_size")
        for name in ("_limit", "_after")
    },
    frozenset({"_fields", "_changed"}): {"_changed"},
    frozenset({"_fields", "_evidence"}): {"_evidence"},
}
"""The pairs of which one leaves the other nothing to do, and which parameters have the fault."""

OF_REFERENCE = ("_jsonl", "_order_by", "_page", "_page_size", "_search", "_slim", "_statistics")


def faults(values: Mapping[str, str], form: ListForm | None = None) -> set[str]:
    """The parameters that a list refuses, each beside another one that is named."""
    try:
        parse_list([*values.items()], ANSWERS, form)
    except Problem as problem:
        for one in problem.faults:
            assert one.code is FaultCode.excludes
            assert {*one.fields} <= values.keys() - {one.where}
            assert f"Leave `{one.where}` out" in one.detail
        return {one.where for one in problem.faults}
    return set()


def test_the_table_has_every_parameter() -> None:
    """So that a new one has to be thought of beside all others."""
    assert GIVEN.keys() == {*list_controls(ANSWERS)}


@pytest.mark.parametrize("pair", [*combinations(GIVEN, 2)], ids="-".join)
def test_a_pair_means_something_or_is_told(pair: tuple[str, str]) -> None:
    """In a list, and in those of its forms that have both."""
    first, second = pair
    values = GIVEN[first] | GIVEN[second]
    refused = REFUSED.get(frozenset(pair), set())
    assert faults(values) == refused
    for form in ListForm:
        known = list_controls(ANSWERS, form)
        if first in known and second in known:
            asked = {name: value for name, value in values.items() if name in known}
            assert faults(asked, form) == refused


@pytest.mark.parametrize("pair", [*combinations(own_controls(ANSWERS), 2)], ids="-".join)
def test_a_get_refuses_what_a_list_refuses(pair: tuple[str, str]) -> None:
    """The parameters by which items are read are the same there."""
    first, second = pair
    values = [*(GIVEN[first] | GIVEN[second]).items()]
    if refused := REFUSED.get(frozenset(pair)):
        with pytest.raises(Problem) as told:
            parse_get(values, ANSWERS)
        assert {one.where for one in told.value.faults} == refused
    else:
        parse_get(values, ANSWERS)


@pytest.mark.parametrize(
    "values", [{"_fields": "method", "_evidence": "true"}, {"_fields": "revision", "_changed": "1"}]
)
def test_fields_may_be_asked_for_twice(values: dict[str, str]) -> None:
    """By their name, and by what shows all of their sort."""
    assert faults(values) == set()


def test_what_is_false_excludes_nothing() -> None:
    """It is as if it were left out."""
    assert (
        faults({"_statistics": "false", "_slim": "0", "_limit": "3", "_fields": "answer"}) == set()
    )


def test_the_references_example_is_answered() -> None:
    """Its one line for curl has all of its parameters."""
    together: dict[str, str] = {}
    for name in OF_REFERENCE:
        together |= GIVEN[name]
    assert faults(together) == set()
