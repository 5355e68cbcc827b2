"""What is said of fields and filters, in the reference's words. Shared by every document."""

from __future__ import annotations

from collections.abc import Iterator

from portvakt.schema.fields import Field
from portvakt.schema.operations import ListForm, Operation
from portvakt.schema.operators import OPERATORS, Comparison, Kind, Operator
from portvakt.schema.resource import Resource

DESCRIPTIONS: dict[Operation | ListForm, str] = {
    Operation.bulk: (
        "Creates and updates many items at once: all of them or, if there is any fault, none. "
        "The answer has the items in the order of the request."
    ),
    Operation.list: (
        "The items that the filters leave. Without paging all of them are answered, however many."
    ),
    Operation.create: "Creates one item.",
    Operation.get: "Gets one item.",
    Operation.update: "Changes the fields that are given, and leaves all others as they are.",
    Operation.delete: "Deletes one item.",
    ListForm.statistics: "The items that the filters leave, in numbers.",
    ListForm.export: "All items that the filters leave, one a line, from one snapshot.",
}
"""What an operation does, in a sentence or two."""

NEGATION = "Filter can be negated by adding a ! to the end of the parameter name."
_VALIDATION = "Additional Validation Information:"
_OPERATORS = "Additional operators:"
_OPERATOR = "Operator: "


def paragraphs(*texts: str) -> str:
    """The texts that are not empty, with an empty line between them."""
    return "\n\n".join(text for text in texts if text)


def validation(resource: Resource, field: Field) -> tuple[str, ...]:
    """The validation sentences of one field: its uniqueness, each rule's, its guard's."""
    alone = [unique for unique in resource.unique if unique.fields == (field.name,)]
    together = [unique for unique in resource.unique if len(unique.fields) > 1]
    rules = [rule.sentence(field.name) for rule in resource.rules if field.name in rule.fields]
    return (
        *(["Must be unique"] if field.name == "id" or alone else []),
        *(sentence for sentence in rules if sentence),
        *(
            "Must be unique together with the following fields: "
            + _others(unique.fields, field)
            + (f" (where {unique.without} is null)" if unique.without else "")
            for unique in together
            if field.name in unique.fields
        ),
        *([field.guarded.value] if field.guarded else []),
        *_reset(resource, field),
    )


def _reset(resource: Resource, field: Field) -> Iterator[str]:
    """When a field is cleared without being named."""
    names = [name for rule in resource.resets if field.name in rule.fields for name in rule.on]
    if names:
        yield f"Cleared by a write that leaves it out and changes one of: {', '.join(names)}"


def _others(names: tuple[str, ...], field: Field) -> str:
    return ", ".join(name for name in names if name != field.name)


def validation_block(*sentences: str) -> str:
    """The reference's block of validation sentences; "" where there are none."""
    return paragraphs(_VALIDATION, *sentences) if sentences else ""


def field_text(resource: Resource, field: Field, *more: str) -> str:
    """The description of a field: what it is, `more`, and its validation block."""
    block = validation_block(*validation(resource, field))
    return paragraphs(field.description, *more, block)


def addition(resource: Resource, field: Field) -> str:
    """What is said of a field that isn't the reference's: when it is shown, and to whom."""
    if not field.additive:
        return ""
    more = " An integration needs the right `all` for it."
    return f"Shown only with `_evidence=true`.{more if field.name in resource.confidential else ''}"


def filter_text(field: Field) -> str:
    """The reference's text of a field's filter: that it can be negated, and its operators."""
    lines = [
        f"{_OPERATOR}{name}, Supports negation (via !): True"
        for name in OPERATORS[field.kind]
        if name
    ]
    return paragraphs(NEGATION, _OPERATORS, *lines)


def plain(text: str) -> str:
    """A filter's text without what it says of parameters that stand elsewhere under a name."""
    said = text.split("\n\n")
    left_out = (NEGATION, _OPERATORS)
    return paragraphs(
        *(one for one in said if one not in left_out and not one.startswith(_OPERATOR))
    )


def filter_subject(field: Field, operator: Operator) -> str:
    """What a filter's operator says something of; of many references none is as good as null."""
    one_of = field.kind is Kind.references and operator.comparison is not Comparison.null
    return f"One of `{field.name}`" if one_of else f"`{field.name}`"
