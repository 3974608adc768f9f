"""Proves that the model test can fail: applies seeded mistakes to copies of the product, one at a time.

Each mistake must be caught by the model test alone. Called by `scripts/mistakes`; `--only WORD` takes those
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

ROOT = Path(__file__).resolve().parent.parent
PRODUCT = ROOT / "provider"
AT_ONCE = 2
MOST_SECONDS = 600
NONE = "the product without a mistake"


@dataclass(frozen=True)
class Mistake:
    """One small change of the product's source that must not go unnoticed."""

    name: str
    old: str
    """Stands once in the package: by it the file is found, so that moving code moves the mistake."""
    new: str
    first: str
    """The scenario that is tried first, to be quick; where it notices nothing, the whole model test is run."""


@dataclass(frozen=True)
class Verdict:
    """What the model test said about a mistake: where it noticed, "" if it did not."""

    mistake: Mistake
    caught_by: str
    seconds: float


MISTAKES: tuple[Mistake, ...] = (
    Mistake(
        "leave out the savepoint",
        "savepoint=step is Step.STOP)",
        "savepoint=False)",
        "several_properties_change_at_once",
    ),
    Mistake(
        "restart without state though nobody asked",
        "if stateless else {}",
        "if True else {}",
        "several_properties_change_at_once",
    ),
    Mistake(
        "ignore is_success of an array's item",
        "for item in parsed if isinstance(parsed, list) else [parsed]:",
        "for item in [] if isinstance(parsed, list) else [parsed]:",
        "every_fault_meets_StopFlinkJobs_of_an_update",
    ),
    Mistake(
        "ignore is_success of an object",
        "for item in parsed if isinstance(parsed, list) else [parsed]:",
        "for item in parsed if isinstance(parsed, list) else []:",
        "every_fault_meets_a_change_in_place",
    ),
    Mistake(
        "PUT before the wait for the stop ends",
        "return phase not in {Phase.RUNNING, Phase.MOVING, Phase.UNKNOWN}",
        "return phase is not Phase.RUNNING",
        "a_long_savepoint_is_waited_for",
    ),
    Mistake(
        "count a stop as done at once",
        "return phase not in {Phase.RUNNING, Phase.MOVING, Phase.UNKNOWN}",
        "return True",
        "a_long_savepoint_is_waited_for",
    ),
    Mistake(
        "count a start as done at once",
        "return up and counts",
        "return True",
        "new_settings_cannot_be_submitted",
    ),
    Mistake(
        "do not watch whether the job keeps running",
        "if not settle_time or",
        "if True or",
        "new_settings_crash_at_once",
    ),
    Mistake(
        "restore a savepoint that is gone",
        "if observed.savepoint is not False:",
        "if True:",
        "the_console_stopped_it_without_a_savepoint",
    ),
    Mistake(
        "roll back to a savepoint that is used up",
        "if restore and not can_restore(with_changes(observed, back)):",
        "if False:",
        "new_settings_crash_at_once",
    ),
    Mistake(
        "start a job empty where it has no savepoint",
        "    if not can_restore(observed):\n        raise NoSavepointError(",
        "    if not can_restore(observed):\n        return Step.RUN\n        raise NoSavepointError(",
        "the_console_stopped_it_without_a_savepoint",
    ),
    Mistake(
        "treat an HTML 404 as gone",
        '    if isinstance(parsed, dict) and parsed.get("message"):',
        "    if response.status == HTTPStatus.NOT_FOUND:\n"
        '        raise NotFoundError(operation, status=404, message="gone")\n'
        '    if isinstance(parsed, dict) and parsed.get("message"):',
        "every_fault_meets_a_refresh",
    ),
    Mistake(
        "run a finished batch job again for a change in place",
        "(Cost.LIVE, RUNNING): (Step.PUT,),\n        (Cost.RESTART, RUNNING): (Step.PUT, Step.RUN),",
        "(Cost.LIVE, RUNNING): (Step.PUT, Step.RUN),\n        (Cost.RESTART, RUNNING): (Step.PUT, Step.RUN),",
        "a_batch_job_ends",
    ),
    Mistake(
        "never run a finished batch job again",
        "(Cost.RESTART, RUNNING): (Step.PUT, Step.RUN),",
        "(Cost.RESTART, RUNNING): (Step.PUT,),",
        "a_batch_job_ends",
    ),
    Mistake(
        "send resume_savepoint on the first run",
        "start(job, controls, DRAFT_STATUS, restore=False)",
        "start(job, controls, DRAFT_STATUS, restore=True)",
        "a_job_stops_and_starts",
    ),
    Mistake(
        "restore a job whose first start failed",
        "    if not observed.ever_ran:\n        return Step.RUN",
        "    if False:\n        return Step.RUN",
        "a_job_that_never_ran_starts_plainly",
    ),
    Mistake(
        "skip the first conflict check",
        "    _refuse_conflict(wanted.changes, controls, observed, olds)\n",
        "",
        "a_conflict_is_seen_before_the_stop",
    ),
    Mistake(
        "skip the second conflict check",
        "_refuse_conflict(context.wanted.changes, context.controls, observed, context.olds, context.before.properties)",
        "pass",
        "a_conflict_arises_during_the_stop",
    ),
    Mistake(
        "compare with nothing, at the second conflict check, what the program did not set before",
        "observed, context.olds, context.before.properties)",
        "observed, context.olds)",
        "a_conflict_arises_in_what_the_program_did_not_set",
    ),
    Mistake(
        "overwrite what somebody else changed without being asked",
        'controls.on_conflict == "fail"',
        'controls.on_conflict == "never"',
        "a_conflict_is_seen_before_the_stop",
    ),
    Mistake(
        "send all properties",
        "update_flink_jar_job(job.job_id, put_body(pending))",
        "update_flink_jar_job(job.job_id, put_body(pending) | "
        '{name: wire(work.news[name]) for name in BY_NAME if work.news.get(name) is not None and name != "tags"})',
        "several_properties_change_at_once",
    ),
    Mistake(
        "send what an interrupted update has sent already",
        "controls, wanted, still_to_send(wanted.changes, observed), observed)",
        "controls, wanted, wanted.changes, observed)",
        "an_update_is_cut_off_at_each_write",
    ),
    Mistake(
        "forget the reset of a removed property",
        "    return Change(each.name, old, new, cost, reset=True)",
        "    return None",
        "several_properties_change_at_once",
    ),
    Mistake(
        "forget what is newly managed as it is",
        "        tuple(_taken(olds, news)),",
        "        (),",
        "a_property_is_set_to_what_it_is_already",
    ),
    Mistake("start a job that is in arrears", "(Step.PUT, Step.REPORT)", "(Step.PUT, Step.RUN)", "a_job_is_in_arrears"),
    Mistake(
        "do not start the job again after a refused PUT",
        "raise started_as_it_was(job, context, _with_override(error, context)) from None",
        "raise _with_override(error, context) from None",
        "every_fault_meets_UpdateFlinkJarJob_of_an_update",
    ),
    Mistake(
        "do not roll back",
        "if not context.controls.rolls_back or not context.stops:",
        "if True:",
        "new_settings_cannot_be_submitted",
    ),
    Mistake(
        "roll back with all keys",
        "job.client.update_flink_jar_job(job.job_id, put_body(back))",
        "from pulumi_dli.planning.diff import wire\n            theirs = work.before.properties\n"
        "            sent = [name for name in theirs if theirs[name] not in (None, '') and name != 'tags']\n"
        "            job.client.update_flink_jar_job(job.job_id, {name: wire(theirs[name]) for name in sent})",
        "a_roll_back_puts_back_what_changed_alone",
    ),
    Mistake(
        "roll back over what somebody else changed meanwhile",
        "        if each.equivalent(theirs, change.new):",
        "        if True:",
        "somebody_edits_what_is_rolled_back",
    ),
    Mistake(
        "roll back without the state",
        "start(job, context.controls, observed.status, restore=restore)\n    return followed(",
        "start(job, context.controls, observed.status, restore=False)\n    return followed(",
        "new_settings_cannot_be_submitted",
    ),
    Mistake(
        "roll back on a time-out",
        "except (EngineGoneError, TimeoutPassedError, UnseenError):\n        raise",
        "except (EngineGoneError, UnseenError):\n        raise",
        "a_start_takes_too_long",
    ),
    Mistake(
        "take a refused look for a failed start",
        "raise _unseen(error) from None",
        "raise",
        "a_look_is_refused_during_the_restart",
    ),
    Mistake(
        "ask for a checkpoint that the update forbids to use",
        "first_run_or_restore(step, phase, updated)",
        "first_run_or_restore(step, phase, work.before)",
        "an_update_takes_the_checkpoint_away",
    ),
    Mistake(
        "count a PUT that took effect as failed",
        "        if still_to_send(context.wanted.changes, observed):\n            raise error",
        "        if True:\n            raise error",
        "every_fault_meets_a_change_in_place",
    ),
    Mistake(
        "count a refused PUT as done",
        "        if still_to_send(context.wanted.changes, observed):\n            raise error",
        "        if False:\n            raise error",
        "every_fault_meets_a_change_in_place",
    ),
    Mistake(
        "take a lost answer of a start for a refusal",
        "        if not effect_unknown(error):\n            raise",
        "        raise",
        "every_fault_meets_RunFlinkJobs_of_an_update",
    ),
    Mistake(
        "repeat a POST whose answer was lost",
        '_REPEATABLE = frozenset({"GET", "PUT", "DELETE"})',
        '_REPEATABLE = frozenset({"GET", "PUT", "DELETE", "POST"})',
        "every_fault_meets_RunFlinkJobs_of_an_update",
    ),
    Mistake(
        "lose update_time",
        'update_time = outcome.update_time or olds.get("update_time")',
        'update_time = olds.get("update_time")',
        "several_properties_change_at_once",
    ),
    Mistake("store a state without the status", '        "status": observed.status,\n', "", "a_job_begins_stopped"),
    Mistake(
        "hide drift at a refresh",
        "return wire(ours) if ours is not None and each.equivalent(ours, theirs) else theirs",
        "return wire(ours) if ours is not None else theirs",
        "somebody_edits_what_is_not_touched",
    ),
    Mistake(
        "create again although an interrupted create left the job",
        "        return _continued(job, news, costs, held, error)",
        "        raise error",
        "a_create_is_cut_off_at_each_write",
    ),
    Mistake(
        "take somebody else's job of the same name",
        "        if not is_ours(found, news, observed):",
        "        if False:",
        "somebody_else_has_the_name",
    ),
    Mistake(
        "take the draft that another stack is about to start",
        "    if marks:\n",
        "    if False:\n",
        "another_stack_holds_a_draft_of_the_name",
    ),
    Mistake(
        "delete a new job that another has started",
        "phase_of(job.show().status) in {Phase.RUNNING, Phase.MOVING}",
        "False",
        "somebody_else_starts_the_new_job",
    ),
    Mistake(
        "restart twice for one nonce",
        "restarts = context.wanted.restarts and not _restarted_already(job, context)",
        "restarts = context.wanted.restarts",
        "a_restart_is_cut_off_at_each_write",
    ),
    Mistake(
        "go on without an engine",
        "        if not self.engine_answers():",
        "        if False:",
        "the_engine_goes",
    ),
    Mistake(
        "PUT a property that costs a restart to a running job",
        "(Cost.RESTART, RUNNING): (Step.STOP, Step.PUT, Step.RESTORE),",
        "(Cost.RESTART, RUNNING): (Step.PUT,),",
        "several_properties_change_at_once",
    ),
    Mistake(
        "forget to start the job after the PUT",
        "(Cost.RESTART, RUNNING): (Step.STOP, Step.PUT, Step.RESTORE),",
        "(Cost.RESTART, RUNNING): (Step.STOP, Step.PUT),",
        "several_properties_change_at_once",
    ),
    Mistake(
        "restart for a change in place",
        "        (Cost.LIVE, RUNNING): (Step.PUT,),\n        (Cost.RESTART, RUNNING): (Step.STOP,",
        "        (Cost.LIVE, RUNNING): (Step.STOP, Step.PUT, Step.RESTORE),\n"
        "        (Cost.RESTART, RUNNING): (Step.STOP,",
        "an_update_in_place_is_cut_off",
    ),
    Mistake(
        "do not stop a job that is wanted stopped",
        "(Cost.NONE, STOPPED): (Step.STOP,),",
        "(Cost.NONE, STOPPED): (),",
        "a_job_stops_and_starts",
    ),
    Mistake(
        "leave a job down that somebody else stopped",
        '        "status" in olds and not satisfies(',
        "        False and not satisfies(",
        "the_console_stopped_it_without_a_savepoint",
    ),
    Mistake(
        "count a destroy as done whatever the service says",
        '    except NotFoundError:\n        job.say(f"{job.name}: job {job.job_id} was gone already")',
        '    except DliError:\n        job.say(f"{job.name}: job {job.job_id} was gone already")',
        "every_fault_meets_a_destroy",
    ),
)


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the table; return 0 when every mistake was caught and the product itself passes."""
    parser = argparse.ArgumentParser(prog="scripts/mistakes", description=__doc__)
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
