"""The dynamic provider of Flink JAR jobs: what Pulumi calls, each call answered by the rooms below.

Persisted contract: the state of every stack refers to this module and to `FlinkJarJobProvider` by name.
"""

from __future__ import annotations

import importlib
import os
import threading
import time
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from pulumi.dynamic import (
    CheckFailure,
    CheckResult,
    ConfigureRequest,
    CreateResult,
    DiffResult,
    ReadResult,
    ResourceProvider,
    UpdateResult,
)

from pulumi_dli.config.identity import refuse_other_identity
from pulumi_dli.config.settings import origin_of, read_settings, stack_settings
from pulumi_dli.errors import DliError, NotFoundError
from pulumi_dli.host.bags import inputs_of, known_form, name_of, urn_of
from pulumi_dli.host.call import Call, Left, call_of, waited_for
from pulumi_dli.host.claims import Claims, refuse_other_job
from pulumi_dli.host.engine_link import EngineLink, in_host
from pulumi_dli.host.failure import one_line
from pulumi_dli.host.orphan import end_with_engine
from pulumi_dli.host.worker_pool import widen
from pulumi_dli.planning.announcement import Announcement, announcement, of_a_refresh
from pulumi_dli.planning.check import check
from pulumi_dli.planning.diff import difference
from pulumi_dli.planning.marker import DiffPhase, Marker
from pulumi_dli.planning.wording import REPLACEMENT
from pulumi_dli.schema.resource import IMPORT
from pulumi_dli.schema.statuses import UNSEEN_STATUS
from pulumi_dli.schema.stored_state import Identity, outputs, refreshed, refreshed_inputs
from pulumi_dli.schema.unknown import has_unknown

if TYPE_CHECKING:
    from pulumi_dli.reconcile.connection import Connection
    from pulumi_dli.reconcile.outcome import Outcome
    from pulumi_dli.reconcile.waiting import JobHandle


