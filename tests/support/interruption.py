"""A run of the real engine that is cut off at one of its requests, and what the next run makes of it.

The emulator holds the answer to one request, before its effect or after it. Meanwhile the CLI, the provider's
host or both are killed, or the CLI gets a signal. Then the user's next command must bring the job to what the
program asks for, with no step more than its status needs. Several jobs of one stack, each held at a request of
its own, share one such moment.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path
from typing import Any

from pulumi_dli.emulator.server import Emulator, Options, running
from support.stack import Result, Stack, job

PROC = Path("/proc")
BOUND = 90.0
ATTEMPTS = 3
THREADS = 4  # the engine works on at least so many jobs at once, on one core too
# A passing status lasts so long that the first look of a wait sees it, and the second, 0.25 s later, what follows.
ONE_LOOK = 0.24
# So long that a signal meets the wait.
A_WHILE = 2.5
# After a second Ctrl-C the engine closes its port within seconds, and the CLI ends later.
UNTIL_GONE = 8.0
# The provider asks every second whether its engine lives; a surviving host that was silent for longer has stopped.
SILENT = 2.0


class Way(Enum):
    """How a run is cut off."""

    BOTH = "kill -9 of CLI and host"
    CLI = "kill -9 of the CLI"
    HOST = "kill -9 of the host"
    INTERRUPT = "Ctrl-C"
    INTERRUPT_TWICE = "Ctrl-C twice"
    TERMINATE = "SIGTERM"


KILLS = (Way.BOTH, Way.CLI, Way.HOST)
SIGNALS = (Way.INTERRUPT, Way.INTERRUPT_TWICE, Way.TERMINATE)


class When(Enum):
    """Where a request stands when the run is cut off; how the emulator is asked."""

    BEFORE = "before its effect"
    DURING = "before its effect, which comes later"
    AFTER = "after its effect"
    READ = "unanswered"


HELD: dict[When, dict[str, Any]] = {
    When.BEFORE: {"effect": False, "cut": True},
    When.DURING: {"effect": "late"},
    When.AFTER: {"effect": True},
    When.READ: {"effect": True},
}
OPERATIONS = {
    "create": "CreateFlinkJarJob",
    "run": "RunFlinkJobs",
    "stop": "StopFlinkJobs",
    "update": "UpdateFlinkJarJob",
    "read": "ShowFlinkJob",
}


@dataclass(frozen=True)
class Scene:
    """An operation, with every request that it sends; those before `first` belong to another one."""

    name: str
    requests: tuple[str, ...]
    before: int | None
    """The job's CUs before it; None: there is no job."""
    first: int = 0
    failed_submits: int = 0

    def operation(self, index: int) -> str:
        """Return DLI's name for a request."""
        return OPERATIONS[self.requests[index].split(" ")[0]]

    @property
    def operations(self) -> list[str]:
        """Return DLI's names for all requests of a job that is not watched after its start."""
        return [self.operation(index) for index, name in enumerate(self.requests) if name != SETTLING]

    def passed(self, index: int) -> int:
        """Return how many requests of the same kind go before one."""
        return [self.operation(each) for each in range(index)].count(self.operation(index))


SETTLING = "read (settling)"
START = ("run", "read (starting)", "read (started)", SETTLING)
STOP = ("stop", "read (stopping)", "read (stopped)")
WANTED = 4
CREATE = Scene("create", ("create", *START), before=None)
UPDATE = Scene("update with restart", ("read", *STOP, "update", *START), before=2)
ROLL_BACK = Scene(
    "roll-back",
    ("read", *STOP, "update", "run", "read (starting)", "read (failed)", "read (failed)", "update (back)", *START),
    before=2,
    first=8,
    failed_submits=1,
)
SCENES = (CREATE, UPDATE, ROLL_BACK)


