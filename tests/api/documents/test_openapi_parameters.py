"""Every filter and other parameter is described in the OpenAPI documents, with its type."""

from __future__ import annotations

import re
from typing import Any

import pytest

from portvakt.schema.operations import Operation
from portvakt.schema.operators import OPERATORS
from portvakt.schema.resource import Resource
from tests.api.documents.described import (
    ANSWERS,
    CONNECTIONS,
    FILTERS,
    ID,
    NO_NUL,
    OFFERED,
    parameters,
)

# -- parameters ------------------------------------------------------------------------------------


@pytest.mark.parametrize(("resource", "field"), FILTERS)
def test_every_operator_of_every_field_is_a_parameter(resource: Resource, field: Any) -> None:
    """The filters of a field are those of its kind, and each names its negated form."""
    found = parameters(resource, Operation.list)
    mine = {name for name in found if name == field.name or name.startswith(f"{field.name}__")}
    names = {f"{field.name}__{name}" if name else field.name for name in OPERATORS[field.kind]}
    assert mine == names
    assert {found[name]["x-negated"] for name in mine} == {f"{name}!" for name in mine}


@pytest.mark.parametrize("resource", OFFERED)
def test_a_list_has_no_other_parameters(resource: Resource) -> None:
    """The reference's parameters come first, then ours, then the filters by name."""
    found = list(parameters(resource, Operation.list))
    assert found[:9] == [
        "_jsonl",
        "_order_by",
        "_page",
        "_page_size",
        "_search",
        "_slim",
        "_statistics",
        "global_realestates",
        "global_segments",
    ]
    sometimes = [*["_as_of"] * resource.versions, *["_evidence"] * bool(resource.additive)]
    own = ["_limit", "_after", "_count", "_end", *sometimes, "_changed", "_fields"]
    assert found[9 : 9 + len(own)] == own
    fields = [name.partition("__")[0] for name in found[9 + len(own) :]]
    assert fields == sorted(fields)
    assert set(fields) == set(resource.compared)


def test_lists_in_a_parameter_are_comma_separated() -> None:
    """An array is one parameter with commas, as the reference's example shows."""
    for one in parameters(ANSWERS, Operation.list).values():
        if one["schema"].get("type") == "array":
            assert (one["style"], one["explode"]) == ("form", False)


def test_filters_are_typed() -> None:
    """Tools can tell a flag from an id from a time."""
    found = parameters(CONNECTIONS, Operation.list)
    assert found["hidden"]["schema"] == {"type": "boolean"}
    assert found["object_id"]["schema"] == {"type": "string", "format": "uuid"}
    assert found["created_at__in"]["schema"]["type"] == "string"
    assert found["external_id__icontains"]["schema"] == {"type": "string", "pattern": NO_NUL}
    assert found["external_id__isnull"]["schema"] == {"type": "boolean"}
    assert [one["format"] for one in found["created_at__gte"]["schema"]["anyOf"]] == [
        "date-time",
        "date",
    ]


@pytest.mark.parametrize(
    ("name", "right", "wrong"),
    [
        ("hidden__in", ["", "true", "True,0"], ["yes", "true,", "true, false"]),
        ("object_id__in", ["", ID, f"{ID},{ID.upper()}"], ["x", f"{ID},", f"{ID};{ID}"]),
        ("external_id__in", ["", "a,b", '"a,b",c', '""', 'a"b,'], ['"a', '"a"b', "a\nb", "a\0"]),
        ("external_id", ["", "a\nb", "é"], ["a\0"]),
    ],
)
def test_operands_have_a_pattern(name: str, right: list[str], wrong: list[str]) -> None:
    """The form of a list's values is stated, and that no text holds NUL."""
    pattern = parameters(CONNECTIONS, Operation.list)[name]["schema"]["pattern"]
    assert all(re.search(pattern, text) for text in right)
    assert not any(re.search(pattern, text) for text in wrong)


def test_items_can_be_ordered_by_every_field() -> None:
    """`_order_by` takes each field, also descending."""
    (_, order, *_) = parameters(ANSWERS, Operation.list).values()
    options = set(order["schema"]["items"]["enum"])
    assert options == {sign + name for sign in ("", "-") for name in ANSWERS.compared}


def test_a_bulk_write_has_its_parameters() -> None:
    """`_match` offers the keys that a caller can send."""
    found = parameters(CONNECTIONS, Operation.bulk)
    assert set(found) == {"_atomic", "_dry_run", "_report", "_match", "Idempotency-Key"}
    assert found["_atomic"]["schema"]["default"] is True
    assert set(found["_match"]["schema"]["enum"]) == {
        "content_type,object_id,external_id",
        "custom_id",
    }
