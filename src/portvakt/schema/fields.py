"""The kinds of field that a resource can declare.

A field is a frozen value. It knows how to turn an outside value into a clean one (`parse`, from
JSON; `parse_operand`, from a query string) and back (`render`). All raise `values.InvalidValue`.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from ipaddress import ip_network
from typing import Any, ClassVar, cast

from portvakt.errors import FaultCode
from portvakt.schema import values
from portvakt.schema.formats import FORMATS
from portvakt.schema.known import ORGANIZATIONS
from portvakt.schema.operators import Kind
from portvakt.schema.rights import RIGHTS, Guard
from portvakt.schema.values import InvalidValue

INT32 = (-(2**31), 2**31 - 1)


@dataclass(frozen=True)
class Field:
    """What every field has.

    - `required`: a merged item must have it (reference: "required").
    - `read_only`: set by the server; ignored in bodies.
    - `nullable`: may be null. `default`: the value when a create leaves it out.
    - `personal`: personal information, subject to the decision (decision record 31).
    - `internal`: stored, but never shown nor taken: no caller learns that it is there.
    - `digested`: enters events as a keyed digest, as personal fields do (decision record 27).
    - `technical`: set without a revision, too often to be evidence: never in an event.
    - `guarded`: it decides what integrations see: who can change it, and give a new item another
      value than the default (decision record 37). None: whoever may write the item.
    - `additive`: not the reference's; taken by every write, but shown only where it is asked for.
    - `description`: one sentence for the reference page.
    """

    kind: ClassVar[Kind]

    name: str
    required: bool = field(default=False, kw_only=True)
    read_only: bool = field(default=False, kw_only=True)
    nullable: bool = field(default=True, kw_only=True)
    default: Any = field(default=None, kw_only=True)
    personal: bool = field(default=False, kw_only=True)
    internal: bool = field(default=False, kw_only=True)
    digested: bool = field(default=False, kw_only=True)
    technical: bool = field(default=False, kw_only=True)
    guarded: Guard | None = field(default=None, kw_only=True)
    additive: bool = field(default=False, kw_only=True)
    description: str = field(default="", kw_only=True)

    def parse(self, value: Any) -> Any:
        """A JSON value that is not null -> a clean value."""
        raise NotImplementedError

    def parse_operand(self, text: str) -> Any:
        """The text of a filter's operand -> a clean value."""
        return self.parse(text)

    def render(self, value: Any) -> Any:
        """A clean value that is not null -> its JSON value."""
        return value


@dataclass(frozen=True)
class Boolean(Field):
    """True or false."""

    kind = Kind.boolean

    def parse(self, value: Any) -> bool:
        if value is not True and value is not False:
            raise values.wrong_type("true or false", value)
        return value

    def parse_operand(self, text: str) -> bool:
        return parse_boolean(text)


def parse_boolean(text: str) -> bool:
    """`true`/`false` in any case, or `1`/`0` (docs/reference/interface.md#lists)."""
    lowered = text.lower()
    if lowered in ("true", "1"):
        return True
    if lowered in ("false", "0"):
        return False
    raise InvalidValue(FaultCode.type, "Expected true or false.")


@dataclass(frozen=True)
class Uuid(Field):
    """A UUID that refers to nothing we check by itself."""

    kind = Kind.uuid

    def parse(self, value: Any) -> str:
        return values.parse_uuid(value)


@dataclass(frozen=True)
class Reference(Field):
    """One item of another resource, `{"id": "<uuid>"}` on the wire.

    `target` is the other resource's name, `app.model`. `named`: what gives the id of an item by its
    name, which holds a dot, and raises `InvalidValue`; None where items have no such names.
    """

    kind = Kind.reference
    target: str = field(default="", kw_only=True)
    named: Callable[[str], str] | None = field(default=None, kw_only=True)

    def parse(self, value: Any) -> str:
        if not isinstance(value, dict):
            found = values.json_type(value)
            raise InvalidValue(
                FaultCode.type, f'Expected a reference such as {{"id": "<uuid>"}}, not {found}.'
            )
        if "id" not in value:
            raise InvalidValue(FaultCode.required, "A reference needs its id.", "/id")
        try:
            return self._id(value["id"])
        except InvalidValue as wrong:
            raise InvalidValue(wrong.code, wrong.detail, "/id") from None

    def parse_operand(self, text: str) -> str:
        return self._id(text)

    def _id(self, value: Any) -> str:
        if self.named is not None and isinstance(value, str) and "." in value:
            return self.named(value)
        return values.parse_uuid(value)

    def render(self, value: Any) -> dict[str, Any]:
        return {"id": value}


