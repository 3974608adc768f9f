"""What cannot be read ends with one clear line and code 2; what can, is read whatever its size."""

from __future__ import annotations

import subprocess
import sys
import time
from io import BytesIO
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pulumi_dli.review.analysis import review_stack
from pulumi_dli.review.preview_reader import read_preview
from support.review_reading import preview, review, step
from support.review_scenarios import GOLDEN

LIVE = (GOLDEN / "live.json").read_bytes()
TOO_DEEP = b'{"steps": ' + b"[" * 200_000


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (b"", "is empty"),
        (b" \n", "is empty"),
        (b"Previewing update (dev):\n", "not complete, well-formed JSON"),
        (LIVE[: len(LIVE) // 2], "not complete, well-formed JSON"),
        (LIVE + b"x", "not complete, well-formed JSON"),
        (b"\xff\xfe{}", "not complete, well-formed JSON"),
        (b"[]", "neither steps nor changeSummary"),
        (b"{}", "neither steps nor changeSummary"),
        (b'"steps"', "neither steps nor changeSummary"),
        (b'{"steps": [{"op": "update"}]}', "step without op or urn"),
        (b'{"steps": [7]}', "step without op or urn"),
        (b'{"steps": [{"op": "update", "urn": "no-urn"}]}', "step without op or urn"),
        (TOO_DEEP, "nested too deeply"),
        (preview(config={"dli:changeCost": "cheap"}), "dli:changeCost must be an object"),
        (
            preview(diagnostics=[{"severity": "error", "message": "error: no --password hunter2\nmore"}]),
            "a preview that failed: no --password [secret]; fix it",
        ),
    ],
    ids=lambda value: "" if isinstance(value, str) else repr(value[:20]),
)
@pytest.mark.words
def test_unusable_input_is_reported_in_one_line(text: bytes, said: str) -> None:
    """It names the input and the remedy; nothing is written as if it were a review."""
    ran = review("-", stdin=text)
    assert (ran.code, ran.stdout) == (2, "")
    assert ran.stderr.startswith("pulumi-dli review: standard input")
    assert said in ran.stderr
    assert len(ran.stderr.splitlines()) == 1


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ((), "nothing to review"),
        (("absent.json",), "absent.json cannot be read: No such file"),
        (("-", "--fail-on", "restrat"), "restrat is no condition: did you mean restart?"),
        (("-", "--fail-on", "prod:"), "is no condition: it is one of restart"),
        (("-", "--policy", "absent.yaml"), "absent.yaml cannot be read"),
        ((str(GOLDEN / "live.json"), str(GOLDEN / "jar.json")), "stack jobs/test is given twice"),
    ],
)
@pytest.mark.words
def test_a_wrong_use_is_reported_in_one_line(arguments: tuple[str, ...], said: str) -> None:
    """Code 2, never the gate's 1."""
    ran = review(*arguments, stdin=LIVE)
    assert ran.code == 2
    assert said in ran.stderr
    assert len(ran.stderr.splitlines()) == 1


@pytest.mark.words
def test_steps_that_are_null_are_none() -> None:
    """The engine writes null for an empty list."""
    ran = review("-", stdin=b'{"steps": null, "changeSummary": {"same": 3}}')
    assert ran.code == 0
    assert "no job changes; other resources: no change; unchanged: 3" in ran.stdout


def test_the_configured_cost_of_a_change_counts() -> None:
    """dli:changeCost of the stack makes a live change a restart, as it does for the provider."""
    change = step("a", {"smn_topic": "one"}, {"smn_topic": "two"})
    ran = review(
        "-", "--fail-on", "restart", stdin=preview(change, config={"dli:changeCost": '{"smn_topic": "RESTART"}'})
    )
    assert (ran.code, "**restart**" in ran.stdout) == (1, True)


