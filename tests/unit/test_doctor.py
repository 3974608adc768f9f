"""The doctor: which credentials and address would be used and why, and a remedy for each failure on the way."""

from __future__ import annotations

import json
import os
import pty
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from pulumi_dli.config.settings import read_settings
from pulumi_dli.doctor import Finding, examine, values_of
from pulumi_dli.emulator.options import PASSWORD
from pulumi_dli.emulator.server import Emulator, Options, Project, running
from support.leaks import expect_none, leaks
from support.scripted import CERTIFICATE, OK, Reply, in_turn, scripted

DE, TEAM = "a" * 32, "b" * 32
KEY = {"OS_ACCESS_KEY": "EMULATORACCESSKEY", "OS_SECRET_KEY": "emulator-secret-key"}
LOGIN = {"OS_USERNAME": "emulator", "OS_PASSWORD": PASSWORD, "OS_DOMAIN_NAME": "emulator"}


@pytest.fixture(scope="module")
def service() -> Iterator[Emulator]:
    """DLI and IAM of eu-de with two projects."""
    projects = (Project(DE, "eu-de"), Project(TEAM, "eu-de_team"))
    with running(Options(time_factor=1000, projects=projects)) as emulator:
        yield emulator


def found(service: Emulator, environment: Mapping[str, str], **config: str) -> list[Finding]:
    """Examine a configuration whose addresses are those of the service; nothing that is said shows a secret."""
    usual = {"endpoint": service.url, "authUrl": service.auth_url, "region": "eu-de"}
    findings = list(examine(read_settings({**usual, **config}, environment)))
    expect_none(leaks(str(findings), "findings"))
    return findings


def failed(findings: list[Finding]) -> tuple[str, str, str]:
    """Return step, sentence and remedy of the only failure, which is the last finding."""
    assert [each.step for each in findings if each.state == "failed"] == [findings[-1].step], findings
    assert findings[-1].remedy is not None
    return findings[-1].step, findings[-1].said, findings[-1].remedy


@pytest.mark.parametrize(
    ("environment", "config", "said"),
    [
        (KEY, {}, "access key (accessKey from OS_ACCESS_KEY, secretKey from OS_SECRET_KEY)"),
        ({}, {"token": "emulator-token", "projectId": TEAM}, "token (token from dli:token)"),
        ({**LOGIN, "OS_PROJECT_NAME": "eu-de_team"}, {}, "user and password (userName from OS_USERNAME, password from"),
    ],
    ids=["key", "token", "password"],
)
@pytest.mark.words
def test_what_works_is_reported_step_by_step(
    service: Emulator, environment: dict[str, str], config: dict[str, str], said: str
) -> None:
    """Up to one read call."""
    findings = found(service, environment, **config)

    assert {each.state for each in findings} == {"ok"}
    assert findings[0].said.startswith(said)
    login = ["login"] if environment and "OS_USERNAME" in environment else []
    assert [each.step for each in findings] == [
        "credentials",
        "address",
        "name",
        "connection",
        "clock",
        *login,
        "project",
        "read",
    ]
    assert findings[-1].said == "DLI lists the project's Flink jobs: 0"


@pytest.mark.words
def test_a_set_that_was_passed_over_is_reported(service: Emulator) -> None:
    """With what it lacks: it may be the one that was meant."""
    findings = found(service, KEY, userName="u")

    assert findings[1] == Finding(
        "credentials",
        "warning",
        "passed over: user and password (begun by dli:userName) lacks dli:password or OS_PASSWORD, dli:domainName or "
        "dli:domainId or OS_USER_DOMAIN_NAME",
    )


@pytest.mark.words
def test_missing_credentials_are_reported(service: Emulator) -> None:
    """And nothing is tried without."""
    step, said, remedy = failed(found(service, {"OS_USERNAME": "u"}))

    assert step == "credentials"
    assert "user and password (begun by OS_USERNAME) lacks dli:password or OS_PASSWORD" in said
    assert "docs/how-to/connecting.md" in remedy


@pytest.mark.words
def test_a_host_that_is_not_allowed_is_reported(service: Emulator) -> None:
    """With the variable that would allow it."""
    step, said, remedy = failed(found(service, KEY, endpoint="https://dli.example.com"))

    assert step == "address"
    assert "OS_ACCESS_KEY is not sent to dli.example.com" in said
    assert "PULUMI_DLI_ALLOWED_HOSTS=dli.example.com" in remedy


