"""`pulumi-dli doctor`: which settings and credentials would be used and why, and whether DLI takes them.

It reads the stack's config and the environment as the provider does, and then goes the way of a first
request step by step: address, name, TLS, clock, login, project, one list of jobs. Each step that fails
names its remedy. An explicit `dli.Provider` stands in the program and is not seen here.
"""

from __future__ import annotations

import argparse
import json
import os
import socket
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from http import HTTPStatus
from pathlib import Path
from typing import Any

import requests
from requests.utils import select_proxy

from pulumi_dli.api.auth.base import Auth, clock_remark
from pulumi_dli.api.auth.choose import make_auth
from pulumi_dli.api.auth.keystone import KeystonePassword
from pulumi_dli.api.http_session import new_session
from pulumi_dli.api.iam import list_projects, project_id_of
from pulumi_dli.api.transport import Transport
from pulumi_dli.config.addresses import OTC_REGIONS, cloud_of, host_of
from pulumi_dli.config.credentials import ACCESS_KEY, Credentials, attempts, choose, iam_address
from pulumi_dli.config.settings import Found, Settings, read_settings, stack_settings
from pulumi_dli.config.stack_config import has_project, read_stack_config
from pulumi_dli.config.table import NAMESPACE, SETTINGS
from pulumi_dli.errors import AuthenticationError, ConfigurationError, DliError, ServiceError
from pulumi_dli.foreign_text import sanitized
from pulumi_dli.schema.clouds import OTC
from pulumi_dli.version import __version__

OK, WARNING, FAILED, SKIPPED = "ok", "warning", "failed", "skipped"
_COLOURS = {OK: "32", WARNING: "33", FAILED: "31", SKIPPED: "2"}
_SECONDS_OFF = 60.0
_SHOWN_PROJECTS = 5
_MASK = "***"
_RECOGNISABLE = 12


@dataclass(frozen=True)
class Value:
    """A setting that would be used: its value (masked where secret), and where it comes from."""

    name: str
    value: str
    where: str


@dataclass(frozen=True)
class Finding:
    """What a step came to: `state` is one of ok, warning, failed, skipped."""

    step: str
    state: str
    said: str
    remedy: str | None = None


class Unproven(Auth):
    """Sends a request without any proof: only to see who answers."""

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        """Leave the request as it is."""
        return request


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the doctor's options to a parser."""
    which = parser.add_mutually_exclusive_group()
    which.add_argument("--stack", metavar="NAME", help="the stack whose config counts (default: the selected one)")
    which.add_argument("--no-stack", action="store_true", help="look at the environment alone")
    parser.add_argument("--json", action="store_true", help="one JSON object on stdout")


def run(arguments: argparse.Namespace) -> int:
    """Examine and report; return 0 if all is well, 1 if something is missing or refused."""
    config, findings = _stack_config(arguments.stack, Path.cwd(), read=not arguments.no_stack)
    values: list[Value] = []
    try:
        settings = read_settings(stack_settings(config), os.environ)
    except ConfigurationError as error:
        findings.append(Finding("settings", FAILED, *_split(error)))
    else:
        values = list(values_of(settings))
        findings += examine(settings)
    report = _as_json if arguments.json else _as_text
    print(report(values, findings, colour=_wants_colour()))
    return int(any(finding.state == FAILED for finding in findings))


def _stack_config(stack: str | None, folder: Path, *, read: bool) -> tuple[dict[str, Any], list[Finding]]:
    if not read or (stack is None and not has_project(folder)):
        return {}, [
            Finding("stack config", SKIPPED, "not asked for" if not read else "this folder is no Pulumi project")
        ]
    try:
        config = read_stack_config(stack)
    except ConfigurationError as error:
        remedy = "name the stack with --stack, give its passphrase or token, or look at the environment by --no-stack"
        return {}, [Finding("stack config", FAILED, str(error), remedy)]
    count = sum(key.startswith(f"{NAMESPACE}:") for key in config)
    return config, [Finding("stack config", OK, f"{count} {NAMESPACE}:* settings of {stack or 'the selected stack'}")]


