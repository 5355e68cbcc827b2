"""What all items of the sample data have: an id, a time, an organization. Pure."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import NAMESPACE_DNS, uuid5

from portvakt.sandbox.words import CustomerWords
from portvakt.schema.values import render_time

Item = dict[str, Any]

END = datetime(2026, 10, 1, tzinfo=UTC)
"""Every item was created in the year before."""

NAMESPACE = uuid5(NAMESPACE_DNS, "sample-data.portvakt.example")
YEAR = 365


def stable_id(*names: object) -> str:
    """The id of what has these names."""
    return str(uuid5(NAMESPACE, "/".join(map(str, names))))


def number(*names: object) -> int:
    """A large number that depends on the names alone."""
    return int.from_bytes(hashlib.sha256("/".join(map(str, names)).encode()).digest()[:8])


def born(first_day: int, last_day: int, *names: object) -> Item:
    """The id of what has these names, and a time between two days of the year."""
    start = END - timedelta(days=YEAR - first_day)
    span = (last_day - first_day) * 24 * 60 * 60 * 1_000_000
    moment = start + timedelta(microseconds=number("born", *names) % span)
    return {"id": stable_id(*names), "created_at": render_time(moment)}


def organization(words: CustomerWords, index: int) -> str:
    """The id of one of the customer's organizations, taking turns."""
    return stable_id(words.key, "organization", index % len(words.organizations))


def custom_id(prefix: str, index: int) -> str | None:
    """The id in the customer's own system; two of three have one, the same for both customers."""
    return None if (index + 1) % 3 == 0 else f"{prefix}-{1001 + index}"
