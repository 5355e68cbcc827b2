"""The answers of an OpenAPI document's operations: successes and problems. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from portvakt.api.documents import examples
from portvakt.api.documents.schemas import Schema, array_of, ref
from portvakt.api.limits import Limits, of_operation, of_resolve
from portvakt.errors import Code, FaultCode
from portvakt.schema.entity_tags import CHANGED
from portvakt.schema.operations import READING, ListForm, Operation
from portvakt.schema.resource import Resource

Response = dict[str, Any]

_ALWAYS = (
    Code.invalid_parameters,
    Code.invalid_headers,
    Code.unauthorized,
    Code.forbidden,
    Code.method_not_allowed,
    Code.precondition_failed,
    Code.uri_too_long,
    Code.expectation_failed,
    Code.headers_too_large,
    Code.internal_error,
    Code.unavailable,
)
_ONE_ITEM = (Code.not_found,)
_BODY = (
    Code.unreadable_json,
    Code.repeated_name,
    Code.request_timeout,
    Code.too_large,
    Code.unsupported_media_type,
    Code.invalid,
)
_NO_BODY = (Code.unexpected_body, Code.request_timeout)
PROBLEMS: dict[Operation, tuple[Code, ...]] = {
    Operation.bulk: (*_ALWAYS, *_BODY),
    Operation.list: (*_ALWAYS, *_NO_BODY),
    Operation.create: (*_ALWAYS, *_BODY, Code.conflict),
    Operation.get: (*_ALWAYS, *_NO_BODY, *_ONE_ITEM),
    Operation.update: (*_ALWAYS, *_BODY, *_ONE_ITEM, Code.conflict),
    Operation.delete: (*_ALWAYS, *_NO_BODY, *_ONE_ITEM, Code.in_use, Code.idempotency_mismatch),
}
"""The problems that each operation can answer."""

RESOLVE_PROBLEMS = (*_ALWAYS, *_BODY)
ACTION_PROBLEMS = (*_ALWAYS, *_BODY, Code.unexpected_body, *_ONE_ITEM, Code.conflict)

HEADERS: dict[str, Response] = {
    "X-Request-ID": {"description": "The request's id.", "schema": {"type": "string"}},
    "Location": {
        "description": "The path of the new item.",
        "schema": {"type": "string", "format": "uri-reference"},
    },
    "Link": {
        "description": 'With `_limit`: where the next items are, as rel="next".',
        "schema": {"type": "string"},
    },
    "X-Total-Count": {
        "description": "With `_count`: the number of items, whatever the page.",
        "schema": {"type": "integer", "minimum": 0},
    },
    "Idempotency-Replayed": {
        "description": "`true`: it was done before; this tells what was done, as it is now.",
        "schema": {"type": "string"},
    },
    "Idempotency-Changed": {
        "description": "`true`, with `Idempotency-Replayed`: some of it has changed since.",
        "schema": {"type": "string"},
    },
    "ETag": {
        "description": "The item's strong entity tag: of its state as the caller may see it.",
        "schema": {"type": "string"},
    },
    "Cache-Control": {
        "description": "Only its reader may keep the answer, and asks each time if it still is so.",
        "schema": {"type": "string"},
    },
    "WWW-Authenticate": {
        "description": "How to present credentials.",
        "schema": {"type": "string"},
    },
    "Allow": {"description": "The methods that are allowed.", "schema": {"type": "string"}},
    "Retry-After": {
        "description": "After how many seconds to try again.",
        "schema": {"type": "integer", "minimum": 0},
    },
}
"""The header components, by the header's name."""

REPLAYS = ("Idempotency-Replayed", "Idempotency-Changed")

_PROBLEM_HEADERS = {401: "WWW-Authenticate", 405: "Allow", 429: "Retry-After", 503: "Retry-After"}


def headers(*names: str) -> dict[str, Any]:
    """References to header components; every answer has the request's id."""
    return {name: {"$ref": f"#/components/headers/{name}"} for name in (*names, "X-Request-ID")}


# Problems


