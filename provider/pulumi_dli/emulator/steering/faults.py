"""Faults that a test scripts: late, wrong or missing answers to the requests it names."""

from __future__ import annotations

import asyncio
import random
import secrets
from dataclasses import dataclass, field, fields
from typing import Any

from ..errors import CODES
from ..messages import Answer


class FaultError(ValueError):
    """A fault that makes no sense; the message says why."""


@dataclass(eq=False)
class Fault:
    """What happens to which requests. Seconds are real time."""

    operation: str = "*"
    job: str | None = None
    """The id or name of a job; None: any request of the operation."""
    times: int | None = 1
    """How many requests it applies to; None: all."""
    after: int = 0
    """How many matching requests pass first (those that other faults take count as well)."""
    probability: float = 1.0
    """How likely each matching request is hit, one draw per request in the order of their arrival."""
    seed: int | None = None
    """Makes the draws repeatable; None makes one up, which `shown` returns."""
    delay: float = 0.0
    hold: bool = False
    """Wait until released."""
    effect: bool | str | None = None
    """True: carry the operation out on arrival; "late": after delay and hold; False: not at all.
    The default is True, or False where an answer or cut replaces the normal answer."""
    answer: dict[str, Any] | None = None
    """{"status", "headers", "body" or "text"}, or {"error", "headers"}: what is answered instead.

    `error` is one of DLI's codes, which stands for its status and body."""
    cut: bool = False
    """Close the connection without any byte of an answer."""
    item_refused: dict[str, str] | None = None
    """{"message"}: the job's item of a batch is refused, without effect; the others proceed."""
    id: str = ""
    applied: int = 0
    holding: int = 0
    released: bool = False
    _release: asyncio.Event = field(default_factory=asyncio.Event)
    _chance: random.Random | None = None

    @property
    def replaces_answer(self) -> bool:
        """Whether the client gets something else than the operation's own answer."""
        return self.cut or self.answer is not None

    @property
    def timing(self) -> bool | str:
        """When the operation is carried out: True, False or "late"."""
        return (not self.replaces_answer) if self.effect is None else self.effect

    @property
    def exhausted(self) -> bool:
        """Whether it has applied as often as it was to."""
        return self.times is not None and self.applied >= self.times

    def matches(self, operation: str | None, jobs: frozenset[str]) -> bool:
        """Tell whether a request of this operation, about these job ids and names, is meant."""
        named = self.operation in ("*", operation)
        return named and (self.job is None or self.job in jobs)

    def strikes(self) -> bool:
        """Draw whether this one is hit."""
        if self.probability == 1:
            return True
        if self._chance is None:
            self.seed = secrets.randbits(32) if self.seed is None else self.seed
            self._chance = random.Random(self.seed)  # noqa: S311 (no secret)
        return self._chance.random() < self.probability

    def scripted(self) -> Answer:
        """Return the answer that was asked for; with neither body nor text it is empty."""
        asked = self.answer or {}
        if "error" in asked:
            code = CODES[asked["error"]]
            body = {"error_code": code.code, "error_msg": f"The emulator was asked for this: {code.meaning}."}
            asked = {**asked, "status": code.status, "body": body}
        headers = {str(name).lower(): str(value) for name, value in asked.get("headers", {}).items()}
        return Answer(
            int(asked.get("status", 200)),
            asked.get("body"),
            headers,
            asked.get("text"),
            has_body="body" in asked,
        )

    def shown(self) -> dict[str, Any]:
        """Return the fault as JSON."""
        return {f.name: getattr(self, f.name) for f in fields(self) if not f.name.startswith("_")}


SETTINGS = frozenset(
    {
        "operation", "job", "times", "after", "probability", "seed", "delay", "hold", "effect", "answer", "cut",
        "item_refused",
    }
)  # fmt: skip
ANSWER = frozenset({"status", "headers", "body", "text"})
ERROR = frozenset({"error", "headers"})
BATCHES = frozenset({"RunFlinkJobs", "StopFlinkJobs", "BatchDeleteFlinkJobs"})


