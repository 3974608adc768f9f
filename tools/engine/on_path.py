"""The engine that the user installed."""

import os
import shutil
from collections.abc import Mapping
from pathlib import Path

from engine import pins
from engine.process import answer
from engine.unavailable import AbsentError, UnavailableError


def find(environ: Mapping[str, str], home: Path) -> tuple[str, list[Path]]:
    """Return version and folders of the engine on PATH that has all its programs."""
    path = environ.get("PATH", os.defpath)
    pulumi = shutil.which("pulumi", path=path)
    if pulumi is None:
        raise AbsentError("there is no pulumi on PATH")
    version = _version(pulumi, environ, home)
    # The CLI also looks beside itself.
    beside = [str(Path(pulumi).parent), str(Path(pulumi).resolve().parent)]
    search = os.pathsep.join([path, *beside])
    folders: list[Path] = []
    for name in pins.EXECUTABLES:
        program = shutil.which(name, path=search)
        if program is None:
            raise UnavailableError(f"pulumi {version} on PATH lacks {name}")
        if Path(program).parent not in folders:
            folders.append(Path(program).parent)
    return version, folders


def _version(pulumi: str, environ: Mapping[str, str], home: Path) -> str:
    private = {**environ, "PULUMI_SKIP_UPDATE_CHECK": "true", "PULUMI_HOME": str(home)}
    try:
        version = answer([pulumi, "version"], private).removeprefix("v")
    except UnavailableError as error:
        raise UnavailableError(f"pulumi on PATH is broken: {error}") from None
    found, oldest = pins.parse_version(version), pins.parse_version(pins.pulumi_version())
    if found is None or oldest is None:
        raise UnavailableError("pulumi on PATH does not tell its version")
    if not oldest <= found < (oldest[0] + 1,):
        needed = f"{pins.pulumi_version()} or a newer {oldest[0]}.x is needed"
        raise UnavailableError(f"pulumi on PATH has version {version}, {needed}")
    return version
