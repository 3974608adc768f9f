"""One stack: its folder, and what is done with it through Pulumi's Automation API.

Each stack has a folder of its own and its program in a process of its own (a local program): inline programs of several
stacks would share one interpreter, and with it Pulumi's global state.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import sys
import time
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml
from definition import Fleet
from locks import holders
from progress import Outcome, Progress, Result, changes_told
from pulumi import automation as auto
from pulumi.automation.errors import ConcurrentUpdateError

from pulumi_dli.schema.resource import TYPE

PROGRAM = Path(__file__).resolve().parent / "jobs"
PREVIEW = "preview.json"
_COLOUR = re.compile(r"<\{%.*?%\}>")
_CLASS = re.compile(r"^(?:\w+\.)+\w+Error: ")


@dataclass
class Heard:
    """What the engine said during one command."""

    stack: str
    progress: Progress
    changes: Counter[str] = field(default_factory=Counter)
    errors: list[str] = field(default_factory=list)
    """Those of a resource."""
    endings: list[str] = field(default_factory=list)
    """Those of the command itself, such as that it was cancelled."""

    def __call__(self, event: auto.EngineEvent) -> None:
        """Take one event."""
        if (done := event.res_outputs_event) and done.metadata.type == TYPE:
            op = str(getattr(done.metadata.op, "value", done.metadata.op))
            self.changes[op] += 1
            if op != "same":
                self.progress.say(self.stack, f"{_name(done.metadata.urn)}: {op}")
        elif (told := event.diagnostic_event) and (text := _CLASS.sub("", _COLOUR.sub("", told.message).strip())):
            if told.severity == "error":
                (self.errors if told.urn else self.endings).append(text)
            if told.severity in {"error", "warning"}:
                self.progress.say(self.stack, f"{told.severity}: {text}")
            elif told.ephemeral:
                self.progress.say_if_quiet(self.stack, text)


class Stacks:
    """The stacks of a fleet, worked on one by one or several at once."""

    def __init__(self, fleet: Fleet, folder: Path, progress: Progress, *, refresh: bool = False) -> None:
        """Find the Pulumi command; `refresh`: look at the real jobs before a preview or an `up`.

        Raises CommandError or InvalidVersionError where there is no suitable one.
        """
        self._refresh = refresh
        self._fleet, self._folder, self._progress = fleet, folder, progress
        self._pulumi = auto.PulumiCommand()

    def up(self, name: str) -> Outcome:
        """Bring a stack up."""
        return self._outcome(
            name,
            lambda stack, heard: stack.up(
                on_event=heard, color="never", show_secrets=False, refresh=self._refresh or None
            ),
        )

    def destroy(self, name: str) -> Outcome:
        """Delete the jobs of a stack; the stack itself stays, empty."""
        return self._outcome(name, lambda stack, heard: stack.destroy(on_event=heard, color="never"))

    def preview(self, name: str) -> Outcome:
        """Keep the stack's preview for a review."""
        return self._outcome(name, lambda stack, heard: self._keep_preview(stack, heard.changes, name))

    def _outcome(self, name: str, work: Callable[[auto.Stack, Heard], object]) -> Outcome:
        heard, begun = Heard(name, self._progress), time.monotonic()
        self._progress.say(name, "begins")
        try:
            folder = write_folder(self._fleet, self._folder, name)
            stack = auto.create_or_select_stack(name, work_dir=str(folder), opts=self._options())
            self._unlocked(name, lambda: work(stack, heard), stack)
        except (auto.CommandError, OSError) as error:
            reason = [*heard.errors, *heard.endings, _reason(error)][0]
            outcome = Outcome(name, Result.FAILED, time.monotonic() - begun, heard.changes, reason)
            self._progress.say(name, f"failed: {reason}", outcome.result)
            return outcome
        outcome = Outcome(name, Result.DONE, time.monotonic() - begun, heard.changes)
        self._progress.say(name, f"done: {changes_told(heard.changes)}", outcome.result)
        return outcome

    def _unlocked(self, name: str, work: Callable[[], object], stack: auto.Stack) -> None:
        """Work; where a dead run has left its lock, take that away and work again."""
        try:
            work()
        except ConcurrentUpdateError as error:
            found = holders(str(error))
            if not found or not all(each.is_dead for each in found):
                raise
            self._progress.say(name, f"takes away the lock of a run that is dead: {'; '.join(map(str, found))}")
            stack.cancel()
            work()

    def _keep_preview(self, stack: auto.Stack, changes: Counter[str], name: str) -> None:
        folder = self._folder / name
        options = ["preview", "--json", "--stack", name, *(["--refresh"] if self._refresh else [])]
        ran = self._pulumi.run(options, str(folder), stack.workspace.env_vars)
        (folder / PREVIEW).write_text(ran.stdout, encoding="utf-8")
        steps = json.loads(ran.stdout)["steps"]
        changes.update(each["op"] for each in steps if (each.get("newState") or each["oldState"])["type"] == TYPE)

    def _options(self) -> auto.LocalWorkspaceOptions:
        # The language host takes the first python3 on PATH: the one that runs this.
        path = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")])
        budget = self._fleet.requests_per_second
        limits = {"PULUMI_DLI_REQUESTS_PER_SECOND": str(budget)} if budget else {}
        return auto.LocalWorkspaceOptions(env_vars={"PATH": path, **limits}, pulumi_command=self._pulumi)


def write_folder(fleet: Fleet, parent: Path, name: str, **runtime: str) -> Path:
    """Return the folder of a stack, written again; `runtime` are further options of Pulumi's Python runtime."""
    folder = parent / name
    folder.mkdir(parents=True, exist_ok=True)
    shutil.copy(PROGRAM / "__main__.py", folder)
    project = yaml.safe_load((PROGRAM / "Pulumi.yaml").read_text(encoding="utf-8"))
    project["runtime"]["options"].update(runtime)
    _write(folder / "Pulumi.yaml", {**project, "name": fleet.project})
    config = folder / f"Pulumi.{name}.yaml"
    # What Pulumi keeps there, such as the salt of its encryption, stays.
    kept = yaml.safe_load(config.read_text(encoding="utf-8")) if config.exists() else {}
    _write(config, {**(kept or {}), "config": fleet.config_of(name)})
    return folder


def write_for_operator(fleet: Fleet, parent: Path, name: str, requirement: str) -> None:
    """Write the folder of a stack so that `pulumi install` makes the environment that it runs in."""
    folder = write_folder(fleet, parent, name, virtualenv="venv")
    (folder / "requirements.txt").write_text(f"{requirement}\n", encoding="utf-8")


def _write(path: Path, data: Mapping[str, Any]) -> None:
    path.write_text(yaml.safe_dump(data, sort_keys=False), encoding="utf-8")


def _name(urn: str) -> str:
    return urn.rpartition("::")[2]


def _reason(error: Exception) -> str:
    if isinstance(error, ConcurrentUpdateError):
        found = "; ".join(map(str, holders(str(error)))) or "another update"
        return f"the stack is locked by {found}: wait for it to end; if it is dead, run pulumi cancel in its folder"
    lines = [line.strip().removeprefix("error: ") for line in str(error).splitlines() if "error: " in line]
    return lines[0] if lines else str(error).strip().splitlines()[-1]
