"""The request log and the record of broken rules. Secrets are masked before anything is kept."""

from __future__ import annotations

import json
import sys
import time
import uuid
from collections import deque
from collections.abc import Iterable, Mapping
from itertools import islice
from typing import Any

from .. import contract
from ..messages import Answer, Request

MASK = "***"
SECRET_HEADERS = frozenset(
    {"x-auth-token", "x-subject-token", "x-security-token", "x-emulator-token", "authorization", "cookie"}
)
SECRET_KEYS = frozenset({"password"})
SECRET_PROPERTIES = contract.secret_properties()
KEPT_REQUESTS = 20_000
LINE_LIMIT = 400


def masked(value: Any, secret_keys: frozenset[str]) -> Any:
    """Return JSON with the values of secret keys masked. An empty text is no secret."""
    if isinstance(value, Mapping):
        return {
            key: MASK if key in secret_keys and _is_secret(key, item) else masked(item, secret_keys)
            for key, item in value.items()
        }
    if isinstance(value, list):
        return [masked(item, secret_keys) for item in value]
    return value


def _is_secret(key: str, item: Any) -> bool:
    # Keystone's `password` holds the user, whose `password` is the secret. A property of a wrong type
    # is refused, but holds a secret all the same.
    return bool(item) and (isinstance(item, str) or key in SECRET_PROPERTIES)


class Journal:
    """Every request with its answer, and every broken rule; the latest 20 000 of each."""

    def __init__(self, *, log_secrets: bool, quiet: bool) -> None:
        """`log_secrets` keeps the secret properties' values; passwords and tokens never stay."""
        self._secret_keys = SECRET_KEYS if log_secrets else SECRET_KEYS | SECRET_PROPERTIES
        self._quiet = quiet
        self._entries: deque[dict[str, Any]] = deque(maxlen=KEPT_REQUESTS)
        self._last = 0
        self.violations: deque[dict[str, Any]] = deque(maxlen=KEPT_REQUESTS)

    def begin(self, request: Request) -> dict[str, Any]:
        """Write down a request that has just come; it has no answer yet."""
        self._last += 1
        entry: dict[str, Any] = {
            "seq": self._last,
            "request_id": uuid.uuid4().hex,
            "time": time.time(),
            "operation": request.operation,
            "method": request.method,
            "path": request.path,
            "query": dict(request.query),
            "headers": {name: MASK if name in SECRET_HEADERS else value for name, value in request.headers.items()},
            "body": None,
            "body_keys": [],
            "job_ids": [],
            "status": None,
            "answer": None,
            "fault": None,
            "cut": False,
            "milliseconds": None,
        }
        self._entries.append(entry)
        return entry

    def add_body(self, entry: dict[str, Any], body: Any, job_ids: Iterable[int]) -> None:
        """Add what the request asks for, and of which jobs."""
        entry["body"] = masked(body, self._secret_keys)
        entry["body_keys"] = sorted(body) if isinstance(body, dict) else []
        entry["job_ids"] = list(job_ids)

    def end(self, entry: dict[str, Any], answer: Answer | None) -> None:
        """Add the answer (None: the connection was cut), and write the line on stderr."""
        entry["milliseconds"] = round((time.time() - entry["time"]) * 1000, 1)
        entry["cut"] = answer is None
        if answer is not None:
            entry["status"] = answer.status
            shown = answer.body if answer.has_body else answer.text
            entry["answer"] = masked(shown, self._secret_keys)
        if not self._quiet:
            print(line(entry), file=sys.stderr, flush=True)  # noqa: T201

    def entries(
        self, since: int = 0, operation: str | None = None, job_ids: Iterable[int] | None = None
    ) -> list[dict[str, Any]]:
        """Return copies of the entries after number `since`, of an operation, of the jobs."""
        wanted = None if job_ids is None else set(job_ids)
        return [
            dict(entry)
            for entry in self._entries
            if entry["seq"] > since
            and operation in (None, entry["operation"])
            and (wanted is None or wanted.intersection(entry["job_ids"]))
        ]

    def latest(self, count: int, job_id: int | None = None) -> list[dict[str, Any]]:
        """Return copies of the latest entries, newest first: all, or those about a job. No secret is in them."""
        chosen = (entry for entry in reversed(self._entries) if job_id is None or job_id in entry["job_ids"])
        secret_keys = SECRET_KEYS | SECRET_PROPERTIES
        return [
            {**entry, "body": masked(entry["body"], secret_keys), "answer": masked(entry["answer"], secret_keys)}
            for entry in islice(chosen, count)
        ]

    def clear(self) -> None:
        """Forget all requests and broken rules; the numbers go on."""
        self._entries.clear()
        self.violations.clear()

    def violate(self, kind: str, number: int, job_id: int | None, **more: Any) -> None:
        """Write down a broken rule: its kind, the request's number and what else matters."""
        entry = {"kind": kind, "seq": number, "time": time.time(), "job_id": job_id, **more}
        self.violations.append(entry)


def line(entry: Mapping[str, Any]) -> str:
    """Return a request as one line for people."""
    clock = time.strftime("%H:%M:%S", time.localtime(entry["time"]))
    tail = "/".join(entry["path"].split("/")[-2:])
    body = "" if entry["body"] is None else " " + json.dumps(entry["body"])
    if len(body) > LINE_LIMIT:
        body = body[:LINE_LIMIT] + "..."
    outcome = "cut" if entry["cut"] else str(entry["status"])
    fault = f" ({entry['fault']})" if entry["fault"] else ""
    complaint = _complaint(entry["answer"])
    return (
        f"{clock} {entry['operation'] or '-'} {entry['method']} .../{tail}{body}"
        f" -> {outcome}{fault} {entry['milliseconds']:.0f} ms{complaint}"
    )


def _complaint(answer: Any) -> str:
    if isinstance(answer, dict) and "error_code" in answer:
        return f" {answer['error_code']} {answer.get('error_msg', '')}"
    return ""
