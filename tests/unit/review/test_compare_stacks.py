"""One change, many environments: the same jobs side by side, with what is not the same."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from support.review_reading import Page, preview, rendered, review, step

# One new JAR everywhere; prod is larger, and dev was changed before.
STACKS = {
    "dev": [step("a", {"cu_number": 2}, {"cu_number": 2, "desc": "d"}, stack="dev")],
    "staging": [
        step("a", {"cu_number": 2}, {"cu_number": 4, "main_class": "New"}, stack="staging"),
        step("b", {"smn_topic": "x"}, {"smn_topic": "y"}, stack="staging"),
    ],
    "prod": [
        step("a", {"cu_number": 40}, {"cu_number": 80, "main_class": "New"}),
        step("b", {"smn_topic": "x"}, {"smn_topic": "y"}),
    ],
}


@pytest.fixture
def files(tmp_path: Path) -> list[str]:
    """A preview of each stack."""
    for name, steps in STACKS.items():
        (tmp_path / f"{name}.json").write_bytes(preview(*steps))
    return [str(tmp_path / f"{name}.json") for name in STACKS]


@pytest.fixture
def page(files: list[str]) -> Page:
    """The rendered comment on all three."""
    return rendered(review(*files).stdout)


def test_each_stack_has_its_summary_line_and_its_table(page: Page) -> None:
    """In the order in which they were given."""
    assert "dev: 1 job changes: 1 restart" in page.text
    assert "staging: 2 jobs change: 1 live, 1 restart" in page.text
    assert page.text.index("dev:") < page.text.index("staging:") < page.text.index("prod:")


@pytest.mark.words
def test_actions_stand_side_by_side(page: Page) -> None:
    """A job that does not change somewhere has an empty cell there."""
    assert ["a", "what happens", "restart", "restart", "restart"] in page.rows
    assert ["b", "what happens", "", "live", "live"] in page.rows


def test_what_differs_between_the_environments_is_listed(page: Page) -> None:
    """Old and new value of each; what is the same everywhere is only named."""
    assert ["a", "cu_number", "", "2 -> 4", "40 -> 80"] in page.rows
    assert ["a", "desc", 'none -> "d"', "", ""] in page.rows


@pytest.mark.words
def test_a_change_that_is_the_same_everywhere_is_only_named(files: list[str]) -> None:
    """Rows are for differences."""
    page = rendered(review(*files[1:]).stdout)
    assert ["a", "cu_number", "2 -> 4", "40 -> 80"] in page.rows
    assert not [row for row in page.rows if row[1] in {"smn_topic", "main_class"} and len(row) == 4 and "->" in row[2]]
    assert "The same everywhere: main_class, smn_topic" in page.text


@pytest.mark.words
def test_json_and_terminal_have_the_differences_too(files: list[str]) -> None:
    """As data, and as a line each."""
    rows = json.loads(review(*files, "--format", "json").stdout)["environments"]
    (row,) = [each for each in rows if (each["job"], each["property"]) == ("a", "cu_number")]
    assert row["same"] is False
    assert [cell["text"] for cell in row["cells"]] == [None, "2 -> 4", "40 -> 80"]
    said = review(*files, "--format", "terminal").stdout
    assert "a cu_number: dev no change; staging 2 -> 4; prod 40 -> 80" in said


def test_stacks_of_the_same_name_are_distinguished_by_their_projects(tmp_path: Path) -> None:
    """A repository may hold several projects."""
    one, two = tmp_path / "one.json", tmp_path / "two.json"
    one.write_bytes(preview(*STACKS["prod"]))
    two.write_bytes(preview(*STACKS["prod"]).replace(b"::jobs::", b"::other::"))
    said = review(str(one), str(two)).stdout
    assert "**`jobs/prod`**" in said
    assert "**`other/prod`**" in said
