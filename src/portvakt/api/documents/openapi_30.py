"""An OpenAPI 3.1 document said in 3.0, for tools that know no newer one. Pure."""

from __future__ import annotations

from typing import Any

Document = dict[str, Any]

VERSION = "3.0.3"
_LICENSE = "https://www.apache.org/licenses/LICENSE-2.0"
_NULL = {"type": "null"}
_VALUES = ("example", "examples", "enum", "default")
"""Where a document holds values, in which nothing is to be changed."""


_OR_NULL = "OrNull"


def to_30(whole: Document) -> Document:
    """Turn a 3.1 document into 3.0: null becomes `nullable`, and nothing stands beside a `$ref`."""
    info = {**whole["info"], "license": {"name": whole["info"]["license"]["name"], "url": _LICENSE}}
    rest = {name: _said(part) for name, part in whole.items() if name not in ("openapi", "info")}
    schemas = rest["components"]["schemas"]
    for target in sorted(_nullable(rest)):
        schemas[target + _OR_NULL] = {**schemas[target], "nullable": True}
    return {"openapi": VERSION, "info": info, **rest}


def _nullable(node: Any) -> set[str]:
    """The schemas that are referred to where null may stand instead.

    Each has a twin that is nullable: what `allOf` joins must all allow null, so that it is no use
    to say so beside a reference alone.
    """
    if isinstance(node, list):
        return {name for one in node for name in _nullable(one)}
    if not isinstance(node, dict):
        return set()
    target = node.get("$ref")
    if isinstance(target, str) and target.endswith(_OR_NULL):
        return {target.rpartition("/")[2].removesuffix(_OR_NULL)}
    return {name for key, one in node.items() if key not in _VALUES for name in _nullable(one)}


def _said(node: Any) -> Any:
    if isinstance(node, list):
        return [_said(one) for one in node]
    if not isinstance(node, dict):
        return node
    said = {name: part if name in _VALUES else _said(part) for name, part in node.items()}
    return _alone(_choices(_typed(said)))


def _typed(schema: Document) -> Document:
    """`type: [text, null]` is `nullable`; of a schema's examples 3.0 has one."""
    if isinstance(schema.get("examples"), list):
        example = schema["examples"][0]
        schema = {**schema, "example": example}
        del schema["examples"]
    if not isinstance(schema.get("type"), list):
        return schema
    (kind,) = (one for one in schema["type"] if one != "null")
    return {**schema, "type": kind, "nullable": True}


def _choices(schema: Document) -> Document:
    """A reference or null is a reference to what is nullable."""
    choices = schema.get("anyOf")
    if not isinstance(choices, list) or _NULL not in choices:
        return schema
    (target,) = (one["$ref"] for one in choices if one != _NULL)
    others = {name: part for name, part in schema.items() if name != "anyOf"}
    return {**others, "type": "object", "nullable": True, "allOf": [{"$ref": target + _OR_NULL}]}


def _alone(schema: Document) -> Document:
    """A `$ref` has nothing beside it: what a schema's had is joined, a response's left out."""
    target = schema.get("$ref")
    if not isinstance(target, str) or len(schema) == 1:
        return schema
    if "/schemas/" not in target:
        return {"$ref": target}
    rest = {name: part for name, part in schema.items() if name != "$ref"}
    return {**rest, "allOf": [{"$ref": target}]}
