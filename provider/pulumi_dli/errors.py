"""Everything that can go wrong, as one tree; each error is data, and as text one line: what, why, and the remedy.

DliError
├── ConfigurationError        a setting is malformed or missing
│   ├── IdentityError         the job belongs to another project or region
│   └── CannotResetError      a removed property has no value that stands for "absent"
├── AuthenticationError       the login failed, or the service refused the token
├── ConnectionFailedError     no answer: unreachable, timed out or cut
├── ServiceError              the service refused; carries its code, reason and request id
│   ├── NotFoundError         the job does not exist
│   └── UnusableAnswerError   the answer is not the service's: HTML, empty, a redirect
├── ProjectError              the folder or the stack of a Pulumi project does not take what is to be written
├── DefectError               this package has a mistake
├── UnseenError               what became of a step is not known: the service refuses to show the job
└── JobError                  the job is not where it was to be brought
    ├── StatusError           its status does not allow the next step
    │   └── NoSavepointError  there is no state to start it from
    ├── RejectedError         the change was rolled back before, and is not tried again by itself
    ├── ConflictError         somebody else changed what this update changes
    ├── AdoptError            an existing job differs from the program, or is not known to be ours
    ├── TimeoutPassedError    it did not reach a status in time
    └── EngineGoneError       the engine that asked for the update has ended
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import Enum
from typing import TypeVar

from pulumi_dli.foreign_text import ForeignText
from pulumi_dli.redaction import masked

SERVER_ERROR = 500
LONGEST_REASON = 1000
_Error = TypeVar("_Error", bound="DliError")


class JobLeft(Enum):
    """Where a failed operation left the job."""

    UNTOUCHED = "untouched"
    AS_BEFORE = "running as before"
    ROLLED_BACK = "running with its old settings again"
    DOWN = "down"
    STOPPED = "stopped, rather than started empty"
    MAY_BE_DOWN = "perhaps down"
    UNKNOWN = "not known"
    UNFINISHED = "part of the way; the next pulumi up goes on"
    DELETED = "deleted again"
    OF_ANOTHER = "left to whoever started it"


# Neither as it was before the operation nor where it was to be brought.
PART_OF_THE_WAY = frozenset({JobLeft.DOWN, JobLeft.STOPPED, JobLeft.MAY_BE_DOWN, JobLeft.UNKNOWN, JobLeft.UNFINISHED})


class DliError(Exception):
    """Base of all errors of this package.

    ``what`` failed, ``reason`` why in the words of others, ``remedies`` what to do, ``outcomes`` what was done about
    it, ``job_left`` where that left the job (None: not known, or no job is meant). ``job_id`` is the job that a failed
    create made or goes on with, and that exists still; ``sent`` are the properties of a PUT that took effect before an
    update failed. ``where`` names the job; ``status``
    is the HTTP status, ``code`` DLI's error code (``DLI.0001``), ``request_id`` what the provider's support asks for;
    each None where it is not known. The text of the error is made of these fields.
    """

    def __init__(
        self,
        what: str,
        *,
        reason: ForeignText | None = None,
        status: int | None = None,
        code: str | None = None,
        request_id: str | None = None,
        remedy: str | None = None,
        job_left: JobLeft | None = None,
    ) -> None:
        """Keep the parts."""
        super().__init__(what)
        self.what = what
        self.reason = reason
        self.status = status
        self.code = code
        self.request_id = request_id
        self.where: str | None = None
        self.job_left = job_left
        self.job_id: str | None = None
        self.sent: frozenset[str] = frozenset()
        self._sequel: list[tuple[str, str | None]] = [("", remedy)] if remedy else []

    @property
    def remedies(self) -> tuple[str, ...]:
        """What to do, the remedy of the first failure first."""
        return tuple(remedy for _, remedy in self._sequel if remedy)

    @property
    def outcomes(self) -> tuple[str, ...]:
        """What was done about it, in the order in which it was done."""
        return tuple(outcome for outcome, _ in self._sequel if outcome)

    @property
    def said(self) -> str:
        """What failed and why, without what was done about it and what to do."""
        facts = [
            *([f"HTTP {self.status}"] if self.status is not None else []),
            *([self.code] if self.code else []),
            *([f"request id {self.request_id}"] if self.request_id else []),
        ]
        reason = f": {str(self.reason).rstrip('.')}" if self.reason else ""
        return f"{self.what}{reason}" + (f" ({', '.join(facts)})" if facts else "")

    def __str__(self) -> str:
        """Return the one line."""
        where = f"{self.where}: " if self.where else ""
        more = (", ".join(part for part in each if part) for each in self._sequel)
        return "; ".join([f"{where}{self.said}", *more])

    def __copy__(self: _Error) -> _Error:
        """Return the error as it is now: what is added to the copy, its sequel say, does not reach the original."""
        twin = type(self).__new__(type(self), *self.args)
        twin.__dict__.update(self.__dict__, _sequel=list(self._sequel))
        return twin

    def mask(self, secrets: Iterable[str]) -> None:
        """Hide secrets that the words of others repeat."""
        known = frozenset(secrets)
        self.what = masked(self.what, known)
        self.reason = self.reason.masking(known) if self.reason is not None else None


class ConfigurationError(DliError):
    """A setting is malformed or missing."""


class IdentityError(ConfigurationError):
    """The job belongs to another project or region than the configuration."""


class CannotResetError(ConfigurationError):
    """A removed property has no value that stands for "absent"; `name` is the property, `why` says what to do."""

    def __init__(self, name: str, why: str) -> None:
        """Keep both apart: a check shows the reason under the property's name."""
        super().__init__(f"{name} {why}")
        self.name = name
        self.why = why


