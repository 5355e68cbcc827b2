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


class Repeatable(Enum):
    """Whether a filter by the operator may stand in one query more than once.

    Filters are joined by AND. What AND of two can only contradict or repeat is never meant so: it
    is a list that a client wrote as repeated parameters (decision record 53).
    """

    always = "each is one more filter"
    negated = "only negated: none of the values"
    never = "one of them says it all"


@dataclass(frozen=True, slots=True)
class Operator:
    """One way to compare a field. `name` is "" for the exact comparison (no `__` suffix)."""

    name: str
    operand: Operand
    sentence: str
    repeatable: Repeatable = Repeatable.negated


EXACT = Operator("", Operand.value, "equals the value")
IN = Operator(
    "in",
    Operand.values,
    "equals one of the values; an empty list matches nothing",
    Repeatable.never,
)
ISNULL = Operator(
    "isnull", Operand.boolean, "is null (true) or is not null (false)", Repeatable.never
)
GT = Operator("gt", Operand.value, "is greater than the value", Repeatable.always)
GTE = Operator("gte", Operand.value, "is greater than the value or equal to it", Repeatable.always)
LT = Operator("lt", Operand.value, "is less than the value", Repeatable.always)
LTE = Operator("lte", Operand.value, "is less than the value or equal to it", Repeatable.always)
CONTAINS = Operator("contains", Operand.value, "contains the text", Repeatable.always)
ICONTAINS = Operator(
    "icontains", Operand.value, "contains the text, whatever the case", Repeatable.always
)
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


def may_repeat(kind: Kind, operator: Operator, *, negated: bool) -> bool:
    """Whether filters by this operator, on fields of this kind, may be repeated in one query.

    A field of many references can equal several values at once, each being one of its own.
    """
    if operator is EXACT and kind is Kind.references:
        return True
    return operator.repeatable is Repeatable.always or (
        operator.repeatable is Repeatable.negated and negated
    )
