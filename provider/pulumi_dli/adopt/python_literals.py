"""Python's source text of plain values, in the form that `ruff format` and Black leave as it is.

What stands in a value cannot become code: a text is written character by character, everything that does not print
(line ends, direction marks, lone surrogates) as an escape.
"""

from __future__ import annotations

from collections.abc import Iterator
from textwrap import wrap
from typing import Any

from pulumi_dli.foreign_text import sanitized

LONGEST_COMMENT = 2000
INDENT = "    "
LINE = 88  # what ruff and Black take for a line's length where nothing else is set


def literal(value: Any, depth: int = 0) -> str:
    """Return the source text of a value as JSON has them; lists and objects one item a line, indented to `depth`."""
    if isinstance(value, str):
        return text_literal(value)
    if isinstance(value, (list, tuple)):
        return _bracketed("[]", [literal(item, depth + 1) for item in value], depth)
    if isinstance(value, dict):
        items = [f"{literal(key)}: {literal(item, depth + 1)}" for key, item in value.items()]
        return _bracketed("{}", items, depth)
    return repr(value)


def text_literal(text: str) -> str:
    """Return the source text of a string: in double quotes, unless it holds more of these than of single ones."""
    quote = "'" if text.count('"') > text.count("'") else '"'
    # A log of the program is not to command a CI system that reads it.
    return quote + "".join(_escaped(text, quote)).replace("##", "#\\x23") + quote


def comment(text: str) -> list[str]:
    """Return a text as comment lines; nothing of it ends the comment."""
    return [
        f"# {part}"
        for part in wrap(sanitized(text, LONGEST_COMMENT), LINE - 2, break_long_words=False, break_on_hyphens=False)
    ]


def _escaped(text: str, quote: str) -> Iterator[str]:
    for char in text:
        yield f"\\{quote}" if char == quote else char if char in "'\"" else repr(char)[1:-1]


def _bracketed(brackets: str, items: list[str], depth: int) -> str:
    if not items:
        return brackets
    indent = INDENT * (depth + 1)
    lines = "".join(f"{indent}{item},\n" for item in items)
    return f"{brackets[0]}\n{lines}{INDENT * depth}{brackets[1]}"
