"""Every filter operator once: which kinds of field have it, and what its operand is.

This one table serves the parsing of query strings, the SQL, the OpenAPI document and the tests.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


class Kind(Enum):
    """The kind of a field. See `values` for the clean value of each."""

    boolean = "boolean"
    uuid = "uuid"
    reference = "reference"
    references = "references"
    time = "time"
    date = "date"
    integer = "integer"
    number = "number"
    text = "text"
    object = "object"
    texts = "texts"
    objects = "objects"
    anything = "anything"


JSON = frozenset({Kind.object, Kind.texts, Kind.objects, Kind.anything})
"""The kinds that are stored as JSON. They sort by their JSON text."""


class Operand(Enum):
    """What stands to the right of the `=`."""

    value = "one value of the field's kind"
    values = "a comma-separated list of values, with RFC 4180 quoting"
    boolean = "true or false"


@dataclass(frozen=True, slots=True)
class Operator:
    """One way to compare a field. `name` is "" for the exact comparison (no `__` suffix)."""

    name: str
    operand: Operand
    sentence: str


EXACT = Operator("", Operand.value, "equals the value")
IN = Operator("in", Operand.values, "equals one of the values; an empty list matches nothing")
ISNULL = Operator("isnull", Operand.boolean, "is null (true) or is not null (false)")
GT = Operator("gt", Operand.value, "is greater than the value")
GTE = Operator("gte", Operand.value, "is greater than the value or equal to it")
LT = Operator("lt", Operand.value, "is less than the value")
LTE = Operator("lte", Operand.value, "is less than the value or equal to it")
CONTAINS = Operator("contains", Operand.value, "contains the text")
ICONTAINS = Operator("icontains", Operand.value, "contains the text, whatever the case")
STARTSWITH = Operator("startswith", Operand.value, "starts with the text")
ISTARTSWITH = Operator("istartswith", Operand.value, "starts with the text, whatever the case")
ENDSWITH = Operator("endswith", Operand.value, "ends with the text")
IENDSWITH = Operator("iendswith", Operand.value, "ends with the text, whatever the case")
IEXACT = Operator("iexact", Operand.value, "equals the text, whatever the case")

_ALWAYS = (EXACT, IN, ISNULL)
_ORDERED = (EXACT, GT, GTE, IN, ISNULL, LT, LTE)
_TEXT = (
    EXACT,
    CONTAINS,
    ENDSWITH,
    ICONTAINS,
    IENDSWITH,
    IEXACT,
    IN,
    ISNULL,
    ISTARTSWITH,
    STARTSWITH,
)

OPERATORS: dict[Kind, dict[str, Operator]] = {
    kind: {operator.name: operator for operator in operators}
    for kind, operators in {
        Kind.boolean: _ALWAYS,
        Kind.uuid: _ALWAYS,
        Kind.reference: _ALWAYS,
        Kind.references: _ALWAYS,
        Kind.time: _ORDERED,
        Kind.date: _ORDERED,
        Kind.integer: _ORDERED,
        Kind.number: _ORDERED,
        Kind.text: _TEXT,
        **dict.fromkeys(JSON, (ISNULL,)),
    }.items()
}
"""The operators of each kind, by name, in the order in which the reference lists them."""
