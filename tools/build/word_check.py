"""Report the words that the house style replaces, in documents, comments, docstrings and messages.

`python tools/build/word_check.py` reads the roots of `words.yaml`; `--root PATH` (repeatable) reads others. Prints one
line for each find, `path:line: "anew" -> "again"`, and exits with 1 if there is one.

Only prose is read: in Markdown the text, the comments in code blocks, and the Python of Python blocks; in Python
comments, docstrings and string literals; in YAML comments and values of several words; in shell comments and quoted
text. Names are not prose: identifiers, what stands between backticks, and a string that is an identifier.
"""

from __future__ import annotations

import argparse
import io
import re
import sys
import tokenize
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from markdown_it import MarkdownIt

ROOT = Path(__file__).resolve().parents[2]
WORDS = Path(__file__).with_name("words.yaml")
# A passage of prose, and the line that it begins in.
Passage = tuple[int, str]

_COMMENT = re.compile(r"(?:^|(?<=\s))#[^\n]*", re.MULTILINE)
_SHELL_PROSE = re.compile(rf"{_COMMENT.pattern}|\"(?:\\.|[^\"\\])*\"|'[^']*'", re.MULTILINE | re.DOTALL)
_SHELL_NAME = re.compile(r"\$\w+|\$\{[^}]*\}")
_NAMED = re.compile(r"(`+)(?!`).+?(?<!`)\1(?!`)|\]\([^)\s]*\)|\bhttps?://\S+", re.DOTALL)
_ESCAPE = re.compile(r"\\[^\n]")
_INNER = re.compile(r"('|\")(.*?)\1", re.DOTALL)
_LITERAL = re.compile(r"(\w*)('''|\"\"\"|'|\")(.*)\2", re.DOTALL)
# Python 3.12 and later take f-strings apart by themselves, 3.14 t-strings.
_MIDDLES = {getattr(tokenize, name, None) for name in ("FSTRING_MIDDLE", "TSTRING_MIDDLE")} - {None}


@dataclass(frozen=True)
class Words:
    """The list: what to use instead of each word, where to look, and what to leave out."""

    instead: dict[str, str]
    roots: list[Path]
    left_out: set[Path]

    @classmethod
    def read(cls, path: Path) -> Words:
        """Read the list from a file; each entry has a reason."""
        content: dict[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))
        unreasoned = [each for key in ("words", "left_out") for each in content.get(key, ()) if not each.get("why")]
        if unreasoned:
            raise SystemExit(f"{path.name}: no reason (why) for {unreasoned[0]}: add one")
        return cls(
            {str(each["word"]).lower(): str(each["use"]) for each in content["words"]},
            [ROOT / root for root in content.get("roots", ())],
            {ROOT / each["path"] for each in content.get("left_out", ())},
        )

    def found(self, passages: Iterable[Passage]) -> Iterator[tuple[int, str, str]]:
        """Yield line, word and replacement of each find, in the order of lines."""
        pattern = re.compile(rf"\b(?:{'|'.join(map(_flexible, self.instead))})\b", re.IGNORECASE)
        finds = set()
        for line, text in passages:
            for match in pattern.finditer(_blanked(_NAMED, text)):
                word = " ".join(match[0].split())
                finds.add((line + text.count("\n", 0, match.start()), word, self.instead[word.lower()]))
        yield from sorted(finds)


def _flexible(word: str) -> str:
    """Return the pattern of a word, or of several with any space between them."""
    return r"\s+".join(map(re.escape, word.split()))


def _blanked(pattern: re.Pattern[str], text: str) -> str:
    """Replace what fits by spaces, so that lines and places stay what they are."""
    return pattern.sub(lambda match: _blank(match[0]), text)


def _blank(text: str) -> str:
    return re.sub(r"[^\n]", " ", text)


def markdown(text: str) -> Iterator[Passage]:
    """Yield the text of a document, and the prose in its code blocks; a command's output is none."""
    for token in MarkdownIt().parse(text):
        if not token.map:
            continue
        first = token.map[0] + 1
        if token.type in {"inline", "html_block"}:
            yield first, token.content
        elif token.type in {"fence", "code_block"}:
            reader = _BLOCKS.get(token.info.strip() if token.type == "fence" else "sh")
            start = first + (token.type == "fence") - 1
            yield from ((start + line, prose) for line, prose in (reader(token.content) if reader else ()))


def comments(text: str) -> Iterator[Passage]:
    """Yield the comments that begin with a hash sign."""
    return _matches(_COMMENT, text)


def shell(text: str) -> Iterator[Passage]:
    """Yield the comments and the quoted text of a script."""
    return ((line, _blanked(_SHELL_NAME, prose)) for line, prose in _matches(_SHELL_PROSE, text))


