"""From a query string to a `Query`: every parameter known, every fault found.

The rules are those of the contract's section 4.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any
from urllib.parse import unquote_plus

import msgspec

from portvakt.api import cursor
from portvakt.errors import Code, Fault, FaultCode, Problem
from portvakt.operations.match import allowed_matches
from portvakt.operations.write import Bulk
from portvakt.schema import values
from portvakt.schema.fields import CREATED_AT, Field, parse_boolean
from portvakt.schema.operators import OPERATORS, Operand, Operator
from portvakt.schema.query import MAX_LIMIT, Filter, Keyset, Order, Page, Query
from portvakt.schema.resource import Resource
from portvakt.schema.values import Wrong, fold, nearest, parse_uuid

LISTS = ("_order_by", "global_realestates", "global_segments")
"""The parameters that are lists: repeated, as some clients send them, they are one list."""

MAX_CONDITIONS = 100
"""The most filters and search words of one query."""

MAX_PARAMETERS = 200
"""The most parameters of any request: more are not even looked at."""

Pairs = Sequence[tuple[str, str]]
_INT32 = 2**31 - 1
_QUOTED, _QUOTED_PARTS = 60, 5
"""How much of a wrong value, and of how many, is quoted back."""


def split(query: bytes, longest: int) -> Pairs:
    """The names and values of a query string, decoded. Raises `Problem`."""
    if len(query) > longest:
        detail = f"The query string may have {longest} bytes, not {len(query)}."
        raise Problem(Code.uri_too_long, detail)
    parts = [part for part in query.split(b"&") if part]
    if len(parts) > MAX_PARAMETERS:
        detail = f"At most {MAX_PARAMETERS} parameters, not {len(parts)}."
        raise Problem(Code.invalid_parameters, detail)
    pairs = []
    faults = []
    for name, _, value in (part.partition(b"=") for part in parts):
        try:
            pairs.append((_decode(name), _decode(value)))
        except UnicodeDecodeError:
            shown = unquote_plus(name.decode("ascii", errors="replace"), errors="replace")
            faults.append(fault(shown, FaultCode.format, "Expected UTF-8, percent-encoded."))
    refuse(faults)
    return pairs


def _decode(text: bytes) -> str:
    return unquote_plus(text.decode("ascii", errors="strict"), errors="strict")


def refuse(found: Iterable[Fault]) -> None:
    """Raise `Problem` (invalid_parameters) if there are faults."""
    if faults := list(found):
        number = "1 parameter is" if len(faults) == 1 else f"{len(faults)} parameters are"
        raise Problem(Code.invalid_parameters, f"{number} wrong.", faults)


def fault(name: str, code: FaultCode, detail: str, fields: tuple[str, ...] = ()) -> Fault:
    """A fault of the parameter `name`."""
    return Fault(code, name, detail, place="parameter", fields=fields)


class Controls:
    """The parameters that are not filters, taken by name, faults collected.

    Each may be given once, but for lists, which may go on in a repeated parameter.
    """

    def __init__(self, pairs: Pairs, known: Sequence[str]) -> None:
        self.faults: list[Fault] = []
        self.rest: list[tuple[str, str]] = []
        self._given: dict[str, str] = {}
        for name, value in pairs:
            if name not in known:
                self.rest.append((name, value))
            elif name in self._given and name in LISTS:
                self._given[name] += f",{value}"
            elif name in self._given:
                self.faults.append(fault(name, FaultCode.duplicate, "Give it once."))
            else:
                self._given[name] = value

    def __contains__(self, name: str) -> bool:
        return name in self._given

    def take(self, name: str, parse: Callable[[str], Any], default: Any = None) -> Any:
        """The parsed value of a parameter, or the default where it is absent or wrong."""
        if name not in self._given:
            return default
        try:
            return parse(self._given[name])
        except Wrong as wrong:
            self.faults.append(fault(name, wrong.code, wrong.detail))
            return default

    def together(self, *names: str) -> bool:
        """Whether all are given; a fault on each missing one where only some are."""
        missing = [name for name in names if name not in self._given]
        if missing and len(missing) < len(names):
            for name in missing:
                others = tuple(other for other in names if other != name)
                detail = "This value must be set together with the following fields: " + ", ".join(
                    others
                )
                self.faults.append(fault(name, FaultCode.set_together, detail, others))
        return not missing

    def refuse_rest(self, known: Sequence[str]) -> None:
        """Every parameter that was not asked for is a fault."""
        for name, _ in self.rest:
            self.faults.append(unknown(name, known))


def unknown(name: str, known: Sequence[str]) -> Fault:
    """The fault of an unknown parameter, with the nearest right one."""
    meant = nearest(name, known)
    hint = f" Did you mean `{meant}`?" if meant else ""
    return fault(name, FaultCode.unknown_parameter, f"There is no such parameter.{hint}")


def parse_none(pairs: Pairs) -> None:
    """Raises `Problem` if there is any parameter: the operation has none."""
    refuse([unknown(name, ()) for name, _ in pairs])


def parse_given(pairs: Pairs, fields: Sequence[Field]) -> dict[str, Any]:
    """The values of parameters that are declared as fields; None where left out.

    Raises `Problem` with every fault at once.
    """
    names = [field.name for field in fields]
    controls = Controls(pairs, names)
    given = {field.name: controls.take(field.name, field.parse_operand) for field in fields}
    controls.refuse_rest(names)
    refuse(controls.faults)
    return given


AS_OF = "_as_of"
"""The parameter that asks about a past moment, where versions are kept."""


def _at(controls: Controls) -> str | None:
    """The clean time of `_as_of`, or None where it isn't given."""
    moment: str | None = controls.take(AS_OF, CREATED_AT.parse_operand)
    return moment


