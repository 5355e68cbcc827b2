"""The results as a table and as JSON, and in the document that quotes them."""

from __future__ import annotations

import json
import statistics
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from benchmarks.growth import Growth
from benchmarks.measure import Measured
from benchmarks.plan import (
    BESIDE_TARGET,
    EXPORT_BESIDE_TARGET,
    FLOOR_TARGETS,
    GROWTH_TARGET,
    MEMORY_TARGET,
    PAIRS_TARGET,
    PEER_TARGETS,
    WORKLOADS,
)
from benchmarks.profiles import Profile

BEGIN, END = "<!-- measured: written by make bench -->", "<!-- end of measured -->"
_MIB = 1024 * 1024


@dataclass
class Results:
    """All that one run found."""

    plan: str
    date: str
    machine: dict[str, str]
    measured: list[Measured] = field(default_factory=list)
    largest: list[Measured] = field(default_factory=list)
    growth: dict[str, Growth] = field(default_factory=dict)
    beside: dict[str, dict[str, dict[str, float]]] = field(default_factory=dict)
    revocation: dict[str, dict[str, float]] = field(default_factory=dict)
    withdrawal: dict[str, dict[str, float]] = field(default_factory=dict)
    profiles: dict[str, dict[str, Profile | None]] = field(default_factory=dict)
    remarks: list[str] = field(default_factory=list)
    minutes: float = 0.0

    def plain(self) -> dict[str, Any]:
        """For JSON."""
        return {
            **vars(self),
            "measured": [one.plain() for one in self.measured],
            "largest": [one.plain() for one in self.largest],
            "growth": {kind: found.plain() for kind, found in self.growth.items()},
        }


def write(results: Results, folder: Path) -> str:
    """Write `results.json` and `results.md`; the latter's text."""
    folder.mkdir(parents=True, exist_ok=True)
    text = "\n".join(_document(results)) + "\n"
    (folder / "results.json").write_text(json.dumps(results.plain(), indent=1) + "\n")
    (folder / "results.md").write_text(text)
    return text


def quote(text: str, document: Path, begin: str = BEGIN, end: str = END) -> None:
    """Put the table between its marks in a document."""
    before, _, rest = document.read_text().partition(begin)
    _, _, after = rest.partition(end)
    document.write_text(f"{before}{begin}\n\n{text}\n{end}{after}")


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> Iterator[str]:
    yield f"| {' | '.join(head)} |"
    yield f"|{' --- |' * len(head)}"
    yield from (f"| {' | '.join(row)} |" for row in rows)
    yield ""


def _document(results: Results) -> Iterator[str]:
    yield f"Run `{results.plan}` of {results.date}, {results.minutes:.0f} minutes, on:"
    yield ""
    yield from (f"- {name}: {value}" for name, value in results.machine.items())
    yield ""
    yield "**Targets.** Ratios are medians of the rounds, with the least and the most."
    yield ""
    yield from _table(
        ("what", "database", "target", "measured", "reached"), list(_targets(results))
    )
    yield "**Rates** a second, medians; the processor's time is the server process's."
    yield ""
    yield from _table(
        ("", "database", "of", "floor", "Portvakt", "peer", "µs of processor each", "peak MiB"),
        [_rates(one) for one in (*results.measured, *results.largest)],
    )
    yield "**Latency** in milliseconds, open loop at half of each server's own rate."
    yield ""
    yield from _table(
        ("", "database", "p50", "p99", "peer's p50", "peer's p99"),
        [_latency(one) for one in results.measured if one.p50 is not None],
    )
    yield "**Beside other work**: W1 at 200 a second on the same process, milliseconds."
    yield ""
    yield from _table(("database", "beside", "p50", "p99", "slowest"), list(_beside(results)))
    yield "**Growth**: milliseconds of one request, nothing else running."
    yield ""
    for kind, growth in results.growth.items():
        yield from _growth(kind, growth)
    yield from _lasting("revocation", results.revocation)
    yield from _lasting("withdrawal", results.withdrawal)
    yield "**Where the time goes**: microseconds of the server's processor a request, by py-spy."
    yield ""
    for kind, profiles in results.profiles.items():
        yield from _profiles(kind, profiles)
    yield "**Not measured**"
    yield ""
    yield from (f"- {remark}" for remark in results.remarks)


# --- the targets ------------------------------------------------------------------------------


def _targets(results: Results) -> Iterator[tuple[str, ...]]:
    for one in results.measured:
        yield from _ratio_targets(one)
    for one in results.largest:
        target = FLOOR_TARGETS.get(("W3", one.database))
        yield _row(f"W3, {one.unit}", one.database, target, one.ratio(one.floor), one.floor_is)
        yield (
            f"W3, {one.unit}: memory",
            one.database,
            f"< {MEMORY_TARGET // _MIB} MiB",
            f"+{one.grown / _MIB:.1f} MiB",
            _reached(one.grown < MEMORY_TARGET),
        )
    for kind, found in results.beside.items():
        for name, figures in found.items():
            most = EXPORT_BESIDE_TARGET if "export" in name else BESIDE_TARGET
            if name != "alone":
                measured = f"{figures['p99']:.1f} ms"
                reached = _reached(figures["p99"] < most)
                yield f"p99 of W1 beside {name}", kind, f"< {most:.0f} ms", measured, reached
    for kind, growth in results.growth.items():
        yield from _growth_targets(kind, growth)


