"""From a query string to a `Query`: every parameter known, every fault found.

The rules are in docs/reference/interface.md#lists; why they are so, in decision records 4, 53, 56.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, NamedTuple

import msgspec

from portvakt.api import cursor
from portvakt.api.parameters import Controls, Pairs, fault, refuse, unknown, without_effect
from portvakt.api.reading_parameters import (
    CHANGED,
    EVIDENCE,
    FIELDS,
    Reading,
    evident,
    own_controls,
    reading,
)
from portvakt.errors import Fault, FaultCode
from portvakt.operations.writing.changes import Bulk
from portvakt.operations.writing.match import allowed_matches
from portvakt.schema import json_text
from portvakt.schema.actions import END
from portvakt.schema.fields import Field, parse_boolean
from portvakt.schema.identifiers import search_words
from portvakt.schema.operations import ListForm
from portvakt.schema.operators import IN, OPERATORS, Operand, Operator, may_repeat
from portvakt.schema.query import MAX_LIMIT, Filter, Keyset, Order, Page, Query
from portvakt.schema.resource import Resource
from portvakt.schema.values import InvalidValue, nearest, parse_uuid, shorten

MAX_CONDITIONS = 100
"""The most filters and search words of one query: each costs every row a comparison."""

_INT32 = 2**31 - 1  # the most that clients made from the documents can hold
_QUOTED, _QUOTED_PARTS = 60, 5
"""How much of a wrong value, and of how many, is quoted back."""


def parse_get(pairs: Pairs, resource: Resource) -> Reading:
    """What a Get asks for. Raises `Problem`."""
    if not pairs:
        return Reading()
    known = own_controls(resource)
    controls = Controls(pairs, known)
    asked = reading(controls, resource)
    controls.refuse_rest(known)
    refuse(controls.faults)
    return asked


def parse_write(pairs: Pairs, resource: Resource) -> bool:
    """Whether the answer to a create or an update is to show additive fields. Raises `Problem`."""
    if not pairs:
        return False
    known = (EVIDENCE,) if resource.additive else ()
    controls = Controls(pairs, known)
    evidence = evident(controls)
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
    END.name,
)

_NOT_OF: dict[ListForm, frozenset[str]] = {
    ListForm.export: frozenset(
        ("_jsonl", "_statistics", "_slim", "_page", "_page_size", "_limit", "_after")
    ),
}
_NOT_OF[ListForm.statistics] = _NOT_OF[ListForm.export] | {
    "_order_by",
    "_count",
    END.name,
    EVIDENCE,
    CHANGED,
    FIELDS,
}
"""By form, the list's parameters that it doesn't have: they would change nothing, or the form."""


def list_controls(resource: Resource, form: ListForm | None = None) -> tuple[str, ...]:
    """The parameters of the resource's list, or of a form of it, that are no filters."""
    known = (*LIST_CONTROLS, *own_controls(resource))
    left_out = _NOT_OF[form] if form else ()
    return tuple(name for name in known if name not in left_out) if left_out else known


def parse_list(pairs: Pairs, resource: Resource, form: ListForm | None = None) -> Query:
    """What a list, or a form of it, is asked for. Raises `Problem` with every fault at once."""
    controls = Controls(pairs, list_controls(resource, form))
    order = controls.take("_order_by", lambda text: _order(text, resource), resource.listing.order)
    search = controls.take("_search", search_words, ())
    query = Query(
        filters=tuple(_filters(controls, resource)),
        order=order,
        page=_page(controls),
        keyset=_keyset(controls, resource, order),
        search=search,
        realestates=controls.take("global_realestates", _ids),
        segments=controls.take("global_segments", _ids),
        **reading(controls, resource)._asdict(),
        slim=controls.take("_slim", parse_boolean, False),
        statistics=controls.take("_statistics", parse_boolean, form is ListForm.statistics),
        jsonl=controls.take("_jsonl", parse_boolean, form is ListForm.export),
        end=controls.take(END.name, parse_boolean, False),
        count=controls.take("_count", parse_boolean, False),
    )
    controls.faults += _left_out(query, controls)
    if query.end and not (query.jsonl or query.statistics):
        detail = "Only an answer in lines has a last one that says so: ask for `_jsonl=true` too."
        controls.faults.append(fault(END.name, FaultCode.requires, detail, ("_jsonl",)))
    if len(query.filters) + len(search) > MAX_CONDITIONS:
        detail = f"At most {MAX_CONDITIONS} filters and search words together."
        controls.faults.append(fault("_search", FaultCode.limit, detail))
    refuse(controls.faults)
    return query


