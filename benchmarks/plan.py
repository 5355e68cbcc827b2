"""How much is measured, and the targets that the figures are held against."""

from __future__ import annotations

from dataclasses import dataclass

from benchmarks.data import Size

CLIENTS = 16
"""Connections of a closed loop, and clients of pgbench."""

BULK_CLIENTS = 4


@dataclass(frozen=True)
class Plan:
    """One run of the benchmarks.

    - `main`: the rows that W1 to W7 work on. `growth`: numbers of answers to compare.
    - `seconds` of each measurement; `rounds` of all of them, one after the other.
    - `bulks`: how many requests W5 sends a measurement.
    """

    name: str
    main: Size
    growth: tuple[int, ...]
    seconds: float
    rounds: int
    bulks: int


FULL = Plan("full", Size(1_000_000, 200_000), (10_000, 100_000, 1_000_000, 10_000_000), 5, 3, 20)
QUICK = Plan("quick", Size(100_000, 20_000), (10_000, 100_000), 1, 3, 8)


WORKLOADS = {
    "W1": "get one",
    "W2": "list 100 of an integration, newest first",
    "W3": "JSONL of a customer's answers",
    "W4": "create one, durable",
    "W5": "bulk write of 1,000",
    "W6": "decision for one pair",
    "W7": "decisions for 1,000 pairs",
}

FLOOR_TARGETS: dict[tuple[str, str], float] = {
    ("W1", "postgresql"): 0.40,
    ("W1", "sqlite"): 0.22,
    ("W2", "postgresql"): 0.70,
    ("W2", "sqlite"): 0.65,
    ("W3", "postgresql"): 0.80,
    ("W4", "postgresql"): 0.60,
    ("W4", "sqlite"): 0.45,
    ("W5", "postgresql"): 0.50,
    ("W5", "sqlite"): 0.50,
    ("W6", "postgresql"): 0.40,
    ("W6", "sqlite"): 0.22,
}
"""At least so much of the floor's rate."""

PEER_TARGETS = {"W1": 15.0, "W2": 14.0, "W3": 10.0, "W4": 8.0, "W5": 10.0}
"""At least so many times the peer's rate."""

PAIRS_TARGET = 100_000
"""Decisions a second of W7."""

GROWTH_TARGET = 1.3
"""The slowest size may take at most so many times as long as the fastest."""

MEMORY_TARGET = 32 * 1024 * 1024
"""W3 may add at most so many bytes."""

BESIDE_TARGET = 25.0
"""W1's p99 in milliseconds beside other work; beside an export 10."""
EXPORT_BESIDE_TARGET = 10.0
