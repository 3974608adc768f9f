"""The reference page on risks and the marker line, made from the codes and their words."""

from __future__ import annotations

from collections.abc import Iterable

from pulumi_dli.planning.actions import Action
from pulumi_dli.planning.marker import DiffPhase, Marker
from pulumi_dli.planning.state_risk import Level, Risk
from pulumi_dli.planning.wording import RISKS

_LEVELS = {
    Level.LOST: "The state will be lost",
    Level.AT_RISK: "The state may not restore",
    Level.NOTE: "Worth knowing",
}
_EXAMPLE = Marker(Action.RESTART, True, DiffPhase.PLAN, (Risk.MAX_PARALLELISM, Risk.ONLY_COPY))


def risks_page() -> str:
    """Return the page: the grammar of the marker line, and one anchor for each code."""
    lines = [
        "# Risks, and the marker line",
        "",
        "Made from the codes in `planning/state_risk.py` by `scripts/format`; do not edit.",
        "",
        "What an update can do to the state of a job has a code. A warning of a preview ends with it, in brackets; the "
        "review and its JSON form name it; here is what it means.",
        "",
        "## The marker line",
        "",
        "The provider ends its announcement of an update with a line for programs:",
        "",
        "```text",
        str(_EXAMPLE),
        "```",
        "",
        "- `dli/1` is the version of the grammar. It only grows: a reader passes over keys that it does not know.",
        f"- `action` is one of {_words(each.value for each in Action)}; the provider itself announces updates alone.",
        "- `certain` is `yes`, or `no` where a value that is known only during the update can change what is done.",
        f"- `phase` is one of {_words(each.value for each in DiffPhase)}: `preview --refresh` asks the provider twice.",
        "- `risks` lists codes, separated by commas; it may be empty.",
        "",
        "Whoever writes the program can write such a line as well. So `pulumi-dli review` takes the graver of its own "
        "verdict and the marker's, and counts an update whose marker is missing, damaged or contradicted as "
        "[no-marker](#no-marker). A create, a delete and a replacement have none: there Pulumi's own rows decide. So "
        "it is with a job that does not change: Pulumi's row says so, and nothing is sent for it.",
    ]
    for level in sorted(Level, reverse=True):
        lines += ["", f"## {_LEVELS[level]}", ""]
        lines += [_entry(risk) for risk in Risk if risk.level is level]
    return "\n".join(lines).rstrip("\n") + "\n"


def _entry(risk: Risk) -> str:
    words = RISKS[risk]
    # A property's name keeps its spelling.
    is_name = not words.partition(" ")[0].isalpha()
    return f"### {risk.code}\n\n{words if is_name else words[0].upper() + words[1:]}.\n"


def _words(words: Iterable[str]) -> str:
    return ", ".join(f"`{word}`" for word in words)
