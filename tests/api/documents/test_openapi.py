"""The OpenAPI documents and reference pages say what the declarations and the reference say."""

from __future__ import annotations

import importlib
import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import Any

import httpx
import pytest
from openapi_schema_validator import OAS31Validator, oas31_format_checker
from openapi_spec_validator import validate

from portvakt.api.generated import files
from portvakt.api.openapi import document, render
from portvakt.api.reference_page import page, problems_page
from portvakt.api.sentences import validation
from portvakt.cli.generate import EXAMPLES, examples
from portvakt.errors import Code, FaultCode
from portvakt.resources import load
from portvakt.schema.entity_tags import CHANGED
from portvakt.schema.fields import Field, Integer, Text
from portvakt.schema.operators import OPERATORS, Kind
from portvakt.schema.registry import Registry
from portvakt.schema.resource import Application, ListForm, Operation, Resource, Unique
from portvakt.schema.rules import AtMostOneOf, Requires, SetTogether
from tests.support.samples import formed

ROOT = Path(__file__).parents[3]
REGISTRY = load()
LABELS = sorted({resource.application for resource in REGISTRY.offered})
DOCUMENTS = {label: document(REGISTRY, label) for label in LABELS}
INTEGRATIONS = DOCUMENTS["integrations"]
ANSWERS = REGISTRY.resources["integrations.answeredintegrationpersonalinformationaccess"]
CONNECTIONS = REGISTRY.resources["integrations.integrationserviceidconnection"]
REAL_ESTATES = REGISTRY.resources["objects.realestate"]
ID = "497f6eca-6276-4993-bfeb-53cbbbba6f08"
NO_NUL = r"^[^\x00]*$"
TIME = "2019-08-24T14:15:22.000000Z"

OFFERED = [pytest.param(resource, id=resource.name) for resource in REGISTRY.offered]
OPERATIONS = [
    pytest.param(resource, operation, id=f"{resource.name}-{operation.name}")
    for resource in REGISTRY.offered
    for operation in resource.operations
]
WRITABLE = [one for one in REGISTRY.offered if Operation.create in one.operations]
BODIES = [
    *(pytest.param(resource, "", id=resource.name) for resource in REGISTRY.offered),
    *(
        pytest.param(resource, suffix, id=f"{resource.name}-{suffix}")
        for resource in WRITABLE
        for suffix in ("Create", "BulkItem", "Update")
    ),
]
FILTERS = [
    pytest.param(resource, field, id=f"{resource.name}-{field.name}")
    for resource in REGISTRY.offered
    for field in resource.visible
]


def described(resource: Resource, operation: Operation) -> dict[str, Any]:
    """What the document says of one operation."""
    paths = DOCUMENTS[resource.application]["paths"]
    found: dict[str, Any] = paths[resource.paths[operation]][operation.method.lower()]
    return found


def parameters(resource: Resource, operation: Operation) -> dict[str, dict[str, Any]]:
    """The parameters of one operation by name."""
    return {one["name"]: one for one in whole_parameters(resource, described(resource, operation))}


def whole_parameters(resource: Resource, operation: dict[str, Any]) -> list[dict[str, Any]]:
    """The parameters of an operation of a resource, those that are said once in their place."""
    components = DOCUMENTS[resource.application]["components"]["parameters"]
    return [
        components[one["$ref"].rpartition("/")[2]] if "$ref" in one else one
        for one in operation["parameters"]
    ]


def schema(resource: Resource, suffix: str = "") -> dict[str, Any]:
    """A component schema of a resource."""
    schemas = DOCUMENTS[resource.application]["components"]["schemas"]
    found: dict[str, Any] = schemas[resource.title + suffix]
    return found


def follows(value: Any, resource: Resource, suffix: str = "") -> bool:
    """Whether a JSON value follows a component schema of a resource."""
    wanted = {
        "$ref": f"#/components/schemas/{resource.title}{suffix}",
        "components": DOCUMENTS[resource.application]["components"],
    }
    return bool(OAS31Validator(wanted, format_checker=oas31_format_checker).is_valid(value))


def texts(node: Any, label: str) -> Iterator[str]:
    """Each paragraph of every description, summary and name below `node`, references followed."""
    if isinstance(node, list):
        for element in node:
            yield from texts(element, label)
    elif isinstance(node, dict):
        if "$ref" in node:
            _, _, kind, name = node["$ref"].split("/")
            yield from texts(DOCUMENTS[label]["components"][kind][name], label)
        for element in node.values():
            yield from texts(element, label)
    elif isinstance(node, str):
        yield from node.split("\n\n")