class FlinkJarJobProvider(ResourceProvider):
    """Manages Flink JAR jobs of Data Lake Insight. Holds no state when it is stored with a resource."""

    serialize_as_secret_always = False  # nothing is captured, so there is nothing to encrypt

    def configure(self, req: ConfigureRequest) -> None:
        """Read the settings. Missing credentials are no failure: a preview needs none."""
        self._lock = threading.Lock()
        self._connected: Connection | None = None
        self._claims = Claims()
        self._read: set[str | None] = set()  # resources that were read, and not checked since
        self._failed_before: dict[str | None, str] = {}  # what a refresh of this run dropped from the state
        self._engine = EngineLink()
        if in_host():
            widen()
            end_with_engine(self._engine.answers)
        with one_line(call_of({}), {}, name="configuration"):
            config = getattr(req.config, "_props", {})  # `get` cannot read a provider's own settings
            self._settings = read_settings(stack_settings(config), os.environ, origin_of(config))

    def check(self, _olds: dict[str, Any], news: dict[str, Any]) -> CheckResult:
        """Report everything that is wrong with the inputs, one failure per property."""
        call = call_of(news)
        with one_line(call, news := call.placed(news)):
            with self._lock:
                self._read.discard(urn_of(news))
            if self._claims.note_check(urn_of(news), known=bool(_olds)):
                self._engine.warning(urn_of(news), f"{name_of(news)}: {REPLACEMENT}")
            result = check(inputs_of(_olds), inputs_of(news), self._settings.cloud)
            for sentence in result.warnings:
                self._engine.warning(urn_of(news), f"{name_of(news)}: {sentence}")
            accepted = {
                name: result.inputs[name] if name in result.inputs and not has_unknown(known) else news[name]
                for name, known in known_form(news).items()
            }
            # A failure under a property's name makes the engine print the value, secret or not.
            return CheckResult(accepted, [CheckFailure("", str(failure)) for failure in result.failures])

    def diff(self, _id: str, _olds: dict[str, Any], _news: dict[str, Any]) -> DiffResult:
        """Compare by meaning, without credentials or network, and say what the update will do."""
        call = call_of(_news)
        with one_line(call, news := known_form(call.placed(_news))):
            olds = known_form(_olds)
            moved = refuse_other_identity(olds, self._settings.project_id, self._settings.region, os.environ)
            refuse_other_job(_id, news)
            self._claims.claim(_id, urn_of(news))
            self._claims.note_live(_id)
            found = difference(olds, news, self._settings.costs)
            unfinished = olds.get("unfinished") or self._unfinished_of(urn_of(news))
            if found or moved or unfinished:
                phase = self._phase(urn_of(news))
                said = (
                    of_a_refresh(olds, news, found)
                    if phase is DiffPhase.REFRESH
                    else announcement(olds, news, found, moved=moved, unfinished=unfinished)
                )
                self._announce(urn_of(news), name_of(news), phase, said)
            if not found:
                return _result(moved)
            # None lets the engine itself list the inputs that differ, secrets blanked; where none does, it
            # would see no change at all.
            return _result(None if found.changes or found.controls or found.taken else True)

    def create(self, props: dict[str, Any]) -> CreateResult:
        """Create the job and start it; or adopt the one that `job_id` names."""
        call = call_of(props)
        props = call.placed(props)
        with one_line(call, props, lambda error: self._left_by_create(call, error, props)):
            named = props.get("job_id") or props.get(IMPORT)
            job = self._job(call, named or "", props)
            self._claims.claim(named, urn_of(props))
            begun = time.monotonic()
            job, outcome = self._created(job, props)
            self._report_done(props, outcome.done, begun)
            self._claims.note_live(job.job_id)
            update_time = outcome.update_time or outcome.observed.update_time
            return CreateResult(job.job_id, outputs(outcome.observed, props, update_time, self._identity()))

    def read(self, id_: str, props: dict[str, Any]) -> ReadResult:
        """Read the job; as inputs only what the program manages."""
        call = call_of(props)
        with one_line(call, props := call.placed(props)):
            olds = known_form(props)
            if "managed" not in olds:
                return self._got(call, id_, olds)
            with self._lock:
                self._read.add(urn_of(props))
                if olds.get("unfinished"):
                    self._failed_before[urn_of(props)] = olds["unfinished"]
            self._refuse_other_place(olds)
            try:
                observed = self._job(call, id_, olds).show()
            except NotFoundError:
                self._engine.warning(
                    urn_of(props),
                    f"{name_of(props)}: job {id_} is gone; the next pulumi up creates it again, without its state",
                )
                return ReadResult("", {})
            state = refreshed(observed, olds, self._identity())
            return ReadResult(id_, state, refreshed_inputs(state))

    def update(self, _id: str, _olds: dict[str, Any], _news: dict[str, Any]) -> UpdateResult:
        """Bring the job to its new properties by the cheapest safe route."""
        from pulumi_dli.reconcile.update import update  # noqa: PLC0415 - slow, for its HTTP; a preview does without

        call = call_of(_news)
        news, olds = call.placed(_news), known_form(call.placed(_olds))
        with one_line(call, news, lambda error: self._left_by_update(call, error, _id, olds, news)):
            self._refuse_other_place(olds)
            begun, job = time.monotonic(), self._job(call, _id, news, olds)
            seen = refreshed(job.show(), olds, self._identity()) if olds.get("status") == UNSEEN_STATUS else {}
            outcome = update(job, {**olds, **seen}, news, self._settings.costs)
            self._report_done(news, outcome.done, begun)
            update_time = outcome.update_time or olds.get("update_time")
            state = outputs(outcome.observed, news, _integer(update_time), self._identity(), olds)
            return UpdateResult(state)

    def delete(self, _id: str, _props: dict[str, Any]) -> None:
        """Delete the job, or do what `on_delete` says."""
        from pulumi_dli.reconcile.delete import delete  # noqa: PLC0415 - as in update

        call = call_of(_props)
        with one_line(call, props := call.placed(_props)):
            self._refuse_other_place(props)
            if self._claims.held_by_another(_id, urn := urn_of(props)):
                self._engine.info(urn, f"{name_of(props)}: job {_id} belongs to another resource now; it is kept")
                return
            if self._claims.is_live(_id):
                self._engine.info(urn, f"{name_of(props)}: job {_id} goes on as the replacement; it is kept")
                return
            delete(self._job(call, _id, props), props)

    def _created(self, job: JobHandle, props: Mapping[str, Any]) -> tuple[JobHandle, Outcome]:
        from pulumi_dli.reconcile.adopt import adopt  # noqa: PLC0415 - as in update
        from pulumi_dli.reconcile.create import create  # noqa: PLC0415 - as in update

        if job.job_id:
            return job, adopt(job, props, self._settings.costs)
        return create(job, props, self._settings.costs, self._claims.made(urn_of(props)))

    def _left_by_create(self, call: Call, error: DliError, props: Mapping[str, Any]) -> Left | None:
        from pulumi_dli.reconcile.left import left_by_create  # noqa: PLC0415 - as in update

        if error.job_id is None:
            return None
        self._claims.note_made(error.job_id, urn_of(props))
        left = left_by_create(self._job(call, error.job_id, props), error, props, self._identity())
        return Left(error.job_id, left) if left else None

    def _left_by_update(
        self, call: Call, error: DliError, job_id: str, olds: Mapping[str, Any], news: Mapping[str, Any]
    ) -> Left | None:
        from pulumi_dli.reconcile.left import left_by_update  # noqa: PLC0415 - as in update

        if error.job_left is None:
            return None
        left = left_by_update(self._job(call, job_id, news, olds), error, olds, news)
        return Left(job_id, left) if left else None

    def _got(self, call: Call, id_: str, props: Mapping[str, Any]) -> ReadResult:
        """Read a job that the program only looks up by its id."""
        from pulumi_dli.reconcile.ownership import refuse_other_type  # noqa: PLC0415 - as in update

        observed = self._job(call, id_, props).show()
        refuse_other_type(observed)
        state = outputs(observed, props, observed.update_time, self._identity())
        return ReadResult(id_, state, dict(props))

    def _announce(self, urn: str | None, name: str, phase: DiffPhase, said: Announcement) -> None:
        """Say in the preview what the update will do, and where state may be lost; for programs, the marker line."""
        # One message: its first line is the one that stands on the resource's row.
        marker = Marker(said.action, said.certain, phase, said.risks)
        self._engine.info(urn, "\n".join([*(f"{name}: {line}" for line in said.lines), str(marker)]))
        if said.keys:
            self._engine.info(urn, "\n".join(f"{name}: {line}" for line in said.keys))
        for line in said.warnings:
            self._engine.warning(urn, f"{name}: {line}")

    def _unfinished_of(self, urn: str | None) -> str | None:
        with self._lock:
            return self._failed_before.get(urn)

    def _phase(self, urn: str | None) -> DiffPhase:
        """Tell whether Pulumi refreshes: then it compares what it has read before it checks the program's inputs."""
        with self._lock:
            return DiffPhase.REFRESH if urn in self._read else DiffPhase.PLAN

    def _job(self, call: Call, job_id: str, props: Mapping[str, Any], *others: Mapping[str, Any]) -> JobHandle:
        from pulumi_dli.reconcile.limit import Limit  # noqa: PLC0415 - as in update

        urn = urn_of(props)
        return self._connection().job(
            job_id,
            (props, *others),
            name=name_of(props),
            say=lambda text: self._engine.progress(urn, text),
            warn=lambda text: self._engine.warning(urn, text),
            limit=Limit.of(call.timeout, props),
        )

    def _report_done(self, bag: Mapping[str, Any], done: str, begun: float) -> None:
        if done:
            self._engine.info(urn_of(bag), f"{name_of(bag)}: {done} in {time.monotonic() - begun:.0f} s")

    def _connection(self) -> Connection:
        from pulumi_dli.reconcile.connection import Connection  # noqa: PLC0415 - as in update

        with self._lock:
            if self._connected is None:
                self._connected = Connection(self._settings, lambda: waited_for(self._engine.answers))
            return self._connected

    def _identity(self) -> Identity:
        client = self._connection().client
        return Identity(client.project_id, self._settings.region, client.endpoint)

    def _refuse_other_place(self, olds: Mapping[str, Any]) -> None:
        """Refuse a job of another project or region before any request to DLI leaves."""
        refuse_other_identity(olds, self._settings.project_id, self._settings.region, os.environ)
        client = self._connection().client
        refuse_other_identity(olds, client.project_id, self._settings.region, os.environ)
        if olds.get("endpoint") not in (None, client.endpoint):
            self._engine.warning(
                urn_of(olds),
                f"{name_of(olds)}: the job was last managed through {olds['endpoint']}, now through {client.endpoint}",
            )


def _result(changes: bool | None) -> DiffResult:
    # Nothing of ours asks for a replacement; where the user does, two jobs cannot share a name.
    return DiffResult(changes=changes, delete_before_replace=True)


def _integer(value: Any) -> int | None:
    return int(value) if isinstance(value, (int, float)) else None


def __getattr__(name: str) -> Any:
    """Load the typed resource where somebody still looks for it here."""
    if name != "FlinkJarJob":
        raise AttributeError(f"module {__name__} has no attribute {name}")
    return getattr(importlib.import_module("pulumi_dli.job_resource"), name)
