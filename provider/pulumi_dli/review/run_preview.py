"""Running the preview of a stack for a review."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from pathlib import Path

from pulumi_dli.foreign_text import sanitized
from pulumi_dli.redaction import masked_line
from pulumi_dli.review.errors import ReviewError
from pulumi_dli.review.preview_reader import Preview, read_preview

TIMEOUT = 3600


def preview_of(stack: str, folder: Path, *, refresh: bool = False) -> Preview:
    """Run `pulumi preview --json` for a stack of the project in `folder`; bounded by TIMEOUT seconds.

    Raises ReviewError where Pulumi is missing or the preview fails, with Pulumi's own reason.
    """
    program = shutil.which("pulumi")
    if program is None:
        raise ReviewError(
            "there is no pulumi on PATH: install Pulumi, or give files with the output of pulumi preview --json"
        )
    command = [program, "preview", "--json", "--non-interactive", "--stack", stack, *(["--refresh"] if refresh else [])]
    with tempfile.TemporaryFile() as output:
        try:
            ran = subprocess.run(  # noqa: S603 - the program found above, with words and no shell
                command,
                cwd=folder,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.PIPE,
                timeout=TIMEOUT,
                check=False,
            )
        except subprocess.TimeoutExpired:
            raise ReviewError(f"pulumi preview of {sanitized(stack, 100)} took longer than {TIMEOUT} s") from None
        output.seek(0)
        if ran.returncode and not output.read(1):
            raise ReviewError(f"pulumi preview of {sanitized(stack, 100)} failed: {_reason(ran.stderr)}")
        output.seek(0)
        read = read_preview(f"pulumi preview of {sanitized(stack, 100)}", output)
    if ran.returncode:
        raise ReviewError(f"pulumi preview of {sanitized(stack, 100)} failed: {_reason(ran.stderr)}")
    return read


def _reason(said: bytes) -> str:
    lines = [line.strip() for line in said.decode("utf-8", "replace").splitlines() if line.strip()]
    told = next((line for line in lines if line.startswith("error: ")), lines[0] if lines else "it gave no reason")
    return sanitized(masked_line(told.removeprefix("error: ")))
