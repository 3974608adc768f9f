"""An error is data; its line is made of its fields."""

from __future__ import annotations

from copy import copy

import pytest

from pulumi_dli.errors import (
    ConnectionFailedError,
    DliError,
    JobLeft,
    NotFoundError,
    ServiceError,
    UnusableAnswerError,
    effect_unknown,
    followed,
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


def refused() -> ServiceError:
    """Return a refusal with all of its fields."""
    return ServiceError(
        "stop", status=400, message="no.\nNo", code="DLI.0001", request_id="r-1", remedy="ask for the right"
    )


def test_the_line_is_made_of_where_what_why_and_what_to_do() -> None:
    """In this order, with what support asks for behind the reason."""
    error = refused()
    error.where = "clicks"

    assert str(error) == ("clicks: stop was refused: no. No (HTTP 400, DLI.0001, request id r-1); ask for the right")


def test_what_follows_an_error_stands_behind_it_and_keeps_its_kind() -> None:
    """What was done about it, what to do, and where that left the job."""
    error = followed(refused(), "the job runs again as it was", job_left=JobLeft.AS_BEFORE)
    error = followed(error, "one more thing failed", remedy="run pulumi up again")

    assert isinstance(error, ServiceError)
    assert str(error).endswith(
        "; ask for the right; the job runs again as it was; one more thing failed, run pulumi up again"
    )
    assert error.remedies == ("ask for the right", "run pulumi up again")
    assert error.outcomes == ("the job runs again as it was", "one more thing failed")
    assert error.job_left is JobLeft.AS_BEFORE


def test_a_copy_does_not_take_part_in_what_follows_the_original() -> None:
    """A refusal that several jobs meet is one error for each of them."""
    first = refused()
    second = copy(first)
    followed(first, "started again")
    first.where = "a"

    assert (second.where, second.outcomes) == (None, ())
    assert second.code == "DLI.0001"


def test_a_secret_that_the_words_of_others_repeat_is_hidden_everywhere() -> None:
    """In the line, in the fields and in what Python shows of the error."""
    error = ServiceError("update", status=400, message="bad option hunter22", code="DLI.0001")
    error.mask({"hunter22"})

    assert "hunter22" not in f"{error} {error!r} {error.args} {error.reason!r}"
    assert "bad option ***" in str(error)


@pytest.mark.parametrize("field", ["message", "code", "request_id"])
def test_the_words_of_others_stay_one_harmless_line(field: str) -> None:
    """Whatever field of an answer they come in."""
    given = {"message": "no", "code": "DLI.0001", "request_id": "r"} | {field: "x\n::stop-commands::y\x1b[2J"}

    line = str(ServiceError("stop", status=400, **given))

    assert "\n" not in line
    assert "\x1b" not in line
    assert "::" not in line
