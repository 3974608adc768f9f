"""Plots of a benchmark's results, as SVG files that are the same for the same results."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import matplotlib

from tools.bench.phases import LIVE, NOTHING, RESTART, UNCHANGED
from tools.bench.stack import EMPTY, OURS

matplotlib.use("svg")
matplotlib.rcParams.update({"svg.hashsalt": "pulumi-dli", "svg.fonttype": "none", "font.size": 10})
SHOWN = (UNCHANGED, NOTHING, LIVE, RESTART)


def plots(data: Mapping[str, Any], folder: Path) -> list[tuple[str, str]]:
    """Draw the plots into a folder; return their titles and file names."""
    title, name = "Seconds by the number of jobs", "measurements-time.svg"
    _draw(data["phases"], folder / name)
    return [(title, name)]


def _draw(phases: list[Mapping[str, Any]], path: Path) -> None:
    from matplotlib.figure import Figure  # noqa: PLC0415 - after the backend is chosen

    figure = Figure(figsize=(10, 3.2), layout="constrained")
    for axes, phase in zip(figure.subplots(1, len(SHOWN), sharey=True), SHOWN, strict=True):
        found = [each for each in phases if each["phase"] == phase]
        for provider, style in ((OURS, "o-"), (EMPTY, "s--")):
            medians = [each["seconds"][provider]["median"] for each in found]
            axes.plot([each["jobs"] for each in found], medians, style, label=provider, markersize=4)
        axes.set(title=phase, xlabel="jobs", xscale="log", yscale="log")
        axes.grid(alpha=0.3)
    figure.axes[0].set_ylabel("seconds")
    figure.axes[0].legend()
    figure.savefig(path, format="svg", metadata={"Date": None})
