"""What a failed create or update leaves, as it is to be stored: what is true, and no more than that."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from datetime import datetime, timezone
from typing import Any

from pulumi_dli.errors import PART_OF_THE_WAY, DliError, JobLeft, NotFoundError
from pulumi_dli.planning.diff import difference
from pulumi_dli.planning.rejection import REJECTED, rejection
from pulumi_dli.reconcile.waiting import JobHandle
from pulumi_dli.redaction import masked
from pulumi_dli.schema.observed_job import ObservedJob
from pulumi_dli.schema.stored_state import Identity, rolled_back, unfinished_create, unfinished_update

UNFINISHED = "unfinished"


def left_by_create(
    job: JobHandle, error: DliError, news: Mapping[str, Any], identity: Identity
) -> dict[str, Any] | None:
    """Return the outputs of the job that a failed create left; None where none exists."""
    try:
        observed = _seen(job)
    except NotFoundError:
        return None
    # Whether an adopted job was restarted for the nonce is not known; a new job needs no restart.
    news = {name: value for name, value in news.items() if name != "restart_nonce" or not news.get("job_id")}
    return {**unfinished_create(observed, job.job_id, news, identity), UNFINISHED: _noted("create", job, error)}


def left_by_update(
    job: JobHandle, error: DliError, olds: Mapping[str, Any], news: Mapping[str, Any]
) -> dict[str, Any] | None:
    """Return the outputs of a job whose update ended part of the way; None where the stored ones are still true."""
    if error.job_left is JobLeft.ROLLED_BACK:
        return rolled_back(_seen(job), olds) | {REJECTED: _rejection(job, error, olds, news)}
    if error.job_left not in PART_OF_THE_WAY:
        return None
    try:
        observed = _seen(job)
    except NotFoundError:
        return None
    return {**unfinished_update(observed, olds, news, error.sent), UNFINISHED: _noted("update", job, error)}


def _rejection(job: JobHandle, error: DliError, olds: Mapping[str, Any], news: Mapping[str, Any]) -> dict[str, str]:
    today = datetime.now(timezone.utc).date().isoformat()
    reason = masked(error.said, job.secrets)
    return rejection(difference(olds, news), news, secrets.token_hex(8), today, reason)


def _noted(operation: str, job: JobHandle, error: DliError) -> str:
    """Return what failed and why; it is stored in plain text."""
    return f"{operation}: {masked(error.said, job.secrets)}"


def _seen(job: JobHandle) -> ObservedJob | None:
    try:
        return job.show()
    except NotFoundError:
        raise
    except DliError:
        return None
