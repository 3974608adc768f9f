"""Reading a review as its readers do: a comment rendered by GitHub's Markdown, and commands run from outside."""

from __future__ import annotations

import io
import json
import sys
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any

from cmarkgfm import github_flavored_markdown_to_html
from cmarkgfm.cmark import Options

from pulumi_dli.cli import main
from pulumi_dli.errors import DliError
from pulumi_dli.planning.actions import Action
from pulumi_dli.planning.diff import difference
from pulumi_dli.planning.marker import DiffPhase, Marker
from pulumi_dli.planning.update_plan import plan_update

TYPE = "pulumi-python:dynamic/dli:FlinkJarJob"


@dataclass
class Page(HTMLParser):
    """A rendered comment: its tags with their attributes, its texts, and the rows of its tables."""

    tags: list[tuple[str, tuple[tuple[str, str | None], ...]]] = field(default_factory=list)
    rows: list[list[str]] = field(default_factory=list)
    text: str = ""
    open: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Start the parser."""
        super().__init__(convert_charrefs=True)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Keep a tag; a cell begins."""
        self.tags.append((tag, tuple(attrs)))
        if tag == "tr":
            self.rows.append([])
        elif tag in {"td", "th"}:
            self.rows[-1].append("")
            self.open.append(tag)
        elif tag == "br" and self.open:
            self.rows[-1][-1] += "\n"

    def handle_endtag(self, tag: str) -> None:
        """A cell ends."""
        if tag in {"td", "th"}:
            self.open.pop()

    def handle_data(self, data: str) -> None:
        """Keep a text."""
        self.text += data
        if self.open:
            self.rows[-1][-1] += data


def rendered(markdown: str) -> Page:
    """Render as code hosts do, but with raw HTML let through: nothing is to depend on their sanitiser."""
    page = Page()
    page.feed(github_flavored_markdown_to_html(markdown, Options.CMARK_OPT_UNSAFE))
    return page


def cells(page: Page) -> dict[str, list[str]]:
    """Return the rows of the tables by their first cell."""
    return {row[0]: row for row in page.rows}


@dataclass(frozen=True)
class Ran:
    """What a command came to."""

    code: int
    stdout: str
    stderr: str


def review(*arguments: str, stdin: bytes = b"") -> Ran:
    """Run the command `pulumi-dli review` in this process, with streams of its own."""
    given, out, err = (io.TextIOWrapper(io.BytesIO(text), encoding="utf-8") for text in (stdin, b"", b""))
    kept, sys.stdin = sys.stdin, given
    try:
        with redirect_stdout(out), redirect_stderr(err):
            code = main(["review", *arguments])
    finally:
        sys.stdin = kept
    return Ran(code, _written(out), _written(err))


def _written(stream: io.TextIOWrapper) -> str:
    stream.flush()
    stream.seek(0)
    return stream.read()


def step(
    name: str, olds: dict[str, Any], news: dict[str, Any], *, stack: str = "prod", op: str = "update"
) -> dict[str, Any]:
    """Return a step of a preview about a running job, as the engine writes it."""
    urn = f"urn:pulumi:{stack}::jobs::{TYPE}::{name}"
    before = {"name": name, "queue_name": "q", "entrypoint": "obs://a/1.jar", **olds}
    after = {"name": name, "queue_name": "q", "entrypoint": "obs://a/1.jar", **news}
    outputs = {**before, "status": "job_running", "managed": sorted(before)}
    old = {"urn": urn, "type": TYPE, "inputs": before, "outputs": outputs}
    new = {"urn": urn, "type": TYPE, "inputs": after}
    differing = {key: {"kind": "update"} for key in {*before, *after} if before.get(key) != after.get(key)}
    sides = {"oldState": old, "newState": new}
    if op in {"create", "delete"}:
        del sides["oldState" if op == "create" else "newState"]
    return {"op": op, "urn": urn, "detailedDiff": differing if op == "update" else None, **sides}


def preview(*steps: dict[str, Any], marked: bool = True, **more: Any) -> bytes:
    """Return the output of a preview with these steps, and with the markers that the provider sends for them."""
    said = [*(marker(each) for each in steps if marked and each["op"] == "update" and TYPE in each["urn"])]
    said += more.pop("diagnostics", [])
    document = {"config": {}, "steps": list(steps), "diagnostics": said, "changeSummary": {"same": 1}, **more}
    return json.dumps(document).encode()


def marker(of: dict[str, Any]) -> dict[str, Any]:
    """Return the message in which the provider announces an update."""
    olds, news = of["oldState"]["outputs"], of["newState"]["inputs"]
    try:
        plan = plan_update(olds, news, difference(olds, news))
        line = Marker(plan.action, plan.certain, DiffPhase.PLAN, plan.risks)
    except (TypeError, ValueError, AttributeError, LookupError, DliError):
        line = Marker(Action.RESTART, False, DiffPhase.PLAN)
    return {"urn": of["urn"], "severity": "info", "message": f"{of['urn'].rpartition('::')[2]}: announced\n{line}"}
