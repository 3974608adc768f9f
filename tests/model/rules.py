"""What is allowed: each rule looks at one step of a run and says its law in one sentence."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from model import domain
from model.host import Failed
from model.stack import Stored


class BrokenRuleError(AssertionError):
    """A rule of the model was broken."""


@dataclass
class Step:
    """One command of the CLI: what was there before it, what happened meanwhile, and what came of it."""

    command: str
    program: Mapping[str, Any]
    stored_before: Stored | None
    before: dict[str, Any] | None
    """The job as the service had it."""
    theirs: Mapping[str, Any]
    left: Mapping[str, Any]
    tried: frozenset[str]
    moved: bool
    behaved: bool
    reverted: bool
    """An unfinished update of another program went before."""
    unfinished: bool
    disturbance: str | None
    met: bool = False
    """Whether the disturbance took place."""
    fault: domain.Fault | None = None
    held: int | None = None
    """Number of the request that was held."""
    changed: bool = False
    failed: Failed | None = None
    killed: bool = False
    stored: Stored | None = None
    after: dict[str, Any] | None = None
    jobs: list[dict[str, Any]] = field(default_factory=list)
    requests: list[dict[str, Any]] = field(default_factory=list)
    violations: list[dict[str, Any]] = field(default_factory=list)
    raced: Mapping[str, Any] = field(default_factory=dict)
    """What the console set while it ran."""
    moved_meanwhile: bool = False

    @property
    def ok(self) -> bool:
        """Whether the command came to a good end."""
        return self.failed is None and not self.killed

    @property
    def ups(self) -> bool:
        """Whether it was an `up`."""
        return self.command.startswith("up")

    @property
    def writes(self) -> list[dict[str, Any]]:
        """The provider's requests that change something."""
        return [each for each in self.requests if each["method"] != "GET"]

    @property
    def expects_no_job(self) -> bool:
        """Whether the stored state says that there is no job; destroy may be asked to leave it."""
        stored = self.stored_before
        keeps = stored is not None and stored.outputs.get("on_delete") in {"stop", "retain"}
        return not (self.command == "destroy" and keeps)

    @property
    def stateless(self) -> bool:
        """Whether the program asks for a restart without state."""
        return self.program.get("upgrade_mode") == "stateless"

    @property
    def wants_running(self) -> bool:
        """Whether the program wants the job to run."""
        return self.program.get("desired_state") != "stopped"

    @property
    def informed(self) -> bool:
        """Whether the stored state was the service's when the update decided."""
        refreshed = self.command == "up --refresh"
        return refreshed or not (self.theirs or self.moved or self.reverted)

    @property
    def undisturbed(self) -> bool:
        """Whether nothing at all stood in the way."""
        kinds = self.failed.kinds if self.failed else ()
        slow = "TimeoutPassedError" in kinds or "AdoptError" in kinds
        return not (self.met or self.behaved or self.theirs or self.moved or self.unfinished or slow)

    @property
    def has_no_savepoint(self) -> bool:
        """Whether it failed for want of a savepoint, rightly."""
        job = self.after
        return (
            self.failed is not None
            and "NoSavepointError" in self.failed.kinds
            and job is not None
            and job["savepoint"] is None
            and job["ever_ran"]
            and job["status"] != domain.RUNNING
        )


Rule = Callable[[Step], "str | None"]


def an_error_is_one_line(step: Step) -> str | None:
    """An error of the provider is one line, and one of its own."""
    if step.failed is None or step.failed.kinds == ("CheckFailure",):
        return None
    own = "DliError" in step.failed.kinds and "DefectError" not in step.failed.kinds
    return None if own and "\n" not in step.failed.text else f"{step.failed.kinds[0]}: {step.failed.text}"


_REPEATED = {"unchanged_value", "unchanged_obs_bucket_on_an_active_job"}
_OVERTAKEN = {
    "stop_of_an_inactive_job",
    "run_of_an_active_job",
    "resume_without_savepoint",
    "unchanged_value",
    "unchanged_obs_bucket_on_an_active_job",
}


def no_rule_of_the_service_is_broken(step: Step) -> str | None:
    """No request breaks a rule of the service, unless it repeats one that was cut or somebody overtook it."""
    forgiven: set[str] = set()
    if step.met or step.theirs:
        forgiven |= _REPEATED
    if step.moved_meanwhile or step.raced:
        forgiven |= _OVERTAKEN
    broken = [each for each in step.violations if each["kind"] not in forgiven]
    return None if not broken else str(broken)


def no_put_of_a_restart_property_reaches_a_running_job(step: Step) -> str | None:
    """A property that costs a restart is never sent to a job that runs."""
    sent = [each for each in step.violations if each["kind"] == "restart_property_on_an_active_job"]
    return str(sent) if sent and not step.moved_meanwhile else None


