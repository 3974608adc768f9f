"""The definition file: what stacks there are, in which waves they run, and which jobs each has."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import Annotated, Any

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from pulumi_dli.planning.check import check

Name = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]{0,99}$")]


class DefinitionError(Exception):
    """The definition cannot be used; one line per mistake."""


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class StackDefinition(_Strict):
    """One stack: its wave, what its config has in addition to the fleet's, and its jobs by their names in the stack."""

    wave: str
    config: dict[str, Any] = {}
    jobs: dict[Name, dict[str, Any]] = Field(min_length=1)


class Fleet(_Strict):
    """All stacks of one project."""

    project: Name
    stacks_at_once: int = Field(default=2, ge=1, le=64)
    """Each has an engine, a host and a program of its own: 300 MB or so."""
    requests_per_second: float | None = Field(default=None, gt=0)
    """A budget for all of them together."""
    config: dict[str, Any] = {}
    job: dict[str, Any] = {}
    waves: list[str] = Field(min_length=1)
    stacks: dict[Name, StackDefinition] = Field(min_length=1)

    def config_of(self, name: str) -> dict[str, Any]:
        """Return the whole config of a stack, its jobs included."""
        stack = self.stacks[name]
        return {**self.config, **stack.config, "fleet:jobs": {each: self.inputs(name, each) for each in stack.jobs}}

    def inputs(self, stack: str, job: str) -> dict[str, Any]:
        """Return the inputs of a job."""
        return {"name": job, **self.job, **self.stacks[stack].jobs[job]}


def read_fleet(path: Path) -> Fleet:
    """Read a definition in YAML or JSON. Raises DefinitionError with a line for each mistake."""
    try:
        data = yaml.load(path.read_text(encoding="utf-8"), Loader=_Loader)  # noqa: S506 - a SafeLoader
    except OSError as error:
        raise DefinitionError(f"{path} cannot be read: {error.strerror}") from None
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise DefinitionError(f"{path}, line {line}: {error.problem}") from None
    except (yaml.YAMLError, UnicodeDecodeError):
        raise DefinitionError(f"{path} is no YAML in UTF-8") from None
    try:
        fleet = Fleet.model_validate(data)
    except ValidationError as error:
        lines = [_told(each["loc"], each["type"], each["msg"]) for each in error.errors()]
        raise DefinitionError("\n".join(f"{path}: {line}" for line in lines)) from None
    if found := list(_mistakes(fleet)):
        raise DefinitionError("\n".join(f"{path}: {line}" for line in found))
    return fleet


class _Loader(yaml.SafeLoader):
    """Refuses a key that stands twice: the first of two stacks of one name would be dropped in silence."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        seen: set[str] = set()
        for key, _ in node.value:
            if key.tag != "tag:yaml.org,2002:merge" and key.value in seen:
                raise yaml.constructor.ConstructorError(None, None, f"{key.value} stands here twice", key.start_mark)
            seen.add(str(key.value))
        return super().construct_mapping(node, deep)


def _told(place: tuple[int | str, ...], kind: str, message: str) -> str:
    *parents, last = place or ("the file",)
    where = ".".join(str(each) for each in place) or "the file"
    if kind == "extra_forbidden":
        return (
            f"{where} is unknown{_nearest(str(last), StackDefinition.model_fields if parents else Fleet.model_fields)}"
        )
    if kind == "missing":
        return f"{where} is missing"
    return f"{where}: {message[0].lower()}{message[1:]}"


def _mistakes(fleet: Fleet) -> Iterator[str]:
    """Yield what is wrong between the parts."""
    for wave in sorted({each for each in fleet.waves if fleet.waves.count(each) > 1}):
        yield f"waves: {wave} stands there twice"
    for wave in set(fleet.waves) - {each.wave for each in fleet.stacks.values()}:
        yield f"waves: no stack is in {wave}"
    for name, stack in fleet.stacks.items():
        if stack.wave not in fleet.waves:
            yield f"stacks.{name}.wave: {stack.wave} is none of the waves{_nearest(stack.wave, fleet.waves)}"
        for job in stack.jobs:
            for failure in check({}, fleet.inputs(name, job)).failures:
                yield f"stacks.{name}.jobs.{job}: {failure}"
    yield from _same_names(fleet)


def _same_names(fleet: Fleet) -> Iterator[str]:
    """Yield jobs that two stacks would call the same in one place: each would find the other's in its way."""
    first: dict[tuple[Any, ...], str] = {}
    for name, stack in fleet.stacks.items():
        config = fleet.config_of(name)
        place = tuple(config.get(f"dli:{each}") for each in ("endpoint", "region", "projectId", "projectName"))
        for job in stack.jobs:
            called, here = fleet.inputs(name, job)["name"], f"stacks.{name}.jobs.{job}"
            other = first.setdefault((*place, called), here)
            if other != here:
                yield f"{here}: its name {called} is that of {other} in the same project already"


def _nearest(word: str, known: Mapping[str, Any] | list[str]) -> str:
    near = get_close_matches(word, known, n=1, cutoff=0.6)
    return f": did you mean {near[0]}?" if near else f"; known are {', '.join(known)}"
