"""The profile of an OpenAPI document that client generators can use. Pure.

The reference's document says all that can be asked for, where it is asked for. Generators want
less: one form of answer for each operation, and names that are names in every language. What is
left out here stays where it was on the wire; what is added, the server takes (decision record 53).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from portvakt.api.documents.examples import of_parameter
from portvakt.api.documents.sentences import plain
from portvakt.api.query_string import NOT
from portvakt.schema.actions import END

Document = dict[str, Any]
Schema = dict[str, Any]

SHAPING = frozenset({"_jsonl", "_statistics", "_slim", "_report", "_fields"})
"""The parameters that change what an answer is; `list/statistics/` and the like stand for them."""

WORDS = frozenset({"true", "false", "null"})
"""Names of measures that are words of languages, and so no names of properties."""

_ANY_TEXT = (r"\u0000", r"\x00")
"""In the patterns that only say that a text holds no NUL: nothing that a client must know."""


def client_profile(whole: Document) -> Document:
    """Turn a whole document into the one that client generators understand."""
    components = whole["components"]
    schemas: dict[str, Schema] = dict(components["schemas"])
    simple = _simplified(schemas)
    paths = {
        path: {method: _operation(simple, one) for method, one in item.items()}
        for path, item in whole["paths"].items()
    }
    # Of the paths first: on the way they add the schemas that stand for several.
    shown = {
        name: simple(_distinct(_countable(name, schema))) for name, schema in [*schemas.items()]
    }
    responses = {name: simple(one) for name, one in components["responses"].items()}
    changed = {**components, "schemas": shown, "responses": responses}
    return {**whole, "paths": paths, "components": changed}


# Operations


Simplify = Callable[[Any], Any]


def _operation(simple: Simplify, operation: Document) -> Document:
    changed = {**operation, "responses": _responses(operation["responses"])}
    if "parameters" in operation:
        changed["parameters"] = [*_parameters(operation["parameters"])]
    return {name: simple(part) for name, part in changed.items()}


def _responses(responses: Document) -> Document:
    found = {}
    for status, response in responses.items():
        one = {name: part for name, part in response.items() if name != "links"}
        if "content" in one:
            media_type, content = next(iter(one["content"].items()))
            one["content"] = {media_type: {**content, "schema": _first(content["schema"])}}
        found[status] = one
    return found


def _first(schema: Schema) -> Schema:
    """Of the forms of an answer the first, which it has where nothing else is asked for."""
    first: Schema = schema["anyOf"][0] if "anyOf" in schema else schema
    return first


def _parameters(parameters: list[Document]) -> Iterator[Document]:
    """The parameters, each with an example.

    The reference's have none: Swagger UI would fill them in, and send every filter at once.
    """
    schemas = {one["name"]: one["schema"] for one in parameters}
    # Without lines there is no last one.
    left_out = SHAPING | {END.name} if "_jsonl" in schemas else SHAPING
    for one in parameters:
        parameter = {**one, "example": of_parameter(one["name"], schemas)}
        if parameter["name"] in left_out:
            continue
        kept = {name: part for name, part in parameter.items() if name != "x-negated"}
        if "x-negated" not in parameter:
            yield kept
            continue
        text = plain(kept["description"])
        yield {**kept, "description": text}
        yield {**kept, "name": NOT + kept["name"], "description": f"Not: {text}"}


# Schemas


def _countable(name: str, schema: Schema) -> Schema:
    """Statistics without words as names: those of counts alone a map, others an open object."""
    properties: dict[str, Schema] = schema.get("properties", {})
    if not name.endswith("Statistics") or not WORDS & properties.keys():
        return schema
    changed = {key: part for key, part in schema.items() if key not in ("properties", "required")}
    if all(one["type"] == "integer" for one in properties.values()):
        return {**changed, "additionalProperties": next(iter(properties.values()))}
    named = {key: one for key, one in properties.items() if key not in WORDS}
    return {**changed, "properties": named, "required": [*named], "additionalProperties": True}


def _distinct(schema: Schema) -> Schema:
    """A schema without read-only properties that in camel case are called as another is.

    `revision` is ignored in a body, and `_revision` is not: both would be `revision`.
    """
    properties: dict[str, Schema] = schema.get("properties", {})
    if not any(f"_{name}" in properties for name in properties):
        return schema
    kept = {name: one for name, one in properties.items() if f"_{name}" not in properties}
    return {**schema, "properties": kept}


def _simplified(schemas: dict[str, Schema]) -> Simplify:
    """What makes of any part of the document one without choices and without empty patterns."""

    def simple(node: Any) -> Any:
        if isinstance(node, list):
            return [simple(one) for one in node]
        if not isinstance(node, dict):
            return node
        if "anyOf" in node and {"type": "null"} not in node["anyOf"]:
            node = {**node, **_chosen(node["anyOf"], schemas)}
            del node["anyOf"]
        if any(escape in node.get("pattern", "") for escape in _ANY_TEXT):
            node = {name: part for name, part in node.items() if name != "pattern"}
        return {name: part if name in _VALUES else simple(part) for name, part in node.items()}

    return simple


_VALUES = ("example", "examples", "enum", "default")
"""Where a document holds values, which are nobody's schema."""


def _chosen(choices: list[Schema], schemas: dict[str, Schema]) -> Schema:
    """Of values the first choice; of objects one that holds what any of them holds."""
    if not all("$ref" in choice for choice in choices):
        return choices[0]
    names = [choice["$ref"].rpartition("/")[2] for choice in choices]
    name = names[0].partition("By")[0] + "Key"
    parts = [schemas[one] for one in names]
    required = [key for key in parts[0]["required"] if all(key in one["required"] for one in parts)]
    schemas[name] = {
        **parts[0],
        "description": " Or: ".join(one["description"] for one in parts),
        "properties": {key: part for one in parts for key, part in one["properties"].items()},
        "required": required,
        "examples": [one for part in parts for one in part.get("examples", ())],
    }
    return {"$ref": f"#/components/schemas/{name}"}
