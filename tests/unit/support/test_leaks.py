"""The search for secrets: what it finds, in which encodings, and where a secret may stand."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from urllib.parse import quote

import pytest
import requests

from pulumi_dli.emulator.server import Options, running
from support.leaks import WATCH, Folder, expect_none, leaks
from support.made_up import SECRETS

NAME, SECRET = "any password", SECRETS["any password"]
AWKWARD = SECRETS["the passphrase of the stacks"]


@pytest.mark.parametrize("name", SECRETS)
def test_each_secret_is_found(name: str) -> None:
    """In the middle of other text, and reported by its name."""
    found = leaks(f"before{SECRETS[name]}after", "output")
    assert f"output: {name}" in found
    assert not any(SECRETS[name] in each for each in found)


@pytest.mark.parametrize("before", ["", "u", "us", "usr"])
def test_base64_hides_none(before: str) -> None:
    """Wherever it begins, as `user:password` of a header has it."""
    encoded = base64.b64encode(f"{before}{SECRET} and more".encode())
    assert leaks(encoded, "log")[0].startswith(f"log: {NAME}, in base64")


def test_other_encodings_hide_none(monkeypatch: pytest.MonkeyPatch) -> None:
    """JSON's and that of a URL."""
    assert leaks(quote(AWKWARD), "log") == ["log: the passphrase of the stacks, encoded for a URL"]
    monkeypatch.setitem(SECRETS, "odd", 'a"b\\c-odd')
    leaks.__globals__["_needles"].cache_clear()
    try:
        assert leaks(json.dumps({"a": 'a"b\\c-odd'}), "log") == ["log: odd, escaped as JSON"]
    finally:
        leaks.__globals__["_needles"].cache_clear()


def test_a_file_is_searched_again_once_it_changes(tmp_path: Path) -> None:
    """Also a hidden one deep in a folder; not the test's own program."""
    folder = Folder(tmp_path, given={"program.json"})
    deep = tmp_path / ".pulumi" / "state.json.bak"
    deep.parent.mkdir()
    for path in (deep, tmp_path / "program.json"):
        path.write_text("{}" if path == deep else SECRET)
    assert list(folder.leaks()) == []
    deep.write_text(f"x{SECRET}")
    assert list(folder.leaks()) == [f".pulumi/state.json.bak: {NAME}"]
    assert list(folder.leaks()) == []


def test_a_known_secret_may_stand_in_a_folder(tmp_path: Path) -> None:
    """That one alone."""
    (tmp_path / "config").write_text(f"{SECRET} {AWKWARD}")
    assert list(Folder(tmp_path, {NAME}).leaks()) == ["config: the passphrase of the stacks"]


@pytest.mark.parametrize("log_secrets", [False, True])
def test_an_emulators_log_is_searched(log_secrets: bool) -> None:
    """Also one that is cleared, and what stands in no secret property; these may stand in a log that keeps them."""
    WATCH.leaks()
    with running(Options(log_secrets=log_secrets)) as emulator:
        requests.post(
            f"{emulator.url}/v1.0/{emulator.project_id}/streaming/flink-jobs",
            json={"name": "a", "desc": AWKWARD, "entrypoint_args": SECRET},
            headers={"X-Auth-Token": emulator.token},
            timeout=10,
        )
        emulator.clear_requests()
    assert WATCH.leaks() == ["emulator's log, CreateFlinkJarJob: the passphrase of the stacks"]
    assert WATCH.leaks() == []


def test_a_failure_names_each_place_once() -> None:
    """Not the value."""
    with pytest.raises(AssertionError) as caught:
        expect_none([*leaks(SECRET, "b"), *leaks(SECRET, "a"), *leaks(SECRET, "a")])
    assert str(caught.value) == f"secrets in the clear:\na: {NAME}\nb: {NAME}"
