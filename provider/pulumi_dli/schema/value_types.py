"""The kinds of values that a property of a job can have: their limits and their meaning.

A kind is a pydantic type (its limits) and a function that brings a value into the one form in
which equal meanings are equal values.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, StrictBool
from pydantic import StrictStr as Text
from pydantic_core import PydanticCustomError


def wire(value: Any) -> Any:
    """Return a value as DLI wants it in JSON: integral doubles as integers."""
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, dict):
        return {key: wire(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [wire(item) for item in value]
    return value


# The type of our own validation errors: their messages are whole, as `check` shows them.
OURS = "dli"
MEGABYTES_PER_GIGABYTE = 1024
SMALLEST_MEMORY_MB = 2 * MEGABYTES_PER_GIGABYTE
_MEMORY = re.compile(r"(\d+(?:\.\d+)?) ?(mb|m|gb|g)?", re.IGNORECASE | re.ASCII)


def integral(value: Any) -> Any:
    """Turn 3.0 into 3: numbers reach a provider as IEEE doubles.

    Raises a validation error for 4.5, "4" and True, none of which is an integer.
    """
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, bool) or not isinstance(value, int):
        raise PydanticCustomError(OURS, "must be an integer")
    return value


def _number(value: Any) -> Any:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise PydanticCustomError(OURS, "must be a number")
    return value


def memory_in_megabytes(text: str) -> float | None:
    """Read ``4G``, ``4 GB``, ``4096MB`` or ``4`` (GB is DLI's default unit); None if it is none of these."""
    match = _MEMORY.fullmatch(text)
    if match is None:
        return None
    megabytes = (match[2] or "g").lower().startswith("m")
    return float(match[1]) * (1 if megabytes else MEGABYTES_PER_GIGABYTE)


def _text_or_integer(value: Any) -> Any:
    return value if isinstance(value, str) else integral(value)


def _memory(text: str) -> str:
    size = memory_in_megabytes(text)
    if size is None:
        raise PydanticCustomError(OURS, 'must be a size in MB or GB, such as "4GB" or "4096MB"')
    if size < SMALLEST_MEMORY_MB:
        raise PydanticCustomError(OURS, "must be at least 2GB")
    return text


def _parsed(text: str) -> Any:
    return json.loads(text, parse_constant=_no_constant)


def _no_constant(word: str) -> Any:
    raise ValueError(f"{word} is no JSON")


def _json_text(text: str) -> str:
    if text:
        try:
            _parsed(text)
        except RecursionError:
            raise PydanticCustomError(OURS, "must be JSON text; it is nested too deeply") from None
        except ValueError as error:
            # Only the place is named: the text may hold secrets.
            where = f"line {error.lineno} column {error.colno}" if isinstance(error, json.JSONDecodeError) else "?"
            raise PydanticCustomError(
                OURS, "must be JSON text; it is not valid JSON at {where}", {"where": where}
            ) from None
    return text


Integer = Annotated[int, BeforeValidator(integral)]
Number = Annotated[float, BeforeValidator(_number), Field(allow_inf_nan=False)]
Flag = StrictBool
Texts = list[Text]
JsonText = Annotated[Text, AfterValidator(_json_text)]
Memory = Annotated[Text, AfterValidator(_memory)]


class Part(BaseModel):
    """An object inside a property: every key declared, no other allowed."""

    model_config = ConfigDict(extra="forbid")


class ResourceSpec(Part):
    """CPU cores and memory of a JobManager or a TaskManager."""

    cpu: Annotated[Number, Field(ge=0.5)] = 1.0
    memory: Memory = "4GB"


class ResourceConfig(Part):
    """The resources of a job with ``resource_config_version`` v2."""

    max_slot: Annotated[Integer, Field(ge=1)] = 1
    parallel_number: Annotated[Integer, Field(ge=1)] = 1
    jobmanager_resource_spec: ResourceSpec = ResourceSpec()
    taskmanager_resource_spec: ResourceSpec = ResourceSpec()


class Tag(Part):
    """A tag of a job. Values are as long as Huawei allows; OTC's create page says 43 characters."""

    key: Annotated[Text, Field(min_length=1, max_length=128)]
    value: Annotated[Text, Field(max_length=255)] = ""


def plain(value: Any) -> Any:
    """Return numbers and containers in one form: 3.0 as 3, at any depth; True stays apart from 1."""
    if isinstance(value, bool):
        return ("bool", value)
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    return value


def json_meaning(text: Any) -> Any:
    """Return what JSON text says: key order, white space and the order of ``[{key, value}]`` do not count."""
    if not isinstance(text, str):
        return plain(text)
    try:
        parsed = _parsed(text)
    except (ValueError, RecursionError):
        return text
    if isinstance(parsed, list) and parsed and all(_is_key_value(item) for item in parsed):
        # Apart from an object with the same keys: DLI may take one form and not the other.
        return ("pairs", {str(item["key"]): plain(item["value"]) for item in parsed})
    return plain(parsed)


def _is_key_value(item: Any) -> bool:
    return isinstance(item, dict) and set(item) == {"key", "value"}


def resources_meaning(value: Any) -> Any:
    """Return a resource configuration with its defaults filled in and every memory size in megabytes."""
    if not isinstance(value, dict):
        return plain(value)
    filled = ResourceConfig().model_dump() | value
    for part in ("jobmanager_resource_spec", "taskmanager_resource_spec"):
        if isinstance(filled[part], dict):
            filled[part] = _spec_meaning(filled[part])
    return plain(filled)


def _spec_meaning(spec: dict[str, Any]) -> dict[str, Any]:
    filled = ResourceSpec().model_dump() | spec
    memory = filled["memory"]
    size = memory_in_megabytes(memory) if isinstance(memory, str) else None
    return filled | {"memory": memory if size is None else size}


def tags_meaning(value: Any) -> Any:
    """Return tags in an order of their own: a job's tags are a set."""
    if not isinstance(value, list):
        return plain(value)
    return sorted((plain({"value": "", **tag} if isinstance(tag, dict) else tag) for tag in value), key=repr)


@dataclass(frozen=True)
class ValueType:
    """A kind of value: its word in documents, its type for editors, its pydantic type and its meaning."""

    word: str
    python: str
    type: Any
    meaning: Callable[[Any], Any] = plain


def _limits(word: str, low: int | None, high: int | None, unit: str = "") -> str:
    if low is None and high is None:
        return word
    if low is None:
        return f"{word}, at most {high}{unit}"
    if high is None:
        return f"{word}, at least {low}{unit}"
    return f"{word}, {low} to {high}{unit}"


def text(*, shortest: int = 0, longest: int | None = None) -> ValueType:
    """Return the kind of a string of `shortest` to `longest` characters."""
    return ValueType(
        _limits("string", shortest or None, longest, " characters"),
        "str",
        Annotated[Text, Field(min_length=shortest, max_length=longest)],
    )


def integer(*, at_least: int | None = None, at_most: int | None = None) -> ValueType:
    """Return the kind of an integer within limits."""
    return ValueType(
        _limits("integer", at_least, at_most),
        "int",
        Annotated[Integer, Field(ge=at_least, le=at_most)],
    )


FLAG = ValueType("boolean", "bool", Flag)
TEXT_OR_INTEGER = ValueType("string or integer", "str | int", Annotated[str | int, BeforeValidator(_text_or_integer)])
TEXTS = ValueType("list of strings", "Sequence[pulumi.Input[str]]", Texts)
JSON_TEXT = ValueType("string: JSON text", "str", JsonText, json_meaning)
RESOURCES = ValueType("object", "ResourceConfigArgs", ResourceConfig, resources_meaning)
TAGS = ValueType(
    "list of {key, value}, at most 20",
    "Sequence[pulumi.Input[TagArgs]]",
    Annotated[list[Tag], Field(max_length=20)],
    tags_meaning,
)


def one_of(*words: str) -> ValueType:
    """Return the kind of a string that is one of a few."""

    def among(value: str) -> str:
        if value not in words:
            raise PydanticCustomError(OURS, "must be {words}", {"words": " or ".join(f'"{word}"' for word in words)})
        return value

    return ValueType("string: " + " or ".join(words), "str", Annotated[Text, AfterValidator(among)])


def integer_among(rule: Callable[[int], bool], sentence: str) -> ValueType:
    """Return the kind of an integer that obeys `rule`; `sentence` says the rule."""

    def obeys(value: int) -> int:
        if not rule(value):
            raise PydanticCustomError(OURS, "must be {sentence}", {"sentence": sentence})
        return value

    return ValueType(f"integer: {sentence}", "int", Annotated[Integer, AfterValidator(obeys)])
