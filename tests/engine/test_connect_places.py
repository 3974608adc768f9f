"""Several regions in one stack, and credentials that change between two commands."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from pulumi_dli.emulator.server import AccessKey, Emulator, Options, Project, running
from support.connecting import KINDS, PROGRAM, TOKEN, Way, inputs, service, snake
from support.stack import Stack, job

KEY_BEFORE, KEY_AFTER = AccessKey("KEYBEFOREX1", "secret-before-X2"), AccessKey("KEYAFTERX3", "secret-after-X4")
REGIONS = {"de": ("eu-de", "a" * 32), "cn": ("cn-north-4", "b" * 32)}


def test_a_stack_with_two_regions_asks_each_for_its_own_jobs_alone(make_stack: Callable[..., Stack]) -> None:
    """Two services, two projects, two kinds of credentials, six jobs in turn: create, update, refresh, destroy."""
    kinds = {"de": KINDS["password"], "cn": KINDS["access key of Huawei"]}
    options = {
        name: replace(service(kinds[name].signature), projects=(Project(project, "emulator"),), first_job_id=number)
        for number, (name, (_, project)) in zip((100, 200), REGIONS.items(), strict=True)
    }
    with running(options["de"]) as de, running(options["cn"]) as cn:
        services = {"de": de, "cn": cn}
        made = Way(make_stack(de))
        made.stack.configure()
        made.stack.program(PROGRAM)
        for name, emulator in services.items():
            arguments = {snake(key): value for key, value in kinds[name].settings.items()}
            place = {"endpoint": emulator.url, "auth_url": emulator.auth_url, "region": REGIONS[name][0]}
            made.providers[name] = {**arguments, **place}
        names = {f"job-{number}": ("de", "cn")[number % 2] for number in range(6)}
        made.declare(**{each: {**job(each), "provider": where} for each, where in names.items()})
        made.run("up")
        made.declare(**{each: {**job(each, cu_number=4), "provider": where} for each, where in names.items()})
        made.run("up")
        made.run("refresh")
        made.run("destroy")
        for name, emulator in services.items():
            assert _asked_for(emulator) == {f"/v1.0/{REGIONS[name][1]}"}
            assert {each["name"] for each in emulator.jobs()} == {each for each, at in names.items() if at == name}
            assert [(each["deleted"], each["properties"]["cu_number"]) for each in emulator.jobs()] == [(True, 4)] * 3
            assert [each for each in emulator.requests() if each["status"] >= 300] == []


def _asked_for(emulator: Emulator) -> set[str]:
    """Return version and project of every request to DLI."""
    return {"/".join(each["path"].split("/")[:3]) for each in emulator.requests() if len(each["path"].split("/")) > 4}


def _rotated(folder: Path, port: int, key: AccessKey) -> Options:
    return Options(time_factor=1000, port=port, data=folder / "dli.sqlite", access_keys=(key,))


def _port_of(emulator: Emulator) -> int:
    return int(emulator.url.rpartition(":")[2])


def test_credentials_of_the_environment_may_change_between_up_and_destroy(
    make_stack: Callable[..., Stack], tmp_path: Path
) -> None:
    """The old key is not accepted any more; it was not kept."""
    with running(_rotated(tmp_path, 0, KEY_BEFORE)) as emulator:
        port = _port_of(emulator)
        stack = make_stack(emulator)
        stack.configure(endpoint=emulator.url, region="eu-de", projectId=emulator.project_id)
        stack.environment = {"OS_ACCESS_KEY": KEY_BEFORE.key, "OS_SECRET_KEY": KEY_BEFORE.secret}
        stack.jobs(orders=job("orders"))
        stack.up().expect_ok()
    with running(_rotated(tmp_path, port, KEY_AFTER)) as emulator:
        assert "Get secretKey failed" in stack.destroy().expect_one_line()
        stack.environment = {"OS_ACCESS_KEY": KEY_AFTER.key, "OS_SECRET_KEY": KEY_AFTER.secret}
        stack.refresh().expect_ok()
        stack.destroy().expect_ok()
        assert emulator.job("orders")["deleted"]


@pytest.mark.full
def test_credentials_of_the_config_change_with_the_next_up(make_stack: Callable[..., Stack], tmp_path: Path) -> None:
    """`destroy` takes the config of the last `up`; the refusal says so, and an `up` brings the new one."""
    with running(_rotated(tmp_path, 0, KEY_BEFORE)) as emulator:
        port = _port_of(emulator)
        stack = make_stack(emulator)
        usual = {"endpoint": emulator.url, "region": "eu-de", "projectId": emulator.project_id}
        stack.configure(**usual, accessKey=KEY_BEFORE.key, secretKey=KEY_BEFORE.secret)
        stack.jobs(orders=job("orders"))
        stack.up().expect_ok()
    with running(_rotated(tmp_path, port, KEY_AFTER)) as emulator:
        stack.configure(**usual, accessKey=KEY_AFTER.key, secretKey=KEY_AFTER.secret)
        assert "destroy and refresh use the config of the last up" in stack.destroy().expect_one_line()
        stack.up().expect_ok()
        stack.destroy().expect_ok()
        assert emulator.job("orders")["deleted"]


@pytest.mark.full
def test_credentials_of_the_environment_go_to_no_strange_host(
    make_stack: Callable[..., Stack], emulator: Emulator
) -> None:
    """An address in the config that is nobody's cloud is refused before anything is sent."""
    stack = make_stack(emulator)
    stack.configure(endpoint="https://dli.example.com", region="eu-de")
    stack.environment = {"OS_TOKEN": TOKEN, "OS_PROJECT_ID": emulator.project_id}
    stack.jobs(orders=job("orders"))
    stack.preview().expect_ok()
    line = stack.up().expect_one_line()
    assert "OS_TOKEN is not sent to dli.example.com" in line
    assert "PULUMI_DLI_ALLOWED_HOSTS=dli.example.com" in line


