"""Flink's REST API, as far as the emulator asks it."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote, urlencode

import urllib3

from .certificate import LOOPBACK, Certificate

SECONDS = 60.0
SECONDS_TO_SUBMIT = 180.0
"""The JAR's own main method runs meanwhile."""
FIRST_ERROR = 400


class UnreachableError(Exception):
    """Flink does not answer; it may be starting, very busy, or gone."""


class FlinkError(Exception):
    """Flink refused something; `text` is all it said, stack traces and all."""

    def __init__(self, status: int, text: str) -> None:
        """Keep the HTTP status and Flink's words."""
        super().__init__(text)
        self.status, self.text = status, text


class Rest:
    """The REST API of one cluster. Every method raises UnreachableError or FlinkError."""

    def __init__(self, port: int, certificate: Certificate) -> None:
        """Talk to this port of the machine, and to nobody who lacks the certificate."""
        self.pool = urllib3.HTTPSConnectionPool(
            LOOPBACK,
            port,
            cert_file=str(certificate.key.with_name("certificate.pem")),
            key_file=str(certificate.key),
            ca_certs=str(certificate.certificate),
            retries=False,
            maxsize=8,
        )

    def overview(self) -> dict[str, Any]:
        """Return how many TaskManagers, slots and jobs there are."""
        return self._ask("GET", "/overview")

    def job(self, flink_id: str) -> dict[str, Any] | None:
        """Return a job with its state and its tasks; None if Flink does not know it."""
        try:
            return self._ask("GET", f"/jobs/{quote(flink_id)}")
        except FlinkError as error:
            if error.status == 404:  # noqa: PLR2004 (HTTP's "not found")
                return None
            raise

    def exceptions(self, flink_id: str) -> dict[str, Any]:
        """Return the latest exceptions of a job, newest first."""
        return self._ask("GET", f"/jobs/{quote(flink_id)}/exceptions?maxExceptions=8")

    def checkpoints(self, flink_id: str) -> dict[str, Any]:
        """Return counts of a job's checkpoints, and the latest ones."""
        return self._ask("GET", f"/jobs/{quote(flink_id)}/checkpoints")

    def run(self, jar: str, body: dict[str, Any]) -> None:
        """Run the program in a JAR of the upload folder; returns when its job is accepted."""
        self._ask("POST", f"/jars/{quote(jar)}/run", body, SECONDS_TO_SUBMIT)

    def cancel(self, flink_id: str) -> None:
        """Begin to cancel a job."""
        self._ask("PATCH", f"/jobs/{quote(flink_id)}?{urlencode({'mode': 'cancel'})}")

    def stop(self, flink_id: str, folder: str) -> str:
        """Begin to stop a job with a savepoint in this folder; return the id to ask for."""
        body = {"targetDirectory": folder, "drain": False}
        return str(self._ask("POST", f"/jobs/{quote(flink_id)}/stop", body)["request-id"])

    def save(self, flink_id: str, folder: str) -> str:
        """Begin a savepoint of a job that goes on; return the id to ask for."""
        body = {"target-directory": folder, "cancel-job": False}
        return str(self._ask("POST", f"/jobs/{quote(flink_id)}/savepoints", body)["request-id"])

    def savepoint(self, flink_id: str, request_id: str) -> dict[str, Any]:
        """Return what became of a savepoint: {"status": {"id"}, "operation"}."""
        return self._ask("GET", f"/jobs/{quote(flink_id)}/savepoints/{quote(request_id)}")

    def _ask(self, method: str, path: str, body: Any = None, seconds: float = SECONDS) -> dict[str, Any]:
        more = {} if body is None else {"json": body}
        try:
            answer = self.pool.request(method, path, timeout=seconds, **more)
            told = answer.json() if answer.data else {}
        except urllib3.exceptions.HTTPError as error:
            raise UnreachableError(str(error)) from None
        except ValueError:
            told = {}
        if answer.status >= FIRST_ERROR:
            raise FlinkError(answer.status, "\n".join(map(str, told.get("errors", ()))))
        return dict(told)
