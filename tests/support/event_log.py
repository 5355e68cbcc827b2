"""The event log, read over HTTP as soon as its events are sealed."""

from __future__ import annotations

import time
from typing import Any

import httpx

from tests.support.examples import resource_named

LOG = resource_named("common.eventlog").path
WAIT = 10.0


def events_of(client: httpx.Client, pk: str, number: int) -> list[dict[str, Any]]:
    """The events of an item in the log, as soon as there are that many."""
    end = time.monotonic() + WAIT
    while time.monotonic() < end:
        found: list[dict[str, Any]] = client.get(f"{LOG}list/?object_id={pk}&_limit=100").json()
        if len(found) >= number:
            return found
        time.sleep(0.05)
    raise AssertionError(f"The events of {pk} were not sealed.")