SAMPLES: dict[Kind, Any] = {
    Kind.boolean: True,
    Kind.uuid: ID,
    Kind.reference: {"id": ID},
    Kind.references: [{"id": ID}],
    Kind.time: TIME,
    Kind.date: "2019-08-24",
    Kind.number: 1.5,
    Kind.object: {"key": [1]},
    Kind.texts: ["string"],
    Kind.objects: [{"key": 1}, {}],
    Kind.anything: [1, "string", {}],
}


def sample_value(field: Field) -> Any:
    """A value that the field accepts."""
    if isinstance(field, Integer):
        return (field.options or (field.minimum,))[0]
    if isinstance(field, Text):
        made = field.options[0] if field.options else formed(Random(field.name), field)
        return made.ljust(field.min_length, "x")
    return SAMPLES[field.kind]


def sample(resource: Resource) -> dict[str, Any]:
    """An item as it is read."""
    return {field.name: sample_value(field) for field in resource.visible}


# -- the document as a whole -----------------------------------------------------------------------


def test_the_head_is_the_references() -> None:
    """Title, version and description are those of the reference page."""
    info = INTEGRATIONS["info"]
    assert (info["title"], info["version"]) == ("Integrations", "2.0.0")
    assert info["description"] == "The 'Integrations' application of the Core API"
    assert info["license"]["identifier"] == "Apache-2.0"
    assert INTEGRATIONS["servers"][0]["url"] == "/"


def test_seven_headers_are_required_together() -> None:
    """The seven security schemes are joined by AND: one requirement holds them all."""
    schemes = dict(INTEGRATIONS["components"]["securitySchemes"])
    assert {name: scheme["name"] for name, scheme in schemes.items()} == {
        "customer_id": "X-PIGELLO-CUSTOMER-ID",
        "application_id": "X-PIGELLO-APPLICATION-ID",
        "service_id": "X-PIGELLO-SERVICE-ID",
        "service_version_id": "X-PIGELLO-SERVICE-VERSION-ID",
        "client_ct": "X-PIGELLO-CLIENT-CT",
        "client_object_id": "X-PIGELLO-CLIENT-ENTITY",
        "client_secret": "X-PIGELLO-CLIENT-SECRET",
    }
    assert {(one["type"], one["in"]) for one in schemes.values()} == {("apiKey", "header")}
    assert [set(requirement) for requirement in INTEGRATIONS["security"]] == [set(schemes)]
    for item in INTEGRATIONS["paths"].values():
        assert not any("security" in one for one in item.values())


BEARER: Any = [{"bearer": []}]
OF_A_CUSTOMER: Any = [{"bearer": []}, {"bearer": [], "customer_id": []}]


@pytest.mark.parametrize(
    ("path", "method", "security"),
    [
        ("/platform/contenttype/list/", "get", None),
        ("/platform/customer/list/", "get", BEARER),
        ("/platform/customer/{pk}/", "patch", BEARER),
        ("/platform/administrator/list/", "get", OF_A_CUSTOMER),
        ("/platform/administrator/{pk}/password/", "post", OF_A_CUSTOMER),
        ("/platform/credential/", "post", OF_A_CUSTOMER),
        ("/platform/login/", "post", []),
    ],
)
def test_people_are_asked_for_their_token(path: str, method: str, security: Any) -> None:
    """What integrations can't use asks for a token, and operators for the customer too."""
    document = DOCUMENTS["platform"]
    assert document["paths"][path][method].get("security") == security
    assert document["components"]["securitySchemes"]["bearer"]["scheme"] == "bearer"


@pytest.mark.parametrize("label", LABELS)
def test_every_offered_resource_has_a_tag(label: str) -> None:
    """A resource is titled as the reference titles it, and described."""
    tags = {tag["name"]: tag["description"] for tag in DOCUMENTS[label]["tags"]}
    assert tags == {one.title: one.description for one in REGISTRY.of_application(label)}


def test_operation_ids_are_unique() -> None:
    """No two operations of a document have one id."""
    for whole in DOCUMENTS.values():
        ids = [one["operationId"] for item in whole["paths"].values() for one in item.values()]
        assert len(ids) == len(set(ids))
        assert all(name.isidentifier() and name == name.lower() for name in ids)