@pytest.mark.words
def test_the_cost_of_an_explicit_provider_counts_where_the_preview_shows_it() -> None:
    """With --show-sames; without, the review says that it cannot know."""
    change = step("a", {"smn_topic": "one"}, {"smn_topic": "two"})
    change["provider"] = "urn:pulumi:prod::jobs::pulumi:providers:pulumi-python::nl::id"
    unseen = review("-", stdin=preview(change))
    assert "whether nl (an explicit provider) overrides them" in unseen.stdout
    provider = {
        "op": "same",
        "urn": "urn:pulumi:prod::jobs::pulumi:providers:pulumi-python::nl",
        "newState": {"inputs": {"changeCost": '{"smn_topic": "RESTART"}'}},
    }
    seen = review("-", stdin=preview(provider, change))
    assert "overrides" not in seen.stdout
    assert "1 restart" in seen.stdout


@pytest.mark.words
def test_values_that_no_job_can_have_are_the_worst_case() -> None:
    """A step that cannot be judged is not passed over."""
    change = step("a", {"cu_number": 4, "tm_slot_num": 2}, {"cu_number": {"x": []}})
    ran = review("-", "--fail-on", "restart", stdin=preview(change))
    assert ran.code == 1
    assert "cannot be judged" in ran.stdout
    assert ran.stderr == ""


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
NAMES = [
    "name",
    "cu_number",
    "runtime_config",
    "resource_config",
    "tags",
    "status",
    "managed",
    "restart_nonce",
    "job_id",
]
BAG = st.dictionaries(st.sampled_from(NAMES), JSON, max_size=4)


@settings(max_examples=60, deadline=None)
@given(
    old=BAG,
    new=BAG,
    op=st.sampled_from(["update", "create", "delete", "replace", "odd"]),
    status=st.sampled_from(["job_running", "x"]),
)
def test_no_values_at_all_break_a_review(old: dict[str, object], new: dict[str, object], op: str, status: str) -> None:
    """Whatever a preview holds under the names of properties, there is a review of the job."""
    made = step("a", {}, {})
    made |= {"op": op, "oldState": {"outputs": {"status": status, **old}}, "newState": {"inputs": new}}
    (job,) = review_stack(read_preview("it", BytesIO(preview(made)))).jobs
    assert job.name == "a"


@pytest.fixture
def large(tmp_path: Path) -> Path:
    """A preview of 1,000 changed jobs with 50 MB of JSON."""
    path = tmp_path / "preview.json"
    filler = {"stackTrace": [{"sourcePosition": "project:///x.py#1" * 60} for _ in range(48)]}
    steps = [step(f"job-{n}", {"cu_number": 4}, {"cu_number": 8}) | filler for n in range(1000)]
    path.write_bytes(preview(*steps))
    assert path.stat().st_size > 48_000_000
    return path


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="measures memory by Linux's /proc")
@pytest.mark.words
def test_a_preview_of_50_mb_takes_seconds_and_little_memory(large: Path) -> None:
    """It is read as a stream; the comment stays within what code hosts accept and counts what it left out."""
    measure = (
        "import pathlib, re, sys; from pulumi_dli.cli import main; code = main(sys.argv[1:]);"
        "most = re.search(r'VmHWM:\\s*(\\d+)', pathlib.Path('/proc/self/status').read_text());"
        "print(int(most[1]) // 1024, file=sys.stderr); sys.exit(code)"
    )
    begun = time.monotonic()
    ran = subprocess.run(
        [sys.executable, "-c", measure, "review", str(large)], capture_output=True, text=True, check=True
    )
    assert time.monotonic() - begun < 20
    assert int(ran.stderr) < 150
    assert "1000 jobs change: 1000 restart" in ran.stdout
    assert len(ran.stdout.encode()) < 65_536
    shown = ran.stdout.count("| 🟠 **restart**")
    assert shown > 100
    assert f"| ... | and {1000 - shown} more jobs | | |" in ran.stdout


def test_the_gravest_jobs_stand_in_a_comment_that_is_cut() -> None:
    """What is left out is the least serious."""
    steps = [step(f"job-{n:04}", {"smn_topic": "a"}, {"smn_topic": "b"}) for n in range(2000)]
    steps.append(step("zz-deleted", {}, {}, op="delete"))
    ran = review("-", stdin=preview(*steps))
    assert len(ran.stdout.encode()) < 65_536
    assert "| `zz-deleted` |" in ran.stdout
