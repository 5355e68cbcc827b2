"""The OpenAPI documents describe every operation, its security and its answers."""

from __future__ import annotations

import json
from typing import Any

import pytest

from portvakt.api.documents.openapi import document, render
from portvakt.errors import Code, FaultCode
from portvakt.schema.operations import ListForm, Operation
from portvakt.schema.resource import Resource
from tests.api.documents.described import (
    ANSWERS,
    CONNECTIONS,
    DOCUMENTS,
    ID,
    INTEGRATIONS,
    LABELS,
    OFFERED,
    OPERATIONS,
    REGISTRY,
    described,
    follows,
    parameters,
    sample,
    whole_parameters,
)

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


def test_resolve_takes_either_id() -> None:
    """An element is asked for by our id or by the external one, and answered by items."""
    found = INTEGRATIONS["paths"][CONNECTIONS.path + "resolve/"]["post"]
    item, external = {"content_type": {"id": ID}}, {"external_id": "x"}
    assert follows({**item, "object_id": ID}, CONNECTIONS, "ByItem")
    assert follows({**item, **external}, CONNECTIONS, "ByExternalId")
    assert not follows(item, CONNECTIONS, "ByItem")
    answer = found["responses"]["200"]["content"]["application/json"]["schema"]
    assert answer["items"]["items"]["$ref"].endswith(f"/{CONNECTIONS.title}")


def test_a_report_tells_what_became_of_an_item() -> None:
    """A report holds the item, or what was wrong with it."""
    fault = {"pointer": "/0/answer", "code": "required", "detail": "This field is required."}
    good = {"index": 0, "outcome": "created", "id": ID, "item": sample(ANSWERS)}
    bad = {"index": 0, "outcome": "refused", "id": None, "errors": [fault]}
    assert follows(good, ANSWERS, "Report")
    assert follows(bad, ANSWERS, "Report")
    assert not follows({**good, "outcome": "done"}, ANSWERS, "Report")
