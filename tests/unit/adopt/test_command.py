"""`pulumi-dli adopt` without Pulumi: which jobs it chooses, what it prints, and how it fails."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import requests

from pulumi_dli.adopt.command import add_arguments
from pulumi_dli.cli import main
from pulumi_dli.emulator.server import Emulator
from support.places import ROOT

GUIDE = ROOT / "docs" / "how-to" / "adopting.md"
Adopt = Callable[..., tuple[int, str, str]]


@pytest.fixture
def adopt(
    emulator: Emulator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Adopt:
    """Run the command in a folder of its own, on a machine without `pulumi`; return code, stdout and stderr."""
    monkeypatch.setenv("PATH", "")
    monkeypatch.setenv("OS_TOKEN", emulator.token)
    monkeypatch.setenv("OS_PROJECT_ID", emulator.project_id)
    monkeypatch.chdir(tmp_path)

    def run(*options: str) -> tuple[int, str, str]:
        code = main(["adopt", "--endpoint", emulator.url, *options])
        shown = capsys.readouterr()
        return code, shown.out, shown.err

    return run


def made(emulator: Emulator, name: str, **properties: Any) -> int:
    """Make a job by hand."""
    answer = requests.post(
        f"{emulator.url}/v1.0/{emulator.project_id}/streaming/flink-jobs",
        json={"name": name, "queue_name": "streaming", **properties},
        headers={"X-Auth-Token": emulator.token},
        timeout=10,
    )
    return int(answer.json()["job"]["job_id"])


def one_line(err: str) -> str:
    """Return the only line of stderr after the progress; it is no traceback."""
    assert "Traceback" not in err
    return err.rstrip("\n").rpartition("\n")[2]


def test_a_dry_run_prints_the_program_and_writes_nothing(adopt: Adopt, emulator: Emulator, tmp_path: Path) -> None:
    """Secrets need no stack for it."""
    made(emulator, "orders", entrypoint_args="--x")
    code, out, _ = adopt("--dry-run")
    assert code == 0
    assert 'orders = dli.FlinkJarJob(\n    "orders",\n    job_id="138",' in out
    assert list(tmp_path.iterdir()) == []


@pytest.mark.words
def test_files_are_written_without_a_stack_where_nothing_is_secret(
    adopt: Adopt, emulator: Emulator, tmp_path: Path
) -> None:
    """What is left to do is printed: the settings for the stack to come."""
    made(emulator, "orders")
    code, out, err = adopt()
    assert code == 0
    assert {path.name for path in tmp_path.iterdir()} == {"__main__.py", "Pulumi.yaml", "requirements.txt"}
    assert f"pulumi config set dli:endpoint {emulator.url}" in err
    assert out.endswith("changes nothing: pulumi up\n")


@pytest.mark.words
def test_secrets_without_a_stack_are_refused_before_anything_is_written(
    adopt: Adopt, emulator: Emulator, tmp_path: Path
) -> None:
    """The line names the remedy, and not the secret."""
    made(emulator, "orders", entrypoint_args="--password hunter2x")
    code, out, err = adopt()
    assert (code, out) == (1, "")
    assert "1 secrets, such as orders_entrypoint_args" in one_line(err)
    assert "--stack" in one_line(err)
    assert "hunter2x" not in err
    assert list(tmp_path.iterdir()) == []


def test_a_stack_without_pulumi_is_refused(adopt: Adopt, emulator: Emulator) -> None:
    """The line says what is missing."""
    made(emulator, "orders")
    code, _, err = adopt("--stack", "dev")
    assert code == 1
    assert "pulumi is not on PATH" in one_line(err)


def test_another_program_is_not_overwritten(adopt: Adopt, emulator: Emulator, tmp_path: Path) -> None:
    """Nor is anything written beside it."""
    made(emulator, "orders")
    (tmp_path / "__main__.py").write_text("mine = 1\n")
    code, _, err = adopt()
    assert code == 1
    assert "__main__.py exists and is not overwritten" in one_line(err)
    assert [path.name for path in tmp_path.iterdir()] == ["__main__.py"]
    assert (tmp_path / "__main__.py").read_text() == "mine = 1\n"


def test_the_same_program_is_left_as_it_is(adopt: Adopt, emulator: Emulator, tmp_path: Path) -> None:
    """A second run succeeds and writes nothing."""
    made(emulator, "orders")
    adopt()
    before = {path: path.stat().st_mtime_ns for path in tmp_path.iterdir()}
    code, _, err = adopt()
    assert code == 0
    assert "wrote" not in err
    assert {path: path.stat().st_mtime_ns for path in tmp_path.iterdir()} == before


def test_files_of_the_project_are_left_as_they_are(adopt: Adopt, emulator: Emulator, tmp_path: Path) -> None:
    """A project with files of its own gets the program alone; pyproject.toml is as good as requirements.txt."""
    made(emulator, "orders")
    for name in ("Pulumi.yml", "pyproject.toml"):
        (tmp_path / name).write_text("mine")
    assert adopt()[0] == 0
    assert {path.name for path in tmp_path.iterdir()} == {"Pulumi.yml", "pyproject.toml", "__main__.py"}


@pytest.mark.words
def test_a_folder_is_made_and_gives_the_project_its_name(adopt: Adopt, emulator: Emulator, tmp_path: Path) -> None:
    """With characters that Pulumi takes."""
    made(emulator, "orders")
    code, out, _ = adopt("--output", "a b/my jobs!", "--program", "jobs/adopted.py")
    assert code == 0
    assert out.endswith(f"changes nothing: pulumi up --cwd '{tmp_path / 'a b/my jobs!'}'\n")
    folder = tmp_path / "a b" / "my jobs!"
    assert (folder / "Pulumi.yaml").read_text().startswith('name: "my-jobs"\n')
    assert (folder / "jobs" / "adopted.py").exists()


def test_a_folder_that_cannot_be_written_is_reported(adopt: Adopt, emulator: Emulator, tmp_path: Path) -> None:
    """In one line."""
    made(emulator, "orders")
    (tmp_path / "file").touch()
    code, _, err = adopt("--output", "file")
    assert code == 1
    assert "cannot be written" in one_line(err)


@pytest.mark.parametrize(
    ("options", "names"),
    [
        ((), ["clicks", "click-2", "orders"]),
        (("--name", "click*"), ["clicks", "click-2"]),
        (("--name", "click-?"), ["click-2"]),
        (("--name", "orders"), ["orders"]),
        (("--queue", "testQueue"), ["click-2", "orders"]),
        (("--queue", "testQueue", "--name", "c*"), ["click-2"]),
    ],
)
def test_jobs_are_chosen_by_pattern_and_queue(
    adopt: Adopt, emulator: Emulator, options: tuple[str, ...], names: list[str]
) -> None:
    """The pattern is a shell's, for the whole name."""
    made(emulator, "clicks")
    made(emulator, "click-2", queue_name="testQueue")
    made(emulator, "orders", queue_name="testQueue")
    _, out, _ = adopt(*options)
    assert [line.split("  ")[2].strip('"') for line in out.splitlines()[:-1]] == names


