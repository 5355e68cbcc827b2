"""Which state an item is in: revisions, entity tags and preconditions (RFC 9110, 8.8.3 and 13).

A tag has two parts: the *state* of the item as its reader may see it, and a digest of the bytes
that were answered. Equal tags therefore mean equal bytes, whoever reads, in whatever form; and of
an item that was read in one form a write can say that it must still be in the same state.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from portvakt.errors import Code, Problem
from portvakt.schema.fields import Field, Integer, Time

REVISION = Integer(
    "revision",
    read_only=True,
    nullable=False,
    minimum=1,
    description="Which version of the item this is: 1, 2, ... Shown only with `_changed=true`.",
)
UPDATED_AT = Time(
    "updated_at",
    read_only=True,
    nullable=False,
    description="When that version was written. Shown only with `_changed=true`.",
)
EXPECTED_REVISION = Integer(
    "_revision",
    nullable=False,
    minimum=1,
    description="The `revision` that the item must still have; else it is refused (`stale`).",
)
"""What an item of a write says of the stored one: no field of it, and never stored."""

CHANGED: dict[str, Field] = {field.name: field for field in (REVISION, UPDATED_AT)}
"""What every row says of its last write, shown only where it is asked for."""

ANY = "*"
"""The precondition that names whatever there is."""

_DIGEST_BYTES = 8  # of answers in one state: two alike by chance are out of the question
_STALE = "The item is no longer what the precondition says. Read it again."


def item_state(revision: int, updated_at: str, *, seen: bool) -> str:
    """The state of an item: which revision, its clean time, and whether personal fields show.

    The time tells two histories apart that a restored database has gone through (the numbers of
    revisions repeat there). Whether personal fields show is a part, so that what was withdrawn
    makes another state although nothing of the item was written.
    """
    return f"{revision}.{updated_at}.{'s' if seen else 'h'}"


def entity_tag(state: str, body: bytes) -> str:
    """The strong tag of an answer that shows an item in this state."""
    digest = hashlib.blake2b(body, digest_size=_DIGEST_BYTES).hexdigest()
    return f'"{state}-{digest}"'


def _state_of(tag: str) -> str:
    return tag.strip('"').rpartition("-")[0]


@dataclass(frozen=True, slots=True)
class Preconditions:
    """What a request's If-Match and If-None-Match say: tags in quotes, or `ANY` alone.

    Empty where the header wasn't sent. Weak tags are only in `if_none_match`, without their `W/`:
    an If-Match compares strongly, so that a weak one matches nothing.
    """

    if_match: tuple[str, ...] | None = None
    if_none_match: tuple[str, ...] | None = None

    def __bool__(self) -> bool:
        return self.if_match is not None or self.if_none_match is not None

    def check_write(self, state: str | None) -> None:
        """Raise `Problem` (precondition_failed) unless what is to be changed is as they say.

        `state` is that of the item; None: there is something, but it has no tag (a list).
        """
        self._check_match(state)
        if self.if_none_match is not None and self._names(self.if_none_match, state):
            raise Problem(Code.precondition_failed, _STALE)

    def check_nothing(self) -> None:
        """Raise `Problem` (precondition_failed) where they ask for something: there is nothing."""
        if self.if_match is not None:
            raise Problem(Code.precondition_failed, "There is no item here that it could name.")

    def is_known(self, tag: str | None) -> bool:
        """Whether the reader has this answer already, so that 304 tells enough.

        `tag` is the answer's; None: it has none. Raises `Problem` (precondition_failed).
        """
        self._check_match(None if tag is None else _state_of(tag))
        known = self.if_none_match
        return known is not None and (ANY in known or tag in known)

    def _check_match(self, state: str | None) -> None:
        if self.if_match is not None and not self._names(self.if_match, state):
            raise Problem(Code.precondition_failed, _STALE)

    @staticmethod
    def _names(tags: tuple[str, ...], state: str | None) -> bool:
        return ANY in tags or (state is not None and state in map(_state_of, tags))


NO_PRECONDITIONS = Preconditions()
