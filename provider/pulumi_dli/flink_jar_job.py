"""A Flink JAR job as a Pulumi resource: the dynamic provider and the typed resource.

Persisted contract: the state of every stack refers to this module and to `FlinkJarJobProvider` by name.
"""

from __future__ import annotations

import os
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, get_args, get_type_hints

import pulumi
from pulumi.dynamic import (
    CheckFailure,
    CheckResult,
    ConfigureRequest,
    CreateResult,
    DiffResult,
    ReadResult,
    Resource,
    ResourceProvider,
    UpdateResult,
)
from pulumi.output import Unknown as PulumiUnknown
from typing_extensions import Unpack

from pulumi_dli.arguments import FlinkJarJobArgs, FlinkJarJobOutputs
from pulumi_dli.config.settings import NAMESPACE, origin_of, read_settings, stack_settings
from pulumi_dli.errors import AdoptError, DliError, IdentityError, NotFoundError
from pulumi_dli.host.engine_link import EngineLink, in_host
from pulumi_dli.host.worker_pool import widen
from pulumi_dli.planning.check import check
from pulumi_dli.planning.diff import Difference, difference
from pulumi_dli.planning.preview import lines, outlook
from pulumi_dli.schema.properties import INPUT_NAMES, OUTPUTS, SENSITIVE, TYPE, URN
from pulumi_dli.schema.stored_state import Identity, outputs, refreshed, refreshed_inputs
from pulumi_dli.schema.unknown import UNKNOWN, has_unknown

if TYPE_CHECKING:
    from pulumi_dli.reconcile.connection import Connection
    from pulumi_dli.reconcile.update import Reached
    from pulumi_dli.reconcile.waiting import Job

ACCEPT_IDENTITY = "PULUMI_DLI_ACCEPT_IDENTITY"


