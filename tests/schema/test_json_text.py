"""JSON from outside: what a text says twice isn't settled in silence."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from portvakt.ledger import receipt, verify
from portvakt.schema import json_text

# Names and texts of the letters that could mislead who counts instead of reading.
texts = st.text('ab":,\\{}[] \t\u00e5~/', max_size=5) | st.sampled_from(["\\u003a", "\\\\u003A"])


class Members(list[tuple[str, Any]]):
    """An object as its members, so that one name may stand twice."""


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(-1e9, 1e9) | texts,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.lists(st.tuples(texts, inner), max_size=3).map(Members)
        | st.lists(st.tuples(st.sampled_from(["a", "b"]), inner), max_size=3).map(Members)
    ),
    max_leaves=8,
)
spaces = st.sampled_from(["", "", " ", "\n\t ", "\r\n"])


def spelt(text: str, escaped: bool) -> str:
    """A JSON string of a text, with or without an escape for each of its characters."""
    if escaped:
        form = "04X" if len(text) % 2 else "04x"
        return '"' + "".join(f"\\u{ord(character):{form}}" for character in text) + '"'
    return json.dumps(text, ensure_ascii=False)


def written(value: Any, draw: Callable[[Any], Any]) -> str:
    """A JSON text of a value, with random white space and spellings."""
    space: str = draw(spaces)
    if isinstance(value, Members):
        members = [
            f"{space}{spelt(name, draw(st.booleans()))}{draw(spaces)}:{written(inner, draw)}"
            for name, inner in value
        ]
        return "{" + ",".join(members) + space + "}"
    if isinstance(value, list):
        return "[" + ",".join(space + written(inner, draw) for inner in value) + "]"
    return spelt(value, draw(st.booleans())) if isinstance(value, str) else json.dumps(value)


def repeated(value: Any, where: str = "") -> Iterator[str]:
    """In plain Python: the pointers of names that stand in one object more than once."""
    if isinstance(value, Members):
        names = [name for name, _ in value]
        yield from (f"{where}/{token(n)}" for i, n in enumerate(names) if n in names[:i])
        for name, inner in value:
            yield from repeated(inner, f"{where}/{token(name)}")
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from repeated(inner, f"{where}/{index}")


def token(name: str) -> str:
    """A name in a JSON pointer."""
    return name.replace("~", "~0").replace("/", "~1")


@given(value=values, data=st.data())
def test_a_name_that_stands_twice_is_found(value: Any, data: st.DataObject) -> None:
    """Exactly the repeated names are told, however they are written; else the value is read."""
    text = written(value, data.draw)
    expected = set(repeated(value))
    for given_text in (text, text.encode()):
        if not expected:
            assert json_text.decode(given_text) == json.loads(text)
            continue
        with pytest.raises(json_text.RepeatedNames) as refused:
            json_text.decode(given_text)
        assert set(refused.value.pointers) == expected
        assert len(refused.value.pointers) == len(expected)


@given(many=st.lists(values, max_size=4), data=st.data())
def test_of_many_texts_none_hides_what_another_says_twice(
    many: list[Any], data: st.DataObject
) -> None:
    """Looked at together they are read, or one of them has to be looked at by itself."""
    texts = [written(value, data.draw) for value in many]
    decoded = json_text.decode_each([msgspec.Raw(text) for text in texts])
    if any(next(repeated(value), None) is not None for value in many):
        assert decoded is None
    elif decoded is not None:
        assert decoded == [json.loads(text) for text in texts]


def test_what_many_send_is_read_at_once() -> None:
    """Texts with colons, also escaped, and with white space are no reason to look twice."""
    texts = ['{"a": "12:30", "b" : {"c:": ["\\u003a", "\\u003A", 1.5e3]}}', "[]", '":"']
    decoded = json_text.decode_each([msgspec.Raw(text) for text in texts])
    assert decoded == [json.loads(text) for text in texts]


@pytest.mark.parametrize(
    "text",
    ['{"a":1,"a":2}', '{"a":1,"\\u0061":2}', '{"a" :1,"a"\n:2}', '{"a":{"x":1,"x":2},"b":"\\":"}'],
)
def test_spellings_of_one_name(text: str) -> None:
    """A name is one name with an escape and without, and with white space behind it."""
    with pytest.raises(json_text.RepeatedNames):
        json_text.decode(text)


@pytest.mark.parametrize(
    "text", ['{"a":"\\"a\\":1"}', '{"a":":","b":" :"}', '["\\"a\\":\\"a\\":"]']
)
def test_names_within_texts_do_not_count(text: str) -> None:
    """What looks like a member within a string is none."""
    assert json_text.decode(text) == json.loads(text)


def test_what_is_no_json_is_told_as_ever() -> None:
    """A text that can't be read is refused by the parser."""
    for text in ('{"a":1,"a":}', '{"a":1', "", "nul"):
        with pytest.raises(msgspec.DecodeError):
            json_text.decode(text)
    with pytest.raises(RecursionError):
        json_text.decode("[" * 100_000 + "]" * 100_000)


def test_very_many_repeated_names_are_told_in_part() -> None:
    """A text of nothing else is answered with the first hundred, and long names are cut."""
    text = ",".join(['"' + "x" * 10_000 + f'{n}":1' for n in range(300)] * 2)
    with pytest.raises(json_text.RepeatedNames) as refused:
        json_text.decode("{" + text + "}")
    assert len(refused.value.pointers) == 100
    assert all(len(fault.where) < 1100 for fault in refused.value.faults)


def doubled(text: str) -> str:
    """The JSON object with its first member once more at its end."""
    name, value = next(iter(json.loads(text).items()))
    return f"{text[:-1]},{json.dumps(name)}:{json.dumps(value)}}}"


def test_kept_evidence_says_nothing_twice() -> None:
    """A receipt, a link of a ledger, and a checkpoint with a name twice are refused by it."""
    text = doubled('{"signature":"00","key":"00"}').encode()
    for check, raised in (
        (receipt.check, receipt.Forged),
        (lambda text: verify.check_export([text]), verify.Broken),
        (verify.read_checkpoint, verify.Broken),
    ):
        with pytest.raises(raised, match="a name more than once: /signature"):
            check(text)