def problem_responses(codes: Iterable[Code], most: int = 0) -> dict[str, Response]:
    """References to the problem components of the statuses of `codes`, in ascending order.

    `most`: the bytes that the operation's body may have, if it takes one.
    """
    statuses = sorted({code.status for code in codes})
    found = {str(s): {"$ref": f"#/components/responses/{_name(s)}"} for s in statuses}
    if most:
        kind = Code.too_large
        found[str(kind.status)]["description"] = (
            f"{kind.title} (`{kind.name}`). The body may have {most} bytes here."
        )
    return found


def problem_components(among: Limits) -> dict[str, Response]:
    """One component for each status that a problem has; examples tell these limits."""
    statuses = sorted({code.status for code in Code})
    return {_name(status): _problem(status, among) for status in statuses}


def not_modified_component() -> dict[str, Response]:
    """The component of `NOT_MODIFIED`."""
    text = "The reader has this answer already"
    return {"NotModified": {"description": text, "headers": headers(*_CACHED)}}


def _name(status: int) -> str:
    return f"Problem{status}"


def _problem(status: int, among: Limits) -> Response:
    kinds = [f"{code.title} (`{code.name}`)." for code in Code if code.status == status]
    more = _PROBLEM_HEADERS.get(status)
    return {
        "description": " ".join(kinds),
        "headers": headers(*([more] if more else [])),
        "content": {
            "application/problem+json": {"schema": ref(_name(status)), **_shown(status, among)}
        },
    }


def _shown(status: int, among: Limits) -> dict[str, Any]:
    """An example of each kind of problem that has this status."""
    kinds = [code for code in Code if code.status == status]
    return {
        "examples": {
            code.name: {"summary": code.title, "value": examples.problem(code, among)}
            for code in kinds
        }
    }


def problem_schemas() -> dict[str, Schema]:
    """A problem, a fault, and of each status a schema that names the codes that go with it."""
    narrowed = {_name(status): _narrowed(status) for status in sorted({one.status for one in Code})}
    return {"Problem": _any_problem(), "Fault": _fault(), **narrowed}


def _any_problem() -> Schema:
    properties: dict[str, Schema] = {
        "type": {"type": "string", "format": "uri-reference", "description": "Names the kind."},
        "title": {"type": "string", "description": "The kind in words."},
        "status": {"type": "integer", "minimum": 400, "maximum": 599},
        "code": {
            "type": "string",
            "enum": [code.name for code in Code],
            "description": "The kind's stable name.",
        },
        "detail": {"type": "string", "description": "What is wrong with this request."},
        "instance": {"type": "string", "description": "Holds the request's id."},
        "errors": {**array_of(ref("Fault")), "description": "Everything that is wrong."},
    }
    return {
        "type": "object",
        "description": "Why a request was refused (RFC 9457).",
        "properties": properties,
        "required": ["type", "title", "status", "code", "detail"],
    }


def _fault() -> Schema:
    properties: dict[str, Schema] = {
        "pointer": {"type": "string", "description": "Where in the body (RFC 6901)."},
        "parameter": {"type": "string", "description": "Which parameter."},
        "header": {"type": "string", "description": "Which header."},
        "code": {"type": "string", "enum": [code.value for code in FaultCode]},
        "detail": {"type": "string", "description": "What is wrong there."},
        "fields": {**array_of({"type": "string"}), "description": "The other fields concerned."},
    }
    return {
        "type": "object",
        "description": "One thing that is wrong: at a pointer, in a parameter or in a header.",
        "properties": properties,
        "required": ["code", "detail"],
    }


def _narrowed(status: int) -> Schema:
    codes = [code.name for code in Code if code.status == status]
    properties = {
        "status": {"type": "integer", "enum": [status]},
        "code": {"type": "string", "enum": codes},
    }
    return {"allOf": [ref("Problem"), {"type": "object", "properties": properties}]}


# Successes


def operation_id(resource: Resource, title: str) -> str:
    """The name of the operation of a resource with this title, unique in its document."""
    return f"{resource.model}_{title.lower().replace(' ', '_')}"


