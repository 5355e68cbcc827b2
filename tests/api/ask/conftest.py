"""What tests of strange requests have in common."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest

from tests.support.sockets import LIST


@pytest.fixture
def goes_on_answering(client: httpx.Client) -> Iterator[None]:
    """After each test the server still answers."""
    yield
    assert client.get(LIST, params={"_limit": 1}).status_code == 200
