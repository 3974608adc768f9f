"""Prove that the model test can fail: applies seeded mistakes to copies of the product, one at a time.

Each mistake must be caught by the model test alone. Called by `scripts/dev mistakes`; `--only WORD` takes those
whose name contains the word, `--list` only sees that every patch still applies.
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from tools.mutation import mistakes_of_recovery, mistakes_of_updates
from tools.mutation.seeded import Mistake

ROOT = Path(__file__).resolve().parents[2]
PRODUCT = ROOT / "provider"
AT_ONCE = 2
MOST_SECONDS = 600
NONE = "the product without a mistake"


@dataclass(frozen=True)
class Verdict:
    """What the model test said about a mistake: where it noticed, "" if it did not."""

    mistake: Mistake
    caught_by: str
    seconds: float


MISTAKES = (*mistakes_of_updates.MISTAKES, *mistakes_of_recovery.MISTAKES)


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the table; return 0 when every mistake was caught and the product itself passes."""
    parser = argparse.ArgumentParser(prog="scripts/dev mistakes", description=__doc__)
    parser.add_argument("--only", default="", help="only mistakes whose name contains this")
    parser.add_argument("--list", action="store_true", help="only see that every patch applies")
    options = parser.parse_args(arguments)
    stale = [each for each in MISTAKES if _occurrences(each) != 1]
    for each in stale:
        print(f"{each.name}: its patch does not apply any more: its text stands {_occurrences(each)} times")
    chosen = [each for each in MISTAKES if options.only in each.name and each not in stale]
    if options.list:
        print(f"mistakes: {len(MISTAKES)}, {len(stale)} do not apply")
        return 1 if stale else 0
    return _tried(chosen, len(stale))


def _tried(chosen: Sequence[Mistake], stale: int) -> int:
    width = max(len(each.name) for each in (*chosen, _no_mistake()))
    with ThreadPoolExecutor(AT_ONCE) as pool:
        verdicts = list(pool.map(_verdict, (_no_mistake(), *chosen)))
    own, *rest = verdicts
    for verdict in rest:
        print(f"{verdict.mistake.name:{width}} | {verdict.caught_by or 'NOT CAUGHT'}")
    caught = sum(bool(verdict.caught_by) for verdict in rest)
    if own.caught_by:
        print(f"{NONE} fails as well, so that nothing is proved: {own.caught_by}")
    print(f"mistakes: {len(rest) + stale}, {caught} caught, {len(rest) - caught} not caught, {stale} do not apply")
    return 0 if caught == len(rest) and not stale and not own.caught_by else 1


def _no_mistake() -> Mistake:
    return Mistake(NONE, "", "", "")


@cache
def _sources() -> dict[Path, str]:
    """Return the text of each module of the provider, by its path below PRODUCT; the emulator is not seeded."""
    paths = (path.relative_to(PRODUCT) for path in sorted(PRODUCT.rglob("*.py")))
    return {path: (PRODUCT / path).read_text(encoding="utf-8") for path in paths if "emulator" not in path.parts}


def _occurrences(mistake: Mistake) -> int:
    return sum(text.count(mistake.old) for text in _sources().values())


def _seed(mistake: Mistake, product: Path) -> None:
    for path, text in _sources().items():
        if mistake.old in text:
            (product / path).write_text(text.replace(mistake.old, mistake.new), encoding="utf-8")


def _verdict(mistake: Mistake) -> Verdict:
    """Run the model test on a copy of the product with this mistake."""
    started = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="pulumi-dli-mistake-") as folder:
        copy = Path(folder) / "provider"
        shutil.copytree(PRODUCT, copy, ignore=shutil.ignore_patterns("__pycache__"))
        if mistake.old:
            _seed(mistake, copy)
        caught = (_caught(copy, mistake.first) if mistake.first else "") or _caught(copy)
    verdict = Verdict(mistake, caught, time.monotonic() - started)
    print(f"  {verdict.seconds:4.0f} s  {mistake.name}: {caught or 'nothing was noticed'}", file=sys.stderr, flush=True)
    return verdict


def _caught(product: Path, scenario: str = "") -> str:
    """Return by what the model test, or one scenario of it, fails on this product, "" if it passes or does not end."""
    command = [sys.executable, "-m", "pytest", "tests/model", "-x", "-q", "--tb=short", "-p", "no:cacheprovider"]
    command += ["-k", f"{scenario}-"] if scenario else ["-m", "not full"]
    environment = os.environ | {"PYTHONPATH": str(product), "PYTHONDONTWRITEBYTECODE": "1"}
    try:
        ran = subprocess.run(
            command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=MOST_SECONDS, check=False
        )
    except subprocess.TimeoutExpired:
        return ""
    if ran.returncode == 0:
        return ""
    if ran.returncode != 1:
        raise RuntimeError(f"the model test did not run:\n{ran.stdout[-2000:]}\n{ran.stderr[-2000:]}")
    return _reason(ran.stdout)


def _reason(output: str) -> str:
    """Return the test and the rule, or else the sentence, that a failure names."""
    test = re.search(r"^FAILED tests/model/\w+\.py::(\S+)", output, re.MULTILINE)
    where = re.sub(r"test_a_scenario_ends_well\[(\w+)-(\w+)\]", r"\1 (\2)", test[1]) if test else "?"
    rule = re.search(r"BrokenRuleError: (\w+)", output)
    other = re.search(r"^E +(?:AssertionError: )?(.{1,90})", output, re.MULTILINE)
    return f"{where}: {rule[1] if rule else other[1].strip() if other else '?'}"


if __name__ == "__main__":
    sys.exit(main())
