"""Which Flink and which Java run the jobs: found on this machine, or their absence in one sentence."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from ..jobs.runtime import UnavailableError

VERSION = "1.20"
JAVA = (11, 17)
"""What this version of Flink is released for."""
SECONDS_FOR_JAVA = 30.0
INSTALL = "pip install 'pulumi-dli[flink]'"


@dataclass(frozen=True)
class Distribution:
    """A Flink and the Java that runs it."""

    java: Path
    java_version: int
    jars: Path
    """The folder of Flink's own JARs."""
    version: str


def find(environ: Mapping[str, str] | None = None) -> Distribution:
    """Return the Flink of FLINK_HOME, or else that of the extra `flink`, and the Java of JAVA_HOME or PATH.

    Raises UnavailableError.
    """
    environ = os.environ if environ is None else environ
    jars = _jars(environ)
    java = _java(environ)
    return Distribution(java, _java_version(java), jars, _flink_version(jars))


def _jars(environ: Mapping[str, str]) -> Path:
    home = environ.get("FLINK_HOME")
    if home:
        return Path(home).absolute() / "lib"
    found = find_spec("pyflink")
    for place in (found.submodule_search_locations or ()) if found else ():
        if (Path(place) / "lib").is_dir():
            return Path(place) / "lib"
    raise UnavailableError(f"--flink needs Flink: {INSTALL}, or set FLINK_HOME to a Flink {VERSION}")


def _flink_version(jars: Path) -> str:
    names = (re.fullmatch(r"flink-dist-(\d+\.\d+\.\S+)\.jar", path.name) for path in jars.glob("flink-dist-*.jar"))
    versions = [name[1] for name in names if name]
    if not versions:
        raise UnavailableError(f"--flink found no flink-dist JAR in {jars}: correct FLINK_HOME, or {INSTALL}")
    if not versions[0].startswith(f"{VERSION}."):
        raise UnavailableError(f"--flink runs Flink {VERSION}, but {jars} holds {versions[0]}: correct FLINK_HOME")
    return versions[0]


def _java(environ: Mapping[str, str]) -> Path:
    home = environ.get("JAVA_HOME")
    path = str(Path(home) / "bin") if home else environ.get("PATH", os.defpath)
    java = shutil.which("java", path=path)
    if java is None:
        where = f"JAVA_HOME ({home}) has no bin/java" if home else "there is no java on PATH"
        raise UnavailableError(f"--flink needs Java {' or '.join(map(str, JAVA))}, and {where}: install one")
    return Path(java)


def _java_version(java: Path) -> int:
    command = [str(java), "-version"]
    try:
        told = subprocess.run(  # noqa: S603 (the user's own java)
            command, capture_output=True, text=True, timeout=SECONDS_FOR_JAVA, check=True
        )
        number = re.search(r'version "(?:1\.)?(\d+)', told.stderr)
    except (OSError, subprocess.SubprocessError):
        number = None
    version = int(number[1]) if number else 0
    if version not in JAVA:
        what = f"Java {version}" if version else "no working Java"
        needed = " or ".join(map(str, JAVA))
        raise UnavailableError(f"--flink needs Java {needed}, and {java} is {what}: set JAVA_HOME to such a one")
    return version
