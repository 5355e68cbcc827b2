"""The OpenAPI documents say in the reference's words what the reference says."""

from __future__ import annotations

from typing import Any

import pytest
from openapi_spec_validator import validate

from portvakt.api.documents.openapi import document
from portvakt.schema.checks import Unique
from portvakt.schema.operations import Operation
from portvakt.schema.registry import Registry
from portvakt.schema.resource import Application, Resource
from portvakt.schema.rules import AtMostOneOf, Requires, SetTogether
from tests.api.documents.described import (
    ANSWERS,
    BODIES,
    NO_NUL,
    REAL_ESTATES,
    REGISTRY,
    described,
    parameters,
    schema,
    texts,
)

# -- the reference's words -------------------------------------------------------------------------

CANNOT = "This value can't bet set, when any of the following fields are set: "
NEEDED = "This field, or at least one of the following fields must be set: "
SENTENCES = [
    "Answeredintegrationpersonalinformationaccess",
    "Bulk write 'Answeredintegrationpersonalinformationaccess'",
    "List 'Answeredintegrationpersonalinformationaccess'",
    "Create 'Answeredintegrationpersonalinformationaccess'",
    "Get 'Answeredintegrationpersonalinformationaccess'",
    "Update 'Answeredintegrationpersonalinformationaccess'",
    "Delete 'Answeredintegrationpersonalinformationaccess'",
    "Successful bulk create/update",
    "Successful query",
    "Successful creation",
    "Successful selection",
    "Successful update",
    "Successful deletion",
    "Additional Validation Information:",
    "Must be unique",
    CANNOT + "answered_by_tenant, answered_by_sub_tenant",
    CANNOT + "answered_by_organization_user, answered_by_sub_tenant",
    CANNOT + "answered_by_tenant, answered_by_organization_user",
    NEEDED + "answered_by_tenant, answered_by_sub_tenant",
    NEEDED + "answered_by_organization_user, answered_by_sub_tenant",
    NEEDED + "answered_by_tenant, answered_by_organization_user",
    "Example: _order_by=field_a,-field_b",
    "This value must be set together with the following fields: _page_size",
    "This value must be set together with the following fields: _page",
    "Filter can be negated by adding a ! to the end of the parameter name.",
    "Additional operators:",
    "Operator: contains, Supports negation (via !): True",
    "Operator: endswith, Supports negation (via !): True",
    "Operator: gt, Supports negation (via !): True",
    "Operator: gte, Supports negation (via !): True",
    "Operator: icontains, Supports negation (via !): True",
    "Operator: iendswith, Supports negation (via !): True",
    "Operator: iexact, Supports negation (via !): True",
    "Operator: in, Supports negation (via !): True",
    "Operator: isnull, Supports negation (via !): True",
    "Operator: istartswith, Supports negation (via !): True",
    "Operator: lt, Supports negation (via !): True",
    "Operator: lte, Supports negation (via !): True",
    "Operator: startswith, Supports negation (via !): True",
]


@pytest.mark.parametrize("sentence", SENTENCES)
def test_every_sentence_of_the_reference_is_there(sentence: str) -> None:
    """The document says of the first resource what the reference says, to the letter."""
    said = [described(ANSWERS, operation) for operation in ANSWERS.operations]
    assert sentence in set(texts(said, "integrations"))


@pytest.mark.parametrize(("resource", "suffix"), BODIES)
def test_every_body_states_every_rule(resource: Resource, suffix: str) -> None:
    """A rule is stated at each of its fields, so in every direction, in every body."""
    for rule in resource.rules:
        for name in rule.fields:
            text = schema(resource, suffix)["properties"][name]["description"]
            assert rule.sentence(name) in (None, *text.split("\n\n"))


ONE_OF_THREE = {
    "answered_by_organization_user": (
        "Organizationuser",
        "answered_by_tenant, answered_by_sub_tenant",
    ),
    "answered_by_tenant": ("Tenant", "answered_by_organization_user, answered_by_sub_tenant"),
    "answered_by_sub_tenant": ("Subtenant", "answered_by_tenant, answered_by_organization_user"),
}
"""Of the fields that exclude each other: the title, and the other two in the reference's order."""


@pytest.mark.parametrize("suffix", ["", "Create", "BulkItem", "Update"])
def test_each_reference_says_what_the_references_page_says(suffix: str) -> None:
    """A field that refers to an item is titled as there, and has its own two sentences."""
    properties = schema(ANSWERS, suffix)["properties"]
    for name, (title, others) in ONE_OF_THREE.items():
        assert properties[name]["title"] == title
        assert properties[name]["description"].split("\n\n")[-3:] == [
            "Additional Validation Information:",
            CANNOT + others,
            NEEDED + others,
        ]
        assert {"type": "null"} in properties[name]["anyOf"]
    assert properties["organization"]["title"] == "Organization"
    assert {"type": "null"} in properties["organization"]["anyOf"]
    assert properties["integration"]["title"] == "Integrationuseragent"
    assert "anyOf" not in properties["integration"]
    assert (properties["custom_id"]["type"], properties["custom_id"]["maxLength"]) == (
        ["string", "null"],
        128,
    )
    assert properties["created_at"]["readOnly"]


OF_THE_REFERENCE = {
    "answer": "in isnull",
    "answered_by_organization_user": "in isnull",
    "answered_by_sub_tenant": "in isnull",
    "answered_by_tenant": "in isnull",
    "created_at": "gt gte in isnull lt lte",
    "custom_id": ("contains endswith icontains iendswith iexact in isnull istartswith startswith"),
    "id": "in isnull",
    "integration": "in isnull",
    "organization": "in isnull",
}
"""The filters of the reference's page, each with its operators, in its order."""


