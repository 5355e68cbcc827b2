"""Every action that a resource declares is joined to what does it, in one table."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from portvakt.action_table import ACTIONS
from portvakt.api.actions.answers import as_json, as_lines, as_page, as_signed, as_stored_lines
from portvakt.api.actions.running import Write
from portvakt.api.routes import Routes
from portvakt.errors import DeclarationError
from portvakt.resources import load
from portvakt.resources.platform.credential import ROTATE
from portvakt.schema.actions import Answers

WRITTEN: Mapping[Answers, set[Write]] = {
    Answers.item: {as_json},
    Answers.object: {as_json, as_signed},
    Answers.array: {as_json},
    Answers.lines: {as_lines, as_stored_lines},
    Answers.page: {as_page},
}
"""What may write an answer that is declared to have a form."""


def test_the_table_has_every_declared_action_and_no_other() -> None:
    """What is declared can be done, and what can be done is declared."""
    declared = {action for one in load().resources.values() for action in one.actions}
    assert declared
    assert ACTIONS.keys() == declared


def test_no_two_actions_have_one_function() -> None:
    """A line of the table that was copied and left as it was is found."""
    functions = [function for function, _ in ACTIONS.values()]
    assert len({*functions}) == len(functions)


def test_an_answer_is_written_in_the_form_that_is_declared() -> None:
    """Documents say of it what the declaration says."""
    wrong = [
        action.name
        for action, (_, write) in ACTIONS.items()
        if write not in WRITTEN[action.answers_with]
    ]
    assert wrong == []


def test_an_action_that_nothing_does_stops_the_start() -> None:
    """The error names the action, the file that declares it, and where it is missing."""
    others = {action: joined for action, joined in ACTIONS.items() if action is not ROTATE}
    with pytest.raises(DeclarationError) as caught:
        Routes(load(), others)
    said = str(caught.value)
    assert said.startswith("portvakt/resources/platform/credential.py: ")
    assert "`rotate`" in said
    assert "portvakt/action_table.py" in said
