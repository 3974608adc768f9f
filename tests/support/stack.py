"""A Pulumi stack on a file backend, driven by the real CLI, with its program written as data."""

from __future__ import annotations

import json
import os
import re
import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import takewhile
from pathlib import Path
from typing import Any

from pulumi_dli.config.settings import SETTING
from pulumi_dli.emulator.server import Emulator
from support import vault
from support.leaks import WATCH, Folder, expect_none, leaks
from support.made_up import PASSPHRASE

PROGRAM = Path(__file__).with_name("program.py").read_text(encoding="utf-8")
TIMEOUT = 180
CREDENTIALS = ("OS_", "HW_", "PULUMI_DLI_ACCEPT")
# What the engine itself adds to an error of ours.
CLOSING = re.compile(r"error: ((preview|update|refresh|destroy) failed|Resource monitor has terminated, shutting down)")
# The examples and recorded stacks have the emulator's documented token in plain text, to be run as they stand.
PLAIN = frozenset({"the emulator's token"})
# How the engine prints an error with details, as one of a partial failure.
ONE_REASON = re.compile(r"error: 1 error occurred:\n\s*\* ")
HEADING = re.compile(r"  \S+ \([^()]+\):")


def job(name: str, **inputs: Any) -> dict[str, Any]:
    """Return the inputs of a job that the service accepts and that is not watched for long; None leaves one out."""
    usual = {"name": name, "queue_name": "streaming", "entrypoint": "obs://artifacts/job.jar", "settle_time": 0}
    return {key: value for key, value in (usual | inputs).items() if value is not None}


@dataclass(frozen=True)
class Ran:
    """What one command of the CLI came to."""

    code: int
    stdout: str
    stderr: str

    @property
    def text(self) -> str:
        """Everything that a user would read."""
        return self.stdout + self.stderr

    @property
    def ok(self) -> bool:
        """Whether the command succeeded."""
        return self.code == 0

    def errors(self, resource: str = "") -> list[str]:
        """Return the errors under Diagnostics, of one resource or all, each with all its lines.

        The engine's own closing sentence is left out.
        """
        found: list[str] = []
        heard = inside = False
        for line in self._diagnostics():
            if HEADING.fullmatch(line):
                heard, inside = not resource or line.endswith(f"({resource}):"), False
            elif line.lstrip().startswith("error: "):
                inside = heard and not CLOSING.fullmatch(line.strip())
                found += [line.strip()] if inside else []
            elif not line or line.lstrip().startswith("warning: "):
                inside = False
            elif inside:
                found[-1] += f"\n{line}"
        return [ONE_REASON.sub("error: ", error) for error in found]

    def _diagnostics(self) -> Iterator[str]:
        _, _, rest = self.stdout.partition("\nDiagnostics:\n")
        return takewhile(lambda line: not line or line.startswith(" "), rest.splitlines())


