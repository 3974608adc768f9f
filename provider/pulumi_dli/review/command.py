"""The command line: `pulumi-dli review`."""

from __future__ import annotations

import argparse
import os
import sys
import traceback
from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timezone
from pathlib import Path

from pulumi_dli.review.analysis import review_stack
from pulumi_dli.review.compare_reviewed import unreviewed
from pulumi_dli.review.compare_stacks import side_by_side
from pulumi_dli.review.errors import ReviewError
from pulumi_dli.review.gate import gate
from pulumi_dli.review.markdown import markdown
from pulumi_dli.review.models import Report, StackPart
from pulumi_dli.review.policy import Policy, read_policy, rule_of
from pulumi_dli.review.preview_reader import Preview, read_preview
from pulumi_dli.review.run_preview import preview_of
from pulumi_dli.review.terminal import terminal

PASSED, STOPPED, UNUSABLE = 0, 1, 2
STANDARD_INPUT = "-"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of a review to a parser."""
    parser.description = (
        "Says what previews mean for the jobs of their stacks. Exit code: 0 fine, 1 the gate stops, 2 unusable input."
    )
    add = parser.add_argument
    add("previews", nargs="*", metavar="FILE", help="output of pulumi preview --json; - is standard input")
    add("--stack", action="append", default=[], metavar="NAME", help="run the preview of this stack; may be repeated")
    add("--cwd", type=Path, default=Path(), metavar="FOLDER", help="folder of the project, with --stack")
    add(
        "--refresh", action="store_true", help="with --stack: let Pulumi look at the real jobs first; needs credentials"
    )
    add("--format", choices=("markdown", "json", "terminal"), default="markdown", help="(default: %(default)s)")
    add("--color", choices=("auto", "always", "never"), default="auto", help="with --format terminal (default: auto)")
    add(
        "--fail-on",
        action="append",
        default=[],
        metavar="[STACKS:]CONDITION[,...]",
        help="exit with 1 where it holds: restart, stop, delete, replace, downtime, state-loss, state-risk, reset, "
        "unknown; STACKS is a pattern such as prod*",
    )
    add("--policy", type=Path, metavar="FILE", help="further rules, and what is allowed; from the base branch in CI")
    add(
        "--reviewed",
        action="append",
        default=[],
        metavar="FILE",
        help="exit with 1 for what these previews, which were reviewed, did not show; may be repeated",
    )


def run(arguments: argparse.Namespace) -> int:
    """Write the review to standard output; return 0, 1 where the gate stops, 2 where the input cannot be used."""
    try:
        report = _report(arguments)
        text = _text(report, arguments)
    except ReviewError as error:
        for line in str(error).splitlines():
            sys.stderr.write(f"pulumi-dli review: {line}\n")
        return UNUSABLE
    except Exception as error:  # noqa: BLE001 - a defect must not look like a gate that stops
        sys.stderr.write(f"pulumi-dli review: a defect of pulumi-dli: {_where(error)}; please report it\n")
        return UNUSABLE
    _write(text)
    return STOPPED if report.gate.stopped else PASSED


def _where(error: Exception) -> str:
    """Name kind and place of an unexpected error, never its text, which may hold a secret."""
    place = traceback.extract_tb(error.__traceback__)[-1]
    return f"{type(error).__name__} in {Path(place.filename).name}:{place.lineno}"


def _report(arguments: argparse.Namespace) -> Report:
    rules = [rule_of(text) for text in arguments.fail_on]
    policy = _policy(arguments.policy)
    if not arguments.previews and not arguments.stack:
        raise ReviewError("nothing to review: give the output of pulumi preview --json, or --stack NAME")
    fresh = [_read(name) for name in arguments.previews]
    fresh += [preview_of(stack, arguments.cwd, refresh=arguments.refresh) for stack in arguments.stack]
    stacks = _told_apart([review_stack(preview) for preview in fresh])
    reviewed = [_read(name) for name in arguments.reviewed]
    return Report(
        stacks=tuple(stacks),
        environments=side_by_side(stacks),
        gate=gate(
            stacks,
            rules,
            policy,
            datetime.now(timezone.utc).date(),
            unreviewed(fresh, reviewed) if reviewed else (),
        ),
    )


def _policy(path: Path | None) -> Policy:
    if path is None:
        return Policy(version=1)
    try:
        return read_policy(str(path), path.read_bytes())
    except OSError as error:
        raise ReviewError(f"{path} cannot be read: {error.strerror}") from None


def _read(name: str) -> Preview:
    if name == STANDARD_INPUT:
        return read_preview("standard input", sys.stdin.buffer)
    try:
        with Path(name).open("rb") as stream:
            return read_preview(name, stream)
    except OSError as error:
        raise ReviewError(f"{name} cannot be read: {error.strerror}") from None


def _told_apart(stacks: Sequence[StackPart]) -> list[StackPart]:
    """Name stacks of several projects with their project; refuse the same one twice."""
    names = Counter(stack.stack for stack in stacks)
    told = [
        stack.model_copy(update={"stack": f"{stack.project}/{stack.stack}"}) if names[stack.stack] > 1 else stack
        for stack in stacks
    ]
    twice = [name for name, count in Counter(stack.stack for stack in told).items() if count > 1]
    if twice:
        raise ReviewError(f"stack {twice[0]} is given twice: give one preview of each stack")
    return told


def _text(report: Report, arguments: argparse.Namespace) -> str:
    if arguments.format == "json":
        return report.model_dump_json(indent=2) + "\n"
    if arguments.format == "terminal":
        automatic = sys.stdout.isatty() and not os.environ.get("NO_COLOR")
        return terminal(report, colours={"always": True, "never": False}.get(arguments.color, automatic))
    return markdown(report)


def _write(text: str) -> None:
    sys.stdout.buffer.write(text.encode("utf-8"))
    sys.stdout.buffer.flush()