class FlinkJarJobProvider(ResourceProvider):
    """Manages Flink JAR jobs of Data Lake Insight. Holds no state when it is stored with a resource."""

    serialize_as_secret_always = False  # nothing is captured, so there is nothing to encrypt

    def configure(self, req: ConfigureRequest) -> None:
        """Read the settings. Missing credentials are no failure: a preview needs none."""
        self._lock = threading.Lock()
        self._connected: Connection | None = None
        self._claims: dict[str, str] = {}  # job ids of this run, and the resources that manage them
        self._engine = EngineLink()
        if in_host():
            widen()
        with _one_line("configuration"):
            config = getattr(req.config, "_props", {})  # `get` cannot read a provider's own settings
            self._settings = read_settings(stack_settings(config), os.environ, origin_of(config))

    def check(self, _olds: dict[str, Any], news: dict[str, Any]) -> CheckResult:
        """Tell everything that is wrong with the inputs, one failure per property."""
        with _one_line(_name(news)):
            verdict = check(_inputs(_olds), _inputs(news), self._settings.cloud)
            for sentence in verdict.warnings:
                self._engine.warning(_urn(news), f"{_name(news)}: {sentence}")
            accepted = {
                name: verdict.inputs[name] if name in verdict.inputs and not has_unknown(known) else news[name]
                for name, known in _known_form(news).items()
            }
            # A failure under a property's name makes the engine print the value, secret or not.
            return CheckResult(accepted, [CheckFailure("", str(failure)) for failure in verdict.failures])

    def diff(self, _id: str, _olds: dict[str, Any], _news: dict[str, Any]) -> DiffResult:
        """Compare by meaning, without credentials or network, and say what the update will do."""
        with _one_line(_name(_news)):
            olds, news = _known_form(_olds), _known_form(_news)
            moved = refuse_other_identity(olds, self._settings.project_id, self._settings.region, os.environ)
            _refuse_other_job(_id, news)
            self._claim(_id, _news)
            found = difference(olds, news, self._settings.costs)
            if moved:
                self._engine.info(_urn(_news), f"{_name(news)}: stores the configured project and region from now on")
            if not found:
                return _result(moved)
            self._foretell(olds, news, found)
            # None lets the engine itself list the inputs that differ, secrets blanked; where none does, it
            # would see no change at all.
            return _result(None if found.changes or found.controls or found.taken else True)

    def create(self, props: dict[str, Any]) -> CreateResult:
        """Create the job and start it; or adopt the one that `job_id` names."""
        with _one_line(_name(props)):
            job = self._job(props.get("job_id") or "", props)
            self._claim(props.get("job_id"), props)
            begun = time.monotonic()
            job, reached = self._created(job, props)
            self._tell_done(props, reached.done, begun)
            update_time = reached.update_time or reached.details.update_time
            return CreateResult(job.job_id, outputs(reached.details, props, update_time, self._identity()))

    def read(self, id_: str, props: dict[str, Any]) -> ReadResult:
        """Read the job; as inputs only what the program manages."""
        with _one_line(_name(props)):
            olds = _known_form(props)
            if "managed" not in olds:
                return self._got(id_, olds)
            self._refuse_other_place(olds)
            try:
                details = self._job(id_, olds).show()
            except NotFoundError:
                self._engine.warning(
                    _urn(props),
                    f"{_name(props)}: job {id_} is gone; the next pulumi up creates it anew, without its state",
                )
                return ReadResult("", {})
            state = refreshed(details, olds, self._identity())
            return ReadResult(id_, state, refreshed_inputs(state))

    def update(self, _id: str, _olds: dict[str, Any], _news: dict[str, Any]) -> UpdateResult:
        """Bring the job to its new properties by the cheapest safe route."""
        from pulumi_dli.reconcile.update import update  # noqa: PLC0415 - slow, for its HTTP; a preview does without

        with _one_line(_name(_news)):
            olds = _known_form(_olds)
            self._refuse_other_place(olds)
            begun = time.monotonic()
            reached = update(self._job(_id, _news, olds), olds, _news, self._settings.costs)
            self._tell_done(_news, reached.done, begun)
            update_time = reached.update_time or olds.get("update_time")
            return UpdateResult(outputs(reached.details, _news, _integer(update_time), self._identity()))

    def delete(self, _id: str, _props: dict[str, Any]) -> None:
        """Delete the job, or do what `on_delete` says."""
        from pulumi_dli.reconcile.delete import delete  # noqa: PLC0415 - as in update

        with _one_line(_name(_props)):
            self._refuse_other_place(_props)
            if self._claimed_by_another(_id, _props):
                self._engine.info(
                    _urn(_props), f"{_name(_props)}: job {_id} belongs to another resource now; it is kept"
                )
                return
            delete(self._job(_id, _props), _props)

    def _created(self, job: Job, props: Mapping[str, Any]) -> tuple[Job, Reached]:
        from pulumi_dli.reconcile.adopt import adopt  # noqa: PLC0415 - as in update
        from pulumi_dli.reconcile.create import create  # noqa: PLC0415 - as in update

        if props.get("job_id"):
            return job, adopt(job, props, self._settings.costs)
        return create(job, props, self._settings.costs, self._held(props))

    def _got(self, id_: str, props: Mapping[str, Any]) -> ReadResult:
        """Read a job that the program only looks up by its id."""
        from pulumi_dli.reconcile.ownership import refuse_other_type  # noqa: PLC0415 - as in update

        details = self._job(id_, props).show()
        refuse_other_type(details)
        state = outputs(details, props, details.update_time, self._identity())
        return ReadResult(id_, state, dict(props))

    def _foretell(self, olds: Mapping[str, Any], news: Mapping[str, Any], found: Difference) -> None:
        """Tell in the preview what the update will do, and where state may be lost."""
        (first, _), *more = lines(_name(news), outlook(olds, news, found))
        # One message: its first line is the one that stands on the resource's row.
        told = [first + _ownership(found, news), *(line for line, warns in more if not warns)]
        self._engine.info(_urn(news), "\n".join(told))
        for line in (line for line, warns in more if warns):
            self._engine.warning(_urn(news), line)

    def _job(self, job_id: str, props: Mapping[str, Any], *others: Mapping[str, Any]) -> Job:
        urn = _urn(props)
        return self._connection().job(
            job_id,
            (props, *others),
            name=_name(props),
            say=lambda text: self._engine.progress(urn, text),
            warn=lambda text: self._engine.warning(urn, text),
        )

    def _tell_done(self, bag: Mapping[str, Any], done: str, begun: float) -> None:
        if done:
            self._engine.info(_urn(bag), f"{_name(bag)}: {done} in {time.monotonic() - begun:.0f} s")

    def _claim(self, job_id: str | None, bag: Mapping[str, Any]) -> None:
        """Refuse a job that another resource of the stack manages already."""
        urn = _urn(bag)
        if job_id is None or urn is None:
            return
        with self._lock:
            holder = self._claims.setdefault(job_id, urn)
        if holder != urn:
            raise AdoptError(
                f"job {job_id} is managed by {holder.rpartition('::')[2]} already: one job, one resource; "
                "correct job_id, or remove one of the two from the program"
            )

    def _held(self, bag: Mapping[str, Any]) -> set[str]:
        with self._lock:
            return {job_id for job_id, urn in self._claims.items() if urn == _urn(bag)}

    def _claimed_by_another(self, job_id: str, bag: Mapping[str, Any]) -> bool:
        with self._lock:
            return self._claims.get(job_id) not in (None, _urn(bag))

    def _connection(self) -> Connection:
        from pulumi_dli.reconcile.connection import Connection  # noqa: PLC0415 - as in update

        with self._lock:
            if self._connected is None:
                self._connected = Connection(self._settings, self._engine.answers)
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
                _urn(olds),
                f"{_name(olds)}: the job was last managed through {olds['endpoint']}, now through {client.endpoint}",
            )


