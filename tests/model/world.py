"""The world of the model: a stack, an emulator, somebody at DLI's console, and what is known of each."""

from __future__ import annotations

import time
import urllib.request
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from model import domain
from model.host import Failed, Host, Nursery
from model.rules import BrokenRuleError, Step, in_short, judge
from model.stack import KilledError, RefusedError, Stack, Watch
from pulumi_dli.emulator.jobs.storage import Storage
from pulumi_dli.emulator.server import Emulator, Options, running

NAME = "clickstream"
VARIANTS: Mapping[str, Options] = {
    "otc": Options(time_factor=2000, savepoint_removed="running"),
    "huawei": Options(time_factor=2000, savepoint_removed="run", cloud="huawei", unset="null"),
    "silent": Options(time_factor=2000, left_out=("start_time", "restart_times")),
}
"""The readings of the documents that the emulator knows, and a service that says less; the product must stand all."""

COUNTS: Counter[str] = Counter()
"""How many runs, faults and kills there were in this process."""

PATIENCE = 20.0
HOLDS: Mapping[str, Mapping[str, Any]] = {
    "before": {"hold": True, "cut": True, "effect": False},
    "after": {"hold": True, "effect": True},
    "late": {"hold": True, "effect": "late"},
}
"""Where a request is held: it never takes effect, it has taken effect, or it will after it is let go."""


@dataclass(frozen=True)
class Disturbance:
    """What happens at the n-th request of an operation: a fault, a kill, an engine's end, or the console."""

    kind: str
    operation: str = "*"
    after: int = 0
    what: str = "after"
    """Name of the fault; or where a request is held, see `HOLDS`."""
    act: Callable[[World], None] | None = None


@dataclass
class Service:
    """One emulator with the nursery of hosts, shared by many runs."""

    emulator: Emulator
    nursery: Nursery
    folder: Path

    def empty(self) -> None:
        """Forget jobs, requests, faults and behaviours."""
        self.emulator.clear_faults()
        state = self.emulator.state
        with state.lock:
            state.storage.close()
            state.storage = Storage(None)
            for project in state.options.projects:
                state.storage.add_project(project.id, project.name)
            state.storage.set_queues(dict(state.options.queues))
            state.durations.overrides.clear()
        self.emulator.clear_requests()


@contextmanager
def services() -> Iterator[dict[str, Service]]:
    """Run an emulator for each variant, and a nursery."""
    nursery = Nursery()
    with TemporaryDirectory() as folder, ExitStack() as stack:
        emulators = {name: stack.enter_context(running(options)) for name, options in VARIANTS.items()}
        try:
            yield {name: Service(one, nursery, Path(folder)) for name, one in emulators.items()}
        finally:
            nursery.close()


