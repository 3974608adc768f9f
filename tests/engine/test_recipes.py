"""The recipes run: their script steps, as they stand, against a real engine and the emulator.

GitHub's command line and GitLab's API are stood in for by the few answers that the scripts ask for.
"""

from __future__ import annotations

import json
import os
import shutil
import stat
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
import yaml

from pulumi_dli.emulator.server import Emulator
from support.stack import Stack, job

RECIPES = Path(__file__).resolve().parents[2] / "recipes"
COMMIT = "c" * 40
POLICY = "version: 1\nstacks: [test]\nfail-on: ['*:delete']\n"
INSTALLS = ("apt-get ", "python -m pip ")

pytestmark = pytest.mark.skipif(
    any(shutil.which(tool) is None for tool in ("bash", "jq", "curl", "git")),
    reason="the recipes need bash, jq, curl, git",
)

# `gh` with GitHub's answers in files of its folder; what it is asked to write goes there too.
GH = """\
#!/usr/bin/env python3
import json, pathlib, shutil, subprocess, sys
here, words = pathlib.Path(__file__).parent / "github", sys.argv[1:]
if words[:2] == ["run", "download"]:
    options = dict(zip(words[3::2], words[4::2]))
    source = here / "artifacts" / options.get("--name", "")
    shutil.copytree(source, options["--dir"], dirs_exist_ok=True)
    sys.exit()
fields, path, method, query = {}, None, "GET", None
words = iter(words[1:])
for word in words:
    if word == "--method":
        method = next(words)
    elif word == "--jq":
        query = next(words)
    elif word in ("-f", "-F"):
        name, _, value = next(words).partition("=")
        fields[name] = pathlib.Path(value[1:]).read_text() if word == "-F" and value[:1] == "@" else value
    elif not word.startswith("-"):
        path = word
place = here / (path.replace("/", "_") + ".json")
if method == "GET":
    answer = place.read_text() if place.exists() else "[]"
    command = ["jq", "--raw-output", query]
    sys.exit(subprocess.run(command, input=answer, text=True).returncode)
with (here / "writes").open("a") as log:
    log.write(json.dumps([method, path, fields]) + "\\n")
"""


def steps(workflow: str) -> dict[str, str]:
    """Return the script steps of a GitHub workflow's only job by name."""
    (only,) = yaml.safe_load((RECIPES / "github" / workflow).read_text())["jobs"].values()
    return {step["name"]: step["run"] for step in only["steps"] if "run" in step}


def script(name: str) -> str:
    """Return the script of a job of the GitLab pipeline without what installs programs."""
    lines = yaml.safe_load((RECIPES / "gitlab" / "gitlab-ci.yml").read_text())[name]["script"]
    return "\n".join(line for line in lines if not line.startswith(INSTALLS))


@dataclass
class Runner:
    """Runs steps as a CI runner does, in the folder of a stack."""

    stack: Stack
    tools: Path
    variables: dict[str, str] = field(default_factory=dict)

    def run(self, text: str, folder: Path | None = None) -> subprocess.CompletedProcess[str]:
        """Run one script with `bash -e`."""
        environment = self.stack.surroundings() | {"STACK": "test"} | self.variables
        environment["PATH"] = f"{self.tools}:{os.environ['PATH']}"
        return subprocess.run(
            ["bash", "-e", "-c", text],
            cwd=folder or self.stack.folder,
            env=environment,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )

    def writes(self) -> list[Any]:
        """Return what was written to GitHub since the last call."""
        log = self.tools / "github" / "writes"
        written = [json.loads(line) for line in log.read_text().splitlines()] if log.exists() else []
        log.unlink(missing_ok=True)
        return written

    def answer(self, path: str, value: Any) -> None:
        """Set GitHub's answer."""
        (self.tools / "github" / (path.replace("/", "_") + ".json")).write_text(json.dumps(value))


@pytest.fixture
def runner(stack: Stack, tmp_path: Path) -> Runner:
    """A runner whose stack has a job, changed and not yet applied, and a policy on its base branch."""
    tools = tmp_path / "tools"
    (tools / "github" / "artifacts" / "preview-test").mkdir(parents=True)
    (tools / "gh").write_text(GH)
    (tools / "gh").chmod(stat.S_IRWXU)
    stack.jobs(a=job("a", cu_number=4))
    stack.up().expect_ok()
    stack.jobs(a=job("a", cu_number=8))
    (stack.folder / ".dli-review.yaml").write_text(POLICY)
    return Runner(stack, tools)


