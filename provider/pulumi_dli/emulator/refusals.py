"""What the service says when it refuses a request: codes and statuses as data."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Code:
    """An error code of DLI and the HTTP status it comes with."""

    code: str
    status: int


INVALID_PARAMETER = Code("DLI.0001", 400)
NO_SUCH_OBJECT = Code("DLI.0002", 400)
NO_PERMISSION = Code("DLI.0003", 403)
EXISTS = Code("DLI.0006", 400)
UNSUPPORTED = Code("DLI.0007", 400)
NOT_AUTHENTICATED = Code("DLI.0014", 401)
SERVER_ERROR = Code("DLI.0999", 500)
NO_SUCH_JOB = Code("DLI.16001", 400)
NO_SUCH_API = Code("APIG.0101", 404)
TOO_LARGE = Code("APIG.0201", 413)
WRONG_HOST = Code("APIG.0106", 421)
FOREIGN_ORIGIN = Code("APIG.0107", 403)


class RefusedError(Exception):
    """A request that the service answers with an error body of DLI's form."""

    def __init__(self, code: Code, message: str) -> None:
        """Keep the code and the sentence that the caller will read."""
        super().__init__(message)
        self.status = code.status
        self.body: dict[str, Any] = {"error_code": code.code, "error_msg": message}


class IdentityRefusedError(Exception):
    """A request that the identity service answers with an error body of Keystone's form."""

    def __init__(self, status: int, title: str, message: str) -> None:
        """Keep the status, its title and the sentence that the caller will read."""
        super().__init__(message)
        self.status = status
        self.body: dict[str, Any] = {"error": {"code": status, "title": title, "message": message}}
