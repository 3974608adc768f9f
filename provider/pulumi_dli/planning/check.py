"""Whether the inputs of a job can be right: answered before anything is sent."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cache
from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationError, create_model

from pulumi_dli.errors import CannotResetError
from pulumi_dli.schema.controls import control
from pulumi_dli.schema.properties import BY_NAME, PROPERTIES
from pulumi_dli.schema.property import Property
from pulumi_dli.schema.resource import INPUT_NAMES, INPUTS
from pulumi_dli.schema.unknown import has_unknown
from pulumi_dli.schema.value_types import OURS

_CONSOLE_NAME = re.compile(r"[A-Za-z0-9_-]*")


@dataclass(frozen=True)
class Failure:
    """One reason why inputs cannot be accepted; `reason` never holds a value of a sensitive property."""

    name: str
    reason: str

    def __str__(self) -> str:
        """Return the property's name with the reason."""
        return f"{self.name} {self.reason}" if self.name else self.reason


@dataclass(frozen=True)
class ValidationResult:
    """What a check says: the inputs in their right types, failures, and warnings as sentences."""

    inputs: dict[str, Any]
    failures: tuple[Failure, ...]
    warnings: tuple[str, ...]


@cache
def inputs_model() -> type[BaseModel]:
    """Return the pydantic model of a job's inputs, made from the property table."""
    fields: dict[str, Any] = {each.name: (each.value_type.type | None, None) for each in INPUTS}
    return create_model("FlinkJarJobInputs", __config__=ConfigDict(extra="forbid"), **fields)


def check(olds: Mapping[str, Any], news: Mapping[str, Any], cloud: str | None = None) -> ValidationResult:
    """Check the inputs `news` of a job whose earlier inputs were `olds` (empty before its create).

    Unknown values are taken to be right. `cloud` is "otc", "huawei" or None where that is not known.
    """
    failures = (*_value_failures(news), *_rule_failures(olds, news))
    return ValidationResult(
        inputs={name: _typed(name, _as_stored(name, olds.get(name), value)) for name, value in news.items()},
        failures=_one_per_property(failures),
        warnings=tuple(_warnings(olds, news, cloud)),
    )


def _as_stored(name: str, old: Any, new: Any) -> Any:
    """Return the stored form of a value that means the same, so that no preview shows a change that is none."""
    each = BY_NAME.get(name)
    if each is None or old is None or new is None or has_unknown([old, new]):
        return new
    return old if each.equivalent(old, new) else new


def _typed(name: str, value: Any) -> Any:
    """Return the value with integral doubles as integers; nothing else of the user's text changes."""
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, dict):
        return {key: item if key == "cpu" else _typed(key, item) for key, item in value.items()}
    if isinstance(value, list):
        return [_typed(name, item) for item in value]
    return value


def _one_per_property(failures: tuple[Failure, ...]) -> tuple[Failure, ...]:
    first: dict[str, Failure] = {}
    for failure in failures:
        first.setdefault(failure.name.split(".")[0].split("[")[0], failure)
    return tuple(first.values())


def _value_failures(news: Mapping[str, Any]) -> Iterator[Failure]:
    try:
        inputs_model().model_validate(dict(news))
    except ValidationError as error:
        for problem in error.errors(include_url=False):
            if not has_unknown(problem["input"]) or problem["type"] == "extra_forbidden":
                yield Failure(_place(problem["loc"]), _reason(problem))


def _place(location: tuple[int | str, ...]) -> str:
    first, *rest = location
    return str(first) + "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in rest)


_SENTENCES = {
    "missing": "is missing",
    "string_type": "must be a string",
    "bool_type": "must be true or false",
    "list_type": "must be a list",
    "model_type": "must be an object",
    "model_attributes_type": "must be an object",
    "string_too_short": "must not be empty",
    "string_too_long": "must have at most {max_length} characters, has {length}",
    "finite_number": "must be a finite number",
    "too_long": "must have at most {max_length} entries, has {actual_length}",
    "greater_than_equal": "must be at least {ge}",
    "less_than_equal": "must be at most {le}",
}