def parse_get(pairs: Pairs, resource: Resource) -> str | None:
    """The past moment that a Get asks about, or None. Raises `Problem`."""
    if not resource.versions:
        parse_none(pairs)
    controls = Controls(pairs, (AS_OF,))
    moment = _at(controls)
    controls.refuse_rest((AS_OF,))
    refuse(controls.faults)
    return moment


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
    return (*LIST_CONTROLS, AS_OF) if resource.versions else LIST_CONTROLS


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
    unknown_fields: list[str] = []
    for part in text.split(",") if text else []:
        name = part.strip().removeprefix("-")
        if name not in resource.by_name:
            unknown_fields.append(_no_field(name, resource))
        # A field that was named before can't change the order any more.
        order.setdefault(name, Order(name, part.strip().startswith("-")))
    if unknown_fields:
        raise Wrong(FaultCode.unknown_field, " ".join(dict.fromkeys(unknown_fields)))
    order = order or {item.field: item for item in Query().order}
    order.setdefault("id", Order("id"))
    return tuple(order.values())


def _no_field(name: str, resource: Resource) -> str:
    meant = nearest(name, resource.by_name)
    hint = f" Did you mean `{meant}`?" if meant else ""
    return f"There is no field {name!r} to order by.{hint}"


def _words(text: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(fold(values.parse_text(text)).split()))


def _ids(text: str) -> tuple[str, ...]:
    """A comma list of ids; or references as JSON: an array, or objects one after the other."""
    if not text.startswith(("[", "{")):
        return _each(parse_uuid, [part.strip() for part in text.split(",") if part.strip()])
    try:
        decoded = msgspec.json.decode(text if text.startswith("[") else f"[{text}]")
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


def parse_bulk(pairs: Pairs, resource: Resource) -> tuple[Bulk, bool]:
    """How a bulk write is to be done, and whether a report is asked for. Raises `Problem`."""
    controls = Controls(pairs, BULK_CONTROLS)
    how = Bulk(
        atomic=controls.take("_atomic", parse_boolean, True),
        dry_run=controls.take("_dry_run", parse_boolean, False),
        match=controls.take("_match", lambda text: _match(text, resource), ()),
    )
    report = controls.take("_report", parse_boolean, False)
    controls.refuse_rest(BULK_CONTROLS)
    refuse(controls.faults)
    return how, report


def _match(text: str, resource: Resource) -> tuple[str, ...]:
    names = tuple(part.strip() for part in text.split(","))
    for allowed in allowed_matches(resource):
        if sorted(names) == sorted(allowed):
            return allowed
    forms = " or ".join(",".join(allowed) for allowed in allowed_matches(resource))
    raise Wrong(FaultCode.not_an_option, f"Expected {forms}.")
