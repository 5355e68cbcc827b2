"""What a write under an idempotency key is: the key, and what was done, as it is kept."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import msgspec

from portvakt.access.credentials import Keys
from portvakt.errors import PortvaktError
from portvakt.storage.statements.idempotency_keys import KeyHolder

HEADER = "Idempotency-Key"
REPLAYED = ("Idempotency-Replayed", "true")
"""The header of an answer that tells what was done before."""
CHANGED = ("Idempotency-Changed", "true")
"""The one that says that some of it has been changed or deleted since."""


class ItemResult(msgspec.Struct, array_like=True):
    """One item as the write left it; of one that was refused the codes and places of its faults."""

    id: str | None
    revision: int
    outcome: str
    faults: list[tuple[str, str]] = []


class WriteResult(msgspec.Struct, array_like=True):
    """What a write has done, as it is kept: its items, and what else it told (never a value)."""

    items: list[ItemResult]
    told: dict[str, Any] = {}


class Replayed(PortvaktError):
    """The request was done before: `done` says what."""

    def __init__(self, done: WriteResult) -> None:
        super().__init__("done before")
        self.done = done


@dataclass(slots=True)
class IdempotentWrite:
    """A request that is to be done once.

    - `key`: what the caller sent. `keys`: what it is hashed with.
    - `request`: gives the digest of all that was sent, once it is read.
    - `lasts`: how long the key is kept.
    - `done`: what this write has done, before it is committed.
    - `replayed`: whether it was done before; `changed`: and some of it has changed since.
    """

    key: str
    keys: Keys
    request: Callable[[], str]
    lasts: timedelta
    done: WriteResult | None = None
    replayed: bool = False
    changed: bool = False

    def digests(self, holder: KeyHolder) -> list[tuple[str, str]]:
        """The digests of key and request under each hashing key, the newest first."""
        key, request = f"key {' '.join(holder)} {self.key}", f"request {self.request()}"
        numbers = sorted(self.keys.by_number, reverse=True)
        return [(self.keys.digest(key, n), self.keys.digest(request, n)) for n in numbers]

    @property
    def text(self) -> str:
        """What was done, as it is kept."""
        if self.done is None:
            raise RuntimeError("A write with a key doesn't say what it has done")
        return msgspec.json.encode(self.done).decode()

    def headers(self) -> list[tuple[str, str]]:
        """The headers of the answer."""
        return [REPLAYED] * self.replayed + [CHANGED] * self.changed
