"""Rules between the fields of one item, with the reference's sentences ("can't bet set" included).

docs/reference/interface.md#rules lists them.

A rule is a frozen value over field names. `faults` checks a merged item of clean values;
`sentence` is what the reference says of one of its fields. The database enforces the same rules
by CHECK constraints made from these values (`storage.sql.tables`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from portvakt.errors import Fault, FaultCode

Item = Mapping[str, Any]


@dataclass(frozen=True)
class Rule:
    """A condition on several `fields` of one item."""

    fields: tuple[str, ...]

    @property
    def own(self) -> tuple[str, ...]:
        """The fields that it names."""
        return self.fields

    def faults(self, item: Item) -> Iterator[Fault]:
        """What is wrong with `item`, each with a pointer to a field."""
        raise NotImplementedError

    def sentence(self, name: str) -> str | None:
        """The reference's sentence about the field `name`, if the rule says something of it."""
        raise NotImplementedError

    def _others(self, name: str) -> str:
        return ", ".join(other for other in self.fields if other != name)

    def _set(self, item: Item) -> tuple[str, ...]:
        return tuple(name for name in self.fields if item.get(name) is not None)


class AtMostOneOf(Rule):
    """No two of the fields may be set."""

    def faults(self, item: Item) -> Iterator[Fault]:
        present = self._set(item)
        if len(present) <= 1:
            return
        for name in present:
            others = tuple(other for other in present if other != name)
            yield Fault(FaultCode.excludes, f"/{name}", self.sentence(name), fields=others)

    def sentence(self, name: str) -> str:
        return (
            "This value can't bet set, when any of the following fields are set: "
            + self._others(name)
        )


class AtLeastOneOf(Rule):
    """One of the fields must be set."""

    def faults(self, item: Item) -> Iterator[Fault]:
        if not self._set(item):
            first, *others = self.fields
            detail = self.sentence(first)
            yield Fault(FaultCode.at_least_one, f"/{first}", detail, fields=tuple(others))

    def sentence(self, name: str) -> str:
        return "This field, or at least one of the following fields must be set: " + self._others(
            name
        )


class SetTogether(Rule):
    """All of the fields are set, or none."""

    def faults(self, item: Item) -> Iterator[Fault]:
        present = self._set(item)
        if present and len(present) < len(self.fields):
            for name in self.fields:
                if name not in present:
                    detail = self.sentence(name)
                    yield Fault(FaultCode.set_together, f"/{name}", detail, fields=present)

    def sentence(self, name: str) -> str:
        return "This value must be set together with the following fields: " + self._others(name)


class Requires(Rule):
    """The first field needs all the others."""

    def faults(self, item: Item) -> Iterator[Fault]:
        first, *others = self.fields
        missing = tuple(name for name in others if item.get(name) is None)
        if item.get(first) is not None and missing:
            detail = self.sentence(first) or ""
            yield Fault(FaultCode.requires, f"/{first}", detail, fields=missing)

    def sentence(self, name: str) -> str | None:
        if name != self.fields[0]:
            return None
        return "This value requires that the following fields are also set: " + self._others(name)


class ProperOrder(Rule):
    """Dates or times in which none comes before the one declared before it."""

    def faults(self, item: Item) -> Iterator[Fault]:
        present = self._set(item)
        for earlier, later in pairwise(present):
            if item[earlier] > item[later]:
                detail = self.sentence(later)
                yield Fault(FaultCode.wrong_order, f"/{later}", detail, fields=(earlier,))

    def sentence(self, name: str) -> str:
        return (
            "This value must be set in an proper order, in relation to the following fields: "
            + self._others(name)
        )


def exactly_one_of(*names: str) -> tuple[Rule, Rule]:
    """Exactly one of the fields must be set."""
    return AtMostOneOf(names), AtLeastOneOf(names)
