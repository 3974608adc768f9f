"""The rules of a gate: those of the command line, and those of a policy file such as `.dli-review.yaml`."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from difflib import get_close_matches
from typing import Annotated, Any, Literal

import yaml
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from pulumi_dli.foreign_text import sanitized
from pulumi_dli.review.errors import ReviewError
from pulumi_dli.review.models import Condition

LARGEST = 1 << 20
_DEEPEST = 20
_WORDS = tuple(each.value for each in Condition if each is not Condition.UNREVIEWED)


def _condition(word: Any) -> Any:
    if isinstance(word, Condition) or word in _WORDS:
        return word
    near = get_close_matches(str(word), _WORDS, n=1)
    hint = f"did you mean {near[0]}?" if near else f"it is one of {', '.join(_WORDS)}"
    raise ValueError(f"{sanitized(str(word), 60)} is no condition: {hint}")


def _rule(value: Any) -> Any:
    """Take `restart`, `prod*:restart,delete` or the object that they mean."""
    if not isinstance(value, str):
        return value
    pattern, colon, words = value.rpartition(":")
    return {"stack": pattern if colon else "*", "conditions": [word.strip() for word in words.split(",")]}


OneCondition = Annotated[Condition, BeforeValidator(_condition)]
Sentence = Annotated[str, Field(min_length=1, pattern=r"\S")]


class Rule(BaseModel):
    """What stops a merge, in the stacks that the pattern names."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    stack: Sentence = "*"
    conditions: Annotated[tuple[OneCondition, ...], Field(min_length=1)]

    def __str__(self) -> str:
        """Return the rule as the command line has it."""
        return f"{self.stack}:{','.join(each.value for each in self.conditions)}"


class Allowance(BaseModel):
    """What may pass all the same: one job, some conditions, a reason, and the last day of it."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    job: Sentence
    stack: Sentence = "*"
    conditions: Annotated[tuple[OneCondition, ...], Field(min_length=1)]
    reason: Sentence
    until: date


class Policy(BaseModel):
    """A policy file. `stacks` are those that every change must show a preview of."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)
    version: Literal[1]
    stacks: tuple[Sentence, ...] = ()
    fail_on: Annotated[tuple[Annotated[Rule, BeforeValidator(_rule)], ...], Field(alias="fail-on")] = ()
    allow: tuple[Allowance, ...] = ()


def rule_of(text: str) -> Rule:
    """Return the rule that `--fail-on` names; raises ReviewError."""
    try:
        return Rule.model_validate(_rule(text))
    except ValidationError as error:
        raise ReviewError(f"--fail-on {sanitized(text, 100)}: {_sentence(error.errors()[0])}") from None


def read_policy(name: str, text: bytes) -> Policy:
    """Read a policy file; raises ReviewError with all that is wrong, each with its line."""
    if len(text) > LARGEST:
        raise ReviewError(f"{name} is too large for a policy: {len(text)} bytes")
    content, lines = _loaded(name, text)
    try:
        return Policy.model_validate(content)
    except ValidationError as error:
        raise ReviewError("\n".join(_problems(name, error, lines))) from None


def _problems(name: str, error: ValidationError, lines: dict[tuple[int | str, ...], int]) -> Iterator[str]:
    """Yield what is wrong, but for lists that are empty only because of what is wrong inside of them."""
    problems = error.errors()
    for each in problems:
        place = each["loc"]
        inside = [other for other in problems if other["loc"][: len(place)] == place and other["loc"] != place]
        if each["type"] != "too_short" or not inside:
            yield f"{name}:{_line(place, lines)}: {_at(place)}{_sentence(each)}"


_SENTENCES = {
    "missing": "is missing",
    "extra_forbidden": "is no key of a policy",
    "too_short": "must not be empty",
    "string_too_short": "must not be empty",
    "string_pattern_mismatch": "must not be empty",
    "string_type": "must be text",
    "tuple_type": "must be a list",
    "model_type": "must be an object",
    "literal_error": "must be 1, the only version there is",
}


def _sentence(problem: Any) -> str:
    kind = str(problem["type"])
    if kind.startswith("date"):
        return "must be a date such as 2026-12-31"
    if kind == "value_error":
        return str(problem["ctx"]["error"])
    return _SENTENCES.get(kind) or str(problem["msg"])


def _at(location: tuple[int | str, ...]) -> str:
    place = ".".join(str(part) for part in location)
    return f"{sanitized(place, 100)} " if place else "it "


def _line(location: tuple[int | str, ...], lines: dict[tuple[int | str, ...], int]) -> int:
    """Return the line of the nearest thing that the file has."""
    while location not in lines and location:
        location = location[:-1]
    return lines.get(location, 1)


def _loaded(name: str, text: bytes) -> tuple[Any, dict[tuple[int | str, ...], int]]:
    try:
        _refuse_excess(name, text)
        node = yaml.compose(text, Loader=yaml.SafeLoader)
        lines = dict(_lines_of(name, node)) if node is not None else {}
        return yaml.safe_load(text), lines
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise ReviewError(
            f"{name}:{line}: is no YAML: {sanitized(error.problem or 'it cannot be read', 100)}"
        ) from None
    except (yaml.YAMLError, UnicodeDecodeError):
        raise ReviewError(f"{name}:1: is no YAML: it has characters that a text file cannot have") from None
    except ValueError as error:  # a timestamp such as 2026-13-01
        raise ReviewError(f"{name}:1: has a value that cannot be read: {sanitized(str(error), 100)}") from None


def _refuse_excess(name: str, text: bytes) -> None:
    """Refuse what makes a small file a huge value, or takes a parser hours: aliases and depth."""
    depth = 0
    for event in yaml.parse(text, Loader=yaml.SafeLoader):
        line = event.start_mark.line + 1 if event.start_mark else 1
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if isinstance(event, yaml.AliasEvent):
            raise ReviewError(f"{name}:{line}: a policy has no aliases (*name): write the value out")
        if depth > _DEEPEST:
            raise ReviewError(f"{name}:{line}: is nested too deeply for a policy")


def _lines_of(
    name: str, node: yaml.Node, place: tuple[int | str, ...] = ()
) -> Iterator[tuple[tuple[int | str, ...], int]]:
    line = node.start_mark.line + 1
    yield place, line
    if isinstance(node, yaml.SequenceNode):
        for number, item in enumerate(node.value):
            yield from _lines_of(name, item, (*place, number))
    elif isinstance(node, yaml.MappingNode):
        known: set[str] = set()
        for key, item in node.value:
            word = str(key.value)
            if word in known:
                raise ReviewError(f"{name}:{key.start_mark.line + 1}: {sanitized(word, 100)} stands there twice")
            known.add(word)
            yield from _lines_of(name, item, (*place, word))
            yield (*place, word), key.start_mark.line + 1