def a_job_exists_once(step: Step) -> str | None:
    """There is never a second job, and the stored one is the one that exists."""
    if len(step.jobs) > 1:
        return f"{[job['job_id'] for job in step.jobs]}"
    if step.ok and step.ups and step.informed and not step.moved_meanwhile:
        wanted = [step.stored.id] if step.stored else []
        found = [str(job["job_id"]) for job in step.jobs]
        return None if wanted == found else f"stored {wanted}, at the service {found}"
    return None


def the_chain_of_savepoints_holds(step: Step) -> str | None:
    """A job that has run is started again from its state, unless stateless was asked for or it had ended."""
    if step.after is None or step.stateless:
        return None
    known = _runs_before(step)
    runs = step.after["runs"]
    for at in range(known, len(runs)):
        earlier = [each for each in runs[:at] if "running" in each]  # a run that never came up changes no state
        if (
            earlier
            and not _ended_between(step.after["history"], earlier[-1], runs[at])
            and runs[at]["restored_from"] is None
        ):
            return f"run {at} began empty: {runs}"
    return None


def _ended_between(history: list[dict[str, Any]], earlier: dict[str, Any], later: dict[str, Any]) -> bool:
    """Tell whether the job ended by itself after one run was submitted and before another was."""
    ends = [each["time"] for each in history if each["status"] == domain.FINISHED]
    return any(earlier["submitted"] <= time <= later["submitted"] for time in ends)


def _runs_before(step: Step) -> int:
    same = step.before is not None and step.after is not None and step.before["job_id"] == step.after["job_id"]
    return len(step.before["runs"]) if same and step.before else 0


def a_stop_saves_the_state(step: Step) -> str | None:
    """A stop makes a savepoint, unless stateless was asked for."""
    stops = [each for each in step.writes if each["operation"] == "StopFlinkJobs"]
    program = step.stored_before.outputs if step.command == "destroy" and step.stored_before else step.program
    stateless = program.get("upgrade_mode") == "stateless"
    wrong = [each["body"] for each in stops if (each["body"] or {}).get("trigger_savepoint") is stateless]
    return str(wrong) if wrong else None


def desired_equals_actual(step: Step) -> str | None:
    """After a good `up` every property is what the program says; one that it dropped is at its default."""
    if not (step.ups and step.ok and step.after) or not step.informed:
        return None
    differing = {
        name: (wanted, step.after["properties"].get(name))
        for name, wanted in _wanted(step).items()
        if name not in step.raced and not domain.same(name, wanted, step.after["properties"].get(name))
    }
    return str(differing) if differing else None


def _wanted(step: Step) -> dict[str, Any]:
    managed = set(step.stored_before.outputs["managed"]) if step.stored_before else set()
    wanted = {name: step.program[name] for name in domain.DEFAULTS if name in step.program}
    for name, default in domain.DEFAULTS.items():
        if name not in step.program and (name in managed or name not in step.tried):
            wanted[name] = default if name in managed else step.left.get(name, default)
    return wanted


def the_desired_state_is_reached(step: Step) -> str | None:
    """After a good `up` the job is where desired_state wants it."""
    if not (step.ups and step.ok and step.after) or not step.informed or step.behaved or step.moved_meanwhile:
        return None
    status = step.after["status"]
    allowed = domain.UP if step.wants_running else domain.DOWN
    return None if status in allowed else f"{status}, wanted {'running' if step.wants_running else 'stopped'}"


def what_was_asked_for_calmly_succeeds(step: Step) -> str | None:
    """An `up` that nothing stands in the way of succeeds."""
    if not step.ups or step.failed is None or not step.undisturbed or step.has_no_savepoint:
        return None
    return step.failed.text


def a_put_that_took_effect_counts(step: Step) -> str | None:
    """A PUT that took effect never makes the update fail, whatever answer came."""
    writes = [each for each in step.writes if each["fault"]]
    put = bool(writes) and writes[0]["operation"] == "UpdateFlinkJarJob"
    took = step.fault is not None and step.fault.effect and put
    return step.failed.text if took and step.failed and not (step.behaved or step.theirs or step.moved) else None


def the_user_reads_the_refusal(step: Step) -> str | None:
    """Where a refusal makes a command fail, its words stand in the error."""
    if step.fault is None or not step.fault.words or step.failed is None:
        return None
    return None if domain.WORDS in step.failed.text else step.failed.text


