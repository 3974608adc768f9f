"""The command `pulumi-dli`: each subcommand is a module of its own, loaded when it is asked for."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from importlib import import_module

from pulumi_dli.version import __version__


@dataclass(frozen=True)
class Subcommand:
    """A subcommand: `module` has `add_arguments(parser)` and `run(arguments)`, its exit code; `extra` is its need."""

    module: str
    line: str
    extra: str | None = None


SUBCOMMANDS: dict[str, Subcommand] = {
    "doctor": Subcommand("pulumi_dli.doctor", "which settings and credentials count, and whether DLI takes them"),
    "adopt": Subcommand("pulumi_dli.adopt.command", "write a program that adopts existing jobs as they are"),
    "emulator": Subcommand("pulumi_dli.emulator.command", "a strict stand-in for DLI on this machine", "emulator"),
    "review": Subcommand("pulumi_dli.review.command", "what previews mean for the jobs of their stacks", "review"),
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one of the subcommands; return its exit code."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    parser = argparse.ArgumentParser(prog="pulumi-dli", description="Tools around Flink JAR jobs on Data Lake Insight.")
    parser.add_argument("--version", action="version", version=f"pulumi-dli {__version__}")
    commands = parser.add_subparsers(dest="command", required=True)
    parsers = {name: commands.add_parser(name, help=each.line) for name, each in SUBCOMMANDS.items()}
    name = next((word for word in words if not word.startswith("-")), "")
    if name not in SUBCOMMANDS:
        parser.parse_args(words)
        return 2
    return _run(parser, name, parsers[name], words)


def _run(parser: argparse.ArgumentParser, name: str, own: argparse.ArgumentParser, words: Sequence[str]) -> int:
    chosen = SUBCOMMANDS[name]
    try:
        module = import_module(chosen.module)
    except ModuleNotFoundError as error:
        if chosen.extra is None or error.name is None or error.name.startswith("pulumi_dli"):
            raise
        parser.exit(1, f"pulumi-dli {name} needs {error.name}: pip install 'pulumi-dli[{chosen.extra}]'\n")
    module.add_arguments(own)
    code: int = module.run(parser.parse_args(words))
    return code


if __name__ == "__main__":
    sys.exit(main())
