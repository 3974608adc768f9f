"""Values of entrypoint_args and runtime_config never appear in plain text where somebody may read them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from pulumi_dli.emulator.server import Emulator, Options, running
from support.made_up import SECRETS
from support.stack import Stack, job

OLD = ("old-password-a7Q", "old-key-b8R")
NEW = ("new-password-c9S", "new-key-d1T")
ALL = (*OLD, *NEW)


def _inputs(password: str, key: str, **more: Any) -> dict[str, Any]:
    config = json.dumps([{"key": "s3.secret-key", "value": key}])
    return job("orders", entrypoint_args=f"--user me --password {password}", runtime_config=config, **more)


@dataclass(frozen=True)
class Seen:
    """What a user reads while secrets are set, changed, refused by the service, and read back."""

    texts: dict[str, str]
    exported: str
    log: list[dict[str, Any]]
    on_service: dict[str, Any]


@pytest.fixture(scope="module")
def seen(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Seen]:
    """Each command's output; the service's refusal repeats what it was sent, in whole and in parts."""
    with running(Options(time_factor=1000)) as emulator:
        stack = Stack.made(tmp_path_factory.mktemp("secrets") / "stack", emulator, {})
        texts = {}
        stack.jobs(orders=_inputs(*OLD))
        texts["create"] = stack.up("--diff").expect_ok().text
        stack.jobs(orders=_inputs(*NEW))
        texts["preview"] = stack.preview().expect_ok().text
        texts["preview --diff"] = stack.preview("--diff").expect_ok().text
        texts["preview --json"] = stack.preview("--json").expect_ok().text
        repeated = f"Invalid entrypoint_args --user me --password {NEW[0]}: {NEW[0]}, {NEW[1]}"
        answer = {"status": 400, "body": {"error_code": "DLI.0001", "error_msg": repeated}}
        emulator.add_fault(operation="UpdateFlinkJarJob", answer=answer)
        texts["a refusal that repeats them"] = stack.up().expect_failure().text
        answer = {"status": 200, "body": {"is_success": False, "message": repeated}}
        emulator.add_fault(operation="UpdateFlinkJarJob", answer=answer)
        texts["a failure that repeats them"] = stack.up().expect_failure().text
        texts["update"] = stack.up("--diff").expect_ok().text
        drifted = {"entrypoint_args": f"--password {OLD[0]}"}
        emulator.patch_job("orders", properties=drifted)
        texts["refresh"] = stack.refresh("--diff").expect_ok().text
        texts["repair"] = stack.up("--diff").expect_ok().text
        yield Seen(texts, stack.exported(), emulator.requests(), emulator.job("orders"))


COMMANDS = (
    "create",
    "preview",
    "preview --diff",
    "preview --json",
    "a refusal that repeats them",
    "a failure that repeats them",
    "update",
    "refresh",
    "repair",
)


@pytest.mark.parametrize("command", COMMANDS)
def test_no_command_shows_a_secret(seen: Seen, command: str) -> None:
    """Neither the diff, nor a message of ours, nor the service's own words repeated."""
    assert [secret for secret in ALL if secret in seen.texts[command]] == []


@pytest.mark.parametrize("command", ["preview --diff", "update"])
def test_a_changed_secret_is_shown_as_changed(seen: Seen, command: str) -> None:
    """The reader sees that it changes, and not to what."""
    for name in ("entrypoint_args", "runtime_config"):
        assert name in seen.texts[command]
    assert "[secret]" in seen.texts[command]


def test_the_service_still_gets_the_real_values(seen: Seen) -> None:
    """What is hidden from readers is not hidden from the job."""
    assert NEW[0] in seen.on_service["properties"]["entrypoint_args"]
    assert NEW[1] in seen.on_service["properties"]["runtime_config"]


def test_a_refusal_still_says_what_was_refused(seen: Seen) -> None:
    """Only the values are taken out of the service's words; its code stays."""
    assert "Invalid entrypoint_args" in seen.texts["a refusal that repeats them"]
    assert "DLI.0001" in seen.texts["a refusal that repeats them"]


def test_the_state_holds_no_secret_in_plain_text(seen: Seen) -> None:
    """Inputs and outputs are encrypted, after creates, updates and refreshes."""
    assert [secret for secret in ALL if secret in seen.exported] == []


def test_the_emulators_log_holds_no_secret(seen: Seen) -> None:
    """Bodies and answers are masked before they are kept; only the answers that this test scripted are as they are."""
    log = [each for each in seen.log if each["fault"] is None]
    assert {"CreateFlinkJarJob", "UpdateFlinkJarJob", "ShowFlinkJob"} <= {each["operation"] for each in log}
    assert [secret for secret in ALL if secret in json.dumps(log)] == []


def test_the_reason_for_a_jobs_status_is_reported_without_secrets(stack: Stack, emulator: Emulator) -> None:
    """DLI's own words about a job that does not start may repeat its arguments: they are taken out."""
    reason = f"Cannot launch with --user me --password {OLD[0]} and {OLD[1]}."
    detail = {"job_id": 138, "status": "job_submit_fail", "status_desc": reason, "job_config": {}}
    answer = {"status": 200, "body": {"is_success": True, "job_detail": detail}}
    emulator.add_fault(operation="ShowFlinkJob", times=None, answer=answer)
    stack.jobs(orders=_inputs(*OLD))
    failed = stack.up()
    assert "Cannot launch with" in failed.expect_one_line()
    assert [secret for secret in ALL if secret in failed.text] == []


def test_inputs_that_check_refuses_are_not_repeated(stack: Stack) -> None:
    """A wrong type or bad JSON is reported by the property's name and the place in it."""
    stack.jobs(orders=job("orders", entrypoint_args=[OLD[0]], runtime_config=f'{{"key": "{OLD[1]}"'))
    failed = stack.up().expect_failure()
    assert sorted(line.partition("problem: ")[2].split()[0] for line in failed.errors()) == [
        "entrypoint_args",
        "runtime_config",
    ]
    assert [secret for secret in ALL if secret in failed.text] == []


def test_every_command_is_searched_for_every_secret_of_the_suite(stack: Stack) -> None:
    """For what it says and what it leaves, the test that runs it fails, whatever it is about."""
    secret = SECRETS["any password"]
    stack.program(f"print('{secret}')")
    with pytest.raises(AssertionError, match=r"^secrets in the clear:\noutput: any password$"):
        stack.preview()
    stack.program(f"open('left.log', 'w').write('{secret}')")
    with pytest.raises(AssertionError, match=r"^secrets in the clear:\nleft\.log: any password$"):
        stack.preview()


def test_the_secrets_of_the_config_are_encrypted_in_its_file(stack: Stack, emulator: Emulator) -> None:
    """So no test relies on a secret in plain text, and the search covers the file."""
    text = (stack.folder / "Pulumi.test.yaml").read_text(encoding="utf-8")
    assert "dli:token:\n    secure: v1:" in text
    assert emulator.token not in text
