"""Entity tags, and the headers that name them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portvakt.api import header_names
from portvakt.api.preconditions import read
from portvakt.errors import Code, Problem
from portvakt.schema.entity_tags import Preconditions, entity_tag, item_state

STATE = item_state(7, "2026-11-29T10:00:00.000000Z", seen=True)
TAG = entity_tag(STATE, b"{}")


def of(*headers: tuple[str, str], writes: bool = True) -> Preconditions:
    """The preconditions of a request with these headers."""
    raw = [(name.lower().encode(), text.encode("latin-1")) for name, text in headers]
    scope = {"method": "PATCH" if writes else "GET", "headers": raw}
    header_names.note(scope)
    _, found = read(scope)
    return found


def holds(preconditions: Preconditions, state: str | None = STATE) -> bool:
    """Whether a write of what is in this state goes on."""
    try:
        preconditions.check_write(state)
    except Problem as problem:
        return problem.code is not Code.precondition_failed
    return True


def refused(*headers: tuple[str, str]) -> list[str]:
    """The headers that are wrong."""
    with pytest.raises(Problem) as caught:
        of(*headers)
    assert caught.value.code is Code.invalid_headers
    assert {fault.place for fault in caught.value.faults} == {"header"}
    return [fault.where for fault in caught.value.faults]


def test_no_header_is_no_precondition() -> None:
    """A request without them goes on, whatever there is."""
    assert not of()
    assert not of(("Accept", "application/json"))
    assert holds(of())


@pytest.mark.parametrize(
    ("header", "goes_on"),
    [
        (TAG, True),
        (f'"x", {TAG}', True),
        (f'"x",{TAG} , ', True),
        ("*", True),
        (" * ", True),
        ('"x"', False),
        ('""', False),
        (f"W/{TAG}", False),
        (entity_tag(item_state(8, "2026-11-29T10:00:00.000000Z", seen=True), b"{}"), False),
        (entity_tag(item_state(7, "2026-11-29T10:00:01.000000Z", seen=True), b"{}"), False),
        (entity_tag(item_state(7, "2026-11-29T10:00:00.000000Z", seen=False), b"{}"), False),
        (entity_tag(STATE, b"another form of the same item"), True),
    ],
)
def test_if_match_names_the_state(header: str, goes_on: bool) -> None:
    """A write goes on if a strong tag names the item's state, in whatever form it was read."""
    assert holds(of(("If-Match", header))) is goes_on


def test_if_none_match_is_the_other_way_round() -> None:
    """A write goes on unless a tag names the item's state; a weak one is as good."""
    assert holds(of(("If-None-Match", '"x"')))
    assert not holds(of(("If-None-Match", TAG)))
    assert not holds(of(("If-None-Match", f"W/{TAG}")))
    assert not holds(of(("If-None-Match", "*")))


def test_what_has_no_tag_is_named_by_a_star_alone() -> None:
    """Of a list `*` says that it is there."""
    assert holds(of(("If-Match", "*")), None)
    assert not holds(of(("If-Match", TAG)), None)
    assert holds(of(("If-None-Match", TAG)), None)


def test_a_reader_has_the_answer_whose_bytes_it_has() -> None:
    """Another form of the same state is another answer."""
    assert of(("If-None-Match", f'"x", W/{TAG}'), writes=False).is_known(TAG)
    assert of(("If-None-Match", "*"), writes=False).is_known(TAG)
    assert not of(("If-None-Match", entity_tag(STATE, b"[]")), writes=False).is_known(TAG)
    with pytest.raises(Problem):
        of(("If-Match", '"x"'), writes=False).is_known(TAG)


def test_a_header_may_be_sent_in_parts() -> None:
    """Several lines of one header are one list (RFC 9110, 5.3)."""
    assert holds(of(("If-Match", '"x"'), ("If-Match", TAG)))


@pytest.mark.parametrize(
    "text", ["abc", "", ",", '"a" "b"', '"a" "b"x', '"a', 'w/"a"', '*, "a"', '"a";"b"']
)
def test_what_is_no_list_of_tags_is_told(text: str) -> None:
    """Each wrong header is named; nothing is taken to mean something else."""
    assert refused(("If-Match", text), ("If-None-Match", text)) == ["If-Match", "If-None-Match"]


def test_a_part_cannot_be_written() -> None:
    """A Content-Range on a write is refused, and means nothing on a read."""
    assert refused(("Content-Range", "bytes 0-1/2")) == ["Content-Range"]
    assert not of(("Content-Range", "bytes 0-1/2"), writes=False)


TEXTS = st.text(st.characters(min_codepoint=0x21, max_codepoint=0xFF, exclude_characters='"\x7f'))
TAGS = TEXTS.filter(lambda text: not any("\x80" <= c < "\xa0" for c in text))


@given(tags=st.lists(st.tuples(st.booleans(), TAGS), min_size=1, max_size=4))
def test_every_list_of_tags_is_read(tags: list[tuple[bool, str]]) -> None:
    """Whatever a tag may hold (RFC 9110, 8.8.3), commas too; strong ones alone in If-Match."""
    text = ", ".join(f'{"W/" * weak}"{tag}"' for weak, tag in tags)
    found = of(("If-Match", text), ("If-None-Match", text))
    assert found.if_match == tuple(f'"{tag}"' for weak, tag in tags if not weak)
    assert found.if_none_match == tuple(f'"{tag}"' for _, tag in tags)


@given(body=st.binary(), other=st.binary())
def test_equal_tags_mean_equal_bytes(body: bytes, other: bytes) -> None:
    """Two answers have one tag only if they are alike."""
    assert (entity_tag(STATE, body) == entity_tag(STATE, other)) is (body == other)