def test_the_text_is_stable() -> None:
    """Rendering gives the same text each time, with a newline at its end."""
    text = render(document(REGISTRY, "integrations"))
    assert text == render(INTEGRATIONS)
    assert text.endswith("}\n")
    assert json.loads(text) == INTEGRATIONS


def test_every_component_is_used() -> None:
    """A document holds no component that nothing refers to."""
    for whole in DOCUMENTS.values():
        text = render(whole)
        for kind, named in whole["components"].items():
            for name in named if kind != "securitySchemes" else ():
                assert f'"#/components/{kind}/{name}"' in text


def test_what_several_operations_have_is_said_once() -> None:
    """No parameter stands in two operations of a document: it is a component."""
    for whole in DOCUMENTS.values():
        told = [
            json.dumps(one)
            for item in whole["paths"].values()
            for operation in item.values()
            for one in operation.get("parameters", ())
            if "$ref" not in one
        ]
        assert len(told) == len({*told})
        assert all("$ref" not in one for one in whole["components"].get("parameters", {}).values())


# -- operations ------------------------------------------------------------------------------------


@pytest.mark.parametrize(("resource", "operation"), OPERATIONS)
def test_every_operation_is_described(resource: Resource, operation: Operation) -> None:
    """Each offered operation has the reference's summary and success, with its status."""
    found = described(resource, operation)
    assert found["tags"] == [resource.title]
    assert found["summary"] == f"{operation.title} '{resource.title}'"
    assert found["responses"][str(operation.status)]["description"] == operation.success


@pytest.mark.parametrize("resource", OFFERED)
def test_no_other_operation_is_described(resource: Resource) -> None:
    """What is not offered has no place in the document."""
    whole = DOCUMENTS[resource.application]["paths"]
    found = {
        (method, path)
        for path, item in whole.items()
        for method in item
        if path.startswith(resource.path)
    }
    wanted = {(one.method.lower(), path) for one, path in resource.paths.items()}
    resolve = {("post", resource.path + "resolve/")} if resource.mapping else set()
    actions = {(one.method.lower(), one.path(resource.path)) for one in resource.actions}
    below = {one for one in actions if one[1].startswith(resource.path)}
    history = {("get", resource.path + "{pk}/history/")} if resource.has_history else set()
    forms = {("get", resource.path + form.tail) for form in resource.list_forms}
    assert found == wanted | resolve | below | history | forms


@pytest.mark.parametrize("resource", OFFERED)
def test_forms_of_a_list_have_one_answer_each(resource: Resource) -> None:
    """Statistics and exports are operations of their own, over the same filters."""
    paths = DOCUMENTS[resource.application]["paths"]
    filters = {name for name in parameters(resource, Operation.list) if not name.startswith("_")}
    for form, media_type in ((ListForm.statistics, "json"), (ListForm.export, "x-ndjson")):
        found = paths[resource.path + form.tail]["get"]
        assert list(found["responses"]["200"]["content"]) == [f"application/{media_type}"]
        names = {one["name"] for one in whole_parameters(resource, found)}
        assert filters < names
        assert "_search" in names
        assert not names & {"_page", "_limit", "_jsonl", "_statistics", "_slim"}


def test_every_operation_says_what_it_does() -> None:
    """Each has a description, and each document somebody to turn to."""
    for whole in DOCUMENTS.values():
        assert whole["info"]["contact"]["name"]
        for item in whole["paths"].values():
            assert all(one["description"] for one in item.values())


ALWAYS = {"400", "401", "403", "405", "412", "414", "417", "431", "500", "503"}
BODY = {"408", "413", "415", "422"}
STATUSES = {
    Operation.bulk: {"200", "207"} | BODY,
    Operation.list: {"200", "304", "408"},
    Operation.create: {"201", "409"} | BODY,
    Operation.get: {"200", "304", "404", "408"},
    Operation.update: {"200", "404", "409"} | BODY,
    Operation.delete: {"204", "404", "408", "409", "422"},
}


@pytest.mark.parametrize(("resource", "operation"), OPERATIONS)
def test_every_status_is_described(resource: Resource, operation: Operation) -> None:
    """An operation names the statuses that it can answer, and no other."""
    log = {"410"} if resource.append_only and operation is Operation.list else set()
    assert set(described(resource, operation)["responses"]) == ALWAYS | STATUSES[operation] | log


