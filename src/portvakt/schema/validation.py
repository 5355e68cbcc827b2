"""Checks a body against a resource and collects every fault. Pure.

Two steps: `parse_body` looks at what was sent; `merged_faults` looks at the item as it would be
stored, after what was sent is laid over what is stored.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from typing import Any

from portvakt.errors import Fault, FaultCode
from portvakt.schema.entity_tags import EXPECTED_REVISION
from portvakt.schema.fields import Field
from portvakt.schema.resource import Resource
from portvakt.schema.values import (
    InvalidValue,
    escape_pointer,
    json_type,
    nearest,
    parse_uuid,
    shorten,
)

MAX_UNKNOWN = 10
"""The most unknown fields of one object that are named one by one; of the rest, the number.

For each the nearest known name is looked for, which takes long.
"""

_NO_FIELD = "There is no such field."
_NONE: frozenset[str] = frozenset()


@dataclass(slots=True)
class Body:
    """A parsed body: the clean values that were sent, and what was wrong.

    `id` names the item to update, `revision` what it must still have; None: not said.
    """

    given: dict[str, Any]
    faults: list[Fault]
    id: str | None = None
    revision: int | None = None

    @property
    def invalid(self) -> Set[str]:
        """The fields whose value could not be read, so that no rule can be checked on them."""
        if not self.faults:
            return _NONE
        return {fault.where.split("/")[1] for fault in self.faults if fault.where}


class Hints:
    """How many unknown names of a request may still be told what was probably meant.

    To find the nearest name takes longer than all else that is done with a field.
    """

    def __init__(self, left: int = 100) -> None:
        self._left = left

    def of(self, name: str, known: Iterable[str]) -> str:
        """The sentence that tells the nearest known name; empty where there is none."""
        if self._left <= 0:
            return ""
        self._left -= 1
        meant = nearest(name, known)
        return f" Did you mean `{meant}`?" if meant else ""


def parse_body(resource: Resource, body: Any, hints: Hints | None = None) -> Body:
    """A JSON value -> the clean values of the resource's fields in it (see `parse_fields`)."""
    parsed = parse_fields(resource.taken, body, hints)
    if EXPECTED_REVISION.name in parsed.given:
        parsed.revision = parsed.given.pop(EXPECTED_REVISION.name)
    return parsed


def parse_fields(fields: Mapping[str, Field], body: Any, hints: Hints | None = None) -> Body:
    """A JSON value -> the clean values in it and every fault, pointers from the body's root.

    Read-only fields are ignored (decision record 2), but for `id`, which is kept apart.
    """
    parsed = Body({}, [])
    if not isinstance(body, dict):
        found = json_type(body)
        parsed.faults.append(Fault(FaultCode.type, "", f"Expected an object, not {found}."))
        return parsed
    unknown: list[str] = []
    for name, value in body.items():
        field = fields.get(name)
        if field is None:
            unknown.append(name)
        elif not field.read_only:
            _take(parsed, field, value)
        elif name == "id" and value is not None:
            _take_id(parsed, value)
    if unknown:
        parsed.faults += _unknown(fields, unknown, hints or Hints())
    return parsed


def _take(parsed: Body, field: Field, value: Any) -> None:
    if value is None:
        if field.nullable:
            parsed.given[field.name] = None
        else:
            parsed.faults.append(Fault(FaultCode.null, f"/{field.name}", "This can't be null."))
        return
    try:
        parsed.given[field.name] = field.parse(value)
    except InvalidValue as wrong:
        where = f"/{field.name}{wrong.where}"
        parsed.faults.append(Fault(wrong.code, where, wrong.detail))


def _take_id(parsed: Body, value: Any) -> None:
    try:
        parsed.id = parse_uuid(value)
    except InvalidValue as wrong:
        parsed.faults.append(Fault(wrong.code, "/id", wrong.detail))


def _unknown(fields: Mapping[str, Field], names: Sequence[str], hints: Hints) -> Iterator[Fault]:
    for name in names[:MAX_UNKNOWN]:
        hint = hints.of(name, fields)
        detail = f"{_NO_FIELD}{hint}" if hint else _NO_FIELD
        yield Fault(FaultCode.unknown_field, shorten(f"/{escape_pointer(name)}"), detail)
    rest = names[MAX_UNKNOWN:]
    if rest:
        detail = f"There is no such field, nor are there {len(rest) - 1} others that follow."
        yield Fault(FaultCode.unknown_field, shorten(f"/{escape_pointer(rest[0])}"), detail)


def merge(
    resource: Resource, given: Mapping[str, Any], stored: Mapping[str, Any] | None
) -> dict[str, Any]:
    """The item as it would be stored: `given` over `stored`, or over the defaults of a new item.

    What belongs to what was said before is not kept (`Resource.resets`).
    """
    if stored is not None:
        merged = {**stored, **given}
        for rule in resource.resets:
            for name in rule.reset(stored, merged, given):
                merged[name] = resource.stored[name].default
        return merged
    return {**resource.defaults, **given}


def merged_faults(
    resource: Resource,
    item: Mapping[str, Any],
    spoilt: Set[str],
    *,
    hidden: Set[str] = frozenset(),
    given: Set[str] = frozenset(),
) -> list[Fault]:
    """What is wrong with a merged item. Rules that touch a field in `spoilt` are not judged.

    `hidden` are the fields that the caller may not see as they are stored. What is wrong must not
    tell of them: a rule on one of them is judged only if one of its fields was `given`, and then
    as if the hidden ones that weren't were null.
    """
    unseen = dict.fromkeys(hidden - given) if hidden else None
    faults = [
        Fault(FaultCode.required, f"/{field.name}", "This field is required.")
        for field in resource.required
        if item[field.name] is None and field.name not in spoilt
    ]
    for rule in resource.rules:
        if not spoilt.isdisjoint(rule.fields):
            continue
        if unseen is None or hidden.isdisjoint(rule.fields) or not given.isdisjoint(rule.fields):
            faults.extend(rule.faults({**item, **unseen} if unseen else item))
    return faults
