"""The results as pictures: PNG and SVG, on no background, in colours that suit light and dark."""

from __future__ import annotations

import statistics
from pathlib import Path
from typing import Any

import matplotlib as mpl

mpl.use("Agg")
import matplotlib.pyplot as plt

from benchmarks.plan import BESIDE_TARGET, FLOOR_TARGETS
from benchmarks.report import Results

_GREY = "#7d8590"
_COLOURS = {"postgresql": "#3b82c4", "sqlite": "#d9822b"}
_MORE = ("#3b82c4", "#d9822b", "#3f9f6b", "#b65fb0", "#c25450")
_STYLE = {
    "figure.facecolor": "none",
    "axes.facecolor": "none",
    "savefig.facecolor": "none",
    "savefig.transparent": True,
    "text.color": _GREY,
    "axes.labelcolor": _GREY,
    "axes.edgecolor": _GREY,
    "axes.titlecolor": _GREY,
    "xtick.color": _GREY,
    "ytick.color": _GREY,
    "legend.frameon": False,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "font.size": 11,
    "svg.hashsalt": "portvakt",
}


def draw(results: Results, folder: Path) -> None:
    """Write all charts."""
    with plt.rc_context(_STYLE):
        _save(_ratios(results), folder, "floor")
        _save(_beside(results), folder, "beside")
        _save(_growth(results), folder, "growth")


def _save(figure: Any, folder: Path, name: str) -> None:
    figure.savefig(folder / f"{name}.png", dpi=150)
    figure.savefig(folder / f"{name}.svg", metadata={"Date": None})
    plt.close(figure)


def _ratios(results: Results) -> Any:
    """Ours against the floor, the spread, and the target as a line."""
    figure, axes = plt.subplots(figsize=(8, 4), layout="constrained")
    names = sorted({one.workload for one in results.measured if one.ratio(one.floor)})
    for shift, (kind, colour) in zip((-0.2, 0.2), _COLOURS.items(), strict=True):
        for one in results.measured:
            ratio = one.ratio(one.floor)
            if one.database != kind or ratio is None:
                continue
            place = names.index(one.workload) + shift
            spread = [[ratio[0] - ratio[1]], [ratio[2] - ratio[0]]]
            axes.bar(place, ratio[0], 0.36, color=colour, yerr=spread, ecolor=_GREY)
            target = FLOOR_TARGETS.get((one.workload, kind))
            if target:
                axes.plot([place - 0.2, place + 0.2], [target, target], color=_GREY, lw=2)
        axes.bar(0, 0, color=colour, label=kind)
    axes.set_xticks(range(len(names)), names)
    axes.set_ylabel("share of the floor's rate")
    axes.set_title("Portvakt against the bare database (line: target)")
    axes.legend()
    return figure


def _beside(results: Results) -> Any:
    """W1's p99 beside other work."""
    figure, axes = plt.subplots(figsize=(8, 3.6), layout="constrained")
    names = list(next(iter(results.beside.values()), {}))
    for shift, (kind, colour) in zip((-0.2, 0.2), _COLOURS.items(), strict=True):
        found = results.beside.get(kind)
        if found is None:
            continue
        places = [place + shift for place in range(len(names))]
        slow = [found[name]["p99"] for name in names]
        axes.barh(places, slow, 0.36, color=colour, label=kind)
    axes.axvline(BESIDE_TARGET, color=_GREY, lw=1, ls="--")
    axes.set_yticks(range(len(names)), names)
    axes.invert_yaxis()
    axes.set_xlabel("milliseconds (dashed: target)")
    axes.set_title("p99 of W1 beside other work on the same process")
    axes.legend()
    return figure


def _growth(results: Results) -> Any:
    """How long a request takes on more and more rows."""
    many = max(1, len(results.growth))
    figure, several = plt.subplots(1, many, figsize=(10, 4), squeeze=False, layout="constrained")
    for axes, (kind, growth) in zip(several[0], results.growth.items(), strict=False):
        for colour, (workload, sizes) in zip(_MORE, growth.took.items(), strict=False):
            medians = [statistics.median(rounds) for rounds in sizes.values()]
            axes.plot(list(growth.sizes), medians, "o-", color=colour, label=workload)
        axes.set_xscale("log")
        axes.set_ylim(bottom=0)
        axes.set_xlabel("answers stored")
        axes.set_ylabel("milliseconds of one request")
        axes.set_title(kind)
    lines, labels = several[0][0].get_legend_handles_labels()
    figure.legend(lines, labels, loc="outside lower center", ncols=len(labels) or 1, fontsize=9)
    return figure
