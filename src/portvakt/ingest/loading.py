"""Lines of a file, written in bulk: what is refused is told by the line's number.

A line may name the items that it refers to by another key than their id, such as
`organization.custom_id`; they are looked up for all lines of a chunk at once.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from portvakt.errors import Fault, FaultCode
from portvakt.operations.context import Context
from portvakt.operations.writing import write
from portvakt.operations.writing.changes import Bulk
from portvakt.operations.writing.match import normal_key, stored_ids
from portvakt.schema.fields import CUSTOM_ID, Reference, References
from portvakt.schema.operators import Kind
from portvakt.schema.resource import Resource
from portvakt.schema.validation import parse_body

AnyReference = Reference | References


class NamedItems(NamedTuple):
    """Items that a reference field names by their `key`: one text, or any number of them."""

    field: AnyReference
    key: str
    values: tuple[str, ...]

    @property
    def where(self) -> str:
        """The pointer of a fault."""
        return f"/{self.field.name}.{self.key}"


@dataclass(slots=True)
class Line:
    """One item as it was sent.

    - `number`: the number of its line. `body`: what was said of it, as the API takes it.
    - `named`: references that aren't in the body yet. `faults`: what could not be read.
    """

    number: int
    body: dict[str, Any] = field(default_factory=dict)
    named: list[NamedItems] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)


class LineResult(NamedTuple):
    """What became of a line: `created`, `updated`, `unchanged` or `refused`; and why."""

    number: int
    outcome: str
    faults: Sequence[Fault] = ()


def keys_of(target: Resource) -> list[str]:
    """The fields by which an item can be named: `custom_id`, and texts that are unique alone."""
    unique = [key.fields[0] for key in target.unique if len(key.fields) == 1]
    known = [CUSTOM_ID.name, *unique]
    return [
        name
        for name in dict.fromkeys(known)
        if name in target.by_name and target.by_name[name].kind is Kind.text
    ]


async def load(
    context: Context, resource: Resource, lines: Sequence[Line], match: tuple[str, ...] = ()
) -> list[LineResult]:
    """Write the lines that are right, in one bulk write; what became of each, in order.

    Raises `Problem` (forbidden), `DatabaseUnavailable`, `TransactionConflict`.
    """
    await look_up(context, lines)
    good = [line for line in lines if not line.faults]
    how = Bulk(atomic=False, match=match)
    numbers = [line.number for line in good]
    changes = await write.bulk(context, resource, [line.body for line in good], how, numbers)
    done = {
        change.index: LineResult(change.index, change.outcome, tuple(change.faults))
        for change in changes
    }
    return [done.get(line.number) or _refused(resource, line) for line in lines]


def _refused(resource: Resource, line: Line) -> LineResult:
    """A line that could not be read; what is wrong with the rest of it is told too."""
    return LineResult(
        line.number, "refused", (*line.faults, *parse_body(resource, line.body).faults)
    )


async def look_up(context: Context, lines: Iterable[Line]) -> None:
    """Put the ids of the items that the lines name into their bodies, or a fault on the line."""
    wanted: dict[tuple[str, str], dict[str, None]] = {}
    lines = [line for line in lines if line.named]
    for line in lines:
        for named in line.named:
            wanted.setdefault((named.field.target, named.key), {}).update(
                dict.fromkeys(named.values)
            )
    found = {kind: await _found(context, *kind, list(values)) for kind, values in wanted.items()}
    for line in lines:
        for named in line.named:
            _name(line, named, found[named.field.target, named.key])


async def _found(
    context: Context, target: str, key: str, values: Sequence[str]
) -> dict[str, list[str]]:
    """The ids of the target's items by their key."""
    if not values:
        return {}
    resource = context.store.registry.resources[target]
    keys = [normal_key(resource, (key,), (value,)) for value in values]
    if context.within is not None:
        ids = await stored_ids(context, context.within, resource, (key,), keys)
    else:
        async with context.store.database.snapshot() as connection:
            ids = await stored_ids(context, connection, resource, (key,), keys)
    return {value: ids.get(one, []) for value, one in zip(values, keys, strict=True)}


def _name(line: Line, named: NamedItems, found: dict[str, list[str]]) -> None:
    faults = [fault for value in named.values if (fault := _fault(named, value, found)) is not None]
    line.faults += faults
    if faults:
        return
    ids = [{"id": found[value][0]} for value in named.values]
    line.body[named.field.name] = ids if isinstance(named.field, References) else ids[0]


def _fault(named: NamedItems, value: str, found: dict[str, list[str]]) -> Fault | None:
    ids = found.get(value, [])
    if len(ids) == 1:
        return None
    code = FaultCode.conflict if ids else FaultCode.not_found
    who = f"{len(ids)} items of" if ids else "No item of"
    verb = "have" if ids else "has"
    detail = f"{who} {named.field.target} {verb} the {named.key} {value!r}."
    return Fault(code, named.where, detail)
