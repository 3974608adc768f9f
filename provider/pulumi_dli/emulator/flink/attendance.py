"""One look at one job: brings it where its record says, and writes down what Flink makes of it."""

from __future__ import annotations

import logging
import secrets
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..jobs.job import Job
from ..jobs.representation import effective
from ..jobs.state import State, now_ms
from . import submission
from .jar_builder import PackageError, assemble
from .obs_paths import SAVEPOINTS, SCHEME, ObjectError, Objects
from .rest import FlinkError, Rest, UnreachableError
from .status_mapping import Seen, next_status, reason, secret_parts, seen

LOG = logging.getLogger("pulumi_dli.emulator")
HOUR_MS = 3_600_000
GONE = "Flink ended together with the emulator."


@dataclass
class Attendance:
    """One look at one job. `job` is as it was read; what is written is read again first."""

    state: State
    rest: Rest
    objects: Objects
    jars: Path
    job: Job

    def take(self) -> None:
        """Do the next thing that the job needs."""
        job, flink_id = self.job, self.job.engine.get("id")
        if job.deleted:
            self._remove(flink_id)
        elif job.status == "job_submitting" and job.engine.get("run") != len(job.runs):
            self._submit(flink_id)
        elif flink_id is None:
            # It never reached Flink: stopped before, or put into its status by other means.
            self._settle("job_cancel_success" if job.status == "job_canceling" else "job_running_exception", GONE)
        elif job.status == "job_canceling":
            self._cancel(flink_id)
        elif job.status == "job_savepointing":
            self._save(flink_id)
        else:
            self._look(flink_id)

    # Every change goes through here: what happened since the job was read is not undone.

    def _change(self, change: Callable[[Job, int], None]) -> bool:
        now = now_ms()
        with self.state.lock:
            job = self.state.storage.job(self.job.job_id)
            same = (
                job is not None
                and (job.status, job.deleted, len(job.runs)) == (self.job.status, self.job.deleted, len(self.job.runs))
                and job.engine.get("run") == self.job.engine.get("run")
            )
            if job is not None and same:
                before = (job.status, job.status_desc, job.checkpoint, dict(job.engine))
                change(job, now)
                if (job.status, job.status_desc, job.checkpoint, job.engine) != before:
                    self.state.save(job, now)
                self.job = job
        return same

    def _settle(self, status: str, desc: str = "") -> None:
        """Write down that the job has come to an end in Flink."""

        def change(job: Job, now: int) -> None:
            job.engine.pop("id", None)
            job.making_savepoint = None
            job.enter(status, now, "" if status in ("job_cancel_success", "job_finish") else desc)

        self._change(change)

    def _why(self, text: str) -> str:
        texts = (str(effective(self.job, "entrypoint_args")), str(effective(self.job, "runtime_config")))
        return self.objects.hidden(reason(text, secret_parts(*texts)))

    def _remove(self, flink_id: str | None) -> None:
        if flink_id is not None and not self._has_ended(flink_id):
            self._ask_to_cancel(flink_id)
            return
        self._change(lambda job, _now: job.engine.clear())
        shutil.rmtree(self.objects.place(f"{SCHEME}{SAVEPOINTS}/{self.job.job_id}"), ignore_errors=True)

    def _cancel(self, flink_id: str) -> None:
        if self._has_ended(flink_id):
            self._settle("job_cancel_success")
        elif not self.job.engine.get("stopped"):
            self._ask_to_cancel(flink_id)

    def _ask_to_cancel(self, flink_id: str) -> None:
        try:
            self.rest.cancel(flink_id)
        except FlinkError as error:
            LOG.info("job %s: cancel: %s", self.job.job_id, reason(error.text))

    def _has_ended(self, flink_id: str) -> bool:
        found = self.rest.job(flink_id)
        return found is None or seen(found, {}, {}).ended

    def _submit(self, old_id: str | None, *, empty: bool = False) -> None:
        if old_id is not None and not self._has_ended(old_id):
            # The one that crashes again and again, which this run replaces.
            self._ask_to_cancel(old_id)
            return
        flink_id = secrets.token_hex(16)
        restored = None if empty else self.job.runs[-1]["restored_from"]

        def remember(job: Job, _now: int) -> None:
            kept = {name: job.engine[name] for name in ("used",) if name in job.engine}
            restarts = job.engine.get("restarts_empty", []) if empty else []
            job.engine = {
                **kept, "id": flink_id, "last_id": flink_id, "run": len(job.runs), "restarts_empty": restarts,
                "exception_time": job.engine.get("exception_time", 0) if empty else 0, "restarts": len(restarts),
            }  # fmt: skip
            job.checkpoint = restored or ""

        if not self._change(remember):
            return
        jar = self.jars / f"{flink_id}.jar"
        try:
            self._assemble(jar)
            body = submission.request(self.job, flink_id, self._uri(restored), self._checkpoint_folder)
            self.rest.run(jar.name, body)
        except (ObjectError, PackageError, submission.SettingsError) as error:
            self._settle("job_submit_fail", str(error))
        except (FlinkError, UnreachableError) as error:
            text = error.text if isinstance(error, FlinkError) else f"Flink does not answer: {error}"
            self._settle("job_submit_fail", self._why(text))
        finally:
            # Flink has read it by now.
            jar.unlink(missing_ok=True)

    def _assemble(self, target: Path) -> None:
        def files(name: str) -> list[Path]:
            return [self.objects.file(path) for path in effective(self.job, name) or ()]

        main = self.objects.file(str(effective(self.job, "entrypoint")))
        assemble(target, main, files("dependency_jars"), files("dependency_files"))

    def _uri(self, path: str | None) -> str | None:
        return self.objects.place(path).as_uri() if path else None

    def _checkpoint_folder(self, path: str) -> str:
        return self.objects.place(SCHEME + path.removeprefix(SCHEME).strip("/")).as_uri()

    def _save(self, flink_id: str) -> None:
        request_id = self.job.engine.get("request")
        try:
            if request_id is None:
                self._ask_for_savepoint(flink_id)
                return
            answer = self.rest.savepoint(flink_id, request_id)
        except FlinkError as error:
            self._saved("", self._why(error.text))
            return
        if answer["status"]["id"] == "COMPLETED":
            operation = answer.get("operation") or {}
            failure = (operation.get("failure-cause") or {}).get("stack-trace", "")
            self._saved(str(operation.get("location") or ""), self._why(failure) if failure else "")

    def _ask_for_savepoint(self, flink_id: str) -> None:
        wanted = self.job.savepoint_folder or f"{SCHEME}{SAVEPOINTS}/{self.job.job_id}"
        try:
            folder = self.objects.place(wanted)
        except ObjectError as error:
            self._saved("", str(error))
            return
        folder.mkdir(parents=True, exist_ok=True)
        ask = self.rest.stop if self.job.making_savepoint == "stop" else self.rest.save
        request_id = ask(flink_id, folder.as_uri())
        self._change(lambda job, _now: job.engine.update(request=request_id))

    def _saved(self, location: str, failure: str) -> None:
        stopping = self.job.making_savepoint == "stop"
        superseded: list[str] = []

        def change(job: Job, now: int) -> None:
            job.engine.pop("request", None)
            if not location:
                job.making_savepoint = None
                job.enter("job_running", now, f"The savepoint failed: {failure or 'no reason given'}")
                return
            job.made_savepoint = self.objects.named(location)
            if stopping:
                job.engine["stopped"] = True
                superseded.extend([job.engine["used"]] if "used" in job.engine else [])
                job.engine["used"] = job.made_savepoint
            job.enter("job_canceling" if stopping else "job_running", now)

        if self._change(change):
            for path in superseded:
                self._forget_savepoint(path)

    def _forget_savepoint(self, path: str) -> None:
        """Remove a savepoint that an earlier stop made: the job has a newer one."""
        if path.startswith(f"{SCHEME}{SAVEPOINTS}/{self.job.job_id}/"):
            shutil.rmtree(self.objects.place(path), ignore_errors=True)

    def _look(self, flink_id: str) -> None:
        found = self.rest.job(flink_id)
        if found is None:
            self._settle("job_submit_fail" if self.job.status == "job_submitting" else "job_running_exception", GONE)
            return
        there = seen(found, self._of(self.rest.exceptions, flink_id), self._of(self.rest.checkpoints, flink_id))
        if there.state == "FAILED" and self._starts_empty(there):
            self._submit(None, empty=True)
            return
        self._change(lambda job, now: self._note(job, there, now))

    def _of(self, ask: Callable[[str], dict[str, Any]], flink_id: str) -> dict[str, Any]:
        try:
            return ask(flink_id)
        except FlinkError:
            return {}  # A job that is only beginning has none of it.

    def _note(self, job: Job, there: Seen, now: int) -> None:
        kept = job.engine
        ran = "running" in job.runs[-1]
        status = next_status(job.status, ran, kept["exception_time"], there, now)
        if there.exception_time > kept["exception_time"]:
            kept["exception_time"] = there.exception_time
            kept["restarts"] += 0 if there.ended else 1
        kept.update(checkpoints=there.checkpoints, checkpoint_time=there.checkpoint_time)
        if there.checkpoint:
            job.checkpoint = self.objects.named(there.checkpoint)
        if there.ended:
            kept.pop("id", None)
        if status == "job_running" and ran:
            job.recover(now)
        elif status is not None:
            if status == "job_finish" and not ran:
                job.enter("job_running", now)
            job.enter(status, now, self._why(there.exception) if there.exception else "")

    def _starts_empty(self, there: Seen) -> bool:
        """Write a restart without state down, if the job is to have one."""
        wanted = False

        def change(job: Job, now: int) -> None:
            nonlocal wanted
            recent = [each for each in job.engine["restarts_empty"] if each > now - HOUR_MS]
            wanted = submission.restarts_empty(job, len(recent))
            if wanted:
                job.engine["restarts_empty"] = [*recent, now]
                job.engine["exception_time"] = there.exception_time
                if job.status != "job_running_exception":
                    job.enter("job_running_exception", now, self._why(there.exception))

        return self._change(change) and wanted
