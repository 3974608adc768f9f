"""Many stacks from one definition file: `python fleet.py up fleet.yaml`. See README.md."""

from __future__ import annotations

import argparse
import fcntl
import os
import shutil
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from fnmatch import fnmatchcase
from pathlib import Path

import manifests
from definition import DefinitionError, Fleet, read_fleet
from progress import Outcome, Progress, Result, summary
from stacks import PREVIEW, Stacks, write_for_operator
from waves import run_in_waves

FINE, FAILED, UNUSABLE = 0, 1, 2
MANIFESTS = "write the stacks' folders, and resources for the Pulumi Kubernetes Operator, to be committed"


def main(words: Sequence[str] | None = None) -> int:
    """Run a command; return 0, 1 where a stack failed or was not started, 2 where the input cannot be used."""
    parser = _parser()
    options, further = parser.parse_known_args(words)
    if further and options.command != "review":
        parser.error(f"{further[0]} is no option of {options.command}")
    try:
        fleet = read_fleet(options.definition)
        if options.command == "manifests":
            return _write_manifests(options, fleet)
        _expect_pulumi()
        waves = _chosen(fleet, options.only)
        with _alone(options.folder):
            stacks = Stacks(fleet, options.folder, Progress(), refresh=getattr(options, "refresh", False))
            outcomes = _run(options.command, stacks, fleet.stacks_at_once, waves)
            return _concluded(options, fleet, outcomes, further)
    except DefinitionError as error:
        for line in str(error).splitlines():
            sys.stderr.write(f"fleet: {line}\n")
        return UNUSABLE


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="fleet.py", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    for name, line in (
        ("preview", "preview all stacks, and say how many jobs each would change"),
        ("review", "preview all stacks, and review them together; further options go to pulumi-dli review"),
        ("up", "bring all stacks up, wave by wave; also continues a run that was cut off"),
        ("destroy", "delete the jobs of all stacks, wave by wave"),
    ):
        command = commands.add_parser(name, help=line, description=line)
        command.add_argument("definition", type=Path, help="the definition file, YAML or JSON")
        command.add_argument("--only", action="append", default=[], metavar="PATTERN", help="these stacks; repeatable")
        command.add_argument(
            "--folder", type=Path, default=Path(".fleet"), help="where the stacks' folders are (default: %(default)s)"
        )
        if name != "destroy":
            command.add_argument(
                "--refresh",
                action="store_true",
                help="look at the real jobs first, so that drift shows; needs credentials",
            )
        else:
            command.add_argument("--yes", action="store_true", required=True, help="needed: nobody is asked")
    _add_manifests(commands.add_parser("manifests", help=MANIFESTS, description=MANIFESTS))
    return parser


def _add_manifests(command: argparse.ArgumentParser) -> None:
    command.add_argument("definition", type=Path, help="the definition file, YAML or JSON")
    command.add_argument("--folder", type=Path, default=Path("deploy"), help="where to write (default: %(default)s)")
    command.add_argument("--repository", required=True, metavar="URL", help="the git repository that holds the folder")
    command.add_argument(
        "--branch", default="main", help="its branch; {wave} in it is the stack's wave (default: %(default)s)"
    )
    command.add_argument("--backend", required=True, metavar="URL", help="where Pulumi keeps the state")
    command.add_argument(
        "--secret", default="fleet", help="Kubernetes Secret with the environment variables (default: %(default)s)"
    )
    command.add_argument(
        "--env",
        action="append",
        default=["PULUMI_CONFIG_PASSPHRASE"],
        metavar="NAME",
        help="a variable that the Secret holds in addition to PULUMI_CONFIG_PASSPHRASE; repeatable",
    )
    command.add_argument(
        "--fresh", default="1h", metavar="TIME", help="how long ago the wave before may be done (default: %(default)s)"
    )
    command.add_argument(
        "--requirement", default="pulumi-dli", metavar="TEXT", help="what pip installs (default: %(default)s)"
    )


def _write_manifests(options: argparse.Namespace, fleet: Fleet) -> int:
    """Write the stacks' folders, and the operator's resources beside them."""
    options.folder.mkdir(parents=True, exist_ok=True)
    directory = manifests.directory_in_repository(options.folder)
    source = manifests.Source(
        options.repository, options.branch, directory, options.backend, options.secret, options.env, options.fresh
    )
    resources = list(manifests.manifests(fleet, source))
    for name in fleet.stacks:
        write_for_operator(fleet, options.folder, name, options.requirement)
    manifests.write(options.folder / "stacks.yaml", resources)
    sys.stderr.write(f"fleet: {len(resources)} stacks in {options.folder}; commit it, then apply stacks.yaml\n")
    return FINE


def _expect_pulumi() -> None:
    if shutil.which("pulumi") is None:
        raise DefinitionError("there is no pulumi on PATH: install Pulumi")


def _chosen(fleet: Fleet, patterns: Sequence[str]) -> list[list[str]]:
    """Return the stacks by waves."""
    for pattern in patterns:
        if not any(fnmatchcase(name, pattern) for name in fleet.stacks):
            raise DefinitionError(f"--only {pattern}: no stack has such a name; there are {', '.join(fleet.stacks)}")
    names = [name for name in fleet.stacks if not patterns or any(fnmatchcase(name, each) for each in patterns)]
    return [[name for name in names if fleet.stacks[name].wave == wave] for wave in fleet.waves]


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Refuse a second run in the same folder; the lock ends with the process."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise DefinitionError(
                f"another run is at work in {folder}: wait for it, or name another --folder"
            ) from None
        yield


def _run(command: str, stacks: Stacks, at_once: int, waves: list[list[str]]) -> list[Outcome]:
    stop = _stopped_by_signals()
    if command in {"preview", "review"}:
        return run_in_waves(waves, stacks.preview, at_once, stop, go_on=True)
    return run_in_waves(waves, stacks.up if command == "up" else stacks.destroy, at_once, stop)


def _concluded(options: argparse.Namespace, fleet: Fleet, outcomes: Sequence[Outcome], further: Sequence[str]) -> int:
    """Write the summary, and the review where one was asked for; return the exit code."""
    told = summary(outcomes, {name: each.wave for name, each in fleet.stacks.items()})
    sys.stderr.write("\n" + "\n".join(told) + "\n")
    if any(each.result is not Result.DONE for each in outcomes):
        return FAILED
    return _review(outcomes, options.folder, further) if options.command == "review" else FINE


def _review(outcomes: Sequence[Outcome], folder: Path, further: Sequence[str]) -> int:
    """Review all stacks together; the exit code is the review's."""
    previews = [str(folder / each.stack / PREVIEW) for each in outcomes]
    command = str(Path(sys.executable).with_name("pulumi-dli"))
    return subprocess.run([command, "review", *further, *previews], check=False).returncode  # noqa: S603 (no shell)


def _stopped_by_signals() -> threading.Event:
    """Return what is set when the run is asked to stop: then the stacks under way end, and no further one begins."""
    stop = threading.Event()

    def on_signal(number: int, _frame: object) -> None:
        os.write(2, f"{signal.Signals(number).name}: no further stack is started\n".encode())
        stop.set()

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, on_signal)
    return stop


if __name__ == "__main__":
    sys.exit(main())