@pytest.mark.words
def test_no_job_that_fits_is_an_error(adopt: Adopt, emulator: Emulator) -> None:
    """The line says where was looked, and how to choose."""
    made(emulator, "orders")
    code, out, err = adopt("--name", "order")
    assert (code, out) == (1, "")
    assert f"no Flink JAR job of project {emulator.project_id} fits: see --name and --queue" in one_line(err)


def test_every_page_of_the_list_is_read(adopt: Adopt, emulator: Emulator) -> None:
    """The service gives at most a hundred jobs at once."""
    for number in range(201):
        made(emulator, f"orders-{number}")
    _, out, err = adopt("--dry-run")
    assert out.count("dli.FlinkJarJob(") == 201
    assert "read 200 of 201 jobs" in err
    assert len(emulator.requests(operation="ListFlinkJobs")) == 3


@pytest.mark.words
def test_a_job_that_goes_meanwhile_is_left_out_and_reported(adopt: Adopt, emulator: Emulator) -> None:
    """The others are adopted."""
    made(emulator, "orders")
    gone = made(emulator, "gone")
    gone_answer = {"status": 400, "body": {"error_code": "DLI.16001", "error_msg": "no such job"}}
    emulator.add_fault(operation="ShowFlinkJob", job=str(gone), answer=gone_answer)
    code, out, err = adopt("--dry-run")
    assert code == 0
    assert f"gone: left out, DLI has no job {gone}" in err
    assert out.count("dli.FlinkJarJob(") == 1


def test_a_cloud_without_tags_is_no_obstacle(adopt: Adopt, emulator: Emulator) -> None:
    """Open Telekom Cloud's reference does not have the list of a job's tags."""
    made(emulator, "orders")
    emulator.add_fault(operation="ShowTags", answer={"status": 404, "text": "<html>404 Not Found</html>"})
    assert adopt("--dry-run")[0] == 0


@pytest.mark.words
def test_a_service_that_fails_ends_it_in_one_line(adopt: Adopt, emulator: Emulator, tmp_path: Path) -> None:
    """Half of the jobs are no program."""
    made(emulator, "orders")
    refused = {"status": 403, "body": {"error_code": "DLI.0003", "error_msg": "no permission"}}
    emulator.add_fault(operation="ShowFlinkJob", answer=refused)
    code, out, err = adopt()
    assert (code, out) == (1, "")
    assert "ShowFlinkJob was refused: no permission (HTTP 403, DLI.0003" in one_line(err)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.words
def test_missing_credentials_are_reported_in_one_line(adopt: Adopt, monkeypatch: pytest.MonkeyPatch) -> None:
    """As by the provider itself."""
    monkeypatch.delenv("OS_TOKEN")
    code, _, err = adopt()
    assert code == 1
    assert "no credentials" in one_line(err)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (None, "state.json cannot be read: No such file or directory"),
        (b"\xff", "state.json cannot be read: no text"),
        (b"{}", "state.json: it is no Terraform state"),
        (b'{"version": 4, "resources": []}', "state.json holds no huaweicloud_dli_flinkjar_job"),
    ],
    ids=["absent", "binary", "other", "empty"],
)
@pytest.mark.words
def test_a_terraform_state_that_is_none_is_reported_in_one_line(
    adopt: Adopt, tmp_path: Path, text: bytes | None, reason: str
) -> None:
    """The line names the file and the reason."""
    if text is not None:
        (tmp_path / "state.json").write_bytes(text)
    code, _, err = adopt("--terraform-state", "state.json")
    assert code == 1
    assert reason in one_line(err)


@pytest.mark.words
def test_an_interruption_is_reported_in_one_line(adopt: Adopt, monkeypatch: pytest.MonkeyPatch) -> None:
    """With the exit code that a shell gives to it."""

    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("pulumi_dli.adopt.command.stack_in", interrupted)
    code, _, err = adopt()
    assert code == 130
    assert "interrupted: run it again" in one_line(err)


def test_every_option_is_in_the_guide() -> None:
    """By its name, in the table of docs/how-to/adopting.md."""
    parser = argparse.ArgumentParser()
    add_arguments(parser)
    options = {word.strip(",") for word in parser.format_help().split() if word.startswith("--")}
    guide = GUIDE.read_text(encoding="utf-8")
    assert {option for option in options if f"`{option}" not in guide} == {"--help"}
