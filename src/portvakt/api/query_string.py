"""From a query string to a `Query`: every parameter known, every fault found.

The rules are those of the contract's section 4.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import msgspec

from portvakt.api import cursor
from portvakt.api.parameters import Controls, Pairs, fault, refuse, unknown
from portvakt.errors import FaultCode
from portvakt.operations.match import allowed_matches
from portvakt.operations.write import Bulk
from portvakt.schema import json_text, values
from portvakt.schema.fields import CREATED_AT, Field, parse_boolean
from portvakt.schema.operators import OPERATORS, Operand, Operator
from portvakt.schema.query import MAX_LIMIT, Filter, Keyset, Order, Page, Query
from portvakt.schema.resource import Resource
from portvakt.schema.values import Wrong, fold, nearest, parse_uuid, shorten

MAX_CONDITIONS = 100
"""The most filters and search words of one query."""

_INT32 = 2**31 - 1
_QUOTED, _QUOTED_PARTS = 60, 5
"""How much of a wrong value, and of how many, is quoted back."""

AS_OF = "_as_of"
"""The parameter that asks about a past moment, where versions are kept."""


def _at(controls: Controls) -> str | None:
    """The clean time of `_as_of`, or None where it isn't given."""
    moment: str | None = controls.take(AS_OF, CREATED_AT.parse_operand)
    return moment


EVIDENCE = "_evidence"
"""The parameter that asks for the additive fields, where there are some."""


def _own_controls(resource: Resource) -> tuple[str, ...]:
    """The parameters by which items are read that only some resources have."""
    past = (AS_OF,) if resource.versions else ()
    return (*past, EVIDENCE) if resource.additive else past


def _evident(controls: Controls) -> bool:
    return bool(controls.take(EVIDENCE, parse_boolean, False))


def parse_get(pairs: Pairs, resource: Resource) -> tuple[str | None, bool]:
    """The past moment that a Get asks about, or None; and whether it asks for additive fields.

    Raises `Problem`.
    """
    known = _own_controls(resource)
    controls = Controls(pairs, known)
    moment, evidence = _at(controls), _evident(controls)
    controls.refuse_rest(known)
    refuse(controls.faults)
    return moment, evidence


def parse_write(pairs: Pairs, resource: Resource) -> bool:
    """Whether the answer to a create or an update is to show additive fields. Raises `Problem`."""
    known = (EVIDENCE,) if resource.additive else ()
    controls = Controls(pairs, known)
    evidence = _evident(controls)
    controls.refuse_rest(known)
    refuse(controls.faults)
    return evidence


# -- lists ------------------------------------------------------------------------------------

LIST_CONTROLS = (
    "_jsonl",
    "_order_by",
    "_page",
    "_page_size",
    "_search",
    "_slim",
    "_statistics",
    "global_realestates",
    "global_segments",
    "_limit",
    "_after",
    "_count",
)


def list_controls(resource: Resource) -> tuple[str, ...]:
    """The parameters of the resource's list that are no filters."""
    return (*LIST_CONTROLS, *_own_controls(resource))


def parse_list(pairs: Pairs, resource: Resource) -> Query:
    """What a list is asked for. Raises `Problem` with every fault at once."""
    controls = Controls(pairs, list_controls(resource))
    order = controls.take("_order_by", lambda text: _order(text, resource), resource.order)
    search = controls.take("_search", _words, ())
    query = Query(
        filters=tuple(_filters(controls, resource)),
        order=order,
        page=_page(controls),
        keyset=_keyset(controls, resource, order),
        search=search,
        realestates=controls.take("global_realestates", _ids),
        segments=controls.take("global_segments", _ids),
        as_of=_at(controls),
        evidence=_evident(controls),
        slim=controls.take("_slim", parse_boolean, False),
        statistics=controls.take("_statistics", parse_boolean, False),
        jsonl=controls.take("_jsonl", parse_boolean, False),
        count=controls.take("_count", parse_boolean, False),
    )
    if len(query.filters) + len(search) > MAX_CONDITIONS:
        detail = f"At most {MAX_CONDITIONS} filters and search words together."
        controls.faults.append(fault("_search", FaultCode.limit, detail))
    refuse(controls.faults)
    return query


