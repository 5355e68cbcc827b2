"""No item is within itself, at any depth: neither by one write, nor by several at once."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import pytest
import pytest_asyncio
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from portvakt.errors import Code, FaultCode, Problem
from portvakt.ingest import loading
from portvakt.ingest.loading import Line
from portvakt.operations.reading import read
from portvakt.operations.writing import write
from portvakt.operations.writing.changes import Bulk
from portvakt.storage.store import Store
from tests.support.stores import (
    ORGANIZATION,
    RESOURCES,
    Customer,
    Item,
    add,
    add_customer,
    new_id,
    ref,
)

pytestmark = pytest.mark.asyncio(loop_scope="module")

PLACE = "/organization"
quick = settings(
    deadline=None,
    derandomize=True,
    database=None,
    max_examples=30,
    phases=[Phase.generate, Phase.shrink],
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)


async def some(customer: Customer, parents: Sequence[int | None]) -> list[str]:
    """The ids of new organizations, each within one of those before it."""
    ids: list[str] = []
    for parent in parents:
        within = None if parent is None else ref(ids[parent])
        body = {"name": new_id(), "organization": within}
        ids.append((await write.create(customer.own, ORGANIZATION, body))["id"])
    return ids


async def parents_of(customer: Customer, ids: Sequence[str]) -> dict[str, str | None]:
    """What each of the organizations is within."""
    found = {}
    for pk in ids:
        item = await read.get(customer.own, ORGANIZATION, pk)
        assert item is not None
        found[pk] = item["organization"] and item["organization"]["id"]
    return found


def closes(parents: dict[str, str | None], pk: str) -> bool:
    """Whether an item is within itself: in plain Python."""
    at = parents[pk]
    for _ in parents:
        if at is None or at == pk:
            break
        at = parents[at]
    return at == pk


async def test_what_refers_to_its_own_kind() -> None:
    """The resources of which an item can be a part of another."""
    found = {one.name: one.parents for one in RESOURCES.values() if one.parents}
    assert found == {ORGANIZATION.name: ("organization",)}


@pytest.mark.parametrize("depth", [0, 1, 2, 7])
async def test_an_item_is_not_within_its_parts(customer: Customer, depth: int) -> None:
    """Nor within itself: 422 at the reference, by update, bulk write, match and import; dry too."""
    ids = await some(customer, [None, *range(depth)])
    own, within = customer.own, {"organization": ref(ids[-1])}
    await write.update(own, ORGANIZATION, ids[0], {"custom_id": ids[0]})
    before = await parents_of(customer, ids)
    attempts = (
        write.update(own, ORGANIZATION, ids[0], within),
        write.bulk(own, ORGANIZATION, [{"id": ids[0], **within}], Bulk()),
        write.bulk(own, ORGANIZATION, [{"id": ids[0], **within}], Bulk(dry_run=True)),
        write.bulk(
            own, ORGANIZATION, [{"custom_id": ids[0], **within}], Bulk(match=("custom_id",))
        ),
    )
    for attempt in attempts:
        with pytest.raises(Problem) as raised:
            await attempt
        (fault,) = raised.value.faults
        assert (raised.value.code, fault.code) == (Code.invalid, FaultCode.circular)
        assert fault.where.removeprefix("/0") == PLACE
    line = Line(4, {"custom_id": ids[0], **within})
    (loaded,) = await loading.load(own, ORGANIZATION, [line], ("custom_id",))
    assert [fault.code for fault in loaded.faults] == [FaultCode.circular]
    assert await parents_of(customer, ids) == before


async def test_an_item_can_change_places(customer: Customer) -> None:
    """To another branch, to the top, and upside down in one write: what will be is no ring."""
    top, middle, leaf, other = ids = await some(customer, [None, 0, 1, 0])
    own = customer.own
    await write.update(own, ORGANIZATION, middle, {"organization": ref(other)})
    turned: list[Item] = [
        {"id": top, "organization": ref(leaf)},
        {"id": leaf, "organization": ref(middle)},
        {"id": middle, "organization": None},
    ]
    for how in (Bulk(dry_run=True), Bulk(atomic=False, dry_run=True), Bulk()):
        changes = await write.bulk(own, ORGANIZATION, turned, how)
        assert not any(change.faults for change in changes)
    now = await parents_of(customer, ids)
    assert now == {top: leaf, leaf: middle, middle: None, other: top}


async def test_a_ring_that_only_a_refusal_leaves(customer: Customer) -> None:
    """What stays as it was, as its own change is refused, counts as it is."""
    top, part = await some(customer, [None, 0])
    bodies: list[Item] = [
        {"id": top, "organization": ref(part)},
        {"id": part, "organization": None, "nonsense": 1},
    ]
    changes = await write.bulk(customer.own, ORGANIZATION, bodies, Bulk(atomic=False))
    codes = [[fault.code for fault in change.faults] for change in changes]
    assert codes == [[FaultCode.circular], [FaultCode.unknown_field]]
    assert await parents_of(customer, [top, part]) == {top: None, part: top}


async def test_what_is_in_a_ring_already_can_leave_it(customer: Customer) -> None:
    """Of rows that came in otherwise: other changes don't mind it, and one way out mends it."""
    first, second, outside = ids = await some(customer, [None, 0, None])
    async with customer.context.store.database.transaction() as connection:
        await connection.execute(
            f"UPDATE sales_organization SET organization = '{second}'"
            f" WHERE customer_id = '{customer.id}' AND id = '{first}'"
        )
    own = customer.own
    await write.update(own, ORGANIZATION, first, {"custom_id": "noted"})
    await write.update(own, ORGANIZATION, outside, {"organization": ref(first)})
    await write.update(own, ORGANIZATION, second, {"organization": None})
    now = await parents_of(customer, ids)
    assert now == {first: second, second: None, outside: first}


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def examples(store: Store) -> Customer:
    """A customer for many examples."""
    return await add_customer(store)


