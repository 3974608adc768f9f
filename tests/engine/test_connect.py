"""Logging in: each kind of credentials from each source takes a job through its life; the service verifies all.

What they leave behind is searched for every secret of the suite, as after every command of every engine test.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from pulumi_dli.emulator.server import Emulator, running
from support.connecting import KINDS, PROJECT_ID, SOURCES, Way, inputs, service, way
from support.leaks import Folder, leaks

# The others are of the second tier.
QUICK = {("token", "provider"), ("access key of Huawei", "stack config"), ("temporary key of OTC", "clouds.yaml")}
# Above it the engine's own log has every property in the clear, of any provider.
MOST_VERBOSE = 6
PAIRS = [
    pytest.param((kind, source), id=f"{kind}, {source}", marks=() if (kind, source) in QUICK else pytest.mark.full)
    for kind in KINDS
    for source in SOURCES
]


@dataclass(frozen=True)
class Lived:
    """A job's whole life under one way to log in."""

    way: Way
    emulator: Emulator

    @property
    def log(self) -> list[dict[str, Any]]:
        """The service's log."""
        return self.emulator.requests()

    def secrets_in_the_clear(self) -> list[str]:
        """Return where which secret can be read: files, output, the service's log."""
        found = list(Folder(self.way.stack.folder, given={"given.json", "clouds.yaml"}).leaks())
        return found + leaks("".join(self.way.texts), "output") + leaks(json.dumps(self.log), "log")


@pytest.fixture(scope="module", params=PAIRS)
def lived(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lived]:
    """Create, plan and update with everything logged, destroy."""
    kind, source = request.param
    with running(service(KINDS[kind].signature)) as emulator:
        made = way(tmp_path_factory.mktemp("way") / "stack", emulator, KINDS[kind], source)
        provider = {"provider": "own"} if source == "provider" else {}
        made.declare(orders={**inputs(), **provider})
        made.run("up", "--event-log", "create.events")
        made.declare(orders={**inputs(cu_number=4), **provider})
        made.run("preview", "--diff", "--save-plan", "plan.json", "--event-log", "preview.events")
        made.run("up", "--diff", "--event-log", "update.events", "--logtostderr", f"-v={MOST_VERBOSE}")
        (made.stack.folder / "exported.json").write_text(made.stack.exported(), encoding="utf-8")
        made.run("destroy", "--event-log", "destroy.events")
        yield Lived(made, emulator)


def test_a_job_lives_its_life(lived: Lived) -> None:
    """Created in the right project, updated, deleted; no request was refused."""
    [found] = lived.emulator.jobs()
    assert (found["project_id"], found["deleted"], found["properties"]["cu_number"]) == (PROJECT_ID, True, 4)
    assert [each for each in lived.log if each["status"] >= 300] == []
    assert lived.emulator.violations() == []


def test_nothing_that_is_left_behind_shows_a_secret(lived: Lived) -> None:
    """State and its history, plan, event logs, the engine's own log, output, the service's log."""
    folder = lived.way.stack.folder
    assert {"plan.json", "update.events", "exported.json"} <= {path.name for path in folder.iterdir()}
    stored = {path.relative_to(folder / "backend/.pulumi").parts[0] for path in folder.rglob("*/.pulumi/**/*.json*")}
    assert {"stacks", "history"} <= stored
    assert lived.secrets_in_the_clear() == []