@pytest.mark.parametrize(
    ("status", "header"),
    [("401", "WWW-Authenticate"), ("405", "Allow"), ("503", "Retry-After")],
)
def test_problems_have_their_headers(status: str, header: str) -> None:
    """Every problem is a problem document, and some come with a header of their own."""
    found = INTEGRATIONS["components"]["responses"][f"Problem{status}"]
    assert set(found["headers"]) == {header, "X-Request-ID"}
    assert list(found["content"]) == ["application/problem+json"]


def test_problems_name_every_code() -> None:
    """A client can read all codes out of the document."""
    schemas = INTEGRATIONS["components"]["schemas"]
    assert schemas["Problem"]["properties"]["code"]["enum"] == [code.name for code in Code]
    assert schemas["Fault"]["properties"]["code"]["enum"] == [code.value for code in FaultCode]


@pytest.mark.parametrize(
    ("operation", "where"),
    [(Operation.list, "/0/id"), (Operation.bulk, "/0/id"), (Operation.create, "/id")],
)
def test_answers_link_to_their_items(operation: Operation, where: str) -> None:
    """What is listed or written can be read, changed and deleted by its id."""
    whole = DOCUMENTS[CONNECTIONS.application]
    ids = {one["operationId"] for item in whole["paths"].values() for one in item.values()}
    links = described(CONNECTIONS, operation)["responses"][str(operation.status)]["links"]
    assert set(links) == {"get", "update", "delete"}
    assert {link["operationId"] for link in links.values()} <= ids
    assert {link["parameters"]["pk"] for link in links.values()} == {f"$response.body#{where}"}


def test_answers_have_their_headers() -> None:
    """A created item says where it is, a list where it goes on; every answer has a request id."""
    created = described(ANSWERS, Operation.create)["responses"]["201"]
    listed = described(ANSWERS, Operation.list)["responses"]["200"]
    deleted = described(ANSWERS, Operation.delete)["responses"]["204"]
    replayed = {"Idempotency-Replayed", "Idempotency-Changed"}
    cached = {"ETag", "Cache-Control"}
    assert set(created["headers"]) == {"Location", "X-Request-ID"} | cached | replayed
    assert set(listed["headers"]) == {"Link", "X-Total-Count", "X-Request-ID"}
    assert set(deleted["headers"]) == {"X-Request-ID"} | replayed
    assert "content" not in deleted
    assert list(listed["content"]) == ["application/json", "application/x-ndjson"]


def test_every_write_takes_a_key() -> None:
    """Of the actions those that say that they write; no other operation has the header."""
    writes = {Operation.bulk, Operation.create, Operation.update, Operation.delete}
    expected, found = set(), set()
    for resource in REGISTRY.offered:
        for operation, path in resource.paths.items():
            if operation in writes:
                expected.add((path, operation.method))
        for action in resource.actions:
            if action.writes:
                expected.add((action.path(resource.path), action.method))
    for whole in DOCUMENTS.values():
        for path, item in whole["paths"].items():
            for method, one in item.items():
                if "Idempotency-Key" in str(one.get("parameters")):
                    found.add((path, method.upper()))
    assert found == expected


def _resolved(shared: dict[str, Any], parameter: dict[str, Any]) -> Any:
    """A parameter itself, where it is only referred to."""
    reference = parameter.get("$ref", "")
    return shared[reference.rpartition("/")[2]] if reference else parameter


def test_whatever_answers_in_lines_can_say_where_it_ends() -> None:
    """Every operation with lines among its answers has the parameter, and no other."""
    operations = [
        (whole["components"]["parameters"], one)
        for whole in DOCUMENTS.values()
        for item in whole["paths"].values()
        for one in item.values()
    ]
    ending = [
        one
        for shared, one in operations
        if "_end" in {_resolved(shared, p)["name"] for p in one.get("parameters", ())}
    ]
    lines = [
        one
        for _, one in operations
        if "application/x-ndjson" in one["responses"].get("200", {}).get("content", {})
    ]
    assert ending == lines
    assert len(lines) > len(OFFERED) / 2


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
        rules=(
            SetTogether(("answer", "custom_id")),
            Requires(("custom_id", "organization")),
            AtMostOneOf(("organization", "custom_id")),
        ),
        unique=(Unique(("custom_id",)), Unique(("answer", "integration"))),
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


