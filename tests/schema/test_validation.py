"""Bodies are parsed to clean values and faults; every fault is found at once."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portvakt.errors import FaultCode
from portvakt.resources import load
from portvakt.schema.resource import Resource
from portvakt.schema.validation import MAX_UNKNOWN, Body, merge, merged_faults, parse_body
from portvakt.schema.values import InvalidValue

ANSWERS = load().resources["integrations.answeredintegrationpersonalinformationaccess"]
CONNECTIONS = load().resources["integrations.integrationserviceidconnection"]
ID = "497f6eca-6276-4993-bfeb-53cbbbba6f08"
OTHER = "d4ea9ac7-5f47-4fd2-93fb-1d0d8e5a2d1c"
REFERENCE = {"id": ID}
TENANT, SUB_TENANT = "answered_by_tenant", "answered_by_sub_tenant"
ANSWER = {"answer": True, "integration": REFERENCE, TENANT: REFERENCE}

ALL = list(load().resources.values())
NAMES = sorted({name for resource in ALL for name in resource.by_name})
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text() | st.sampled_from(["id"]), inner),
    max_leaves=10,
)
BODIES = JSON | st.dictionaries(st.sampled_from(NAMES) | st.text(), JSON, max_size=8)


def found(body: Body) -> dict[str, FaultCode]:
    """The faults of a body by pointer."""
    return {fault.where: fault.code for fault in body.faults}


def judged(resource: Resource, body: Any, stored: dict[str, Any] | None = None) -> set[str]:
    """What is wrong with the merged item, as `code pointer`."""
    parsed = parse_body(resource, body)
    item = merge(resource, parsed.given, stored)
    return {f"{one.code.name} {one.where}" for one in merged_faults(resource, item, parsed.invalid)}


# --- bodies ---------------------------------------------------------------------------------------


@given(BODIES, st.sampled_from(ALL))
def test_any_json_as_body_is_judged(body: Any, resource: Resource) -> None:
    """No body raises anything: each of its fields is read or at fault, and the rules are judged."""
    parsed = parse_body(resource, body)
    assert set(parsed.given) <= {field.name for field in resource.writable}
    assert not set(parsed.given) & parsed.invalid
    assert all(fault.where == "" or fault.where.startswith("/") for fault in parsed.faults)
    merged_faults(resource, merge(resource, parsed.given, None), parsed.invalid)


@given(BODIES, st.sampled_from(ALL))
def test_a_clean_value_is_read_as_itself(body: Any, resource: Resource) -> None:
    """What was read and is sent back as it is shown means the same."""
    given_values = parse_body(resource, body).given
    shown = {
        name: None if value is None else resource.by_name[name].render(value)
        for name, value in given_values.items()
    }
    again = parse_body(resource, shown)
    assert (again.given, again.faults) == (given_values, [])


def test_a_whole_number_is_one_however_it_is_written() -> None:
    """In JSON 2.0 is the integer 2, as JSON Schema has it; 2.5 is none, nor is what has no end."""
    priority = load().resources["accounts.integrationuseragent"].by_name["clashing_priority"]
    assert [type(priority.parse(one)) for one in (2, 2.0, -0.0, 2e3)] == [int] * 4
    assert priority.parse(2.0) == 2
    for wrong in (2.5, 1e300, float("inf"), True, "2"):
        with pytest.raises(InvalidValue):
            priority.parse(wrong)


@pytest.mark.parametrize("body", [None, True, 1, 1.5, "x", [], [{}]])
def test_a_body_is_an_object(body: Any) -> None:
    """Anything else is one fault at the whole body."""
    assert found(parse_body(ANSWERS, body)) == {"": FaultCode.type}


def test_values_become_clean() -> None:
    """References become ids, UUIDs lower case; extra keys inside a reference are ignored."""
    body = {**ANSWER, TENANT: {"id": OTHER.upper(), "name": "x"}, "custom_id": None}
    parsed = parse_body(ANSWERS, body)
    assert parsed.given == {"answer": True, "integration": ID, TENANT: OTHER, "custom_id": None}
    assert parsed.faults == []


def test_read_only_fields_are_ignored() -> None:
    """A client may send back what it read, whatever it holds; only an id is looked at."""
    body = {"created_at": [], "application_id": 1, "id": ID.upper()}
    parsed = parse_body(CONNECTIONS, body)
    assert (parsed.given, parsed.faults, parsed.id) == ({}, [], ID)
    assert parse_body(CONNECTIONS, {"id": None}).id is None
    assert found(parse_body(CONNECTIONS, {"id": 1})) == {"/id": FaultCode.type}


def test_all_faults_of_a_body_are_found() -> None:
    """Each at its own pointer, below the field where the value has parts."""
    body = {
        "content_type": {},
        "object_id": "x",
        "external_id": "",
        "hidden": None,
        "organization": {"id": 1},
        "custom_id": "x" * 129,
        "a/b": 1,
    }
    assert found(parse_body(CONNECTIONS, body)) == {
        "/content_type/id": FaultCode.required,
        "/object_id": FaultCode.format,
        "/external_id": FaultCode.too_short,
        "/hidden": FaultCode.null,
        "/organization/id": FaultCode.type,
        "/custom_id": FaultCode.too_long,
        "/a~1b": FaultCode.unknown_field,
    }


@pytest.mark.parametrize("length", [1, 1024])
def test_lengths_count_code_points(length: int) -> None:
    """Characters outside the basic plane count once."""
    parsed = parse_body(CONNECTIONS, {"external_id": "\U0001f600" * length})
    assert parsed.faults == []
    too_long = parse_body(CONNECTIONS, {"external_id": "\U0001f600" * 1025})
    assert found(too_long) == {"/external_id": FaultCode.too_long}


def test_an_unknown_field_names_the_nearest() -> None:
    """Nothing is ignored, and a typing error is told."""
    (fault,) = parse_body(ANSWERS, {"answr": True}).faults
    assert (fault.code, fault.where) == (FaultCode.unknown_field, "/answr")
    assert "`answer`" in fault.detail


def test_many_unknown_fields_are_counted() -> None:
    """The first are named one by one, of the rest the number."""
    names = [f"nothing{number}" for number in range(MAX_UNKNOWN + 5)]
    faults = parse_body(ANSWERS, dict.fromkeys(names)).faults
    assert [fault.where for fault in faults] == [f"/{name}" for name in names[: MAX_UNKNOWN + 1]]
    assert "4 others" in faults[-1].detail


# --- merged items ---------------------------------------------------------------------------------


def test_a_new_item_gets_defaults() -> None:
    """What is left out is null, or the default."""
    item = merge(CONNECTIONS, {"external_id": "x"}, None)
    assert list(item) == list(CONNECTIONS.by_name)
    assert (item["external_id"], item["hidden"], item["custom_id"]) == ("x", False, None)


def test_what_is_given_lies_over_what_is_stored() -> None:
    """Absent means unchanged, null clears."""
    stored = merge(ANSWERS, {"answer": True, "custom_id": "a", TENANT: ID}, None)
    merged = merge(ANSWERS, {"custom_id": None, "answer": False}, stored)
    assert merged == {**stored, "custom_id": None, "answer": False}


@pytest.mark.parametrize(
    ("body", "faults"),
    [
        (ANSWER, set()),
        ({}, {"required /answer", "required /integration", "at_least_one /" + TENANT}),
        ({**ANSWER, TENANT: None}, {"at_least_one /" + TENANT}),
        ({**ANSWER, SUB_TENANT: REFERENCE}, {"excludes /" + TENANT, "excludes /" + SUB_TENANT}),
    ],
)
def test_a_new_item_must_follow_the_rules(body: Any, faults: set[str]) -> None:
    """Required fields and the rules between fields."""
    assert {
        one.replace("answered_by_organization_user", TENANT) for one in judged(ANSWERS, body)
    } == faults


@pytest.mark.parametrize(
    ("body", "faults"),
    [
        ({}, set()),
        ({"answer": False}, set()),
        ({TENANT: None}, {"at_least_one"}),
        ({SUB_TENANT: REFERENCE}, {"excludes"}),
        ({SUB_TENANT: REFERENCE, TENANT: None}, set()),
    ],
)
def test_rules_are_checked_on_the_merged_item(body: Any, faults: set[str]) -> None:
    """A partial body is right where the item that it makes is right."""
    stored = merge(ANSWERS, parse_body(ANSWERS, ANSWER).given, None)
    assert {one.split()[0] for one in judged(ANSWERS, body, stored)} == faults


def test_a_field_that_could_not_be_read_has_one_fault() -> None:
    """No rule is judged on a value that is not known, and it is not said to be missing."""
    assert judged(ANSWERS, {"answer": 1, "integration": 1, TENANT: 1}) == set()
