"""Work in turns."""

from __future__ import annotations

import asyncio

from portvakt.turns import TURN, in_turns, let_go, map_in_turns, next_turn, slices


async def test_others_run_between_two_turns() -> None:
    """Long work does not keep other tasks waiting until its end."""
    events: list[str] = []

    async def other() -> None:
        events.append("other")

    task = asyncio.create_task(other())

    async for part in in_turns(range(TURN + 1)):
        events += [str(len(part))]
    await task
    assert events == [str(TURN), "other", "1"]


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
            await next_turn()
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
    assert [list(part) for part in slices(range(5), 2)] == [[0, 1], [2, 3], [4]]
    assert [list(part) for part in slices(range(2), 2)] == [[0, 1]]
    assert [len(part) for part in slices("", 2)] == [0]


async def test_what_is_made_in_turns_is_in_order() -> None:
    """Each item gives one result, in the order of the items."""
    made = await map_in_turns(str, range(2 * TURN + 1))
    assert made == [str(number) for number in range(2 * TURN + 1)]


async def test_a_long_list_is_let_go_in_turns() -> None:
    """It ends with a slice at most, and others run before that."""
    items = list(range(3 * TURN))
    seen: list[int] = []

    async def other() -> None:
        seen.append(len(items))

    task = asyncio.create_task(other())
    await let_go(items)
    await task
    assert seen == [2 * TURN]
    assert items == list(range(TURN))
