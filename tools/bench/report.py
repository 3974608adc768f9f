"""A benchmark's results as Markdown tables. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from tools.bench.results import ALL
from tools.bench.stack import EMPTY, OURS

HEADING = """\
# Measurements

Made by `scripts/dev bench --write`; do not edit. Ratios are of medians within this run, each pair of runs made in turn
on one machine ({machine}). *empty* is a dynamic provider with the same inputs and outputs that does nothing: what the
engine itself costs. In `up, RESTART` stop and start take {pause:g} s each, `settle_time` is 0, and `--parallel` is the
number of jobs (at least 8).
"""


def markdown(data: Mapping[str, Any], machine: str, pause: float) -> str:
    """Return the whole report."""
    parts = [
        HEADING.format(machine=machine, pause=pause),
        "## Targets\n\n" + "\n".join(_targets(data["targets"])) + "\n" + _left_out(data["phases"]),
        "## Time\n\n" + "\n".join(_times(data["phases"])) + "\n",
        "## Requests\n\n" + "\n".join(_requests(data["phases"])) + "\n",
        *(["## Figures\n\n" + "\n".join(_figures(data["figures"])) + "\n"] if data["figures"] else []),
    ]
    return "\n".join(parts)


def _left_out(phases: Iterable[Mapping[str, Any]]) -> str:
    most = max(each["jobs"] for each in phases)
    if most >= ALL:
        return ""
    return f"\nThis run had at most {most} jobs: the targets of time, which are for {ALL}, were not measured.\n"


def _targets(targets: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    yield row("target", "at most", "was", "met")
    yield row(*["---"] * 4)
    for each in targets:
        yield row(each["what"], f"{each['at_most']:.3g}", f"{each['was']:.3g}", "yes" if each["met"] else "**no**")


def _times(phases: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    yield row("jobs", "operation", "pulumi-dli, s", "empty, s", "ratio", "runs")
    yield row(*["---"] * 6)
    for each in phases:
        ours, empty = each["seconds"][OURS], each["seconds"][EMPTY]
        yield row(
            each["jobs"], each["phase"], _spread(ours), _spread(empty), f"{each['ratio']:.2f}", f"{ours['runs']:.0f}"
        )


def _requests(phases: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    yield row("jobs", "operation", "requests")
    yield row(*["---"] * 3)
    for each in phases:
        sent = ", ".join(f"{count} {name}" for name, count in sorted(each["requests"].items()))
        yield row(each["jobs"], each["phase"], sent or "none")


def _figures(figures: Mapping[str, Any]) -> Iterator[str]:
    yield row("figure", OURS, EMPTY)
    yield row(*["---"] * 3)
    for what, values in figures.items():
        yield row(what, *(f"{values[name]:.3g}" if name in values else "" for name in (OURS, EMPTY)))


def _spread(seconds: Mapping[str, float]) -> str:
    return f"{seconds['median']:.2f} ({seconds['min']:.2f} to {seconds['max']:.2f})"


def row(*cells: object) -> str:
    """Return a row of a Markdown table."""
    return "| " + " | ".join(str(cell) for cell in cells) + " |"