@pytest.mark.words
def test_a_name_that_does_not_exist_is_reported_with_region_and_address(service: Emulator) -> None:
    """A misspelt region, say."""
    config = {"token": "gAAAAA-t", "projectId": TEAM, "endpoint": "https://dli.eu-xx.invalid"}
    step, said, remedy = failed(found(service, {}, **config))

    assert step == "name"
    assert "dli.eu-xx.invalid does not exist" in said
    assert remedy.startswith("check dli:region (it is eu-de) and dli:endpoint")


@pytest.mark.words
def test_a_certificate_that_is_not_trusted_is_reported(service: Emulator, tmp_path: Path) -> None:
    """With the setting that names its authority."""
    file = tmp_path / "certificate.pem"
    file.write_text(CERTIFICATE, encoding="ascii")
    with scripted(in_turn(OK), certificate=file) as other:
        step, said, remedy = failed(found(service, KEY, endpoint=other.url))

    assert (step, remedy) == ("connection", "name its authority with dli:caCert")
    assert "is not trusted" in said


@pytest.mark.words
def test_nobody_at_the_address_is_reported(service: Emulator) -> None:
    """With the settings to check."""
    with scripted(in_turn(OK)) as other:
        pass
    step, _, remedy = failed(found(service, KEY, endpoint=other.url))

    assert (step, remedy) == ("connection", "check dli:endpoint, dli:region and the network")


@pytest.mark.parametrize(
    ("environment", "config", "step", "remedy"),
    [
        ({}, {"token": "gAAAAA-old", "projectId": TEAM}, "read", "renew dli:token"),
        (
            {**KEY, "OS_SECRET_KEY": "hunter2-x"},
            {"projectId": TEAM},
            "read",
            "check dli:accessKey and dli:secretKey",
        ),
        ({**LOGIN, "OS_PASSWORD": "hunter2-x"}, {}, "login", "check OS_USERNAME, OS_PASSWORD, OS_DOMAIN_NAME"),
    ],
    ids=["token", "key", "password"],
)
@pytest.mark.words
def test_refused_credentials_are_reported_with_what_to_check(
    service: Emulator, environment: dict[str, str], config: dict[str, str], step: str, remedy: str
) -> None:
    """Where each of them stands."""
    told = failed(found(service, environment, **config))

    assert told[0] == step
    assert told[2].startswith(remedy)


@pytest.mark.words
def test_a_wrong_project_is_reported_with_the_right_ones(service: Emulator) -> None:
    """To DLI it is a missing permission; IAM knows better."""
    step, said, remedy = failed(found(service, KEY, projectId="f" * 32))

    assert step == "read"
    assert "DLI.0003" in said
    assert remedy == f"wrong project: this account has eu-de ({DE}), eu-de_team ({TEAM}); correct dli:projectId"


@pytest.mark.words
def test_a_wrong_region_is_reported(service: Emulator) -> None:
    """The project's name begins with its own."""
    answer = {"status": 403, "body": {"error_code": "DLI.0003", "error_msg": "no"}}
    service.add_fault(operation="ListFlinkJobs", answer=answer)
    step, _, remedy = failed(found(service, KEY, projectId=TEAM, region="eu-nl"))
    service.clear_faults()

    assert (step, remedy) == (
        "read",
        "wrong region: project eu-de_team is not of eu-nl; correct dli:region or the project",
    )


@pytest.mark.words
def test_a_missing_permission_is_reported(service: Emulator) -> None:
    """Where project and region are right."""
    answer = {"status": 403, "body": {"error_code": "DLI.0003", "error_msg": "no"}}
    service.add_fault(operation="ListFlinkJobs", answer=answer)
    _, _, remedy = failed(found(service, KEY, projectId=TEAM))
    service.clear_faults()

    assert (
        remedy == "project eu-de_team is right: give the account the permission to use DLI (in IAM, and on the queue)"
    )


@pytest.mark.words
def test_iam_and_dli_of_two_clouds_are_reported(service: Emulator) -> None:
    """OS_AUTH_URL may be left over from the other one."""
    config = {"endpoint": service.url, "region": "cn-north-4"}
    settings = read_settings(config, {**LOGIN, "OS_AUTH_URL": "https://iam.eu-xx.otc.t-systems.com:1/v3"})

    assert list(examine(settings))[-1].remedy == "IAM is of otc, DLI of huawei: correct dli:authUrl or dli:region"


