"""Unique keys are judged by what will be: items of a bulk write can change them with each other."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import count
from typing import Any

import pytest
import pytest_asyncio
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from portvakt.errors import FaultCode, Problem
from portvakt.ingest import loading
from portvakt.ingest.loading import Line
from portvakt.operations.context import Context
from portvakt.operations.reading import history, read
from portvakt.operations.writing import write
from portvakt.operations.writing.changes import Bulk
from portvakt.schema.registry import content_type_id
from portvakt.schema.resource import Resource
from portvakt.storage.sql.spare_keys import spare_column
from portvakt.storage.store import Store
from tests.support.stores import (
    CONNECTION,
    RESOURCES,
    ROLE,
    SERVICE_VERSION,
    TENANT,
    Customer,
    Item,
    add,
    add_customer,
    new_id,
    outcomes,
    ref,
    stored_row,
)

pytestmark = pytest.mark.asyncio(loop_scope="module")

PROTECTED = RESOURCES["accounts.protectedidentity"]
NUMBERS = count(100, 8)
quick = settings(
    deadline=None,
    derandomize=True,
    database=None,
    max_examples=20,
    phases=[Phase.generate, Phase.shrink],
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)


@dataclass(frozen=True)
class Keyed:
    """Items of a resource that differ in one field, which is unique: `keys` are its values."""

    context: Context
    resource: Resource
    field: str
    keys: Sequence[Any]
    rest: Item

    def body(self, key: int, **more: Any) -> Item:
        """An item with this key."""
        return {self.field: self.keys[key], **more}


async def roles(customer: Customer) -> Keyed:
    """A text."""
    mark = new_id()
    return Keyed(customer.own, ROLE, "name", [f"{mark} {n}" for n in range(8)], {})


async def connections(customer: Customer) -> Keyed:
    """A long text, which stands in the key as a digest."""
    keys = [f"{n}{new_id()}".ljust(1024, "x") for n in range(8)]
    kind = ref(content_type_id(TENANT.name))
    rest = {"content_type": kind, "object_id": customer.a(TENANT)}
    return Keyed(customer.context, CONNECTION, "external_id", keys, rest)


async def identities(customer: Customer) -> Keyed:
    """A reference, which can't be another one for a moment."""
    tenants = await add(customer.own, TENANT, [{"first_name": f"Å{n}"} for n in range(8)])
    keys = [ref(item["id"]) for item in tenants]
    return Keyed(customer.own, PROTECTED, "tenant", keys, {"first_name": "Skyddad"})


async def versions(customer: Customer) -> Keyed:
    """A number with bounds, of the platform."""
    rest = {"service": ref(customer.vendor.service), "state": "draft"}
    first = next(NUMBERS)
    return Keyed(customer.own, SERVICE_VERSION, "number", range(first, first + 8), rest)


EACH = pytest.mark.parametrize("make", [roles, connections, identities, versions])


async def stored(keyed: Keyed, ids: Sequence[str]) -> dict[str, int]:
    """The place of the key that each of the items has."""
    found = {}
    for pk in ids:
        item = await read.get(keyed.context, keyed.resource, pk)
        assert item is not None
        found[pk] = list(keyed.keys).index(item[keyed.field])
    return found


@EACH
@pytest.mark.parametrize(
    "moves",
    [
        {0: 1, 1: 0},
        {0: 1, 1: 2, 2: 0},
        {0: 1, 1: 2, 2: 3, 3: 0},
        {0: 1, 1: 0, 2: 3, 3: 2},
        {2: 5, 1: 2, 0: 1},
        {0: 1, 1: 2, 2: 5},
    ],
    ids=str,
)
async def test_items_change_keys_with_each_other(
    customer: Customer, make: Callable[[Customer], Any], moves: dict[int, int]
) -> None:
    """In pairs, circles and rows: one revision and one event each, and nothing else changes."""
    keyed: Keyed = await make(customer)
    bodies = [keyed.body(n, **keyed.rest) for n in range(4)]
    ids = [item["id"] for item in await add(keyed.context, keyed.resource, bodies)]
    new = keyed.body(0 if 0 not in moves.values() else 6, **keyed.rest)
    wanted = [*({"id": ids[n], **keyed.body(key)} for n, key in moves.items()), new]
    for how in (Bulk(dry_run=True), Bulk(atomic=False, dry_run=True)):
        changes = await write.bulk(keyed.context, keyed.resource, wanted, how)
        assert outcomes(changes) == [*["updated"] * len(moves), "created"]
    before = {pk: await stored_row(customer, keyed.resource, pk) for pk in ids}
    assert await stored(keyed, ids) == {pk: n for n, pk in enumerate(ids)}
    changes = await write.bulk(keyed.context, keyed.resource, wanted, Bulk())
    known = [*ids, changes[-1].item["id"]]
    places = [moves.get(n, n) for n in range(4)]
    assert list((await stored(keyed, known)).values())[:4] == places
    for n, pk in enumerate(ids):
        row = await stored_row(customer, keyed.resource, pk)
        changed = {name for name in row if row[name] != before[pk][name]}
        assert row["revision"] == (2 if n in moves else 1)
        assert changed - {"revision", "updated_at"} <= {
            name for name in row if name.startswith(keyed.field)
        }
        assert (
            len(await history.of_item(keyed.context, keyed.resource, pk) or []) == (row["revision"])
        )


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def twenty(store: Store) -> Customer:
    """A customer for many examples."""
    return await add_customer(store)