@given(data=st.data())
@settings(quick)
async def test_any_moves(examples: Customer, data: st.DataObject) -> None:
    """All or nothing: written if nothing is within itself then. Else: never a ring afterwards."""
    number = 5
    ids = await some(examples, [None, *(data.draw(st.integers(0, n)) for n in range(number - 1))])
    moved = data.draw(st.lists(st.sampled_from(ids), min_size=1, max_size=4, unique=True))
    moves = {pk: data.draw(st.sampled_from([*ids, None])) for pk in moved}
    bodies = [{"id": pk, "organization": to and ref(to)} for pk, to in moves.items()]
    before = await parents_of(examples, ids)
    after: dict[str, str | None] = {**before, **moves}
    ringed = [pk for pk in ids if closes(after, pk)]
    if not ringed:
        await write.bulk(examples.own, ORGANIZATION, bodies, Bulk())
        assert await parents_of(examples, ids) == after
        return
    with pytest.raises(Problem) as raised:
        await write.bulk(examples.own, ORGANIZATION, bodies, Bulk())
    assert {fault.where for fault in raised.value.faults} == {
        f"/{n}{PLACE}" for n, pk in enumerate(moves) if pk in ringed and moves[pk] != before[pk]
    }
    assert await parents_of(examples, ids) == before
    await write.bulk(examples.own, ORGANIZATION, bodies, Bulk(atomic=False))
    now = await parents_of(examples, ids)
    assert not any(closes(now, pk) for pk in ids)
    for pk in set(ids) - moves.keys():
        assert now[pk] == before[pk]


async def test_two_halves_of_a_ring_at_once(customer: Customer) -> None:
    """Of transactions that each make a part of one, the last is refused, however far it leads."""
    for depth in (0, 2, 3) * 4:
        # Below the first a row of parts: the last of them gets another one that gets the first.
        ids = await some(customer, [None, *range(depth), None])
        first, lowest, other = ids[0], ids[depth], ids[-1]
        results = await asyncio.gather(
            write.update(customer.own, ORGANIZATION, other, {"organization": ref(lowest)}),
            write.update(customer.own, ORGANIZATION, first, {"organization": ref(other)}),
            return_exceptions=True,
        )
        (refused,) = [result for result in results if isinstance(result, BaseException)]
        assert isinstance(refused, Problem)
        assert [fault.code for fault in refused.faults] == [FaultCode.circular]
        now = await parents_of(customer, ids)
        assert not any(closes(now, pk) for pk in ids)
        assert len(await add(customer.own, ORGANIZATION, [{"id": ids[0], "custom_id": "a"}])) == 1
