"""The CHECK conditions that enforce what is declared of fields, and between them."""

from __future__ import annotations

from collections.abc import Iterator
from functools import singledispatch
from itertools import combinations

from portvakt.schema import fields, rules

Check = tuple[str, str]
"""What it checks, and the condition."""


@singledispatch
def field_checks(field: fields.Field) -> Iterator[Check]:  # noqa: ARG001
    """The conditions on one field's value, besides the form of its kind (`form_checks`)."""
    yield from ()


@field_checks.register
def _(field: fields.Number) -> Iterator[Check]:
    if field.minimum is not None and field.maximum is not None:
        yield "range", f"{field.name} BETWEEN {field.minimum} AND {field.maximum}"


@field_checks.register
def _(field: fields.Integer) -> Iterator[Check]:
    if field.options:
        options = ", ".join(str(option) for option in field.options)
        yield "options", f"{field.name} IN ({options})"
    elif (field.minimum, field.maximum) != fields.INT32:
        yield "range", f"{field.name} BETWEEN {field.minimum} AND {field.maximum}"


@field_checks.register
def _(field: fields.Text) -> Iterator[Check]:
    if field.max_length is not None:
        bounds = f"BETWEEN {field.min_length} AND {field.max_length}"
        yield "length", f"length({field.name}) {bounds}"
    if field.options:
        options = ", ".join(f"'{option}'" for option in field.options)
        yield "options", f"{field.name} IN ({options})"


def _count_set(names: tuple[str, ...]) -> str:
    return " + ".join(f"CASE WHEN {name} IS NULL THEN 0 ELSE 1 END" for name in names)


@singledispatch
def rule_condition(rule: rules.Rule) -> str:
    """The CHECK condition that enforces a rule."""
    raise NotImplementedError(type(rule).__name__)


@rule_condition.register
def _(rule: rules.AtMostOneOf) -> str:
    return f"{_count_set(rule.fields)} <= 1"


@rule_condition.register
def _(rule: rules.AtLeastOneOf) -> str:
    return " OR ".join(f"{name} IS NOT NULL" for name in rule.fields)


@rule_condition.register
def _(rule: rules.SetTogether) -> str:
    return f"{_count_set(rule.fields)} IN (0, {len(rule.fields)})"


@rule_condition.register
def _(rule: rules.Requires) -> str:
    first, *others = rule.fields
    return f"{first} IS NULL OR ({' AND '.join(f'{name} IS NOT NULL' for name in others)})"


@rule_condition.register
def _(rule: rules.ProperOrder) -> str:
    return " AND ".join(
        f"({earlier} IS NULL OR {later} IS NULL OR {earlier} <= {later})"
        for earlier, later in combinations(rule.fields, 2)
    )
