"""Work in turns."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Awaitable, Callable

import pytest

from portvakt import cooperative
from portvakt.cooperative import (
    TIME_SLICE,
    batches,
    clear_in_time_slices,
    in_batches,
    in_time_slices,
    map_in_time_slices,
    next_time_slice,
    on_thread,
)


class Clock:
    """A time that goes on when it is told to."""

    now = 0.0

    def __call__(self) -> float:
        """The time."""
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """The time by which turns end."""
    clock = Clock()
    monkeypatch.setattr(cooperative, "monotonic", clock)
    return clock


async def seen_by_others(work: Callable[[list[str]], Awaitable[None]]) -> list[str]:
    """What work notes, and an `other` each time that the loop came round meanwhile."""
    seen: list[str] = []

    async def others() -> None:
        while True:
            await asyncio.sleep(0)
            seen.append("other")

    task = asyncio.create_task(others())
    await work(seen)
    task.cancel()
    return seen


async def test_a_turn_ends_with_its_time(clock: Clock) -> None:
    """No item is begun after that, whatever the items before have taken."""
    took = [0.0, 0.0, TIME_SLICE, TIME_SLICE / 2, TIME_SLICE / 2, 0.0]

    async def work(seen: list[str]) -> None:
        await next_time_slice()
        async for part in in_time_slices(took):
            for seconds in part:
                seen.append("item")
                clock.now += seconds

    seen = await seen_by_others(work)
    runs = [len(run.split()) for run in " ".join(seen).split("other") if run.strip()]
    assert runs == [3, 2, 1]


async def test_the_time_goes_on_from_one_work_to_the_next(clock: Clock) -> None:
    """Much work that is short by itself ends a turn too."""

    async def work(seen: list[str]) -> None:
        await next_time_slice()
        for _ in range(4):
            await map_in_time_slices(seen.append, ["item"] * 2)
            clock.now += TIME_SLICE / 2

    seen = await seen_by_others(work)
    runs = [len(run.split()) for run in " ".join(seen).split("other") if run.strip()]
    assert runs == [4, 4]


@pytest.mark.parametrize("many", [0, 1, 2, 5])
async def test_parts_are_the_items_in_order(clock: Clock, many: int) -> None:
    """Nothing is left out, and nothing comes twice, however short a turn is."""
    clock.now = 2 * TIME_SLICE  # over before it begins
    parts = [list(part) async for part in in_time_slices(range(many))]
    assert [item for part in parts for item in part] == list(range(many))
    assert [list(part) async for part in in_batches(range(5), 2)] == [[0, 1], [2, 3], [4]]


async def test_one_of_many_goes_on_at_a_time() -> None:
    """However many have long work, the loop comes round after one turn of one of them."""
    loop = asyncio.get_running_loop()
    rounds = 0

    def count() -> None:
        nonlocal rounds
        rounds += 1
        loop.call_soon(count)

    async def work() -> list[int]:
        seen = []
        for _ in range(4):
            await next_time_slice()
            seen.append(rounds)
        return seen

    count()
    given_up = asyncio.create_task(work())
    working = asyncio.gather(*(work() for _ in range(5)))
    await asyncio.sleep(0)
    given_up.cancel()
    seen = [number for one in await working for number in one]
    assert len({*seen}) == len(seen) == 20


def test_slices_are_the_items_in_order() -> None:
    """Nothing is left out, and nothing comes twice."""
    assert [list(part) for part in batches(range(5), 2)] == [[0, 1], [2, 3], [4]]
    assert [list(part) for part in batches(range(2), 2)] == [[0, 1]]
    assert [len(part) for part in batches("", 2)] == [0]


async def test_what_is_made_in_turns_is_in_order() -> None:
    """Each item gives one result, in the order of the items."""
    assert await map_in_time_slices(str, range(1000)) == [str(number) for number in range(1000)]


async def test_a_long_list_is_let_go_in_turns(clock: Clock) -> None:
    """It is empty in the end, and others run before that."""
    items = [Freed(clock) for _ in range(4)]

    async def work(seen: list[str]) -> None:
        await next_time_slice()
        seen.clear()
        await clear_in_time_slices(items)

    seen = await seen_by_others(work)
    assert items == []
    assert seen


async def test_what_is_done_aside_is_not_done_on_the_loop() -> None:
    """Not even work that never waits for anything keeps the loop from other tasks."""
    others = asyncio.Event()
    loop = asyncio.get_running_loop()
    loop.call_soon(others.set)
    seen = threading.Event()

    async def tell() -> None:
        await others.wait()
        seen.set()

    task = asyncio.create_task(tell())
    assert await on_thread(lambda: seen.wait(60))
    await task


class Freed:
    """What takes half a turn to be freed."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    def __del__(self) -> None:
        self._clock.now += TIME_SLICE / 2
