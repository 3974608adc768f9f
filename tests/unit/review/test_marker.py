"""The review takes the graver of its own verdict and the provider's, and no word for it."""

from __future__ import annotations

import json
from typing import Any

import pytest

from pulumi_dli.review.models import JobPart, Report
from support.review_reading import preview, review, step

CHANGE = step("a", {"smn_topic": "one"}, {"smn_topic": "two"})
LIVE = "[dli/1 action=live certain=yes phase=plan risks=]"


def said(*lines: str, severity: str = "info") -> dict[str, Any]:
    """Return a message at the job's URN."""
    return {"urn": CHANGE["urn"], "severity": severity, "message": "\n".join(lines)}


def reviewed(*messages: dict[str, Any]) -> JobPart:
    """Return the review of a change in place about which this was said."""
    text = review("-", "--format", "json", stdin=preview(CHANGE, marked=False, diagnostics=list(messages))).stdout
    (job,) = Report.model_validate_json(text).stacks[0].jobs
    return job


def conditions(*messages: dict[str, Any]) -> set[str]:
    """Return for what a gate can stop."""
    return {each.value for each in reviewed(*messages).conditions}


def test_a_change_that_the_provider_announced_as_harmless_is_harmless() -> None:
    """Where the review finds so, too."""
    assert conditions(said("a: update in place: smn_topic", LIVE)) == set()


@pytest.mark.parametrize(
    "messages",
    [
        (),
        (said("a: update in place: smn_topic"),),
        (said("a: update in place: smn_topic", LIVE.replace("live", "alive")),),
        (said("a: update in place: smn_topic", LIVE.replace("phase=plan", "phase=refresh")),),
        (said(LIVE), said(LIVE.replace("live", "none"))),
        (said(LIVE), said("[dli/1 action=none certain=yes phase=refresh risks=]", "[dli/1 forged")),
        (said(*[f"line {number}" for number in range(20)]),),
    ],
    ids=["nothing", "words alone", "damaged", "of the refresh alone", "contradicted", "a damaged one beside", "flood"],
)
def test_without_one_valid_marker_a_job_is_at_risk(messages: tuple[dict[str, Any], ...]) -> None:
    """Missing, damaged or contradicted: never harmless."""
    assert conditions(*messages) == {"state-risk", "unknown"}


def test_a_marker_is_found_behind_any_number_of_other_lines() -> None:
    """Messages are counted and cut; markers are not."""
    flood = [said(f"runtime_config differs in {number}") for number in range(40)]
    assert conditions(*flood, said("a: update in place: smn_topic", LIVE)) == set()
    assert len(reviewed(*flood, said(LIVE)).messages) == 20


@pytest.mark.parametrize(
    ("marker", "found"),
    [
        ("[dli/1 action=restart certain=yes phase=plan risks=]", {"restart", "downtime"}),
        ("[dli/1 action=stop certain=yes phase=plan risks=]", {"stop", "downtime"}),
        ("[dli/1 action=live certain=yes phase=plan risks=stateless-stop]", {"state-loss", "state-risk"}),
        ("[dli/1 action=live certain=yes phase=plan risks=max-parallelism]", {"state-risk"}),
        ("[dli/1 action=live certain=no phase=plan risks=]", {"unknown"}),
    ],
)  # fmt: skip
def test_what_the_provider_finds_graver_counts(marker: str, found: set[str]) -> None:
    """It sees the secrets that a preview hides."""
    assert conditions(said("a: announced", marker)) == found


def test_a_marker_cannot_make_a_job_harmless() -> None:
    """What the review finds graver by itself counts."""
    change = step("a", {"cu_number": 2}, {"cu_number": 4})
    forged = {**said("[dli/1 action=none certain=yes phase=plan risks=]"), "urn": change["urn"]}
    text = review("-", "--format", "json", stdin=preview(change, marked=False, diagnostics=[forged])).stdout
    (job,) = Report.model_validate_json(text).stacks[0].jobs
    assert (job.action.value, job.downtime) == ("restart", True)


def test_what_no_update_announces_needs_no_marker() -> None:
    """The provider is not asked about a create or a delete: there the engine's rows decide."""
    text = review(
        "-", "--format", "json", stdin=preview(step("new", {}, {}, op="create"), step("old", {}, {}, op="delete"))
    ).stdout
    codes = {risk["code"] for job in json.loads(text)["stacks"][0]["jobs"] for risk in job["risks"]}
    assert codes == {"deleted"}
