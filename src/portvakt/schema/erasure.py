"""How a person is erased: which values are taken away, and what stands in their place.

Erased are all fields that enter events as digests: the personal ones, and whatever else callers
may write of a person in words of their own. What is null afterwards, or the default where nothing
may be null, is told by the declaration alone; so is the one name that a rule asks for.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from portvakt.schema.fields import Anything, Date, Field, Object, Objects, Text, Texts
from portvakt.schema.privacy import Person
from portvakt.schema.rules import AtLeastOneOf, Requires, Rule, SetTogether

NAME = "Erased"
"""What stands in place of a name."""


def blank(
    person: Person, fields: Mapping[str, Field], rules: Sequence[Rule], erased: Sequence[str]
) -> dict[str, Any]:
    """The values that the `erased` fields and the flag have afterwards."""
    values = {name: None if fields[name].nullable else fields[name].default for name in erased}
    for rule in _naming(rules, erased):
        values[rule.fields[0]] = NAME
    if person.anonymized:
        values[person.anonymized] = True
    return values


def _naming(rules: Sequence[Rule], erased: Sequence[str]) -> Iterator[AtLeastOneOf]:
    """The rules that an item without any of the erased values would break."""
    for rule in rules:
        if isinstance(rule, AtLeastOneOf) and {*rule.fields} <= {*erased}:
            yield rule


def mistakes(fields: Mapping[str, Field], rules: Sequence[Rule], gone: set[str]) -> Iterator[str]:
    """What in a person's declaration keeps the person from being erased. `gone`: what is erased."""
    for field in fields.values():
        if _is_free(field) and field.name not in gone:
            yield (
                f"The field `{field.name}` may hold personal information, and would not be "
                "erased: declare it personal or digested."
            )
    for name in sorted(gone):
        if not fields[name].nullable and fields[name].default is None:
            yield f"The field `{name}` can't be erased: it needs a default, or to be nullable."
    for rule in rules:
        if not _is_kept(rule, fields, gone):
            yield f"The rule {type(rule).__name__} would be broken when the person is erased."


def _is_free(field: Field) -> bool:
    """Whether callers may write into a field what they like."""
    if field.read_only or field.internal or (isinstance(field, Text) and field.options):
        return False
    return isinstance(field, Text | Date | Texts | Object | Objects | Anything)


def _is_kept(rule: Rule, fields: Mapping[str, Field], gone: set[str]) -> bool:
    named = {*rule.fields}
    if isinstance(rule, AtLeastOneOf) and named <= gone:
        first = fields[rule.fields[0]]
        room = isinstance(first, Text) and (first.max_length or len(NAME)) >= len(NAME)
        return room and not (first.pattern or first.format)  # type: ignore[attr-defined]
    if isinstance(rule, Requires):
        return rule.fields[0] in gone or not named & gone
    return named <= gone or not named & gone or not isinstance(rule, SetTogether)
