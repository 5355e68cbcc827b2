"""The decision: may this integration see this person's personal information now? Pure.

The table stands in docs/explanation/consent.md#the-decision. Everything that decides follows from
`decide`: the mask in each statement by `accepted_answers`, and the answers of
`/integrations/decision/`.
"""

from __future__ import annotations

from enum import Enum
from functools import cache
from typing import NamedTuple

Answer = bool | None
"""A person's answer: yes, no, or none."""

ANSWERS: tuple[Answer, ...] = (None, True, False)


class Reason(Enum):
    """Why it was decided so. The name is stable on the wire."""

    inactive = "The activation is not active."
    not_requested = "The service's version does not require personal information."
    sharing_forbidden = "The person allows no integration to see it."
    answer_not_needed = "The activation needs no answer."
    assumed = "Nobody has said no."
    answered_yes = "The person has said yes."
    answered_no = "The person has said no."
    not_answered = "The person has not said yes."
    unknown = "There is no such activation or person, or the person is out of reach."


class Decision(NamedTuple):
    """Whether the integration may see the person's information, and why."""

    allowed: bool
    reason: Reason


class ConsentTerms(NamedTuple):
    """What counts of an activation.

    - `active`: whether it is. `requires`: whether its version requires personal information.
    - `mode`: its acceptance mode. 0: no answer is needed; 1: only a no counts; 2 or null: only a
      yes.
    """

    active: bool
    requires: bool
    mode: int | None

    @property
    def strict(self) -> bool:
        """Whether only a yes counts, and only to what persons are told now (see `masking`)."""
        return self.mode in (2, None)


NO_CONSENT = ConsentTerms(active=False, requires=False, mode=None)
"""Sees nobody's personal information."""

UNKNOWN = Decision(False, Reason.unknown)


_ALLOWED, _DENIED = True, False
_YES, _NO = Decision(_ALLOWED, Reason.answered_yes), Decision(_DENIED, Reason.answered_no)
_NOT_NEEDED = Decision(_ALLOWED, Reason.answer_not_needed)

_BY_MODE: dict[int | None, dict[Answer, Decision]] = {
    0: {None: _NOT_NEEDED, True: _NOT_NEEDED, False: _NOT_NEEDED},
    1: {None: Decision(_ALLOWED, Reason.assumed), True: _YES, False: _NO},
    2: {None: Decision(_DENIED, Reason.not_answered), True: _YES, False: _NO},
}
_BY_MODE[None] = _BY_MODE[2]


def decide(terms: ConsentTerms, sharing: bool | None, answer: Answer) -> Decision:
    """The decision on a person with this sharing flag and this answer that counts."""
    if not terms.active:
        return Decision(False, Reason.inactive)
    if not terms.requires:
        return Decision(False, Reason.not_requested)
    if sharing is False:
        return Decision(False, Reason.sharing_forbidden)
    return _BY_MODE[terms.mode][answer]


AcceptedAnswers = tuple[Answer, ...]
"""The answers with which a person may be seen who does not forbid it."""


@cache
def accepted_answers(terms: ConsentTerms) -> AcceptedAnswers:
    """Which answers let the integration see a person, by `decide`."""
    return tuple(answer for answer in ANSWERS if decide(terms, None, answer).allowed)
