"""The guard of identity: a job of one project or region is never touched with the configuration of another."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from pulumi_dli.emulator.options import PASSWORD
from pulumi_dli.emulator.server import Emulator, Options, Project, running
from support.stack import Stack, job

ONE = "0a000000000000000000000000000001"
OTHER = "0b000000000000000000000000000002"
TOKEN = "token-that-must-stay-secret"  # noqa: S105 - made up


@pytest.fixture
def dli() -> Iterator[Emulator]:
    """A DLI with two projects, whose token opens both."""
    projects = (Project(ONE, "one"), Project(OTHER, "other"))
    with running(Options(time_factor=1000, projects=projects, token=TOKEN)) as emulator:
        yield emulator


@pytest.fixture
def placed(make_stack: Callable[..., Stack], dli: Emulator) -> Stack:
    """A stack with a job in project ONE, region eu-de; both are given by the environment, which is always current."""
    stack = make_stack(dli)
    stack.configure(endpoint=dli.url, token=TOKEN)
    stack.environment = {"OS_PROJECT_ID": ONE, "OS_REGION_NAME": "eu-de"}
    stack.jobs(orders=job("orders"))
    stack.up().expect_ok()
    dli.clear_requests()
    return stack


def test_every_command_refuses_a_job_of_another_project(placed: Stack, dli: Emulator) -> None:
    """One line names both projects and the way out; no request leaves; the job stays in the state as it was."""
    before = placed.stored()
    placed.environment["OS_PROJECT_ID"] = OTHER
    for command in (placed.preview, placed.up, placed.refresh, placed.destroy):
        line = command().expect_one_line()
        assert f"orders: the job belongs to project {ONE}" in line
        assert OTHER in line
        assert f"PULUMI_DLI_ACCEPT_IDENTITY={ONE}/eu-de" in line
    placed.jobs(orders=job("orders", cu_number=4))
    assert "the job belongs to project" in placed.up().expect_one_line()
    assert dli.requests() == []
    assert placed.stored() == before


@pytest.mark.parametrize("setting", ["projectId", "region"])
def test_a_changed_stack_config_is_refused(placed: Stack, dli: Emulator, setting: str) -> None:
    """`preview` and `up` under another `dli:projectId` or `dli:region` refuse, even where no property changes."""
    before = placed.stored()
    placed.configure(endpoint=dli.url, token=TOKEN, **{setting: {"projectId": OTHER, "region": "eu-nl"}[setting]})
    for command in (placed.preview, placed.up):
        assert f"dli:{setting}" in command().expect_one_line()
    assert dli.requests() == []
    assert placed.stored() == before


def test_a_project_that_is_given_by_name_is_guarded_as_well(make_stack: Callable[..., Stack], dli: Emulator) -> None:
    """Its id comes with the login: DLI is not asked for a job of another project, which never counts as gone."""
    stack = make_stack(dli)
    account = {"authUrl": dli.auth_url, "userName": "emulator", "password": PASSWORD, "domainName": "emulator"}
    stack.configure(endpoint=dli.url, region="eu-de", **account)
    stack.environment = {"OS_PROJECT_NAME": "one"}
    stack.jobs(orders=job("orders"))
    stack.up().expect_ok()
    before = stack.stored()
    dli.clear_requests()
    stack.environment = {"OS_PROJECT_NAME": "other"}
    stack.jobs(orders=job("orders", cu_number=4))
    for command in (stack.up, stack.refresh, stack.destroy):
        assert "the job belongs to project" in command().expect_one_line()
    assert [each["operation"] for each in dli.requests() if "/streaming/" in each["path"]] == []
    assert stack.stored() == before


@pytest.mark.parametrize("command", ["up", "refresh"])
def test_the_way_out_lets_one_run_pass_and_no_further_one_is_needed(placed: Stack, command: str) -> None:
    """After a run that accepts the new identity the state holds it: the next run passes by itself."""
    placed.environment["OS_REGION_NAME"] = "eu-nl"
    placed.environment["PULUMI_DLI_ACCEPT_IDENTITY"] = f"{ONE}/eu-de"
    {"up": placed.up, "refresh": placed.refresh}[command]().expect_ok()
    del placed.environment["PULUMI_DLI_ACCEPT_IDENTITY"]
    placed.preview().expect_unchanged()
    assert placed.stored()["orders"]["outputs"]["region"] == "eu-nl"


def test_the_way_out_is_for_one_identity_alone(placed: Stack, dli: Emulator) -> None:
    """Accepting some other project does not accept this one."""
    placed.environment |= {"OS_PROJECT_ID": OTHER, "PULUMI_DLI_ACCEPT_IDENTITY": f"{OTHER}/eu-de"}
    assert ONE in placed.refresh().expect_one_line()
    assert dli.requests() == []


def test_another_endpoint_alone_only_warns(placed: Stack, dli: Emulator) -> None:
    """The private address of the same service is no other place; the job is found there."""
    private = dli.url.replace("127.0.0.1", "localhost")
    placed.configure(endpoint=private, token=TOKEN)
    placed.jobs(orders=job("orders", smn_topic="new"))
    shown = placed.up().expect_ok()
    assert "warning: " in shown.stdout
    assert private in shown.stdout
    assert placed.stored()["orders"]["outputs"]["endpoint"] == private


EXPLICIT = """
import pulumi
import pulumi_dli as dli

