"""Recording previews of the real engine, without what differs from run to run and from machine to machine."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from pulumi_dli.emulator.server import Options, running
from support.review_scenarios import Scenario
from support.stack import Stack

_LEFT_OUT = frozenset({"stackTrace", "sourcePosition", "duration", "created", "modified", "propertyDependencies"})
_ENDPOINT = "https://dli.example"
_FIXED = {"endpoint": _ENDPOINT, "update_time": 1795499546074, "start_time": 1795499546097}


def recorded(scenario: Scenario, folder: Path) -> str:
    """Make the stack as before, change it, and return what `pulumi preview --json` says."""
    with running(Options(time_factor=1000)) as emulator:
        stack = Stack.made(folder, emulator, {})
        if scenario.program is not None:
            stack.program(scenario.program)
        stack.jobs(**scenario.before)
        stack.up().expect_ok()
        for name, change in scenario.meanwhile.items():
            emulator.patch_job(name, **change)
        if scenario.meanwhile:
            stack.refresh().expect_ok()
        stack.jobs(**scenario.after)
        emulator.clear_requests()
        said = stack.preview("--json").expect_ok().stdout
        assert emulator.requests() == [], "a preview asks DLI nothing"
        return normal(said, emulator.url)


def normal(said: str, url: str) -> str:
    """Return a preview's JSON in one form, with the steps in an order of their own."""
    document = json.loads(said.replace(url, _ENDPOINT))
    document["steps"].sort(key=lambda step: (step["urn"], step["op"]))
    document["diagnostics"] = sorted(document.get("diagnostics") or [], key=lambda each: (each["urn"], each["message"]))
    document["config"] = {name: value for name, value in document["config"].items() if name != "dli:token"}
    return json.dumps(_without_noise(document), indent=1, ensure_ascii=False) + "\n"


def _without_noise(value: Any) -> Any:
    if isinstance(value, dict):
        kept = {key: _without_noise(item) for key, item in value.items() if key not in _LEFT_OUT}
        return kept | {key: fixed for key, fixed in _FIXED.items() if key in kept}
    if isinstance(value, list):
        return [_without_noise(item) for item in value]
    return value
