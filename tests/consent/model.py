"""What callers have said to each other, in plain Python: who may be seen, now and then."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, NamedTuple

from tests.support.naive_decision import expected
from tests.support.stores import (
    ORGANIZATION_USER,
    SUB_TENANT,
    TENANT,
    Customer,
)

SHARING = "allows_external_personal_information_sharing"
KINDS = {"tenant": TENANT, "sub_tenant": SUB_TENANT, "organization_user": ORGANIZATION_USER}
PEOPLE = -1
"""The caller who is no integration; the others are told by their places."""
INTEGRATIONS = (0, 1)


class Person(NamedTuple):
    """A person of a kind, by the place among the customer's."""

    kind: str
    place: int


PERSONS = (
    Person("tenant", 0),
    Person("tenant", 1),
    Person("sub_tenant", 0),
    Person("organization_user", 0),
)


class Pair(NamedTuple):
    """An integration, by its place, and a person."""

    integration: int
    person: Person


PAIRS = [Pair(integration, person) for integration in INTEGRATIONS for person in PERSONS]


class Told(NamedTuple):
    """A notice: its version, whether it changed something, and whom it is about (None: all)."""

    version: int
    material: bool
    about: int | None


class Answer(NamedTuple):
    """What an answer says; `name` and `note` are not part of it."""

    pair: Pair
    yes: bool
    notice: str | None = None
    expires_at: str | None = None
    method: str | None = None
    name: str | None = None
    note: str | None = None

    @property
    def said(self) -> tuple[Any, ...]:
        """What decides."""
        return self[:5]


@dataclass
class Model:
    """What there is, who has said what last, and what each moment was."""

    customer: Customer
    answers: dict[str, Answer] = field(default_factory=dict)
    deciding: dict[Pair, str] = field(default_factory=dict)
    notices: dict[str, Told] = field(default_factory=dict)
    modes: dict[int, int | None] = field(default_factory=lambda: dict.fromkeys(INTEGRATIONS, 0))
    active: dict[int, bool] = field(default_factory=lambda: dict.fromkeys(INTEGRATIONS, True))
    sharing: dict[Person, bool | None] = field(default_factory=dict)
    writes: dict[str, list[str]] = field(default_factory=dict)
    moments: dict[str, dict[str, Answer]] = field(default_factory=dict)

    def put(self, pk: str, answer: Answer) -> None:
        """An answer is created or overwritten; the same again is no write."""
        before = self.answers.get(pk)
        if before == answer:
            return
        self.writes.setdefault(pk, []).append("created" if before is None else "updated")
        self.answers[pk] = answer
        if before is not None and before.said == answer.said:
            return
        if before is not None and before.pair != answer.pair:
            self._leave(before.pair, pk)
        self.deciding[answer.pair] = pk

    def delete(self, pk: str) -> None:
        """An answer goes."""
        self._leave(self.answers.pop(pk).pair, pk)
        self.writes[pk].append("deleted")

    def _leave(self, pair: Pair, pk: str) -> None:
        if self.deciding.get(pair) == pk:
            del self.deciding[pair]

    def allows(self, caller: int, before: Answer | None, after: Answer) -> bool:
        """Whether the caller may write this, and it is right."""
        known = [one.pair.integration for one in (before, after) if one is not None]
        if caller != PEOPLE and {*known} != {caller}:
            return False
        return after.notice is None or self.notices[after.notice].about in (
            None,
            after.pair.integration,
        )

    def counting(self, pair: Pair, now: str) -> str | None:
        """The answer that counts for a pair."""
        pk = self.deciding.get(pair)
        answer = self.answers.get(pk or "")
        if pk is None or answer is None:
            return None
        if answer.expires_at is not None and answer.expires_at <= now:
            return None
        if self.modes[pair.integration] in (2, None) and answer.notice is not None:
            changes = [
                told.version
                for told in self.notices.values()
                if told.material and told.about in (None, pair.integration)
            ]
            if any(self.notices[answer.notice].version < version for version in changes):
                return None
        return pk

    def decision(self, pair: Pair, now: str) -> tuple[bool, str, str | None]:
        """Whether it is allowed, why, and the answer that counts."""
        pk = self.counting(pair, now)
        yes = self.answers[pk].yes if pk else None
        mode, active = self.modes[pair.integration], self.active[pair.integration]
        return (*expected(active, True, mode, self.sharing.get(pair.person), yes), pk)
