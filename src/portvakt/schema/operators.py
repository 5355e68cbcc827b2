"""Every filter operator once: what it asks of which fields, and how that is said.

This one table serves the parsing of query strings, the SQL, the OpenAPI document and the tests.
"""

from __future__ import annotations

from collections import ChainMap
from collections.abc import Iterable, Set
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


class Comparison(Enum):
    """What a value is asked. `storage.statements.operators` says each in SQL."""

    equal = "equal", Operand.value, Repeatable.negated
    one_of = "one of", Operand.values, Repeatable.never
    null = "null", Operand.boolean, Repeatable.never
    greater = "greater", Operand.value, Repeatable.always
    at_least = "at least", Operand.value, Repeatable.always
    less = "less", Operand.value, Repeatable.always
    at_most = "at most", Operand.value, Repeatable.always
    starts = "starts with", Operand.value, Repeatable.negated
    contains = "contains", Operand.value, Repeatable.always
    ends = "ends with", Operand.value, Repeatable.negated

    def __init__(self, _name: str, operand: Operand, repeatable: Repeatable) -> None:
        self.operand = operand
        self.repeatable = repeatable


@dataclass(frozen=True, slots=True)
class Operator:
    """One way to compare a field. `name` is "" for the exact comparison (no `__` suffix).

    - `kinds`: the kinds of field that have it.
    - `predicate`: what documents say of a field's value that is found.
    - `folded`: whether the case makes no difference; for texts alone.
    """

    name: str
    comparison: Comparison
    kinds: Set[Kind]
    predicate: str
    folded: bool = False

    @property
    def sentence(self) -> str:
        """What documents say after the field's name."""
        return f"{self.predicate}, whatever the case" if self.folded else self.predicate

    @property
    def operand(self) -> Operand:
        """What stands to the right of the `=`."""
        return self.comparison.operand

    @property
    def exact(self) -> bool:
        """Whether it asks for the very value, or for one of several."""
        return self.comparison in (Comparison.equal, Comparison.one_of) and not self.folded

    def parameter(self, field: str) -> str:
        """The query parameter that compares this field by it."""
        return f"{field}__{self.name}" if self.name else field


_ALL = frozenset(Kind)
_PLAIN = _ALL - JSON
_ORDERED = frozenset({Kind.time, Kind.date, Kind.integer, Kind.number})
_TEXT = frozenset({Kind.text})

IN = Operator(
    "in", Comparison.one_of, _PLAIN, "equals one of the values; an empty list matches nothing"
)

TABLE = (
    IN,
    Operator("", Comparison.equal, _PLAIN, "equals the value"),
    Operator("isnull", Comparison.null, _ALL, "is null (true) or is not null (false)"),
    Operator("gt", Comparison.greater, _ORDERED, "is greater than the value"),
    Operator("gte", Comparison.at_least, _ORDERED, "is greater than the value or equal to it"),
    Operator("lt", Comparison.less, _ORDERED, "is less than the value"),
    Operator("lte", Comparison.at_most, _ORDERED, "is less than the value or equal to it"),
    Operator("contains", Comparison.contains, _TEXT, "contains the text"),
    Operator("icontains", Comparison.contains, _TEXT, "contains the text", folded=True),
    Operator("startswith", Comparison.starts, _TEXT, "starts with the text"),
    Operator("istartswith", Comparison.starts, _TEXT, "starts with the text", folded=True),
    Operator("endswith", Comparison.ends, _TEXT, "ends with the text"),
    Operator("iendswith", Comparison.ends, _TEXT, "ends with the text", folded=True),
    Operator("iexact", Comparison.equal, _TEXT, "equals the text", folded=True),
)
"""Every operator."""


def by_kind(table: Iterable[Operator]) -> dict[Kind, dict[str, Operator]]:
    """The operators of each kind, by name, in the order in which the reference lists them."""
    known = sorted(table, key=lambda operator: operator.name)
    return {kind: {one.name: one for one in known if kind in one.kinds} for kind in Kind}


OPERATORS = by_kind(TABLE)
"""The operators of each kind, by name."""


def operator_of(name: str) -> Operator:
    """The operator of this name, whichever kinds have it. Raises `KeyError`."""
    return ChainMap(*OPERATORS.values())[name]


def may_repeat(kind: Kind, operator: Operator, *, negated: bool) -> bool:
    """Whether filters by this operator, on fields of this kind, may be repeated in one query.

    A field of many references can meet several of them at once, each by one of its own.
    """
    if operator.comparison.repeatable is Repeatable.negated:
        return negated or kind is Kind.references
    return operator.comparison.repeatable is Repeatable.always
