"""A request and its answer as plain data: handlers see these, and never a socket."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Request:
    """A request. `body` is the JSON that came (None if there was none)."""

    operation: str | None
    method: str
    path: str
    path_parameters: Mapping[str, Any] = field(default_factory=dict)
    query: Mapping[str, Any] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    """Names in lower case."""
    body: Any = None
    target: bytes = b""
    """Path and query as they were sent."""
    url: str = ""
    """Scheme and authority under which the client sees the emulator."""
    user_id: str = ""
    """Whose token it has."""
    number: int = 0
    """The request's number in the request log."""
    refused_items: Mapping[int | None, str] = field(default_factory=dict)
    """Jobs whose item of a batch a fault refuses, with the message; None stands for all."""


@dataclass(frozen=True)
class Answer:
    """An answer: JSON in `body`, or else `text`, or else nothing."""

    status: int = 200
    body: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)
    text: str | None = None
    has_body: bool = True
    """False: no body at all, where `body` None would be JSON's null."""