def values_of(settings: Settings) -> Iterator[Value]:
    """Yield the settings that would be used, and the addresses that follow from them."""
    for each in SETTINGS:
        found = settings.first(each.name)
        if found is not None:
            yield Value(f"{NAMESPACE}:{each.name}", _shown(each.name, found[1]), found[1].where)
    derived = {"endpoint": settings.endpoint, "cloud": settings.cloud, "signature": settings.signature}
    derived |= {"authUrl": settings.auth_url}
    for name, value in derived.items():
        if value and settings.first(name) is None:
            yield Value(f"{NAMESPACE}:{name}", value, "from region or address")


def _shown(name: str, found: Found) -> str:
    """Return a value as it may be read. Of a long access key the beginning, to tell one from another."""
    secret = next(each.secret for each in SETTINGS if each.name == name)
    if not secret:
        return sanitized(found.value if isinstance(found.value, str) else json.dumps(found.value))
    return f"{found.value[:4]}{_MASK}" if name == "accessKey" and len(found.value) >= _RECOGNISABLE else _MASK


def examine(settings: Settings) -> Iterator[Finding]:
    """Go the way of a first request; stop where a step fails that the next ones need."""
    try:
        credentials = choose(settings)
    except ConfigurationError as error:
        yield Finding("credentials", FAILED, str(error), "complete one of them; docs/how-to/connecting.md shows how")
        return
    yield from _credentials(settings, credentials)
    try:
        endpoint = settings.require_endpoint()
        auth = make_auth(settings)
    except ConfigurationError as error:
        yield Finding("address", FAILED, *_split(error))
        return
    yield Finding("address", OK, f"{endpoint} may receive these credentials")
    for check in (_name, _answer):
        finding = check(settings, endpoint)
        yield finding
        if finding.state == FAILED:
            return
    yield _clock(settings, endpoint, credentials)
    yield from _service(settings, endpoint, auth, credentials)


def _credentials(settings: Settings, credentials: Credentials) -> Iterator[Finding]:
    parts = ", ".join(f"{name} from {found.where}" for name, found in credentials.parts.items())
    yield Finding("credentials", OK, f"{credentials.kind.name} ({parts}): the first complete set")
    for attempt in attempts(settings):
        if not attempt.missing:
            return
        yield Finding("credentials", WARNING, f"passed over: {attempt.words()}")


def _name(settings: Settings, endpoint: str) -> Finding:
    host = host_of(endpoint)
    if select_proxy(endpoint, new_session(endpoint).proxies):
        return Finding("name", SKIPPED, f"{host} is looked up by the proxy")
    try:
        socket.getaddrinfo(host, None)
    except OSError:
        offered = f"; Open Telekom Cloud offers DLI in {OTC_REGIONS[0]}" if settings.cloud == OTC else ""
        remedy = f"check {NAMESPACE}:region (it is {settings.region or 'not set'}) and {NAMESPACE}:endpoint{offered}"
        return Finding("name", FAILED, f"the name {host} does not exist, or cannot be looked up here", remedy)
    return Finding("name", OK, host)


def _answer(settings: Settings, endpoint: str) -> Finding:
    try:
        answer = _unproven(settings, endpoint)
    except DliError as error:
        return Finding("connection", FAILED, *_split(error))
    tls = "TLS, certificate trusted" if endpoint.startswith("https") else "plain http on this machine"
    return Finding("connection", OK, f"{host_of(endpoint)} answers (HTTP {answer.status}; {tls})")


def _unproven(settings: Settings, address: str) -> Any:
    return Transport(address, Unproven(), ca_cert=settings.ca_cert).answer("connecting", "GET", "/")


def _clock(settings: Settings, endpoint: str, credentials: Credentials) -> Finding:
    ahead = _unproven(settings, endpoint).seconds_ahead
    said, remark = f"{abs(ahead):.0f} s {'ahead of' if ahead > 0 else 'behind'} the service's", clock_remark(ahead)
    if remark is not None and credentials.kind is ACCESS_KEY:
        return Finding("clock", FAILED, *remark)
    if abs(ahead) > _SECONDS_OFF:
        return Finding("clock", WARNING, said, "set this machine's clock: signatures are good for 15 min")
    return Finding("clock", OK, said)


