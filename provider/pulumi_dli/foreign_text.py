"""Text that others wrote (DLI, files, other programs), made harmless where it enters. Pure.

On terminals and in logs a text can move the cursor, hide or reorder what stands around it, or command the CI system
that reads the log. The one sanitiser for all of it.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from typing import Any

from pulumi_dli.redaction import masked

LONGEST = 300
# Control and format characters (direction marks, zero-width ones), separators, lone surrogates, unassigned ones.
_UNSEEN = frozenset({"Cc", "Cf", "Zl", "Zp", "Zs", "Cs", "Co", "Cn"})
# Seen, but wider or narrower than nothing: variation selectors, fillers of Hangul, the combining grapheme joiner.
_INVISIBLE = frozenset("\u034f\u115f\u1160\u3164\uffa0\u17b4\u17b5") | {chr(code) for code in range(0xFE00, 0xFE10)}
_LINE_END = re.compile(r"[ \t]*[\r\n]\s*|\t+")
# What starts a command: GitHub `::name::`, `##[group]`; Azure `##vso[`; TeamCity `##teamcity[`; GitLab
# `section_start:1:x`; Travis `travis_fold:`. A space inside makes it plain text, and it can still be read.
_COMMANDS = (
    (re.compile(r":(?=:)"), ": "),
    (re.compile(r"#(?=#)"), "# "),
    (re.compile(r"\b(section_start|section_end|travis_fold|travis_time):"), r"\1 :"),
)


class ForeignText:
    """A text of somebody else's: as text it is one safe line, and there is no other way to read it.

    Secrets are masked first, then what cannot be seen is written out, and the rest cut with a count.
    """

    __slots__ = ("_longest", "_raw", "_secrets")

    def __init__(self, raw: object, *, secrets: Iterable[str] = (), longest: int = LONGEST) -> None:
        """Take the text, the secrets that it may repeat, and how many characters are shown at most."""
        self._raw = str(raw)
        self._secrets = frozenset(secrets)
        self._longest = longest

    def masking(self, secrets: Iterable[str]) -> ForeignText:
        """Return the same text with further secrets masked."""
        return ForeignText(self._raw, secrets=self._secrets | frozenset(secrets), longest=self._longest)

    def __str__(self) -> str:
        """Return the safe line."""
        return sanitized(masked(self._raw, self._secrets), self._longest)

    def __repr__(self) -> str:
        """Return the safe line in quotes."""
        return f"ForeignText({str(self)!r})"

    def __format__(self, spec: str) -> str:
        """Return the safe line, formatted."""
        return format(str(self), spec)

    def __bool__(self) -> bool:
        """Tell whether it says anything."""
        return bool(self._raw.strip())

    def __eq__(self, other: object) -> bool:
        """Compare what can be read."""
        return isinstance(other, ForeignText) and str(self) == str(other)

    def __hash__(self) -> int:
        """Hash what can be read."""
        return hash(str(self))

    def __reduce__(self) -> tuple[type[ForeignText], tuple[str]]:
        """Pickle what can be read: the raw text does not leave this process."""
        return ForeignText, (str(self),)


NOTHING = ForeignText("")


def sanitized(text: str, longest: int = LONGEST) -> str:
    """Return the text on one line, with characters that are not seen written out, cut with a count of the rest."""
    line = _LINE_END.sub(" ", text).strip()
    kept = line[:longest]
    cut = f"... ({len(line) - longest} more characters)" if len(line) > longest else ""
    return without_commands("".join(map(_visible, kept))) + cut


def sanitized_urn(urn: str) -> str:
    """Return a URN as one safe line; the `::` between its parts stay."""
    return "::".join(sanitized(part) for part in urn.split("::"))


def without_commands(text: str) -> str:
    """Return the text with everything that a CI system would take for a command pulled apart."""
    for pattern, apart in _COMMANDS:
        text = pattern.sub(apart, text)
    return text


def _visible(character: str) -> str:
    if character.isascii() and character.isprintable():
        return character
    unseen = unicodedata.category(character) in _UNSEEN or character in _INVISIBLE
    return f"\\u{{{ord(character):x}}}" if unseen else character


def safe(value: Any) -> str:
    """Return whatever is given as one safe line: for values that only messages show."""
    return str(value if isinstance(value, ForeignText) else ForeignText(value))
