"""The engine built from its Go modules. Needs Go (or PyPI) and a Go module proxy."""

import shutil
from collections.abc import Mapping
from pathlib import Path

from engine import go_toolchain, pins
from engine.cache import Cache
from engine.process import Step, answer, say

SECONDS_TO_BUILD = 3600
SDK = "github.com/pulumi/pulumi/sdk/v3"
SHIMS = (
    "python/cmd/pulumi-language-python-exec",
    "python/dist/pulumi-resource-pulumi-python",
)


def build(cache: Cache, environ: Mapping[str, str]) -> Path:
    """Return the folder of the programs, built into the cache."""
    caches = cache.folder / "go"
    log = cache.folder / "build.log"

    def fill(folder: Path) -> None:
        go_environ = go_toolchain.environment(caches, environ) | {"GOTMPDIR": str(folder)}
        go = go_toolchain.find(caches, go_environ)
        Builder(go, go_environ, folder / "bin", log).build()

    programs = cache.make(pins.built_name(), fill)
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

    def build(self) -> None:
        """Build CLI and language host, and copy the two scripts that belong to them."""
        self.programs.mkdir()
        version = pins.pulumi_version()
        flags = f"-s -w -X {SDK}/go/common/version.Version=v{version}"
        cli = "github.com/pulumi/pulumi/pkg/v3/cmd/pulumi"
        self._compile(f"building Pulumi {version} from source", pins.CLI, cli, flags)
        host = f"{SDK}/python/cmd/pulumi-language-python"
        self._compile("building its Python language host", pins.LANGUAGE_HOST, host, "-s -w")
        self._copy_shims()

    def _compile(self, title: str, module: Path, package: str, flags: str) -> None:
        options = ["-v", "-mod=readonly", "-trimpath", "-buildvcs=false", "-ldflags", flags]
        output = self.programs / package.rpartition("/")[2]
        command = [str(self.go), "build", *options, "-o", str(output), package]
        Step(title, command, SECONDS_TO_BUILD).run(module, self.environ, self.log)

    def _copy_shims(self) -> None:
        list_folder = ["list", "-mod=readonly", "-m", "-f", "{{.Dir}}", SDK]
        answered = answer([str(self.go), "-C", str(pins.CLI), *list_folder], self.environ, 120)
        sdk = Path(answered)
        for shim in SHIMS:
            copy = Path(shutil.copyfile(sdk / shim, self.programs / Path(shim).name))
            copy.chmod(0o755)


def _remove(caches: Path) -> None:
    """Remove what only the build needed: some 3.5 GB against 130 MB of engine."""
    if caches.exists():
        say("removing the modules and objects of the build")
        shutil.rmtree(caches, ignore_errors=True)
