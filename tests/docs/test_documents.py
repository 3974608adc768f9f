"""The documents are right: their links lead somewhere, and what they show can be typed.

Programs are run on the real engine by `engine/test_shown_programs.py`, the README's shell blocks by
`engine/test_quick_start.py`. A block that is not run has a comment `<!-- not run: reason -->` right before it.
"""

from __future__ import annotations

import json
import re
import shlex
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

from pulumi_dli.cli import SUBCOMMANDS
from support.documents import DOCUMENTS, Block, blocks
from support.places import ROOT

BLOCKS = [each for path in DOCUMENTS for each in blocks(path)]
SHELL = [each for each in BLOCKS if each.language == "sh"]
DATA: dict[str, Callable[[str], object]] = {"json": json.loads, "yaml": yaml.safe_load}
# Shown, not typed: output, a drawing that GitHub renders, and edits, which `test_contributing.py` makes.
SHOWN = {"", "text", "mermaid", "diff"}
# What a shell block may call beside the project's own commands.
PROGRAMS = {"pulumi", "pulumi-dli", "pip", "python", "python3", "sh", "git", "uv", "terraform"}
BUILTINS = {
    "cd",
    "export",
    ".",
    "printf",
    "mkdir",
    "kill",
    "echo",
    "test",
    "[",
    "if",
    "then",
    "else",
    "fi",
    "for",
    "do",
}
LINK = re.compile(r"\]\(([^)\s]+)\)")
PICTURES = sorted(path for path in (ROOT / "docs").rglob("*") if path.suffix in {".png", ".svg"})


def slug(heading: str) -> str:
    """Return the anchor of a heading as GitHub makes it."""
    return re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")


def outside_code(path: Path) -> str:
    """Return a document's text without its code blocks."""
    return re.sub(r"^```.*?^```$", "", path.read_text(encoding="utf-8"), flags=re.MULTILINE | re.DOTALL)


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_link_inside_the_project_leads_somewhere(path: Path) -> None:
    """To a file or folder that exists, and to a heading in it."""
    for target in LINK.findall(outside_code(path)):
        if "://" in target:
            continue
        place, _, anchor = target.partition("#")
        linked = path.parent / place if place else path
        assert linked.exists(), target
        if anchor:
            headings = re.findall(r"^#+ (.*)$", outside_code(linked), re.MULTILINE)
            assert anchor in {slug(heading) for heading in headings}, target


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_page_links_in_the_one_form_that_is_checked(path: Path) -> None:
    """Not by HTML, and not by references at its end."""
    assert re.findall(r"<(?:img|a)\s|^\[[^\]]+\]:\s", outside_code(path), re.MULTILINE) == []


def tracked(pattern: str) -> set[Path]:
    """Return the files of the repository that fit a pattern, as git lists them: not by the tests' own search."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z", pattern]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    return {ROOT / name for name in filter(None, listed.split("\0")) if (ROOT / name).exists()}


def test_no_page_goes_unchecked() -> None:
    """However deep its folder is; what tests keep for themselves is no page of the documents."""
    pages = {path for path in tracked("*.md") if ROOT / "tests" not in path.parents}
    assert pages - set(DOCUMENTS) == set()


@pytest.mark.parametrize("path", PICTURES, ids=lambda path: path.name)
def test_every_picture_is_shown_by_a_page(path: Path) -> None:
    """One that no page shows or links need not be kept."""
    linked = {
        (page.parent / target).resolve()
        for page in DOCUMENTS
        for target in LINK.findall(outside_code(page))
        if "://" not in target
    }
    assert path in linked


def test_every_page_is_reached_from_the_readme() -> None:
    """By links from page to page: a page that nobody finds need not be written."""
    reached, ahead = set(), [ROOT / "README.md"]
    while ahead:
        path = ahead.pop()
        if path in reached:
            continue
        reached.add(path)
        targets = (path.parent / target.partition("#")[0] for target in LINK.findall(outside_code(path)))
        ahead += [target.resolve() for target in targets if target.suffix == ".md" and target.exists()]
    assert set(DOCUMENTS) - reached == set()


@pytest.mark.parametrize("block", BLOCKS, ids=lambda block: block.id)
def test_a_block_names_its_language(block: Block) -> None:
    """One that a test knows: what is in no language is output."""
    assert block.language in {"python", "sh", "toml", *DATA, *SHOWN}


@pytest.mark.parametrize("block", [each for each in BLOCKS if each.language in DATA], ids=lambda block: block.id)
def test_data_can_be_read(block: Block) -> None:
    """JSON and YAML."""
    DATA[block.language](block.text)


@pytest.mark.parametrize("block", [each for each in BLOCKS if each.language == "python"], ids=lambda block: block.id)
def test_python_compiles(block: Block) -> None:
    """Also where it is only a part of a program."""
    compile(block.text, block.id, "exec")


def commands(block: Block) -> list[list[str]]:
    """Return the simple commands of a shell block as words, here documents left out."""
    text = re.sub(r"<<\s*'?(\w+)'?\n.*?\n\1$", "", block.text, flags=re.MULTILINE | re.DOTALL).replace("\\\n", " ")
    found: list[list[str]] = []
    for line in text.splitlines():
        lexer = shlex.shlex(line, posix=True, punctuation_chars="&|;")
        lexer.whitespace_split = True
        command: list[str] = []
        for word in [*lexer, ";"]:
            if set(word) <= set("&|;"):
                found += [command] if command else []
                command = []
            elif command or not re.fullmatch(r"\w+=.*", word):
                command.append(word)
    return found


def options_of(subcommand: str) -> str:
    """Return the help of a subcommand of `pulumi-dli`."""
    command = [sys.executable, "-m", "pulumi_dli.cli", *([subcommand] if subcommand else []), "--help"]
    return subprocess.run(command, capture_output=True, text=True, check=True, timeout=60).stdout


@pytest.mark.parametrize("block", SHELL, ids=lambda block: block.id)
def test_a_shell_block_can_be_typed(block: Block) -> None:
    """It is POSIX shell, its commands exist, and so do subcommands and options of `pulumi-dli`."""
    assert subprocess.run(["sh", "-n"], input=block.text, text=True, check=False).returncode == 0
    for program, *words in commands(block):
        if program.startswith("scripts/"):
            script = ["scripts/dev.d", words[0]] if program == "scripts/dev" and words else [program]
            assert ROOT.joinpath(*script).exists(), script
        else:
            assert program in PROGRAMS | BUILTINS, program
        if program == "pulumi-dli":
            subcommand = words[0] if words and not words[0].startswith("-") else ""
            assert not subcommand or subcommand in SUBCOMMANDS
            told = options_of(subcommand)
            for option in (word.partition("=")[0] for word in words if word.startswith("-")):
                assert re.search(rf"(?<![\w-]){re.escape(option)}(?![\w-])", told), option


def test_pre_commit_runs_the_projects_own_commands(tmp_path: Path) -> None:
    """The hooks are accepted by pre-commit, and each runs a script of the project with arguments that it has."""
    config = ROOT / ".pre-commit-config.yaml"
    checked = subprocess.run(
        [sys.executable, "-m", "pre_commit", "validate-config", str(config)],
        env={"PATH": f"{Path(sys.executable).parent}:/usr/bin:/bin", "HOME": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (checked.returncode, checked.stderr) == (0, "")
    (repository,) = yaml.safe_load(config.read_text(encoding="utf-8"))["repos"]
    for hook in repository["hooks"]:
        script, *_ = shlex.split(hook["entry"])
        assert (ROOT / script).exists()
