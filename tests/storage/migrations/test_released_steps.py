"""Steps that databases out there have taken never change."""

from __future__ import annotations

import hashlib
import re

from portvakt import __version__
from portvakt.storage.migrations.schema_version import STEPS
from tests.architecture.sources import ROOT

RELEASED = {
    "0001_first_release.postgresql.sql": "7bc4c9be8ce0c8fcd21d45aa7f7011d8",
    "0001_first_release.sqlite.sql": "7d0b0972f2d97d8551f87e095c7c9d21",
}
"""The files of the steps that are part of a release, and how the digest of each begins."""


def test_a_released_step_never_changes() -> None:
    """Who has taken it doesn't take it again: what it lacks, a later step mends."""
    digests = {
        name: hashlib.sha256((STEPS / name).read_bytes()).hexdigest()[:32] for name in RELEASED
    }
    assert digests == RELEASED


def test_the_version_is_one_of_the_changelog() -> None:
    """The newest that it tells of; and the first step belongs to the first release."""
    told = re.findall(r"^## \[(\d+\.\d+\.\d+)\]", (ROOT / "CHANGELOG.md").read_text(), re.MULTILINE)
    assert told[0] == __version__
    assert any(name.startswith("0001_") for name in RELEASED)
