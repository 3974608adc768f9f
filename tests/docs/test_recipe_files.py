"""The recipes are sound: valid, pinned, and built so that a pull request cannot use them against its stacks."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import kubernetes_validate
import pytest
import yaml

from pulumi_dli.review.policy import read_policy
from support.places import ROOT

RECIPES = ROOT / "recipes"
WORKFLOWS = sorted((RECIPES / "github").glob("*.yml"))
PIPELINE = RECIPES / "gitlab" / "gitlab-ci.yml"


def loaded(path: Path) -> dict[Any, Any]:
    """Return a file's content; YAML takes the key `on` for True."""
    content = yaml.safe_load(path.read_text(encoding="utf-8"))
    assert isinstance(content, dict)
    return content


def test_the_policy_is_one() -> None:
    """The example is read by the command itself."""
    policy = read_policy("dli-review.yaml", (RECIPES / "dli-review.yaml").read_bytes())
    assert policy.stacks == ("dev", "staging", "prod")
    page = (ROOT / "docs" / "how-to" / "reviewing.md").read_text(encoding="utf-8")
    shown = page.partition("```yaml\n")[2].partition("```")[0]
    assert read_policy("docs", shown.encode()) == policy


@pytest.mark.parametrize(
    ("schema", "path"),
    [*(("vendor.github-workflows", path) for path in WORKFLOWS), ("vendor.gitlab-ci", PIPELINE)],
    ids=lambda value: value.name if isinstance(value, Path) else "",
)
def test_the_recipes_keep_to_the_hosts_schemas(schema: str, path: Path) -> None:
    """Those that GitHub and GitLab publish."""
    transform = ["--data-transform", "gitlab-ci"] if "gitlab" in schema else []
    command = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", schema, *transform, str(path)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_scheduled_job_keeps_to_kubernetes_schema() -> None:
    """Strictly: a field that Kubernetes does not know is a mistake."""
    path = RECIPES / "kubernetes" / "drift.yaml"
    kubernetes_validate.validate(loaded(path), "1.31", strict=True)


@pytest.mark.full
@pytest.mark.skipif(shutil.which("go") is None, reason="actionlint is built with Go")
def test_actionlint_has_nothing_to_say() -> None:
    """It knows what GitHub's schema does not: expressions, contexts, untrusted input in scripts."""
    command = ["go", "tool", "actionlint", *map(str, WORKFLOWS)]
    done = subprocess.run(
        command, cwd=ROOT / "tools" / "build" / "actionlint", capture_output=True, text=True, timeout=280, check=False
    )
    assert (done.stdout, done.returncode) == ("", 0), done.stderr


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_actions_are_pinned_by_commit(path: Path) -> None:
    """A tag can be moved; its name stands beside the commit."""
    used = re.findall(r"- uses: (\S+)(.*)", path.read_text(encoding="utf-8"))
    assert used
    for action, comment in used:
        assert re.fullmatch(r"[\w-]+/[\w-]+@[0-9a-f]{40}", action)
        assert re.match(r" # v\d+\.\d+\.\d+", comment)


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_no_script_holds_an_expression(path: Path) -> None:
    """A branch's name is input of others: it reaches scripts through the environment."""
    for each in loaded(path)["jobs"].values():
        for step in each["steps"]:
            assert "${{" not in step.get("run", "")


def test_nothing_runs_code_of_a_pull_request_with_rights_to_write() -> None:
    """The previewing job can only read; the commenting one checks out the default branch."""
    assert all("pull_request_target" not in path.read_text(encoding="utf-8") for path in WORKFLOWS)
    review, comment = loaded(RECIPES / "github" / "review.yml"), loaded(RECIPES / "github" / "comment.yml")
    assert review["permissions"] == {"contents": "read"}
    assert "permissions" not in review["jobs"]["preview"]
    assert "head.repo.full_name == github.repository" in review["jobs"]["preview"]["if"]
    assert [*comment[True]] == ["workflow_run"]
    assert comment["permissions"] == {}
    checkouts = [step for step in comment["jobs"]["comment"]["steps"] if "checkout" in step.get("uses", "")]
    assert [step["with"] for step in checkouts] == [{"persist-credentials": False}]
    assert "secrets." not in (RECIPES / "github" / "comment.yml").read_text(encoding="utf-8")


def test_updates_of_a_stack_wait_for_each_other() -> None:
    """And are never cut off by the next one."""
    deploy = loaded(RECIPES / "github" / "deploy.yml")["jobs"]["deploy"]
    assert deploy["concurrency"] == {"group": "deploy-${{ matrix.stack }}", "cancel-in-progress": False}
    assert deploy["environment"] == "${{ matrix.stack }}"
    assert loaded(PIPELINE)["deploy"]["resource_group"] == "deploy/$STACK"


def test_nothing_is_checked_out_where_gitlab_comments() -> None:
    """The policy comes from the target branch."""
    comment = loaded(PIPELINE)["comment"]
    assert comment["variables"] == {"GIT_STRATEGY": "none"}
    assert "FETCH_HEAD:.dli-review.yaml" in "\n".join(comment["script"])
