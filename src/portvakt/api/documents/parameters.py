"""The parameters of an OpenAPI document's operations. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from portvakt.api.documents.schemas import DATE, NUMBER, TEXT, TIME, UUID, Schema, array_of
from portvakt.api.documents.sentences import (
    filter_subject,
    filter_text,
    paragraphs,
    validation_block,
)
from portvakt.api.query_string import list_controls
from portvakt.operations.idempotency import HEADER
from portvakt.operations.writing.match import allowed_matches
from portvakt.schema.actions import END
from portvakt.schema.entity_tags import CHANGED as ROWS_STATE
from portvakt.schema.fields import INT32, Field
from portvakt.schema.operations import ListForm, Operation
from portvakt.schema.operators import OPERATORS, Kind, Operand, Operator
from portvakt.schema.query import BY_AGE, MAX_LIMIT
from portvakt.schema.resource import Resource
from portvakt.schema.rules import Requires, SetTogether

Parameter = dict[str, Any]

BOOLEAN: Schema = {"type": "boolean"}
INT32_FROM_1: Schema = {"type": "integer", "format": "int32", "minimum": 1}
_BOOLEANS = "Also accepted: true and false in any case, 1 and 0."
_TIMES = (
    "An RFC 3339 time or a date, which means its midnight in UTC. "
    "A time without an offset means UTC."
)

PK: Parameter = {
    "name": "pk",
    "in": "path",
    "required": True,
    "description": "The item's id.",
    "schema": {**UUID, "writeOnly": True},
}


IDEMPOTENCY_KEY: Parameter = {
    "name": HEADER,
    "in": "header",
    "description": (
        "A name of your choice for this request: sent again by the same caller under the same key, "
        "it is not done again, and answers what was done."
    ),
    "schema": {"type": "string", "pattern": "^[!-~]{1,255}$"},
}


def query(name: str, schema: Schema, *texts: str, **more: Any) -> Parameter:
    """One query parameter, described by the texts that are not empty."""
    text = {"description": paragraphs(*texts)} if any(texts) else {}
    listed = {"style": "form", "explode": False} if schema.get("type") == "array" else {}
    return {"name": name, "in": "query", **text, **listed, "schema": schema, **more}


CHANGED = query(
    "_changed",
    BOOLEAN,
    "Items show their `revision`, and when it was written.",
    _BOOLEANS,
)


_TAG = r'(W/)?"[!#-~]*"'
TAGS = rf"^(\*|{_TAG}([ \t]*,[ \t]*{_TAG})*)$"
"""What a header that names entity tags may hold (RFC 9110, 8.8.3), in ASCII."""


def _header(name: str, text: str) -> Parameter:
    schema = {"type": "string", "pattern": TAGS, "examples": ['"1a-2b"']}
    return {"name": name, "in": "header", "description": text, "schema": schema}


PRECONDITIONS = (
    _header("If-Match", "Tags from the header ETag, or `*`: one must be the item's; else 412."),
    _header(
        "If-None-Match",
        "Tags from the header ETag, or `*`: where one is the item's, a Get is answered 304, a "
        "write 412.",
    ),
)
"""The headers by which a request names the state that its item must be in."""


def parameters(resource: Resource, operation: Operation) -> list[Parameter]:
    """The parameters of one operation of a resource."""
    match operation:
        case Operation.list:
            return list_parameters(resource)
        case Operation.bulk:
            return [*bulk_parameters(resource), *_evidence(resource), IDEMPOTENCY_KEY]
        case Operation.create:
            return [*_evidence(resource), IDEMPOTENCY_KEY]
        case Operation.get:
            shown = (*_evidence(resource), CHANGED, _fields(resource))
            own = [*_as_of(resource), *shown]
            return [PK, *own, *PRECONDITIONS]
        case Operation.update:
            return [PK, *_evidence(resource), *PRECONDITIONS, IDEMPOTENCY_KEY]
    return [PK, *PRECONDITIONS, IDEMPOTENCY_KEY]


# List


def list_parameters(resource: Resource) -> list[Parameter]:
    """The parameters of a list: the reference's, our own, then every filter by name."""
    filters = [
        parameter
        for field in sorted(resource.compared.values(), key=lambda field: field.name)
        for parameter in filter_parameters(field)
    ]
    shown = (*_evidence(resource), CHANGED, _fields(resource))
    own = (*_own_parameters(), *_as_of(resource), *shown)
    return [*_reference_parameters(resource), *own, *filters]