def a_refused_write_fails(step: Step) -> str | None:
    """A write that the service refused does not count as done."""
    refused = [each["operation"] for each in step.writes if each["fault"]]
    if step.fault is None or step.fault.effect or not step.fault.words or not step.ok or not refused:
        return None
    repeated = [each["operation"] for each in step.writes if not each["fault"]]
    return None if set(refused) <= set(repeated) else f"{refused} came to nothing, and the command succeeded"


_NOT_UP = {"DOWN", "STOPPED", "MAY_BE_DOWN", "UNFINISHED", "UNKNOWN", "DELETED"}
"""Where an error says that it left a job, if that is perhaps not where it runs."""


def no_job_is_left_down_in_silence(step: Step) -> str | None:
    """An update that leaves a job down which ran before says so; one that did not stop it did not take it down."""
    if step.failed is None or not step.ups or not step.wants_running or step.moved_meanwhile or step.moved:
        return None
    if not {each["operation"] for each in step.writes} & {"StopFlinkJobs", "RunFlinkJobs"}:
        return None
    ran = step.before is not None and step.before["status"] == domain.RUNNING
    down = step.after is not None and step.after["status"] in domain.DOWN and not _fell_later(step)
    return step.failed.text if ran and down and step.failed.job_left not in _NOT_UP else None


def _fell_later(step: Step) -> bool:
    """Tell whether a job that misbehaves came down by itself after it had been brought up again."""
    runs = step.after["runs"] if step.after else []
    came_up = bool(runs) and "running" in runs[-1]
    return step.behaved and came_up and step.failed is not None and step.failed.job_left in {"AS_BEFORE", "ROLLED_BACK"}


def the_old_settings_come_back(step: Step) -> str | None:
    """With on_failure rollback a job that cannot run with its new settings has its old ones again."""
    rolls_back = step.program.get("on_failure") != "leave"
    if not (step.ups and step.failed and step.behaved and step.before and step.after and rolls_back):
        return None
    if step.met or step.theirs or step.moved or step.unfinished or step.before["status"] != domain.RUNNING:
        return None
    started = any(each["operation"] == "RunFlinkJobs" for each in step.writes)
    if not started or step.failed.job_left == "DOWN":
        return None
    old, new = step.before["properties"], step.after["properties"]
    differing = [name for name in domain.DEFAULTS if not domain.same(name, old.get(name), new.get(name))]
    if differing:
        return f"{differing} kept their new values: {step.failed.text}"
    runs = step.after["status"] == domain.RUNNING
    can = step.after["savepoint"] is not None
    return None if runs or not can else f"{step.after['status']}, though there is a savepoint: {step.failed.text}"


def a_known_conflict_touches_nothing(step: Step) -> str | None:
    """What somebody else changed, and this update would change too, is seen before anything is sent."""
    if step.command != "up" or step.program.get("on_conflict") == "overwrite" or step.moved:
        return None
    names = [name for name in step.theirs if name not in step.raced and _conflicts(step, name)]
    if not names or (not step.changed and step.ok):
        return None
    return f"{names}: {step.writes}" if step.writes else None


def _conflicts(step: Step, name: str) -> bool:
    if step.stored_before is None or name not in step.stored_before.outputs["managed"]:
        return False
    base, ours, theirs = step.stored_before.outputs.get(name), step.program.get(name), step.theirs[name]
    return (
        not domain.same(name, base, theirs)
        and not domain.same(name, ours, theirs)
        and not domain.same(name, base, ours)
    )


def nobody_is_overwritten(step: Step) -> str | None:
    """What somebody else changed meanwhile stays if a look could see it, unless the program says overwrite."""
    if not step.ups or step.after is None or step.program.get("on_conflict") == "overwrite":
        return None
    looks = [each["seq"] for each in step.requests if each["operation"] == "ShowFlinkJob"]
    looked = min((seq for seq in looks if seq > (step.held or 0)), default=None)
    put = [each for each in step.writes if each["operation"] == "UpdateFlinkJarJob" and looked and each["seq"] > looked]
    changed = {
        name: value
        for name, value in step.raced.items()
        if not domain.same(name, value, step.after["properties"].get(name))
        and any(name in each["body_keys"] for each in put)
        and step.before is not None
        and not domain.same(name, value, step.before["properties"].get(name))
    }
    return str(changed) if changed else None


def what_was_not_touched_is_kept(step: Step) -> str | None:
    """What somebody else changed, and this update does not touch, stays until a refresh shows it."""
    if step.command != "up" or step.stored_before is None or step.after is None or step.moved:
        return None
    before = step.stored_before.outputs
    kept = [name for name in step.theirs if domain.same(name, step.program.get(name), before.get(name))]
    gone = [name for name in kept if not domain.same(name, step.theirs[name], step.after["properties"].get(name))]
    return str(gone) if gone and not step.raced else None