@pytest.mark.full
def test_an_explicit_providers_secrets_are_masked_and_marked(
    make_stack: Callable[..., Stack], emulator: Emulator
) -> None:
    """In the preview of a change of one, and in the state."""
    made = Way(make_stack(emulator))
    made.stack.program(PROGRAM)
    made.providers["own"] = {"endpoint": emulator.url, "region": "eu-de", "token": emulator.token}
    made.declare()
    made.run("up")
    made.providers["own"]["token"] = TOKEN
    made.declare(orders={**inputs(), "provider": "own"})
    made.run("preview", "--diff")
    assert "[secret]" in made.texts[-1]
    for text in (made.texts[-1], made.stack.exported()):
        assert TOKEN not in text
        assert emulator.token not in text


def test_the_doctor_reads_the_config_of_the_stack(make_stack: Callable[..., Stack], emulator: Emulator) -> None:
    """Secrets, too, which it does not show; of a stack that does not exist it says so."""
    stack = make_stack(emulator)
    stack.configure(endpoint=emulator.url, region="eu-de", projectId=emulator.project_id)
    stack.run("config", "set", "--secret", "dli:token", emulator.token).expect_ok()

    told = _doctor(stack, "--stack", "test")
    assert (told.returncode, told.stderr) == (0, "")
    assert "4 dli:* settings of test" in told.stdout
    assert "read: DLI lists the project's Flink jobs: 0" in told.stdout
    assert emulator.token not in told.stdout

    missing = _doctor(stack, "--stack", "other")
    assert missing.returncode == 1
    assert "failed  stack config: " in missing.stdout
    assert "name the stack with --stack" in missing.stdout


def _doctor(stack: Stack, *options: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "pulumi_dli.cli", "doctor", *options]
    return subprocess.run(
        command, cwd=stack.folder, env=stack.surroundings(), capture_output=True, text=True, timeout=60, check=False
    )


@pytest.mark.full
@pytest.mark.parametrize("key", ["dli:projectID", "dli:regoin"])
def test_a_misspelt_setting_is_reported_with_the_right_one(
    make_stack: Callable[..., Stack], emulator: Emulator, key: str
) -> None:
    """When the host is configured: in the preview already."""
    stack = make_stack(emulator)
    stack.configure(**{"endpoint": emulator.url, key.removeprefix("dli:"): "x"})
    stack.jobs(orders=job("orders"))
    line = stack.preview().expect_one_line()
    assert f"{key} is no setting of this provider: did you mean dli:{'projectId' if 'ID' in key else 'region'}?" in line
