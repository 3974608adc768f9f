"""Updates of a job that really runs: what the preview said of each, and what Flink did to its count."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from textwrap import shorten
from typing import Any

from pulumi_dli.emulator.flink import distribution
from pulumi_dli.emulator.server import Emulator, Options, running
from support.counting import Count, Version, compiled, count_of, pack
from support.stack import Stack, job

NAME = "counting"
SECONDS = 90.0
LONGEST = 330
VERSIONS = {
    "v1": Version(),
    "v2": Version(),
    "renamed": Version(uid="count-again"),
    "retyped": Version(state="text"),
    "stumbling": Version(crash_after=400),
    "stumbling-later": Version(crash_after=700),
}


@dataclass(frozen=True)
class Change:
    """A change of the program; it lasts for the changes that follow unless it is `taken_back`."""

    title: str
    inputs: dict[str, Any]
    taken_back: bool = False


CHANGES = (
    Change("`cu_number` 2 -> 4", {"cu_number": 4}),
    Change("`parallel_number` 1 -> 2", {"parallel_number": 2}),
    Change("`smn_topic`", {"smn_topic": "alarms"}),
    Change("`entrypoint`: a JAR with the same operator ids", {"entrypoint": "obs://jars/v2.jar"}),
    Change("`entrypoint`: a JAR with another operator id", {"entrypoint": "obs://jars/renamed.jar"}, taken_back=True),
    Change("`entrypoint`: a JAR with another type of state", {"entrypoint": "obs://jars/retyped.jar"}, taken_back=True),
    Change(
        "`entrypoint`: a JAR that crashes again and again", {"entrypoint": "obs://jars/stumbling.jar"}, taken_back=True
    ),
    Change("`main_class`: a class that is not in the JAR", {"main_class": "NoSuchJob"}, taken_back=True),
    Change(
        "`runtime_config`: `pipeline.max-parallelism` 64",
        {"runtime_config": '{"pipeline.max-parallelism": "64"}'},
        taken_back=True,
    ),
    Change("`runtime_config`: `state.backend.type` rocksdb", {"runtime_config": '{"state.backend.type": "rocksdb"}'}),
    Change(
        "`runtime_config`: `pipeline.max-parallelism` 128, which the state has already",
        {"runtime_config": '{"state.backend.type": "rocksdb", "pipeline.max-parallelism": "128"}'},
    ),
    Change("`runtime_config`: dropped", {"runtime_config": None}),
    Change("`parallel_number` 2 -> 1", {"parallel_number": 1}),
    Change("`cu_number` 4 -> 2, `upgrade_mode` stateless", {"cu_number": 2, "upgrade_mode": "stateless"}),
    Change(
        "`resume_checkpoint`, `restart_when_exception` off, `upgrade_mode` savepoint",
        {"resume_checkpoint": False, "restart_when_exception": False, "upgrade_mode": "savepoint"},
    ),
    Change(
        "`entrypoint`: a JAR that crashes once it runs, without `resume_checkpoint`",
        {"entrypoint": "obs://jars/stumbling-later.jar"},
    ),
)


@dataclass(frozen=True)
class Outcome:
    """What became of a change."""

    change: Change
    preview: tuple[str, ...]
    """The lines about the job, without its name."""
    before: Count
    after: Count
    error: str
    """The one line of `pulumi up`, empty if it succeeded."""
    entrypoint: str
    """What the job has in the end."""

    @property
    def left_stopped(self) -> bool:
        """Whether there was nothing to go on from."""
        return "THE JOB IS LEFT STOPPED" in self.error

    @property
    def did(self) -> str:
        """What Flink did, in words."""
        if self.left_stopped:
            return f"failed: {_reason(self.error)}; left stopped, with its old settings: there is no savepoint any more"
        if self.after.at_start == self.before.at_start:
            state = "the job ran on, untouched"
        elif self.after.at_start == 0:
            state = "started at 0"
        else:
            state = f"the count went on: {self.before.now} before, {self.after.at_start} at the start"
        state += f", {self.after.now} after (subtasks: {self.after.subtasks})"
        return f"failed, rolled back: {_reason(self.error)}; {state}" if self.error else state


def _reason(error: str) -> str:
    found = re.search(r"job_\w+ \((.*)\); (?:rolled back|its old settings)", error)
    return shorten(found[1] if found else error, LONGEST)


@contextmanager
def cluster(folder: Path) -> Iterator[tuple[Emulator, Path]]:
    """Run an emulator on Flink with all versions of the job in its OBS; yield it and the folder of the counts."""
    counts, obs = folder / "counts", folder / "obs"
    counts.mkdir(parents=True)
    classes = compiled(folder, distribution.find().jars)
    for name, version in VERSIONS.items():
        pack(obs / "jars" / f"{name}.jar", classes, version)
    with running(Options(flink=True, obs=obs)) as emulator:
        yield emulator, counts


def made(folder: Path, emulator: Emulator, counts: Path) -> tuple[Stack, dict[str, Any]]:
    """Return a stack in which the job counts, and the job's inputs."""
    inputs = job(
        NAME, entrypoint="obs://jars/v1.jar", main_class="CountingJob", entrypoint_args=str(counts), settle_time=8,
        checkpoint_enabled=True, checkpoint_interval=1, resume_checkpoint=True, restart_when_exception=True,
    )  # fmt: skip
    stack = Stack.made(folder / "stack", emulator, {})
    stack.jobs(**{NAME: inputs})
    stack.up().expect_ok()
    fresh_count(counts)
    return stack, inputs


