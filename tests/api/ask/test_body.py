"""Reading a request's body as JSON."""

from __future__ import annotations

import asyncio
import json
import tracemalloc
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from portvakt.api.arrays import WINDOW
from portvakt.api.body import MAX_VALUES, Bounds, Incoming
from portvakt.api.memory_budget import SMALL, MemoryBudget, MemoryBudgets, memory_budgets
from portvakt.api.memory_estimate import OF_VALUE
from portvakt.errors import Code, Problem

values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**63) | st.floats(-1e9, 1e9) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)
long_values = st.sampled_from([{"a": "x" * 70_000}, ["y" * 70_000], "z" * 70_000])
long_arrays = st.tuples(st.lists(values, max_size=5), long_values).map(
    lambda parts: [*parts[0], parts[1]]
)


MIB = 1024 * 1024
BOUNDS = Bounds(items=20_000, item=MIB, made=320 * MIB, timeout=5)


def incoming(
    text: bytes,
    *,
    bounds: Bounds = BOUNDS,
    most: int = 32 * MIB,
    having: MemoryBudgets | None = None,
    chunk: int = 70_000,
) -> Incoming:
    """The body of a request, which arrives in several messages without its length."""
    starts = range(0, max(len(text), 1), chunk)
    messages = [
        {"type": "http.request", "body": text[at : at + chunk], "more_body": at != starts[-1]}
        for at in starts
    ]

    async def receive() -> Any:
        return messages.pop(0)

    headers = [(b"content-type", b"application/json")]
    return Incoming(headers, receive, most, bounds, having or memory_budgets(64 * MIB, 0.01))


async def items(body: Incoming) -> list[Any]:
    """All items of a body that is an array."""
    return [item async for part in body.items() for item in part]


async def read(text: bytes) -> Any:
    """What a request with this body says: an array read as many items, else one value."""
    body = incoming(text, chunk=1000)
    return await (items(body) if text.lstrip()[:1] == b"[" else body())


@given(value=long_arrays)
async def test_a_long_array_is_read_as_any_json(value: list[Any]) -> None:
    """An array that is decoded in turns has the values that a JSON parser finds in it."""
    text = json.dumps(value).encode()
    assert await read(text) == msgspec.json.decode(text)


@given(value=long_arrays, place=st.integers(0, 80_000), byte=st.integers(0, 255))
async def test_a_damaged_array_is_refused_as_any_json(
    value: list[Any], place: int, byte: int
) -> None:
    """Where a parser refuses the whole text, so is the body, and the place is the parser's."""
    text = bytearray(json.dumps(value).encode())
    text[place % len(text)] = byte
    try:
        expected = msgspec.json.decode(text)
    except UnicodeDecodeError:
        expected = Problem(Code.unreadable_json, "The body is not UTF-8.")
    except msgspec.DecodeError as error:
        expected = Problem(Code.unreadable_json, f"{error}.")
    if not isinstance(expected, Problem):
        assert await read(bytes(text)) == expected
        return
    with pytest.raises(Problem) as refused:
        await read(bytes(text))
    assert (refused.value.code, refused.value.detail) == (expected.code, expected.detail)


async def test_an_array_that_is_nested_too_deeply_is_refused() -> None:
    """Depth within one item of a long array counts as it does anywhere."""
    with pytest.raises(Problem, match="nested too deeply"):
        await read(b'["' + b"x" * 70_000 + b'",' + b"[" * 100_000 + b"]" * 100_001)


# --- windows --------------------------------------------------------------------------------------

# What looks like the end of an item within a text, an object or an array.
misleading = st.sampled_from(['},{"a":1', "],[", '\\"},', "}, {", ",", "\\", '"', "{[", "ü"])
parts_of_items = st.recursive(
    st.none() | st.integers(0, 9) | misleading,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(misleading, inner, max_size=3),
    max_leaves=6,
)
separators = st.sampled_from([(",", ":"), (", ", ": "), (",\n  ", " : "), (" ,", ":")])


@settings(max_examples=15, deadline=None)
@given(
    some=st.lists(parts_of_items, min_size=1, max_size=4),
    size=st.sampled_from([100, 3_000, 300_000]),
    separators=separators,
)
async def test_an_array_of_many_windows_is_read_whole(
    some: list[Any], size: int, separators: tuple[str, str]
) -> None:
    """Wherever a window ends, the items are those that a parser finds in the whole text."""
    item = {"x": [*some, {"y": "z" * size}, *some]}
    one = json.dumps(item, separators=separators)
    number = 2 * WINDOW // len(one) + 1
    text = f"[{separators[0].join([one] * number)}]".encode()
    read = await items(incoming(text))
    assert len(read) == number
    assert all(each == item for each in read)


