"""The JAR that Flink gets: the job's own, with its dependencies inside."""

from __future__ import annotations

import shutil
import zipfile
from collections.abc import Sequence
from pathlib import Path

JARS, FILES = "lib", "userData"
"""Flink finds JARs in a JAR's `lib`; DLI's documents name `userData` for dependency files [hw]."""


class PackageError(ValueError):
    """A file that is no JAR; the message is a sentence for the user."""


def assemble(target: Path, main: Path, jars: Sequence[Path], files: Sequence[Path]) -> None:
    """Write the JAR `main`, with these JARs and files inside, to `target`.

    It is a copy: what happens to the files later is of no concern to a job that runs. Raises PackageError.
    """
    for path in (main, *jars):
        if not zipfile.is_zipfile(path):
            raise PackageError(f"{path.name} is no JAR")
    shutil.copyfile(main, target)
    with zipfile.ZipFile(target, "a") as jar:
        for folder, paths in ((JARS, jars), (FILES, files)):
            for path in paths:
                jar.write(path, f"{folder}/{path.name}")
