"""What a resource says of persons: whose personal information it holds, and who answered.

Fields declared `personal` are shown to an integration only where it may see the person (decision
record 31). Whose person that is, a resource declares in `persons`; an item without a step that
leads to a person who may be seen shows none of its personal fields. What decides are the answers:
one resource declares by `AnswerFields` that its items are answers.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence, Set
from typing import NamedTuple

from portvakt.schema.fields import Field, References
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
    def fields(self) -> tuple[str, ...]:
        """The fields that say something: who, to whom, what, to which notice, and until when."""
        persons = (field for _, field in self.persons)
        evidence = (self.expires, self.notice.field, *self.given)
        return (self.answer, self.integration, *persons, *evidence)


class IsPerson(NamedTuple):
    """The item is a person. Nobody sees one whose boolean field `sharing` is false."""

    sharing: str | None = None

    @property
    def own(self) -> tuple[str, ...]:
        """The item's own fields that the step names."""
        return (self.sharing,) if self.sharing else ()


class AboutPerson(NamedTuple):
    """The item is about the person that its `field` refers to."""

    field: str

    @property
    def own(self) -> tuple[str, ...]:
        """The item's own fields that the step names."""
        return (self.field,)


class BelongsTo(NamedTuple):
    """The item belongs to each person of `resource` who refers to it by `field`."""

    resource: str
    field: str

    @property
    def own(self) -> tuple[str, ...]:
        """The item's own fields that the step names."""
        return ()


Step = IsPerson | AboutPerson | BelongsTo


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