# -- schemas ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("resource", OFFERED)
def test_an_item_shows_all_its_fields_and_no_others(resource: Resource) -> None:
    """An answer's item is complete and closed, and so are references in it."""
    item = sample(resource)
    assert list(schema(resource)["properties"]) == [*resource.known, *CHANGED]
    assert follows(item, resource)
    assert not follows({**item, "more": 1}, resource)
    for field in resource.additive:  # where they are asked for
        assert follows({**item, field.name: sample_value(field)}, resource)
        assert (
            "Shown only with `_evidence=true`"
            in (schema(resource)["properties"][field.name]["description"])
        )
    assert follows({**item, "revision": 1, "updated_at": "2026-11-29T10:00:00Z"}, resource)
    for name in item:
        less = {other: value for other, value in item.items() if other != name}
        assert not follows(less, resource)
    for reference in resource.references:
        assert not follows({**item, reference.name: {"id": ID, "name": "x"}}, resource)


@pytest.mark.parametrize("resource", OFFERED)
def test_an_item_may_be_null_where_declared(resource: Resource) -> None:
    """Null is read where a field is nullable, or may be denied as personal information."""
    for field in resource.visible:
        item = {**sample(resource), field.name: None}
        nullable = field.nullable or field.personal or field.kind is Kind.anything
        assert follows(item, resource) == nullable, field.name


@pytest.mark.parametrize(("resource", "suffix"), BODIES[len(OFFERED) :])
def test_what_was_read_can_be_sent_back(resource: Resource, suffix: str) -> None:
    """Bodies tolerate read-only fields and keys inside references, but no unknown field."""
    item = sample(resource)
    assert follows(item, resource, suffix)
    assert follows({**item, "id": None}, resource, suffix)
    assert not follows({**item, "more": 1}, resource, suffix)
    for reference in resource.references:
        assert follows({**item, reference.name: {"id": ID, "name": "x"}}, resource, suffix)


@pytest.mark.parametrize("resource", WRITABLE, ids=lambda one: one.name)
def test_only_a_create_body_requires_fields(resource: Resource) -> None:
    """PATCH and bulk write are partial; a new item needs its required fields."""
    needed = [field.name for field in resource.writable if field.required]
    assert schema(resource, "Create").get("required", []) == needed
    assert follows({}, resource, "Update")
    assert follows({"id": ID}, resource, "BulkItem")
    assert all(f"`{name}`" in schema(resource, "Update")["description"] for name in needed)
    assert all(f"`{name}`" in schema(resource, "BulkItem")["description"] for name in needed)


def test_limits_are_stated() -> None:
    """Lengths and defaults are there; a partial body has no default that a client might send."""
    create = schema(CONNECTIONS, "Create")["properties"]
    assert (create["external_id"]["minLength"], create["external_id"]["maxLength"]) == (1, 1024)
    assert create["custom_id"]["type"] == ["string", "null"]
    assert create["hidden"]["default"] is False
    assert "default" not in schema(CONNECTIONS, "Update")["properties"]["hidden"]
    assert "default" not in schema(CONNECTIONS, "BulkItem")["properties"]["hidden"]


def test_resolve_takes_either_id() -> None:
    """An element is asked for by our id or by the external one, and answered by items."""
    found = INTEGRATIONS["paths"][CONNECTIONS.path + "resolve/"]["post"]
    item, external = {"content_type": {"id": ID}}, {"external_id": "x"}
    assert follows({**item, "object_id": ID}, CONNECTIONS, "ByItem")
    assert follows({**item, **external}, CONNECTIONS, "ByExternalId")
    assert not follows(item, CONNECTIONS, "ByItem")
    answer = found["responses"]["200"]["content"]["application/json"]["schema"]
    assert answer["items"]["items"]["$ref"].endswith(f"/{CONNECTIONS.title}")


def test_statistics_follow_the_kinds_of_fields() -> None:
    """Each kind of field is summed up in its own way."""
    fields: dict[str, Any] = {
        field.name: {"distinct": 0, "null": 0} for field in CONNECTIONS.visible
    }
    fields["hidden"] = {"true": 1, "false": 2, "null": 0}
    fields["created_at"] = {"min": TIME, "max": None, "null": 0}
    assert follows({"count": 3, "fields": fields}, CONNECTIONS, "Statistics")
    fields["hidden"] = {"distinct": 1, "null": 0}
    assert not follows({"count": 3, "fields": fields}, CONNECTIONS, "Statistics")


