"""Every pattern in our documents means the same to us and to those who read them.

The documents promise ECMA-262's patterns; Python's and PCRE's differ in many ways. Each pattern is
tried on generated texts by V8, by PCRE2 and by our own check.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pcre2
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from py_mini_racer import MiniRacer

from portvakt.errors import FaultCode
from portvakt.resources import load
from portvakt.schema.fields import Text
from portvakt.schema.values import InvalidValue
from tests.support.samples import LETTERS

DOCUMENTS = Path(__file__).parents[2] / "docs" / "reference" / "openapi"
FIELDS = {
    field.pattern: field
    for resource in load().resources.values()
    for field in resource.fields
    if isinstance(field, Text) and field.pattern
}
FEARED = [*"٣३３ªºǅ\u2028\u2029\r\n\x00\x85\ufeff\u200d’'\"", "É", "\U0001d7d9", "\U0010ffff"]  # noqa: RUF001
"""Letters and digits of other scripts, and what ends a line to some."""


def patterns_in(part: Any) -> Iterator[str]:
    """All patterns in a part of a document."""
    if isinstance(part, dict):
        if isinstance(part.get("pattern"), str):
            yield part["pattern"]
        for value in part.values():
            yield from patterns_in(value)
    elif isinstance(part, list):
        for value in part:
            yield from patterns_in(value)


DOCUMENTED = sorted(
    {
        pattern
        for path in DOCUMENTS.glob("*.json")
        for pattern in patterns_in(json.loads(path.read_text("utf-8")))
    }
)


@pytest.fixture(scope="module")
def ecma() -> Iterator[Callable[[str, str], bool]]:
    """Whether a text matches a pattern, as V8 has it."""
    with MiniRacer() as engine:
        engine.eval("const matches = (pattern, text) => new RegExp(pattern, 'u').test(text)")
        yield lambda pattern, text: bool(engine.call("matches", pattern, text))


@cache
def _pcre(pattern: str) -> Any:
    return pcre2.compile(pattern, pcre2.ASCII)


def texts(pattern: str) -> st.SearchStrategy[str]:
    """Texts that match a pattern as Python has it, the same changed a little, and any others."""
    letters = st.sampled_from([*LETTERS, *FEARED])
    matching = st.from_regex(re.compile(pattern), fullmatch=True).map(lambda text: text[:200])
    changed = st.builds(
        lambda text, place, letter: (
            text[: place % (len(text) + 1)] + letter + text[place % (len(text) + 1) + 1 :]
        ),
        matching,
        st.integers(0, 200),
        letters,
    )
    return matching | changed | st.lists(letters, max_size=5).map("".join)


@pytest.mark.parametrize("pattern", DOCUMENTED)
@settings(max_examples=30, derandomize=True)
@given(data=st.data())
def test_patterns_mean_the_same_to_all(
    ecma: Callable[[str, str], bool], pattern: str, data: st.DataObject
) -> None:
    """To V8, to PCRE2 but for a line feed at the end, and to Python, read as we do."""
    text = data.draw(texts(pattern))
    found = ecma(pattern, text)
    assert (re.fullmatch(pattern, text, re.ASCII) is not None) is found
    if not text.endswith("\n"):  # before which a $ of PCRE may stand
        assert (_pcre(pattern).search(text) is not None) is found


@pytest.mark.parametrize("field", FIELDS.values(), ids=lambda field: field.name)
@settings(max_examples=30, derandomize=True)
@given(data=st.data())
def test_we_check_what_the_document_promises(
    ecma: Callable[[str, str], bool], field: Text, data: st.DataObject
) -> None:
    """A field refuses as of the wrong form exactly what doesn't match the documented pattern."""
    pattern = str(field.pattern).replace(r"\Z", "$")
    assert pattern in DOCUMENTED
    text = data.draw(texts(pattern))
    assert refused(field, text) in (not ecma(pattern, text), None)


OTHERS = ["٠٧٠١٢٣٤٥٦٧", "०७०१२३४५६७", "0007:٥٥٦٠٣٦٠٧٩٣", "٣", "Gata ٣", "åsa.öberg", "0701234567\n"]


@pytest.mark.parametrize("text", OTHERS)
def test_digits_of_other_scripts_are_none(ecma: Callable[[str, str], bool], text: str) -> None:
    """What nobody's pattern takes is taken by none of our fields."""
    for field in FIELDS.values():
        pattern = str(field.pattern).replace(r"\Z", "$")
        assert refused(field, text) in (not ecma(pattern, text), None)
    assert any(refused(field, text) for field in FIELDS.values())


def refused(field: Text, text: str) -> bool | None:
    """Whether a field refuses a text because of its form; None: it never looked at that."""
    try:
        field.parse(text)
    except InvalidValue as wrong:
        return True if wrong.code is FaultCode.format else None
    return False


def test_no_pattern_has_what_only_some_know() -> None:
    r"""`\u` is an error to PCRE, `\Z` to ECMA-262, and neither has named classes of the other."""
    assert DOCUMENTED
    assert [one for one in DOCUMENTED if re.search(r"\\[uUzZAbBpPQE]|\(\?", one)] == []
