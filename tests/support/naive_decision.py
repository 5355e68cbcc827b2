"""The decision table in plain Python: each row by itself."""

from __future__ import annotations


def expected(
    active: bool, requires: bool, mode: int | None, sharing: bool | None, answer: bool | None
) -> tuple[bool, str]:
    """The first line that fits, of the table in docs/explanation/consent.md#the-decision."""
    lines = [
        (not active, False, "inactive"),
        (not requires, False, "not_requested"),
        (sharing is False, False, "sharing_forbidden"),
        (mode == 0, True, "answer_not_needed"),
        (mode == 1 and answer is None, True, "assumed"),
        (mode == 1 and answer is True, True, "answered_yes"),
        (mode == 1 and answer is False, False, "answered_no"),
        (answer is None, False, "not_answered"),
        (answer is True, True, "answered_yes"),
        (answer is False, False, "answered_no"),
    ]
    return next((allowed, reason) for fits, allowed, reason in lines if fits)