def responses(resource: Resource, operation: Operation, among: Limits) -> dict[str, Response]:
    """Every answer that one operation of a resource can give."""
    success: Response = {"description": operation.success, **_success(resource, operation)}
    found = {str(operation.status): success}
    if operation is Operation.bulk:
        found["207"] = _multi_status(resource)
    known = NOT_MODIFIED if operation in READING else {}
    log = (Code.log_restarted,) if operation is Operation.list and resource.append_only else ()
    most = of_operation(operation, among)
    return {**found, **known, **problem_responses((*PROBLEMS[operation], *log), most)}


_CACHED = ("ETag", "Cache-Control")

NOT_MODIFIED = {"304": {"$ref": "#/components/responses/NotModified"}}
"""What whatever is read can be answered, if If-None-Match says that the reader has it."""


def _success(resource: Resource, operation: Operation) -> Response:
    item = ref(resource.title)
    match operation:
        case Operation.list:
            return {**_listed(resource), "links": _links(resource, "/0/id")}
        case Operation.bulk:
            written = answer({"anyOf": [array_of(item), _reports(resource)]}, *REPLAYS)
            return {**written, "links": _links(resource, "/0/id")}
        case Operation.create:
            created = answer(item, "Location", *_CACHED, *REPLAYS)
            return {**created, "links": _links(resource, "/id")}
        case Operation.update:
            return answer(item, *_CACHED, *REPLAYS)
        case Operation.delete:
            return {"headers": headers(*REPLAYS)}
    return answer({"anyOf": [item, _picked(resource)]}, *_CACHED)


def _picked(resource: Resource) -> Schema:
    """An item that lacks fields, since `_fields` named others."""
    return {"allOf": [ref("PickedItem")], "maxProperties": len(resource.known | CHANGED) - 1}


def answer(schema: Schema, *names: str) -> Response:
    """Headers and content of a JSON answer."""
    return {"headers": headers(*names), "content": {"application/json": {"schema": schema}}}


def _listed(resource: Resource) -> Response:
    items, slim = array_of(ref(resource.title)), array_of(ref("SlimItem"))
    forms = [items, slim, array_of(_picked(resource)), ref(f"{resource.title}Statistics")]
    listed = answer({"anyOf": forms}, "Link", "X-Total-Count")
    lines = {"type": "string", "description": "With `_jsonl`: one item a line."}
    listed["content"]["application/x-ndjson"] = {"schema": lines}
    return listed


def form_responses(resource: Resource, form: ListForm) -> dict[str, Response]:
    """Every answer of a form of a list, which has one shape."""
    lines = {"type": "string", "description": "One item a line."}
    shown = {
        ListForm.statistics: answer(ref(f"{resource.title}Statistics")),
        ListForm.export: {
            "headers": headers("X-Total-Count"),
            "content": {"application/x-ndjson": {"schema": lines}},
        },
    }
    success: Response = {"description": form.success, **shown[form]}
    return {"200": success, **NOT_MODIFIED, **problem_responses(PROBLEMS[Operation.list])}


def _reports(resource: Resource) -> Schema:
    return array_of(ref(f"{resource.title}Report"))


def _multi_status(resource: Resource) -> Response:
    text = "With `_atomic=false`: what became of each item."
    return {"description": text, **answer(_reports(resource), *REPLAYS)}


# Links


_LINKED = (Operation.get, Operation.update, Operation.delete)


def _links(resource: Resource, body: str) -> dict[str, Any]:
    """What can be done with the item whose id stands at `body`, a pointer into the answer."""
    return {
        operation.name: {
            "operationId": operation_id(resource, operation.title),
            "parameters": {"pk": f"$response.body#{body}"},
            "description": f"{operation.title} this item.",
        }
        for operation in _LINKED
        if operation in resource.operations
    }


# Resolve


def resolve_responses(resource: Resource, among: Limits) -> dict[str, Response]:
    """Every answer of the resolve path: an array of counterparts for each element asked."""
    success = {
        "description": "The counterparts of each element, in the order of the request",
        **answer(array_of(array_of(ref(resource.title)))),
    }
    most = of_resolve(resource, among)
    return {"200": success, **problem_responses(RESOLVE_PROBLEMS, most)}