def refuse_other_identity(
    olds: Mapping[str, Any], project_id: str | None, region: str, environment: Mapping[str, str]
) -> bool:
    """Raise IdentityError where the stored project or region is not the configured one.

    The explicit way out, for one run: the environment variable PULUMI_DLI_ACCEPT_IDENTITY with the
    stored `project_id/region` as its value; returns whether it was taken. A project that is not known
    (None: only its name is configured) is not compared.
    """
    stored = (str(olds.get("project_id") or ""), str(olds.get("region") or ""))
    configured = (project_id or stored[0], region)
    if "project_id" not in olds or stored == configured:
        return False
    if environment.get(ACCEPT_IDENTITY) == "/".join(stored):
        return True
    raise IdentityError(
        f"the job belongs to project {stored[0]} in region {stored[1] or 'unknown'}, the configuration is for project "
        f"{configured[0]} in region {configured[1] or 'unknown'}; nothing was sent. Correct {NAMESPACE}:projectId and "
        f"{NAMESPACE}:region (or OS_PROJECT_ID, OS_REGION_NAME), or, if it is the same job, run once with "
        f"{ACCEPT_IDENTITY}={'/'.join(stored)}"
    )


def _result(changes: bool | None) -> DiffResult:
    # Nothing of ours asks for a replacement; where the user does, two jobs cannot share a name.
    return DiffResult(changes=changes, delete_before_replace=True)


def _ownership(found: Difference, news: Mapping[str, Any]) -> str:
    if "job_id" not in found.controls:
        return ""
    return "; destroy will now " + ("delete the job" if news.get("job_id") is None else "leave the job as it is")


def _refuse_other_job(job_id: str, news: Mapping[str, Any]) -> None:
    named = news.get("job_id")
    if isinstance(named, str) and named != job_id:
        raise AdoptError(
            f"job_id names job {named}, but this resource manages job {job_id}: to manage {named} instead, first "
            f"forget this one with pulumi state delete, or declare {named} as a resource of its own"
        )


def _may_be_integer(hint: Any) -> bool:
    (kind,) = get_args(hint)
    return int in (kind, *get_args(kind))