@pytest.mark.parametrize(
    ("begin", "end"),
    [
        (b"[", b""),
        (b"[,", b"]"),
        (b"[", b",]"),
        (b"[", b",,{}]"),
        (b"[", b"]]"),
        (b"[", b"],[]"),
        (b"[", b',{"a":}]'),
        (b"[", b',{"a":"\\ud800"}]'),
        (b"[", b',"\xff"]'),
        (b"[", b',"{"a":1}]'),
        (b"[", b",1e999]"),
    ],
)
async def test_damage_at_the_ends_of_a_long_array(begin: bytes, end: bytes) -> None:
    """A long text that is no array of values is refused, though most of it could be read."""
    item = json.dumps({"x": "y" * 500}).encode()
    for times in (1, 2_000):
        with pytest.raises(Problem) as refused:
            await items(incoming(begin + b",".join([item] * times) + end))
        assert refused.value.code is Code.unreadable_json


async def test_the_place_of_damage_in_a_long_array() -> None:
    """The place is told as counted from the begin of the body."""
    item = json.dumps({"x": "y" * 500}).encode()
    text = b"[" + b",".join([item] * 2_000)
    with pytest.raises(Problem, match=rf"invalid character \(byte {len(text) + 1}\)"):
        await items(incoming(text + b",?]"))


async def test_what_is_no_array_is_said_so() -> None:
    """Long or short, and whatever it is instead; white space before it doesn't count."""
    for text, found in (
        (b"{}", "an object"),
        (b" " * SMALL + b'"x"', "a string"),
        (b'{"a":' + b"[" * MIB, "an object"),
        (b" " * WINDOW + b'"' + b"x" * WINDOW + b'"', "a string"),
        (b"1", "a number"),
    ):
        with pytest.raises(Problem) as refused:
            await items(incoming(text))
        assert refused.value.faults[0].detail == f"Expected an array, not {found}."
    assert await items(incoming(b" " * WINDOW * 2 + b'[{"a":1}, 2]')) == [{"a": 1}, 2]


# --- names ----------------------------------------------------------------------------------------


async def test_repeated_names_are_all_told() -> None:
    """Of a value and of many items alike, each with its pointer, and nothing else."""
    with pytest.raises(Problem) as refused:
        await incoming(b'{"a": 1, "b": {"c": 1, "c": 2}, "a": 2}')()
    assert refused.value.code is Code.repeated_name
    assert {fault.where for fault in refused.value.faults} == {"/a", "/b/c"}
    with pytest.raises(Problem, match="repeated_name"):
        await items(incoming(b'{"a": 1, "a": 2}'))
    item = b'{"a":"' + b"x" * 500 + b'"}'
    twice = b'{"a":1,"a":2}'
    with pytest.raises(Problem) as refused:
        await items(incoming(b"[" + b",".join([twice, *[item] * 2_000, twice]) + b"]"))
    assert refused.value.code is Code.repeated_name
    assert [fault.where for fault in refused.value.faults] == ["/0/a", "/2001/a"]


# --- limits ---------------------------------------------------------------------------------------


async def test_a_body_of_as_many_bytes_as_it_may_have_is_read() -> None:
    """One byte more is refused, whether the length was told or not."""
    for chunk in (100, 1024):
        assert await incoming(b'"' + b"x" * 1022 + b'"', most=1024, chunk=chunk)() == "x" * 1022
        with pytest.raises(Problem, match="may have 1024 bytes"):
            await incoming(b'"' + b"x" * 1023 + b'"', most=1024, chunk=chunk)()


async def test_items_have_their_own_limits() -> None:
    """An item has so many bytes, the array so many items, an item so many values."""
    bounds = BOUNDS._replace(items=3, item=200_000)
    long = b'"' + b"x" * 199_998 + b'"'
    assert len(await items(incoming(b"[" + b",".join([long] * 3) + b"]", bounds=bounds))) == 3
    for text, told in (
        (b"[" + long[:-1] + b'x"]', "An item may have 200000 bytes"),
        (b"[1,1," + long[:-1] + b"x" * WINDOW * 2 + b'",1]', "An item may have 200000 bytes"),
        (b"[1,1,1,1]", "At most 3 items"),
        (b"[[" + b"1," * MAX_VALUES + b"1]]", f"hold {MAX_VALUES} values"),
    ):
        with pytest.raises(Problem, match=told) as refused:
            await items(incoming(text, bounds=bounds))
        assert refused.value.code is Code.too_large
    with pytest.raises(Problem, match=f"hold {MAX_VALUES} values"):
        await incoming(b"[" + b"1," * MAX_VALUES + b"1]")()
    texts = [",[{" * MAX_VALUES]
    assert await incoming(json.dumps(texts).encode())() == texts


# --- room -----------------------------------------------------------------------------------------