def _reason(problem: Mapping[str, Any]) -> str:
    """Say in our words what pydantic found; never with the value itself."""
    kind, value = problem["type"], problem["input"]
    if kind == "extra_forbidden":
        return _unknown_property(str(problem["loc"][-1]), len(problem["loc"]))
    if kind in _SENTENCES:
        length = len(value) if isinstance(value, str) else 0
        return _SENTENCES[kind].format(length=length, **problem.get("ctx", {}))
    return str(problem["msg"]) if kind == OURS else f"must be {problem['msg']}"


def _unknown_property(name: str, depth: int) -> str:
    near = get_close_matches(name, INPUT_NAMES, n=1) if depth == 1 else []
    return "is no property of a Flink JAR job" + (f"; did you mean {near[0]}?" if near else "")


def _rule_failures(olds: Mapping[str, Any], news: Mapping[str, Any]) -> Iterator[Failure]:
    if news.get("name") is None and news.get("job_id") is None:
        yield Failure("name", "is missing: a job needs a name (or job_id, to adopt an existing job)")
    job_id = news.get("job_id")
    if isinstance(job_id, str) and job_id and not (job_id.isascii() and job_id.isdigit()):
        yield Failure("job_id", "must be the decimal number of a job, as a string")
    for each in PROPERTIES:
        yield from _change_failures(each, olds, news)


def _change_failures(each: Property, olds: Mapping[str, Any], news: Mapping[str, Any]) -> Iterator[Failure]:
    old, new = olds.get(each.name), news.get(each.name)
    if each.create_only:
        if olds and not has_unknown([old, new]) and not each.equivalent(old, new):
            yield Failure(each.name, "can only be set when the job is created: put the old value back")
    elif old is not None and new is None and not (each.reset_by and has_unknown(list(news.values()))):
        try:
            each.reset_value(news)
        except CannotResetError as error:
            yield Failure(each.name, error.why)
        except (TypeError, ValueError):
            return  # another property is malformed, and says so itself


def _warnings(olds: Mapping[str, Any], news: Mapping[str, Any], cloud: str | None) -> Iterator[str]:
    """Yield what is likely, not certainly, wrong; only about properties that differ from `olds`."""
    changed = {
        name: value
        for name, value in news.items()
        if value is not None and not has_unknown(value) and value != olds.get(name)
    }
    for name in changed:
        each = BY_NAME.get(name)
        if each is not None and cloud is not None and cloud not in each.clouds:
            yield f"{name} is documented by Huawei Cloud only: Open Telekom Cloud may refuse or ignore it"
    if not _CONSOLE_NAME.fullmatch(str(changed.get("name", ""))):
        yield "name has characters that DLI's console does not accept: letters, digits, - and _ are safe"
    if (not olds or "desired_state" in changed) and _lacks_jar(news):
        yield "entrypoint is missing: a job without a JAR cannot start"
    for name, partner, fits, sentence in _PARTNERS:
        other = news.get(partner)
        if changed.get(name) and not has_unknown(other) and not fits(other):
            yield f"{name} {sentence}"


_PARTNERS: tuple[tuple[str, str, Callable[[Any], bool], str], ...] = (
    ("cu_number", "resource_config_version", lambda it: it != "v2", "is not used with resource_config_version v2"),
    (
        "resource_config",
        "resource_config_version",
        lambda it: it == "v2",
        "is used only with resource_config_version v2",
    ),
    ("log_enabled", "obs_bucket", bool, "needs obs_bucket: without it no log is kept"),
    ("checkpoint_path", "resume_checkpoint", lambda it: it is True, "is used only with resume_checkpoint"),
)


def _lacks_jar(news: Mapping[str, Any]) -> bool:
    return control(news, "desired_state") == "running" and not news.get("entrypoint") and news.get("job_id") is None
