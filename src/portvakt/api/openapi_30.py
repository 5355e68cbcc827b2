"""An OpenAPI 3.1 document said in 3.0, for tools that know no newer one. Pure."""

from __future__ import annotations

from typing import Any

Document = dict[str, Any]

VERSION = "3.0.3"
_NULL = {"type": "null"}
_VALUES = ("example", "examples", "enum", "default")
"""Where a document holds values, in which nothing is to be changed."""


def to_30(whole: Document) -> Document:
    """The same document in 3.0: null is `nullable`, and nothing stands beside a `$ref`."""
    info = {**whole["info"], "license": {"name": whole["info"]["license"]["name"]}}
    rest = {name: _said(part) for name, part in whole.items() if name not in ("openapi", "info")}
    return {"openapi": VERSION, "info": info, **rest}


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
    """A choice that may be null is `nullable`; one that is none any more needs no `anyOf`."""
    choices = schema.get("anyOf")
    if not isinstance(choices, list) or _NULL not in choices:
        return schema
    rest = [one for one in choices if one != _NULL]
    others = {name: part for name, part in schema.items() if name != "anyOf"}
    return {**others, "allOf" if len(rest) == 1 else "anyOf": rest, "nullable": True}


def _alone(schema: Document) -> Document:
    """A `$ref` to a schema has nothing beside it."""
    target = schema.get("$ref")
    if not isinstance(target, str) or len(schema) == 1 or "/schemas/" not in target:
        return schema
    rest = {name: part for name, part in schema.items() if name != "$ref"}
    return {**rest, "allOf": [{"$ref": target}]}