@pytest.mark.parametrize(
    ("ahead", "environment", "state"), [(3600, KEY, "failed"), (3600, {}, "warning"), (120, KEY, "warning")]
)
@pytest.mark.words
def test_a_clock_that_is_off_is_reported(ahead: float, environment: dict[str, str], state: str) -> None:
    """It stops signed requests; others it only warns."""
    config = {} if environment else {"token": "emulator-token"}
    with running(Options(clock_ahead=ahead)) as emulator:
        findings = found(emulator, environment, projectId=emulator.project_id, **config)

    [clock] = [each for each in findings if each.step == "clock"]
    assert clock.state == state
    assert "set" in str(clock.remedy)


@pytest.mark.words
def test_values_are_reported_with_their_origin_and_secrets_masked() -> None:
    """Of a long access key the beginning, to tell one from another."""
    settings = read_settings({"token": "emulator-token"}, {**KEY, "OS_REGION_NAME": "eu-de"})

    assert [(each.name, each.value, each.where) for each in values_of(settings)] == [
        ("dli:region", "eu-de", "OS_REGION_NAME"),
        ("dli:token", "***", "dli:token"),
        ("dli:accessKey", "EMUL***", "OS_ACCESS_KEY"),
        ("dli:secretKey", "***", "OS_SECRET_KEY"),
        ("dli:endpoint", "https://dli.eu-de.otc.t-systems.com", "from region or address"),
        ("dli:cloud", "otc", "from region or address"),
        ("dli:signature", "otc", "from region or address"),
        ("dli:authUrl", "https://iam.eu-de.otc.t-systems.com/v3", "from region or address"),
    ]


# The command


@dataclass(frozen=True)
class Told:
    code: int
    text: str


def doctor(folder: Path, environment: Mapping[str, str], *options: str, terminal: bool = False) -> Told:
    """Run the command as a program, in a folder, with this environment alone."""
    command = [sys.executable, "-m", "pulumi_dli.cli", "doctor", *options]
    clean = {"PATH": os.environ["PATH"], "HOME": str(folder), "TERM": "xterm", **environment}
    if not terminal:
        done = subprocess.run(command, cwd=folder, env=clean, capture_output=True, text=True, timeout=60, check=False)
        assert done.stderr == ""
        expect_none(leaks(done.stdout, "the doctor"))
        return Told(done.returncode, done.stdout)
    master, slave = pty.openpty()
    with subprocess.Popen(command, cwd=folder, env=clean, stdin=slave, stdout=slave, stderr=slave) as process:
        os.close(slave)
        chunks = []
        while True:
            try:
                chunk = os.read(master, 4096)
            except OSError:  # so a terminal ends on Linux
                break
            if not chunk:
                break
            chunks.append(chunk)
        os.close(master)
        code = process.wait(timeout=60)
    expect_none(leaks(b"".join(chunks), "the doctor"))
    return Told(code, b"".join(chunks).decode())


def test_the_command_fails_where_something_is_missing(tmp_path: Path) -> None:
    """In plain text where no terminal reads it."""
    told = doctor(tmp_path, {"OS_REGION_NAME": "eu-de"})

    assert told.code == 1
    assert "dli:region" in told.text
    assert "failed  credentials: no credentials" in told.text
    assert "\x1b" not in told.text


@pytest.mark.parametrize(("environment", "coloured"), [({}, True), ({"NO_COLOR": "1"}, False)])
def test_a_terminal_gets_colour_unless_it_wants_none(
    tmp_path: Path, environment: dict[str, str], coloured: bool
) -> None:
    """Red for what failed."""
    assert ("\x1b[31mfailed" in doctor(tmp_path, environment, terminal=True).text) is coloured


def test_json_holds_all_of_it(tmp_path: Path) -> None:
    """For programs."""
    told = doctor(tmp_path, {"OS_TOKEN": "emulator-token", "OS_REGION_NAME": "eu de"}, "--json")
    report: dict[str, Any] = json.loads(told.text)

    assert (told.code, report["ok"], report["settings"]) == (1, False, [])
    assert [(each["step"], each["state"]) for each in report["findings"]] == [
        ("stack config", "skipped"),
        ("settings", "failed"),
    ]
    assert report["findings"][1]["said"].startswith("OS_REGION_NAME must be a region's name")


@pytest.mark.words
def test_a_reply_that_is_no_list_of_jobs_is_reported(service: Emulator) -> None:
    """Some other service answers at the address."""
    with scripted(in_turn(Reply(body={"hello": "world"}))) as other:
        step, _, remedy = failed(found(service, KEY, projectId=TEAM, endpoint=other.url))

    assert (step, remedy) == ("read", "check dli:endpoint: it is not DLI's")
