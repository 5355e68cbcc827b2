"""What a resource declares that a write is held against, besides its fields.

In which order a write is held against them, and why, stands in `operations.writing.checking`; what
of it the database enforces too, in `storage.sql.checks` and the indexes of `storage.sql.tables`.
"""

from __future__ import annotations

from typing import NamedTuple

from portvakt.schema.lookups import ExclusiveGroup, LookUp
from portvakt.schema.rules import Rule
from portvakt.schema.transitions import Resets, TransitionRule


class Unique(NamedTuple):
    """Fields whose values together occur once within a customer. Null equals nothing.

    With `without`, only among items whose field of that name is null.
    """

    fields: tuple[str, ...]
    without: str | None = None

    @property
    def own(self) -> tuple[str, ...]:
        """The fields that it names."""
        return (*self.fields, *((self.without,) if self.without else ()))


Check = Rule | Unique | LookUp | TransitionRule | Resets | ExclusiveGroup
"""A rule of one item; its key; what it shares with another; how it may change; its group."""
