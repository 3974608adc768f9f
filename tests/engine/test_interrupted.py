"""A run that is cut off: the user's next command finishes it, and nothing is done twice."""

from __future__ import annotations

from pathlib import Path

import pytest

from support.interruption import (
    CREATE,
    PROC,
    ROLL_BACK,
    SCENES,
    UPDATE,
    Cut,
    Outcome,
    Scene,
    Way,
    When,
    cuts_of,
    outcomes,
    sent,
)

pytestmark = pytest.mark.skipif(not (PROC / "self" / "environ").exists(), reason="finds processes in /proc")
AT_ONCE = 3

CHOSEN = (
    Cut(CREATE, 0, When.AFTER, Way.BOTH),
    Cut(UPDATE, 1, When.AFTER, Way.BOTH, reverted=True),
    Cut(UPDATE, 4, When.AFTER, Way.BOTH, reverted=True),
    Cut(UPDATE, 5, When.AFTER, Way.BOTH, reverted=True),
    Cut(ROLL_BACK, 9, When.AFTER, Way.BOTH, reverted=True),
    Cut(UPDATE, 2, When.READ, Way.CLI),
    Cut(UPDATE, 4, When.BEFORE, Way.CLI),
    Cut(UPDATE, 6, When.READ, Way.INTERRUPT),
)


@pytest.fixture(scope="module")
def tried(tmp_path_factory: pytest.TempPathFactory) -> dict[Cut, Outcome]:
    """All chosen cuts, several at once."""
    return {each.cut: each for each in outcomes(CHOSEN, tmp_path_factory.mktemp("cuts"), AT_ONCE)}


@pytest.mark.parametrize("cut", CHOSEN, ids=str)
def test_the_next_run_finishes_what_was_cut_off(tried: dict[Cut, Outcome], cut: Cut) -> None:
    """Whatever request was cut off, the job is brought to what the program asks for, with no step too many."""
    assert tried[cut].troubles == ()


@pytest.mark.full
@pytest.mark.parametrize("scene", SCENES, ids=lambda scene: str(scene.name))
def test_every_request_is_a_cut_point(scene: Scene, tmp_path: Path) -> None:
    """The cut points are the very requests that the operation sends when nothing cuts it off."""
    assert sent(scene, tmp_path) == scene.operations


@pytest.mark.full
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("scene", SCENES, ids=lambda scene: str(scene.name))
def test_every_cut_point_converges(scene: Scene, tmp_path: Path) -> None:
    """Every request, cut before and after its effect, in every way, with the program kept and reverted, is finished."""
    failed = [(str(each.cut), each.troubles) for each in outcomes(cuts_of(scene), tmp_path, AT_ONCE) if each.troubles]
    assert failed == []
