"""What can be wrong in a declaration by itself: told all at once, with the file."""

from __future__ import annotations

from collections.abc import Iterator

from portvakt.errors import DeclarationError
from portvakt.schema import erasure, privacy
from portvakt.schema.caller_kinds import CALLER_KINDS
from portvakt.schema.fields import Field, Reference, References
from portvakt.schema.operations import READING
from portvakt.schema.resource import Resource


def check(resource: Resource) -> None:
    """Raise `DeclarationError`, which names the file, where the declaration is wrong."""
    mistakes = list(_mistakes(resource))
    if mistakes:
        raise DeclarationError(f"{resource.file}: " + " ".join(mistakes))


def _mistakes(resource: Resource) -> Iterator[str]:
    names = [field.name for field in resource.fields]
    for name in sorted({name for name in names if names.count(name) > 1}):
        yield f"The field `{name}` is declared twice."
    for needed in ("id", "created_at"):
        if needed not in names:
            yield f"The field `{needed}` is missing."
    if not (resource.path.startswith("/") and resource.path.endswith("/")):
        yield f"The path {resource.path!r} must start and end with a slash."
    yield from _version_mistakes(resource)
    yield from _caller_mistakes(resource)
    yield from _kept_mistakes(resource)
    for field in resource.fields:
        yield from _field_mistakes(field)
    yield from _connected_mistakes(resource)
    yield from _personal_mistakes(resource)
    for subject, used in _uses(resource):
        for name in used:
            if name not in names:
                yield f"{subject} names the field `{name}`, which is not declared."


def _caller_mistakes(resource: Resource) -> Iterator[str]:
    for kind in (*resource.callers, *(one for each in resource.actions for one in each.callers)):
        if CALLER_KINDS.get(kind.name) is not kind:
            yield f"There is no kind of caller {kind.name!r}."
        elif not kind.complete:
            yield f"How a caller {kind.name!r} presents itself and is logged must be said."


def _personal_mistakes(resource: Resource) -> Iterator[str]:
    keys = [unique.fields for unique in resource.unique]
    yield from privacy.mistakes(resource.fields, resource.rules, keys)
    if resource.person:
        yield from erasure.mistakes(resource.stored, resource.rules, {*resource.digested})


def _kept_mistakes(resource: Resource) -> Iterator[str]:
    if resource.append_only and {*resource.operations} - READING:
        yield "What is append-only the API only reads."


def _connected_mistakes(resource: Resource) -> Iterator[str]:
    references = {field.name for field in resource.references}
    for name in sorted({*resource.connected_by} & {*resource.stored} - {"id", *references}):
        yield f"The rule Connected names `{name}`, which is neither `id` nor a reference."


def _version_mistakes(resource: Resource) -> Iterator[str]:
    if resource.versions and resource.links:
        yield "A resource that keeps versions can't have fields of many references."
    if resource.versions and any(field.personal for field in resource.fields):
        yield "A resource that keeps versions can't have personal fields: they couldn't be erased."


def _field_mistakes(field: Field) -> Iterator[str]:
    if not field.name.isidentifier() or field.name != field.name.lower():
        yield f"The field name {field.name!r} must be a lower-case identifier."
    if field.name.startswith("_") or "__" in field.name:
        yield f"The field name `{field.name}` may not start with `_` nor contain `__`."
    if field.name in (
        "customer_id",
        "revision",
        "updated_at",
        "deleted",
        "global_realestates",
        "global_segments",
        "not",  # negates a filter: not__FIELD
    ):
        yield f"The field name `{field.name}` is taken by the engine."
    if isinstance(field, Reference | References) and "." not in field.target:
        yield f"The reference `{field.name}` needs a target such as 'app.model'."
    if field.required and field.read_only:
        yield f"The field `{field.name}` can't be both required and read-only."
    if field.guarded and (field.read_only or field.internal or field.personal):
        yield f"The field `{field.name}` is guarded, and so can't be read-only or personal."
    if field.additive and (field.internal or field.personal or field.required):
        yield f"The additive field `{field.name}` can't be internal, personal or required."


def _uses(resource: Resource) -> Iterator[tuple[str, tuple[str, ...]]]:
    """What in the declaration names which fields."""
    for check in resource.checks:
        yield f"The check {type(check).__name__}", check.own
    for generic in resource.generic_references:
        yield "A generic reference", tuple(generic)
    yield "The order of `listing`", tuple(order.field for order in resource.listing.order)
    for rule in resource.rows:
        yield f"The rule {type(rule).__name__}", rule.own
    if resource.privacy:
        yield "`privacy`", resource.privacy.own
    if resource.listing.hidden_by:
        yield "`hidden_by` of `listing`", (resource.listing.hidden_by,)
    if resource.mapping:
        yield "The mapping", (*resource.mapping.reference, resource.mapping.external)
