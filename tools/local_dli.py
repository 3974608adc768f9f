"""An emulator in a process of its own, for the demonstration and the benchmarks, seen through its controls."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import requests

START_TIMEOUT = 30.0


class LocalDli:
    """A running emulator."""

    def __init__(self, started: Mapping[str, Any]) -> None:
        """Take what the emulator said when it was ready."""
        self.url: str = started["url"]
        self._headers = {"X-Emulator-Token": started["control_token"]}

    def requests(self, since: int = 0, operation: str | None = None) -> list[dict[str, Any]]:
        """Return the requests that the service received after number `since`."""
        query: dict[str, str | int] = {"since": since, **({"operation": operation} if operation else {})}
        return list(self._control("GET", "requests", params=query)["requests"])

    def last_request(self) -> int:
        """Return the number of the newest request."""
        return max((int(each["seq"]) for each in self.requests()), default=0)

    def clear_requests(self) -> None:
        """Forget all requests."""
        self._control("DELETE", "requests")

    def counts(self) -> Counter[str]:
        """Return how many requests there were, by operation."""
        return Counter(str(each["operation"]) for each in self.requests())

    def set_durations(self, durations: Mapping[str, float]) -> None:
        """Set how many seconds the passing statuses last."""
        self._control("PUT", "durations", json=dict(durations))

    def _control(self, method: str, path: str, **more: Any) -> Any:
        answer = requests.request(method, f"{self.url}/_emulator/{path}", headers=self._headers, timeout=60, **more)
        answer.raise_for_status()
        return answer.json() if answer.content else None


@contextmanager
def local_dli(folder: Path, *options: str) -> Iterator[LocalDli]:
    """Run an emulator on a free port; its log and its ready file are in `folder`."""
    ready = folder / "emulator.json"
    ready.unlink(missing_ok=True)
    with (folder / "emulator.log").open("w") as log:
        command = [sys.executable, "-m", "pulumi_dli.cli", "emulator", "--port", "0", "--ready-file", str(ready)]
        process = subprocess.Popen([*command, *options], stdout=log, stderr=log)
        try:
            yield LocalDli(_started(process, ready))
        finally:
            process.terminate()
            process.wait(timeout=START_TIMEOUT)


def _started(process: subprocess.Popen[bytes], ready: Path) -> dict[str, Any]:
    end = time.monotonic() + START_TIMEOUT
    while not ready.exists():
        if process.poll() is not None or time.monotonic() > end:
            raise SystemExit(f"the emulator did not start; see {ready.with_suffix('.log')}")
        time.sleep(0.05)
    return dict(json.loads(ready.read_text()))