@dataclass
class World:
    """One run: every action leaves a `Step` that is judged by the rules."""

    service: Service
    program: dict[str, Any] = field(default_factory=lambda: {"name": NAME, **domain.FIRST})
    theirs: dict[str, Any] = field(default_factory=dict)
    """What the console set in managed properties since the last refresh."""
    left: dict[str, Any] = field(default_factory=dict)
    """What properties have that the program does not set, where it is not the default."""
    unseen: set[str] = field(default_factory=set)
    """Which of those the console changed since the last refresh."""
    tried: set[str] = field(default_factory=set)
    """Properties that an update tried to set which then did not finish."""
    moved: bool = False
    """Whether the console moved or deleted the job since the last refresh."""
    moves: int = 0
    """How often it did."""
    unfinished: list[dict[str, Any]] = field(default_factory=list)
    """The programs of updates that were interrupted or failed, and not finished since."""
    behaved: bool = False
    """Whether the job was made to misbehave."""
    story: list[str] = field(default_factory=list)
    """The steps of this run, a line each."""

    def __post_init__(self) -> None:
        """Begin with an empty service."""
        COUNTS["runs"] += 1
        self.service.empty()
        self._seen = self._quiet_until = 0
        emulator = self.emulator
        config = {
            "dli:endpoint": emulator.url,
            "dli:projectId": emulator.project_id,
            "dli:token": emulator.token,
            "dli:region": "eu-de",
        }
        self.stack = Stack(self.service.nursery, config, self.service.folder / "engine-gone")

    @property
    def emulator(self) -> Emulator:
        """The emulator of this run."""
        return self.service.emulator

    # What the user does.

    def edit(self, name: str, value: Any) -> None:
        """Change an input of the program; None removes it."""
        self.program = {key: old for key, old in (self.program | {name: value}).items() if old is not None}

    def up(self, disturbance: Disturbance | None = None, *, refresh: bool = False) -> Step:
        """Run `pulumi up`, with something that happens meanwhile."""
        what = "up --refresh" if refresh else "up"
        return self._command(
            what, lambda host, watch: self.stack.up(self.program, refresh=refresh, host=host, watch=watch), disturbance
        )

    def refresh(self, disturbance: Disturbance | None = None) -> Step:
        """Run `pulumi refresh`."""

        def command(host: Host, watch: Watch | None) -> bool:
            self.stack.refresh(host, watch)
            return True

        return self._command("refresh", command, disturbance)

    def destroy(self, disturbance: Disturbance | None = None) -> Step:
        """Run `pulumi destroy`."""

        def command(host: Host, watch: Watch | None) -> bool:
            self.stack.destroy(host, watch)
            return True

        return self._command("destroy", command, disturbance)

    def recover(self) -> None:
        """Let all trouble end, run `up` (after a refresh where the recipes say so), and see that all is well."""
        self.end_trouble()
        refresh = bool(self.theirs) or self.moved or self._reverted()
        step = self.up(refresh=refresh)
        if step.has_no_savepoint:
            # The user agrees to what the error says.
            self.edit("upgrade_mode", "stateless")
            step = self.up(refresh=refresh)
            assert step.failed is None, f"not even stateless brings the job up: {step.failed}"
            self.edit("upgrade_mode", None)
            step = self.up()
        assert step.failed is None, f"the next up does not finish: {step.failed}"
        assert self._nothing_left(), "the up after a recovery, or its preview, finds something left to do"

    def _nothing_left(self) -> bool:
        """Tell whether neither an `up` nor a refresh with its preview finds anything more."""
        again = self.up()
        with self.stack.host() as host:
            self.stack.refresh(host)
            differs = self.stack.preview(self.program, host)
        return not again.writes and not differs

    # What others do.

    def console_edit(self, name: str, value: Any) -> None:
        """Set a property in the console."""
        job = self.job()
        if job is None or domain.same(name, job["properties"].get(name), value):
            return
        self.emulator.patch_job(job["job_id"], properties={name: value})
        stored = self.stack.stored
        if name in self.program or (stored and name in stored.outputs["managed"]):
            self.theirs[name] = value
        else:
            self.left[name] = value
            self.unseen.add(name)

    def console_move(self, status: str, **more: Any) -> None:
        """Let a job come into a status: by the console, by its own end, or by DLI."""
        job = self.job()
        ends_twice = status == domain.FINISHED and job is not None and job["status"] in domain.DOWN
        if job is not None and not ends_twice:
            self.moves += 1
            self.moved = True
            self.emulator.patch_job(job["job_id"], status=status, **more)

    def console_delete(self) -> None:
        """Delete the job in the console."""
        job = self.job()
        if job is None:
            return
        self.moves += 1
        self.moved = True
        self.left.clear()
        self.unseen.clear()
        request = urllib.request.Request(  # noqa: S310 (the emulator's own address)
            f"{self.emulator.url}/v1.0/{self.emulator.project_id}/streaming/jobs/{job['job_id']}",
            method="DELETE",
            headers={"X-Auth-Token": self.emulator.token, "User-Agent": "console"},
        )
        with urllib.request.urlopen(request, timeout=10):  # noqa: S310 (as above)
            pass

    def behave(self, **how: Any) -> None:
        """Tell the job to misbehave from now on."""
        job = self.job()
        if job is not None:
            self.behaved = True
            self.emulator.set_behaviour(job["job_id"], **how)

    def end_trouble(self) -> None:
        """End all faults and misbehaviour, pay the debts, and let what is on its way arrive."""
        self.emulator.clear_faults()
        self.emulator.state.durations.overrides.clear()
        self._wait_until_quiet()
        self.moved = self.moved or self._fell_by_itself()
        self.behaved = False
        for job in self.jobs():
            calm = {"fail_next_submit": 0, "fail_savepoint": 0, "fail_stop": 0, "crash_after": None}
            self.emulator.set_behaviour(job["job_id"], **calm, crash_times=None, finish_after=None)
            if job["status"] == domain.ARREARS:
                self.console_move(domain.RUNNING)

    def _fell_by_itself(self) -> bool:
        """Tell whether a job that misbehaves came down after an `up` had left it running."""
        job, stored = self.job(), self.stack.stored
        ran = stored is not None and stored.outputs["status"] == domain.RUNNING
        return self.behaved and ran and job is not None and job["status"] in domain.DOWN

    # What is known.

    def jobs(self) -> list[dict[str, Any]]:
        """Return the jobs that exist."""
        return [job for job in self.emulator.jobs() if not job["deleted"]]

    def job(self) -> dict[str, Any] | None:
        """Return the job of this run, as the service has it."""
        return next(iter(self.jobs()), None)

    def _seq(self) -> int:
        """Return the number of the latest request."""
        self._seen = max((int(each["seq"]) for each in self.emulator.requests(since=self._seen)), default=self._seen)
        return self._seen

    def _requests(self, since: int) -> list[dict[str, Any]]:
        """Return the provider's requests since then."""
        found = self.emulator.requests(since=since)
        return [each for each in found if each["headers"].get("user-agent", "").startswith("pulumi-dli/")]

    def _command(
        self, what: str, command: Callable[[Host, Watch | None], bool], disturbance: Disturbance | None
    ) -> Step:
        """Run a command of the CLI, see what came of it, and judge that."""
        for name in self.unseen & set(self.program):
            self.unseen.discard(name)
            self.theirs[name] = self.left.pop(name)
        seen, broken, moves = self._seq(), len(self.emulator.violations()), self.moves
        step = Step(
            command=what,
            program=dict(self.program),
            stored_before=self.stack.stored,
            before=self.job(),
            theirs=dict(self.theirs),
            left=dict(self.left),
            tried=frozenset(self.tried),
            moved=self.moved,
            behaved=self.behaved,
            reverted=self._reverted(),
            unfinished=bool(self.unfinished),
            disturbance=disturbance.kind if disturbance else None,
        )
        self._run(step, command, disturbance)
        step.stored = self.stack.stored
        step.after, step.jobs, step.left = self.job(), self.jobs(), dict(self.left)
        step.requests = self._requests(seen)
        step.violations = self.emulator.violations()[broken:]
        step.raced = {name: value for name, value in self.theirs.items() if step.theirs.get(name) != value}
        step.moved_meanwhile = self.moves > moves
        self._learn(step)
        self.story.append(in_short(step))
        try:
            judge(step)
        except BrokenRuleError as error:
            raise BrokenRuleError("\n  ".join([str(error), "the steps until then:", *self.story])) from None
        return step

    def _reverted(self) -> bool:
        """Tell whether an unfinished update was of another program, which only a refresh sees."""
        return any(each != self.program for each in self.unfinished)

    def _run(self, step: Step, command: Callable[[Host, Watch | None], bool], disturbance: Disturbance | None) -> None:
        fault = domain.FAULTS.get(disturbance.what) if disturbance and disturbance.kind == "fault" else None
        watch = self._armed(step, disturbance, fault) if disturbance else None
        impatient = disturbance is not None and disturbance.what == "no answer in time"
        with self.stack.host(domain.IMPATIENT if impatient else None) as host:
            try:
                step.changed = command(host, watch)
            except RefusedError as error:
                step.failed = error.failed
            except KilledError:
                step.killed = True
        applied = sum(each["applied"] for each in self.emulator.faults())
        step.met = bool(applied)
        step.fault = fault if applied else None
        if fault is not None:
            COUNTS["faults"] += applied
        COUNTS["kills"] += step.killed
        self.emulator.clear_faults()
        self._wait_until_quiet()

    def _armed(self, step: Step, disturbance: Disturbance, fault: domain.Fault | None) -> Watch | None:
        """Script the disturbance; return who looks on for it."""
        where = {"operation": disturbance.operation, "after": disturbance.after}
        if fault is not None:
            self.emulator.add_fault(**where, **fault.settings(disturbance.operation))
            return None
        held = self.emulator.add_fault(**where, **HOLDS[disturbance.what])

        def watch(host: Host) -> bool:
            if not any(each["holding"] for each in self.emulator.faults()):
                return False
            step.held = self._seq()
            if disturbance.kind == "kill":
                host.kill()
            elif disturbance.kind == "gone":
                self.stack.end_engine()
            elif disturbance.act is not None:
                disturbance.act(self)
            self.emulator.release(held)
            return True

        return watch

    def _learn(self, step: Step) -> None:
        """Keep what later steps are judged by."""
        if step.command in {"refresh", "up --refresh"} and step.stored is not step.stored_before:
            self.theirs, self.moved = dict(step.raced), step.moved_meanwhile
            self.unseen = set()
        if step.command in {"destroy", "refresh"}:
            return
        if step.after is not None:
            # An edit that an update replaced, rightly or judged for it, is over.
            has = step.after["properties"]
            self.theirs = {
                name: value for name, value in self.theirs.items() if domain.same(name, value, has.get(name))
            }
        if step.ok:
            self._learn_finished(step)
        elif step.requests:
            self.unfinished.append(dict(step.program))
            self.tried |= set(step.program)

    def _learn_finished(self, step: Step) -> None:
        if not step.reverted or step.command == "up --refresh":
            self.unfinished = []
            for name in self.tried - set(step.program):
                if step.after and name in domain.DEFAULTS:
                    self.left[name] = step.after["properties"].get(name)
            self.tried = set()
        managed = set(step.stored_before.outputs["managed"]) if step.stored_before else set()
        for name in domain.DEFAULTS:
            if name in step.program or name in managed:
                self.left.pop(name, None)
                self.unseen.discard(name)
        for name in {*self.theirs} - {*step.program}:
            self.left[name] = self.theirs.pop(name)
            self.unseen.add(name)

    def _wait_until_quiet(self) -> None:
        """Wait until no request is being worked on and no job is on its way."""
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            busy = any(each["milliseconds"] is None for each in self.emulator.requests(since=self._quiet_until))
            if not busy and not any(self._passes(job) for job in self.jobs()):
                self._quiet_until = self._seq()
                return
            time.sleep(0.003)
        raise TimeoutError("the emulator does not come to rest")

    @staticmethod
    def _passes(job: Mapping[str, Any]) -> bool:
        """Tell whether a job is on its way to another status; a running one whose crash or end is due is, too."""
        return job["status"] in {*domain.PASSING, domain.RUNNING} and bool(job["plan"])


__all__ = ["COUNTS", "NAME", "VARIANTS", "Disturbance", "Failed", "Service", "World", "services"]
