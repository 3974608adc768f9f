"""What others wrote comes out harmless through every way to a terminal, a log and a comment."""

from __future__ import annotations

import pickle
from collections.abc import Callable
from copy import copy

import pytest

from pulumi_dli import doctor
from pulumi_dli.adopt.declarations import Found, entry
from pulumi_dli.adopt.naming import names_of
from pulumi_dli.adopt.python_literals import comment
from pulumi_dli.config.settings import read_settings
from pulumi_dli.errors import ServiceError, followed
from pulumi_dli.foreign_text import ForeignText, sanitized, sanitized_urn
from pulumi_dli.reconcile.transitions import described
from pulumi_dli.review.values import shown
from pulumi_dli.schema.observed_job import read_job
from support.payloads import COMMANDS, PAYLOADS, harm, named


def of_a_refusal(text: str) -> str:
    """Return the error line of an answer whose every field is the text."""
    error = ServiceError("stop", status=400, message=text, code=text or "c", request_id=text or "r")
    return str(followed(error, "the job runs again as it was"))


def of_a_status(text: str) -> str:
    """Return how a job is described whose status and reason are the text."""
    return described(read_job("138", {"status": text, "status_desc": text}))


def of_an_adopted_job(text: str) -> str:
    """Return what is printed about a job with settings that this version does not know."""
    observed = read_job("138", {"name": "a", "status": "job_running", "job_config": {text[:50] or "k": text or "v"}})
    made = entry(Found(observed, "a"), names_of({"138": "a"})["138"])
    return " ".join((*made.notes, *made.facts))


def of_the_doctor(text: str) -> str:
    """Return how the doctor shows a setting."""
    values = list(doctor.values_of(read_settings({"projectName": text or "p"}, {})))
    return doctor._as_text(values, [], colour=False).replace("\n", " ")


WAYS: dict[str, Callable[[str], str]] = {
    "the text itself": lambda text: str(ForeignText(text)),
    "formatted": lambda text: f"{ForeignText(text)} {ForeignText(text):>20}",
    "its representation": lambda text: repr(ForeignText(text)),
    "pickled": lambda text: str(pickle.loads(pickle.dumps(ForeignText(text)))),  # noqa: S301 - our own
    "an error": of_a_refusal,
    "a status": of_a_status,
    "a value in a review": lambda text: shown("desc", text),
    "an adopted job": of_an_adopted_job,
    "a comment of a program": lambda text: " ".join(comment(text)),
    "the doctor": of_the_doctor,
    "a resource's URN": lambda text: sanitized_urn(f"urn:pulumi:dev::p::t::{text}").replace("::", " "),
}


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("text", PAYLOADS, ids=named)
def test_text_of_others_is_one_harmless_line(text: str, way: str) -> None:
    """No control character, no direction mark, no command of a CI system, whatever way it takes."""
    assert harm(WAYS[way](text)) == []


@pytest.mark.parametrize("text", COMMANDS, ids=named)
def test_what_was_said_can_still_be_read(text: str) -> None:
    """Only spaces are put between its characters."""
    plain = "".join(each for each in text if each.isprintable() and each != " ")
    assert "".join(sanitized(text).split()).replace("\\u{1b}", "") == plain


def test_a_long_text_is_cut_with_a_count() -> None:
    """A reader knows that there was more."""
    assert sanitized("x" * 1000, 10) == "xxxxxxxxxx... (990 more characters)"


def test_secrets_are_masked_before_the_text_is_cut() -> None:
    """The half of a secret is one as well."""
    assert str(ForeignText("a" * 8 + "hunter22", secrets={"hunter22"}, longest=12)) == "aaaaaaaa***"


def test_a_secret_that_is_known_later_is_masked_too() -> None:
    """The text remembers what it was, and nobody else can read that."""
    first = ForeignText("bad option hunter22")
    assert str(first.masking({"hunter22"})) == "bad option ***"
    assert str(copy(first)) == "bad option hunter22"


def test_an_empty_text_says_nothing() -> None:
    """So that a caller can put other words in its place."""
    assert not ForeignText(" \n")
    assert ForeignText("x") == ForeignText("x")
    assert len({ForeignText("x"), ForeignText("x")}) == 1
