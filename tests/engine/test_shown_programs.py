"""The programs in the documents run, and show what the documents say that they show."""

from __future__ import annotations

import pytest

from support.documents import DOCUMENTS, Block, block, blocks
from support.stack import Stack

PROGRAMS = [each for path in DOCUMENTS for each in blocks(path) if each.language == "python" and each.not_run is None]


@pytest.mark.parametrize("program", PROGRAMS, ids=lambda program: program.id)
def test_a_program_of_the_documents_is_accepted(program: Block, stack: Stack) -> None:
    """Its preview finds nothing wrong with it."""
    stack.program(program.text)
    stack.preview().expect_ok()


def test_the_readme_s_change_is_previewed_as_the_readme_shows_it(stack: Stack) -> None:
    """From half the size to the README's program: every line that the README shows stands in the preview."""
    program = block("README.md", "python").text
    half = "cu_number=2,\n    parallel_number=1,\n    settle_time=0,"
    before = program.replace("cu_number=4,\n    parallel_number=2,", half)
    assert before != program
    stack.program(before)
    stack.up().expect_ok()
    stack.program(program)
    shown = [" ".join(line.split()) for line in stack.preview("--diff").expect_ok().text.splitlines()]
    for line in block("README.md", "", "stop with savepoint").text.splitlines():
        assert any(" ".join(line.split()) in each for each in shown), line