def _left_out(query: Query, given: Controls) -> Iterator[Fault]:
    """Faults on our own parameters that another one leaves nothing to do.

    What is to be shown of items, where items aren't shown; and pages and their like, where there is
    a summary. The reference's own parameters may stand beside each other, as its example has them.
    """
    shown = {
        EVIDENCE: query.evidence and EVIDENCE in given,
        CHANGED: query.changed and CHANGED in given,
        FIELDS: FIELDS in given,
    }
    sent = {
        "_limit": "_limit" in given,
        "_after": "_after" in given,
        "_count": query.count,
        END.name: query.end,
    }
    for other, excludes, names in (
        ("_slim", query.slim, shown),
        ("_statistics", query.statistics, shown | sent),
    ):
        for name in (name for name, wanted in names.items() if excludes and wanted):
            yield without_effect(name, other)


def _whole(text: str, least: int, most: int) -> int:
    if re.fullmatch(r"[0-9]{1,10}", text) is None or not least <= int(text) <= most:
        raise InvalidValue(
            FaultCode.out_of_range, f"Expected a whole number from {least} to {most}."
        )
    return int(text)


def _page(controls: Controls) -> Page | None:
    number = controls.take("_page", lambda text: _whole(text, 1, _INT32))
    size = controls.take("_page_size", lambda text: _whole(text, 0, MAX_LIMIT))
    if not controls.together("_page", "_page_size") or number is None or size is None:
        return None
    return Page(number, size)


def _keyset(controls: Controls, resource: Resource, order: Sequence[Order]) -> Keyset | None:
    limit = controls.take("_limit", lambda text: _whole(text, 1, MAX_LIMIT))
    after, link = controls.take(
        "_after", lambda text: cursor.parse_place(text, resource, order), (None, None)
    )
    if "_after" in controls and "_limit" not in controls:
        detail = "This value requires that the following fields are also set: _limit"
        controls.faults.append(fault("_after", FaultCode.requires, detail, ("_limit",)))
    if "_limit" in controls and "_page" in controls:
        controls.faults.append(without_effect("_limit", "_page"))
    return None if limit is None else Keyset(limit, after, link)


def _order(text: str, resource: Resource) -> tuple[Order, ...]:
    order: dict[str, Order] = {}
    unknown_fields: dict[str, None] = {}
    for part in text.split(",") if text else []:
        name = part.strip().removeprefix("-")
        if name not in resource.compared:
            unknown_fields[name] = None
        # A field that was named before can't change the order any more.
        order.setdefault(name, Order(name, part.strip().startswith("-")))
    if unknown_fields:
        told = [_no_field(name, resource) for name in [*unknown_fields][:_QUOTED_PARTS]]
        more = len(unknown_fields) - len(told)
        told += [f"Nor are there {more} others that follow."] if more > 0 else []
        raise InvalidValue(FaultCode.unknown_field, " ".join(told))
    order = order or {item.field: item for item in Query().order}
    order.setdefault("id", Order("id"))
    return tuple(order.values())


def _no_field(name: str, resource: Resource) -> str:
    meant = nearest(name, resource.compared)
    hint = f" Did you mean `{meant}`?" if meant else ""
    return f"There is no field {shorten(name)!r} to order by.{hint}"


def _ids(text: str) -> tuple[str, ...]:
    """A comma list of ids; or references as JSON: an array, or objects one after the other."""
    if not text.startswith(("[", "{")):
        return _each(parse_uuid, [part.strip() for part in text.split(",") if part.strip()])
    try:
        decoded = json_text.decode(text if text.startswith("[") else f"[{text}]")
    except json_text.RepeatedNames as repeated:
        raise InvalidValue(FaultCode.repeated_name, f"{repeated}.") from None
    except (msgspec.DecodeError, RecursionError):
        raise InvalidValue(FaultCode.format, 'Expected ids, or a JSON array of {"id"}.') from None
    return tuple(parse_uuid(part.get("id") if isinstance(part, dict) else part) for part in decoded)


def _each(parse: Callable[[str], Any], parts: Sequence[str]) -> tuple[Any, ...]:
    """Parse each value of a list. Raises `InvalidValue` that quotes those that are wrong."""
    parsed, wrong_parts, wrong = [], [], None
    for part in parts:
        try:
            parsed.append(parse(part))
        except InvalidValue as error:
            wrong = wrong or error
            wrong_parts.append(part)
    if wrong is None:
        return tuple(parsed)
    quoted = ", ".join(repr(part[:_QUOTED]) for part in wrong_parts[:_QUOTED_PARTS])
    more = len(wrong_parts) - _QUOTED_PARTS
    others = f" and {more} more" if more > 0 else ""
    raise InvalidValue(wrong.code, f"{wrong.detail} That is not so of {quoted}{others}.")


# -- filters ----------------------------------------------------------------------------------


def filter_names(resource: Resource) -> list[str]:
    """The names of all filters of a resource, without negation."""
    return [
        operator.parameter(field.name)
        for field in resource.compared.values()
        for operator in OPERATORS[field.kind].values()
    ]


