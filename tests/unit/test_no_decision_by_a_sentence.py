"""Nothing decides by the words of a message: messages may be reworded without changing what is done."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from support.rooms import PACKAGE, dotted

# Readers of formats that others write: Pulumi's command line, gateways, IAM. Each is one function, with its reason.
READERS = {
    ("adopt.pulumi_project", "_pulumi"): "Pulumi's command line puts `error: ` before its reason",
    ("api.response", "_remedy"): "IAM locks an access key under a code that it uses for other refusals as well",
    ("api.response", "_reason"): "a gateway repeats the request behind `canonicalRequest:`",
    ("config.stack_config", "_first_line"): "Pulumi's command line puts `error: ` before its reason",
    ("emulator.contract", "_complaint"): "jsonschema names what is wrong in its message alone",
    ("emulator.flink.status_mapping", "reason"): "Flink writes stack traces, the root cause behind `Caused by: `",
    ("emulator.jobs.storage", "_reason"): "sqlite3 has its codes from Python 3.11 on, and 3.10 is supported",
    ("review.analysis", "_said"): "a message begins with the job's name, which the review shows beside it",
    ("review.preview_reader", "_take_message"): "the engine puts `error: ` and `warning: ` before its messages",
    ("review.run_preview", "_reason"): "Pulumi's command line puts `error: ` before its reason",
}
# Attributes and variables that hold words for a reader.
WORDS = {"args", "message", "messages", "msg", "reason", "said", "sentence", "status_desc", "what", "why", "_reason"}
METHODS = {"startswith", "endswith", "removeprefix", "removesuffix", "partition", "rpartition", "find", "index"}
LABEL = re.compile(r"[a-z]: $|^error:$")
SENTENCE = re.compile(r"[a-z]{2,} [a-z]{2,}")


def is_sentence(node: ast.expr) -> bool:
    """Tell whether an expression is a literal text of several words."""
    parts = node.values if isinstance(node, ast.JoinedStr) else [node]
    texts = [part.value for part in parts if isinstance(part, ast.Constant) and isinstance(part.value, str)]
    return any(SENTENCE.search(text) for text in texts)


def is_label(node: ast.expr) -> bool:
    """Tell whether an expression is a literal such as `error: `."""
    return isinstance(node, ast.Constant) and isinstance(node.value, str) and bool(LABEL.search(node.value))


def is_message(node: ast.expr) -> bool:
    """Tell whether an expression is the text of an error, or a variable that holds words for a reader."""
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "str" and node.args:
        (of,) = node.args
        return (isinstance(of, ast.Name) and of.id in {"error", "exc", "second"}) or is_message(of)
    if isinstance(node, ast.Subscript):
        return is_message(node.value)
    if isinstance(node, ast.Call):
        return any(is_message(each) for each in (node.func, *node.args))
    name = node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""
    return name in WORDS


def decides(node: ast.AST) -> bool:
    """Tell whether an expression compares, searches or takes apart the words of a message."""
    if isinstance(node, ast.Compare):
        sides = [node.left, *node.comparators]
        texts = all(not isinstance(each, ast.Constant) or isinstance(each.value, str) for each in sides)
        by_words = any(isinstance(op, (ast.In, ast.NotIn, ast.Eq, ast.NotEq)) for op in node.ops)
        return by_words and texts and any(is_sentence(each) or is_message(each) for each in sides)
    if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
        return False
    if node.func.attr in METHODS and (is_message(node.func.value) or any(map(is_label, node.args))):
        return True
    matching = node.func.attr in {"search", "match", "fullmatch", "split", "sub", "findall", *METHODS}
    return matching and any(is_message(each) or is_sentence(each) for each in node.args)


def decisions(path: Path) -> Iterator[tuple[str, int]]:
    """Yield the function and the line of each decision by words in a file."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    for function in ast.walk(tree):
        if isinstance(function, ast.FunctionDef):
            yield from ((function.name, getattr(node, "lineno", 0)) for node in ast.walk(function) if decides(node))


@pytest.mark.parametrize("path", sorted(PACKAGE.rglob("*.py")), ids=dotted)
def test_only_readers_of_others_formats_look_at_words(path: Path) -> None:
    """By `in`, `==`, `startswith` and the like, or a regular expression."""
    found = {(dotted(path), function): line for function, line in decisions(path)}
    assert {where: line for where, line in found.items() if where not in READERS} == {}


def test_each_reader_still_reads() -> None:
    """A reason for what is no longer there would cover something else one day."""
    found = {(dotted(path), function) for path in PACKAGE.rglob("*.py") for function, _ in decisions(path)}
    assert set(READERS) <= found


@pytest.mark.parametrize(
    "source",
    [
        'if "no savepoint" in text: pass',
        "if error.message == other: pass",
        'if str(error).startswith("x"): pass',
        'said.rpartition("error: ")',
        'if re.search("x", error.reason): pass',
        'if sentence in {"a", "b"}: pass',
        'if text == f"job {name} is gone": pass',
    ],
)
def test_a_decision_by_words_is_noticed(source: str, tmp_path: Path) -> None:
    """In each of its forms."""
    path = tmp_path / "module.py"
    path.write_text(f"def decide(text, error, said, sentence, other, name):\n    {source}\n", encoding="utf-8")

    assert list(decisions(path)) == [("decide", 2)]
