"""Make the pictures of the emulator's page, in a folder or in docs/evidence/images.

Called by `scripts/dev screenshots`.
Needs a browser (scripts/dev browser). The jobs are real ones of an emulator of the script's own.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path
from typing import Any

import requests

from pulumi_dli.emulator.server import Emulator, Options, running
from support import browser

FOLDER = Path(__file__).resolve().parents[2] / "docs" / "evidence" / "images"
QUEUES = (("streaming", 16), ("batch", 8), ("dev", None))
SECONDS = 20.0
SIZE = (1280, 1330)


class Console:
    """Does to an emulator what a day's work would."""

    def __init__(self, emulator: Emulator) -> None:
        """Talk to this emulator."""
        self._emulator = emulator
        self._session = requests.Session()
        self._session.headers["X-Auth-Token"] = emulator.token
        self._base = f"{emulator.url}/v1.0/{emulator.project_id}/streaming"

    def send(self, method: str, path: str, body: dict[str, Any]) -> Any:
        """Send a request and return its answer."""
        return self._session.request(method, f"{self._base}/{path}", json=body, timeout=10).json()

    def create(self, name: str, queue: str, cus: int, **more: Any) -> int:
        """Create a job."""
        properties = {"name": name, "queue_name": queue, "cu_number": cus, "entrypoint": f"obs://jars/{name}.jar"}
        return int(self.send("POST", "flink-jobs", {**properties, **more})["job"]["job_id"])

    def start(self, job_id: int, status: str = "job_running", **more: Any) -> None:
        """Start a job and wait for a status."""
        self.send("POST", "jobs/run", {"job_ids": [job_id], **more})
        self.wait(job_id, status)

    def wait(self, job_id: int, status: str) -> None:
        """Wait until a job is in a status."""
        deadline = time.monotonic() + SECONDS
        while self._emulator.job(job_id)["status"] != status:
            if time.monotonic() > deadline:
                raise SystemExit(f"job {job_id} does not come into {status}")
            time.sleep(0.02)


def work(emulator: Emulator) -> int:
    """Fill the queues; return the job whose timeline is worth a picture."""
    console = Console(emulator)
    arguments = {"entrypoint_args": "--password swordfish", "main_class": "com.example.Clickstream"}
    clickstream = console.create("clickstream", "streaming", 4, parallel_number=2, **arguments)
    console.start(clickstream)
    sessions = console.create("sessions", "streaming", 6)
    console.start(sessions)
    broken = console.create("enrichment", "batch", 3)
    emulator.set_behaviour(broken, fail_next_submit=1)
    console.start(broken, "job_submit_fail")
    console.send("PUT", f"flink-jobs/{clickstream}", {"smn_topic": "on-call"})
    console.send("PUT", f"flink-jobs/{clickstream}", {"cu_number": 8})
    console.send("POST", "jobs/stop", {"job_ids": [clickstream], "trigger_savepoint": True})
    console.wait(clickstream, "job_cancel_success")
    console.send("PUT", f"flink-jobs/{clickstream}", {"cu_number": 8, "parallel_number": 4})
    console.start(clickstream, resume_savepoint=True)
    late = console.create("late-orders", "streaming", 4)
    console.start(late, "job_submitting")
    console.create("experiment", "dev", 2)
    return clickstream


def main() -> int:
    """Take the pictures."""
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    with running(Options(time_factor=200, queues=QUEUES, log_secrets=True)) as emulator:
        job_id = work(emulator)
        refused = next(e["seq"] for e in emulator.requests("UpdateFlinkJarJob") if e["status"] != requests.codes.ok)
        for scheme in ("light", "dark"):
            with browser.opened(scheme, SIZE) as chrome:
                chrome.get(f"{emulator.url}/?job={job_id}")
                chrome.execute_script(f"document.getElementById('request-{refused}').open = true")
                chrome.save_screenshot(str(folder / f"emulator-{scheme}.png"))
    return 0


if __name__ == "__main__":
    sys.exit(main())
