"""Real state, real Flink: what `pulumi up` does to the count of a job that runs."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from pulumi_dli.planning.state_risk import Risk
from pulumi_dli.planning.wording import RISKS
from support import flink_updates as updates
from support.counting import require_flink
from support.flink_updates import Outcome

pytestmark = [pytest.mark.full, pytest.mark.flink, pytest.mark.timeout(1500)]
KEPT = [
    "`cu_number` 2 -> 4",
    "`parallel_number` 1 -> 2",
    "`parallel_number` 2 -> 1",
    "`entrypoint`: a JAR with the same operator ids",
    "`runtime_config`: `state.backend.type` rocksdb",
    "`runtime_config`: `pipeline.max-parallelism` 128, which the state has already",
    "`runtime_config`: dropped",
]
REFUSED = {
    "`entrypoint`: a JAR with another operator id": "Cannot map checkpoint/savepoint state",
    "`entrypoint`: a JAR with another type of state": "StateMigrationException",
    "`entrypoint`: a JAR that crashes again and again": "stumbles",
    "`main_class`: a class that is not in the JAR": "ClassNotFoundException",
    "`runtime_config`: `pipeline.max-parallelism` 64": "max parallelism",
}


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, Outcome]:
    """Every change, made once on one cluster."""
    require_flink()
    outcomes = updates.run(tmp_path_factory.mktemp("flink"), lambda _each: None)
    return {each.change.title: each for each in outcomes}


@pytest.mark.parametrize("title", KEPT)
def test_the_count_goes_on_after_a_restart(found: Mapping[str, Outcome], title: str) -> None:
    """It starts from where the savepoint was made: not before what was seen, and not at 0."""
    outcome = found[title]
    assert outcome.error == ""
    assert outcome.after.at_start >= outcome.before.now
    assert outcome.after.now > outcome.after.at_start


def test_parallel_subtasks_share_the_restored_state(found: Mapping[str, Outcome]) -> None:
    """After parallel_number 1 -> 2 two subtasks count on, each with its keys."""
    outcome = found["`parallel_number` 1 -> 2"]
    assert (outcome.before.subtasks, outcome.after.subtasks) == (1, 2)


def test_a_change_in_place_does_not_restart(found: Mapping[str, Outcome]) -> None:
    """The same run counts on."""
    outcome = found["`smn_topic`"]
    assert outcome.error == ""
    assert outcome.after.at_start == outcome.before.at_start


def test_stateless_starts_at_0(found: Mapping[str, Outcome]) -> None:
    """As its preview says."""
    outcome = found["`cu_number` 4 -> 2, `upgrade_mode` stateless"]
    assert outcome.error == ""
    assert outcome.after.at_start == 0


@pytest.mark.parametrize("title", REFUSED)
def test_what_flink_refuses_is_rolled_back_with_the_count(found: Mapping[str, Outcome], title: str) -> None:
    """The old settings run again from the savepoint, and Flink's reason stands in the one line of the error."""
    outcome = found[title]
    assert "rolled back: the job runs again with its old settings" in outcome.error
    assert REFUSED[title] in outcome.error
    assert outcome.entrypoint == "obs://jars/v2.jar"
    assert outcome.after.at_start >= outcome.before.now


def test_a_crash_without_resume_checkpoint_is_left_stopped(found: Mapping[str, Outcome]) -> None:
    """Its start used the savepoint up, and nothing is started empty in silence; the preview has said so."""
    outcome = found["`entrypoint`: a JAR that crashes once it runs, without `resume_checkpoint`"]
    assert "THE JOB IS LEFT STOPPED" in outcome.error
    assert "stumbles" in outcome.error
    assert outcome.entrypoint == "obs://jars/v2.jar"
    assert any("the job is left stopped" in line for line in outcome.preview)


def test_a_refused_max_parallelism_was_warned_of(found: Mapping[str, Outcome]) -> None:
    """And dropping the setting, which Flink takes, was not."""
    refused, dropped = (f"`runtime_config`: {what}" for what in ("`pipeline.max-parallelism` 64", "dropped"))
    assert f"warning: {RISKS[Risk.MAX_PARALLELISM]} [max-parallelism]" in found[refused].preview
    assert f"warning: {RISKS[Risk.MAX_PARALLELISM]} [max-parallelism]" not in found[dropped].preview


def test_every_preview_says_what_is_done(found: Mapping[str, Outcome]) -> None:
    """A line per job, without a restart for a change in place alone."""
    for title, outcome in found.items():
        assert outcome.preview, title
        assert ("in place" in outcome.preview[0]) == (outcome.after.at_start == outcome.before.at_start), title