def test_a_report_tells_what_became_of_an_item() -> None:
    """A report holds the item, or what was wrong with it."""
    fault = {"pointer": "/0/answer", "code": "required", "detail": "This field is required."}
    good = {"index": 0, "outcome": "created", "id": ID, "item": sample(ANSWERS)}
    bad = {"index": 0, "outcome": "refused", "id": None, "errors": [fault]}
    assert follows(good, ANSWERS, "Report")
    assert follows(bad, ANSWERS, "Report")
    assert not follows({**good, "outcome": "done"}, ANSWERS, "Report")


# -- generated files -------------------------------------------------------------------------------


@pytest.mark.parametrize("label", LABELS)
def test_the_reference_page_names_everything(label: str) -> None:
    """Each resource's operations, fields and validation sentences are on its page."""
    text = page(REGISTRY, label)
    for resource in REGISTRY.of_application(label):
        assert f"## {resource.title}\n" in text
        for operation, path in resource.paths.items():
            assert f"`{operation.method} {path}`" in text
        for field in resource.known.values():
            assert f"| `{field.name}` |" in text
            assert all(sentence in text for sentence in validation(resource, field))


def test_the_problems_page_names_every_code() -> None:
    """Each code has a row, each fault code is listed."""
    text = problems_page()
    for code in Code:
        assert f"| `{code.name}` | {code.status} | {code.title} |" in text
    assert all(f"`{code.value}`" in text for code in FaultCode)


def test_the_generated_files_are_up_to_date() -> None:
    """What is in docs/reference is what the declarations say now, with examples of now."""
    for path, text in {EXAMPLES: examples(REGISTRY), **files(REGISTRY)}.items():
        assert (ROOT / path).read_text("utf-8") == text, f"{path}: run `make generate`"


# -- a generated client ----------------------------------------------------------------------------


def _generate(label: str, folder: Path) -> None:
    """Make a client package of one application with openapi-python-client. No warning passes."""
    source, config = folder / f"{label}.json", folder / "config.yaml"
    source.write_text(render(DOCUMENTS[label]), "utf-8")
    lines = "content_type_overrides: {application/x-ndjson: text/plain}\n"
    config.write_text(f"post_hooks: []\n{lines}", "utf-8")
    generator = [sys.executable, "-m", "openapi_python_client", "generate", "--fail-on-warning"]
    where = ["--meta", "none", "--output-path", str(folder / f"{label}_client")]
    subprocess.run(
        [*generator, "--path", str(source), "--config", str(config), *where],
        check=True,
        capture_output=True,
        text=True,
    )


@pytest.mark.slow
@pytest.mark.parametrize("label", LABELS)
def test_a_client_can_be_generated(
    label: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A client generated from the document has a module for each operation, and all import."""
    _generate(label, tmp_path)
    monkeypatch.syspath_prepend(tmp_path)
    for item in DOCUMENTS[label]["paths"].values():
        for one in item.values():
            where = f"{label}_client.api.{one['tags'][0].lower()}.{one['operationId']}"
            module = importlib.import_module(where)
            assert callable(module.sync)
            assert callable(module.asyncio)


@pytest.mark.slow
def test_a_generated_client_tells_answers_apart(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Items, slim items, statistics and problems become different types."""
    _generate("integrations", tmp_path)
    (tmp_path / "integrations_client").rename(tmp_path / "typed_client")
    monkeypatch.syspath_prepend(tmp_path)
    module = importlib.import_module(f"typed_client.api.{ANSWERS.model}.{ANSWERS.model}_list")
    client = importlib.import_module("typed_client").Client(base_url="http://localhost")

    def read(status: int, value: Any) -> Any:
        return module._parse_response(client=client, response=httpx.Response(status, json=value))

    fields: dict[str, Any] = {name: {"distinct": 0, "null": 0} for name in ANSWERS.by_name}
    fields["answer"] = {"true": 1, "false": 0, "null": 0}
    fields["created_at"] = {"min": TIME, "max": TIME, "null": 0}
    problem = {"type": "about:blank", "title": "", "status": 401, "detail": ""}
    assert type(read(200, [sample(ANSWERS)])[0]).__name__ == ANSWERS.title
    assert type(read(200, [{"id": ID}])[0]).__name__ == "SlimItem"
    summary = read(200, {"count": 1, "fields": fields})
    assert type(summary).__name__ == f"{ANSWERS.title}Statistics"
    assert summary.to_dict()["fields"]["answer"] == fields["answer"]
    assert read(401, {**problem, "code": "unauthorized"}).code == "unauthorized"
