"""Build the program that signs requests as Open Telekom Cloud's own Go SDK does, and prints its path.

For the tests of signatures alone. The source is tests/support/otc_signer; what was built is kept in the user's
cache. Exits with 1 and one line on stderr where no Go, or not the module, can be had.
"""

import hashlib
import os
import platform
import shutil
import sys
from collections.abc import Mapping
from pathlib import Path
from tempfile import mkdtemp

from tools.engine_install import go_toolchain
from tools.engine_install.cache import Cache
from tools.engine_install.pins import go_version
from tools.engine_install.process import Step
from tools.engine_install.unavailable import UnavailableError
from tools.file_lock import locked

SOURCE = Path(__file__).resolve().parents[2] / "tests" / "support" / "otc_signer"
SECONDS = 600


def built(environ: Mapping[str, str]) -> Path:
    """Return the program, built unless it is there already."""
    cache = Cache.of_user(environ).folder / "otc-signer"
    program = cache / _fingerprint()
    with locked(cache / "lock", lambda: None):
        if not program.exists():
            _build(cache, program, environ)
    return program


def _fingerprint() -> str:
    content = b"\0".join((SOURCE / name).read_bytes() for name in ("go.mod", "go.sum", "main.go"))
    machine = f"{platform.system()}-{platform.machine()}".lower()
    return f"{hashlib.sha256(content).hexdigest()[:12]}-{machine}"


def _build(cache: Path, program: Path, environ: Mapping[str, str]) -> None:
    folder = Path(mkdtemp(prefix=".unfinished-", dir=cache))
    try:
        go_environ = go_toolchain.environment(folder, environ)
        go = go_toolchain.find(go_version(SOURCE), folder, go_environ)
        options = ["-mod=readonly", "-trimpath", "-buildvcs=false"]
        command = [str(go), "build", *options, "-o", str(folder / "program"), "."]
        Step("building the signer of the tests", command, SECONDS).run(SOURCE, go_environ, cache / "build.log")
        (folder / "program").rename(program)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def main() -> int:
    """Print the program's path."""
    try:
        print(built(os.environ))
    except UnavailableError as reason:
        print(reason, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
