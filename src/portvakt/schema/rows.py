"""Which rows of a resource a caller may touch: rules, each of which is one condition.

All of them hold, in this order. A rule binds a caller where its `RowAccess` says so; what it is in
SQL stands in `storage.row_security.row_rules`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from portvakt.schema import paths


class OfApplication(NamedTuple):
    """Rows are of the application in `field`, which the server sets from the caller.

    Where `shared`, rows that have no value are everybody's.
    """

    field: str
    shared: bool = False

    @property
    def own(self) -> tuple[str, ...]:
        """The item's own fields that it names."""
        return (self.field,)


class AboutActivation(NamedTuple):
    """Rows are about the activation in `field`; those that have no value are everybody's."""

    field: str

    @property
    def own(self) -> tuple[str, ...]:
        """The item's own fields that it names."""
        return (self.field,)


@dataclass(frozen=True, init=False)
class Within:
    """Rows belong to the object of the caller's activation: one of the steps leads there."""

    steps: tuple[paths.Step, ...]

    def __init__(self, *steps: paths.Step) -> None:
        object.__setattr__(self, "steps", steps)

    @property
    def own(self) -> tuple[str, ...]:
        """The item's own fields that it names."""
        return tuple(name for step in self.steps for name in step.own)


@dataclass(frozen=True, init=False)
class Connected:
    """Rows name, in one of the fields, an item that the caller's application has connected.

    That is, with an id of its own. Without fields all rows are as good as connected.
    """

    fields: tuple[str, ...]

    def __init__(self, *fields: str) -> None:
        object.__setattr__(self, "fields", fields)

    @property
    def own(self) -> tuple[str, ...]:
        """The item's own fields that it names."""
        return self.fields


RowRule = OfApplication | AboutActivation | Within | Connected

_EVERYWHERE = (Within(), Connected("id"))
_ORDER = (OfApplication, AboutActivation, Within, Connected)
"""What is cheap to look at stands before what is looked up."""


def complete(declared: Sequence[RowRule], *, platform: bool) -> tuple[RowRule, ...]:
    """The declared rules, and those that hold where nothing is said of them, in their order.

    Rows of the platform belong to no object, and nobody connects them.
    """
    kinds = {type(rule) for rule in declared}
    usual = () if platform else [rule for rule in _EVERYWHERE if type(rule) not in kinds]
    return tuple(sorted((*declared, *usual), key=lambda rule: _ORDER.index(type(rule))))
