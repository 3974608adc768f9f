"""The project's documents as data: their code blocks and their links."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from markdown_it import MarkdownIt

from support.places import ROOT

FOLDERS = ("docs", "examples", "recipes")
DOCUMENTS = sorted([*ROOT.glob("*.md"), *(path for folder in FOLDERS for path in (ROOT / folder).rglob("*.md"))])
NOT_RUN = re.compile(r"<!-- not run: (\S.*?) -->")


@dataclass(frozen=True)
class Block:
    """A code block. `not_run` is the reason that the comment right before it gives for not running it."""

    document: str
    line: int
    language: str
    text: str
    not_run: str | None

    @property
    def id(self) -> str:
        """Where it is, as a test's id."""
        return f"{self.document}:{self.line}"


def blocks(path: Path) -> list[Block]:
    """Return the code blocks of a document, in their order."""
    found = []
    before = None
    for token in MarkdownIt().parse(path.read_text(encoding="utf-8")):
        if token.type == "fence" and token.map:
            place = str(path.relative_to(ROOT))
            found.append(Block(place, token.map[0] + 1, token.info.strip(), token.content, before))
        if token.type in {"fence", "html_block"} or token.level == 0:
            comment = NOT_RUN.search(token.content) if token.type == "html_block" else None
            before = comment[1] if comment else None
    return found


def block(document: str, language: str, holding: str = "") -> Block:
    """Return the one block of a document in a language that holds a text."""
    (found,) = (each for each in blocks(ROOT / document) if each.language == language and holding in each.text)
    return found
