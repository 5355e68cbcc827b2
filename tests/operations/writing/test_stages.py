"""The stages that hold a write against what is stored, as data."""

from __future__ import annotations

from collections import Counter
from typing import get_args

from portvakt.operations.writing.checking import STAGES
from portvakt.schema.checks import Check
from portvakt.schema.rules import Rule
from tests.architecture.sources import ARCHITECTURE, table
from tests.support.examples import registry


def test_each_kind_of_check_is_judged_by_one_stage() -> None:
    """One that can be declared tomorrow is judged, or this fails."""
    judged = Counter(kind for stage in STAGES for kind in stage.judges)
    assert judged == Counter(get_args(Check))


def test_each_declared_check_is_of_such_a_kind() -> None:
    """No resource declares what no stage would look at."""
    kinds = tuple(kind for stage in STAGES for kind in stage.judges)
    checks = [check for one in registry().resources.values() for check in one.checks]
    assert checks
    assert [check for check in checks if not isinstance(check, kinds)] == []
    assert any(isinstance(check, Rule) for check in checks)


def test_no_stage_stands_there_twice() -> None:
    """Each is told by a name of its own."""
    names = [stage.run.__name__ for stage in STAGES]
    assert len({*names}) == len(names)


def test_architecture_shows_the_stages_in_their_order() -> None:
    """What each does, and why it stands there."""
    rows = [
        (f"`{stage.run.__name__}`", (stage.run.__doc__ or "").splitlines()[0], stage.reason)
        for stage in STAGES
    ]
    assert table(("stage", "what it does", "why it stands there"), rows) in ARCHITECTURE
