"""Run a command with the virtual environment and a Pulumi engine on PATH.

Called by scripts/with-engine with the Python of .venv, in the project's folder; its first argument is the folder that
the command is to run in.
"""

import os
import shutil
import signal
import sys
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from tools.engine_install import pins
from tools.engine_install.process import say
from tools.engine_install.search import CHOOSE, Found, find_engine
from tools.engine_install.unavailable import NoEngineError

ROOT = Path(__file__).resolve().parents[2]
VENV = ROOT / ".venv"
HOME = ROOT / ".run" / "pulumi-home"
MISSING = "PULUMI_DLI_ENGINE_MISSING"
ENGINES = {f"--{name}": name for name in pins.BY_NAME}


def environment(environ: Mapping[str, str], folders: Sequence[Path]) -> dict[str, str]:
    """Return the environment of the command.

    The language host takes the first python3 on PATH: .venv comes before everything else.
    """
    inherited = environ.get("PATH", os.defpath).split(os.pathsep)
    path = [str(VENV / "bin"), *_added(folders, inherited), *inherited]
    kept = {name: value for name, value in environ.items() if name not in (MISSING, "PYTHONHOME")}
    return kept | {
        "PATH": os.pathsep.join(path),
        "VIRTUAL_ENV": str(VENV),
        "PULUMI_HOME": str(HOME),
        "PULUMI_SKIP_UPDATE_CHECK": "true",
    }


def _added(folders: Iterable[Path], inherited: Sequence[str]) -> list[str]:
    """Return the folders to be put before PATH: where another engine comes first there, all of them."""
    pulumi = shutil.which("pulumi", path=os.pathsep.join(inherited))
    first = pulumi is not None and Path(pulumi).parent in folders
    return [str(folder) for folder in folders if not (first and str(folder) in inherited)]


def run(command: list[str], folder: str, environ: Mapping[str, str]) -> int:
    """Become the command; return only if that is not possible."""
    os.chdir(folder)
    try:
        os.execvpe(command[0], command, {**environ, "PWD": folder})  # noqa: S606
    except OSError as error:
        print(f"scripts/with-engine: {command[0]}: {error.strerror}", file=sys.stderr)
        return 127


def main(arguments: list[str]) -> int:
    """Find the engine and run the command; without one print the engine's folders."""
    folder, *command = arguments
    environ = dict(os.environ)
    optional = _options(command, environ)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    HOME.mkdir(parents=True, exist_ok=True)
    try:
        engine = find_engine(environ, HOME)
    except NoEngineError as error:
        say(str(error))
        if not (optional and command):
            return 1
        return run(command, folder, environment(environ, []) | {MISSING: str(error)})
    except KeyboardInterrupt:
        say("interrupted")
        return 130
    return _with(engine, command, folder, environ)


def _options(command: list[str], environ: dict[str, str]) -> bool:
    """Take the options from before the command; return whether it runs without an engine too."""
    optional = False
    while command and command[0] in ("--optional", *ENGINES):
        option = command.pop(0)
        if option in ENGINES:
            environ[CHOOSE] = ENGINES[option]
        else:
            optional = True
    return optional


def _with(engine: Found, command: list[str], folder: str, environ: Mapping[str, str]) -> int:
    say(f"Pulumi {engine.version}, {engine.origin}")
    if command:
        return run(command, folder, environment(environ, engine.folders))
    print(os.pathsep.join(str(each) for each in engine.folders))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