def expected(now: dict[str, int], wanted: list[tuple[str | None, int]]) -> list[bool]:
    """Which changes are written if each may be refused alone: in plain Python."""
    final = [key for _, key in wanted]
    refused = [final.count(key) > 1 for key in final]
    keys = dict(now)
    while True:
        left = {pk: keys[pk] for pk in keys}
        for (pk, key), gone in zip(wanted, refused, strict=True):
            if pk is not None and not gone:
                left[pk] = key
        again = [
            gone or any(left[other] == key and other != pk for other in left)
            for (pk, key), gone in zip(wanted, refused, strict=True)
        ]
        if again == refused:
            return [not gone for gone in refused]
        refused = again


@EACH
@given(data=st.data())
@settings(quick)
async def test_any_change_of_keys(
    twenty: Customer, make: Callable[[Customer], Any], data: st.DataObject
) -> None:
    """Atomic: written if all keys differ afterwards. Else: what doesn't need what is refused."""
    keyed: Keyed = await make(twenty)
    bodies = [keyed.body(n, **keyed.rest) for n in range(4)]
    made = await add(keyed.context, keyed.resource, bodies)
    now = {item["id"]: n for n, item in enumerate(made)}
    ids = data.draw(st.lists(st.sampled_from([*now, None, None]), min_size=1, max_size=6))
    named = [pk for n, pk in enumerate(ids) if pk is None or pk not in ids[:n]]
    wanted = [(pk, data.draw(st.integers(0, 7))) for pk in named]
    wanted = [(pk, key) for pk, key in wanted if pk is None or now[pk] != key]
    bodies = [
        keyed.body(key, **keyed.rest) if pk is None else {"id": pk, **keyed.body(key)}
        for pk, key in wanted
    ]
    dry = Bulk(atomic=False, dry_run=True)
    changes = await write.bulk(keyed.context, keyed.resource, bodies, dry)
    assert [not change.faults for change in changes] == expected(now, wanted)
    codes = {fault.code for change in changes for fault in change.faults}
    assert codes <= {FaultCode.conflict, FaultCode.repeated_key}
    final = {**now, **{pk: key for pk, key in wanted if pk is not None}}
    keys = [*final.values(), *(key for pk, key in wanted if pk is None)]
    try:
        await write.bulk(keyed.context, keyed.resource, bodies, Bulk())
    except Problem:
        assert len({*keys}) < len(keys)
        assert await stored(keyed, list(now)) == now
    else:
        assert len({*keys}) == len(keys)
        assert await stored(keyed, list(now)) == final


async def test_by_match_and_from_a_file(customer: Customer) -> None:
    """Items found by another key change theirs; one that takes the key of a moved one is new."""
    own, mark = customer.own, new_id()
    names = [f"{mark} {n}" for n in range(3)]
    items = [{"name": name, "custom_id": f"{mark}{n}"} for n, name in enumerate(names)]
    first, second, third = await add(own, ROLE, items)
    by_custom_id = Bulk(match=("custom_id",))
    swapped = [
        {"custom_id": f"{mark}0", "name": names[1]},
        {"custom_id": f"{mark}1", "name": names[0]},
    ]
    assert outcomes(await write.bulk(own, ROLE, swapped, by_custom_id)) == ["updated"] * 2
    lines = [Line(2, {**swapped[0], "name": names[0]}), Line(3, {**swapped[1], "name": names[1]})]
    loaded = await loading.load(own, ROLE, lines, ("custom_id",))
    assert [line.outcome for line in loaded] == ["updated", "updated"]
    by_name = Bulk(match=("name",))
    bodies = [{"id": first["id"], "name": f"{mark} 9"}, {"name": names[0]}, {"name": names[2]}]
    changes = await write.bulk(own, ROLE, bodies, by_name)
    assert outcomes(changes) == ["updated", "created", "unchanged"]
    assert changes[2].item["id"] == third["id"]
    for item, name in ((first, f"{mark} 9"), (second, names[1])):
        stored_now = await read.get(own, ROLE, item["id"])
        assert stored_now is not None
        assert stored_now["name"] == name


async def test_a_refused_owner_keeps_its_key(customer: Customer) -> None:
    """Item by item, who counted on it is refused too; all or nothing, only the one is told."""
    own, mark = customer.own, new_id()
    items = [{"name": f"{mark} {n}"} for n in range(3)]
    ids = [item["id"] for item in await add(own, ROLE, items)]
    bodies = [
        {"id": ids[0], "name": f"{mark} 1"},
        {"id": ids[1], "name": f"{mark} 2"},
        {"id": ids[2], "name": f"{mark} 3", "nonsense": 1},
    ]
    changes = await write.bulk(own, ROLE, bodies, Bulk(atomic=False))
    codes = [[fault.code.value for fault in change.faults] for change in changes]
    assert codes == [["conflict"], ["conflict"], ["unknown_field"]]
    with pytest.raises(Problem) as raised:
        await write.bulk(own, ROLE, bodies, Bulk())
    assert [(f.where, f.code.value) for f in raised.value.faults] == [
        ("/2/nonsense", "unknown_field")
    ]


async def test_every_key_can_be_set_aside() -> None:
    """By another value, or else by taking out its row, to which nothing refers."""
    targets = {target for one in RESOURCES.values() for target in one.targets.values()}
    for resource in RESOURCES.values():
        for unique in resource.unique:
            assert spare_column(resource, unique) or resource.name not in targets, resource.name
