"""The transcription of the documents, `openapi.yaml`, as validators and facts."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from importlib.resources import files
from typing import Any

import yaml
from jsonschema import Draft202012Validator, FormatChecker, ValidationError, validators

SURROGATE = b"\\ud"
METHODS = ("get", "put", "post", "delete")
MEMORY = re.compile(r"(\d+(?:\.\d+)?)\s?(M|MB|G|GB)?", re.IGNORECASE)
LEAST_MEMORY_MB = 2048


class InvalidError(ValueError):
    """Input that the documents do not allow. The message names the place, never the value."""


@dataclass(frozen=True)
class Operation:
    """One operation of the document: where it is, and what it takes."""

    id: str
    method: str
    path: str
    parameters: tuple[dict[str, Any], ...]
    body: dict[str, Any] | None
    errors: Mapping[str, str]
    """What it is refused with, DLI's code or Keystone's status, and when."""

    def check_path(self, given: Mapping[str, str]) -> dict[str, Any]:
        """Return the path's parameters, converted; raise `InvalidError` for a wrong one."""
        return self._check_texts(given, "path")

    def check_query(self, given: Mapping[str, str]) -> dict[str, Any]:
        """Return the query's parameters, converted, with defaults; unknown ones are refused."""
        for name in given:
            if name not in {p["name"] for p in self.parameters if p["in"] == "query"}:
                raise InvalidError(f"unknown query parameter {name}")
        return self._check_texts(given, "query")

    def check_body(self, body: Any) -> None:
        """Raise `InvalidError` if the body breaks the operation's schema."""
        if self.body is not None:
            raise_worst(self._body_validator.iter_errors(body))

    @cached_property
    def _validators(self) -> dict[str, Any]:
        return {parameter["name"]: validator(parameter["schema"]) for parameter in self.parameters}

    @cached_property
    def _body_validator(self) -> Any:
        return validator(self.body or {})

    def _check_texts(self, given: Mapping[str, str], where: str) -> dict[str, Any]:
        checked: dict[str, Any] = {}
        for parameter in self.parameters:
            name, schema = parameter["name"], resolve(parameter["schema"])
            if parameter["in"] != where:
                continue
            if name in given:
                checked[name] = from_text(given[name], schema.get("type"))
                raise_worst(self._validators[name].iter_errors(checked[name]), name)
            elif "default" in schema:
                checked[name] = schema["default"]
        return checked


def text() -> str:
    """Return the OpenAPI document as it is shipped."""
    return files(__package__).joinpath("openapi.yaml").read_text(encoding="utf-8")


@cache
def document() -> dict[str, Any]:
    """Return the OpenAPI document as data."""
    loaded: dict[str, Any] = yaml.safe_load(text())
    return loaded


@cache
def operations() -> dict[str, Operation]:
    """Return every operation of the document by its id."""
    found = {}
    for path, item in document()["paths"].items():
        for method in METHODS:
            if method in item:
                operation = _operation(method, path, item)
                found[operation.id] = operation
    return found


@cache
def job_properties() -> dict[str, dict[str, Any]]:
    """Return the schema of each property of a job by its name."""
    properties: dict[str, dict[str, Any]] = resolve({"$ref": "#/components/schemas/JobProperties"})["properties"]
    return properties


def live_properties() -> frozenset[str]:
    """Return the properties that may change while a job runs."""
    return frozenset(name for name, schema in job_properties().items() if schema.get("x-live"))


def secret_properties() -> frozenset[str]:
    """Return the properties that often hold passwords."""
    return frozenset(name for name, schema in job_properties().items() if schema.get("x-secret"))


def statuses() -> tuple[str, ...]:
    """Return the names of all statuses of the document."""
    return tuple(resolve({"$ref": "#/components/schemas/Status"})["enum"])


def decode(raw: bytes) -> Any:
    """Read JSON as strictly as the documents are: no duplicate keys, no NaN, nothing that is no text."""
    try:
        found = json.loads(raw, object_pairs_hook=_unique, parse_constant=_no_constant, parse_float=_finite)
        if SURROGATE in raw.lower():
            json.dumps(found, ensure_ascii=False).encode()
    except InvalidError:
        raise
    except (ValueError, RecursionError):
        raise InvalidError("the body is not JSON") from None
    return found


