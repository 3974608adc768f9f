"""The command `pulumi-dli`."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

from pulumi_dli.version import __version__


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one of the subcommands; return its exit code."""
    parser = argparse.ArgumentParser(prog="pulumi-dli", description="Tools around Flink JAR jobs on Data Lake Insight.")
    parser.add_argument("--version", action="version", version=f"pulumi-dli {__version__}")
    commands = parser.add_subparsers(dest="command", required=True)
    emulator = commands.add_parser("emulator", help="a strict stand-in for DLI on this machine")
    try:
        from pulumi_dli.emulator import command  # noqa: PLC0415 - an extra
    except ModuleNotFoundError as error:
        if error.name is None or error.name.startswith("pulumi_dli"):
            raise
        parser.exit(1, f"pulumi-dli emulator needs {error.name}: pip install 'pulumi-dli[emulator]'\n")
    command.add_arguments(emulator)
    return command.run(parser.parse_args(arguments))


if __name__ == "__main__":
    sys.exit(main())
