"""The engine that the user installed."""

import os
import shutil
from collections.abc import Mapping
from pathlib import Path

from tools.engine_install.pins import EXECUTABLES, OLDEST, Engine, parse_version
from tools.engine_install.process import answer
from tools.engine_install.unavailable import AbsentError, UnavailableError


def find(environ: Mapping[str, str], home: Path, exactly: Engine | None = None) -> tuple[str, list[Path]]:
    """Return version and folders of the engine on PATH that has all its programs; of one version if need be."""
    path = environ.get("PATH", os.defpath)
    pulumi = shutil.which("pulumi", path=path)
    if pulumi is None:
        raise AbsentError("there is no pulumi on PATH")
    version = _version(pulumi, environ, home)
    _expect_suitable(version, exactly)
    # The CLI also looks beside itself.
    beside = [str(Path(pulumi).parent), str(Path(pulumi).resolve().parent)]
    return version, _folders(version, os.pathsep.join([path, *beside]))


def _folders(version: str, search: str) -> list[Path]:
    folders: dict[Path, None] = {}
    for name in EXECUTABLES:
        program = shutil.which(name, path=search)
        if program is None:
            raise UnavailableError(f"pulumi {version} on PATH lacks {name}")
        folders[Path(program).parent] = None
    return list(folders)


def _version(pulumi: str, environ: Mapping[str, str], home: Path) -> str:
    private = {**environ, "PULUMI_SKIP_UPDATE_CHECK": "true", "PULUMI_HOME": str(home)}
    try:
        return answer([pulumi, "version"], private).removeprefix("v")
    except UnavailableError as error:
        raise UnavailableError(f"pulumi on PATH is broken: {error}") from None


def _expect_suitable(version: str, exactly: Engine | None) -> None:
    found, oldest = parse_version(version), parse_version(OLDEST.version)
    if found is None or oldest is None:
        raise UnavailableError("pulumi on PATH does not say its version")
    if exactly and found != parse_version(exactly.version):
        raise AbsentError(f"pulumi on PATH has version {version}, {exactly.version} was asked for")
    if not oldest <= found < (oldest[0] + 1,):
        needed = f"{OLDEST.version} or a newer {oldest[0]}.x is needed"
        raise UnavailableError(f"pulumi on PATH has version {version}, {needed}")