def a_job_is_gone_only_if_it_is(step: Step) -> str | None:
    """A job is forgotten only where the service has none; after a destroy there is none."""
    if step.stored is None and step.stored_before is not None and step.jobs and step.expects_no_job:
        return f"{step.command} forgot job {step.stored_before.id}"
    return None


def without_an_engine_nothing_new_begins(step: Step) -> str | None:
    """Once the engine has gone, no further write is sent."""
    if step.disturbance != "gone" or step.held is None:
        return None
    later = [each["operation"] for each in step.writes if each["seq"] > step.held]
    return str(later) if later else None


def an_ended_job_stays_ended(step: Step) -> str | None:
    """A batch job that ended runs again only where a restart is asked for; what is owed is not restarted."""
    if step.before is None or step.stored_before is None or not step.ups:
        return None
    runs = [each for each in step.writes if each["operation"] == "RunFlinkJobs"]
    if step.before["status"] == domain.ARREARS:
        return str(runs) if runs and not step.moved_meanwhile else None
    asked = [name for name in (*domain.VALUES, "restart_nonce") if name not in domain.LIVE and _edited(step, name)]
    asked += [name for name in step.theirs if name not in domain.LIVE]
    if step.before["status"] != domain.FINISHED or asked or step.unfinished:
        return None
    return str(runs) if runs else None


def _edited(step: Step, name: str) -> bool:
    assert step.stored_before is not None
    old, new = step.stored_before.inputs.get(name), step.program.get(name)
    return old != new


def the_whole_state_is_stored(step: Step) -> str | None:
    """What is stored is whole: the job's id, place, status, and when it was updated."""
    if not (step.ok and step.ups and step.stored and step.after):
        return None
    outputs = step.stored.outputs
    missing = [name for name in _ALWAYS if outputs.get(name) is None]
    if missing or outputs["job_id"] != str(step.after["job_id"]):
        return f"without {missing}"
    put = any(each["operation"] == "UpdateFlinkJarJob" for each in step.writes)
    known = (put or step.stored_before is None) and not (step.met or step.raced or step.theirs or step.moved_meanwhile)
    stale = known and int(outputs["update_time"]) != step.after["update_time"]
    return f"update_time {outputs['update_time']}, the service's is {step.after['update_time']}" if stale else None


_ALWAYS = ("job_id", "project_id", "region", "endpoint", "status", "update_time", "managed", "name")

RULES: tuple[Rule, ...] = (
    an_error_is_one_line,
    no_put_of_a_restart_property_reaches_a_running_job,
    no_rule_of_the_service_is_broken,
    a_job_exists_once,
    the_chain_of_savepoints_holds,
    a_stop_saves_the_state,
    desired_equals_actual,
    the_desired_state_is_reached,
    what_was_asked_for_calmly_succeeds,
    a_put_that_took_effect_counts,
    a_refused_write_fails,
    the_user_reads_the_refusal,
    no_job_is_left_down_in_silence,
    the_old_settings_come_back,
    a_known_conflict_touches_nothing,
    nobody_is_overwritten,
    what_was_not_touched_is_kept,
    a_job_is_gone_only_if_it_is,
    without_an_engine_nothing_new_begins,
    an_ended_job_stays_ended,
    the_whole_state_is_stored,
)


def judge(step: Step) -> None:
    """Hold a step against every rule; raise BrokenRuleError for the first one that it breaks."""
    for rule in RULES:
        complaint = rule(step)
        if complaint is not None:
            raise BrokenRuleError(f"{rule.__name__}: {complaint}\n  {rule.__doc__}\n{told(step)}")


def in_short(step: Step) -> str:
    """Return a step as one line of a run's story."""
    statuses = [job["status"] if job else "no job" for job in (step.before, step.after)]
    sent = " ".join(each["operation"] for each in step.writes)
    end = "killed" if step.killed else (step.failed.text if step.failed else "ok")
    return f"{step.command} ({step.disturbance or 'undisturbed'}) {' -> '.join(statuses)}; {sent or 'no write'}; {end}"


def told(step: Step) -> str:
    """Return a step as a reader of a failed test wants it."""
    asked = [f"{each['operation']} {each['body'] or ''} -> {each['status']}" for each in step.requests]
    lines = [
        f"{step.command} ({step.disturbance or 'undisturbed'}{', met' if step.met else ''})",
        f"program: {step.program}",
        f"failed: {step.failed}, killed: {step.killed}, changed: {step.changed}",
        f"before: {step.before and step.before['status']}, after: {step.after and step.after['status']}",
        f"theirs: {step.theirs}, raced: {step.raced}, moved: {step.moved}, {step.moved_meanwhile}",
        *asked,
    ]
    return "\n".join(f"  {line}" for line in lines)
