"""Looking for the suite's secrets in what it leaves behind, as they are and in the encodings in which texts travel."""

from __future__ import annotations

import base64
import json
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import quote, quote_plus

from pulumi_dli.emulator.steering.journal import SECRET_PROPERTIES, masked
from support.made_up import SECRETS

NOWHERE: frozenset[str] = frozenset()


def leaks(content: str | bytes, place: str, known: Collection[str] = NOWHERE) -> list[str]:
    """Return which secrets stand in a content, by their names and never by their values; `known` ones may."""
    data = content.encode(errors="surrogateescape") if isinstance(content, str) else content
    return [
        f"{place}: {name}{encoding}" for name, encoding, needle in _needles() if name not in known and needle in data
    ]


def expect_none(found: list[str]) -> None:
    """Fail where a secret was found."""
    __tracebackhide__ = True
    if found:
        raise AssertionError("secrets in the clear:\n" + "\n".join(sorted(set(found))))


@cache
def _needles() -> tuple[tuple[str, str, bytes], ...]:
    return tuple(
        (name, encoding, needle) for name, secret in SECRETS.items() for encoding, needle in _forms(secret).items()
    )


def _forms(secret: str) -> dict[str, bytes]:
    """Return a secret in each encoding that changes it."""
    plain = secret.encode()
    forms = {
        "": plain,
        ", escaped as JSON": json.dumps(secret)[1:-1].encode(),
        ", encoded for a URL": quote(secret, safe="").encode(),
        ", encoded for a form": quote_plus(secret).encode(),
        **{f", in base64 at {start}": _in_base64(plain, start) for start in range(3)},
    }
    return {name: form for name, form in forms.items() if name == "" or form != plain}


def _in_base64(plain: bytes, start: int) -> bytes:
    """Return the characters that a text has in base64 wherever it begins at `start`, modulo 3, of a longer one."""
    encoded = base64.b64encode(b"\0" * start + plain)
    whole = (start + len(plain)) * 8 // 6
    return encoded[-(-start * 8 // 6) : whole]


@dataclass
class Folder:
    """A folder that fills up: each state of each file is searched once."""

    path: Path
    known: Collection[str] = NOWHERE
    """Names of secrets that a test has put there in plain text, as a user might."""
    given: set[str] = field(default_factory=set)
    """Files that are a test's own input: programs, and what they read."""
    _seen: dict[Path, tuple[int, int]] = field(default_factory=dict)

    def leaks(self) -> Iterator[str]:
        """Yield the secrets in files that are new or changed since the last time."""
        for path in self.path.rglob("*"):
            name = str(path.relative_to(self.path))
            if name in self.given or path.is_symlink() or not path.is_file():
                continue
            try:
                about = path.stat()
                state = (about.st_mtime_ns, about.st_size)
                if self._seen.get(path) != state:
                    self._seen[path] = state
                    yield from leaks(path.read_bytes(), name, self.known)
            except FileNotFoundError:  # an engine that was left running removes its locks
                continue


@dataclass
class Watch:
    """What a module of tests has made so far that is to be searched at its end."""

    folders: list[Folder] = field(default_factory=list)
    requests: list[tuple[dict[str, Any], bool]] = field(default_factory=list)
    """Entries of emulators' logs, and whether the log was asked to keep the properties of jobs."""

    def leaks(self) -> list[str]:
        """Return the secrets in all of it, and forget it."""
        found = [each for folder in self.folders for each in folder.leaks()]
        for entry, keeps in self.requests:
            found += leaks(json.dumps(_shown(entry, keeps)), f"emulator's log, {entry['operation']}")
        self.folders.clear()
        self.requests.clear()
        return found


def _shown(entry: dict[str, Any], keeps: bool) -> dict[str, Any]:
    """Return an entry without what it holds by a test's own wish: a scripted answer, jobs' properties.

    And without the headers' names: X-Emulator-Token has the emulator's token in its name.
    """
    shown = {**entry, "headers": [*entry["headers"].values()], "answer": None if entry["fault"] else entry["answer"]}
    return masked(shown, SECRET_PROPERTIES) if keeps else shown


WATCH = Watch()