class FlinkJarJob(Resource, FlinkJarJobOutputs, module="dli", name="FlinkJarJob"):
    """A Flink JAR job of Data Lake Insight (DLI) on Open Telekom Cloud or Huawei Cloud.

    Properties bear DLI's own names and are given as keyword arguments, or together as
    `FlinkJarJobArgs`, which says of each its limits, its default, what a change costs and its source in
    DLI's documents. `entrypoint_args` and `runtime_config` are kept secret by themselves.

    Units: seconds in inputs, milliseconds since the epoch in the outputs `update_time` and `start_time`;
    CUs are DLI's compute units. Errors: what is wrong with the inputs fails in the preview, one line per
    property; what can go wrong later is the tree in `pulumi_dli.errors`, each error one line.
    """

    # Pulumi reads the types of outputs from the class itself alone, anew for every job: here are the integers,
    # which would be floats otherwise; all others arrive as what they are.
    __annotations__ = {name: hint for name, hint in get_type_hints(FlinkJarJobOutputs).items() if _may_be_integer(hint)}

    def __init__(
        self,
        resource_name: str,
        args: FlinkJarJobArgs | None = None,
        opts: pulumi.ResourceOptions | None = None,
        **properties: Unpack[FlinkJarJobArgs],
    ) -> None:
        """Declare a job called `resource_name` in the stack; its DLI name is the property `name`."""
        given: dict[str, Any] = {**(args or {}), **properties}
        inputs = {name: _as_secret(name, value) for name, value in given.items() if value is not None}
        opts = opts or pulumi.ResourceOptions()
        declared: dict[str, Any] = {
            **dict.fromkeys((*INPUT_NAMES, *(each.name for each in OUTPUTS))),
            **inputs,
        }
        declared[URN] = _own_urn(resource_name, opts.parent)
        secret = pulumi.ResourceOptions(additional_secret_outputs=list(SENSITIVE))
        super().__init__(
            FlinkJarJobProvider(),
            resource_name,
            declared,
            pulumi.ResourceOptions.merge(opts, secret),
        )

    @staticmethod
    def get(resource_name: str, id: pulumi.Input[str], opts: pulumi.ResourceOptions | None = None) -> FlinkJarJob:
        """Look up an existing job by its id, without managing it: `destroy` leaves it alone.

        Fails where no Flink JAR job has this id.
        """
        return FlinkJarJob(resource_name, opts=pulumi.ResourceOptions.merge(opts, pulumi.ResourceOptions(id=id)))


def _own_urn(resource_name: str, parent: pulumi.Resource | None) -> pulumi.Input[str | None]:
    """Return a job's URN as a value alone: through it a job would depend on its parent, and so on its siblings."""
    if parent is None:  # as `create_urn` has it, which starts several tasks for each job
        return f"urn:pulumi:{pulumi.get_stack()}::{pulumi.get_project()}::{TYPE}::{resource_name}"
    urn = pulumi.create_urn(resource_name, TYPE, parent)
    return pulumi.Output(set(), urn.future(), urn.is_known())


def _as_secret(name: str, value: Any) -> Any:
    return pulumi.Output.secret(value) if name in SENSITIVE else value


@contextmanager
def _one_line(name: str) -> Iterator[None]:
    """Let an error reach the user as one line that names the job, without a traceback."""
    try:
        yield
    except DliError as error:
        error.args = (f"{name}: {error}",)
        _hide_traceback()
        raise error from None  # without what it was raised from: one line
    except Exception as error:  # noqa: BLE001 - a defect must not reach the user as a traceback
        _hide_traceback()
        raise DliError(f"{name}: a defect of pulumi-dli: {_where(error)}; please report it") from None


def _where(error: Exception) -> str:
    """Name kind and place of an unexpected error, never its text, which may hold a secret."""
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    place = f"{os.path.basename(trace.tb_frame.f_code.co_filename)}:{trace.tb_lineno}" if trace else "unknown place"  # noqa: PTH119
    return f"{type(error).__name__} in {place}"


def _hide_traceback() -> None:
    # Only in the host: in the program's process it makes registrations fail in silence.
    if in_host():
        sys.tracebacklimit = 0


def _inputs(bag: Mapping[str, Any]) -> dict[str, Any]:
    """Return a bag without what is internal to the engine."""
    return {name: value for name, value in _known_form(bag).items() if not name.startswith("__")}


def _known_form(bag: Mapping[str, Any]) -> dict[str, Any]:
    """Return a bag with Pulumi's unknown values replaced by the core's own."""
    return {name: _without_pulumi(value) for name, value in bag.items() if name != "__provider"}


def _without_pulumi(value: Any) -> Any:
    if isinstance(value, PulumiUnknown):
        return UNKNOWN
    if isinstance(value, dict):
        return {key: _without_pulumi(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_without_pulumi(item) for item in value]
    return value


def _name(bag: Mapping[str, Any]) -> str:
    """Return the word for a job in messages: its name in the stack, else its DLI name."""
    urn = _urn(bag)
    if urn:
        return urn.rpartition("::")[2]
    name = bag.get("name")
    return name if isinstance(name, str) else "job"


def _urn(bag: Mapping[str, Any]) -> str | None:
    urn = bag.get(URN)
    return urn if isinstance(urn, str) else None


def _integer(value: Any) -> int | None:
    return int(value) if isinstance(value, (int, float)) else None