NOT = "not__"
"""What negates a filter in front of its name, as a `!` does at its end."""


def _filters(controls: Controls, resource: Resource) -> list[Filter]:
    asked: list[Filter] = []
    names: list[str] = []
    for name, text in controls.rest:
        try:
            asked.append(_filter(name, text, resource, controls.known))
            names.append(name)
        except InvalidValue as wrong:
            controls.faults.append(fault(name, wrong.code, wrong.detail))
    if len({one[:3] for one in asked}) < len(asked):
        controls.faults += _repeated(asked, names, resource)
    hidden = resource.listing.hidden_by
    if hidden is not None and all(one.field != hidden for one in asked):
        asked.append(Filter(hidden, "", False, False))
    return asked


def _repeated(asked: Sequence[Filter], names: Sequence[str], resource: Resource) -> Iterator[Fault]:
    """A fault of each filter that can't be meant twice; it tells how a list is written."""
    given: dict[tuple[str, str, bool], list[str]] = {}
    for one, name in zip(asked, names, strict=True):
        given.setdefault(one[:3], []).append(name)
    for (field, operator, negated), (_, *again) in given.items():
        kind = resource.compared[field].kind
        used = OPERATORS[kind][operator]
        if again and not may_repeat(kind, used, negated=negated):
            listed = IN.parameter(field) + "!" * negated
            hint = f" For several values write one comma list: `{listed}=a,b`."
            detail = "Give it once." + hint * used.exact
            yield fault(again[0], FaultCode.duplicate, detail)


def _filter(name: str, text: str, resource: Resource, controls: Sequence[str]) -> Filter:
    """One filter. Raises `InvalidValue` that tells the nearest right name."""
    before, after = name.startswith(NOT), name.endswith("!")
    whole = name.removeprefix(NOT).removesuffix("!") if before or after else name
    field_name, separator, operator_name = whole.partition("__")
    field = resource.compared.get(field_name)
    if field is None:
        raise InvalidValue(FaultCode.unknown_parameter, _no_parameter(name, resource, controls))
    operators = OPERATORS[field.kind]
    operator = operators.get(operator_name)
    if operator is None or (separator and not operator_name):
        detail = _no_operator(NOT * before + field_name, operator_name, operators)
        raise InvalidValue(FaultCode.unknown_operator, detail)
    if before and after:
        detail = f"Negate it once: `{whole}!` or `{NOT}{whole}`."
        raise InvalidValue(FaultCode.unknown_parameter, detail)
    return Filter(field_name, operator_name, before or after, _operand(field, operator, text))


def _no_parameter(name: str, resource: Resource, controls: Sequence[str]) -> str:
    names = filter_names(resource)
    known = [*controls, *names, *(NOT + filter_name for filter_name in names)]
    return unknown(name.removesuffix("!"), known).detail


def _no_operator(subject: str, name: str, operators: Iterable[str]) -> str:
    known = [operator for operator in operators if operator]
    meant = nearest(name, known)
    names = ", ".join(f"{subject}__{operator}" for operator in known)
    hint = f" Did you mean `{subject}__{meant}`?" if meant else f" There are {names}."
    return f"`{subject}` has no operator {name!r}.{hint}"


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
        raise InvalidValue(FaultCode.format, 'Expected a comma list; quote values as in "a,b",c.')
    return rows[0] if rows else []


BULK_CONTROLS = ("_atomic", "_dry_run", "_report", "_match")


class BulkAnswer(NamedTuple):
    """How a bulk write is answered: with a report of each item; with their additive fields."""

    report: bool
    evidence: bool


def parse_bulk(pairs: Pairs, resource: Resource) -> tuple[Bulk, BulkAnswer]:
    """How a bulk write is to be done, and how it is answered. Raises `Problem`."""
    known = (*BULK_CONTROLS, EVIDENCE) if resource.additive else BULK_CONTROLS
    controls = Controls(pairs, known)
    how = Bulk(
        atomic=controls.take("_atomic", parse_boolean, True),
        dry_run=controls.take("_dry_run", parse_boolean, False),
        match=controls.take("_match", lambda text: _match(text, resource), ()),
    )
    shown = BulkAnswer(controls.take("_report", parse_boolean, False), evident(controls))
    controls.refuse_rest(known)
    refuse(controls.faults)
    return how, shown


def _match(text: str, resource: Resource) -> tuple[str, ...]:
    names = tuple(part.strip() for part in text.split(","))
    for allowed in allowed_matches(resource):
        if sorted(names) == sorted(allowed):
            return allowed
    forms = " or ".join(",".join(allowed) for allowed in allowed_matches(resource))
    raise InvalidValue(FaultCode.not_an_option, f"Expected {forms}.")
