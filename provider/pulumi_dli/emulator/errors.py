"""What the service says when it refuses a request: codes and statuses as data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Code:
    """An error code, the HTTP status it comes with, and what it means.

    DLI's codes and meanings are documented [otc]; the statuses are, too, for 401 and 404, and inferred otherwise.
    """

    code: str
    status: int
    meaning: str


INVALID_PARAMETER = Code("DLI.0001", 400, "wrong parameters")
NO_SUCH_OBJECT = Code("DLI.0002", 400, "an object, such as a queue, does not exist")
NO_PERMISSION = Code("DLI.0003", 403, "no permission")
EXISTS = Code("DLI.0006", 400, "the object exists already")
UNSUPPORTED = Code("DLI.0007", 400, "the operation is not possible now")
NOT_AUTHENTICATED = Code("DLI.0014", 401, "authentication failed")
SERVER_ERROR = Code("DLI.0999", 500, "an error of the service")
NO_SUCH_JOB = Code("DLI.16001", 400, "the job does not exist")

ON_THE_WAY: tuple[Code, ...] = (
    NO_SUCH_API := Code("APIG.0101", 404, "there is no such address"),
    WRONG_HOST := Code("APIG.0106", 421, "the name in the Host header is not served"),
    WRONG_SIGNATURE := Code("APIG.0301", 401, "the signature is wrong, or older than 15 minutes (otc)"),
    WRONG_SIGNATURE_HUAWEI := Code("APIGW.0301", 401, "the signature is wrong, or older than 15 minutes (huawei)"),
    FOREIGN_ORIGIN := Code("APIG.0107", 403, "the request comes from a page of another origin"),
    TOO_MANY := Code("APIG.0308", 429, "more requests than are taken in a second"),
    TOO_LARGE := Code("APIG.0201", 413, "the body is larger than 1 MiB"),
)
"""What refuses any request before it reaches an operation."""

ONLY_SCRIPTED: tuple[Code, ...] = (
    Code("DLI.0009", 400, "a restriction of the system"),
    Code("DLI.0011", 403, "no permission"),
    Code("DLI.0012", 503, "the service is unavailable"),
    Code("DLI.0013", 401, "authentication failed"),
    Code("DLI.0015", 401, "the token is wrong"),
    Code("DLI.0016", 403, "the role is wrong"),
    Code("DLI.0019", 504, "a time-out"),
    Code("DLI.0023", 404, "the object was not found"),
    Code("DLI.0100", 400, "the result has expired"),
    Code("DLI.1028", 400, "the quota is used up"),
    SERVER_ERROR,
)
"""Documented codes for states that the emulator never is in by itself: a fault makes it answer them."""

CODES: Mapping[str, Code] = {
    each.code: each
    for each in (
        INVALID_PARAMETER, NO_SUCH_OBJECT, NO_PERMISSION, EXISTS, UNSUPPORTED, NOT_AUTHENTICATED, NO_SUCH_JOB,
        *ON_THE_WAY, *ONLY_SCRIPTED,
    )
}  # fmt: skip


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
