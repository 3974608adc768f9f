"""DLI's Flink job operations, one method each, named after the operation. Knows no Pulumi.

Paths and answers: Open Telekom Cloud's DLI API reference.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import quote

from pulumi_dli.auth import KeystonePassword, StaticToken, make_auth
from pulumi_dli.details import Details, read_details
from pulumi_dli.errors import ConfigurationError, ServiceError, UnusableAnswerError
from pulumi_dli.settings import NAMESPACE, Settings
from pulumi_dli.spec import SENSITIVE
from pulumi_dli.transport import Transport

PAGE = 100
_SHORTEST_SECRET = 4
_SEPARATORS = re.compile(r"""[\s=:,;"']+""")


class DliClient:
    """The Flink job operations of one project. Safe to share between threads."""

    def __init__(self, settings: Settings) -> None:
        """Choose credentials; nothing is sent before the first operation.

        Raises ConfigurationError where address or credentials are missing.
        """
        self._auth = make_auth(settings)
        self._transport = Transport(settings.require_endpoint(), self._auth, ca_cert=settings.ca_cert)
        self._project_id = settings.project_id

    @property
    def endpoint(self) -> str:
        """The address that requests go to."""
        return self._transport.endpoint

    @property
    def project_id(self) -> str:
        """The project's id; where only its name is configured, from the login."""
        if self._project_id is None:
            self._project_id = _project_of(self._auth)
        return self._project_id

    def create_flink_jar_job(self, properties: Mapping[str, Any]) -> str:
        """Create a job and return its id as a decimal string."""
        answer = self._send("CreateFlinkJarJob", "POST", "flink-jobs", properties)
        job = answer.get("job")
        job_id = job.get("job_id") if isinstance(job, dict) else None
        if isinstance(job_id, bool) or not str(job_id).isdecimal():
            raise UnusableAnswerError("CreateFlinkJarJob", status=200, message="the answer names no job_id")
        return str(job_id)

    def update_flink_jar_job(self, job_id: str, properties: Mapping[str, Any]) -> int | None:
        """Change the given properties, keep all others; return `update_time` in ms, None if not told."""
        answer = self._send("UpdateFlinkJarJob", "PUT", f"flink-jobs/{_id(job_id)}", properties)
        job = answer.get("job")
        update_time = job.get("update_time") if isinstance(job, dict) else None
        return int(update_time) if isinstance(update_time, (int, float)) and not isinstance(update_time, bool) else None

    def show_flink_job(self, job_id: str) -> Details:
        """Return the details of a job. Raises NotFoundError if there is none of this id."""
        answer = self._send("ShowFlinkJob", "GET", f"jobs/{_id(job_id)}")
        detail = answer.get("job_detail")
        if not isinstance(detail, dict):
            raise UnusableAnswerError("ShowFlinkJob", status=200, message="the answer has no job_detail")
        return read_details(job_id, detail)

    def find_flink_jobs(self, name: str) -> list[str]:
        """Return the ids of the jobs with exactly this name (ListFlinkJobs; its filter may be inexact)."""
        return [str(job["job_id"]) for job in self._listed({"name": name}) if job.get("name") == name]

    def run_flink_job(self, job_id: str, *, resume_savepoint: bool) -> None:
        """Start a job (RunFlinkJobs), from its savepoint or plainly. Raises ServiceError if refused."""
        body = {"job_ids": [_number(job_id)], "resume_savepoint": resume_savepoint}
        self._send_batch("RunFlinkJobs", "jobs/run", body)

    def stop_flink_job(self, job_id: str, *, trigger_savepoint: bool) -> None:
        """Ask a job to stop (StopFlinkJobs), with a savepoint or without. Raises ServiceError if refused."""
        body = {"job_ids": [_number(job_id)], "trigger_savepoint": trigger_savepoint}
        self._send_batch("StopFlinkJobs", "jobs/stop", body)

    def delete_flink_job(self, job_id: str) -> None:
        """Delete a job in whatever status. Raises NotFoundError if there is none of this id."""
        self._send("DeleteFlinkJob", "DELETE", f"jobs/{_id(job_id)}")

    def _listed(self, query: Mapping[str, str | int]) -> Iterator[dict[str, Any]]:
        offset = 0
        while True:
            page = {**query, "offset": offset, "limit": PAGE}
            answer = self._call("ListFlinkJobs", "GET", "jobs", query=page)
            listed = answer.get("job_list") if isinstance(answer, dict) else None
            jobs = listed.get("jobs") if isinstance(listed, dict) else None
            if not isinstance(jobs, list):
                raise UnusableAnswerError("ListFlinkJobs", status=200, message="the answer has no job_list")
            yield from (job for job in jobs if isinstance(job, dict))
            if len(jobs) < PAGE:
                return
            offset += PAGE

    def _send(self, operation: str, method: str, path: str, body: Mapping[str, Any] | None = None) -> dict[str, Any]:
        answer = self._call(operation, method, path, body=body)
        if not isinstance(answer, dict):
            raise UnusableAnswerError(operation, status=200, message="the answer is no JSON object")
        return answer

    def _send_batch(self, operation: str, path: str, body: Mapping[str, Any]) -> None:
        answer = self._call(operation, "POST", path, body=body)
        items = answer if isinstance(answer, list) else [answer]
        if not items or not all(isinstance(item, dict) for item in items):
            raise UnusableAnswerError(operation, status=200, message="the answer says nothing of the job")

    def _call(
        self,
        operation: str,
        method: str,
        path: str,
        *,
        body: Mapping[str, Any] | None = None,
        query: Mapping[str, str | int] | None = None,
    ) -> Any:
        place = f"/v1.0/{quote(self.project_id, safe='')}/streaming/{path}"
        try:
            return self._transport.request(operation, method, place, body=body, query=query)
        except ServiceError as error:
            error.message = _without_secrets(error.message, body)
            error.args = (_without_secrets(str(error), body),)
            raise


def _project_of(auth: StaticToken | KeystonePassword) -> str:
    if isinstance(auth, KeystonePassword):
        return auth.project_id()
    raise ConfigurationError(f"no project: set {NAMESPACE}:projectId or OS_PROJECT_ID (a token alone does not tell it)")


def _without_secrets(message: str, body: Mapping[str, Any] | None) -> str:
    """Remove the values of sensitive properties that the service repeats in its own words."""
    for secret in sorted(_secrets(body or {}), key=len, reverse=True):
        message = message.replace(secret, "***")
    return message


def _secrets(body: Mapping[str, Any]) -> set[str]:
    """Return the sensitive values of a body and their parts: `--password=X` holds X, `AK:SK` holds both."""
    texts = [body[name] for name in SENSITIVE if isinstance(body.get(name), str)]
    whole = {part for text in texts for part in (text, *_json_texts(text))}
    parts = {part for text in whole for part in (text, *text.split(), *_SEPARATORS.split(text))}
    return {part for part in parts if len(part) >= _SHORTEST_SECRET}


def _json_texts(text: str) -> list[str]:
    try:
        return list(_leaves(json.loads(text)))
    except ValueError:
        return []


def _leaves(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        for item in value.values():
            yield from _leaves(item)
    elif isinstance(value, list):
        for item in value:
            yield from _leaves(item)
    elif value is not None:
        yield str(value)


def _id(job_id: str) -> str:
    return quote(job_id, safe="")


def _number(job_id: str) -> int:
    try:
        return int(job_id)
    except ValueError:
        raise ConfigurationError(f"job_id {job_id} is not the decimal number of a job") from None
