"""The recorded previews are those that the engine and the provider make today."""

from __future__ import annotations

from pathlib import Path

import pytest

from support.review_reading import review
from support.review_recording import recorded
from support.review_scenarios import GOLDEN, SCENARIOS


@pytest.mark.full
@pytest.mark.parametrize("name", SCENARIOS)
def test_a_preview_of_today_gives_the_recorded_review(name: str, tmp_path: Path) -> None:
    """Otherwise the answers are tested against what no user sees any more: scripts/dev record-previews."""
    today = review("-", stdin=recorded(SCENARIOS[name], tmp_path / "stack").encode())
    assert today == review(str(GOLDEN / f"{name}.json"))