@dataclass(frozen=True)
class Cut:
    """One cut: which request of which operation, how, and whether the program was reverted before the next run."""

    scene: Scene
    index: int
    when: When
    way: Way
    reverted: bool = False

    @property
    def request(self) -> str:
        """The request's name."""
        return self.scene.requests[self.index]

    @property
    def program(self) -> str:
        """What was done to the program."""
        return "reverted" if self.reverted else "kept"

    @property
    def wanted(self) -> int | None:
        """The CUs that the next run is to reach; None: no job."""
        return self.scene.before if self.reverted else WANTED

    def __str__(self) -> str:
        """Return a short name, for test ids."""
        return "-".join((self.scene.name, self.request, self.when.name, self.way.name, self.program)).replace(" ", "_")


def all_cuts() -> list[Cut]:
    """Return every request of every operation, cut in every way that makes a difference, program kept and reverted."""
    return [cut for scene in SCENES for cut in cuts_of(scene)]


def cuts_of(scene: Scene) -> list[Cut]:
    """Return all cuts of one operation."""
    return [
        Cut(scene, index, when, way, reverted)
        for index in range(scene.first, len(scene.requests))
        for when, way in _ways(scene.requests[index])
        for reverted in (False, True)
    ]


def _ways(request: str) -> Iterator[tuple[When, Way]]:
    if request.startswith("read"):
        yield When.READ, Way.BOTH
        if request in ("read (stopping)", "read (starting)"):
            yield When.READ, Way.CLI
            yield from ((When.READ, way) for way in SIGNALS)
        return
    yield from ((when, Way.BOTH) for when in (When.BEFORE, When.AFTER))
    yield from ((when, Way.CLI) for when in (When.BEFORE, When.DURING, When.AFTER))
    yield When.AFTER, Way.HOST


class MissedError(AssertionError):
    """The run ended before it sent a request that was to be cut off: on a busy machine a look can be too late."""


@dataclass(frozen=True)
class Outcome:
    """What became of a cut: what the next run did, and what was not as it should be."""

    cut: Cut
    did: str
    troubles: tuple[str, ...]


def outcomes(cuts: Sequence[Cut], folder: Path, at_once: int) -> Iterator[Outcome]:
    """Try cuts, several groups at once, each group with an emulator and a backend of its own."""
    with ThreadPoolExecutor(at_once) as pool:
        for found in pool.map(lambda each: _of_group(each[1], folder / str(each[0])), enumerate(groups(cuts))):
            yield from found


def groups(cuts: Sequence[Cut]) -> list[tuple[Cut, ...]]:
    """Put cuts together that one moment can make, as many as the engine works on at once."""
    alike: dict[tuple[object, ...], list[Cut]] = {}
    for cut in cuts:
        alike.setdefault((cut.way, cut.reverted, cut.scene is CREATE), []).append(cut)
    return [tuple(group[at : at + THREADS]) for group in alike.values() for at in range(0, len(group), THREADS)]


def _of_group(cuts: tuple[Cut, ...], folder: Path) -> list[Outcome]:
    """Cut runs off in a folder of their own, let the user's next command finish them, and judge."""
    for attempt in range(1, ATTEMPTS + 1):
        try:
            return _attempted(cuts, folder / str(attempt))
        except MissedError as error:
            failed = error
        except (AssertionError, TimeoutError, subprocess.TimeoutExpired) as error:
            return [Outcome(cut, "nothing", (f"the attempt failed: {error}",)) for cut in cuts]
    return [Outcome(cut, "nothing", (str(failed),)) for cut in cuts]


def _attempted(cuts: tuple[Cut, ...], folder: Path) -> list[Outcome]:
    with swept(folder), running(Options(time_factor=1000)) as emulator:
        attempt = Attempt.of(cuts, Stack.made(folder, emulator, {}), emulator)
        attempt.prepare()
        attempt.cut_off()
        attempt.recover()
        return attempt.judged()


