"""Where the processor time of a run goes, by py-spy: the program's process and the provider's host."""

from __future__ import annotations

import os
import sys
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from tools.bench.phases import CHANGED, LIVE, NOTHING
from tools.bench.report import row
from tools.bench.stack import EMPTY, OURS, Stack
from tools.local_dli import LocalDli

RATE = 100
COSTLIEST = 5
COMMANDS: Mapping[str, tuple[str, ...]] = {
    NOTHING: ("up", "--yes", "--skip-preview"),
    CHANGED: ("preview",),
    LIVE: ("up", "--yes", "--skip-preview"),
}
PACKAGES = ("pulumi_dli/", "empty_dli")


@dataclass(frozen=True)
class Profile:
    """Samples of one process: in all, and by the innermost function of the measured package on the stack."""

    process: str
    seconds: float
    own: Counter[str]


def profiled(jobs: int, folder: Path, dli: LocalDli) -> Iterator[tuple[str, str, list[Profile]]]:
    """Yield for each command and provider the profiles of its processes."""
    for provider in (OURS, EMPTY):
        stack = Stack(folder / f"{provider}-{jobs}", provider, jobs)
        stack.make(dli)
        stack.run("up", "--yes", "--skip-preview")
        for phase, command in COMMANDS.items():
            if phase != NOTHING:
                stack.set(smn_topic=f"urn:smn:{phase}")
            place = folder / f"samples-{provider}-{len(phase)}"
            traced = Stack(stack.folder, provider, jobs, _traced(place), stack.properties)
            traced.run(*command)
            yield phase, provider, [_read(path) for path in sorted(place.glob("*.raw"))]


def _traced(place: Path) -> dict[str, str]:
    """Return an environment in which py-spy looks at every Python that Pulumi starts for long."""
    shims = place / "bin"
    shims.mkdir(parents=True)
    # It attaches, rather than starting Python itself: the engine kills a host, and samples would be lost.
    record = f"py-spy record --pid $$ --nonblocking --rate {RATE} --format raw --output {place}/$$.raw"
    script = f"""#!/bin/sh
case $* in *pulumi-language-python-exec*|*pulumi.dynamic*) {record} >/dev/null 2>&1 & ;; esac
exec {sys.executable} "$@"
"""
    for name in ("python", "python3"):
        shim = shims / name
        shim.write_text(script, encoding="utf-8")
        shim.chmod(0o755)
    return {"PATH": f"{shims}{os.pathsep}{os.environ['PATH']}"}


def _read(path: Path) -> Profile:
    own: Counter[str] = Counter()
    samples, process = 0, "other"
    for line in path.read_text(encoding="utf-8").splitlines():
        stack, _, count = line.rpartition(" ")
        samples += int(count)
        if "pulumi/dynamic/__main__" in stack:
            process = "host"
        elif "pulumi-language-python-exec" in stack:
            process = "program"
        measured = [frame for frame in stack.split(";") if any(each in frame for each in PACKAGES)]
        innermost = measured[-1] if measured else None
        own[_function(innermost) if innermost else ""] += int(count)
    return Profile(process, samples / RATE, own)


def _function(frame: str) -> str:
    name, _, place = frame.partition(" (")
    return f"{Path(place.partition(':')[0]).stem}.{name}"


def table(found: Iterator[tuple[str, str, list[Profile]]]) -> Iterator[str]:
    """Yield the lines of a Markdown table: time of each process, and the costliest functions of the package."""
    columns = ("operation", "provider", "process", "samples, s", "the costliest functions of the package, s")
    yield row(*columns)
    yield row(*["---"] * len(columns))
    for phase, provider, profiles in found:
        for each in profiles:
            functions = [(name, count) for name, count in each.own.most_common(COSTLIEST + 1) if name][:COSTLIEST]
            named = ", ".join(f"`{name}` {count / RATE:.2f}" for name, count in functions)
            yield row(phase, provider, each.process, f"{each.seconds:.2f}", named)
