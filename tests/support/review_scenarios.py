"""Changes of real stacks, with what a reviewer must know about each, written before any review was.

For each: is anything going down, why, may state be lost, what is reset. `scripts/dev record-previews` runs them on the
real engine and keeps what `pulumi preview --json` says in golden/.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

from support.places import TESTS

GOLDEN = TESTS / "unit" / "review" / "golden"
URN = "urn:pulumi:test::jobs::pulumi-python:dynamic/dli:FlinkJarJob::{0}"

# A job whose JAR comes out of another resource: not known before that one is updated.
COMPUTED = """
import json
from pathlib import Path

import pulumi
from pulumi.dynamic import CreateResult, Resource, ResourceProvider, UpdateResult

import pulumi_dli as dli


class Builder(ResourceProvider):
    def create(self, props):
        return CreateResult("1", {**props, "jar": f"obs://artifacts/{props['version']}.jar"})

    def update(self, _id, _olds, news):
        return UpdateResult({**news, "jar": f"obs://artifacts/{news['version']}.jar"})


class Build(Resource):
    jar: pulumi.Output[str]

    def __init__(self, name, version):
        super().__init__(Builder(), name, {"version": version, "jar": None})


for name, inputs in json.loads(Path("jobs.json").read_text()).items():
    build = Build("build", inputs.pop("version"))
    dli.FlinkJarJob(name, {**inputs, "entrypoint": build.jar})
