"""What DLI answered, decoded: success, or the error it stands for."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Mapping
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from typing import Any
from urllib.parse import urlsplit

from pulumi_dli.api.auth.base import Auth, SignedRequests, clock_remark
from pulumi_dli.errors import (
    AuthenticationError,
    NotFoundError,
    ServiceError,
    UnusableAnswerError,
)
from pulumi_dli.foreign_text import ForeignText

GONE_CODES = frozenset({"DLI.16001", "DLI.0023"})
_TITLE = re.compile(r"<title>\s*([^<]{1,80}?)\s*</title>", re.IGNORECASE)
# What gateways repeat behind the reason: the request, with its headers.
_REPEATED = re.compile(r",?\s*canonicalRequest:", re.IGNORECASE)
# IAM's words for an access key that it has locked; its code, APIG.0301, stands for other refusals as well.
_KEY_LOCKED = "reach the limit"

_REMEDIES = {
    "DLI.0002": "create it in DLI first, or correct its name (queue_name, say) in the program",
    "DLI.0003": "the account lacks the permission",
    "DLI.1028": "a quota is used up",
}


@dataclass(frozen=True)
class Response:
    """An answer that was read to its end, and the headers of the request that it is for."""

    status: int
    headers: Mapping[str, str]
    content: bytes
    sent: Mapping[str, str]

    @property
    def request_id(self) -> str | None:
        """What the provider's support asks for."""
        return self.headers.get("X-Request-Id")

    @property
    def seconds_ahead(self) -> float:
        """How far this machine's clock is ahead of the service's; 0 where the answer has no date."""
        try:
            return time.time() - parsedate_to_datetime(self.headers["Date"]).timestamp()
        except (KeyError, TypeError, ValueError):
            return 0.0


def decoded(operation: str, response: Response, auth: Auth) -> Any:
    """Return the JSON of a good answer; raise the error that another one stands for."""
    parsed = _json(response)
    if response.status == HTTPStatus.UNAUTHORIZED:
        raise AuthenticationError(
            f"{operation} was refused",
            reason=_reason(parsed),
            status=response.status,
            code=_code(parsed),
            request_id=response.request_id,
            remedy=_remedy(response, parsed, auth),
        )
    if not HTTPStatus.OK <= response.status < HTTPStatus.MULTIPLE_CHOICES:
        raise _refusal(operation, response, parsed)
    if not isinstance(parsed, (dict, list)):
        raise _unusable(operation, response)
    for item in parsed if isinstance(parsed, list) else [parsed]:
        _expect_success(operation, response, item)
    return parsed


def _refusal(operation: str, response: Response, parsed: Any) -> ServiceError:
    code = parsed.get("error_code") if isinstance(parsed, dict) else None
    message = parsed.get("error_msg" if code else "message") if isinstance(parsed, dict) else None
    if not code and not message:
        return _unusable(operation, response, "check dli:endpoint, or try again later")
    kind = NotFoundError if code in GONE_CODES else ServiceError
    return kind(
        operation,
        status=response.status,
        code=str(code) if code else None,
        message=str(message or "no reason given"),
        request_id=response.request_id,
        remedy=_REMEDIES.get(str(code)),
    )


def _unusable(operation: str, response: Response, remedy: str | None = None) -> UnusableAnswerError:
    return UnusableAnswerError(
        operation,
        status=response.status,
        message=_what_came(response),
        request_id=response.request_id,
        remedy=remedy,
    )


def _expect_success(operation: str, response: Response, answer: Any) -> None:
    """Raise ServiceError where `is_success` is neither absent nor true.

    It is a boolean in some pages of DLI's API reference and a string in others: both are read.
    """
    said = answer.get("is_success") if isinstance(answer, dict) else None
    if said is None or said is True or (isinstance(said, str) and said.lower() == "true"):
        return
    raise ServiceError(
        operation,
        status=response.status,
        code=str(answer["error_code"]) if answer.get("error_code") else None,
        message=str(answer.get("message") or answer.get("error_msg") or "no reason given"),
        request_id=response.request_id,
    )


def _json(response: Response) -> Any:
    try:
        return json.loads(response.content)
    except ValueError:
        return None


def _reason(parsed: Any) -> ForeignText:
    """Return the service's own words for a refused proof, without the request that it may repeat there."""
    said = str(parsed.get("error_msg") or _keystone_message(parsed) or "") if isinstance(parsed, dict) else ""
    return ForeignText(_REPEATED.split(said)[0].strip() or "the token is not valid, or has expired")


def _code(parsed: Any) -> str | None:
    code = parsed.get("error_code") if isinstance(parsed, dict) else None
    return str(ForeignText(code, longest=100)) if code else None


def _keystone_message(parsed: Mapping[str, Any]) -> str | None:
    error = parsed.get("error")
    return error.get("message") if isinstance(error, dict) else None


def _remedy(response: Response, parsed: Any, auth: Auth) -> str:
    if isinstance(auth, SignedRequests):
        if remark := clock_remark(response.seconds_ahead):
            return ": ".join(remark)
        if _KEY_LOCKED in str(_reason(parsed)):
            return "IAM has locked the access key after wrong signatures: correct its secret key and wait 5 min"
    return auth.remedy


def _what_came(response: Response) -> str:
    """Describe an answer that is not DLI's, without repeating its text."""
    if "Location" in response.headers:
        target = urlsplit(response.headers.get("Location", "")).netloc or "another place"
        return f"the answer redirects to {target}, which is not followed"
    if not response.content:
        return "the answer is empty"
    kind = response.headers.get("Content-Type", "text without a type").split(";")[0]
    title = _TITLE.search(response.content.decode(errors="replace")) if "html" in kind else None
    return f"the answer is {kind}, not JSON" + (f' ("{" ".join(title[1].split())}")' if title else "")
