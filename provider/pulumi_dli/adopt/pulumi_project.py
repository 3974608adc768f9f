"""The Pulumi project that takes an adoption: its files, and the config of its stack by way of the `pulumi` command.

Nothing is overwritten: a file or a config key that holds something else is refused before anything is written.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pulumi_dli.errors import ProjectError
from pulumi_dli.foreign_text import ForeignText
from pulumi_dli.version import __version__

TIMEOUT = 300.0
_PROJECT_FILES = ("Pulumi.yaml", "Pulumi.yml", "Pulumi.json")
_SAY_EVERY = 10


@dataclass(frozen=True)
class Value:
    """A value for the stack's config."""

    text: str = field(repr=False)
    secret: bool = False


@dataclass(frozen=True)
class Stack:
    """A stack, with its config by key (`dli:region`, `jobs:name`) and the ids of the jobs that it manages."""

    name: str
    exists: bool
    config: Mapping[str, str] = field(default_factory=dict, repr=False)
    job_ids: frozenset[str] = frozenset()

    def value(self, key: str) -> str | None:
        """Return the value of a key; one without a namespace is the project's own."""
        return self.config.get(key) if ":" in key else next(self._own(key), None)

    def _own(self, key: str) -> Any:
        return (value for name, value in self.config.items() if name.partition(":")[2] == key)


def has_project(folder: Path) -> bool:
    """Tell whether this is the folder of a Pulumi project; one above it does not count."""
    return any((folder / name).is_file() for name in _PROJECT_FILES)


def stack_in(folder: Path, named: str | None) -> Stack | None:
    """Return the stack of this name, or else the one that is selected; None where none is.

    Raises ProjectError where the stack cannot be read, for its passphrase, say.
    """
    if not has_project(folder) or (named is None and shutil.which("pulumi") is None):
        return None if named is None else Stack(named, exists=False)
    name = named or _selected(folder)
    if name is None:
        return None
    if not _exists(folder, name):
        return Stack(name, exists=False)
    exported = json.loads(_pulumi(folder, "stack", "export", "--stack", name))
    return Stack(name, exists=True, config=_config(folder, name), job_ids=frozenset(_job_ids(exported)))


def _exists(folder: Path, name: str) -> bool:
    """Tell whether the project has this stack; it may be given with its organization and project."""
    listed = json.loads(_pulumi(folder, "stack", "ls", "--json"))
    return name.rpartition("/")[2] in {str(each.get("name")).rpartition("/")[2] for each in listed}


def _selected(folder: Path) -> str | None:
    try:
        return _pulumi(folder, "stack", "--show-name").strip() or None
    except ProjectError:
        return None


def _job_ids(exported: Any) -> list[str]:
    """Return the ids of the jobs that a stack manages; those that it only looks up are external to it."""
    stored = exported.get("deployment", {}).get("resources") or []
    jobs = (each for each in stored if each["type"].endswith("dli:FlinkJarJob") and not each.get("external"))
    return [str(each["id"]) for each in jobs if each.get("id")]


def _config(folder: Path, stack: str) -> dict[str, str]:
    shown = json.loads(_pulumi(folder, "config", "--json", "--show-secrets", "--stack", stack))
    return {key: str(each.get("value", "")) for key, each in shown.items()}


def new_files(folder: Path, program: Path, text: str) -> dict[Path, str]:
    """Return the files to be written, by path; those that hold what they are to hold already are left out.

    Raises ProjectError where there is another program.
    """
    files = {program: text}
    if not has_project(folder):
        files[folder / "Pulumi.yaml"] = _project_file(folder)
    if not (folder / "requirements.txt").exists() and not (folder / "pyproject.toml").exists():
        files[folder / "requirements.txt"] = f"pulumi-dli>={__version__}\n"
    if program.exists() and program.read_bytes() != text.encode():
        raise ProjectError(
            f"{program} exists and is not overwritten: choose another folder with --output, or another file with "
            "--program adopted.py and import it in your program (import adopted)"
        )
    return {path: content for path, content in files.items() if not path.exists()}


def write(files: Mapping[Path, str]) -> None:
    """Write new files. Raises ProjectError where that is not possible."""
    for path, text in files.items():
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            with path.open("xb") as file:
                file.write(text.encode())
        except OSError as error:
            raise ProjectError(f"{path} cannot be written: {error.strerror}") from None


def _project_file(folder: Path) -> str:
    name = re.sub(r"[^A-Za-z0-9_.-]+", "-", folder.name).strip("-.") or "flink-jobs"
    return (
        f"name: {json.dumps(name)}\ndescription: Flink JAR jobs on Data Lake Insight\n"
        "runtime:\n  name: python\n  options:\n    toolchain: pip\n"
    )


def missing_values(stack: Stack, wanted: Mapping[str, Value]) -> dict[str, Value]:
    """Return the values that the stack's config does not hold yet. Raises ProjectError where it holds another one."""
    for key, value in wanted.items():
        if stack.value(key) not in (None, value.text):
            raise ProjectError(
                f"stack {stack.name} has another value for {key}, which is not overwritten: see whether something "
                f"needs it, else remove it (pulumi config rm {key} --stack {stack.name})"
            )
    return {key: value for key, value in wanted.items() if stack.value(key) is None}


def set_values(folder: Path, stack: Stack, values: Mapping[str, Value], say: Callable[[str], None]) -> None:
    """Set values in the stack's config, each by standard input; make the stack where there is none.

    Raises ProjectError where one cannot be set.
    """
    if not stack.exists:
        _pulumi(folder, "stack", "select", "--create", stack.name)
    secrets = frozenset(value.text for value in values.values() if value.secret)
    for number, (key, value) in enumerate(values.items(), 1):
        kind = "--secret" if value.secret else "--plaintext"
        # Pulumi takes one line end away.
        _pulumi(folder, "config", "set", kind, key, "--stack", stack.name, given=f"{value.text}\n", secrets=secrets)
        if number % _SAY_EVERY == 0:
            say(f"set {number} of {len(values)} values in the config of stack {stack.name}")


def _pulumi(folder: Path, *words: str, given: str = "", secrets: frozenset[str] = frozenset()) -> str:
    """Run the `pulumi` command in the folder and return what it prints. Raises ProjectError with its own reason."""
    program = shutil.which("pulumi")
    if program is None:
        raise ProjectError("pulumi is not on PATH: install it, or see the program alone with --dry-run")
    try:
        ran = subprocess.run(  # noqa: S603 - words of our own, and a stack's name as one argument
            [program, *words, "--non-interactive", "--color", "never"],
            cwd=folder,
            env={**os.environ, "PULUMI_SKIP_UPDATE_CHECK": "true"},
            input=given.encode(),
            capture_output=True,
            timeout=TIMEOUT,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise ProjectError(f"pulumi {' '.join(words[:2])} did not end within {TIMEOUT:g} s") from None
    if ran.returncode:
        said = ran.stderr.decode(errors="replace") or ran.stdout.decode(errors="replace")
        reason = ForeignText(said.rpartition("error: ")[2], secrets=secrets)
        raise ProjectError(f"pulumi {' '.join(words[:2])} failed", reason=reason)
    return ran.stdout.decode()
