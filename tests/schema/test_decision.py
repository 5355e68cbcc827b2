"""The decision table, row by row."""

from __future__ import annotations

from itertools import product

import pytest

from portvakt.schema.decision import (
    ANSWERS,
    NO_CONSENT,
    ConsentTerms,
    Reason,
    accepted_answers,
    decide,
)
from tests.support.naive_decision import expected

TRUTHS = (True, False)
MODES = (0, 1, 2, None)
CASES = list(product(TRUTHS, TRUTHS, MODES, (None, True, False), ANSWERS))


@pytest.mark.parametrize(("active", "requires", "mode", "sharing", "answer"), CASES)
def test_the_table(
    active: bool, requires: bool, mode: int | None, sharing: bool | None, answer: bool | None
) -> None:
    """Every activation, sharing flag and answer is decided as the table says."""
    decision = decide(ConsentTerms(active, requires, mode), sharing, answer)
    found = (decision.allowed, decision.reason.name)
    assert found == expected(active, requires, mode, sharing, answer)


@pytest.mark.parametrize(("active", "requires", "mode"), list(product(TRUTHS, TRUTHS, MODES)))
def test_the_sight_is_what_the_table_allows(active: bool, requires: bool, mode: int | None) -> None:
    """What statements ask of answers follows from the table, also for those who don't forbid it."""
    terms = ConsentTerms(active, requires, mode)
    for sharing in (None, True):
        allowed = {answer for answer in ANSWERS if decide(terms, sharing, answer).allowed}
        assert set(accepted_answers(terms)) == allowed


@pytest.mark.parametrize("mode", MODES)
def test_who_is_strict_sees_by_a_yes_alone(mode: int | None) -> None:
    """What persons were told matters just where nothing but a yes lets see."""
    terms = ConsentTerms(active=True, requires=True, mode=mode)
    assert terms.strict == (accepted_answers(terms) == (True,))


def test_nobody_sees_nothing() -> None:
    """Whoever is not told what decides is denied."""
    assert accepted_answers(NO_CONSENT) == ()


def test_every_reason_but_unknown_is_given() -> None:
    """No reason is there for nothing."""
    given = {decide(ConsentTerms(*case[:3]), *case[3:]).reason for case in CASES}
    assert given == {*Reason} - {Reason.unknown}
