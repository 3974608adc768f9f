"""Open Telekom Cloud's own Go SDK as a signer: tests/support/otc_signer, built by tools/build/otc_signer.py."""

from __future__ import annotations

import base64
import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import pytest

from support.places import ROOT

BUILDER = [sys.executable, "-m", "tools.build.otc_signer"]


class OtcSdk:
    """The SDK in a process that signs one request per line."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process

    def signed(  # noqa: PLR0917 - what a request consists of
        self,
        access_key: str,
        secret_key: str,
        method: str,
        url: str,
        headers: Mapping[str, str],
        body: bytes | None = None,
        seconds_ago: int = 0,
    ) -> tuple[str, str]:
        """Return the X-Sdk-Date that it took, and the Authorization."""
        asked: dict[str, Any] = {
            "AccessKey": access_key,
            "SecretKey": secret_key,
            "Method": method,
            "URL": url,
            "Headers": dict(headers),
            "Body": None if body is None else base64.b64encode(body).decode(),
            "SecondsAgo": seconds_ago,
        }
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(asked) + "\n")
        self._process.stdin.flush()
        answer = json.loads(self._process.stdout.readline())
        return answer["Date"], answer["Authorization"]


@contextmanager
def running() -> Iterator[OtcSdk]:
    """Run it. Skips, outside of CI, where it cannot be built; says why."""
    found = subprocess.run(BUILDER, cwd=ROOT, capture_output=True, text=True, timeout=600, check=False)
    if found.returncode != 0:
        reason = f"no Go SDK to compare with: {found.stderr.strip().splitlines()[-1]}"
        if os.environ.get("CI") == "true":
            pytest.fail(reason)
        pytest.skip(reason)
    process = subprocess.Popen([found.stdout.strip()], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    with process:
        yield OtcSdk(process)