provider = dli.Provider("{name}", endpoint="{url}", region="eu-de", project_id="{project}", token="{token}")
common = dict(queue_name="streaming", entrypoint="obs://artifacts/job.jar", settle_time=0)
dli.FlinkJarJob("orders", name="{job}", opts=pulumi.ResourceOptions(provider=provider), **common)
"""


def _explicit(dli: Emulator, **values: Any) -> str:
    usual = {"name": "own", "url": dli.url, "project": OTHER, "token": TOKEN, "job": "explicit"}
    return EXPLICIT.format(**usual | values)


@pytest.fixture
def explicit(make_stack: Callable[..., Stack], dli: Emulator) -> Stack:
    """A stack whose only job stands under an explicit provider for project OTHER; its own config knows no project."""
    stack = make_stack(dli)
    stack.configure()
    stack.program(_explicit(dli))
    stack.up().expect_ok()
    return stack


def test_an_explicit_provider_manages_the_jobs_of_its_own_project(explicit: Stack, dli: Emulator) -> None:
    """Create, refresh and a preview go to the provider's project, whatever the stack's config says."""
    assert dli.job("explicit")["project_id"] == OTHER
    explicit.refresh().expect_unchanged()
    explicit.preview().expect_unchanged()


def test_an_explicit_providers_token_is_not_in_plain_text_in_the_state(explicit: Stack) -> None:
    """Neither the provider's inputs nor its outputs show it."""
    assert TOKEN not in explicit.exported()


def test_an_explicit_provider_moved_to_another_project_is_refused(explicit: Stack, dli: Emulator) -> None:
    """Pulumi itself sees no change of the job there; the provider notices, and nothing is sent."""
    before = explicit.stored()
    dli.clear_requests()
    explicit.program(_explicit(dli, project=ONE))
    assert "the job belongs to project" in explicit.up().expect_one_line()
    assert dli.requests() == []
    assert explicit.stored() == before


def test_a_job_moved_to_another_explicit_provider_is_refused(explicit: Stack, dli: Emulator) -> None:
    """Moving a job to a provider for another project never replaces it, and never reaches that project."""
    before = explicit.stored()
    dli.clear_requests()
    explicit.program(_explicit(dli, name="second", project=ONE))
    assert "the job belongs to project" in explicit.up().expect_one_line()
    assert dli.requests() == []
    assert explicit.stored() == before
