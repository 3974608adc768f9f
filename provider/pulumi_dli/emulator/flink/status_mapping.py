"""Flink's answers as DLI's statuses. Pure.

That a job which Flink restarts again and again is `job_running_exception`, and not `job_running`, is inferred: DLI's
documents do not say it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

STEADY_MS = 10_000
"""So long a job runs without another exception before it counts as running again."""
LONGEST = 500
SHORTEST_SECRET = 4
_SEPARATORS = re.compile(r"""[=:,;"'{}\[\]]+""")
UP = frozenset({"RUNNING", "FINISHED"})
ENDED = frozenset({"FAILED", "FINISHED", "CANCELED"})


@dataclass(frozen=True)
class Seen:
    """What Flink says of a job. Times are ms since the epoch, 0 for never."""

    state: str
    all_up: bool
    """Every subtask runs, or has come to its end."""
    exception_time: int = 0
    exception: str = ""
    """The newest one, whole."""
    checkpoint: str = ""
    """The path of the last complete one."""
    checkpoints: int = 0
    checkpoint_time: int = 0

    @property
    def ended(self) -> bool:
        """Whether nothing of it runs any more."""
        return self.state in ENDED


def seen(job: Mapping[str, Any], exceptions: Mapping[str, Any], checkpoints: Mapping[str, Any]) -> Seen:
    """Return what Flink's three answers on a job mean."""
    tasks = job.get("vertices") or []
    entries = (exceptions.get("exceptionHistory") or {}).get("entries") or []
    newest: Mapping[str, Any] = max(entries, key=lambda each: each["timestamp"], default={})
    done = (checkpoints.get("latest") or {}).get("completed") or {}
    return Seen(
        job["state"],
        bool(tasks) and all(each["status"] in UP for each in tasks),
        int(newest.get("timestamp", 0)),
        str(newest.get("stacktrace") or exceptions.get("root-exception") or ""),
        str(done.get("external_path") or ""),
        int((checkpoints.get("counts") or {}).get("completed") or 0),
        int(done.get("latest_ack_timestamp") or 0),
    )


def next_status(status: str, ran: bool, known_exception: int, there: Seen, now: int) -> str | None:
    """Return the status that a job enters, None if it stays.

    `status` is one of submitting, running and running_exception; `ran` is whether it has run since it was last
    submitted, `known_exception` the time of the last exception that was noticed.
    """
    new_exception = there.exception_time > known_exception
    if there.state == "FINISHED":
        return "job_finish"
    if there.state == "CANCELED":
        return "job_cancel_success"
    if there.state == "FAILED":
        return "job_running_exception" if ran or known_exception else "job_submit_fail"
    if there.state == "RESTARTING" or (there.state == "RUNNING" and new_exception):
        return "job_running_exception" if status != "job_running_exception" else None
    if there.state == "RUNNING" and there.all_up and status != "job_running":
        steady = not there.exception_time or now - there.exception_time >= STEADY_MS
        return "job_running" if steady else None
    return None


def reason(text: str, secrets: Iterable[str] = ()) -> str:
    """Return the root cause of a stack trace as one line, without secrets and package names."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    causes = [line.removeprefix("Caused by: ") for line in lines if line.startswith("Caused by: ")]
    said = causes[-1] if causes else next(iter(lines), "no reason given")
    said = re.sub(r"^(?:[a-z_][\w$]*\.)+(?=[A-Z])", "", said)
    for secret in sorted(secrets, key=len, reverse=True):
        said = said.replace(secret, "***")
    return said if len(said) <= LONGEST else f"{said[:LONGEST]}..."


def secret_parts(*texts: str) -> frozenset[str]:
    """Return what of sensitive texts must not be repeated: `--password=X` holds X."""
    parts = {
        part for text in texts for word in text.split() for part in (word, *re.split(r"""[=:,;"'{}\[\]]+""", word))
    }
    return frozenset(part for part in parts if len(part) >= SHORTEST_SECRET and not part.startswith("--"))
