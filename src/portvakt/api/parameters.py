"""The parameters of a query string, taken one by one, and every fault of them collected."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any
from urllib.parse import unquote_plus

from portvakt.errors import Code, Fault, FaultCode, Problem
from portvakt.schema.fields import Field
from portvakt.schema.values import InvalidValue, nearest

LISTS = ("_fields", "_order_by", "global_realestates", "global_segments")
"""The parameters that are lists: repeated, as some clients send them, they are one list."""

MAX_PARAMETERS = 200
"""The most parameters of any request: more are not even looked at."""

Pairs = Sequence[tuple[str, str]]


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


def without_effect(name: str, other: str, instead: str = "") -> Fault:
    """A fault of the parameter `name`, which has nothing to do beside the parameter `other`.

    `instead`: what else mends it than to leave it out.
    """
    said = f"This value can't bet set, when any of the following fields are set: {other}"
    detail = f"{said}. Leave `{name}` out{instead}: it would change nothing."
    return fault(name, FaultCode.excludes, detail, (other,))


class Controls:
    """The parameters that are not filters, taken by name, faults collected.

    Each may be given once, but for lists, which may go on in a repeated parameter.
    """

    def __init__(self, pairs: Pairs, known: Sequence[str]) -> None:
        self.known = known
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
        except InvalidValue as wrong:
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
