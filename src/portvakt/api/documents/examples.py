"""The examples in OpenAPI documents: one invented item of each resource, and what follows from it.

The items are the sandbox's. `portvakt generate` writes them to `examples.json` beside this file, as
the documents are made below the commands, which alone know them.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from functools import cache
from importlib.resources import files
from typing import Any

from portvakt.api import cursor
from portvakt.api.limits import Limits
from portvakt.api.problems import render_fault, render_problem
from portvakt.errors import Code, Fault, FaultCode, Problem
from portvakt.schema.actions import Action
from portvakt.schema.fields import Field, Integer, Reference, References, Text
from portvakt.schema.known import ACTIVATIONS
from portvakt.schema.operators import Kind
from portvakt.schema.query import BY_AGE
from portvakt.schema.registry import content_type_id
from portvakt.schema.resource import Resource

FILE = "examples.json"
Item = dict[str, Any]
Schema = Mapping[str, Any]

ID = "0199a3c4-5d20-7a41-8b1e-2f6c9d0e4a57"
TIME = "2026-09-01T08:30:00.000000Z"
DATE = "2026-09-01"
_REQUEST = "7d1c9c1e6f0b4a55a1f3b8f2c4d5e6f7"


# Items and bodies


@cache
def _items() -> dict[str, Item]:
    found: dict[str, Item] = json.loads((files(__package__) / FILE).read_text("utf-8"))
    return found


def item(resource: Resource) -> Item | None:
    """An item of the resource as it is read, or None where the sandbox has none."""
    found = _items().get(resource.name)
    return found and {name: one for name, one in found.items() if name in resource.by_name}


def new(resource: Resource) -> Item | None:
    """A body that creates such an item."""
    shown = item(resource)
    if shown is None:
        return None
    writable = {field.name for field in resource.writable}
    return {name: one for name, one in shown.items() if name in writable and one is not None}


def change(resource: Resource) -> Item | None:
    """A body that updates such an item: one field of it."""
    given = new(resource)
    if not given:
        return given
    name = "custom_id" if "custom_id" in given else next(iter(given))
    return {name: given[name]}


def with_examples(schema: dict[str, Any], *examples: Any) -> dict[str, Any]:
    """The schema with those examples that there are."""
    told = [one for one in examples if one is not None]
    return {**schema, "examples": told} if told else schema


def body(action: Action) -> Item:
    """A body of an action: what it requires, and of what excludes each other one."""
    given = {field.name: _of_field(field) for field in action.body if field.required}
    for field in action.body:
        if any(_broken(action, given)):
            given[field.name] = _of_field(field)
    return given


def _broken(action: Action, given: Item) -> Iterable[Fault]:
    return (fault for rule in action.rules for fault in rule.faults(given))


_PLAIN: dict[Kind, Any] = {
    Kind.boolean: True,
    Kind.uuid: ID,
    Kind.time: TIME,
    Kind.date: DATE,
    Kind.number: 1.5,
    Kind.object: {},
    Kind.texts: [],
    Kind.objects: [],
    Kind.anything: {},
}


def _of_field(field: Field) -> Any:
    match field:
        case Integer():
            return (field.options or (max(field.minimum, 0),))[0]
        case Text():
            return _of_text(field)
        case Reference():
            return {"id": _held(field.target)}
        case References():
            return [{"id": _held(field.target)}]
    return _PLAIN[field.kind]


def _of_text(field: Text) -> str:
    if field.options:
        return field.options[0]
    return "person@example.com" if field.name == "email" else "a text".ljust(field.min_length, ".")


def _held(target: str) -> str:
    """The id of an item of this resource."""
    found: str = _items()[target]["id"] if target in _items() else content_type_id(target)
    return found


# Parameters


def of_parameter(name: str, schemas: Mapping[str, Schema]) -> Any:
    """A value of a parameter, told by the schemas of an operation's parameters by name."""
    if name == "_after":
        return cursor.render(BY_AGE, [TIME, ID])
    one_of, listed, _ = name.partition("__in")
    if listed and one_of.removeprefix("not__") in schemas:
        return str(_of_schema(schemas[one_of.removeprefix("not__")])).lower()
    return _of_schema(schemas[name])


_FORMATS = {"uuid": ID, "date-time": TIME, "date": DATE}
_TYPES = {"boolean": True, "number": 1.5, "string": "storgatan"}


def _of_schema(schema: Schema) -> Any:
    schema = schema.get("anyOf", [schema])[0]
    if "examples" in schema:
        return schema["examples"][0]
    if "enum" in schema:
        return schema["enum"][0]
    if schema.get("format") in _FORMATS:
        return _FORMATS[schema["format"]]
    match schema["type"]:
        case "array":
            return [_of_schema(schema["items"])]
        case "integer":
            return max(schema.get("minimum", 1), 1)
    return _TYPES[schema["type"]]


# Problems


def problem(code: Code, among: Limits) -> Item:
    """The body of a problem of this kind, where these are the limits."""
    detail, faults = _SAID.get(code, (code.title + ".", ()))
    if code is Code.too_large:
        detail = f"At most {among.items} items a request, not {among.items + 1}."
    elif code is Code.uri_too_long:
        detail = f"The query string may have {among.query} bytes, not {among.query + 1}."
    return render_problem(Problem(code, detail), _REQUEST, [*map(render_fault, faults)])


_MISSING = "X-PIGELLO-CLIENT-SECRET"
_SAID: dict[Code, tuple[str, tuple[Fault, ...]]] = {
    Code.invalid_parameters: (
        "1 parameter is wrong.",
        (
            Fault(
                FaultCode.unknown_parameter,
                "custm_id",
                "There is no such parameter. Did you mean `custom_id`?",
                place="parameter",
            ),
        ),
    ),
    Code.unauthorized: (
        f"Missing: {_MISSING}.",
        (Fault(FaultCode.missing, _MISSING, "This header is required.", place="header"),),
    ),
    Code.invalid: (
        "1 fault in the body.",
        (Fault(FaultCode.required, "/integration", "This field is required."),),
    ),
    Code.forbidden: (f"The right to read {ACTIVATIONS} is missing.", ()),
    Code.method_not_allowed: ("Here: GET, HEAD, POST.", ()),
    Code.unavailable: ("The database can't be reached. Try again shortly.", ()),
    Code.internal_error: ("The mistake is ours. Tell us the request id.", ()),
}
"""What some kinds of problem say; of the others their title is enough."""