@dataclass(frozen=True)
class References(Field):
    """Any number of items of another resource, in no order: `[{"id": "<uuid>"}, ...]`.

    Never null; an empty array where there is none. A filter on it asks whether one of the items
    is the named one; `isnull` whether there is none.
    """

    kind = Kind.references
    nullable: bool = field(default=False, kw_only=True)
    default: Any = field(default_factory=list, kw_only=True)
    target: str = field(default="", kw_only=True)

    def parse(self, value: Any) -> list[str]:
        return sorted(_elements(value, Reference(self.name).parse))

    def parse_operand(self, text: str) -> str:
        return values.parse_uuid(text)

    def render(self, value: Any) -> list[dict[str, Any]]:
        return [{"id": pk} for pk in value]


def _elements(value: Any, parse: Callable[[Any], Any]) -> list[Any]:
    """Parse each element of an array, in which each may occur once. Raises `InvalidValue`."""
    if not isinstance(value, list):
        raise values.wrong_type("an array", value)
    parsed: dict[Any, None] = {}
    for index, element in enumerate(value):
        try:
            one = parse(element)
        except InvalidValue as wrong:
            raise InvalidValue(wrong.code, wrong.detail, f"/{index}{wrong.where}") from None
        if one in parsed:
            raise InvalidValue(FaultCode.repeated_value, "Each value may occur once.", f"/{index}")
        parsed[one] = None
    return list(parsed)


@dataclass(frozen=True)
class Date(Field):
    """A day of the calendar."""

    kind = Kind.date

    def parse(self, value: Any) -> str:
        return values.parse_date(value)


@dataclass(frozen=True)
class Number(Field):
    """A number between `minimum` and `maximum`."""

    kind = Kind.number
    minimum: float | None = field(default=None, kw_only=True)
    maximum: float | None = field(default=None, kw_only=True)

    def parse(self, value: Any) -> float:
        if type(value) not in (int, float):
            raise values.wrong_type("a number", value)
        try:
            number = float(value) + 0.0  # minus zero is zero
        except OverflowError:
            number = math.inf
        low, high = self.minimum, self.maximum
        if (
            not math.isfinite(number)
            or (low is not None and number < low)
            or (high is not None and number > high)
        ):
            raise InvalidValue(FaultCode.out_of_range, f"Expected a number from {low} to {high}.")
        return number

    def parse_operand(self, text: str) -> float:
        if re.fullmatch(r"[+-]?[0-9]+(\.[0-9]+)?([eE][+-]?[0-9]{1,3})?", text) is None:
            raise InvalidValue(FaultCode.type, "Expected a number.")
        return float(text) + 0.0


@dataclass(frozen=True)
class Time(Field):
    """A moment; RFC 3339 on the wire."""

    kind = Kind.time

    def parse(self, value: Any) -> str:
        return values.parse_time(value)

    def parse_operand(self, text: str) -> str:
        return values.parse_time(text, date_alone=True)


@dataclass(frozen=True)
class Integer(Field):
    """A whole number between `minimum` and `maximum`, or one of `options`."""

    kind = Kind.integer
    minimum: int = field(default=INT32[0], kw_only=True)
    maximum: int = field(default=INT32[1], kw_only=True)
    options: tuple[int, ...] = field(default=(), kw_only=True)

    def parse(self, value: Any) -> int:
        if type(value) is float and value.is_integer():  # in JSON, 7.0 is the whole number 7
            value = int(value)
        if type(value) is not int:
            raise values.wrong_type("a whole number", value)
        if self.options and value not in self.options:
            allowed = ", ".join(str(option) for option in self.options)
            raise InvalidValue(FaultCode.not_an_option, f"Expected one of {allowed}.")
        if not self.minimum <= value <= self.maximum:
            detail = f"Expected a number from {self.minimum} to {self.maximum}."
            raise InvalidValue(FaultCode.out_of_range, detail)
        return value

    def parse_operand(self, text: str) -> int:
        # A filter may ask for any number the database can hold, not only for those allowed.
        if re.fullmatch(r"[+-]?[0-9]{1,19}", text) is None:
            raise InvalidValue(FaultCode.type, "Expected a whole number.")
        number = int(text)
        if not INT32[0] <= number <= INT32[1]:
            detail = f"Expected a number from {INT32[0]} to {INT32[1]}."
            raise InvalidValue(FaultCode.out_of_range, detail)
        return number


