"""Prove that nothing decides by words: replaces every message of the provider by numbered nonsense, in a copy.

The tests of the review, the gate, the doctor, adopting and the model are run on it, save those that assert a message
itself (marked `words`). Called by `scripts/dev nonsense`; further arguments go to pytest.
"""

from __future__ import annotations

import ast
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from itertools import count
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PRODUCT = ROOT / "provider"
TESTS = ("tests/unit/review", "tests/unit/test_doctor.py", "tests/unit/adopt", "tests/model")
# Several words in a row: what is left between them, punctuation and markup, is form and no message.
WORDS = re.compile(r"[A-Za-z][a-z']+(?: [a-z][a-z']+)+")
# Calls whose literals are patterns, or formats of others.
NO_MESSAGES = {"compile", "removeprefix", "rpartition", "startswith"}
# These write programs and files of projects: their literals are code.
WRITERS = {"render.py", "pulumi_project.py"}


class Nonsense(ast.NodeTransformer):
    """Replaces the words of texts, and counts on from module to module."""

    def __init__(self, numbers: Iterator[int]) -> None:
        """Take the numbers."""
        self._numbers = numbers

    def visit_Constant(self, node: ast.Constant) -> ast.Constant:
        """Replace a text."""
        if isinstance(node.value, str):
            node.value = WORDS.sub(lambda _: f"message {next(self._numbers)}", node.value)
        return node

    def visit_Call(self, node: ast.Call) -> ast.AST:
        """Leave patterns, and the formats of others, as they are."""
        name = ast.unparse(node.func).rpartition(".")[2]
        return node if name in NO_MESSAGES else self.generic_visit(node)

    def visit_Expr(self, node: ast.Expr) -> ast.AST:
        """Leave docstrings: nobody prints them, and the reference is made of them."""
        return node if isinstance(node.value, ast.Constant) else self.generic_visit(node)


def rewrite(product: Path) -> int:
    """Replace the messages of a copy of the provider; return how many there were."""
    numbers = count(1)
    for path in sorted(product.rglob("*.py")):
        if "emulator" not in path.parts and path.name not in WRITERS:
            tree = Nonsense(numbers).visit(ast.parse(path.read_text(encoding="utf-8")))
            path.write_text(ast.unparse(ast.fix_missing_locations(tree)) + "\n", encoding="utf-8")
    return next(numbers) - 1


def main() -> int:
    """Run the tests on the copy; return pytest's exit code."""
    with tempfile.TemporaryDirectory(prefix="pulumi-dli-nonsense-") as folder:
        copy = Path(folder) / "provider"
        shutil.copytree(PRODUCT, copy, ignore=shutil.ignore_patterns("__pycache__"))
        print(f"{rewrite(copy)} messages replaced", flush=True)
        command = [sys.executable, "-m", "pytest", *TESTS, "-q", "-p", "no:cacheprovider"]
        command += ["-m", "not words and not full"]
        environment = os.environ | {"PYTHONPATH": str(copy), "PYTHONDONTWRITEBYTECODE": "1"}
        return subprocess.run([*command, *sys.argv[1:]], cwd=ROOT, env=environment, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
