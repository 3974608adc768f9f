"""The fleet as resources of the Pulumi Kubernetes Operator: one `Stack` for each stack, the waves as prerequisites."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from definition import DefinitionError, Fleet

_KUBERNETES_NAME = re.compile(r"[a-z0-9]([-a-z0-9]{0,251}[a-z0-9])?")


@dataclass(frozen=True)
class Source:
    """Where the operator finds the stacks' folders, and what it needs to run them."""

    repository: str
    branch: str
    """May hold `{wave}`: a branch for each wave."""
    directory: str
    """Of the stacks' folders, from the repository's root."""
    backend: str
    secret: str
    """Name of the Kubernetes Secret that holds the environment variables."""
    variables: Sequence[str]
    fresh: str
    """How long ago the wave before may have succeeded, such as `1h`."""


def manifests(fleet: Fleet, source: Source) -> Iterator[dict[str, Any]]:
    """Yield a `Stack` for each stack. Raises DefinitionError for a name that Kubernetes does not take."""
    for name, stack in fleet.stacks.items():
        if not _KUBERNETES_NAME.fullmatch(name):
            raise DefinitionError(f"stacks.{name}: Kubernetes takes lower-case letters, digits and hyphens alone")
        yield {
            "apiVersion": "pulumi.com/v1",
            "kind": "Stack",
            "metadata": {"name": name, "labels": {"wave": stack.wave}},
            "spec": {
                "stack": name,
                "backend": source.backend,
                "projectRepo": source.repository,
                "branch": source.branch.replace("{wave}", stack.wave),
                "repoDir": f"{source.directory}/{name}".lstrip("/"),
                "envRefs": dict(_environment(fleet, source)),
                # It runs for new commits alone: a resync would take back at once, by restarts, what drifted.
                "continueResyncOnCommitMatch": False,
                "destroyOnFinalize": False,
                "retryOnUpdateConflict": False,
                "prerequisites": [
                    {"name": other, "requirement": {"succeededWithinDuration": source.fresh}}
                    for other in _before(fleet, stack.wave)
                ],
            },
        }


def _environment(fleet: Fleet, source: Source) -> Iterator[tuple[str, dict[str, Any]]]:
    for variable in source.variables:
        yield variable, {"type": "Secret", "secret": {"name": source.secret, "key": variable}}
    if fleet.requests_per_second:
        # The operator's workspaces are machines of their own, and those of a wave may all run at once.
        most = max(len(_of(fleet, wave)) for wave in fleet.waves)
        share = f"{fleet.requests_per_second / most:g}"
        yield "PULUMI_DLI_REQUESTS_PER_SECOND", {"type": "Literal", "literal": {"value": share}}


def _before(fleet: Fleet, wave: str) -> list[str]:
    at = fleet.waves.index(wave)
    return _of(fleet, fleet.waves[at - 1]) if at else []


def _of(fleet: Fleet, wave: str) -> list[str]:
    return [name for name, stack in fleet.stacks.items() if stack.wave == wave]


def directory_in_repository(folder: Path) -> str:
    """Return a folder's path from the root of its git repository. Raises DefinitionError outside of one."""
    inside = folder.resolve()
    for root in (inside, *inside.parents):
        if (root / ".git").exists():
            return "" if root == inside else inside.relative_to(root).as_posix()
    raise DefinitionError(f"{folder} is in no git repository: the operator reads the stacks' folders from one")


def write(path: Path, resources: Sequence[dict[str, Any]]) -> None:
    """Write the resources into one file."""
    path.write_text(yaml.safe_dump_all(resources, sort_keys=False), encoding="utf-8")
