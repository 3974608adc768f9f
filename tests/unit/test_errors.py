"""What an error says of the request that failed."""

from __future__ import annotations

import pytest

from pulumi_dli.errors import (
    ConnectionFailedError,
    DliError,
    NotFoundError,
    ServiceError,
    UnusableAnswerError,
    effect_unknown,
    told,
)


@pytest.mark.parametrize(
    ("error", "unknown"),
    [
        (ConnectionFailedError("no answer"), True),
        (ServiceError("update", status=500, message="broken"), True),
        (UnusableAnswerError("update", status=404, message="<html>"), True),
        (ServiceError("update", status=400, message="no"), False),
        (NotFoundError("update", status=400, message="no", code="DLI.16001"), False),
        (DliError("no"), False),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, DliError) else str(value),
)
def test_a_request_may_have_taken_effect_unless_dli_itself_refused_it(error: DliError, unknown: bool) -> None:
    """No answer, a server error and an answer of somebody else leave that open."""
    assert effect_unknown(error) is unknown


def test_a_further_part_keeps_the_error_one_line_and_its_kind() -> None:
    """What was done about an error is told behind it."""
    error = told(ServiceError("stop", status=400, message="no.\nNo", code="DLI.0001"), "nothing was changed")

    assert isinstance(error, ServiceError)
    assert str(error) == "stop was refused: no. No (HTTP 400, DLI.0001); nothing was changed"
