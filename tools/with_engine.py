"""Runs a command with the virtual environment and a Pulumi engine on PATH.

Called by scripts/with-engine with the Python of .venv.
"""

import os
import signal
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path

from engine.process import say
from engine.search import find_engine
from engine.unavailable import NoEngineError

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
HOME = ROOT / ".run" / "pulumi-home"
MISSING = "PULUMI_DLI_ENGINE_MISSING"


def environment(environ: Mapping[str, str], folders: Iterable[Path]) -> dict[str, str]:
    """Return the environment of the command.

    The language host takes the first python3 on PATH: .venv comes before everything else.
    """
    inherited = environ.get("PATH", os.defpath).split(os.pathsep)
    added = [str(folder) for folder in folders if str(folder) not in inherited]
    path = [str(VENV / "bin"), *added, *inherited]
    kept = {name: value for name, value in environ.items() if name not in (MISSING, "PYTHONHOME")}
    return kept | {
        "PATH": os.pathsep.join(path),
        "VIRTUAL_ENV": str(VENV),
        "PULUMI_HOME": str(HOME),
        "PULUMI_SKIP_UPDATE_CHECK": "true",
    }


def run(command: list[str], environ: Mapping[str, str]) -> int:
    """Become the command; return only if that is not possible."""
    try:
        os.execvpe(command[0], command, environ)  # noqa: S606
    except OSError as error:
        print(f"scripts/with-engine: {command[0]}: {error.strerror}", file=sys.stderr)
        return 127


def main(arguments: list[str]) -> int:
    """Find the engine and run the command; without one print the engine's folders."""
    optional = arguments[:1] == ["--optional"]
    command = arguments[1:] if optional else arguments
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    HOME.mkdir(parents=True, exist_ok=True)
    try:
        engine = find_engine(os.environ, HOME)
    except NoEngineError as error:
        say(str(error))
        if not (optional and command):
            return 1
        return run(command, environment(os.environ, []) | {MISSING: str(error)})
    except KeyboardInterrupt:
        say("interrupted")
        return 130
    say(f"Pulumi {engine.version}, {engine.origin}")
    if not command:
        print(os.pathsep.join(str(folder) for folder in engine.folders))
        return 0
    return run(command, environment(os.environ, engine.folders))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