@dataclass(eq=False)
class Case:
    """One job of an attempt: where it is cut off, and what became of it."""

    cut: Cut
    name: str
    emulator: Emulator
    did: list[str] = field(default_factory=list)
    """The user's commands since, each with its effects on the job."""
    problems: list[str] = field(default_factory=list)
    effects: list[str] = field(default_factory=list)
    needed: list[str] = field(default_factory=list)

    def inputs(self, cu_number: int) -> dict[str, Any]:
        """Return the job as the program declares it."""
        return job(self.name, cu_number=cu_number, settle_time=1 if self.cut.request == SETTLING else 0)

    def hold(self) -> None:
        """Have the emulator hold the request."""
        scene, index = self.cut.scene, self.cut.index
        self.emulator.add_fault(
            operation=scene.operation(index),
            job=self.name,
            after=scene.passed(index),
            hold=True,
            **HELD[self.cut.when],
        )

    def jobs(self) -> list[dict[str, Any]]:
        """Return the jobs that were made under this name, the deleted ones too."""
        return [each for each in self.emulator.jobs() if each["name"] == self.name]

    def existing(self) -> dict[str, Any] | None:
        """Return the job, None where there is none."""
        return next((each for each in self.jobs() if not each["deleted"]), None)

    def history(self) -> list[str]:
        """Return what was done to the job."""
        return [each["event"] for job in self.jobs() for each in job["history"] if each["event"] != "status"]

    def late(self, seen: int) -> list[str]:
        """Return the writes about this job that came after a request."""
        return [
            each["operation"]
            for each in self.emulator.requests(writes_only=True, since=seen)
            if {each["job_id"] for each in self.jobs()}.intersection(each["job_ids"])
            or (each["body"] or {}).get("name") == self.name
        ]

    def troubles(self) -> list[str]:
        """Return everything about the job that is not as it should be."""
        found, jobs, wanted = [*self.problems], self.jobs(), self.cut.wanted
        if len(jobs) > 1:
            found.append(f"{len(jobs)} jobs were created")
        if [each["deleted"] for each in jobs if not each["deleted"]] != ([] if wanted is None else [False]):
            found.append(f"of {len(jobs)} jobs not the right ones exist")
        for each in jobs:
            if any(not run["restored_from"] for run in each["runs"][1:]):
                found.append("a start without the savepoint")
            if not each["deleted"] and (each["status"] != "job_running" or each["properties"]["cu_number"] != wanted):
                found.append(f"the job is in {each['status']} with {each['properties']['cu_number']} CUs")
        if self.effects != self.needed:
            found.append(f"done: {', '.join(self.effects)}; needed: {', '.join(self.needed)}")
        broken = [each["kind"] for each in self.emulator.violations() if each["job_id"] in [j["job_id"] for j in jobs]]
        return [*found, *(f"broke a rule of the service: {each}" for each in broken)]


