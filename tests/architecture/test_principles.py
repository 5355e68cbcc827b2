"""Every principle of ARCHITECTURE.md can fail: it names its test."""

from __future__ import annotations

import re

from tests.architecture.sources import ARCHITECTURE, PACKAGE, ROOT

SECTION = re.compile(r"\n## Principles\n(.*?)\n##", re.DOTALL)
TEST = re.compile(r"\[test\]\((tests/[\w/]+/test_\w+\.py)\)")


def test_each_principle_names_its_test() -> None:
    """One that is there."""
    (section,) = SECTION.findall(ARCHITECTURE)
    principles = re.split(r"\n- ", section)[1:]
    assert principles
    for principle in principles:
        named = TEST.findall(principle)
        assert named, principle
        assert all((ROOT / name).is_file() for name in named), principle


def test_each_place_to_begin_is_there() -> None:
    """What a newcomer is sent to."""
    _, _, rest = ARCHITECTURE.partition("\n## Where to begin\n")
    places = re.findall(r"`([a-z_/]+(?:\.py|/))`", rest.partition("\n## ")[0])
    assert places
    assert [place for place in places if not (PACKAGE / place).exists()] == []
