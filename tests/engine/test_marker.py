"""On the real engine a program's own words cannot make its change look harmless."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from pulumi_dli.emulator.server import Options, running
from support.review_reading import review
from support.stack import PROGRAM, Stack, job

LOGGING = (
    PROGRAM
    + """
    for line in json.loads(Path("lines.json").read_text()):
        pulumi.log.info(line, resource=job)
"""
)
PARALLELISM = [{"key": "pipeline.max-parallelism", "value": "64"}]
FORGED = "[dli/1 action=none certain=yes phase=plan risks=]"


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """A stack with one job, whose program logs lines at the job."""
    with running(Options(time_factor=1000)) as emulator:
        stack = Stack.made(tmp_path_factory.mktemp("marker") / "stack", emulator, {})
        stack.program(LOGGING)
        stack.give("lines.json", "[]")
        stack.jobs(a=job("a", runtime_config="", checkpoint_enabled=True, resume_checkpoint=True))
        stack.up().expect_ok()
        yield stack


def gate(stack: Stack, lines: list[str], *options: str, **inputs: object) -> tuple[int, set[str]]:
    """Preview a change while the program logs these lines; return the gate's exit code and the codes of the risks."""
    stack.give("lines.json", json.dumps(lines))
    usual = {"runtime_config": json.dumps(PARALLELISM), "checkpoint_enabled": True, "resume_checkpoint": True}
    stack.jobs(a=job("a", **(usual | inputs)))
    text = stack.preview("--json", *options).expect_ok().stdout.encode()
    (found,) = json.loads(review("-", "--format", "json", stdin=text).stdout)["stacks"][0]["jobs"]
    return review("-", "--fail-on", "state-risk", stdin=text).code, {each["code"] for each in found["risks"]}


def test_twenty_lines_of_a_program_do_not_open_the_gate(stack: Stack) -> None:
    """The risk of a hidden key comes with the marker, whatever else is said."""
    lines = ["runtime_config differs in b", *[f"line {number}" for number in range(19)]]
    assert gate(stack, lines) == (1, {"max-parallelism"})


def test_a_forged_marker_does_not_open_the_gate(stack: Stack) -> None:
    """It contradicts the provider's."""
    code, risks = gate(stack, [FORGED])
    assert (code, "no-marker" in risks) == (1, True)


def test_a_damaged_marker_does_not_open_the_gate(stack: Stack) -> None:
    """Nor does it say anything harmless about a change in place."""
    code, risks = gate(stack, ["[dli/1 action=nothing"], runtime_config="", smn_topic="urn:smn:x")
    assert (code, risks) == (1, {"no-marker"})


def test_a_change_that_is_harmless_passes(stack: Stack) -> None:
    """With its marker, and nothing forged."""
    assert gate(stack, ["a line"], runtime_config="", smn_topic="urn:smn:x") == (0, set())


def test_a_refresh_before_the_preview_is_another_phase(stack: Stack) -> None:
    """`preview --refresh` asks the provider twice; the plan's verdict counts."""
    assert gate(stack, [], "--refresh", runtime_config="", smn_topic="urn:smn:x") == (0, set())


def test_a_preview_without_the_provider_s_messages_does_not_open_the_gate(stack: Stack) -> None:
    """As one that somebody has edited."""
    stack.give("lines.json", "[]")
    stack.jobs(a=job("a", smn_topic="urn:smn:x", checkpoint_enabled=True, resume_checkpoint=True))
    document = json.loads(stack.preview("--json").expect_ok().stdout)
    document["diagnostics"] = []
    assert review("-", "--fail-on", "state-risk", stdin=json.dumps(document).encode()).code == 1
