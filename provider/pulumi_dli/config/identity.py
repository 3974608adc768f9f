"""Whether a job lives where the configuration points to: its project and region must be those that are stored."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pulumi_dli.config.table import NAMESPACE
from pulumi_dli.errors import IdentityError, JobLeft

ACCEPT_IDENTITY = "PULUMI_DLI_ACCEPT_IDENTITY"


def refuse_other_identity(
    olds: Mapping[str, Any], project_id: str | None, region: str, environment: Mapping[str, str]
) -> bool:
    """Raise IdentityError where the stored project or region is not the configured one.

    The explicit way out, for one run: the environment variable PULUMI_DLI_ACCEPT_IDENTITY with the
    stored `project_id/region` as its value; returns whether it was taken. A project that is not known
    (None: only its name is configured) is not compared.
    """
    stored = (str(olds.get("project_id") or ""), str(olds.get("region") or ""))
    configured = (project_id or stored[0], region)
    if "project_id" not in olds or stored == configured:
        return False
    if environment.get(ACCEPT_IDENTITY) == "/".join(stored):
        return True
    raise IdentityError(
        f"the job belongs to project {stored[0]} in region {stored[1] or 'unknown'}, the configuration is for project "
        f"{configured[0]} in region {configured[1] or 'unknown'}; nothing was sent",
        remedy=f"correct {NAMESPACE}:projectId and {NAMESPACE}:region (or OS_PROJECT_ID, OS_REGION_NAME), or, if it is "
        f"the same job, run once with {ACCEPT_IDENTITY}={'/'.join(stored)}",
        job_left=JobLeft.UNTOUCHED,
    )
