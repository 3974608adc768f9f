"""Each recorded preview's comment answers: is anything going down, why, may state be lost, what is reset."""

from __future__ import annotations

import json

import pytest

from pulumi_dli.review.models import Report
from support.review_reading import Ran, cells, rendered, review
from support.review_scenarios import GOLDEN, SCENARIOS, Answer

ANSWERS = [(name, job, answer) for name, each in SCENARIOS.items() for job, answer in each.answers.items()]


@pytest.fixture(scope="module")
def comments() -> dict[str, Ran]:
    """The comment on each recorded preview."""
    return {name: review(str(GOLDEN / f"{name}.json")) for name in SCENARIOS}


@pytest.mark.parametrize(("name", "job", "answer"), ANSWERS, ids=[f"{name}-{job}" for name, job, _ in ANSWERS])
@pytest.mark.words
def test_the_comment_answers_what_a_reviewer_asks(
    comments: dict[str, Ran], name: str, job: str, answer: Answer
) -> None:
    """The answers were written before the review; each stands in the row of its job."""
    row = cells(rendered(comments[name].stdout))[job]
    _, what, why, state = row
    assert answer.action in what.splitlines()[0]
    assert ("downtime" in what.splitlines()[0]) is answer.down
    for reason in answer.why:
        assert reason in f"{what}\n{why}"
    assert answer.state in state
    for reset in answer.reset:
        assert reset in what.splitlines()
    assert answer.reset or "reset" not in what


@pytest.mark.parametrize("name", SCENARIOS)
def test_the_comment_lists_no_job_that_does_not_change(comments: dict[str, Ran], name: str) -> None:
    """An unchanged job is counted, not listed."""
    assert {*cells(rendered(comments[name].stdout))} - {"job"} == {*SCENARIOS[name].answers}


@pytest.mark.words
def test_the_summary_counts_jobs_by_what_becomes_of_them(comments: dict[str, Ran]) -> None:
    """One line per stack; what is no job is counted as well."""
    assert "3 jobs change: 1 start, 1 restart, 1 stop; other resources: no change" in comments["stopped"].stdout
    assert "other resources: 1 update; unchanged: 1, jobs included" in comments["computed"].stdout
    assert "no job changes" in comments["nothing"].stdout


def test_values_of_secrets_never_stand_in_a_review(comments: dict[str, Ran]) -> None:
    """Only that they differ does, and in what flags."""
    text = comments["secrets"].stdout
    assert "old-secret" not in text
    assert "new-secret" not in text
    assert "entrypoint_args: [secret] (differs)" in text
    assert "entrypoint_args differs in --password" in text


@pytest.mark.parametrize("name", ["live", "restart", "max-parallelism", "found-stopped"])
def test_an_update_that_the_provider_did_not_announce_is_at_risk(name: str) -> None:
    """Without its marker nobody knows, for example, which keys of a secret runtime_config differ."""
    document = json.loads((GOLDEN / f"{name}.json").read_text())
    document["diagnostics"] = []
    said = review("-", "--format", "json", stdin=json.dumps(document).encode()).stdout
    for job in Report.model_validate_json(said).stacks[0].jobs:
        assert "no-marker" in {risk.code for risk in job.risks}
        assert {"state-risk", "unknown"} <= {each.value for each in job.conditions}


def test_a_setting_in_another_order_is_no_change(comments: dict[str, Ran]) -> None:
    """Two secrets look alike in a preview's JSON; the provider says to the engine which one really differs."""
    assert "runtime_config" not in comments["secrets"].stdout.partition("`new`")[0]


@pytest.mark.parametrize("output", ["markdown", "json", "terminal"])
def test_the_same_input_gives_the_same_bytes(output: str) -> None:
    """Also where the engine showed the steps in another order."""
    source = (GOLDEN / "stopped.json").read_bytes()
    document = json.loads(source)
    document["steps"].reverse()
    document["diagnostics"].reverse()
    document["duration"] = 99
    first = review("-", "--format", output, stdin=source)
    assert first == review("-", "--format", output, stdin=json.dumps(document).encode())


def test_the_json_review_is_of_the_documented_form() -> None:
    """Versioned, and readable by the models that its schema is made from."""
    said = review(str(GOLDEN / "parallelism.json"), "--format", "json").stdout
    report = Report.model_validate_json(said)
    (job,) = report.stacks[0].jobs
    assert json.loads(said)["version"] == 1
    assert [each.value for each in job.conditions] == ["restart", "downtime", "state-risk"]
    assert [change.name for change in job.changes if change.forces] == ["cu_number", "parallel_number"]


@pytest.mark.words
def test_the_terminal_says_the_same_in_colours_or_without() -> None:
    """Colours are for terminals alone."""
    plain = review(str(GOLDEN / "parallelism.json"), "--format", "terminal").stdout
    coloured = review(str(GOLDEN / "parallelism.json"), "--format", "terminal", "--color", "always").stdout
    assert "restart, downtime  a: stop with savepoint, update cu_number, parallel_number, smn_topic, restart" in plain
    assert "state may not restore: the parallelism changes" in plain
    assert "\x1b" not in plain
    assert coloured.replace("\x1b[", "").count("m") > plain.count("m")