@dataclass
class Stack:
    """One stack called `test` in a folder of its own.

    What its commands say and leave in the folder is searched for secrets, after each of them and at the module's end.
    """

    folder: Path
    environment: dict[str, str] = field(default_factory=dict)
    known: frozenset[str] = frozenset()
    """Names of secrets that stand in its files in plain text, as a user might put them there."""

    def __post_init__(self) -> None:
        """Have the folder searched."""
        self._searched = Folder(self.folder, self.known)
        WATCH.folders.append(self._searched)

    @classmethod
    def made(cls, folder: Path, emulator: Emulator, config: Mapping[str, str]) -> Stack:
        """Make the project, the backend and the stack with its configuration."""
        (folder / "backend").mkdir(parents=True)
        stack = cls(folder)
        stack._write("Pulumi.yaml", "name: jobs\nruntime: python\n")
        stack.program(PROGRAM)
        stack.jobs()
        settings = {
            "endpoint": emulator.url,
            "region": "eu-de",
            "projectId": emulator.project_id,
            "token": emulator.token,
            **config,
        }
        stack.configure(**settings)
        stack.run("stack", "init", "test").expect_ok()
        return stack

    def configure(self, **settings: str) -> None:
        """Write the stack's config anew, secrets encrypted."""
        lines = [f"encryptionsalt: {vault.salt()}", "config:"]
        for name, value in settings.items():
            secret = name in SETTING and SETTING[name].secret
            lines += [f"  dli:{name}:", f"    {f'secure: {vault.sealed(value)}' if secret else json.dumps(value)}"]
        self._write("Pulumi.test.yaml", "\n".join(lines) + "\n")

    def jobs(self, **jobs: Mapping[str, Any]) -> None:
        """Set the program: the jobs by their names in the stack, each with its inputs."""
        self.give("jobs.json", json.dumps(jobs))

    def program(self, text: str) -> None:
        """Set a program of one's own."""
        self.give("__main__.py", text)

    def give(self, name: str, text: str) -> None:
        """Write a part of the program, or what it reads: the only file that may hold secrets in plain text."""
        self._searched.given.add(name)
        self._write(name, text)

    def up(self, *options: str, known: frozenset[str] = frozenset()) -> Result:
        """Run `pulumi up` without its preview; it may say `known` secrets."""
        return self.run("up", "--yes", "--skip-preview", *options, known=known)

    def preview(self, *options: str) -> Result:
        """Run `pulumi preview`."""
        return self.run("preview", *options)

    def refresh(self, *options: str) -> Result:
        """Run `pulumi refresh` without its preview."""
        return self.run("refresh", "--yes", "--skip-preview", *options)

    def destroy(self, *options: str) -> Result:
        """Run `pulumi destroy` without its preview."""
        return self.run("destroy", "--yes", "--skip-preview", *options)

    def resources(self) -> dict[str, dict[str, Any]]:
        """Return the stored jobs by their names in the stack."""
        exported = json.loads(self.run("stack", "export", "--show-secrets").expect_ok().stdout)
        stored = exported["deployment"].get("resources", [])
        return {each["urn"].rpartition("::")[2]: each for each in stored if each["type"].endswith("FlinkJarJob")}

    def stored(self) -> dict[str, dict[str, Any]]:
        """Return id, inputs and outputs of the stored jobs by their names in the stack: what a failure must keep."""
        return {
            name: {key: each.get(key) for key in ("id", "inputs", "outputs")} for name, each in self.resources().items()
        }

    def exported(self) -> str:
        """Return the stack's state as `pulumi stack export` shows it, secrets encrypted."""
        return self.run("stack", "export").expect_ok().stdout

    def outputs(self) -> Any:
        """Return the stack's outputs."""
        return json.loads(self.run("stack", "output", "--json", "--show-secrets").expect_ok().stdout)

    def run(self, *command: str, known: frozenset[str] = frozenset()) -> Result:
        """Run one command of the CLI; never waits for ever."""
        return self.command(*_words(command), known=known)

    def command(self, *words: str | Path, known: frozenset[str] = frozenset()) -> Result:
        """Run any command in the stack's folder and environment; fail where it leaves a secret in the clear."""
        ran = subprocess.run(
            words,
            cwd=self.folder,
            env=self.surroundings(),
            capture_output=True,
            text=True,
            timeout=TIMEOUT,
            check=False,
        )
        # With the option, a test asks for them.
        said = [] if "--show-secrets" in words else leaks(ran.stdout + ran.stderr, "output", self.known | known)
        expect_none([*said, *self._searched.leaks()])
        return Result(ran.returncode, ran.stdout, ran.stderr)

    def begin(self, *command: str) -> subprocess.Popen[bytes]:
        """Begin a command of the CLI, in a process group of its own as under a terminal; `log` takes what it says."""
        with self.log.open("wb") as log:
            return subprocess.Popen(
                _words(command),
                cwd=self.folder,
                env=self.surroundings(),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    @property
    def log(self) -> Path:
        """What the last command that was begun has said; a file, since processes that outlive it keep it open."""
        return self.folder / "begun.log"

    def surroundings(self) -> dict[str, str]:
        """Return the environment that commands of the CLI run in: without anybody's credentials."""
        return {**surroundings_of(self.folder), **self.environment}

    def _write(self, name: str, text: str) -> None:
        (self.folder / name).write_text(text, encoding="utf-8")


def surroundings_of(folder: Path) -> dict[str, str]:
    """Return the environment for Pulumi with a backend in a folder, without anybody's credentials."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith(CREDENTIALS)}
    return clean | {
        "PULUMI_BACKEND_URL": f"file://{folder / 'backend'}",
        "PULUMI_CONFIG_PASSPHRASE": PASSPHRASE,
        "PULUMI_HOME": str(folder / "home"),
        "PULUMI_SKIP_UPDATE_CHECK": "true",
    }


def _words(command: tuple[str, ...]) -> list[str]:
    place = ["--stack", "test"] if command[0] != "stack" else []
    return ["pulumi", *command, *place, "--non-interactive", "--color", "never"]


class Result(Ran):
    """A command's result with the assertions that tests make of it."""

    def expect_ok(self) -> Result:
        """Fail with the whole output where the command failed."""
        assert self.ok, self.text
        return self

    def expect_failure(self) -> Result:
        """Fail where the command succeeded."""
        assert not self.ok, self.text
        return self

    def expect_one_line(self, resource: str = "") -> str:
        """Return the one line that the command failed with, all in all or for one resource.

        Fail for none, for several, for a traceback.
        """
        self.expect_failure()
        assert "Traceback" not in self.text, self.text
        errors = self.errors(resource)
        assert len(errors) == 1, self.text
        assert "\n" not in errors[0], self.text
        return errors[0]

    def expect_unchanged(self) -> Result:
        """Fail where anything was changed or would be."""
        self.expect_ok()
        _, _, summary = self.stdout.partition("Resources:\n")
        first, _, _ = summary.partition("\n\n")
        counts = [line.strip() for line in first.splitlines()]
        assert len(counts) == 1, self.text
        assert counts[0].endswith("unchanged"), self.text
        return self