def resolve(schema: dict[str, Any]) -> dict[str, Any]:
    """Follow a local reference of the document."""
    found: Any = schema
    while "$ref" in found:
        reference, found = found["$ref"], document()
        for part in reference.removeprefix("#/").split("/"):
            found = found[part]
    result: dict[str, Any] = found
    return result


def memory_mb(size: str) -> float:
    """Return a documented memory size (`4G`, `4096MB`, `4`) in MB; GB is the default unit."""
    match = MEMORY.fullmatch(size)
    if match is None:
        raise InvalidError("not a number with the unit M, MB, G or GB")
    in_mb = (match[2] or "G").upper().startswith("M")
    return float(match[1]) * (1 if in_mb else 1024)


def validator(schema: dict[str, Any]) -> Any:
    """Return a validator that knows the document's components and takes no float for an integer."""
    return StrictValidator({"allOf": [schema], "components": document()["components"]}, format_checker=FORMATS)


def from_text(written: str, kind: str | None) -> Any:
    """Convert a text of a URL to the JSON type it stands for; what does not fit stays text."""
    if kind == "integer" and re.fullmatch(r"-?\d{1,19}", written, re.ASCII):
        return int(written)
    if kind == "boolean":
        return {"true": True, "false": False}.get(written, written)
    return written


def raise_worst(errors: Iterator[ValidationError], place: str = "") -> None:
    """Raise `InvalidError` for the first of the errors, by place; do nothing if there is none."""
    found = list(errors)
    # A property that breaks its own schema counts as unevaluated too: name the real reason.
    precise = [error for error in found if error.validator != "unevaluatedProperties"]
    messages = sorted(_message(error, place) for error in precise or found)
    if messages:
        raise InvalidError(messages[0])


def _operation(method: str, path: str, item: dict[str, Any]) -> Operation:
    found = item[method]
    parameters = [*item.get("parameters", ()), *found.get("parameters", ())]
    body = found.get("requestBody", {}).get("content", {}).get("application/json", {})
    return Operation(
        found["operationId"],
        method.upper(),
        path,
        tuple(resolve(parameter) for parameter in parameters),
        body.get("schema"),
        found["x-errors"],
    )


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    keys = [key for key, _ in pairs]
    for key in keys:
        if keys.count(key) > 1:
            raise InvalidError(f"the key {key} appears twice")
    return dict(pairs)


def _no_constant(name: str) -> Any:
    raise InvalidError(f"{name} is not JSON")


def _finite(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise InvalidError("a number is too large")
    return number


def _is_integer(_checker: Any, instance: Any) -> bool:
    # JSON Schema calls 4.0 an integer; a Java Long of the service is none.
    return isinstance(instance, int) and not isinstance(instance, bool)


def _message(error: ValidationError, place: str) -> str:
    # Values stay out: a refused body may carry passwords, and the message ends up in logs.
    path = [place] if place else []
    path += [str(part) for part in error.absolute_path]
    return f"{'.'.join(path) or 'body'}: {_complaint(error)}"


def _complaint(error: ValidationError) -> str:
    keyword, limit = str(error.validator), error.validator_value
    if keyword in ("additionalProperties", "unevaluatedProperties"):
        unknown = re.findall(r"'([^']*)'", error.message)
        return f"unknown property {', '.join(unknown)}"
    if keyword == "required":
        return error.message.replace("'", "")
    if keyword == "format":
        return str(error.cause)
    return f"must satisfy {keyword} {json.dumps(limit)}"


StrictValidator: Any = validators.extend(  # type: ignore[no-untyped-call]
    Draft202012Validator,
    type_checker=Draft202012Validator.TYPE_CHECKER.redefine("integer", _is_integer),
)
FORMATS = FormatChecker(formats=())


@FORMATS.checks("memory-size", raises=InvalidError)
def _memory_size(instance: object) -> bool:
    if isinstance(instance, str) and memory_mb(instance) < LEAST_MEMORY_MB:
        raise InvalidError("less than 2 GB")
    return True