@dataclass
class Attempt:
    """One run that is cut off, and the next one."""

    cases: tuple[Case, ...]
    stack: Stack
    emulator: Emulator

    @classmethod
    def of(cls, cuts: Sequence[Cut], stack: Stack, emulator: Emulator) -> Attempt:
        """Give each cut a job of its own."""
        cases = (Case(cut, f"job-{number}", emulator) for number, cut in enumerate(cuts))
        return cls(tuple(cases), stack, emulator)

    @property
    def way(self) -> Way:
        """How the run is cut off."""
        return self.cases[0].cut.way

    def prepare(self) -> None:
        """Bring the jobs to where the operations begin."""
        self._passing(ONE_LOOK)
        before = {case: case.cut.scene.before for case in self.cases}
        self._program(before)
        if any(before.values()):
            self.stack.up().expect_ok()
        for case in self.cases:
            if case.cut.scene.failed_submits:
                self.emulator.set_behaviour(case.name, fail_next_submit=case.cut.scene.failed_submits)
        self.emulator.clear_requests()

    def ask(self) -> None:
        """Set the program that is to be cut off."""
        self._program(dict.fromkeys(self.cases, WANTED))

    def cut_off(self) -> None:
        """Begin the operations and cut them off while their requests are held."""
        if self.way in SIGNALS:
            self._passing(UNTIL_GONE if self.way is Way.INTERRUPT_TWICE else A_WHILE)
        for case in self.cases:
            case.hold()
        self.ask()
        command = self.stack.begin("up", "--yes", "--skip-preview")
        try:
            self._until_held(command)
            seen = self._strike(command)
        finally:
            command.kill()
            command.wait()
        self._until_silent()
        for case in self.cases:
            if late := case.late(seen):
                case.problems.append(f"the host went on without its engine: {', '.join(late)}")
        self._passing(ONE_LOOK)

    def recover(self) -> None:
        """Do what the user does next."""
        wanted = {case: case.cut.wanted for case in self.cases}
        for case in self.cases:
            case.needed = needed(case.existing(), wanted[case])
        if any((self.stack.folder / "backend" / ".pulumi" / "locks").rglob("*.json")):
            self._command(self.cases, "cancel", "--yes")
        self._program(wanted)
        self._up(self.cases, *(["--refresh"] if self.cases[0].cut.reverted else []))
        # The state of a create that was cut off holds no id: only the program can take such a job over.
        left = [case for case in self.cases if wanted[case] is None and case.existing() is not None]
        if left:
            self._program({**wanted, **dict.fromkeys(left, WANTED)})
            self._up(left)
            self._program(wanted)
            self._up(left)
        pending = [case for case in self.cases if case.name in _pending(self._exported())]
        if pending:
            self._command(pending, "refresh", "--clear-pending-creates", "--yes", "--skip-preview")

    def judged(self) -> list[Outcome]:
        """Return what became of each job; none has troubles where all converged."""
        exported = self._exported()
        stored = {_name(each["urn"]): each["id"] for each in exported.get("resources", []) if "id" in each}
        troubles = self._troubles_of_state()
        found = []
        for case in self.cases:
            theirs, there = [*case.troubles(), *troubles], case.existing()
            if stored.get(case.name) != (str(there["job_id"]) if there else None):
                theirs.append(f"stored is job {stored.get(case.name)}, existing is {there and there['job_id']}")
            if case.name in _pending(exported):
                theirs.append("an operation is pending")
            found.append(Outcome(case.cut, "; ".join(case.did), tuple(theirs)))
        return found

    def _troubles_of_state(self) -> list[str]:
        try:
            self.stack.preview("--refresh").expect_unchanged()
        except AssertionError as error:
            return [f"the state differs from the service: {error}"]
        return []

    def _program(self, cu_numbers: Mapping[Case, int | None]) -> None:
        self.stack.jobs(**{case.name: case.inputs(cus) for case, cus in cu_numbers.items() if cus is not None})

    def _passing(self, seconds: float) -> None:
        self.emulator.set_durations({"job_savepointing": seconds, "job_submitting": seconds})

    def _exported(self) -> dict[str, Any]:
        exported: dict[str, Any] = json.loads(self.stack.exported())["deployment"]
        return exported

    def _until_held(self, command: subprocess.Popen[bytes]) -> None:
        def held() -> bool:
            if command.poll() is not None:
                said = self.stack.log.read_text(encoding="utf-8", errors="replace")
                raise MissedError(f"the run ended before the request came: {said}")
            return all(fault["holding"] for fault in self.emulator.faults())

        _until(held, "the requests are held")

    def _strike(self, command: subprocess.Popen[bytes]) -> int:
        """Cut the run off, let the requests go, and return the last request that the engine was there for."""
        found = hosts(self.stack.folder)
        assert found, "the host is not to be found"
        if self.way in (Way.CLI, Way.BOTH):
            command.kill()
            command.wait()
        if self.way in (Way.HOST, Way.BOTH):
            kill(found)
        if self.way is Way.TERMINATE:
            command.terminate()
        if self.way in (Way.INTERRUPT, Way.INTERRUPT_TWICE):
            _interrupt(command, 1 + (self.way is Way.INTERRUPT_TWICE))
        seen = self._seen()
        self.emulator.clear_faults()
        command.wait(BOUND)
        return self._seen() if self.way in SIGNALS else seen

    def _until_silent(self) -> None:
        """Wait until a host that lives on has noticed that nobody waits for it."""
        if not hosts(self.stack.folder):
            return
        seen, since = self._seen(), time.monotonic()

        def silent() -> bool:
            nonlocal seen, since
            if seen != self._seen():
                seen, since = self._seen(), time.monotonic()
            return time.monotonic() - since > SILENT

        _until(silent, "the host that lives on is silent")

    def _seen(self) -> int:
        return max((int(each["seq"]) for each in self.emulator.requests()), default=0)

    def _up(self, concerned: Sequence[Case], *options: str) -> None:
        self._command(concerned, "up", "--yes", "--skip-preview", *options)

    def _command(self, concerned: Sequence[Case], *words: str) -> None:
        before = {case: case.history() for case in self.cases}
        result: Result = self.stack.run(*words)
        typed = " ".join(word for word in words if word not in ("--yes", "--skip-preview"))
        for case in self.cases:
            effects = case.history()[len(before[case]) :]
            case.effects += effects
            if effects or case in concerned:
                case.did.append(f"`{typed}`" + (f": {', '.join(effects)}" if effects else ""))
            if not result.ok:
                case.problems.append(f"{typed} failed: {' '.join(result.errors(case.name)) or result.text}")


