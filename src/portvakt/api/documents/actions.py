"""Actions in an OpenAPI document: their paths, bodies and answers. Pure."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from portvakt.api.documents import examples
from portvakt.api.documents.examples import with_examples
from portvakt.api.documents.parameters import IDEMPOTENCY_KEY, PK, operand, query
from portvakt.api.documents.responses import (
    ACTION_PROBLEMS,
    NOT_MODIFIED,
    PROBLEMS,
    REPLAYS,
    Response,
    answer,
    problem_responses,
)
from portvakt.api.documents.schemas import (
    Schema,
    array_of,
    body_properties,
    closed,
    item_properties,
    of_target,
    ref,
)
from portvakt.api.limits import Limits, of_action
from portvakt.errors import Code
from portvakt.schema.actions import Action, Answers
from portvakt.schema.fields import Field, Reference, References, Text
from portvakt.schema.operations import Operation
from portvakt.schema.operators import OPERATORS
from portvakt.schema.registry import Registry
from portvakt.schema.resource import Resource


def request(resource: Resource, action: Action, among: Limits) -> dict[str, Any]:
    """Parameters, body and answers of an action; both within these limits."""
    found: dict[str, Any] = {"description": action.description}
    if action.public:
        found["security"] = []
    parameters = [PK] if "{pk}" in action.tail else []
    parameters += [_parameter(field) for field in action.asked]
    parameters += [IDEMPOTENCY_KEY] * action.writes
    if parameters:
        found["parameters"] = parameters
    if action.body:
        schema = ref(_body_name(resource, action))
        if action.each:
            schema = {**array_of(schema), "maxItems": among.items}
        content = {"application/json": {"schema": schema}}
        found["requestBody"] = {"required": True, "content": content}
    return {**found, "responses": _responses(resource, action, among)}


def _parameter(field: Field) -> dict[str, Any]:
    schema = operand(field, OPERATORS[field.kind][""])
    if isinstance(field, Text) and field.options:
        schema = {"type": "string", "enum": list(field.options)}
    more = {"required": True} if field.required else {}
    return query(field.name, schema, field.description, **more)


def _responses(resource: Resource, action: Action, among: Limits) -> dict[str, Any]:
    name = _answer_name(resource, action) if action.answer else resource.title
    created = ("Location",) if action.status == HTTPStatus.CREATED else ()
    if action.writes and not action.shows_secret:
        created = (*created, *REPLAYS)
    shown = array_of(ref(name)) if action.answers_with is Answers.array else ref(name)
    success: Response = {"description": action.success, **answer(shown, *created)}
    if action.answers_with is Answers.lines:
        lines = {"type": "string", "description": "One object a line."}
        success["content"] = {"application/x-ndjson": {"schema": lines}}
    if action.answers_with is Answers.page:
        success["content"]["text/html"] = {"schema": {"type": "string"}}
    known = NOT_MODIFIED if action.method == "GET" else {}
    most = of_action(action, among)
    return {str(action.status): success, **known, **problem_responses(_problems(action), most)}


def _problems(action: Action) -> tuple[Code, ...]:
    if action.method == "GET":
        return PROBLEMS[Operation.get if "{pk}" in action.tail else Operation.list]
    return (*ACTION_PROBLEMS, Code.too_many_requests) if action.public else ACTION_PROBLEMS


def schemas(resource: Resource, registry: Registry) -> dict[str, Schema]:
    """The component schemas of a resource's actions."""
    found: dict[str, Schema] = {}
    for action in resource.actions:
        if action.body:
            required = [field.name for field in action.body if field.required]
            properties = body_properties(resource, registry, action.body)
            schema = closed(properties, required, action.description)
            shown = examples.body(action)
            found[_body_name(resource, action)] = with_examples(schema, shown)
        for field in (*action.body, *action.answer):
            if isinstance(field, Reference | References):
                found.update(of_target(registry.target(field)))
        if action.answer and action.answers_with is not Answers.lines:
            of_item = resource.visible if action.answers_with is Answers.item else ()
            fields = (*of_item, *action.answer)
            properties = item_properties(resource, registry, fields)
            found[_answer_name(resource, action)] = closed(properties, properties, action.success)
    return found


def _body_name(resource: Resource, action: Action) -> str:
    return f"{resource.title}{_camel(action.name)}"


def _answer_name(resource: Resource, action: Action) -> str:
    return f"{_body_name(resource, action)}Answer"


def _camel(name: str) -> str:
    return "".join(part.capitalize() for part in name.split("_"))
