"""Rules between the fields of one item say the same in Python and as a database's CHECK."""

from __future__ import annotations

import sqlite3
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from portvakt.resources import load
from portvakt.schema.rules import (
    AtLeastOneOf,
    AtMostOneOf,
    ProperOrder,
    Requires,
    Rule,
    SetTogether,
    exactly_one_of,
)
from portvakt.storage.sql.checks import rule_condition

A, AB, ABC = ("a",), ("a", "b"), ("a", "b", "c")
LOW, HIGH = "2026-01-31", "2026-02-01"

CASES: list[tuple[Rule, dict[str, Any], list[tuple[str, str, tuple[str, ...]]]]] = [
    (AtMostOneOf(ABC), {}, []),
    (AtMostOneOf(ABC), {"b": 1}, []),
    (AtMostOneOf(ABC), {"b": False}, []),
    (AtMostOneOf(ABC), {"a": 1, "c": 0}, [("/a", "excludes", ("c",)), ("/c", "excludes", A)]),
    (
        AtMostOneOf(ABC),
        {"a": 1, "b": 1, "c": 1},
        [
            ("/a", "excludes", ("b", "c")),
            ("/b", "excludes", ("a", "c")),
            ("/c", "excludes", ("a", "b")),
        ],
    ),
    (AtLeastOneOf(ABC), {}, [("/a", "at_least_one", ("b", "c"))]),
    (AtLeastOneOf(ABC), {"c": ""}, []),
    (AtLeastOneOf(ABC), {"a": 1, "b": 1}, []),
    (SetTogether(ABC), {}, []),
    (SetTogether(ABC), {"a": 1, "b": 1, "c": 1}, []),
    (
        SetTogether(ABC),
        {"b": 0},
        [("/a", "set_together", ("b",)), ("/c", "set_together", ("b",))],
    ),
    (SetTogether(AB), {"a": 1}, [("/b", "set_together", A)]),
    (Requires(ABC), {}, []),
    (Requires(ABC), {"b": 1}, []),
    (Requires(ABC), {"a": 1, "b": 1, "c": 1}, []),
    (Requires(ABC), {"a": 1, "c": 1}, [("/a", "requires", ("b",))]),
    (Requires(ABC), {"a": 1}, [("/a", "requires", ("b", "c"))]),
    (ProperOrder(ABC), {}, []),
    (ProperOrder(ABC), {"c": LOW}, []),
    (ProperOrder(ABC), {"a": LOW, "b": LOW, "c": HIGH}, []),
    (ProperOrder(ABC), {"a": HIGH, "b": LOW}, [("/b", "wrong_order", A)]),
    (ProperOrder(ABC), {"a": HIGH, "c": LOW}, [("/c", "wrong_order", A)]),
    (ProperOrder(ABC), {"a": LOW, "b": HIGH, "c": LOW}, [("/c", "wrong_order", ("b",))]),
]


@pytest.mark.parametrize(("rule", "item", "expected"), CASES)
def test_a_rule_finds_what_is_wrong(
    rule: Rule, item: dict[str, Any], expected: list[tuple[str, str, tuple[str, ...]]]
) -> None:
    """Each fault points at a field and names the others; a field that is absent counts as null."""
    found = list(rule.faults(item))
    assert [(one.where, one.code.value, one.fields) for one in found] == expected
    assert [one.detail for one in found] == [rule.sentence(one.where[1:]) for one in found]
    whole = dict.fromkeys(rule.fields) | item
    assert list(rule.faults(whole)) == found


def test_exactly_one_is_at_most_and_at_least_one() -> None:
    """The reference states it as two rules."""
    assert exactly_one_of(*ABC) == (AtMostOneOf(ABC), AtLeastOneOf(ABC))


SENTENCES = [
    (
        AtMostOneOf(ABC),
        "b",
        "This value can't bet set, when any of the following fields are set: a, c",
    ),
    (
        AtLeastOneOf(ABC),
        "b",
        "This field, or at least one of the following fields must be set: a, c",
    ),
    (SetTogether(AB), "a", "This value must be set together with the following fields: b"),
    (
        Requires(ABC),
        "a",
        "This value requires that the following fields are also set: b, c",
    ),
    (Requires(ABC), "b", None),
    (
        ProperOrder(AB),
        "a",
        "This value must be set in an proper order, in relation to the following fields: b",
    ),
    (
        ProperOrder(AB),
        "b",
        "This value must be set in an proper order, in relation to the following fields: a",
    ),
]


@pytest.mark.parametrize(("rule", "name", "sentence"), SENTENCES)
def test_a_rule_is_stated_in_the_references_words(
    rule: Rule, name: str, sentence: str | None
) -> None:
    """At each of its fields, naming the others; a one-way rule at one field only."""
    assert rule.sentence(name) == sentence


# --- the database ----------------------------------------------------------------------------


def accepts(rule: Rule, item: dict[str, Any]) -> bool:
    """Whether a table with the rule's CHECK takes the item."""
    connection = sqlite3.connect(":memory:")
    try:
        columns = ", ".join(rule.fields)
        connection.execute(f"CREATE TABLE items ({columns}, CHECK ({rule_condition(rule)}))")
        marks = ", ".join("?" * len(rule.fields))
        values = [item[name] for name in rule.fields]
        try:
            connection.execute(f"INSERT INTO items VALUES ({marks})", values)
        except sqlite3.IntegrityError:
            return False
        return True
    finally:
        connection.close()


KINDS = [AtMostOneOf, AtLeastOneOf, SetTogether, Requires, ProperOrder]
VALUES = {
    "dates": st.dates().map(str),
    "times": st.datetimes().map(lambda moment: moment.isoformat(timespec="microseconds") + "Z"),
    "numbers": st.integers(0, 3),
}


@pytest.mark.parametrize("values", VALUES)
@pytest.mark.parametrize("kind", KINDS)
@given(data=st.data())
@settings(deadline=None, derandomize=True, database=None, max_examples=60)
def test_a_rule_and_its_check_agree(kind: type[Rule], values: str, data: st.DataObject) -> None:
    """Nothing is wrong with an item exactly when the database would take it."""
    names = tuple("abcde"[: data.draw(st.integers(2, 5))])
    some = st.none() | VALUES[values]
    item = {name: data.draw(some) for name in names}
    rule = kind(names)
    assert accepts(rule, item) is not bool(list(rule.faults(item)))


DECLARED = [
    pytest.param(rule, id=f"{resource.model}-{type(rule).__name__}-{rule.fields[-1]}")
    for resource in load().resources.values()
    for rule in resource.rules
]


@pytest.mark.parametrize("rule", DECLARED)
@given(data=st.data())
@settings(deadline=None, derandomize=True, database=None, max_examples=30)
def test_every_declared_rule_and_its_check_agree(rule: Rule, data: st.DataObject) -> None:
    """So does each rule of each resource."""
    item = {name: data.draw(st.none() | st.dates().map(str)) for name in rule.fields}
    assert accepts(rule, item) is not bool(list(rule.faults(item)))
