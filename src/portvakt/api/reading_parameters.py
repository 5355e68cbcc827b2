"""The parameters by which items are read, in a Get and in lists alike."""

from __future__ import annotations

from collections.abc import Collection
from typing import NamedTuple

from portvakt.api.parameters import Controls, without_effect
from portvakt.errors import FaultCode
from portvakt.schema import entity_tags
from portvakt.schema.fields import CREATED_AT, parse_boolean
from portvakt.schema.resource import Resource
from portvakt.schema.values import InvalidValue, nearest

FIELDS = "_fields"
"""The parameter that names the fields that are shown."""

AS_OF = "_as_of"
"""The parameter that asks about a past moment, where versions are kept."""


def _at(controls: Controls) -> str | None:
    """The clean time of `_as_of`, or None where it isn't given."""
    moment: str | None = controls.take(AS_OF, CREATED_AT.parse_operand)
    return moment


EVIDENCE = "_evidence"
"""The parameter that asks for the additive fields, where there are some."""


CHANGED = "_changed"
"""The parameter that asks which revision an item is, and when that was written."""


class Reading(NamedTuple):
    """What a Get asks for: a past moment, as clean text, or None; and what is shown."""

    as_of: str | None = None
    evidence: bool = False
    changed: bool = False
    fields: frozenset[str] | None = None


def own_controls(resource: Resource) -> tuple[str, ...]:
    """Our own parameters by which items are read; two of them only some resources have."""
    past = (AS_OF,) if resource.versions else ()
    return (CHANGED, FIELDS, *past, *((EVIDENCE,) if resource.additive else ()))


def evident(controls: Controls) -> bool:
    """Whether additive fields are to be shown."""
    return bool(controls.take(EVIDENCE, parse_boolean, False))


def reading(controls: Controls, resource: Resource) -> Reading:
    """What was asked of how items are read; faults are added to the controls.

    Who names a field that is shown only where it is asked for has asked for it. Who asks for such
    fields and names others must leave out one of both.
    """
    known = (*resource.known, *entity_tags.CHANGED)
    fields = controls.take(FIELDS, lambda text: shown_fields(text, known))
    sorts = {EVIDENCE: {field.name for field in resource.additive}, CHANGED: {*entity_tags.CHANGED}}
    asked = {EVIDENCE: evident(controls), CHANGED: controls.take(CHANGED, parse_boolean, False)}
    for name, sort in sorts.items():
        if fields and not fields.isdisjoint(sort):
            asked[name] = True
        elif fields and asked[name]:
            instead = f", or name one of {', '.join(sorted(sort))}"
            controls.faults.append(without_effect(name, FIELDS, instead))
    return Reading(_at(controls), asked[EVIDENCE], asked[CHANGED], fields)


_TOLD = 5
"""How many unknown names are told: each costs a look for the nearest one."""


def shown_fields(text: str, known: Collection[str]) -> frozenset[str]:
    """The names in a comma list. Raises `InvalidValue` that tells unknown ones."""
    named = dict.fromkeys(part.strip() for part in text.split(","))
    unknown = [name for name in named if name not in known]
    if unknown:
        told = [_unknown(name, known) for name in unknown[:_TOLD]]
        more = len(unknown) - len(told)
        told += [f"Nor are there {more} others."] if more > 0 else []
        raise InvalidValue(FaultCode.unknown_field, " ".join(told))
    return frozenset(named)


def _unknown(name: str, known: Collection[str]) -> str:
    meant = nearest(name, known)
    hint = f" Did you mean `{meant}`?" if meant else ""
    return f"There is no field {name[:100]!r} to show.{hint}"
