"""Everything that can go wrong, as one tree; each message is one line: what, why, and the remedy.

DliError
├── ConfigurationError        a setting is malformed or missing
│   ├── IdentityError         the job belongs to another project or region
│   └── CannotResetError      a removed property has no value that stands for "absent"
├── AuthenticationError       the login failed, or the service refused the token
├── ConnectionFailedError     no answer: unreachable, timed out or cut
├── ServiceError              the service refused; carries its code, message and request id
│   ├── NotFoundError         the job does not exist
│   └── UnusableAnswerError   the answer is not the service's: HTML, empty, a redirect
├── ProjectError              the folder or the stack of a Pulumi project does not take what is to be written
├── UnseenError               what became of a step is not known: the service refuses to show the job
└── JobError                  the job is not where it was to be brought
    ├── StatusError           its status does not allow the next step
    ├── ConflictError         somebody else changed what this update changes
    ├── AdoptError            an existing job differs from the program, or is not known to be ours
    ├── TimeoutPassedError    it did not reach a status in time
    └── EngineGoneError       the engine that asked for the update has ended
"""

from __future__ import annotations

SERVER_ERROR = 500


class DliError(Exception):
    """Base of all errors of this package."""


class ConfigurationError(DliError):
    """A setting is malformed or missing."""


class IdentityError(ConfigurationError):
    """The job belongs to another project or region than the configuration."""


class CannotResetError(ConfigurationError):
    """A removed property has no value that stands for "absent"; the text says why and what to do."""


class AuthenticationError(DliError):
    """The login failed, or the service refused the token."""


class ConnectionFailedError(DliError):
    """The service gave no answer."""


class ServiceError(DliError):
    """The service refused a request.

    ``status`` is the HTTP status, ``code`` DLI's error code (``DLI.0001``), ``message`` its own words,
    ``request_id`` what the provider's support asks for; each None where the answer lacks it.
    """

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
        """Compose the line from its parts."""
        self.operation = operation
        self.status = status
        self.code = code
        self.message = message
        self.request_id = request_id
        facts = [
            f"HTTP {status}",
            *([code] if code else []),
            *([f"request id {request_id}"] if request_id else []),
        ]
        line = f"{operation} was refused: {' '.join(message.split()).rstrip('.')} ({', '.join(facts)})"
        super().__init__(f"{line}; {remedy}" if remedy else line)


class NotFoundError(ServiceError):
    """The job does not exist (DLI.16001, DLI.0023)."""


class UnusableAnswerError(ServiceError):
    """The answer does not come from DLI's API."""


class ProjectError(DliError):
    """The folder or the stack of a Pulumi project does not take what is to be written."""


class UnseenError(DliError):
    """What became of a step that was begun is not known: the service refuses to show the job."""


class JobError(DliError):
    """The job is not where it was to be brought."""


class StatusError(JobError):
    """The job's status does not allow the next step."""


class ConflictError(JobError):
    """Somebody else changed a property that this update changes."""


class AdoptError(JobError):
    """An existing job differs from the program, or is not known to be ours."""


class TimeoutPassedError(JobError):
    """The job did not reach a status in time."""


class EngineGoneError(JobError):
    """The engine that asked for the update has ended; no further step is started."""


def effect_unknown(error: DliError) -> bool:
    """Tell whether the request may have taken effect in spite of the error: no answer, 5xx, or one not of DLI."""
    if isinstance(error, UnusableAnswerError):
        return True
    return isinstance(error, ConnectionFailedError) or (
        isinstance(error, ServiceError) and error.status >= SERVER_ERROR
    )


def told(error: DliError, more: str) -> DliError:
    """Return the error with a further part to its line: what was done about it, or what to do."""
    error.args = (f"{error}; {more}",)
    return error
