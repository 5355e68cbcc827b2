"""What an item takes over from, and must share with, an item that it names.

A look-up is declared beside the rules. It is judged whenever an item is written, with the named
item at hand; the database part is `operations.writing.checks.lookups`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from portvakt.errors import Fault, FaultCode

Item = Mapping[str, Any]


class Available(NamedTuple):
    """The named item may be chosen anew only while its `field` has one of `values`.

    Where it has one of `listed`, only by the customers in its field `customers`.
    """

    field: str
    values: tuple[str, ...]
    listed: tuple[str, ...] = ()
    customers: str = ""


@dataclass(frozen=True)
class LookUp:
    """The item of `target` whose id is in `field`.

    - `agrees`: pairs of a field and one of the named item's, which must be equal; where that is
      null, anything will do.
    - `mirrors`: read-only fields that are copied from the named item's of the same name.
    - `available`: when the named item may be chosen.
    """

    field: str
    target: str
    agrees: tuple[tuple[str, str], ...] = ()
    mirrors: tuple[str, ...] = ()
    available: Available | None = None

    @property
    def own(self) -> tuple[str, ...]:
        """The fields that it names."""
        return (self.field, *(own for own, _ in self.agrees), *self.mirrors)

    def faults(self, item: Item, named: Item, customer: str, *, anew: bool) -> Iterator[Fault]:
        """What is wrong with `item`; `anew`: the named item was not chosen before."""
        for own, others in self.agrees:
            if item[own] not in (None, named[others]) and named[others] is not None:
                detail = f"This must be the {others} of the item in {self.field}."
                yield Fault(FaultCode.mismatch, f"/{own}", detail, fields=(self.field,))
        if anew and self.available and not _may_choose(self.available, named, customer):
            detail = f"The item can't be chosen: its {self.available.field} does not allow it."
            yield Fault(FaultCode.not_available, f"/{self.field}", detail)


def _may_choose(available: Available, named: Item, customer: str) -> bool:
    state = named[available.field]
    listed = state in available.listed and customer in named[available.customers]
    return state in available.values or listed


@dataclass(frozen=True)
class ExclusiveGroup:
    """While an item is `active` and its `flag` is set, no other of its `group` may be active.

    Where none claims the group for itself, the active item with the highest `priority` decides;
    of several the oldest.
    """

    group: str
    active: str
    flag: str
    priority: str

    @property
    def own(self) -> tuple[str, ...]:
        """The fields that it names."""
        return (self.group, self.active, self.flag, self.priority)