def test_the_github_workflows_review_compare_and_update(runner: Runner, emulator: Emulator) -> None:
    """Preview, comment updated in place, status; after the merge what was reviewed runs, and nothing else does."""
    folder, artifacts = runner.stack.folder, runner.tools / "github" / "artifacts" / "preview-test"
    runner.variables = {
        "REPOSITORY": "o/r", "RUN": "9", "RUN_URL": "https://github.example/9", "COMMIT": COMMIT, "BRANCH": "main",
        "GITHUB_OUTPUT": str(folder / "output"), "STATE": "success", "SAID": "nothing that the policy stops for",
    }  # fmt: skip
    emulator.clear_requests()
    assert runner.run(steps("review.yml")["Preview"]).returncode == 0
    shutil.copy(folder / "previews" / "test.json", artifacts)

    comment = steps("comment.yml")
    for name in ("Commit", "Download", "Review", "Status"):
        ran = runner.run(comment[name])
        assert ran.returncode == 0, ran.stderr
    assert (folder / "output").read_text() == "state=success\nsaid=nothing that the policy stops for\n"
    ((method, path, fields),) = runner.writes()
    assert (method, path, fields["state"], fields["context"]) == (
        "POST",
        f"repos/o/r/statuses/{COMMIT}",
        "success",
        "dli-review",
    )

    pulls = [
        {"number": 6, "state": "closed", "head": {"sha": COMMIT}},
        {"number": 7, "state": "open", "head": {"sha": COMMIT}},
    ]
    runner.answer(f"repos/o/r/commits/{COMMIT}/pulls", pulls)
    assert runner.run(comment["Comment"]).returncode == 0
    ((method, path, fields),) = runner.writes()
    assert (method, path) == ("POST", "repos/o/r/issues/7/comments")
    assert "stop with savepoint, update cu_number, restart" in fields["body"]
    theirs = {"id": 1, "user": {"type": "User"}, "body": fields["body"]}
    runner.answer("repos/o/r/issues/7/comments", [theirs, {"id": 2, "user": {"type": "Bot"}, "body": fields["body"]}])
    assert runner.run(comment["Comment"]).returncode == 0
    assert [write[:2] for write in runner.writes()] == [["PATCH", "repos/o/r/issues/comments/2"]]

    deploy = steps("deploy.yml")
    refused = runner.run(deploy["Reviewed"])
    assert (refused.returncode, "comes from no pull request" in refused.stderr) == (1, True)
    runner.answer(f"repos/o/r/commits/{COMMIT}/pulls", [{"merged_at": "2026", "head": {"sha": "x"}}])
    runner.answer("repos/o/r/actions/workflows/review.yml/runs", {"workflow_runs": []})
    refused = runner.run(deploy["Reviewed"])
    assert (refused.returncode, "there is no preview of x" in refused.stderr) == (1, True)
    runs = {"workflow_runs": [{"id": 8, "conclusion": "failure"}, {"id": 9, "conclusion": "success"}]}
    runner.answer("repos/o/r/actions/workflows/review.yml/runs", runs)
    assert runner.run(deploy["Reviewed"]).returncode == 0
    runner.stack.jobs(a=job("a", cu_number=10))
    unreviewed = runner.run(deploy["Compare"])
    assert (unreviewed.returncode, "is not what was reviewed" in unreviewed.stdout) == (1, True)
    assert emulator.requests() == []
    runner.stack.jobs(a=job("a", cu_number=8))
    for name in ("Compare", "Update"):
        ran = runner.run(deploy[name])
        assert ran.returncode == 0, ran.stdout + ran.stderr
    assert emulator.job("a")["properties"]["cu_number"] == 8


@pytest.mark.full
def test_the_github_workflow_reports_drift(runner: Runner, emulator: Emulator) -> None:
    """The report is the run's summary; it fails where taking back needs a restart, and nothing is written to DLI."""
    folder = runner.stack.folder
    runner.stack.jobs(a=job("a", cu_number=4))
    runner.variables = {
        "STACKS": "test", "FAIL_ON": "restart,stop,reset", "GITHUB_STEP_SUMMARY": str(folder / "summary.md"),
    }  # fmt: skip
    drift = steps("drift.yml")
    for changed, code in ((4, 0), (9, 1)):
        emulator.patch_job("a", properties={"cu_number": changed})
        emulator.clear_requests()
        assert runner.run(drift["Preview"]).returncode == 0
        assert runner.run(drift["Review"]).returncode == code
        assert emulator.requests(writes_only=True) == []
    assert "cu_number" in (folder / "summary.md").read_text()


@pytest.mark.full
def test_the_github_workflow_tells_what_stops_and_what_cannot_be_read(runner: Runner) -> None:
    """A gate that stops is a failure, previews that cannot be read are an error; neither ends the job early."""
    folder = runner.stack.folder
    runner.variables = {"RUN_URL": "https://github.example/9", "GITHUB_OUTPUT": str(folder / "output")}
    (folder / "artifacts" / "preview-test").mkdir(parents=True)
    runner.stack.jobs()
    (folder / "artifacts" / "preview-test" / "test.json").write_text(runner.stack.preview("--json").expect_ok().stdout)
    review = steps("comment.yml")["Review"]
    assert runner.run(review).returncode == 0
    assert "state=failure" in (folder / "output").read_text()
    assert "**The gate stops this change**" in (folder / "comment.md").read_text()
    (folder / "artifacts" / "preview-test" / "test.json").write_text("{")
    assert runner.run(review).returncode == 0
    assert "state=error" in (folder / "output").read_text()
    assert "cannot be reviewed: see [the run](https://github.example/9)" in (folder / "comment.md").read_text()