"""


@dataclass(frozen=True)
class Answer:
    """What the review says of one job. `down` None: it is not down; `state`: what is said of it; `action` in a word."""

    action: str
    down: bool
    why: tuple[str, ...] = ()
    state: str = ""
    reset: tuple[str, ...] = ()


@dataclass(frozen=True)
class Scenario:
    """Jobs before and after a change, and the answers by job; a job without an answer must not be listed."""

    before: dict[str, dict[str, Any]]
    after: dict[str, dict[str, Any]]
    answers: dict[str, Answer]
    program: str | None = None
    meanwhile: dict[str, dict[str, Any]] = field(default_factory=dict)
    """What becomes of jobs on the service before the preview; then the preview refreshes."""


def job(name: str, **inputs: Any) -> dict[str, Any]:
    """Return the inputs of a job with checkpoints."""
    usual = {"name": name, "queue_name": "streaming", "entrypoint": "obs://artifacts/job-1.jar", "settle_time": 0}
    checkpoints = {"checkpoint_enabled": True}
    return usual | checkpoints | inputs


def _pairs(**settings: str) -> str:
    return json.dumps([{"key": key, "value": value} for key, value in settings.items()])


PARALLEL = "state may not restore: the parallelism changes"
JAR = "state may not restore: the JAR changes"
KEPT = "carried over in a savepoint"

SCENARIOS: dict[str, Scenario] = {
    "live": Scenario(
        {"a": job("a", smn_topic="one"), "idle": job("idle")},
        {"a": job("a", smn_topic="two"), "idle": job("idle")},
        {"a": Answer("live", down=False, why=("smn_topic",), state="not touched")},
    ),
    "restart": Scenario(
        {"a": job("a", cu_number=4)},
        {"a": job("a", cu_number=8)},
        {"a": Answer("restart", down=True, why=("cu_number",), state=KEPT)},
    ),
    "parallelism": Scenario(
        {"a": job("a", cu_number=4, parallel_number=2, smn_topic="one")},
        {"a": job("a", cu_number=8, parallel_number=4, smn_topic="two")},
        {"a": Answer("restart", down=True, why=("cu_number", "parallel_number"), state=PARALLEL)},
    ),
    "jar": Scenario(
        {"a": job("a", main_class="com.example.One")},
        {"a": job("a", main_class="com.example.Two", entrypoint="obs://artifacts/job-2.jar")},
        {"a": Answer("restart", down=True, why=("main_class", "entrypoint"), state=JAR)},
    ),
    "stateless": Scenario(
        {"a": job("a", cu_number=4)},
        {"a": job("a", cu_number=8, upgrade_mode="stateless")},
        {"a": Answer("restart", down=True, why=("cu_number",), state="state is lost: upgrade_mode stateless")},
    ),
    "reset": Scenario(
        {"a": job("a", cu_number=40, smn_topic="urn:smn:alarms")},
        {"a": job("a")},
        {
            "a": Answer(
                "restart",
                down=True,
                why=("cu_number",),
                state=KEPT,
                reset=(
                    "reset cu_number 40 -> 2, the service's default",
                    'reset smn_topic "urn:smn:alarms" -> "", the service\'s default',
                ),
            )
        },
    ),
    "description": Scenario(
        {"a": job("a", desc="Clicks")},
        {"a": job("a", desc="Clicks of users")},
        {"a": Answer("restart", down=True, why=("desc", "desc alone forces this restart"), state=KEPT)},
    ),
    "secrets": Scenario(
        {
            "a": job(
                "a", entrypoint_args="--user me --password=old-secret", runtime_config=_pairs(a="old-secret", b="1")
            )
        },
        {
            "a": job(
                "a", entrypoint_args="--user me --password=new-secret", runtime_config=_pairs(b="1", a="old-secret")
            ),
            "new": job("new", entrypoint_args="--token new-secret"),
        },
        {
            # runtime_config is only in another order: no change.
            "a": Answer("restart", down=True, why=("entrypoint_args",), state=KEPT),
            "new": Answer("create", down=False),
        },
    ),
    "max-parallelism": Scenario(
        {"a": job("a", runtime_config=_pairs(a="1")), "b": job("b", runtime_config=_pairs(a="1"))},
        {
            "a": job("a", runtime_config=_pairs(**{"a": "1", "pipeline.max-parallelism": "64"})),
            "b": job("b", runtime_config=_pairs(a="2")),
        },
        {
            "a": Answer(
                "restart",
                down=True,
                why=("runtime_config",),
                state="state may not restore: pipeline.max-parallelism changes",
            ),
            "b": Answer("restart", down=True, why=("runtime_config",), state=KEPT),
        },
    ),
    "computed": Scenario(
        {"a": {**job("a"), "version": "1"}},
        {"a": {**job("a"), "version": "2"}},
        {"a": Answer("restart at worst", down=True, why=("entrypoint", "cost not known before the update"), state=JAR)},
        program=COMPUTED,
    ),
    "deleted": Scenario(
        {
            "a": job("a"),
            "kept": job("kept", on_delete="retain"),
            "parked": job("parked", on_delete="stop"),
            "b": job("b"),
        },
        {"b": job("b")},
        {
            "a": Answer("delete", down=True, state="state is lost: the job is deleted"),
            "kept": Answer("release", down=False, state="the job runs on"),
            "parked": Answer("stop", down=True, state="stopped with a savepoint"),
        },
    ),
    "renamed": Scenario(
        {"old": job("a")},
        {"new": job("a")},
        {
            "old": Answer("delete", down=True, why=("renamed without an alias",), state="state is lost"),
            "new": Answer("create", down=False, why=("empty: it was called old in the program",)),
        },
    ),
    "replaced": Scenario(
        {"a": job("a", cu_number=4)},
        {"a": job("a", cu_number=8, opts={"replace_on_changes": ["cu_number"]})},
        {"a": Answer("replace", down=True, why=("cu_number",), state="state is lost: the replacement starts empty")},
    ),
    "stopped": Scenario(
        {"a": job("a"), "b": job("b", desired_state="stopped"), "c": job("c")},
        {
            "a": job("a", desired_state="stopped"),
            "b": job("b", desired_state="running", cu_number=4),
            "c": job("c", restart_nonce="1"),
        },
        {
            "a": Answer("stop", down=True, why=("desired_state",)),
            "b": Answer("start", down=False),
            "c": Answer("restart", down=True, why=("restart_nonce",), state=KEPT),
        },
    ),
    "checkpoints": Scenario(
        {"a": job("a"), "b": job("b", resume_checkpoint=True, checkpoint_path="obs://state/b")},
        {
            "a": job("a", checkpoint_enabled=False),
            "b": job("b", resume_checkpoint=False, checkpoint_path="obs://state/b"),
        },
        {
            "a": Answer("restart", down=True, why=("checkpoint_enabled",), state="checkpointing is turned off"),
            "b": Answer(
                "live", down=False, why=("resume_checkpoint",), state="a restart after an exception starts empty"
            ),
        },
    ),
    "resources": Scenario(
        {"a": job("a", resource_config_version="v2", resource_config={"max_slot": 2, "parallel_number": 2})},
        {"a": job("a", resource_config_version="v2", resource_config={"max_slot": 2, "parallel_number": 4})},
        {"a": Answer("restart", down=True, why=("resource_config",), state=PARALLEL)},
    ),
    "found-stopped": Scenario(
        {"a": job("a"), "b": job("b", cu_number=4)},
        {"a": job("a"), "b": job("b", cu_number=4)},
        {
            "a": Answer("start", down=False),
            "b": Answer("restart", down=True, why=("cu_number",), state=KEPT),
        },
        meanwhile={"a": {"status": "job_cancel_success"}, "b": {"properties": {"cu_number": 10}}},
    ),
    "options": Scenario(
        {"old": job("a"), "pinned": job("pinned", cu_number=4), "gone": job("gone", opts={"retain_on_delete": True})},
        {
            "new": job("a", opts={"aliases": [URN.format("old")]}, smn_topic="one"),
            "pinned": job("pinned", cu_number=8, smn_topic="one", opts={"ignore_changes": ["cu_number"]}),
        },
        {
            "new": Answer("live", down=False, why=("smn_topic",), state="not touched"),
            "pinned": Answer("live", down=False, why=("smn_topic",), state="not touched"),
            "gone": Answer("release", down=False, state="the job runs on"),
        },
    ),
    "nothing": Scenario({"a": job("a")}, {"a": job("a", checkpoint_interval=10)}, {}),
}
