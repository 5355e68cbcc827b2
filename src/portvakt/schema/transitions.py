"""Rules between an item before and after a write. Pure, like `schema.rules`."""

from __future__ import annotations

from collections.abc import Container, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from portvakt.errors import Fault, FaultCode
from portvakt.schema.values import same

Item = Mapping[str, Any]


@dataclass(frozen=True)
class Transitions:
    """The steps that a field may take: pairs of a value and the one after it."""

    field: str
    steps: tuple[tuple[Any, Any], ...]

    @property
    def own(self) -> tuple[str, ...]:
        """The fields that it names."""
        return (self.field,)

    def faults(self, before: Item, after: Item) -> Iterator[Fault]:
        """What is wrong with the write."""
        step = (before[self.field], after[self.field])
        if step[0] != step[1] and step not in self.steps:
            allowed = " or ".join(str(to) for start, to in self.steps if start == step[0])
            detail = f"From {step[0]} it can become {allowed or 'nothing else'}."
            yield Fault(FaultCode.not_an_option, f"/{self.field}", detail)


@dataclass(frozen=True)
class Sealed:
    """Once `field` has one of `values`, only the fields in `but` can change."""

    field: str
    values: tuple[Any, ...]
    but: tuple[str, ...]

    @property
    def own(self) -> tuple[str, ...]:
        """The fields that it names."""
        return (self.field, *self.but)

    def faults(self, before: Item, after: Item) -> Iterator[Fault]:
        """What is wrong with the write."""
        if before[self.field] not in self.values:
            return
        for name, value in after.items():
            if name not in self.but and value != before[name]:
                detail = f"This can't change any more: the {self.field} is {before[self.field]}."
                yield Fault(FaultCode.sealed, f"/{name}", detail, fields=(self.field,))


@dataclass(frozen=True)
class Fixed:
    """What the item says in these fields never changes after it was created."""

    own: tuple[str, ...]

    def faults(self, before: Item, after: Item) -> Iterator[Fault]:
        """What is wrong with the write."""
        for name in self.own:
            if after[name] != before[name]:
                detail = "This can't change after the item was created: create another one."
                yield Fault(FaultCode.sealed, f"/{name}", detail)


@dataclass(frozen=True)
class Resets:
    """What belongs to one event doesn't outlive it.

    A write that changes one of the fields `on` gives the `fields` of which it says nothing their
    defaults: what is stored there belongs to what was said before.
    """

    on: tuple[str, ...]
    fields: tuple[str, ...]

    @property
    def own(self) -> tuple[str, ...]:
        """The fields that it names."""
        return (*self.on, *self.fields)

    def reset(self, before: Item, after: Item, given: Container[str]) -> tuple[str, ...]:
        """The fields that a write resets; `given`: those that it says something of."""
        if all(same(before[name], after[name]) for name in self.on):
            return ()
        return tuple(name for name in self.fields if name not in given)


TransitionRule = Transitions | Sealed | Fixed
