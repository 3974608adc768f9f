"""Whoever opens a pull request writes its preview: nothing in it can become markup, a link or a control code."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pulumi_dli.foreign_text import sanitized
from pulumi_dli.review.values import shown
from support.payloads import PAYLOADS, harm, named
from support.review_reading import TYPE, cells, preview, rendered, review, step

# All that a comment of ours consists of.
TAGS = {
    "h3", "h4", "ul", "li", "p", "strong", "em", "code", "pre", "br", "blockquote", "details", "summary",
    "table", "thead", "tbody", "tr", "th", "td",
}  # fmt: skip
ATTRIBUTES = {(("class", "language-diff"),), (("lang", "diff"),), ()}


def hostile(text: str, where: str) -> bytes:
    """Return a preview that has `text` where a preview can have text of others."""
    change = step("job", {"smn_topic": "a"}, {"smn_topic": "b"}, stack=text if where == "stack" else "prod")
    other = {"op": "create", "urn": "urn:pulumi:prod::jobs::aws:s3/bucket:Bucket::logs"}
    if where == "name":
        change["urn"] = f"urn:pulumi:prod::jobs::{TYPE}::{text}"
    elif where == "value":
        change["newState"]["inputs"]["smn_topic"] = text
        change["newState"]["inputs"]["resource_config"] = {"max_slot": text}
    elif where == "renamed":
        old = step("job", {}, {}, op="delete")
        change = step("job", {}, {}, op="create")
        change["urn"] = f"urn:pulumi:prod::jobs::{TYPE}::{text}"
        return preview(old, change, other)
    elif where == "other":
        other["urn"] = f"urn:pulumi:prod::jobs::{text}::{text}"
        other["op"] = text
    said = [{"urn": change["urn"], "severity": "info", "message": text if where == "message" else "fine"}]
    return preview(change, other, diagnostics=said)


def expect_harmless(comment: str) -> None:
    """Fail where the rendered comment has anything that is not of its own making."""
    page = rendered(comment)
    assert {tag for tag, _ in page.tags} <= TAGS
    assert {attributes for _, attributes in page.tags} <= ATTRIBUTES
    columns = {len(row) for row in page.rows}
    assert columns <= {4}
    assert [tag for tag, _ in page.tags].count("details") <= 2
    assert not [character for character in comment if character < " " and character != "\n"]
    assert not set("\u2028\u2029\x85\u202e\u200b\u2066\x9b\x7f") & set(comment)


@pytest.mark.parametrize("where", ["stack", "name", "value", "renamed", "other", "message"])
@pytest.mark.parametrize("text", PAYLOADS, ids=named)
def test_hostile_text_stays_text(where: str, text: str) -> None:
    """It is shown, escaped, where it belongs, and changes nothing around it."""
    ran = review("-", stdin=hostile(text, where))
    if ran.code == 2:
        assert (where, "::" in text or text == "") in {("stack", True), ("other", True), ("name", True)}
        return
    expect_harmless(ran.stdout)
    assert len(ran.stdout.encode()) < 65_536


@settings(max_examples=100, deadline=None)
@given(text=st.text(max_size=60), where=st.sampled_from(["name", "value", "renamed", "message"]))
def test_no_text_becomes_markup(text: str, where: str) -> None:
    """Nor does any that Hypothesis makes up."""
    ran = review("-", stdin=hostile(text, where))
    assert ran.code == 0
    expect_harmless(ran.stdout)


@settings(max_examples=100, deadline=None)
@given(text=st.text(alphabet="`|\\<>&*_~[]()!#\n\r\t \"'ab@:/.w-", max_size=30))
def test_no_markup_becomes_markup(text: str) -> None:
    """Made of what markup is made of."""
    ran = review("-", stdin=hostile(text, "name"))
    expect_harmless(ran.stdout)
    expect_harmless(review("-", stdin=hostile(text, "value")).stdout)


def test_a_name_is_still_readable() -> None:
    """Escaping shows what stands there."""
    page = rendered(review("-", stdin=hostile("a|b`c<d>&e\\f*g", "name")).stdout)
    assert "a|b`c<d>&e\\f*g" in cells(page)


@pytest.mark.parametrize("text", PAYLOADS, ids=named)
def test_a_terminal_gets_no_control_code_of_others(text: str) -> None:
    """Neither colours nor anything that moves the cursor or turns the direction of text."""
    for where in ("name", "value", "message"):
        said = review("-", "--format", "terminal", stdin=hostile(text, where)).stdout
        assert [each for line in said.splitlines() for each in harm(line)] == []


def test_the_json_review_is_json_whatever_it_reviews() -> None:
    """With lone surrogates and control codes written out."""
    for text in PAYLOADS:
        for where in ("name", "value", "message"):
            json.loads(review("-", "--format", "json", stdin=hostile(text, where)).stdout)


SECRETS = [
    ("entrypoint_args", "anything at all hunter2"),
    ("runtime_config", '[{"key": "a", "value": "hunter2"}]'),
    ("flink_log_config", '{"sink": {"password": "hunter2"}, "level": "INFO"}'),
    ("flink_log_config", '[{"key": "s3.secret-key", "value": "hunter2"}]'),
    ("tags", [{"key": "api-key", "value": "hunter2"}]),
    ("desc", "run with --password hunter2"),
    ("desc", "run with --password=hunter2 --user me"),
    ("desc", "--db-password 'hunter2' x"),
    ("desc", "PASSWORD: hunter2"),
    ("desc", 'client_secret="hunter2"'),
    ("obs_bucket", "https://me:hunter2@host/bucket"),
    ("smn_topic", "https://host/?access_key=hunter2&x=1"),
    ("resource_config", {"taskmanager_resource_spec": {"token": "hunter2"}}),
]


@pytest.mark.parametrize(("name", "value"), SECRETS, ids=lambda value: str(value)[:24])
def test_values_that_are_named_like_secrets_are_masked(name: str, value: object) -> None:
    """Whether the preview marked them as secrets or not."""
    assert "hunter2" not in shown(name, value)
    assert "[secret]" in shown(name, value)


@pytest.mark.parametrize("text", ["--parallel 4", "monkey=1", "token-free words", "obs://bucket/key.jar", "author: me"])
def test_what_is_no_secret_is_shown(text: str) -> None:
    """Masking everything would show nothing."""
    assert sanitized(text) in shown("desc", text)
