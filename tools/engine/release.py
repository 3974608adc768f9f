"""The official release, by the installer of Pulumi's Automation API. Needs the internet.

Run as a program it is the child process of `download`, so that the time it takes can be bounded.
"""

import socket
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from engine import pins
from engine.cache import Cache
from engine.process import Step, last_line

SECONDS_TO_CONNECT = 10
SECONDS_TO_DOWNLOAD = 600


def download(cache: Cache, environ: Mapping[str, str]) -> Path:
    """Return the folder of the programs of the release, downloaded into the cache."""
    title = f"downloading Pulumi {pins.pulumi_version()}"
    log = cache.folder / "release.log"

    def fill(folder: Path) -> None:
        arguments = [str(folder), pins.pulumi_version()]
        command = [sys.executable, "-m", "engine.release", *arguments]
        private = {
            **environ,
            "PYTHONPATH": str(Path(__file__).resolve().parent.parent),
            "PULUMI_HOME": str(folder / "home"),
            "TMPDIR": str(folder),
        }
        Step(title, command, SECONDS_TO_DOWNLOAD).run(folder, private, log)

    return cache.make(pins.release_name(), fill)


def install(folder: str, version: str) -> None:
    """Install the release into a folder."""
    from pulumi.automation import PulumiCommand  # noqa: PLC0415 - slow, and seldom needed
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
