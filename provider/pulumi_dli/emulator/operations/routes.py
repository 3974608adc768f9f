"""The route table: which handler serves which operation of the contract."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from ..jobs.state import State
from ..messages import Answer, Request
from . import iam as identity
from . import jobs as flink_jobs

Handler = Callable[[State, Request], Answer]


class Route(NamedTuple):
    """One operation. `access` is what it needs: a token for the project, any token, or none."""

    operation: str
    method: str
    path: str
    handler: Handler
    access: str = "project"


JOBS = "/v1.0/{project_id}/streaming/jobs"
AUTHORIZE = "/v1.0/{project_id}/dli/obs-authorize"
JAR_JOBS = "/v1.0/{project_id}/streaming/flink-jobs"
TAGS = "/v3/{project_id}/dli_flink_job/{job_id}/tags"

# Fixed paths come before those with a job id that would match them too.
ROUTES: tuple[Route, ...] = (
    Route("ShowVersion", "GET", "/v3", identity.show_version, "anyone"),
    Route("CreateToken", "POST", "/v3/auth/tokens", identity.create_token, "anyone"),
    Route("ListProjects", "GET", "/v3/projects", identity.list_projects, "token"),
    Route("CreateFlinkJarJob", "POST", JAR_JOBS, flink_jobs.create),
    Route("UpdateFlinkJarJob", "PUT", JAR_JOBS + "/{job_id}", flink_jobs.update),
    Route("ListFlinkJobs", "GET", JOBS, flink_jobs.list_jobs),
    Route("RunFlinkJobs", "POST", JOBS + "/run", flink_jobs.run),
    Route("StopFlinkJobs", "POST", JOBS + "/stop", flink_jobs.stop),
    Route("BatchDeleteFlinkJobs", "POST", JOBS + "/delete", flink_jobs.batch_delete),
    Route("ShowFlinkJob", "GET", JOBS + "/{job_id}", flink_jobs.show),
    Route("DeleteFlinkJob", "DELETE", JOBS + "/{job_id}", flink_jobs.delete),
    Route("TriggerSavepoint", "POST", JOBS + "/{job_id}/savepoint", flink_jobs.trigger_savepoint),
    Route("ImportSavepoint", "POST", JOBS + "/{job_id}/import-savepoint", flink_jobs.import_savepoint),
    Route("AuthorizeBucket", "POST", AUTHORIZE, flink_jobs.authorize_bucket),
    Route("ShowTags", "GET", TAGS, flink_jobs.show_tags),
    Route("CreateTags", "POST", TAGS + "/create", flink_jobs.create_tags),
    Route("DeleteTags", "POST", TAGS + "/delete", flink_jobs.delete_tags),
)
