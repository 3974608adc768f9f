"""The engine built from its Go modules. Needs Go (or PyPI) and a Go module proxy."""

import shutil
from collections.abc import Mapping
from pathlib import Path

from tools.engine_install import go_toolchain
from tools.engine_install.cache import Cache
from tools.engine_install.pins import LANGUAGE_HOST, Engine
from tools.engine_install.process import Step, answer, say

SECONDS_TO_BUILD = 3600
SDK = "github.com/pulumi/pulumi/sdk/v3"
SHIMS = (
    "python/cmd/pulumi-language-python-exec",
    "python/dist/pulumi-resource-pulumi-python",
)


def build(engine: Engine, cache: Cache, environ: Mapping[str, str]) -> Path:
    """Return the folder of the engine's programs, built into the cache."""
    caches = cache.folder / "go"
    log = cache.folder / "build.log"

    def fill(folder: Path) -> None:
        go_environ = go_toolchain.environment(caches, environ) | {"GOTMPDIR": str(folder)}
        go = go_toolchain.find(engine.go_version, caches, go_environ)
        Builder(go, go_environ, folder / "bin", log).build(engine)

    programs = cache.make(engine.built_name, engine.version, fill)
    _remove(caches)
    return programs


class Builder:
    """Builds the programs of the engine into one folder."""

    def __init__(self, go: Path, environ: Mapping[str, str], programs: Path, log: Path) -> None:
        """Take `go` with its environment; what it builds goes to `programs`, what it says to `log`."""
        self.go = go
        self.environ = environ
        self.programs = programs
        self.log = log

    def build(self, engine: Engine) -> None:
        """Build CLI and language host, and copy the two scripts that belong to them."""
        self.programs.mkdir()
        flags = f"-s -w -X {SDK}/go/common/version.Version=v{engine.version}"
        cli = "github.com/pulumi/pulumi/pkg/v3/cmd/pulumi"
        self._compile(f"building Pulumi {engine.version} from source", engine.module, cli, flags)
        host = f"{SDK}/python/cmd/pulumi-language-python"
        self._compile("building its Python language host", LANGUAGE_HOST, host, "-s -w")
        self._copy_shims(engine)

    def _compile(self, title: str, module: Path, package: str, flags: str) -> None:
        options = ["-v", "-mod=readonly", "-trimpath", "-buildvcs=false", "-ldflags", flags]
        output = self.programs / package.rpartition("/")[2]
        command = [str(self.go), "build", *options, "-o", str(output), package]
        Step(title, command, SECONDS_TO_BUILD).run(module, self.environ, self.log)

    def _copy_shims(self, engine: Engine) -> None:
        list_folder = ["list", "-mod=readonly", "-m", "-f", "{{.Dir}}", SDK]
        answered = answer([str(self.go), "-C", str(engine.module), *list_folder], self.environ, 120)
        sdk = Path(answered)
        for shim in SHIMS:
            copy = Path(shutil.copyfile(sdk / shim, self.programs / Path(shim).name))
            copy.chmod(0o755)


def _remove(caches: Path) -> None:
    """Remove what only the build needed: some 3.5 GB against 130 MB of engine."""
    if caches.exists():
        say("removing the modules and objects of the build")
        shutil.rmtree(caches, ignore_errors=True)
