"""What a resource says of persons: whose personal information it holds, and who answered.

Fields declared `personal` are shown to an integration only where it may see the person (contract,
section 9). Whose person that is, a resource declares in `persons`; an item without a step that
leads to a person who may be seen shows none of its personal fields. What decides are the answers:
one resource declares by `Decides` that its items are answers.
"""

from __future__ import annotations

from typing import NamedTuple


class Decides(NamedTuple):
    """An item is a person's answer to an integration; the latest one decides.

    - `answer`: the boolean field that holds the yes or no.
    - `integration`: the field that names the integration.
    - `persons`: the fields of which one names the person, by the kind of person that callers say.
    - `table`: the table that holds the answer that decides for each pair (`storage.gate`).
    """

    answer: str
    integration: str
    persons: tuple[tuple[str, str], ...]
    table: str

    @property
    def fields(self) -> tuple[str, ...]:
        """The fields that say something: who, to whom, and what."""
        return (self.answer, self.integration, *(field for _, field in self.persons))


class Itself(NamedTuple):
    """The item is a person. Nobody sees one whose boolean field `sharing` is false."""

    sharing: str | None = None

    @property
    def own(self) -> tuple[str, ...]:
        """The item's own fields that the step names."""
        return (self.sharing,) if self.sharing else ()


class Of(NamedTuple):
    """The item is about the person that its `field` refers to."""

    field: str

    @property
    def own(self) -> tuple[str, ...]:
        """The item's own fields that the step names."""
        return (self.field,)


class Held(NamedTuple):
    """The item belongs to each person of `resource` who refers to it by `field`."""

    resource: str
    field: str

    @property
    def own(self) -> tuple[str, ...]:
        """The item's own fields that the step names."""
        return ()


Step = Itself | Of | Held