def _ratio_targets(one: Measured) -> Iterator[tuple[str, ...]]:
    if one.workload == "W7":
        rate = statistics.median(one.ours)
        reached = _reached(rate >= PAIRS_TARGET)
        yield _name(one), one.database, f">= {PAIRS_TARGET:,}/s", f"{rate:,.0f}/s", reached
        return
    target = FLOOR_TARGETS.get((one.workload, one.database))
    yield _row(_name(one), one.database, target, one.ratio(one.floor), one.floor_is)
    ratio = one.ratio(one.peer)
    if ratio:
        target = PEER_TARGETS[one.workload]
        yield _row(_name(one), one.database, target, ratio, "the peer", "x")


def _row(
    name: str,
    database: str,
    target: float | None,
    ratio: tuple[float, float, float] | None,
    against: str,
    sign: str = "",
) -> tuple[str, ...]:
    if ratio is None:
        return name, database, "", "not there yet", ""
    middle, least, most = (f"{value:.1f}x" if sign else f"{value:.2f}" for value in ratio)
    wanted = f">= {target:g}{sign} of {against}" if target else f"of {against}"
    reached = _reached(ratio[0] >= target) if target else ""
    return name, database, wanted, f"{middle} ({least} to {most})", reached


def _growth_targets(kind: str, growth: Growth) -> Iterator[tuple[str, ...]]:
    span = f"{growth.sizes[0]:,} to {growth.sizes[-1]:,} rows"
    for workload in growth.took:
        ratio = growth.ratio(workload)
        reached = _reached(ratio < GROWTH_TARGET)
        yield f"{workload}, {span}", kind, f"< {GROWTH_TARGET:g}x", f"{ratio:.2f}x", reached


def _reached(yes: bool) -> str:
    return "yes" if yes else "**no**"


# --- the other tables -------------------------------------------------------------------------


def _name(one: Measured) -> str:
    return f"{one.workload} {WORKLOADS[one.workload]}"


def _median(values: Sequence[float]) -> str:
    return f"{statistics.median(values):,.0f}" if any(values) else ""


def _rates(one: Measured) -> tuple[str, ...]:
    return (
        one.workload,
        one.database,
        one.unit,
        _median(one.floor),
        _median(one.ours),
        _median(one.peer),
        f"{statistics.median(one.cpu) * 1e6:,.1f}",
        f"{one.peak / _MIB:.0f}",
    )


def _latency(one: Measured) -> tuple[str, ...]:
    figures = (one.p50, one.p99, one.peer_p50, one.peer_p99)
    return (
        one.workload,
        one.database,
        *("" if figure is None else f"{figure:.1f}" for figure in figures),
    )


def _beside(results: Results) -> Iterator[tuple[str, ...]]:
    for kind, found in results.beside.items():
        for name, figures in found.items():
            shown = (f"{figures[each]:.1f}" for each in ("p50", "p99", "slowest"))
            yield kind, name, *shown


def _growth(kind: str, growth: Growth) -> Iterator[str]:
    rows = [
        (workload, *(f"{statistics.median(rounds):.2f}" for rounds in sizes.values()))
        for workload, sizes in growth.took.items()
    ]
    yield from _table((kind, *(f"{size:,} rows" for size in growth.sizes)), rows)


def _profiles(kind: str, profiles: Mapping[str, Profile | None]) -> Iterator[str]:
    known = {name: profile for name, profile in profiles.items() if profile is not None}
    parts = sorted(
        {part for profile in known.values() for part in profile},
        key=lambda part: -max(profile.get(part, 0) for profile in known.values()),
    )
    rows = [
        (part, *(f"{profile.get(part, 0):.0f}" for profile in known.values())) for part in parts
    ]
    sums = ("all", *(f"{sum(profile.values()):.0f}" for profile in known.values()))
    yield from _table((kind, *known), [*rows, sums])


def _lasting(what: str, found: Mapping[str, Mapping[str, float]]) -> Iterator[str]:
    yield f"**After a {what}**: milliseconds from its commit to the last request that was still"
    yield "answered with data: when that was sent (negative: before the commit), and when answered."
    yield ""
    shown = [(kind, f"{one['sent']:.1f}", f"{one['answered']:.1f}") for kind, one in found.items()]
    yield from _table(("database", "sent", "answered"), shown)


def summary(results: Results) -> Mapping[str, int]:
    """How many targets were reached and how many not."""
    rows = list(_targets(results))
    return {
        "reached": sum(row[-1] == "yes" for row in rows),
        "not reached": sum(row[-1] == "**no**" for row in rows),
    }
