"""`pulumi-dli adopt` and the project that takes its result: nothing there is overwritten, a second run finishes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest

from pulumi_dli.emulator.server import Emulator, Options, running
from support.adoption import account, adopt, empty, made, writes
from support.stack import Result, Stack, job

SECRET = "--password hunter2x\r\n\r"  # noqa: S105 - made up; line ends are where a value gets lost


def files(stack: Stack) -> dict[str, bytes]:
    """Return the project's files with what is in them."""
    return {path.name: path.read_bytes() for path in stack.folder.iterdir() if path.is_file()}


@dataclass
class Runs:
    """What several runs in one project came to, and the files after each."""

    first: Result
    written: dict[str, bytes]
    second: Result
    after_second: dict[str, bytes]
    wrong_passphrase: Result
    other_secret: Result
    at_last: dict[str, bytes]


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Runs]:
    """A run, the same again, one with a wrong passphrase, and one after a secret was changed in DLI."""
    with running(Options(time_factor=1000)) as emulator:
        made(emulator, "orders", entrypoint_args=SECRET)
        stack = empty(tmp_path_factory.mktemp("adopt") / "jobs", account(emulator))
        first, written = adopt(stack, emulator), files(stack)
        second, after_second = adopt(stack, emulator), files(stack)
        wrong = Stack(stack.folder, {**stack.environment, "PULUMI_CONFIG_PASSPHRASE": "hunter2-wrong"})
        wrong_passphrase = adopt(wrong, emulator)
        emulator.patch_job("orders", properties={"entrypoint_args": "--password hunter3"})
        other_secret = adopt(stack, emulator, "--program", "other.py")
        yield Runs(first, written, second, after_second, wrong_passphrase, other_secret, files(stack))


def test_a_run_makes_the_project_and_the_stack(runs: Runs) -> None:
    """Everything that `pulumi up` needs."""
    runs.first.expect_ok()
    assert runs.first.stdout.endswith("changes nothing: pulumi up --stack test\n")
    assert set(runs.written) == {"Pulumi.yaml", "Pulumi.test.yaml", "__main__.py", "requirements.txt"}


def test_the_same_run_again_changes_nothing(runs: Runs) -> None:
    """Not even the encrypted form of a secret."""
    runs.second.expect_ok()
    assert runs.after_second == runs.written


def test_a_wrong_passphrase_is_reported_in_one_line(runs: Runs) -> None:
    """With Pulumi's own reason."""
    assert runs.wrong_passphrase.expect_failure().stderr == (
        "pulumi-dli adopt: pulumi config --json failed: incorrect passphrase\n"
    )


def test_a_config_key_with_another_value_is_not_overwritten(runs: Runs) -> None:
    """Nor is a file written then; neither of the two values is shown."""
    last = runs.other_secret.expect_failure().stderr.splitlines()[-1]
    assert "stack test has another value for orders_entrypoint_args" in last
    assert "hunter2x" not in runs.other_secret.text
    assert "--password" not in runs.other_secret.text
    assert runs.at_last == runs.written


@pytest.mark.full
def test_a_program_that_exists_imports_the_new_one(make_stack: Callable[..., Stack], emulator: Emulator) -> None:
    """Settings come from the stack; its own jobs are left out, but not one that it only looks up; nothing is sent."""
    stack = make_stack(emulator)
    orders = made(emulator, "orders", entrypoint_args="--password hunter2x")
    stack.jobs(own=job("own"))
    program = stack.folder / "__main__.py"
    existing = f'{program.read_text(encoding="utf-8")}\ndli.FlinkJarJob.get("looked-up", "{orders}")\n'
    stack.program(existing)
    stack.up().expect_ok()
    stack.program(f"{existing}\nimport adopted\n")
    emulator.clear_requests()
    done = stack.command("pulumi-dli", "adopt", "--stack", "test", "--program", "adopted.py").expect_ok()
    assert "1 of 2 jobs are in the stack already" in done.stderr
    assert "+ 1 created" in stack.up().expect_ok().stdout
    assert writes(emulator) == []
    assert set(stack.resources()) == {"own", "looked-up", "orders"}
