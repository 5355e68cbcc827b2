"""What can be done with a resource besides the six operations, such as rotating a credential."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from portvakt.schema.caller_kinds import CallerKind
from portvakt.schema.fields import Boolean, Field
from portvakt.schema.rules import Rule

END = Boolean(
    "_end",
    description='The last line is `{"_end":{"count":N}}`, after N others. An answer that was cut '
    "off hasn't got it, whatever carried it.",
)
"""The parameter that asks an answer in lines to say where it ends."""


class Answers(Enum):
    """The form of an answer.

    - `item`: an item of the resource, with more fields behind its own.
    - `object`: one object; `array`: an array of such.
    - `lines`: one such object a line, streamed.
    - `page`: streamed as one object, or as a page to who accepts HTML.
    """

    item = "item"
    object = "object"
    array = "array"
    lines = "lines"
    page = "page"


@dataclass(frozen=True, kw_only=True, eq=False)
class Action:
    """One thing to do, by POST with a JSON object; or to ask for, by GET.

    `portvakt.action_table` says what does it.

    - `name`: what it is called in documents.
    - `tail`: of the path, below the resource's (`""`, `{pk}/rotate/`), or the whole path.
    - `method`: POST or GET.
    - `body`: the fields of the request's object.
    - `query`: the parameters of the query string, as fields; each may be left out.
    - `answer`: the fields of the answer's, in the form `answers_with`.
    - `asking`: the field that names an integration. One that leaves it out asks about itself;
      people have to say it.
    - `rules`: between the parameters, or the fields of the body.
    - `each`: the body is an array of such objects; an array of answers tells of each in order.
    - `writes`: it changes something; so it can be asked for with an `Idempotency-Key`.
    - `shows_secret`: its answer shows what is never shown again.
    - `public`: no credentials are needed.
    - `callers`: the kinds of caller that may; left out: all who may use the resource.
    """

    name: str
    tail: str
    title: str
    description: str
    success: str
    method: str = "POST"
    body: tuple[Field, ...] = ()
    query: tuple[Field, ...] = ()
    answer: tuple[Field, ...] = ()
    answers_with: Answers = Answers.item
    asking: str | None = None
    rules: tuple[Rule, ...] = ()
    each: bool = False
    status: int = 200
    writes: bool = False
    shows_secret: bool = False
    public: bool = False
    callers: tuple[CallerKind, ...] = ()

    @property
    def asked(self) -> tuple[Field, ...]:
        """The parameters of the query string, with what all answers in lines have."""
        return (*self.query, END) if self.answers_with is Answers.lines else self.query

    def path(self, resource_path: str) -> str:
        """The path template, `{pk}` for the item's id."""
        return self.tail if self.tail.startswith("/") else resource_path + self.tail
