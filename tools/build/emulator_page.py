"""The generated parts of docs/reference/emulator.md: options, statuses, operations with their errors and tests."""

from __future__ import annotations

import argparse
import contextlib
import io
import re
from collections.abc import Iterable, Iterator
from itertools import pairwise
from pathlib import Path

import pytest

from pulumi_dli.emulator import contract
from pulumi_dli.emulator.command import add_arguments
from pulumi_dli.emulator.errors import CODES, ON_THE_WAY, ONLY_SCRIPTED, Code
from pulumi_dli.emulator.jobs.statuses import TABLE, WALKS, Event

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "reference" / "emulator.md"
PART = re.compile(r"(<!-- generated: (\w+) -->\n).*?(<!-- end -->)", re.DOTALL)
Covered = dict[tuple[str, str], dict[str, None]]


def emulator_page() -> str:
    """Return the page with its generated parts as they are to be."""
    parts = {"options": _options, "statuses": _statuses, "drawing": _drawing, "errors": _errors}
    text = PAGE.read_text(encoding="utf-8")
    return PART.sub(lambda match: match[1] + "\n".join(parts[match[2]]()) + "\n" + match[3], text)


def _options() -> Iterator[str]:
    parser = argparse.ArgumentParser()
    add_arguments(parser)
    yield from ("| option | description |", "|---|---|")
    for action in parser._actions:
        if "--help" in action.option_strings:
            continue
        words = action.choices and "\\|".join(action.choices)
        value = words or action.metavar or (action.nargs != 0 and action.dest.upper().replace("-", "_"))
        described = (action.help or "") % {"default": action.default}
        yield f"| `{action.option_strings[0]}{f' {value}' if value else ''}` | {described} |"


def _statuses() -> Iterator[str]:
    yield from (
        "| status | meaning | lasts | run | stop | savepoint | takes every update |",
        "|---|---|---|---|---|---|---|",
    )
    for status in TABLE.values():
        lasts = f"{status.lasts:g} s" if status.lasts is not None else "until something happens"
        flags = (status.run, status.stop, status.savepoint, status.stopped)
        takes = " | ".join("yes" if each else "" for each in flags)
        yield f"| `{status.name}` | {status.meaning} | {lasts} | {takes} |"


def _drawing() -> Iterator[str]:
    yield from ("```mermaid", "stateDiagram-v2", "    [*] --> job_init")
    edges: dict[tuple[str, str], list[str]] = {}
    for event, walk in WALKS.items():
        for source in _sources(event):
            edges.setdefault((source, walk[0]), []).append(event.value.partition(",")[0])
        for source, target in pairwise(walk):
            failure = event.value.rpartition(", ")[2] if event.value.endswith("fails") else f"{TABLE[source].lasts:g} s"
            edges.setdefault((source, target), []).append(failure)
    for (source, target), labels in edges.items():
        yield f"    {source} --> {target}: {' / '.join(dict.fromkeys(labels))}"
    yield "```"


def _sources(event: Event) -> list[str]:
    if event in (Event.CRASH, Event.FINISH):
        return ["job_running"]
    if event in (Event.RUN, Event.RUN_FAILS):
        return [status.name for status in TABLE.values() if status.run]
    saving = event in (Event.SAVE, Event.STOP_SAVING, Event.STOP_SAVING_FAILS)
    return [status.name for status in TABLE.values() if (status.savepoint if saving else status.stop)]


def _errors() -> Iterator[str]:
    covered = _covered()
    yield from ("| operation | error | when | test |", "|---|---|---|---|")
    for operation in contract.operations().values():
        for code, when in operation.errors.items():
            yield _row(operation.id, code, when, covered[operation.id, code])
    for each in (*ON_THE_WAY, *ONLY_SCRIPTED):
        when = each.meaning if each in ON_THE_WAY else f"{each.meaning}; only by a fault"
        yield _row("*any*", each.code, when, covered["*", each.code])


def _row(operation: str, code: str, when: str, tests: Iterable[str]) -> str:
    known: Code | None = CODES.get(code)
    shown = f"{code} ({known.status})" if known else code
    return f"| {operation} | {shown} | {when} | {', '.join(f'`{test}`' for test in tests)} |"


class _Collector:
    """Takes the marks `covers` from the tests that pytest collects."""

    def __init__(self) -> None:
        """Know nothing yet."""
        self.covered: Covered = {}

    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        """Note which test covers what."""
        for item in items:
            for mark in item.iter_markers("covers"):
                operation, code = mark.args
                # Once each: most are parametrized.
                name = item.nodeid.rpartition("::")[2].partition("[")[0]
                self.covered.setdefault((operation, code), {})[name] = None


def _covered() -> Covered:
    collector = _Collector()
    arguments = [
        "--collect-only",
        "-q",
        "-p",
        "no:cacheprovider",
        "--rootdir",
        str(ROOT),
        str(ROOT / "tests" / "emulator"),
    ]
    with contextlib.redirect_stdout(io.StringIO()) as output:
        code = pytest.main(arguments, plugins=[collector])
    if code != pytest.ExitCode.OK:
        raise SystemExit(f"the tests of the emulator cannot be collected:\n{output.getvalue()[-2000:]}")
    return collector.covered
