"""The Containerfile: what it copies is there, and what it starts is the emulator with options that it knows."""

from __future__ import annotations

import argparse
import json
import re
from pathlib import Path

from pulumi_dli.emulator import command
from support.places import ROOT

# Backslashes join lines.
LINES = (ROOT / "Containerfile").read_text().replace("\\\n", " ").splitlines()


def instructions(word: str) -> list[str]:
    return [line.removeprefix(word).strip() for line in LINES if line.startswith(f"{word} ")]


def test_what_it_copies_from_the_project_is_there() -> None:
    """And is all that building the package needs."""
    copied = [name for line in instructions("COPY") if "--from" not in line for name in line.split()[:-1]]
    assert all((ROOT / name).exists() for name in copied)
    assert {"pyproject.toml", "README.md", "LICENSE", "provider", "requirements.lock"} == set(copied)


def test_what_it_starts_is_the_emulator_on_every_address_with_its_data_in_the_volume() -> None:
    """The options of its entry point are parsed by the command line itself."""
    program, subcommand, *arguments = json.loads(instructions("ENTRYPOINT")[0])
    parser = argparse.ArgumentParser()
    command.add_arguments(parser)
    options = command.options_from(parser.parse_args(arguments))
    assert (Path(program).name, subcommand, options.host) == ("pulumi-dli", "emulator", "0.0.0.0")  # noqa: S104
    assert str(options.data).startswith(f"{instructions('VOLUME')[0]}/")
    assert instructions("EXPOSE") == [str(options.port)]


def test_it_asks_for_the_health_of_the_port_that_it_exposes() -> None:
    """By the health endpoint."""
    found = re.search(r"http://localhost:(\d+)/health", instructions("HEALTHCHECK")[0])
    assert found
    assert found[1] == instructions("EXPOSE")[0]
