"""What is generated from the declarations is up to date."""

from __future__ import annotations

import subprocess
import sys

from support.places import ROOT


def test_generated_files_are_up_to_date() -> None:
    """The typed arguments and the reference pages say what the declarations say."""
    done = subprocess.run(
        [sys.executable, "-m", "tools.build.generate", "--check"], cwd=ROOT, capture_output=True, text=True, check=False
    )

    assert (done.stdout, done.stderr, done.returncode) == ("", "", 0)