async def test_who_finds_no_room_is_told_to_come_again() -> None:
    """A small body needs none; whoever leaves makes room."""
    having = memory_budgets(200_000, 0.01)
    text = json.dumps("x" * 150_000).encode()
    first, second = incoming(text, having=having), incoming(text, having=having)
    await first()
    with pytest.raises(Problem) as refused:
        await second()
    assert refused.value.code is Code.unavailable
    assert dict(refused.value.headers)["Retry-After"]
    second.leave()
    assert await incoming(b'"small"', having=having)() == "small"
    first.leave()
    third = incoming(text, having=having)
    await third()
    third.leave()
    assert [room.free for room in having] == [room.size for room in having]


async def test_those_who_wait_come_in_order() -> None:
    """A large one isn't overtaken, and who gave up waiting is passed over."""
    room = MemoryBudget(10, 5)
    done: list[str] = []

    async def take(name: str, wanted: int) -> None:
        await room.take(wanted)
        done.append(name)

    await room.take(6)
    waiting = [asyncio.create_task(take(n, w)) for n, w in (("a", 8), ("b", 7), ("c", 1))]
    await asyncio.sleep(0)
    assert done == []
    waiting[1].cancel()
    await asyncio.sleep(0)
    room.give(6)
    await asyncio.gather(*waiting, return_exceptions=True)
    assert done == ["a", "c"]
    room.give(9)
    assert room.free == 10


async def test_what_is_given_to_one_who_has_gone_is_not_lost() -> None:
    """A request that is cut off in the moment it gets room leaves it to others."""
    room = MemoryBudget(10, 5)
    await room.take(10)
    waiting = asyncio.create_task(room.take(10))
    await asyncio.sleep(0)
    room.give(10)
    waiting.cancel()
    await asyncio.gather(waiting, return_exceptions=True)
    assert room.free == 10


async def test_a_body_counts_by_what_is_made_of_it() -> None:
    """Many small values, and many small items, take more room than their text."""
    having = memory_budgets(64 * MIB, 0.01)
    for text, least in (
        (b'[{"a":[' + b"[]," * 30_000 + b"[]]}]", 30_000 * 64),
        (b"[" + b'{"a":1},' * 9_999 + b"{}]", 10_000 * 6 * 1024),
    ):
        body = incoming(text, having=having)
        await items(body)
        assert having.texts.size - having.texts.free == len(text)
        assert having.made.size - having.made.free >= least
        body.leave()
    assert having.made.free == having.made.size


@pytest.mark.parametrize(
    "made",
    [
        [[]] * 20_000,
        [{}] * 20_000,
        [{"a": 1}] * 20_000,
        [{"a": []}] * 15_000,
        {f"name {number}": number for number in range(40_000)},
        [f"text {number}" for number in range(40_000)],
    ],
    ids=["arrays", "objects", "members", "nested", "names", "texts"],
)
async def test_what_is_made_of_a_body_has_its_room(made: Any) -> None:
    """As many bytes are counted as the values take, give or take the parser's own."""
    having = memory_budgets(64 * MIB, 0.01)
    body = incoming(json.dumps(made, separators=(",", ":")).encode(), having=having)
    await body.text()
    tracemalloc.start()
    try:
        value = await body()
        taken = tracemalloc.get_traced_memory()[0]
    finally:
        tracemalloc.stop()
    assert value == made
    assert having.made.size - having.made.free > taken * 0.8


async def test_large_bodies_are_decoded_one_at_a_time() -> None:
    """However many arrive in one moment, others run after each."""
    loop = asyncio.get_running_loop()
    rounds = 0

    def count() -> None:
        nonlocal rounds
        rounds += 1
        loop.call_soon(count)

    async def decoded() -> int:
        await incoming(b"[" + b"[]," * SMALL + b"[]]")()
        return rounds

    count()
    seen = await asyncio.gather(*(decoded() for _ in range(5)))
    assert len({*seen}) == 5


async def test_a_body_of_more_values_than_there_is_room_for_is_refused() -> None:
    """Waiting wouldn't help; the number that there is room for is told."""
    text = b"[" + b"[]," * 30_000 + b"[]]"
    body = incoming(text, bounds=BOUNDS._replace(made=OF_VALUE * 10_000))
    with pytest.raises(Problem, match="may hold 10000 values") as refused:
        await items(body)
    assert refused.value.code is Code.too_large


async def test_nobody_waits_for_ever() -> None:
    """Bodies that fill the room with their texts are worked on one after the other."""
    having = memory_budgets(300_000, 5)
    text = b"[" + b",".join([b'{"a":[' + b"[]," * 300 + b"[]]}"] * 80) + b"]"

    async def work(body: Incoming) -> int:
        read = await items(body)
        await asyncio.sleep(0)
        body.leave()
        return len(read)

    found = await asyncio.gather(*(work(incoming(text, having=having)) for _ in range(8)))
    assert found == [80] * 8
