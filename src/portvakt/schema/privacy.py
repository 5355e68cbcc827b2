"""What a resource is to persons: persons, what is known of them, or what they answered.

Fields declared `personal` are shown to an integration only where it may see the person (decision
record 31). An item from which no step leads to a person who may be seen shows none of its personal
fields. What decides are the answers: the items of one resource.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence, Set
from dataclasses import dataclass
from typing import NamedTuple

from portvakt.schema.fields import Field, References
from portvakt.schema.paths import ReferredBy, RefersTo
from portvakt.schema.rules import AtLeastOneOf, Requires, Rule


class NoticeReference(NamedTuple):
    """What a person was told: the notice that an answer names in `field`.

    `version`, `material` and `integration` are the notice's fields: its number, whether it changed
    something that matters, and the integration that it is about (null: all).
    """

    field: str
    version: str
    material: str
    integration: str


class AnswerFields(NamedTuple):
    """An item is a person's answer to an integration; the latest one decides.

    - `answer`: the boolean field that holds the yes or no.
    - `integration`: the field that names the integration.
    - `persons`: the fields of which one names the person, by the kind of person that callers say.
    - `table`: the table that holds the answer that decides for each pair (`masking`).
    - `expires`: the field that holds the moment from which the answer doesn't count any more.
    - `notice`: the notice that was answered to.
    - `given`: further fields that tell how the answer was given.
    """

    answer: str
    integration: str
    persons: tuple[tuple[str, str], ...]
    table: str
    expires: str
    notice: NoticeReference
    given: tuple[str, ...] = ()

    @property
    def own(self) -> tuple[str, ...]:
        """The fields that say something: who, to whom, what, to which notice, and until when."""
        persons = (field for _, field in self.persons)
        evidence = (self.expires, self.notice.field, *self.given)
        return (self.answer, self.integration, *persons, *evidence)


class Person(NamedTuple):
    """The items are persons, who can be erased.

    - `sharing`: a boolean field; nobody sees a person of whom it is false.
    - `anonymized`: a boolean field that is true of an erased person (`schema.erasure`).
    """

    sharing: str | None = None
    anonymized: str | None = None

    @property
    def own(self) -> tuple[str, ...]:
        """The item's own fields that it names."""
        return tuple(name for name in self if name)


PersonStep = Person | RefersTo | ReferredBy
"""How one finds a person from an item: it is one, refers to one, or is referred to by one."""


@dataclass(frozen=True, init=False)
class OfPersons:
    """The items hold information of the persons to whom the steps lead."""

    steps: tuple[RefersTo | ReferredBy, ...]

    def __init__(self, *steps: RefersTo | ReferredBy) -> None:
        object.__setattr__(self, "steps", steps)

    @property
    def own(self) -> tuple[str, ...]:
        """The item's own fields that it names."""
        return tuple(name for step in self.steps for name in step.own)


Privacy = Person | OfPersons | AnswerFields
"""What a resource is to persons. Of one that isn't any of these nobody is told anything."""


def mistakes(
    fields: Sequence[Field], rules: Sequence[Rule], keys: Sequence[Sequence[str]]
) -> Iterator[str]:
    """What in a declaration would let somebody infer what a personal field holds."""
    personal = {field.name for field in fields if field.personal}
    settable = {field.name for field in fields if not (field.read_only or field.internal)}
    for field in fields:
        if field.personal and isinstance(field, References):
            yield f"The field `{field.name}` can't be personal: it refers to many items."
    for rule in rules:
        if personal.intersection(rule.fields) and not _tells_nothing(rule, personal):
            yield f"The rule {type(rule).__name__} can't be judged without personal fields."
    for key in keys:
        for name in sorted(personal.intersection(key) & settable):
            yield f"A unique key with the personal field `{name}` would tell what it holds."


def _tells_nothing(rule: Rule, personal: Set[str]) -> bool:
    """Whether an item keeps the rule if it would with its personal fields null."""
    if isinstance(rule, Requires):
        return rule.fields[0] not in personal
    return isinstance(rule, AtLeastOneOf)
