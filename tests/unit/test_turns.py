"""Work in turns."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from portvakt.turns import TURN, in_turns, slices


async def test_others_run_between_two_turns() -> None:
    """Long work does not keep other tasks waiting until its end."""
    events: list[str] = []

    async def other() -> None:
        events.append("other")

    task = asyncio.create_task(other())

    def work(part: Sequence[int]) -> None:
        events.append(str(len(part)))

    await in_turns(work, range(TURN + 1))
    await task
    assert events == [str(TURN), "other", "1"]


def test_slices_are_the_items_in_order() -> None:
    """Nothing is left out, and nothing comes twice."""
    assert [list(part) for part in slices(range(5), 2)] == [[0, 1], [2, 3], [4]]
    assert [list(part) for part in slices(range(2), 2)] == [[0, 1]]
    assert [len(part) for part in slices("", 2)] == [0]