def _service(settings: Settings, endpoint: str, auth: Auth, credentials: Credentials) -> Iterator[Finding]:
    try:
        if isinstance(auth, KeystonePassword):
            auth.token()
            yield Finding("login", OK, f"IAM at {host_of(iam_address(settings, credentials))} gave a token")
        project_id = project_id_of(settings, auth)
    except DliError as error:
        step = "login" if isinstance(error, AuthenticationError) else "project"
        said, remedy = _split(error)
        where = [found.where for name, found in credentials.parts.items() if name != "authUrl"]
        yield Finding(step, FAILED, said, _two_clouds(settings) or remedy or f"check {', '.join(where)}")
        return
    yield Finding("project", OK, project_id)
    transport = Transport(endpoint, auth.for_project(project_id), ca_cert=settings.ca_cert)
    try:
        answer = transport.request("ListFlinkJobs", "GET", f"/v1.0/{project_id}/streaming/jobs", query={"limit": 1})
    except DliError as error:
        yield _refusal(settings, auth, credentials, project_id, error)
        return
    listed = answer.get("job_list") if isinstance(answer, dict) else None
    count = listed.get("total_count") if isinstance(listed, dict) else None
    if count is None:
        yield Finding("read", FAILED, "the answer has no list of jobs", f"check {NAMESPACE}:endpoint: it is not DLI's")
        return
    yield Finding("read", OK, f"DLI lists the project's Flink jobs: {count}")


def _two_clouds(settings: Settings) -> str | None:
    """Notice an address of IAM that is left over from the other cloud."""
    iam, dli = cloud_of(None, settings.value("authUrl") or settings.auth_url, ""), settings.cloud
    if not iam or not dli or iam == dli:
        return None
    return f"IAM is of {iam}, DLI of {dli}: correct {NAMESPACE}:authUrl or {NAMESPACE}:region"


def _refusal(settings: Settings, auth: Auth, credentials: Credentials, project_id: str, error: DliError) -> Finding:
    said, remedy = _split(error)
    if not isinstance(error, ServiceError) or error.status != HTTPStatus.FORBIDDEN:
        return Finding("read", FAILED, said, remedy)
    return Finding("read", FAILED, said, _why_forbidden(settings, auth, credentials, project_id) or remedy)


def _why_forbidden(settings: Settings, auth: Auth, credentials: Credentials, project_id: str) -> str | None:
    """Ask IAM which projects the account has: a wrong project and a wrong region look alike to DLI."""
    try:
        address = iam_address(settings, credentials)
        projects = {
            str(each["id"]): str(each.get("name"))
            for each in list_projects(Transport(address, auth, ca_cert=settings.ca_cert, setting="authUrl"))
        }
    except DliError:
        return None
    if project_id not in projects:
        known = ", ".join(f"{name} ({each})" for each, name in list(projects.items())[:_SHOWN_PROJECTS])
        return f"wrong project: this account has {sanitized(known) or 'none'}; correct {NAMESPACE}:projectId"
    name = projects[project_id]
    if settings.region and not name.startswith(settings.region):
        return f"wrong region: project {name} is not of {settings.region}; correct {NAMESPACE}:region or the project"
    return f"project {name} is right: give the account the permission to use DLI (in IAM, and on the queue)"


def _split(error: DliError) -> tuple[str, str | None]:
    """Return what went wrong, and what to do."""
    return error.said, "; ".join((*error.outcomes, *error.remedies)) or None


def _wants_colour() -> bool:
    return sys.stdout.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


def _as_json(values: Sequence[Value], findings: Sequence[Finding], *, colour: bool) -> str:
    del colour
    report: Mapping[str, Any] = {
        "version": __version__,
        "ok": not any(finding.state == FAILED for finding in findings),
        "settings": [asdict(value) for value in values],
        "findings": [asdict(finding) for finding in findings],
    }
    return json.dumps(report, indent=2)


def _as_text(values: Sequence[Value], findings: Sequence[Finding], *, colour: bool) -> str:
    widths = [max((len(getattr(each, name)) for each in values), default=0) for name in ("name", "value")]
    lines = [f"{each.name:{widths[0]}}  {each.value:{widths[1]}}  ({each.where})" for each in values]
    lines += [""] if values else []
    for finding in findings:
        state = f"{finding.state:8}"
        lines.append(f"{_coloured(state, finding.state) if colour else state}{finding.step}: {finding.said}")
        lines += [f"{'':8}-> {finding.remedy}"] if finding.remedy else []
    return "\n".join(lines)


def _coloured(text: str, state: str) -> str:
    return f"\x1b[{_COLOURS[state]}m{text}\x1b[0m"