def form_parameters(resource: Resource, form: ListForm) -> list[Parameter]:
    """The parameters of a form of a list: those of the list that mean something there."""
    left_out = {*list_controls(resource)} - {*list_controls(resource, form)}
    whole = [one for one in list_parameters(resource) if one["name"] not in left_out]
    # Without `_jsonl` nothing has to be said of it.
    alone = {END.name: query(END.name, BOOLEAN, END.description, _BOOLEANS)}
    return [alone.get(one["name"], one) for one in whole]


def _as_of(resource: Resource) -> Iterator[Parameter]:
    if resource.versions:
        text = "Answer as of this past moment, items that were deleted since included."
        yield query("_as_of", _OPERANDS[Kind.time], text, _TIMES)


def _evidence(resource: Resource) -> Iterator[Parameter]:
    if resource.additive:
        names = ", ".join(f"`{field.name}`" for field in resource.additive)
        yield query("_evidence", BOOLEAN, f"Items show {names} too.", _BOOLEANS)


def _reference_parameters(resource: Resource) -> Iterator[Parameter]:
    together = SetTogether(("_page", "_page_size"))
    size = {"type": "integer", "format": "int32", "minimum": 0, "maximum": MAX_LIMIT}
    yield query("_jsonl", BOOLEAN, "Answer application/x-ndjson, one item a line.", _BOOLEANS)
    yield _order_by(resource)
    yield query("_page", INT32_FROM_1, validation_block(together.sentence("_page")))
    yield query("_page_size", size, validation_block(together.sentence("_page_size")))
    yield query("_search", TEXT, _SEARCH)
    yield query("_slim", BOOLEAN, "Items hold their id only.", _BOOLEANS)
    summary = "Answer a summary instead of items: of all that the filters leave, so that `_jsonl`, "
    summary += "`_order_by`, `_page`, `_page_size` and `_slim` change nothing; `_limit`, `_after`, "
    summary += "`_count` and what else is said of items is refused beside it."
    yield query("_statistics", BOOLEAN, summary, _BOOLEANS)
    yield query("global_realestates", array_of(UUID), _CONCERNED + "these real estates." + _IDS)
    yield query("global_segments", array_of(UUID), _CONCERNED + "these segments." + _IDS)


_SEARCH = (
    "Every word must occur in one of the item's texts, whatever the case. "
    "A whole UUID also finds ids and references."
)
_CONCERNED = "Only items that concern one of "
_IDS = ' A JSON array of objects such as {"id": "<uuid>"} works too.'


def _order_by(resource: Resource) -> Parameter:
    names = list(resource.compared)
    options = [*names, *(f"-{name}" for name in names)]
    default = (
        "created_at" if resource.listing.order == BY_AGE else "the order in which they were added"
    )
    text = f"The fields to sort by, `-` for descending; `id` is always added. Default: {default}."
    example = "Example: _order_by=field_a,-field_b"
    return query("_order_by", array_of({"type": "string", "enum": options}), text, example)


def _fields(resource: Resource) -> Parameter:
    fields = (*resource.by_name.values(), *resource.additive)
    names = dict.fromkeys([*(field.name for field in fields), *ROWS_STATE])
    text = "The fields that items show; `id` is always one. What is not shown isn't read. "
    other = "`_evidence` and `_changed` are" if resource.additive else "`_changed` is"
    text += f"{other} refused beside fields that are none of theirs."
    listed = {**array_of({"type": "string", "enum": [*names]}), "minItems": 1}
    return query("_fields", listed, text)