class AuthenticationError(DliError):
    """The login failed, or the service refused the token."""


class ConnectionFailedError(DliError):
    """The service gave no answer."""


class ServiceError(DliError):
    """The service refused a request; `operation` is DLI's name for it."""

    def __init__(
        self,
        operation: str,
        *,
        status: int,
        message: str,
        code: str | None = None,
        request_id: str | None = None,
        remedy: str | None = None,
    ) -> None:
        """Take the operation and what the answer says; `message` is the service's own words."""
        self.operation = operation
        super().__init__(
            f"{operation} was refused",
            reason=ForeignText(message, longest=LONGEST_REASON),
            status=status,
            code=_plain(code),
            request_id=_plain(request_id),
            remedy=remedy,
        )


class NotFoundError(ServiceError):
    """The job does not exist (DLI.16001, DLI.0023)."""


class UnusableAnswerError(ServiceError):
    """The answer does not come from DLI's API."""


class ProjectError(DliError):
    """The folder or the stack of a Pulumi project does not take what is to be written."""


class DefectError(DliError):
    """A mistake of this package; the text names kind and place, never a value."""


class UnseenError(DliError):
    """What became of a step that was begun is not known: the service refuses to show the job."""


class JobError(DliError):
    """The job is not where it was to be brought."""


class StatusError(JobError):
    """The job's status does not allow the next step."""


class NoSavepointError(StatusError):
    """There is no state to start the job from, and nobody asked for an empty start."""


class RejectedError(JobError):
    """The change was rolled back before, and nothing of it differs."""


class ConflictError(JobError):
    """Somebody else changed a property that this update changes."""


class AdoptError(JobError):
    """An existing job differs from the program, or is not known to be ours."""


class TimeoutPassedError(JobError):
    """The job did not reach a status in time."""


class EngineGoneError(JobError):
    """The engine that asked for the update has ended; no further step is started."""


def _plain(text: str | None) -> str | None:
    return None if text is None else str(ForeignText(text, longest=100))


def effect_unknown(error: DliError) -> bool:
    """Tell whether the request may have taken effect in spite of the error: no answer, 5xx, or one not of DLI."""
    if isinstance(error, UnusableAnswerError):
        return True
    return isinstance(error, ConnectionFailedError) or (
        isinstance(error, ServiceError) and (error.status or 0) >= SERVER_ERROR
    )


def followed(error: _Error, outcome: str = "", *, remedy: str | None = None, job_left: JobLeft | None = None) -> _Error:
    """Return the error with what was done about it, what to do, and where that left the job."""
    error._sequel.append((outcome, remedy))
    error.job_left = job_left or error.job_left
    return error


def leaving(error: _Error, job_id: str) -> _Error:
    """Return the error with the job that exists in spite of it."""
    error.job_id = job_id
    return error


def place_of(error: BaseException) -> str:
    """Name kind and place of an unexpected error, never its text, which may hold a secret."""
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    place = f"{trace.tb_frame.f_code.co_filename.rpartition('/')[2]}:{trace.tb_lineno}" if trace else "unknown place"
    return f"{type(error).__name__} in {place}"