def _matches(pattern: re.Pattern[str], text: str) -> Iterator[Passage]:
    return ((1 + text.count("\n", 0, match.start()), match[0]) for match in pattern.finditer(text))


def yaml_file(text: str) -> Iterator[Passage]:
    """Yield the comments and the values of several words; what stands after `|` is for another program."""
    yield from comments(text)
    try:
        documents = list(yaml.compose_all(text, Loader=yaml.SafeLoader))
    except yaml.YAMLError:
        return
    for node in _values(documents):
        if " " in node.value.strip() and node.style != "|":
            yield node.start_mark.line + 1, text[node.start_mark.index : node.end_mark.index]


def _values(nodes: Iterable[Any]) -> Iterator[Any]:
    """Yield all scalars but the keys of mappings."""
    for node in nodes:
        if isinstance(node, yaml.ScalarNode):
            yield node
        elif isinstance(node, yaml.MappingNode):
            yield from _values(value for _, value in node.value)
        elif node is not None:
            yield from _values(node.value)


def python(text: str) -> Iterator[Passage]:
    """Yield the comments, docstrings and string literals of a program, or of a part of one."""
    try:
        for token in tokenize.generate_tokens(io.StringIO(text).readline):
            if token.type == tokenize.COMMENT:
                yield token.start[0], token.string
            elif token.type in _MIDDLES:
                yield token.start[0], _blanked(_ESCAPE, token.string)
            elif token.type == tokenize.STRING:
                yield token.start[0], _literal(token.string)
    except (tokenize.TokenError, SyntaxError):
        return  # a document shows a part that ends early: what came before has been read


def _literal(source: str) -> str:
    """Return the prose of a string literal: nothing of escapes, of the code in an f-string, or of a mere name."""
    match = _LITERAL.fullmatch(source)
    if not match or match[3].isidentifier():
        return ""
    prefix = match[1].lower()
    body = match[3] if "r" in prefix else _blanked(_ESCAPE, match[3])
    return _without_fields(body) if "f" in prefix else body


def _without_fields(body: str) -> str:
    """Blank the code of an f-string's fields, but not the strings in it, as Python 3.12 and later would."""
    kept, depth, place = "", 0, 0
    body = body.replace("{{", "  ")
    while place < len(body):
        char = body[place]
        inner = _INNER.match(body, place) if depth else None
        if inner:
            kept += _blank(inner[0]) if inner[2].isidentifier() else inner[0]
            place = inner.end()
            continue
        depth = max(0, depth + (char == "{") - (char == "}"))
        kept += _blank(char) if depth else char
        place += 1
    return kept


Reader = Callable[[str], Iterator[Passage]]
_BLOCKS: dict[str, Reader] = {"python": python, "sh": comments, "yaml": yaml_file, "toml": comments}
_FILES: dict[str, Reader] = {".md": markdown, ".py": python, ".yaml": yaml_file, ".yml": yaml_file, "": shell}


def files(root: Path) -> Iterator[Path]:
    """Yield the files below a root that can be read here, or the root itself; caches are left out."""
    for path in sorted(root.rglob("*")) if root.is_dir() else [root]:
        hidden = any(part.startswith((".", "__pycache__")) for part in path.relative_to(root).parts)
        if path.is_file() and not hidden and path.suffix in _FILES and (path.suffix or _is_script(path)):
            yield path


def _is_script(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(2) == b"#!"


def _shown(path: Path) -> Path:
    return path.relative_to(ROOT) if path.is_relative_to(ROOT) else path


def main() -> int:
    """Print each find; return 1 if there is one."""
    parser = argparse.ArgumentParser(description="report the words that the house style replaces")
    parser.add_argument("--root", type=Path, action="append", metavar="PATH", help="read this file or folder instead")
    parser.add_argument("--words", type=Path, default=WORDS, metavar="FILE", help="the list (default: words.yaml)")
    options = parser.parse_args()
    words = Words.read(options.words)
    roots = [root.resolve() for root in options.root or words.roots]
    left_out = set() if options.root else words.left_out
    missing = [root for root in (*roots, *left_out) if not root.exists()]
    if missing:
        raise SystemExit(f"word_check: {_shown(missing[0])} does not exist: correct --root or {options.words.name}")
    finds = 0
    for path in (path for root in roots for path in files(root) if path not in left_out):
        for line, word, use in words.found(_FILES[path.suffix](path.read_text(encoding="utf-8"))):
            print(f'{_shown(path)}:{line}: "{word}" -> "{use}"')
            finds += 1
    return 1 if finds else 0


if __name__ == "__main__":
    sys.exit(main())
