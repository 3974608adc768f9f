"""The marker line: written to one grammar, read to the letter."""

from __future__ import annotations

import pytest

from pulumi_dli.planning.actions import Action
from pulumi_dli.planning.marker import (
    DamagedMarkerError,
    DiffPhase,
    Marker,
    agreed,
    looks_like_marker,
    names_risk,
    read_marker,
)
from pulumi_dli.planning.state_risk import Risk

RESTART = Marker(Action.RESTART, True, DiffPhase.PLAN, (Risk.MAX_PARALLELISM, Risk.ONLY_COPY))
LINE = "[dli/1 action=restart certain=yes phase=plan risks=max-parallelism,only-copy]"


def test_a_marker_is_one_line_of_words() -> None:
    """As the reference shows it."""
    assert str(RESTART) == LINE


@pytest.mark.parametrize("action", Action)
@pytest.mark.parametrize("risks", [(), (Risk.JAR,), tuple(Risk)], ids=len)
def test_what_is_written_can_be_read(action: Action, risks: tuple[Risk, ...]) -> None:
    """Each action, with and without risks."""
    marker = Marker(action, False, DiffPhase.REFRESH, risks)
    assert read_marker(str(marker)) == marker


def test_a_key_of_a_later_version_is_passed_over() -> None:
    """The grammar only grows."""
    assert read_marker(LINE.replace(" risks", " wave=2 risks")) == RESTART


@pytest.mark.parametrize(
    "line",
    [
        "",
        "[dli/1]",
        "[dli/2 action=restart certain=yes phase=plan risks=]",
        "[dli/1 action=restart certain=yes phase=plan]",
        "[dli/1 certain=yes phase=plan risks=]",
        "[dli/1 action=explode certain=yes phase=plan risks=]",
        "[dli/1 action=restart certain=maybe phase=plan risks=]",
        "[dli/1 action=restart certain=yes phase=later risks=]",
        "[dli/1 action=restart certain=yes phase=plan risks=not-a-code]",
        "[dli/1 action=none action=restart certain=yes phase=plan risks=]",
        "[dli/1  action=none certain=yes phase=plan risks=]",
        " " + LINE,
        LINE + " ",
        LINE + LINE,
        LINE.upper(),
        LINE.replace("restart", "rest\u200bart"),
    ],
    ids=ascii,
)
def test_a_line_that_is_not_to_the_letter_is_damaged(line: str) -> None:
    """Nothing is guessed."""
    with pytest.raises(DamagedMarkerError):
        read_marker(line)


@pytest.mark.parametrize(("line", "looks"), [(LINE, True), ("  [dli/9 x", True), ("a: restart", False), ("[x]", False)])
def test_a_line_that_tries_to_be_a_marker_is_noticed(line: str, looks: bool) -> None:
    """So that a damaged one is not taken for words."""
    assert looks_like_marker(line) is looks


def test_the_marker_of_a_phase_is_the_one_that_counts() -> None:
    """`preview --refresh` asks twice."""
    refresh = Marker(Action.NONE, True, DiffPhase.REFRESH)
    lines = [str(refresh), LINE, LINE]

    assert agreed(lines, DiffPhase.PLAN) == RESTART
    assert agreed(lines, DiffPhase.REFRESH) == refresh
    assert agreed([LINE], DiffPhase.REFRESH) is None


def test_two_markers_that_contradict_each_other_are_none() -> None:
    """One of them is forged."""
    with pytest.raises(DamagedMarkerError):
        agreed([LINE, "[dli/1 action=none certain=yes phase=plan risks=]"], DiffPhase.PLAN)


@pytest.mark.parametrize(
    ("line", "names"),
    [("a: the JAR changes [jar]", True), ("a: the JAR changes [car]", False), ("a: [jar] changes", False)],
)
def test_a_warning_that_ends_with_a_code_is_in_the_marker_as_well(line: str, names: bool) -> None:
    """So the review does not show it twice."""
    assert names_risk(line) is names