def outcomes(stack: Stack, emulator: Emulator, counts: Path, inputs: dict[str, Any]) -> Iterator[Outcome]:
    """Make every change, one after the other."""
    for change in CHANGES:
        wanted = {**inputs, **change.inputs}
        stack.jobs(**{NAME: wanted})
        preview = told(stack.preview().expect_ok().text)
        before = fresh_count(counts)
        ran = stack.up()
        error = "" if ran.ok else ran.expect_one_line()
        after = fresh_count(counts) if emulator.job(NAME)["status"] == "job_running" else count_of(counts) or before
        has = emulator.job(NAME)["properties"]["entrypoint"]
        inputs = inputs if change.taken_back else wanted
        yield Outcome(change, preview, before, after, error, has)


def told(text: str) -> tuple[str, ...]:
    """Return what a preview says of the job, warnings marked as such."""
    found = (re.match(rf"\s*(warning: )?{NAME}: (.*)", line) for line in text.splitlines())
    return tuple(dict.fromkeys((each[1] or "") + each[2] for each in found if each))


def fresh_count(counts: Path) -> Count:
    """Return a count of which each part was written after now, or fail after a while."""
    begun, deadline = time.time(), time.monotonic() + SECONDS
    while time.monotonic() < deadline:
        times = [path.stat().st_mtime for path in counts.glob("[0-9]")]
        found = count_of(counts)
        if found is not None and min(times) > begun:
            return found
        time.sleep(0.1)
    raise AssertionError(f"the job does not count: {count_of(counts)}")


def page(found: list[Outcome]) -> str:
    """Return the table of docs/evidence/flink.md."""
    rows = ["| change | the preview said | Flink did |", "|---|---|---|"]
    for each in found:
        said = "<br>".join(each.preview)
        rows.append("| " + " | ".join(cell.replace("|", "\\|") for cell in (each.change.title, said, each.did)) + " |")
    return "\n".join(rows) + "\n"


def run(folder: Path, say: Callable[[Outcome], None]) -> list[Outcome]:
    """Run all of it in a folder and return the outcomes; `say` gets each at once."""
    found = []
    with cluster(folder) as (emulator, counts):
        stack, inputs = made(folder, emulator, counts)
        for outcome in outcomes(stack, emulator, counts, inputs):
            say(outcome)
            found.append(outcome)
        stack.destroy().expect_ok()
    return found