class GitLab(BaseHTTPRequestHandler):
    """The few answers of GitLab's API that the pipeline asks for."""

    notes: list[dict[str, Any]]
    artifact: Path
    merged: list[dict[str, Any]]

    def do_GET(self) -> None:
        """Answer with the user, the notes, the merge requests of a commit, or an artifact."""
        path, _, query = self.path.partition("?")
        if path.endswith("/user"):
            self._answer(json.dumps({"id": 5}))
        elif path.endswith("/notes"):
            self._answer(json.dumps(self.notes))
        elif path.endswith("/merge_requests"):
            self._answer(json.dumps(self.merged))
        elif path.endswith("/refs%2Fmerge-requests%2F7%2Fhead/raw/previews/test.json") and "job=preview" in query:
            self._answer(self.artifact.read_text())
        else:
            self.send_error(404)

    def do_POST(self) -> None:
        """Make a note."""
        self.notes.append({"id": len(self.notes) + 1, "author": {"id": 5}, **self._body()})
        self._answer("{}")

    def do_PUT(self) -> None:
        """Change a note."""
        self.notes[int(self.path.rpartition("/")[2]) - 1] |= self._body()
        self._answer("{}")

    def _body(self) -> dict[str, Any]:
        assert self.headers["PRIVATE-TOKEN"] == "a token"
        return dict(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))

    def _answer(self, text: str) -> None:
        self.send_response(200)
        self.end_headers()
        self.wfile.write(text.encode())

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing."""


@contextmanager
def gitlab(artifact: Path) -> Iterator[tuple[str, type[GitLab]]]:
    """A GitLab of one test's own."""
    answers = type("Answers", (GitLab,), {"notes": [], "artifact": artifact, "merged": []})
    server = ThreadingHTTPServer(("127.0.0.1", 0), answers)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/api/v4", answers
    finally:
        server.shutdown()
        server.server_close()


@pytest.mark.full
def test_the_gitlab_pipeline_reviews_compares_and_updates(runner: Runner, emulator: Emulator, tmp_path: Path) -> None:
    """The policy is that of the target branch; the note is updated in place; what was reviewed runs."""
    base = tmp_path / "base"
    git = f"git init -q -b main {base} && cd {base} && git add . && git -c user.name=x -c user.email=x@x commit -qm x"
    base.mkdir()
    (base / ".dli-review.yaml").write_text(POLICY)
    (base / "requirements.txt").write_text("pulumi-dli\n")
    assert subprocess.run(["bash", "-ec", git], check=False).returncode == 0
    (runner.stack.folder / ".dli-review.yaml").write_text("version: 1\nfail-on: ['*:restart']\n")
    with gitlab(runner.stack.folder / "previews" / "test.json") as (url, answers):
        runner.variables = {
            "CI_API_V4_URL": url, "CI_PROJECT_ID": "3", "CI_MERGE_REQUEST_PROJECT_ID": "3", "CI_MERGE_REQUEST_IID": "7",
            "REVIEW_TOKEN": "a token", "CI_JOB_TOKEN": "job", "CI_SERVER_HOST": "gitlab.example",
            "CI_PROJECT_PATH": "g/p", "CI_MERGE_REQUEST_TARGET_BRANCH_NAME": "main",
            "CI_COMMIT_SHA": COMMIT, "CI_JOB_URL": "https://x",
            "GIT_CONFIG_COUNT": "1", "GIT_CONFIG_KEY_0": f"url.file://{base}.insteadOf",
            "GIT_CONFIG_VALUE_0": "https://gitlab-ci-token:job@gitlab.example/g/p.git",
        }  # fmt: skip
        assert runner.run(script("preview")).returncode == 0
        for _ in range(2):
            shutil.rmtree(runner.stack.folder / "base", ignore_errors=True)
            ran = runner.run(script("comment"))
            assert ran.returncode == 0, ran.stderr
        assert len(answers.notes) == 1
        assert "stop with savepoint, update cu_number, restart" in answers.notes[0]["body"]

        refused = runner.run(script("deploy"))
        assert (refused.returncode, "comes from no merge request" in refused.stderr) == (1, True)
        answers.merged = [{"iid": 7, "state": "merged"}]
        runner.stack.jobs(a=job("a", cu_number=10))
        assert runner.run(script("deploy")).returncode == 1
        assert emulator.job("a")["properties"]["cu_number"] == 4
        runner.stack.jobs(a=job("a", cu_number=8))
        ran = runner.run(script("deploy"))
        assert ran.returncode == 0, ran.stdout + ran.stderr
    assert emulator.job("a")["properties"]["cu_number"] == 8
