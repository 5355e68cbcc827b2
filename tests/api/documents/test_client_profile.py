"""The documents for generators of clients: one form of answer, names that are names; and 3.0."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from openapi_schema_validator import OAS30Validator, OAS31Validator, oas31_format_checker
from openapi_spec_validator import validate

from portvakt.api.documents.client_profile import SHAPING
from portvakt.api.documents.openapi import PROFILES, VERSIONS, Form, document
from portvakt.api.query_string import filter_names, list_controls
from portvakt.resources import load
from portvakt.schema.operations import ListForm, Operation
from portvakt.schema.resource import Resource

REGISTRY = load()
LABELS = sorted({resource.application for resource in REGISTRY.offered})
FORMS = [(profile, version) for profile in PROFILES for version in VERSIONS]
CLIENT = {label: document(REGISTRY, label, Form("client")) for label in LABELS}
LISTED = [pytest.param(one, id=one.name) for one in REGISTRY.offered if one.list_forms]

RESERVED = {
    "Python": """False None True and as assert async await break class continue def del elif else
        except finally for from global if import in is lambda nonlocal not or pass raise return try
        while with yield""",
    "JavaScript, TypeScript": """break case catch class const continue debugger default delete do
        else enum export extends false finally for function if implements import in instanceof
        interface let new null package private protected public return static super switch this
        throw true try typeof var void while with yield""",
    "Java": """abstract assert boolean break byte case catch char class const continue default do
        double else enum extends false final finally float for goto if implements import instanceof
        int interface long native new null package private protected public return short static
        strictfp super switch synchronized this throw throws transient true try void volatile
        while""",
    "Kotlin": """as break class continue do else false for fun if in interface is null object
        package return super this throw true try typealias typeof val var when while""",
    "C#": """abstract as base bool break byte case catch char checked class const continue decimal
        default delegate do double else enum event explicit extern false finally fixed float for
        foreach goto if implicit in int interface internal is lock long namespace new null object
        operator out override params private protected public readonly ref return sbyte sealed
        short sizeof stackalloc static string struct switch this throw true try typeof uint ulong
        unchecked unsafe ushort using virtual void volatile while""",
    "Go": """break case chan const continue default defer else fallthrough for func go goto if
        import interface map package range return select struct switch var""",
    "PHP": """abstract and array as break callable case catch class clone const continue declare
        default do echo else elseif empty enddeclare endfor endforeach endif endswitch endwhile
        eval exit extends final finally fn for foreach function global goto if implements include
        instanceof insteadof interface isset list match namespace new or print private protected
        public readonly require return static switch throw trait try unset use var while xor
        yield""",
    "Ruby": """BEGIN END alias and begin break case class def defined? do else elsif end ensure
        false for if in module next nil not or redo rescue retry return self super then true undef
        unless until when while yield""",
    "Swift": """associatedtype class deinit enum extension fileprivate func import init inout
        internal let open operator private protocol public rethrows static struct subscript
        typealias var break case continue default defer do else fallthrough for guard if in repeat
        return switch where while as catch false is nil super self throw throws true try""",
    "Rust": """as break const continue crate else enum extern false fn for if impl in let loop match
        mod move mut pub ref return self static struct super trait true unsafe use where while
        async await dyn""",
}
"""The reserved words of ten languages, but for `type`: problems are called so by RFC 9457."""

HARMLESS = {"event", "operator"}
"""Fields of ours that are words in C# and Swift alone; their generators spell them otherwise."""


def nodes(node: Any) -> Iterator[dict[str, Any]]:
    """Each object below `node`, itself included."""
    if isinstance(node, dict):
        yield node
        for one in node.values():
            yield from nodes(one)
    elif isinstance(node, list):
        for one in node:
            yield from nodes(one)


