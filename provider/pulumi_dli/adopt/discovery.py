"""Reading the jobs that are to be adopted from DLI: with GETs alone."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from fnmatch import fnmatchcase

from pulumi_dli.adopt.declarations import Found
from pulumi_dli.adopt.terraform import Managed
from pulumi_dli.api.client import DliClient
from pulumi_dli.errors import NotFoundError
from pulumi_dli.reconcile.ownership import MARK, refuse_other_type

AT_ONCE = 8
_SAY_EVERY = 50

Say = Callable[[str], None]


def chosen_jobs(client: DliClient, pattern: str, queue: str | None) -> dict[str, str]:
    """Return the names of the JAR jobs that fit a pattern (`click*`) and a queue, by id."""
    listed = client.list_flink_jar_jobs(queue)
    return {job_id: name for job_id, name in listed.items() if fnmatchcase(name, pattern)}


def jobs_of_terraform(managed: Sequence[Managed], pattern: str, region: str, say: Say) -> dict[str, str]:
    """Return how the Terraform program calls its jobs, by id; those of other regions are left out."""
    wanted = [each for each in managed if fnmatchcase(str(each.attributes.get("name") or ""), pattern)]
    for each in wanted:
        if _elsewhere(each, region):
            say(f"{each.address}: left out, it is in region {each.region}, the configuration is for {region}")
    return {each.job_id: each.called for each in wanted if not _elsewhere(each, region)}


def found_jobs(
    client: DliClient,
    chosen: Mapping[str, str],
    terraform: Mapping[str, Managed],
    queue: str | None,
    say: Say,
) -> list[Found]:
    """Read the chosen jobs, several at once; those that have gone meanwhile are left out, and reported."""
    say(f"reading {len(chosen)} jobs from {client.endpoint}")
    found = []
    with ThreadPoolExecutor(AT_ONCE) as pool:
        read = pool.map(lambda job_id: _read(client, job_id, chosen[job_id], terraform.get(job_id)), chosen)
        for number, (job_id, each) in enumerate(zip(chosen, read, strict=True), 1):
            if each is None:
                say(f"{chosen[job_id]}: left out, DLI has no job {job_id}")
            elif queue in (None, each.observed.value("queue_name")):
                found.append(each)
            if number % _SAY_EVERY == 0:
                say(f"read {number} of {len(chosen)} jobs")
    return found


def not_managed(chosen: Mapping[str, str], managed: Collection[str], say: Say) -> dict[str, str]:
    """Leave out the jobs that the stack manages already."""
    left = {job_id: called for job_id, called in chosen.items() if job_id not in managed}
    if len(left) < len(chosen):
        say(f"{len(chosen) - len(left)} of {len(chosen)} jobs are in the stack already: left out")
    return left


def _elsewhere(each: Managed, region: str) -> bool:
    return bool(each.region and region and each.region != region)


def _read(client: DliClient, job_id: str, called: str, terraform: Managed | None) -> Found | None:
    try:
        observed = client.show_flink_job(job_id)
        tags = client.show_tags(job_id)
    except NotFoundError:
        return None
    refuse_other_type(observed)
    own = [{"key": str(tag["key"]), "value": str(tag.get("value") or "")} for tag in tags if "key" in tag]
    differing = terraform.differing(observed.properties) if terraform else []
    changed = f"somebody changed {', '.join(differing)} since Terraform's last run: the values here are DLI's"
    return Found(
        observed=observed,
        called=called,
        tags=[tag for tag in own if tag["key"] != MARK],
        marked=any(tag["key"] == MARK for tag in own),
        facts=(f"in Terraform: {terraform.address}",) if terraform else (),
        notes=(changed,) if differing else (),
    )
