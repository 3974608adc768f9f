"""What a run says while it lasts, one line per event, and its summary."""

from __future__ import annotations

import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum

QUIET_FOR = 5.0
GREEN, RED, PLAIN = "\033[32m", "\033[31m", "\033[0m"


class Result(Enum):
    """How it went with a stack."""

    DONE = "done"
    FAILED = "failed"
    NOT_STARTED = "not started"


@dataclass(frozen=True)
class Outcome:
    """What one stack came to."""

    stack: str
    result: Result
    seconds: float = 0.0
    changes: Mapping[str, int] = field(default_factory=dict)
    """How many jobs were created, updated and so on, by the engine's word for it."""
    reason: str = ""


class Progress:
    """Writes lines, from any thread; in colour on a terminal alone."""

    def __init__(self) -> None:
        """Begin to count the time."""
        self._begun = time.monotonic()
        self._lock = threading.Lock()
        self._said: dict[str, float] = {}
        self._colours = sys.stderr.isatty()

    def say_if_quiet(self, stack: str, text: str) -> None:
        """Write a line about a step that lasts, where nothing was said of the stack for a while."""
        with self._lock:
            quiet = time.monotonic() - self._said.get(stack, 0.0) > QUIET_FOR
        if quiet:
            self.say(stack, text)

    def say(self, stack: str, text: str, result: Result | None = None) -> None:
        """Write one line about a stack."""
        colour = {Result.DONE: GREEN, Result.FAILED: RED}.get(result) if result and self._colours else None
        line = f"{colour}{text}{PLAIN}" if colour else text
        with self._lock:
            self._said[stack] = time.monotonic()
            sys.stderr.write(f"{time.monotonic() - self._begun:7.1f} s  {stack}: {line}\n")
            sys.stderr.flush()


def summary(outcomes: Sequence[Outcome], waves: Mapping[str, str]) -> Iterator[str]:
    """Yield a line for each stack, and the sums."""
    width = max(len(each.stack) for each in outcomes)
    wave_width = max(len(waves[each.stack]) for each in outcomes)
    for each in outcomes:
        said = each.reason or (changes_told(each.changes) if each.result is Result.DONE else "")
        time_taken = "" if each.result is Result.NOT_STARTED else f"{each.seconds:.1f} s"
        place = f"{waves[each.stack]:<{wave_width}}  {each.stack:<{width}}"
        yield f"{place}  {each.result.value:<11}  {time_taken:>8}  {said}".rstrip()
    counts = Counter(each.result for each in outcomes)
    yield f"{len(outcomes)} stacks: " + ", ".join(f"{counts[each]} {each.value}" for each in Result)


def changes_told(changes: Mapping[str, int]) -> str:
    """Return counts in words."""
    told = [f"{count} {op}" for op, count in sorted(changes.items()) if op not in {"same", "refresh"}]
    return ", ".join(told) or "nothing to change"
