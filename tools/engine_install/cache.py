"""The cache folder: a finished engine is moved there in one step, so what is there is complete."""

import os
import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from tempfile import mkdtemp

from tools.engine_install import pins
from tools.engine_install.process import answer, say
from tools.engine_install.unavailable import UnavailableError
from tools.file_lock import locked

UNFINISHED = ".unfinished-"


@dataclass(frozen=True)
class Cache:
    """The folder `${XDG_CACHE_HOME:-~/.cache}/pulumi-dli`."""

    folder: Path

    @staticmethod
    def of_user(environ: Mapping[str, str]) -> "Cache":
        """Return the user's cache."""
        configured = environ.get("XDG_CACHE_HOME", "")
        base = Path(configured) if Path(configured).is_absolute() else Path.home() / ".cache"
        return Cache(base / "pulumi-dli")

    @property
    def engines(self) -> Path:
        """Return the folder of the engines."""
        return self.folder / "engine"

    def find(self, name: str) -> Path | None:
        """Return the folder of the engine's programs, None if it is not there."""
        programs = self.engines / name / "bin"
        present = all(os.access(programs / file, os.X_OK) for file in pins.EXECUTABLES)
        return programs if present else None

    def make(self, name: str, version: str, fill: Callable[[Path], None]) -> Path:
        """Let `fill` make an engine in a folder of its own, prove it, and move it into place."""
        with locked(self.engines / "lock", lambda: say("waiting for another run")):
            found = self.find(name)
            if found:
                return found
            self._clean(name)
            unfinished = Path(mkdtemp(prefix=UNFINISHED, dir=self.engines))
            unfinished.chmod(0o755)
            try:
                fill(unfinished)
                prove(unfinished, version)
                unfinished.rename(self.engines / name)
            finally:
                shutil.rmtree(unfinished, ignore_errors=True)
        return self.engines / name / "bin"

    def _clean(self, name: str) -> None:
        """Remove what runs that were killed left behind, and a damaged engine; needs the lock."""
        for folder in (*self.engines.glob(f"{UNFINISHED}*"), self.engines / name):
            shutil.rmtree(folder, ignore_errors=True)


def prove(folder: Path, version: str) -> None:
    """Raise UnavailableError unless the engine in this folder is whole, starts, and has the version."""
    programs = folder / "bin"
    for name in pins.EXECUTABLES:
        if not os.access(programs / name, os.X_OK):
            raise UnavailableError(f"{name} is missing in what was made")
    environ = {
        **os.environ,
        "PULUMI_SKIP_UPDATE_CHECK": "true",
        "PULUMI_HOME": str(folder / "home"),
    }
    found = answer([programs / "pulumi", "version"], environ)
    if pins.parse_version(found) != pins.parse_version(version):
        raise UnavailableError(f"what was made calls itself {found}")