def _name(urn: str) -> str:
    return urn.rpartition("::")[2]


def _pending(exported: dict[str, Any]) -> list[str]:
    return [_name(each["resource"]["urn"]) for each in exported.get("pending_operations") or []]


def needed(job: dict[str, Any] | None, wanted: int | None) -> list[str]:
    """Return the fewest steps from a job as it is (or will be, once it has moved on) to the wanted CUs, running."""
    if job is None:
        return [] if wanted is None else ["create", "run"]
    end = job["plan"][-1][1] if job["plan"] else job["status"]
    start = [] if end == "job_running" else ["run"]
    if wanted is None:
        return [*start, "delete"]
    if job["properties"]["cu_number"] == wanted:
        return start
    return ["update cu_number", "run"] if start else ["stop with savepoint", "update cu_number", "run"]


def sent(scene: Scene, folder: Path) -> list[str]:
    """Return the requests that an operation sends when nothing cuts it off."""
    with swept(folder), running(Options(time_factor=1000)) as emulator:
        attempt = Attempt.of([Cut(scene, 0, When.READ, Way.BOTH)], Stack.made(folder, emulator, {}), emulator)
        attempt.prepare()
        attempt.ask()
        attempt.stack.up()
        return [each["operation"] for each in emulator.requests()]


@contextmanager
def swept(folder: Path) -> Iterator[None]:
    """Leave no process of a stack behind, whatever happens."""
    try:
        yield
    finally:
        kill(processes(folder))
        _until(lambda: not processes(folder), "no process is left behind")


def processes(folder: Path) -> list[int]:
    """Return the processes that carry the environment of the stack in this folder."""
    mark = f"PULUMI_HOME={folder / 'home'}".encode()
    return [pid for pid in _pids() if mark in _read(pid, "environ")]


def hosts(folder: Path) -> list[int]:
    """Return the hosts of the dynamic provider among them."""
    return [pid for pid in processes(folder) if b"pulumi.dynamic" in _read(pid, "cmdline")]


def kill(pids: Iterable[int]) -> None:
    """Kill processes, those that have ended meanwhile excepted."""
    for pid in pids:
        try:
            os.kill(pid, signal.SIGKILL)
        except ProcessLookupError:
            continue


def _pids() -> list[int]:
    return [int(each.name) for each in PROC.iterdir() if each.name.isdecimal()]


def _read(pid: int, name: str) -> list[bytes]:
    try:
        return (PROC / str(pid) / name).read_bytes().split(b"\0")
    except OSError:
        return []  # ended, or somebody else's


def _interrupt(command: subprocess.Popen[bytes], times: int) -> None:
    """Press Ctrl-C: a terminal sends the signal to the whole process group."""
    for _ in range(times):
        os.killpg(command.pid, signal.SIGINT)
        time.sleep(0.5)


def _until(holds: Callable[[], bool], what: str) -> None:
    deadline = time.monotonic() + BOUND
    while not holds():
        if time.monotonic() > deadline:
            raise TimeoutError(f"not within {BOUND:g} s: {what}")
        time.sleep(0.01)