@dataclass(frozen=True)
class Text(Field):
    """A string. Lengths count code points; `pattern` is matched against the whole value.

    A pattern means what it means to ECMA-262: its digits and letters are those of ASCII.
    `identifier`: what it is a spelling of (`schema.identifiers`).
    """

    kind = Kind.text
    min_length: int = field(default=0, kw_only=True)
    max_length: int | None = field(default=None, kw_only=True)
    pattern: str | None = field(default=None, kw_only=True)
    options: tuple[str, ...] = field(default=(), kw_only=True)
    format: str | None = field(default=None, kw_only=True)
    identifier: str | None = field(default=None, kw_only=True)

    def parse(self, value: Any) -> str:
        text = values.parse_text(value)
        if self.max_length is not None and len(text) > self.max_length:
            raise InvalidValue(
                FaultCode.too_long, f"At most {self.max_length} characters, not {len(text)}."
            )
        if len(text) < self.min_length:
            raise InvalidValue(
                FaultCode.too_short, f"At least {self.min_length} characters, not {len(text)}."
            )
        if self.pattern is not None and re.fullmatch(self.pattern, text, re.ASCII) is None:
            raise InvalidValue(FaultCode.format, f"Expected text of the form {self.pattern}.")
        if self.options and text not in self.options:
            raise InvalidValue(
                FaultCode.not_an_option, f"Expected one of {', '.join(self.options)}."
            )
        if self.format is not None:
            FORMATS[self.format](text)
        return text

    def parse_operand(self, text: str) -> str:
        return values.parse_text(text)


@dataclass(frozen=True)
class Object(Field):
    """A JSON object with free keys."""

    kind = Kind.object

    def parse(self, value: Any) -> dict[str, Any]:
        if not isinstance(value, dict):
            raise values.wrong_type("an object", value)
        return cast("dict[str, Any]", values.parse_json(value))


@dataclass(frozen=True)
class Objects(Field):
    """An array of JSON objects with free keys."""

    kind = Kind.objects

    def parse(self, value: Any) -> list[dict[str, Any]]:
        if not isinstance(value, list):
            raise values.wrong_type("an array", value)
        for index, element in enumerate(value):
            if not isinstance(element, dict):
                found = values.json_type(element)
                raise InvalidValue(FaultCode.type, f"Expected an object, not {found}.", f"/{index}")
        return cast("list[dict[str, Any]]", values.parse_json(value))


@dataclass(frozen=True)
class Anything(Field):
    """Any JSON value."""

    kind = Kind.anything

    def parse(self, value: Any) -> Any:
        return values.parse_json(value)


@dataclass(frozen=True)
class Texts(Field):
    """An array of strings, each at most once."""

    kind = Kind.texts

    def parse(self, value: Any) -> list[str]:
        return _elements(value, values.parse_text)


@dataclass(frozen=True)
class Rights(Object):
    """What may be done with which resource: `{"app.model": ["read", ...], ...}`."""

    def parse(self, value: Any) -> dict[str, Any]:
        rights = super().parse(value)
        for name, granted in rights.items():
            where = f"/{values.escape_pointer(name)}"
            if not re.fullmatch(r"[a-z]+\.[a-z]+", name):
                raise InvalidValue(FaultCode.format, "Expected a resource as app.model.", where)
            try:
                _elements(granted, _right)
            except InvalidValue as wrong:
                raise InvalidValue(wrong.code, wrong.detail, where + wrong.where) from None
        return rights


def _right(value: Any) -> str:
    if value not in RIGHTS:
        raise InvalidValue(FaultCode.not_an_option, f"Expected one of {', '.join(RIGHTS)}.")
    return cast("str", value)


@dataclass(frozen=True)
class Networks(Texts):
    """IP addresses and networks, version 4 or 6, such as 192.0.2.7 or 2001:db8::/32."""

    def parse(self, value: Any) -> list[str]:
        return _elements(value, _network)


def _network(value: Any) -> str:
    try:
        return str(ip_network(values.parse_text(value)))
    except ValueError as error:
        detail = f"Expected an IP address or network: {error}."
        raise InvalidValue(FaultCode.format, detail) from None


ID = Uuid("id", read_only=True, nullable=False)
CREATED_AT = Time("created_at", read_only=True, nullable=False)
ORGANIZATION = Reference("organization", target=ORGANIZATIONS)
CUSTOM_ID = Text("custom_id", max_length=128)