def test_the_filters_are_the_references() -> None:
    """The filters stand in the reference's order, and so do the operators that each lists."""
    found = parameters(ANSWERS, Operation.list)
    exact = [name for name in found if name in OF_THE_REFERENCE]
    assert exact == list(OF_THE_REFERENCE)
    for name, operators in OF_THE_REFERENCE.items():
        _, *lines = found[name]["description"].partition("Additional operators:\n\n")
        wanted = [
            f"Operator: {operator}, Supports negation (via !): True"
            for operator in operators.split()
        ]
        assert lines[-1].split("\n\n") == wanted


def test_a_proper_order_is_stated_at_each_of_its_fields() -> None:
    """Each names the others, whichever comes first; a field may stand in two orders."""
    order = "This value must be set in an proper order, in relation to the following fields: "
    properties = schema(REAL_ESTATES, "Create")["properties"]
    first, second, third, last = (
        properties[name]["description"].split("\n\n")[1:]
        for name in (
            "purchased_date",
            "sold_date",
            "financial_responsibility_to",
            "non_financial_responsibility_to",
        )
    )
    assert first == [
        order + "sold_date, non_financial_responsibility_to",
        order + "financial_responsibility_to, non_financial_responsibility_to",
    ]
    assert second == [order + "purchased_date, non_financial_responsibility_to"]
    assert third == [order + "purchased_date, non_financial_responsibility_to"]
    assert last == [
        order + "purchased_date, sold_date",
        order + "purchased_date, financial_responsibility_to",
    ]


def test_every_kind_of_value_has_its_form() -> None:
    """Numbers, dates, formats, arrays of references and free JSON are told apart."""
    tenant = schema(REGISTRY.resources["accounts.tenant"])["properties"]
    address = schema(REGISTRY.resources["common.address"], "Create")["properties"]
    activation = schema(REGISTRY.resources["accounts.integrationuseragent"])["properties"]
    assert address["longitude"] == {
        "type": ["number", "null"],
        "format": "float",
        "minimum": -180,
        "maximum": 180,
    }
    assert tenant["birth_date"] == {"type": ["string", "null"], "format": "date"}
    formats = {name: tenant[name]["format"] for name in ("email", "ssn", "gln13_number")}
    assert formats == {"email": "idn-email", "ssn": "luhn", "gln13_number": "gln13"}
    assert tenant["realestates"] == {
        "type": "array",
        "items": {"$ref": "#/components/schemas/RealestateReference"},
        "uniqueItems": True,
    }
    assert activation["registered_ip_addresses"] == {
        "type": ["array", "null"],
        "items": {"type": "string", "pattern": NO_NUL},
        "uniqueItems": True,
        "readOnly": True,
    }
    assert activation["subscribes_to_events"] == {
        "type": "array",
        "items": {"type": "object", "additionalProperties": True},
        "readOnly": True,
    }
    tags = schema(REGISTRY.resources["sales.organization"])["properties"]["tags"]
    assert tags == {"readOnly": True}


def test_filters_of_the_other_kinds_are_typed() -> None:
    """A filter on many references asks for one of them; free JSON can be null or not."""
    found = parameters(REGISTRY.resources["accounts.tenant"], Operation.list)
    assert found["realestates"]["schema"] == {"type": "string", "format": "uuid"}
    assert found["realestates"]["description"].startswith("One of `realestates` equals the value.")
    assert found["birth_date__gte"]["schema"] == {"type": "string", "format": "date"}
    assert {name for name in found if name.startswith("profile_picture")} == {
        "profile_picture__isnull"
    }
    found = parameters(REGISTRY.resources["common.address"], Operation.list)
    assert found["latitude__lt"]["schema"] == {"type": "number", "format": "float"}


def test_a_one_way_rule_is_stated_one_way() -> None:
    """Each kind of rule is stated where it binds; unique keys at each of their fields."""
    changed = _variant(
        checks=(
            SetTogether(("answer", "custom_id")),
            Requires(("custom_id", "organization")),
            AtMostOneOf(("organization", "custom_id")),
            Unique(("custom_id",)),
            Unique(("answer", "integration")),
        ),
    )
    properties = changed["components"]["schemas"][ANSWERS.title]["properties"]
    assert properties["custom_id"]["description"].split("\n\n") == [
        "Additional Validation Information:",
        "Must be unique",
        "This value must be set together with the following fields: answer",
        "This value requires that the following fields are also set: organization",
        CANNOT + "organization",
    ]
    assert properties["organization"]["description"].split("\n\n") == [
        "Additional Validation Information:",
        CANNOT + "custom_id",
    ]
    assert (
        "Must be unique together with the following fields: integration"
        in (properties["answer"]["description"])
    )


def _variant(**changes: Any) -> dict[str, Any]:
    """The document of the first resource, declared differently."""
    stated: dict[str, Any] = {**vars(ANSWERS), **changes}
    kept = {name: stated[name] for name in Resource.__dataclass_fields__}
    others = [one for one in REGISTRY.resources.values() if one is not ANSWERS]
    registry = Registry(REGISTRY.applications.values(), [*others, Resource(**kept)])
    return document(registry, "integrations")


def test_nothing_depends_on_which_resources_there_are() -> None:
    """An application without offered resources has a document without paths."""
    empty = Application("empty", "Empty", "1.0.0", "Holds nothing.")
    whole = document(Registry([empty], []), "empty")
    validate(whole)
    assert whole["paths"] == {}