def operations(whole: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Each operation of a document."""
    for item in whole["paths"].values():
        yield from item.values()


def parameters(whole: dict[str, Any], operation: dict[str, Any]) -> list[dict[str, Any]]:
    """The parameters of an operation, those that are said once in their place."""
    components = whole["components"].get("parameters", {})
    return [
        components[one["$ref"].rpartition("/")[2]] if "$ref" in one else one
        for one in operation.get("parameters", ())
    ]


def described(resource: Resource, tail: str, method: str = "get") -> dict[str, Any]:
    """An operation of a resource, its parameters in their place."""
    whole = CLIENT[resource.application]
    found = whole["paths"][resource.path + tail][method]
    return {**found, "parameters": parameters(whole, found)}


@pytest.mark.slow
@pytest.mark.parametrize(("profile", "version"), FORMS)
@pytest.mark.parametrize("label", LABELS)
def test_every_form_is_valid(label: str, profile: str, version: str) -> None:
    """Each profile of each document follows the OpenAPI version that it states."""
    whole = document(REGISTRY, label, Form(profile, version))
    validate(whole)
    assert whole["openapi"].rpartition(".")[0] == version
    if (profile, version) == FORMS[0]:
        assert whole == document(REGISTRY, label)


@pytest.mark.parametrize("profile", PROFILES)
@pytest.mark.parametrize("label", LABELS)
def test_30_holds_nothing_that_only_31_knows(label: str, profile: str) -> None:
    """Null is `nullable`, a type is one word, and nothing stands beside a reference."""
    whole = document(REGISTRY, label, Form(profile, "3.0"))
    for node in nodes(whole):
        assert node.get("type") != "null"
        assert not (isinstance(node.get("type"), list) and "null" in node["type"])
        assert "$ref" not in node or len(node) == 1
    assert "identifier" not in whole["info"]["license"]
    for one, other in zip(
        operations(whole), operations(document(REGISTRY, label, Form(profile))), strict=True
    ):
        assert one["operationId"] == other["operationId"]
        assert one.get("parameters") == other.get("parameters")


@pytest.mark.parametrize("label", LABELS)
def test_an_operation_answers_in_one_form(label: str) -> None:
    """One media type for each success, no choice between schemas, no links."""
    for operation in operations(CLIENT[label]):
        for status, response in operation["responses"].items():
            if status.startswith("2"):
                assert len(response.get("content", {})) <= 1
                assert "links" not in response
    for node in nodes(CLIENT[label]):
        choices = node.get("anyOf", [{"type": "null"}])
        assert {"type": "null"} in choices
        assert "oneOf" not in node


@pytest.mark.parametrize("resource", LISTED)
def test_a_list_is_an_array_of_items(resource: Resource) -> None:
    """Statistics and export are operations of their own; a bulk write answers with items too."""
    items = {"type": "array", "items": {"$ref": f"#/components/schemas/{resource.title}"}}

    def answered(tail: str, method: str = "get") -> tuple[str, Any]:
        ((kind, content),) = described(resource, tail, method)["responses"]["200"][
            "content"
        ].items()
        return kind, content["schema"]

    assert answered("list/") == ("application/json", items)
    statistics = {"$ref": f"#/components/schemas/{resource.title}Statistics"}
    assert answered(ListForm.statistics.tail) == ("application/json", statistics)
    assert answered(ListForm.export.tail)[0] == "application/x-ndjson"
    if Operation.bulk in resource.operations:
        assert answered("list/", "post") == ("application/json", items)


@pytest.mark.parametrize("resource", LISTED)
def test_each_filter_is_declared_and_its_negation_too(resource: Resource) -> None:
    """All that the server takes but for what changes the form; `not__FIELD` for `FIELD!`."""
    filters = filter_names(resource)
    both = {*filters, *(f"not__{name}" for name in filters)}
    for form in (None, *ListForm):
        found = [
            one["name"] for one in described(resource, form.tail if form else "list/")["parameters"]
        ]
        shaping = {*SHAPING, *([] if form else ["_end"])}
        assert {*found} == both | ({*list_controls(resource, form)} - shaping)
        assert len(found) == len({*found})


@pytest.mark.parametrize("label", LABELS)
def test_no_name_is_a_word_of_a_language(label: str) -> None:
    """No property or parameter is called by a word that one of ten languages keeps for itself."""
    words = {word for text in RESERVED.values() for word in text.split()}
    whole = CLIENT[label]
    schemas = [node for node in nodes(whole["components"]["schemas"]) if "properties" in node]
    names = {name for node in schemas for name in node["properties"]}
    names |= {one["name"] for each in operations(whole) for one in parameters(whole, each)}
    assert names
    assert not (names & words) - HARMLESS


@pytest.mark.parametrize("label", LABELS)
def test_no_two_names_are_one_in_camel_case(label: str) -> None:
    """Of the properties of a schema, and of the parameters of an operation."""
    whole = CLIENT[label]
    schemas = [node for node in nodes(whole["components"]["schemas"]) if "properties" in node]
    together = [[*node["properties"]] for node in schemas]
    together += [[one["name"] for one in parameters(whole, each)] for each in operations(whole)]
    for names in together:
        assert len({name.replace("_", "").lower() for name in names}) == len(names), names


@pytest.mark.parametrize("label", LABELS)
def test_nothing_is_promised_that_is_not_declared(label: str) -> None:
    """A parameter that a text names is one of the operation's; none is to be spelt with a `!`."""
    whole = CLIENT[label]
    everywhere = {one["name"] for each in operations(whole) for one in parameters(whole, each)}
    for operation in operations(whole):
        given = parameters(whole, operation)
        declared = {one["name"] for one in given}
        for node in nodes([{**operation, "parameters": given}]):
            text = node.get("description", "")
            assert isinstance(text, dict) or {*promised(text)} <= declared, text
    for node in nodes(whole):
        text = node.get("description", "")
        if isinstance(text, str):
            assert {*promised(text)} <= everywhere, text
            assert "!" not in text
        assert "x-negated" not in node


def promised(text: str) -> list[str]:
    """The parameters that a text speaks of."""
    return re.findall(r"(?<![\w.])_[a-z_]+", text)


@pytest.mark.parametrize("label", LABELS)
def test_no_pattern_says_only_that_a_text_holds_no_nul(label: str) -> None:
    """Not every dialect reads how that is said, and no client must know it."""
    patterns = [node["pattern"] for node in nodes(CLIENT[label]) if "pattern" in node]
    assert not [one for one in patterns if "u0000" in one or "x00" in one]


def examples(whole: dict[str, Any]) -> Iterator[tuple[Any, Any]]:
    """Each example of a document, with the schema that it is an example of."""
    for node in nodes(whole):
        schema, told = node.get("schema"), node.get("examples")
        if schema is not None and "example" in node:
            yield schema, node["example"]
        if schema is not None and isinstance(told, dict):
            yield from ((schema, one["value"]) for one in told.values())
        if schema is None and isinstance(told, list):
            yield from ((node, one) for one in told)


@pytest.mark.parametrize("profile", PROFILES)
@pytest.mark.parametrize("label", LABELS)
def test_30_allows_null_where_31_does(label: str, profile: str) -> None:
    """Each item's example, nulls in it included, follows its schema as 3.0 says it."""
    whole = document(REGISTRY, label, Form(profile, "3.0"))
    for schema in whole["components"]["schemas"].values():
        if "example" in schema:
            wanted = {**schema, "components": whole["components"]}
            assert not [*OAS30Validator(wanted).iter_errors(schema["example"])]
    for node in nodes(whole):
        assert "type" in node or "nullable" not in node


@pytest.mark.parametrize("profile", PROFILES)
@pytest.mark.parametrize("label", LABELS)
def test_every_example_follows_its_schema(label: str, profile: str) -> None:
    """What documents show is what a server would take and give."""
    whole = document(REGISTRY, label, Form(profile))
    found = [*examples(whole)]
    assert len(found) > 20
    for schema, value in found:
        wanted = {**schema, "components": whole["components"]}
        faults = [*OAS31Validator(wanted, format_checker=oas31_format_checker).iter_errors(value)]
        assert not faults, (value, faults)


@pytest.mark.parametrize("label", LABELS)
def test_everything_has_an_example(label: str) -> None:
    """Each parameter, body, item and problem has one of its own."""
    whole = CLIENT[label]
    schemas = whole["components"]["schemas"]
    for operation in operations(whole):
        assert all("example" in one for one in parameters(whole, operation))
        for content in operation.get("requestBody", {}).get("content", {}).values():
            schema = content["schema"].get("items", content["schema"])
            assert "examples" in schemas[schema["$ref"].rpartition("/")[2]], schema
    told = [one for one in whole["components"]["responses"].values() if "content" in one]
    for response in told:
        (content,) = response["content"].values()
        codes = {one["value"]["code"] for one in content["examples"].values()}
        narrowed = schemas[content["schema"]["$ref"].rpartition("/")[2]]
        assert codes == {*narrowed["allOf"][1]["properties"]["code"]["enum"]}
    for resource in REGISTRY.of_application(label):
        if Operation.create in resource.operations and resource.name not in WITHOUT:
            assert schemas[resource.title]["examples"]


WITHOUT = ("platform.operator", "platform.administrator")
"""What the sandbox's data has no items of: people."""


def test_keys_of_two_kinds_are_one_object() -> None:
    """What `resolve/` takes in two forms is one schema, in which both can be said."""
    schemas = CLIENT["integrations"]["components"]["schemas"]
    key = schemas["IntegrationserviceidconnectionKey"]
    assert {*key["properties"]} == {"content_type", "object_id", "external_id"}
    assert key["required"] == ["content_type"]
    assert "IntegrationserviceidconnectionByItem" not in schemas
