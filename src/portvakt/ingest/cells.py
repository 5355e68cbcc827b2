"""Values as text: the cells of a CSV file, and `name=value` on the command line.

========================  ===========================================================
kind                      text
========================  ===========================================================
boolean                   true, false, 1 or 0
number                    as in JSON
reference                 the id of the item
references, texts         a comma list, with quotes as in "a,b",c
object and other JSON     JSON
anything else             the text itself
========================  ===========================================================

Empty text is null: an empty list of references, and where a field can't be null, nothing said.
Text that can't be read as its kind stays text, which the field then refuses with its own words.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable
from typing import Any, NamedTuple

import msgspec

from portvakt.errors import Code, Fault, FaultCode, Problem
from portvakt.ingest.loading import AnyReference, Line, NamedItems, keys_of
from portvakt.schema import json_text
from portvakt.schema.fields import Field, Reference, References, parse_boolean
from portvakt.schema.operators import JSON, Kind
from portvakt.schema.registry import Registry
from portvakt.schema.resource import Resource
from portvakt.schema.values import InvalidValue, nearest

_LISTS = (Kind.references, Kind.texts)


class Column(NamedTuple):
    """What a name stands for: a field; for a reference maybe the key that names its items."""

    field: Field
    key: str = ""


def column(registry: Registry, resource: Resource, name: str) -> Column:
    """The column of a name such as `email` or `organization.custom_id`. Raises `InvalidValue`."""
    field_name, dot, key = name.partition(".")
    field = resource.known.get(field_name)
    if field is None:
        meant = nearest(field_name, resource.known)
        hint = f"Did you mean `{meant}`?" if meant else f"{resource.name} has: {_names(resource)}."
        raise InvalidValue(FaultCode.unknown_field, f"There is no such field. {hint}")
    if not dot or (key == "id" and isinstance(field, AnyReference)):
        return Column(field)
    if not isinstance(field, AnyReference):
        raise InvalidValue(
            FaultCode.unknown_field, f"`{field_name}` refers to nothing, so say `{name}`."
        )
    keys = keys_of(registry.target(field))
    if key not in keys:
        known = " or ".join(f"`{field_name}.{one}`" for one in ["id", *keys])
        raise InvalidValue(FaultCode.unknown_field, f"Expected {known}.")
    return Column(field, key)


def _names(resource: Resource) -> str:
    return ", ".join(field.name for field in resource.writable)


def columns(registry: Registry, resource: Resource, names: Iterable[str]) -> list[Column]:
    """The columns of a header. Raises `Problem` with every wrong one."""
    faults: list[Fault] = []
    found: list[Column] = []
    for place, name in enumerate(names):
        try:
            one = column(registry, resource, name)
        except InvalidValue as wrong:
            faults.append(Fault(wrong.code, name or f"column {place + 1}", wrong.detail, "column"))
            continue
        if any(one.field.name == other.field.name for other in found):
            detail = f"The field {one.field.name} has another column already."
            faults.append(Fault(FaultCode.duplicate, name, detail, "column"))
        found.append(one)
    if faults:
        number = "1 name is" if len(faults) == 1 else f"{len(faults)} names are"
        raise Problem(Code.invalid, f"{number} wrong; nothing was written.", faults)
    return found


def fill(line: Line, column: Column, text: str) -> None:
    """Put what a cell says of the item into the line."""
    field = column.field
    if column.key and text and isinstance(field, AnyReference):
        texts = _comma_list(text) if isinstance(field, References) else [text]
        line.named.append(NamedItems(field, column.key, tuple(texts)))
    elif text:
        try:
            line.body[field.name] = _value(field, text)
        except json_text.RepeatedNames as repeated:
            line.faults += [fault.under(f"/{field.name}") for fault in repeated.faults]
    elif isinstance(field, References):
        line.body[field.name] = []
    elif field.nullable:
        line.body[field.name] = None


def _value(field: Field, text: str) -> Any:
    """The JSON value of text that is not empty."""
    if isinstance(field, Reference):
        return {"id": text}
    if field.kind in _LISTS and not text.startswith("["):
        texts = _comma_list(text)
        return [{"id": one} for one in texts] if isinstance(field, References) else texts
    if field.kind is Kind.boolean:
        return _boolean(text)
    if field.kind in JSON or field.kind in (Kind.integer, Kind.number, Kind.references):
        return _json(text)
    return text


def _boolean(text: str) -> Any:
    try:
        return parse_boolean(text)
    except InvalidValue:
        return text


def _json(text: str) -> Any:
    try:
        return json_text.decode(text)
    except (msgspec.DecodeError, RecursionError):
        return text


def _comma_list(text: str) -> list[str]:
    """The parts of a comma list; text that is none is one part."""
    try:
        rows = list(csv.reader([text], strict=True, skipinitialspace=True))
    except csv.Error:
        return [text]
    return [part.strip() for part in rows[0] if part.strip()] if len(rows) == 1 else [text]
