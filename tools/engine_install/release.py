"""The official release, by the installer of Pulumi's Automation API. Needs the internet.

Run as a program it is the child process of `download`, so that the time it takes can be bounded.
"""

import socket
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from tools.engine_install.cache import Cache
from tools.engine_install.pins import Engine
from tools.engine_install.process import Step, last_line

ROOT = Path(__file__).resolve().parents[2]
SECONDS_TO_CONNECT = 10
SECONDS_TO_DOWNLOAD = 600


def download(engine: Engine, cache: Cache, environ: Mapping[str, str]) -> Path:
    """Return the folder of the programs of the release, downloaded into the cache."""
    title = f"downloading Pulumi {engine.version}"
    log = cache.folder / "release.log"

    def fill(folder: Path) -> None:
        command = [sys.executable, "-m", "tools.engine_install.release", str(folder), engine.version]
        private = {
            **environ,
            "PULUMI_HOME": str(folder / "home"),
            "TMPDIR": str(folder),
        }
        Step(title, command, SECONDS_TO_DOWNLOAD).run(ROOT, private, log)

    return cache.make(engine.release_name, engine.version, fill)


def install(folder: str, version: str) -> None:
    """Install the release into a folder."""
    from pulumi.automation import PulumiCommand  # noqa: PLC0415 - slow, and rarely needed
    from semver import VersionInfo  # noqa: PLC0415

    socket.setdefaulttimeout(SECONDS_TO_CONNECT)
    PulumiCommand.install(folder, VersionInfo.parse(version))


def main(folder: str, version: str) -> int:
    """Install; say in one line why it failed."""
    try:
        install(folder, version)
    except subprocess.CalledProcessError as error:
        print(last_line(error.output.decode(errors="replace")))
    except Exception as error:  # noqa: BLE001 - whatever it is, the next source is tried
        print(error)
    else:
        return 0
    return 1


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
