"""DLI's Flink job operations, one method each, named after the operation. Knows no Pulumi.

Paths and answers: Open Telekom Cloud's DLI API reference.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping
from http import HTTPStatus
from typing import Any
from urllib.parse import quote

from pulumi_dli.api.auth.choose import make_auth
from pulumi_dli.api.iam import project_id_of
from pulumi_dli.api.transport import Transport
from pulumi_dli.config.settings import Settings
from pulumi_dli.errors import ConfigurationError, ServiceError, UnusableAnswerError
from pulumi_dli.schema.observed_job import ObservedJob, read_job
from pulumi_dli.schema.resource import secrets_of

PAGE = 100


class DliClient:
    """The Flink job operations of one project. Safe to share between threads."""

    def __init__(self, settings: Settings, may_repeat: Callable[[], None] = lambda: None) -> None:
        """Choose credentials; nothing is sent before the first operation. `may_repeat`: see Transport.

        Raises ConfigurationError where address or credentials are missing.
        """
        self._settings = settings
        self._endpoint = settings.require_endpoint()
        self._auth = make_auth(settings)
        self._may_repeat = may_repeat
        self._lock = threading.Lock()
        self._connected: tuple[str, Transport] | None = None

    @property
    def endpoint(self) -> str:
        """The address that requests go to."""
        return self._endpoint

    @property
    def project_id(self) -> str:
        """The project's id; where only its name is configured, from IAM."""
        return self._connection()[0]

    def _connection(self) -> tuple[str, Transport]:
        """Return the project's id and what sends requests for it."""
        with self._lock:
            if self._connected is None:
                project_id = project_id_of(self._settings, self._auth)
                transport = Transport(
                    self._endpoint,
                    self._auth.for_project(project_id),
                    ca_cert=self._settings.ca_cert,
                    may_repeat=self._may_repeat,
                    requests_per_second=self._settings.requests_per_second,
                )
                self._connected = project_id, transport
            return self._connected

    def create_flink_jar_job(self, properties: Mapping[str, Any]) -> str:
        """Create a job and return its id as a decimal string."""
        answer = self._send("CreateFlinkJarJob", "POST", "flink-jobs", properties)
        job = answer.get("job")
        job_id = job.get("job_id") if isinstance(job, dict) else None
        if isinstance(job_id, bool) or not str(job_id).isdecimal():
            raise UnusableAnswerError("CreateFlinkJarJob", status=200, message="the answer names no job_id")
        return str(job_id)

    def update_flink_jar_job(self, job_id: str, properties: Mapping[str, Any]) -> int | None:
        """Change the given properties, keep all others; return `update_time` in ms, None if the answer lacks it."""
        answer = self._send("UpdateFlinkJarJob", "PUT", f"flink-jobs/{_id(job_id)}", properties)
        job = answer.get("job")
        update_time = job.get("update_time") if isinstance(job, dict) else None
        return int(update_time) if isinstance(update_time, (int, float)) and not isinstance(update_time, bool) else None

    def show_flink_job(self, job_id: str) -> ObservedJob:
        """Return the details of a job. Raises NotFoundError if there is none of this id."""
        answer = self._send("ShowFlinkJob", "GET", f"jobs/{_id(job_id)}")
        detail = answer.get("job_detail")
        if not isinstance(detail, dict):
            raise UnusableAnswerError("ShowFlinkJob", status=200, message="the answer has no job_detail")
        return read_job(job_id, detail)

    def find_flink_jobs(self, name: str) -> list[str]:
        """Return the ids of the jobs with exactly this name (ListFlinkJobs; its filter may be inexact)."""
        return [str(job["job_id"]) for job in self._listed({"name": name}) if job.get("name") == name]

    def list_flink_jar_jobs(self, queue_name: str | None = None) -> dict[str, str]:
        """Return the names of the project's JAR jobs, or of those in a queue, by their ids, the oldest first.

        (ListFlinkJobs; in ascending order, so that a job made meanwhile moves no other to a page that was read.)
        """
        query = {"job_type": "flink_jar_job", "order": "asc", **({"queue_name": queue_name} if queue_name else {})}
        return {
            str(job["job_id"]): str(job.get("name") or "")
            for job in self._listed(query)
            if "job_id" in job and job.get("job_type") in (None, "flink_jar_job")
        }

    def list_statuses(self) -> dict[str, str]:
        """Return the status of every job of the project by its id (ListFlinkJobs)."""
        return {str(job["job_id"]): str(job.get("status")) for job in self._listed({}) if "job_id" in job}

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

    def show_tags(self, job_id: str) -> list[dict[str, str]]:
        """Return the tags of a job (ShowTags; documented by Huawei only), none where it is not offered."""
        project_id, transport = self._connection()
        path = f"/v3/{quote(project_id, safe='')}/dli_flink_job/{_id(job_id)}/tags"
        try:
            answer = transport.request("ShowTags", "GET", path)
        except ServiceError as error:
            if error.status in (HTTPStatus.NOT_FOUND, HTTPStatus.METHOD_NOT_ALLOWED, HTTPStatus.FORBIDDEN):
                return []
            raise
        tags = answer.get("tags") if isinstance(answer, dict) else None
        return [tag for tag in tags if isinstance(tag, dict)] if isinstance(tags, list) else []

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
        project_id, transport = self._connection()
        place = f"/v1.0/{quote(project_id, safe='')}/streaming/{path}"
        try:
            return transport.request(operation, method, place, body=body, query=query)
        except ServiceError as error:
            error.mask(secrets_of(body or {}))
            raise


def _id(job_id: str) -> str:
    return quote(job_id, safe="")


def _number(job_id: str) -> int:
    try:
        return int(job_id)
    except ValueError:
        raise ConfigurationError(f"job_id {job_id} is not the decimal number of a job") from None