def _whole(text: str, least: int, most: int) -> int:
    if re.fullmatch(r"[0-9]{1,10}", text) is None or not least <= int(text) <= most:
        raise Wrong(FaultCode.out_of_range, f"Expected a whole number from {least} to {most}.")
    return int(text)


def _page(controls: Controls) -> Page | None:
    number = controls.take("_page", lambda text: _whole(text, 1, _INT32))
    size = controls.take("_page_size", lambda text: _whole(text, 0, MAX_LIMIT))
    if not controls.together("_page", "_page_size") or number is None or size is None:
        return None
    return Page(number, size)


def _keyset(controls: Controls, resource: Resource, order: Sequence[Order]) -> Keyset | None:
    limit = controls.take("_limit", lambda text: _whole(text, 1, MAX_LIMIT))
    after = controls.take("_after", lambda text: cursor.parse(text, resource, order))
    if "_after" in controls and "_limit" not in controls:
        detail = "This value requires that the following fields are also set: _limit"
        controls.faults.append(fault("_after", FaultCode.requires, detail, ("_limit",)))
    if "_limit" in controls and "_page" in controls:
        detail = "This value can't bet set, when any of the following fields are set: _page"
        controls.faults.append(fault("_limit", FaultCode.excludes, detail, ("_page",)))
    return None if limit is None else Keyset(limit, after)


def _order(text: str, resource: Resource) -> tuple[Order, ...]:
    order: dict[str, Order] = {}
    unknown_fields: dict[str, None] = {}
    for part in text.split(",") if text else []:
        name = part.strip().removeprefix("-")
        if name not in resource.by_name:
            unknown_fields[name] = None
        # A field that was named before can't change the order any more.
        order.setdefault(name, Order(name, part.strip().startswith("-")))
    if unknown_fields:
        told = [_no_field(name, resource) for name in [*unknown_fields][:_QUOTED_PARTS]]
        more = len(unknown_fields) - len(told)
        told += [f"Nor are there {more} others that follow."] if more > 0 else []
        raise Wrong(FaultCode.unknown_field, " ".join(told))
    order = order or {item.field: item for item in Query().order}
    order.setdefault("id", Order("id"))
    return tuple(order.values())


def _no_field(name: str, resource: Resource) -> str:
    meant = nearest(name, resource.by_name)
    hint = f" Did you mean `{meant}`?" if meant else ""
    return f"There is no field {shorten(name)!r} to order by.{hint}"


def _words(text: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(fold(values.parse_text(text)).split()))


def _ids(text: str) -> tuple[str, ...]:
    """A comma list of ids; or references as JSON: an array, or objects one after the other."""
    if not text.startswith(("[", "{")):
        return _each(parse_uuid, [part.strip() for part in text.split(",") if part.strip()])
    try:
        decoded = json_text.decode(text if text.startswith("[") else f"[{text}]")
    except json_text.RepeatedNames as repeated:
        raise Wrong(FaultCode.repeated_name, f"{repeated}.") from None
    except (msgspec.DecodeError, RecursionError):
        raise Wrong(FaultCode.format, 'Expected ids, or a JSON array of {"id"}.') from None
    return tuple(parse_uuid(part.get("id") if isinstance(part, dict) else part) for part in decoded)


def _each(parse: Callable[[str], Any], parts: Sequence[str]) -> tuple[Any, ...]:
    """Parse each value of a list. Raises `Wrong` that quotes those that are wrong."""
    parsed, wrong_parts, wrong = [], [], None
    for part in parts:
        try:
            parsed.append(parse(part))
        except Wrong as error:
            wrong = wrong or error
            wrong_parts.append(part)
    if wrong is None:
        return tuple(parsed)
    quoted = ", ".join(repr(part[:_QUOTED]) for part in wrong_parts[:_QUOTED_PARTS])
    more = len(wrong_parts) - _QUOTED_PARTS
    others = f" and {more} more" if more > 0 else ""
    raise Wrong(wrong.code, f"{wrong.detail} That is not so of {quoted}{others}.")


