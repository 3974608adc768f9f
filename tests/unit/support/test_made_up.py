"""No test has a secret of its own: what stands where a secret stands is made up of those of `made_up.py`."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from pulumi_dli.config.table import SETTINGS
from support.made_up import SECRETS
from support.places import TESTS

FILES = sorted(path for path in TESTS.rglob("*.py") if "recorded" not in path.parts)
SHORTEST = 7

_NAMES = [name for each in SETTINGS if each.secret for name in (each.name, *each.environment)]
# As arguments, keys of dicts and variables are written: in any case, with any hyphens.
SECRET_NAMES = {name.lower().replace("_", "") for name in _NAMES} | {
    "xauthtoken",
    "xsubjecttoken",
    "xsecuritytoken",
    "secret",
    "passphrase",
    "pulumiconfigpassphrase",
    "ak",
    "sk",
}
# Positions of secrets among the arguments of what takes them without a name.
POSITIONS = {"AccessKey": (0, 1, 2), "Account": (1,), "StaticToken": (0,), "SignedRequests": (0, 1, 3)}
# Not of --control-token, which guards an emulator and which it prints by itself.
FLAG = re.compile(r"--(?!control-)(?:[\w-]+-)?(?:password|secret|token)[= ]+[\"']?([^\s\"'{}\[\]*]+)")
# What stands there and is no secret: names of variables and attributes, and this file's own examples.
NO_SECRETS = {
    "test_settings.py": frozenset(variable for each in SETTINGS for variable in each.environment),
    "connecting.py": frozenset({"ak", "sk", "security_token"}),
    "test_made_up.py": frozenset({"x"}),
}


def _is_secret_name(name: str) -> bool:
    return name.lower().replace("_", "").replace("-", "") in SECRET_NAMES


def _texts(node: ast.expr) -> Iterator[str]:
    """Yield the literal texts that an expression is or holds in a tuple or list."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value:
        yield node.value
    elif isinstance(node, (ast.Tuple, ast.List, ast.Set)):
        for each in node.elts:
            yield from _texts(each)


def _named(node: ast.AST) -> Iterator[tuple[str, ast.expr]]:
    """Yield what is given a name here: by a call's argument, a dict, an assignment."""
    if isinstance(node, ast.keyword) and node.arg:
        yield node.arg, node.value
    elif isinstance(node, ast.Dict):
        for key, value in zip(node.keys, node.values, strict=True):
            if isinstance(key, ast.Constant) and isinstance(key.value, str):
                yield key.value, value
    elif isinstance(node, ast.Assign):
        for target in node.targets:
            if isinstance(target, ast.Name):
                yield target.id, node.value
            elif isinstance(target, ast.Subscript) and isinstance(target.slice, ast.Constant):
                yield str(target.slice.value), node.value
            elif isinstance(target, ast.Tuple) and isinstance(node.value, ast.Tuple):
                pairs = zip(target.elts, node.value.elts, strict=False)
                yield from ((each.id, value) for each, value in pairs if isinstance(each, ast.Name))
    elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
        for position in POSITIONS.get(node.func.id, ()):
            yield from (("secret", each) for each in node.args[position : position + 1])


def secrets_in(source: str) -> Iterator[tuple[int, str]]:
    """Yield the literals of a program that stand where secrets stand, with their lines."""
    for node in ast.walk(ast.parse(source)):
        for name, value in _named(node):
            if _is_secret_name(name):
                yield from ((value.lineno, text) for text in _texts(value))
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield from ((node.lineno, text) for text in FLAG.findall(node.value))


def _is_made_up(text: str) -> bool:
    return any(secret in text for secret in SECRETS.values())


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(TESTS)))
def test_every_secret_of_a_test_is_searched_for(path: Path) -> None:
    """Where one contains none of the texts, the search would not find it."""
    allowed = NO_SECRETS.get(path.name, frozenset())
    source = path.read_text(encoding="utf-8")
    assert [each for each in secrets_in(source) if not _is_made_up(each[1]) and each[1] not in allowed] == []


@pytest.mark.parametrize(
    "source",
    [
        'f(token="x")',
        'f(**{"secretKey": "x"})',
        'environment["OS_PASSWORD"] = "x"',
        'PASSWORD = "x"',
        'AK, SK = "x", "hunter2"',
        'f(access_key=("x", "hunter2"))',
        'AccessKey("hunter2", "x")',
        'job(entrypoint_args="--db-password x --rate 1")',
        'job(entrypoint_args="--token=x")',
        'headers = {"X-Auth-Token": "x"}',
    ],
)
def test_a_secret_of_its_own_is_found(source: str) -> None:
    """However it is written."""
    assert [text for _, text in secrets_in(source) if not _is_made_up(text)] == ["x"]


def test_no_secret_stands_anywhere_by_chance() -> None:
    """A short one would."""
    assert [name for name, secret in SECRETS.items() if len(secret) < SHORTEST] == []
    assert len({*SECRETS.values()}) == len(SECRETS)
