"""Whose a job is, and how that is proven."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any

from pulumi_dli.errors import AdoptError
from pulumi_dli.foreign_text import safe
from pulumi_dli.planning.diff import difference
from pulumi_dli.reconcile.waiting import JobHandle
from pulumi_dli.schema.observed_job import ObservedJob
from pulumi_dli.schema.resource import URN
from pulumi_dli.schema.statuses import DRAFT_STATUS

MARK = "pulumi-dli"
JOB_TYPE = "flink_jar_job"


def mark_of(urn: str) -> str:
    """Return the value of the mark, 40 characters: OTC takes at most 43 in a tag's value (source: create)."""
    return hashlib.sha256(urn.encode()).hexdigest()[:40]


def is_ours(job: JobHandle, news: Mapping[str, Any], observed: ObservedJob) -> bool:
    """Tell by proof alone: our mark; or, without anybody's mark, a draft that never ran and is as wanted."""
    marks = {tag.get("value") for tag in job.client.show_tags(job.job_id) if tag.get("key") == MARK}
    if marks:
        return bool(news.get(URN)) and mark_of(str(news[URN])) in marks
    return (
        observed.status == DRAFT_STATUS and not observed.ever_ran and not difference(observed.properties, news).changes
    )


def refuse_other_type(observed: ObservedJob) -> None:
    """Raise AdoptError for a job that is no Flink JAR job."""
    job_type = observed.value("job_type")
    if job_type not in (None, "", JOB_TYPE):
        raise AdoptError(
            f"job {observed.job_id} is a {safe(job_type)}, not a {JOB_TYPE}", remedy="name the id of a Flink JAR job"
        )