class Faults:
    """The scripted faults. Only `wait` and `release` meet the event loop."""

    def __init__(self, operations: frozenset[str]) -> None:
        """Know which operations exist, so that a misspelt one is refused."""
        self._operations = operations | {"*"}
        self._faults: dict[str, Fault] = {}
        self._last = 0
        self._stopping = asyncio.Event()
        self.loop: asyncio.AbstractEventLoop | None = None

    def add(self, **settings: Any) -> str:
        """Add a fault; return its id."""
        fault = self._checked(settings)
        self._last += 1
        fault.id = f"f{self._last}"
        self._faults[fault.id] = fault
        return fault.id

    def all(self) -> list[dict[str, Any]]:
        """Return all faults as JSON."""
        return [fault.shown() for fault in self._faults.values()]

    def remove(self, fault_id: str | None = None) -> bool:
        """Remove a fault or all of them, releasing what they hold; return whether there was one."""
        gone = [fault_id] if fault_id is not None else list(self._faults)
        removed = [self._faults.pop(name) for name in gone if name in self._faults]
        for fault in removed:
            self._set(fault._release)
        return bool(removed)

    def release(self, fault_id: str) -> bool:
        """Let go what a fault holds, now and later; return whether there is such a fault."""
        fault = self._faults.get(fault_id)
        if fault is not None:
            fault.released = True
            self._set(fault._release)
        return fault is not None

    def take(self, operation: str | None, jobs: frozenset[str]) -> Fault | None:
        """Return the first fault that applies to a request, and count."""
        chosen = None
        for fault in self._faults.values():
            if fault.exhausted or not fault.matches(operation, jobs):
                continue
            if fault.after > 0:
                fault.after -= 1
            elif chosen is None and fault.strikes():
                chosen = fault
        if chosen is not None:
            chosen.applied += 1
        return chosen

    async def wait(self, fault: Fault) -> bool:
        """Delay and hold a request; return False if the emulator stops meanwhile."""
        if fault.delay > 0:
            await _first_of(self._stopping.wait(), asyncio.sleep(fault.delay))
        if fault.hold and not self._stopping.is_set():
            fault.holding += 1
            try:
                await _first_of(self._stopping.wait(), fault._release.wait())
            finally:
                fault.holding -= 1
        return not self._stopping.is_set()

    def stop(self) -> None:
        """Let everything go that waits, without an answer."""
        self._set(self._stopping)

    def _set(self, event: asyncio.Event) -> None:
        # Events belong to the loop's thread, and a test calls from another one.
        if self.loop is None or self.loop.is_closed():
            event.set()
        else:
            self.loop.call_soon_threadsafe(event.set)

    def _checked(self, settings: dict[str, Any]) -> Fault:
        unknown = sorted(set(settings) - SETTINGS)
        if unknown:
            raise FaultError(f"a fault has no {', '.join(unknown)}")
        if settings.get("job") is not None:
            settings["job"] = str(settings["job"])
        fault = Fault(**settings)
        _check_types(fault)
        if fault.operation not in self._operations:
            raise FaultError(f"no operation is called {fault.operation}")
        if fault.effect not in (None, True, False, "late"):
            raise FaultError('effect is true, false or "late"')
        if fault.timing is False and not fault.replaces_answer:
            raise FaultError("without its effect an operation has no answer: add answer or cut")
        if fault.item_refused is not None:
            _check_item_refused(fault)
        return fault


def is_amount(value: object) -> bool:
    """Tell whether a value is a number of at least 0."""
    return isinstance(value, (int, float)) and not isinstance(value, bool) and value >= 0


def _check_types(fault: Fault) -> None:
    amounts = {"after": fault.after, "delay": fault.delay, "times": fault.times or 0}
    wrong = [name for name, value in amounts.items() if not is_amount(value)]
    if not is_amount(fault.probability) or not 0 < fault.probability <= 1:
        wrong.append("probability")
    if fault.seed is not None and (not isinstance(fault.seed, int) or isinstance(fault.seed, bool)):
        wrong.append("seed")
    wrong += [name for name in ("hold", "cut") if not isinstance(getattr(fault, name), bool)]
    if fault.answer is not None and not _is_answer(fault.answer):
        wrong.append("answer")
    if wrong:
        raise FaultError(f"a fault cannot have this {', '.join(wrong)}")


def _is_answer(answer: object) -> bool:
    return (
        isinstance(answer, dict)
        and ((answer.get("error") in CODES and ERROR.issuperset(answer)) or ANSWER.issuperset(answer))
        and isinstance(answer.get("status", 200), int)
        and isinstance(answer.get("headers", {}), dict)
        and isinstance(answer.get("text", ""), str)
    )


def _check_item_refused(fault: Fault) -> None:
    if "message" not in (fault.item_refused or {}):
        raise FaultError("item_refused needs a message")
    if fault.operation not in BATCHES:
        raise FaultError(f"item_refused is for {', '.join(sorted(BATCHES))}")


async def _first_of(*waits: Any) -> None:
    tasks = [asyncio.ensure_future(wait) for wait in waits]
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
