"""The headers of an integration are one list: whatever sends or describes them follows from it."""

from __future__ import annotations

import pytest

from portvakt.access.headers import HEADERS, NAMING, SECRET, read_claims, render_headers
from portvakt.api.documents.security import requirements, schemes
from portvakt.resources import load
from portvakt.schema.caller_kinds import USUAL_CALLERS

VALUES = {claim: f"the {claim}" for claim in HEADERS}


@pytest.fixture
def one_more(monkeypatch: pytest.MonkeyPatch) -> str:
    """One more header that is required."""
    monkeypatch.setitem(HEADERS, "region", "X-PIGELLO-REGION")
    return HEADERS["region"]


def test_what_is_sent_is_read() -> None:
    """Each value comes back under its claim; without the secret they name the activation."""
    sent = render_headers(VALUES)
    raw = [(name.lower().encode(), value.encode()) for name, value in sent.items()]
    assert read_claims(raw) == VALUES
    assert {**render_headers(VALUES, NAMING), HEADERS[SECRET]: VALUES[SECRET]} == sent


def test_one_more_header_is_reported_by_name(one_more: str) -> None:
    """Whoever has no value for it sends nothing."""
    with pytest.raises(ValueError, match=one_more):
        render_headers(VALUES)


def test_one_more_header_is_in_documents(one_more: str) -> None:
    """As a scheme, which is required beside the others."""
    assert schemes(load().offered)["region"]["name"] == one_more
    (required,) = requirements(USUAL_CALLERS, platform=False)
    assert len(required) == len(HEADERS)
    assert "region" in required