# -- filters ----------------------------------------------------------------------------------


def filter_names(resource: Resource) -> list[str]:
    """The names of all filters of a resource, without negation."""
    return [
        f"{field.name}__{operator.name}" if operator.name else field.name
        for field in resource.visible
        for operator in OPERATORS[field.kind].values()
    ]


def _filters(controls: Controls, resource: Resource) -> Iterator[Filter]:
    fields_given = set()
    for name, text in controls.rest:
        try:
            asked = _filter(name, text, resource)
        except Wrong as wrong:
            controls.faults.append(fault(name, wrong.code, wrong.detail))
        else:
            fields_given.add(asked.field)
            yield asked
    hidden = resource.hidden_by
    if hidden is not None and hidden not in fields_given:
        yield Filter(hidden, "", False, False)


def _filter(name: str, text: str, resource: Resource) -> Filter:
    negated = name.endswith("!")
    field_name, _, operator_name = name.removesuffix("!").partition("__")
    field = resource.by_name.get(field_name)
    if field is None:
        known = [*list_controls(resource), *filter_names(resource)]
        raise Wrong(FaultCode.unknown_parameter, unknown(name.removesuffix("!"), known).detail)
    operators = OPERATORS[field.kind]
    operator = operators.get(operator_name)
    if operator is None or (not operator_name and "__" in name):
        raise Wrong(FaultCode.unknown_operator, _no_operator(field, operator_name, operators))
    return Filter(field_name, operator_name, negated, _operand(field, operator, text))


def _no_operator(field: Field, name: str, operators: Mapping[str, Operator]) -> str:
    known = [operator for operator in operators if operator]
    meant = nearest(name, known)
    names = ", ".join(f"{field.name}__{operator}" for operator in known)
    hint = f" Did you mean `{field.name}__{meant}`?" if meant else f" There are {names}."
    return f"`{field.name}` has no operator {name!r}.{hint}"


def _operand(field: Field, operator: Operator, text: str) -> Any:
    if operator.operand is Operand.boolean:
        return parse_boolean(text)
    if operator.operand is Operand.values:
        return _each(field.parse_operand, _comma_list(text))
    return field.parse_operand(text)


def _comma_list(text: str) -> list[str]:
    """A comma list with the quoting of RFC 4180."""
    try:
        rows = list(csv.reader([text], strict=True))
    except csv.Error:
        rows = []
    # The reader takes a line end after the last value for the end of the row, and drops it.
    if text.endswith(("\r", "\n")) or len(rows) > 1 or (text and not rows):
        raise Wrong(FaultCode.format, 'Expected a comma list; quote values as in "a,b",c.')
    return rows[0] if rows else []


# -- bulk -------------------------------------------------------------------------------------

BULK_CONTROLS = ("_atomic", "_dry_run", "_report", "_match")


class Shown(NamedTuple):
    """How a bulk write is answered: with a report of each item; with their additive fields."""

    report: bool
    evidence: bool


def parse_bulk(pairs: Pairs, resource: Resource) -> tuple[Bulk, Shown]:
    """How a bulk write is to be done, and how it is answered. Raises `Problem`."""
    known = (*BULK_CONTROLS, EVIDENCE) if resource.additive else BULK_CONTROLS
    controls = Controls(pairs, known)
    how = Bulk(
        atomic=controls.take("_atomic", parse_boolean, True),
        dry_run=controls.take("_dry_run", parse_boolean, False),
        match=controls.take("_match", lambda text: _match(text, resource), ()),
    )
    shown = Shown(controls.take("_report", parse_boolean, False), _evident(controls))
    controls.refuse_rest(known)
    refuse(controls.faults)
    return how, shown


def _match(text: str, resource: Resource) -> tuple[str, ...]:
    names = tuple(part.strip() for part in text.split(","))
    for allowed in allowed_matches(resource):
        if sorted(names) == sorted(allowed):
            return allowed
    forms = " or ".join(",".join(allowed) for allowed in allowed_matches(resource))
    raise Wrong(FaultCode.not_an_option, f"Expected {forms}.")
