"""Paths from an item: to the object of a level that it belongs to, or to the persons it is about.

Levels are content types: an organization, a company, a real estate, a tenant. A resource declares
its steps (`schema.rows.Within`); an item belongs to an object if one of them leads there. A
resource without a step that leads to a level is empty at that level.
"""

from __future__ import annotations

from typing import NamedTuple

from portvakt.schema import known

REALESTATES = known.REAL_ESTATES
"""The level that `global_realestates` and `global_segments` ask about."""

SEGMENTS = (known.SEGMENTS, "realestates")
"""The resource that groups real estates, and its field that holds them."""

WIDE = (known.ORGANIZATIONS, known.COMPANIES)
"""The levels of whose objects one holds much of what a customer has."""


class IsObject(NamedTuple):
    """The item is an object of a level.

    `parent` is the field that refers to the object that it is a part of, if there is one: an
    activation on an object reaches its parts.
    """

    parent: str | None = None

    @property
    def own(self) -> tuple[str, ...]:
        """The item's own fields that it names."""
        return (self.parent,) if self.parent else ()


class RefersTo(NamedTuple):
    """The item belongs where the item, or one of those, that its `field` refers to belongs.

    Where `only`, no other step counts at the level of what the field refers to: a tenant
    belongs to its own organization, whatever its real estates belong to.
    """

    field: str
    only: bool = False

    @property
    def own(self) -> tuple[str, ...]:
        """The item's own fields that it names."""
        return (self.field,)


class ReferredBy(NamedTuple):
    """The item belongs where an item of `resource` belongs that refers to it by `field`."""

    resource: str
    field: str

    @property
    def own(self) -> tuple[str, ...]:
        """The item's own fields that it names."""
        return ()


class RefersGenerically(NamedTuple):
    """The item belongs where the item belongs that its generic reference points at.

    Where we hold no such items, everybody who may read the resource reaches it; no list of real
    estates concerns it. `kinds` are the resources whose items it can be, if they are few: each
    costs every statement a look-up.
    """

    content_type: str
    object_id: str
    kinds: tuple[str, ...] = ()

    @property
    def own(self) -> tuple[str, ...]:
        """The item's own fields that it names."""
        return (self.content_type, self.object_id)


class Unassigned(NamedTuple):
    """An item that names nothing in `field` is everybody's who may read the resource.

    No list of real estates concerns it.
    """

    field: str

    @property
    def own(self) -> tuple[str, ...]:
        """The item's own fields that it names."""
        return (self.field,)


class OwnActivation(NamedTuple):
    """An item that names an activation in `field` is within its reach, wherever that may be.

    No list of real estates concerns it.
    """

    field: str

    @property
    def own(self) -> tuple[str, ...]:
        """The item's own fields that it names."""
        return (self.field,)


Step = IsObject | RefersTo | ReferredBy | RefersGenerically | Unassigned | OwnActivation