def _own_parameters() -> Iterator[Parameter]:
    limit = {**INT32_FROM_1, "maximum": MAX_LIMIT}
    needs_limit = Requires(("_after", "_limit")).sentence("_after") or ""
    yield query(
        "_limit",
        limit,
        "At most so many items; the header Link leads to the next ones.",
    )
    yield query(
        "_after",
        {"type": "string"},
        "The cursor that the header Link of the answer before held.",
        validation_block(needs_limit),
    )
    yield query("_count", BOOLEAN, "State the number of items in X-Total-Count.", _BOOLEANS)
    yield query(END.name, BOOLEAN, f"With `_jsonl`: {END.description}", _BOOLEANS)


# Filters


def filter_parameters(field: Field) -> list[Parameter]:
    """The filters of one field, the exact one first; each names its negated form."""
    return [_filter(field, operator) for operator in OPERATORS[field.kind].values()]


def _filter(field: Field, operator: Operator) -> Parameter:
    name = operator.parameter(field.name)
    schema = operand(field, operator)
    said = f"{filter_subject(field, operator)} {operator.sentence}."
    prose = filter_text(field) if not operator.name else ""
    negated = {"x-negated": f"{name}!"}
    return query(name, schema, said, _forms(field, operator), prose, **negated)


def operand(field: Field, operator: Operator) -> Schema:
    """The schema of what stands to the right of a filter's `=`."""
    match operator.operand:
        case Operand.boolean:
            return BOOLEAN
        case Operand.values:
            # One text, not an array: client generators would send an array as a repeated
            # parameter, which means another filter.
            return {"type": "string", "pattern": _LISTS.get(field.kind, TEXT["pattern"])}
    return _OPERANDS[field.kind]


def _forms(field: Field, operator: Operator) -> str:
    """What the schema leaves out of the forms that an operand may have."""
    if operator.operand is Operand.values:
        return _LIST
    if operator.operand is Operand.boolean or field.kind is Kind.boolean:
        return _BOOLEANS
    return _TIMES if field.kind is Kind.time else ""


_LIST = 'A comma-separated list. A value that holds a comma or a quote is quoted: `"a,b",c`.'

_UUID_FORM = "[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}"

_OPERANDS: dict[Kind, Schema] = {
    Kind.boolean: BOOLEAN,
    Kind.uuid: UUID,
    Kind.reference: UUID,
    Kind.references: UUID,
    Kind.time: {"anyOf": [TIME, DATE]},
    Kind.date: DATE,
    Kind.number: NUMBER,
    Kind.integer: {"type": "integer", "format": "int32", "minimum": INT32[0], "maximum": INT32[1]},
    Kind.text: TEXT,
}


def _list_of(element: str) -> str:
    """The pattern of a comma list, which may be empty."""
    return f"^({element}(,{element})*)?$"


_LISTS: dict[Kind, str] = {
    Kind.boolean: _list_of("([Tt][Rr][Uu][Ee]|[Ff][Aa][Ll][Ss][Ee]|1|0)"),
    Kind.uuid: _list_of(_UUID_FORM),
    Kind.reference: _list_of(_UUID_FORM),
    Kind.references: _list_of(_UUID_FORM),
    Kind.text: _list_of(r'("([^"\x00]|"")*"|[^",\r\n\x00][^,\r\n\x00]*|)'),
}
"""What a comma list of values looks like; those of times and numbers have no simple pattern."""


# Bulk write


def bulk_parameters(resource: Resource) -> list[Parameter]:
    """The parameters of a bulk write; all are our own."""
    return [
        query(
            "_atomic",
            {**BOOLEAN, "default": True},
            "All or nothing. If false, the good items are written and the answer is 207.",
            _BOOLEANS,
        ),
        query("_dry_run", BOOLEAN, "Do everything but keep the result.", _BOOLEANS),
        query("_report", BOOLEAN, "Answer a report of each item.", _BOOLEANS),
        *_match(resource),
    ]


def _match(resource: Resource) -> Iterator[Parameter]:
    keys = allowed_matches(resource)
    text = (
        "The fields by which an item without `id` is matched with a stored one, "
        "which it then updates instead of conflicting with it."
    )
    if keys:
        yield query("_match", {"type": "string", "enum": [",".join(key) for key in keys]}, text)
