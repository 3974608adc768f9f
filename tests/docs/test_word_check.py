"""The word check reports a listed word wherever prose stands, and never where a name stands."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from support.places import ROOT

CHECK = ROOT / "tools" / "build" / "word_check.py"
LIST = """
words:
  - {word: zounds, use: oh, why: nobody says so}
  - {word: odds bodkins, use: dear me, why: two words}
"""


def checked(path: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the check on a file or folder, with a list of its own."""
    words = path.parent / "list.txt"
    words.write_text(LIST, encoding="utf-8")
    return run("--words", str(words), "--root", str(path), *arguments)


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the check as `scripts/check` does."""
    command = [sys.executable, str(CHECK), *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)


def written(folder: Path, name: str, text: str) -> Path:
    """Write a file to check."""
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


PROSE = {
    "a heading": ("page.md", "# Oh\n\n## Zounds\n", 3),
    "a paragraph that is broken into lines": ("page.md", "One `code\nspan`, two,\nand zounds.\n", 3),
    "a list": ("page.md", "- one\n  - two\n  - zounds\n", 3),
    "a table": ("page.md", "| a | b |\n|---|---|\n| `x` | zounds |\n", 3),
    "the words of a link": ("page.md", "\n\n[zounds](page.md)\n", 3),
    "the words of a picture": ("page.md", "\n\n![zounds](picture.png)\n", 3),
    "an HTML comment": ("page.md", "\n\n<!-- not run: zounds -->\n", 3),
    "a comment in a shell block": ("page.md", "```sh\n\npulumi up  # zounds\n```\n", 3),
    "a comment in an indented block": ("page.md", "Oh:\n\n    pulumi up  # zounds\n", 3),
    "a comment in a Python block": ("page.md", "```python\nzounds = 1\nx = f(  # zounds\n```\n", 3),
    "a string in a Python block": ("page.md", '```python\nzounds = 1\nprint("oh, zounds")\n```\n', 3),
    "a module's docstring": ("module.py", '"""Oh.\n\nZounds.\n"""\n', 3),
    "a function's docstring": ("module.py", '\ndef f():\n    """Say zounds."""\n', 3),
    "a comment": ("module.py", "x = 1\n\ny = 2  # zounds\n", 3),
    "a message": ("module.py", '\n\nraise SystemExit("oh, zounds")\n', 3),
    "a message that goes on": ("module.py", 'x = (\n    "oh, "\n    "it is zounds"\n)\n', 3),
    "a message behind an escape": ("module.py", '\n\nprint("oh\\nzounds, oh")\n', 3),
    "an f-string": ("module.py", '\n\nprint(f"{{}} {zounds!r:>{n}} zounds {n}")\n', 3),
    "an f-string of several lines": ("module.py", 'print(f"""{n}\n{n}\nit is zounds""")\n', 3),
    "a string in an f-string": ("module.py", "\n\nprint(f\"{'oh, zounds' if n else n}\")\n", 3),
    "a comment in YAML": ("file.yaml", "a: b\n\nc: d  # zounds\n", 3),
    "a text in YAML": ("file.yml", "a: b\nc: >-\n  oh, zounds\n", 3),
    "a comment in a script": ("script", "#!/bin/sh\n\n# it's zounds\n", 3),
    "a message in a script": ("script", '#!/bin/sh\n# it\'s one\necho "oh, zounds" >&2\n', 3),
}


@pytest.mark.parametrize(("name", "text", "line"), PROSE.values(), ids=PROSE)
def test_a_word_is_reported_once_with_its_line_and_replacement(name: str, text: str, line: int, tmp_path: Path) -> None:
    """In every kind of place where prose stands."""
    path = written(tmp_path, name, text)
    done = checked(path)
    assert (done.stdout.lower(), done.stderr, done.returncode) == (f'{path}:{line}: "zounds" -> "oh"\n', "", 1)


NAMES = {
    "names of a program": ("module.py", "def zounds(zounds):\n    return zounds.zounds + zounds_of(zounds=1)\n"),
    "a key": ("module.py", "x[\"zounds\"] = getattr(x, 'zounds')\n"),
    "code in an f-string": ("module.py", 'print(f"{zounds} {zounds!r:>9} {x[zounds]}")\n'),
    "a key in an f-string": ("module.py", "print(f\"{x['zounds']}\")\n"),
    "a name in a docstring": ("module.py", '"""Return `zounds` and ``zounds``."""\n'),
    "a part of a longer name": ("module.py", '"""The zounds_of and rezounds."""\n'),
    "names of a Python block": ("page.md", "```python\nzounds = zounds.zounds\n```\n"),
    "a command's output": ("page.md", "```\n# zounds\n```\n\n```text\nzounds\n```\n"),
    "a command": ("page.md", "```sh\nzounds --zounds\n```\n"),
    "a code span that is broken": ("page.md", "The `code zounds\nzounds`.\n"),
    "an address": ("page.md", "[oh](zounds.md#zounds), https://zounds.example/zounds\n"),
    "keys and names in YAML": ("file.yaml", "zounds: zounds\nrun: |\n  zounds --zounds\n"),
    "names in a script": ("script", '#!/bin/sh\nzounds=1\necho "$zounds ${zounds:-}"\n'),
    "a file of another kind": ("data.json", '{"zounds": "oh, zounds"}\n'),
}


@pytest.mark.parametrize(("name", "text"), NAMES.values(), ids=NAMES)
def test_a_name_is_not_reported(name: str, text: str, tmp_path: Path) -> None:
    """Identifiers, commands and their output are what they are."""
    done = checked(written(tmp_path, name, text))
    assert (done.stdout, done.stderr, done.returncode) == ("", "", 0)


def test_two_words_are_found_across_a_line_break(tmp_path: Path) -> None:
    """The line is that of the first word."""
    path = written(tmp_path, "page.md", "Oh.\nOdds\nbodkins!\n")
    assert checked(path).stdout == f'{path}:2: "Odds bodkins" -> "dear me"\n'


def test_a_folder_is_read_whole_without_hidden_folders_and_caches(tmp_path: Path) -> None:
    """However deep a file is."""
    root = tmp_path / "root"
    for folder in ("deep/er", ".hidden", "__pycache__"):
        (root / folder).mkdir(parents=True)
        written(root / folder, "page.md", "zounds\n")
    assert checked(root).stdout == f'{root}/deep/er/page.md:1: "zounds" -> "oh"\n'


def test_a_root_that_is_gone_is_an_error(tmp_path: Path) -> None:
    """A check of nothing would pass for ever."""
    done = checked(tmp_path / "gone")
    assert (done.stdout, done.returncode) == ("", 1)
    assert done.stderr == f"word_check: {tmp_path}/gone does not exist: correct --root or list.txt\n"


def test_a_word_without_a_reason_is_an_error(tmp_path: Path) -> None:
    """Whoever meets the word must be able to see why it is listed."""
    words = written(tmp_path, "list.txt", "words:\n  - {word: zounds, use: oh}\n")
    done = run("--words", str(words), "--root", str(tmp_path))
    assert done.returncode == 1
    assert done.stderr.startswith("list.txt: no reason (why) for {'word': 'zounds'")


def test_the_project_keeps_to_its_own_list() -> None:
    """In all places that the list names."""
    done = run()
    assert (done.stdout, done.stderr, done.returncode) == ("", "", 0)
