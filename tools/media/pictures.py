"""Make the pictures of docs/evidence/images from real output: three stacks are changed, previewed and reviewed.

Needs a Chromium on PATH (`chromium-headless-shell` of Debian will do). Called by `scripts/dev pictures`.
"""

from __future__ import annotations

import io
import json
import os
import shutil
import subprocess
import sys
import tempfile
from contextlib import redirect_stdout
from pathlib import Path
from typing import Any

from cmarkgfm import github_flavored_markdown_to_html
from cmarkgfm.cmark import Options as MarkdownOptions
from rich.console import Console
from rich.terminal_theme import TerminalTheme
from rich.text import Text

from pulumi_dli.cli import main as command
from pulumi_dli.emulator.server import Emulator, Options, running

IMAGES = Path(__file__).resolve().parents[2] / "docs" / "evidence" / "images"
BROWSERS = ("chromium", "chromium-headless-shell", "google-chrome", "chrome")
STACKS = ("dev", "staging", "prod")
TIMEOUT = 180
POLICY = """\
version: 1
stacks: [dev, staging, prod]
fail-on:
  - "prod:restart,delete,state-risk"
allow:
  - job: orders
    stack: prod
    conditions: [restart]
    reason: More CUs for the sale, agreed for Sunday 05:00
    until: 2099-12-31
"""
PROGRAM = """\
import json
from pathlib import Path

import pulumi
import pulumi_dli as dli

for name, inputs in json.loads(Path(f"jobs.{pulumi.get_stack()}.json").read_text()).items():
    dli.FlinkJarJob(name, inputs)
"""


def job(stack: str, name: str, **inputs: Any) -> dict[str, Any]:
    """Return a job as a team would write it."""
    usual = {"name": f"{name}-{stack}", "queue_name": "streaming", "checkpoint_enabled": True, "settle_time": 0}
    return {**usual, "entrypoint": f"obs://artifacts/{name}-1.4.jar", **inputs}


def before(stack: str) -> dict[str, Any]:
    """Return the jobs that run."""
    size = {"dev": 4, "staging": 8, "prod": 40}[stack]
    arguments = f"--topic {stack}.orders --password old-{stack}"
    jobs = {
        "clickstream": job(stack, "clickstream", cu_number=size, parallel_number=size // 2),
        "orders": job(stack, "orders", cu_number=size, entrypoint_args=arguments),
        "alerts": job(stack, "alerts", smn_topic="urn:smn:eu-de:1:streaming", cu_number=size),
        "audit": job(stack, "audit"),
    }
    return jobs if stack == "prod" else {name: each for name, each in jobs.items() if name != "audit"}


def after(stack: str) -> dict[str, Any]:
    """Return the jobs as the pull request has them."""
    jobs = before(stack)
    jobs["clickstream"] |= {"entrypoint": "obs://artifacts/clickstream-1.5.jar"}
    jobs["alerts"] |= {"smn_topic": "urn:smn:eu-de:1:on-call"}
    if stack == "prod":
        jobs["clickstream"] |= {"parallel_number": 32}
        jobs["orders"] |= {"cu_number": 60, "entrypoint_args": f"--topic {stack}.orders --password new-{stack}"}
        del jobs["alerts"]["cu_number"]
        del jobs["audit"]
    return jobs


def main() -> int:
    """Make the stacks, change them, and take the pictures."""
    browser = next((found for name in BROWSERS if (found := shutil.which(name))), None)
    if browser is None:
        sys.exit(f"there is no browser on PATH ({', '.join(BROWSERS)}): apt-get install chromium-headless-shell")
    with tempfile.TemporaryDirectory() as name, running(Options(time_factor=1000)) as emulator:
        folder = Path(name)
        files = [_previewed(folder, emulator, stack) for stack in STACKS]
        (folder / "policy.yaml").write_text(POLICY, encoding="utf-8")
        comment = _reviewed("--policy", str(folder / "policy.yaml"), *files)
        terminal = _reviewed("--format", "terminal", "--color", "always", "--fail-on", "prod:restart,delete", files[-1])
        shown = _pulumi(folder, "prod", "preview", "--suppress-progress", "--color", "always")
        _photograph(browser, folder, _comment_page(comment), IMAGES / "review-comment.png", 1100)
        said = f"$ pulumi-dli review --format terminal --fail-on prod:restart,delete prod.json\n{terminal}"
        _photograph(browser, folder, _terminal_page(said), IMAGES / "review-terminal.png", 1180)
        said = f"$ pulumi preview --stack prod\n{shown}"
        _photograph(browser, folder, _terminal_page(said), IMAGES / "preview-terminal.png", 1480)
    return 0


def _previewed(folder: Path, emulator: Emulator, stack: str) -> str:
    (folder / "backend").mkdir(exist_ok=True)
    (folder / "Pulumi.yaml").write_text("name: streaming\nruntime: python\n", encoding="utf-8")
    (folder / "__main__.py").write_text(PROGRAM, encoding="utf-8")
    settings = {"endpoint": emulator.url, "region": "eu-de", "projectId": emulator.project_id, "token": emulator.token}
    config = "".join(f"  dli:{name}: {json.dumps(value)}\n" for name, value in settings.items())
    (folder / f"Pulumi.{stack}.yaml").write_text(f"config:\n{config}", encoding="utf-8")
    jobs = folder / f"jobs.{stack}.json"
    jobs.write_text(json.dumps(before(stack)), encoding="utf-8")
    _pulumi(folder, stack, "stack", "init")
    _pulumi(folder, stack, "up", "--yes", "--skip-preview")
    jobs.write_text(json.dumps(after(stack)), encoding="utf-8")
    path = folder / f"{stack}.json"
    path.write_text(_pulumi(folder, stack, "preview", "--json"), encoding="utf-8")
    return str(path)


def _pulumi(folder: Path, stack: str, *words: str) -> str:
    environment = os.environ | {
        "PULUMI_BACKEND_URL": f"file://{folder / 'backend'}",
        "PULUMI_CONFIG_PASSPHRASE": "pictures",
        "PULUMI_HOME": str(folder / "home"),
        "PULUMI_SKIP_UPDATE_CHECK": "true",
    }
    command_line = ["pulumi", *words, "--stack", stack, "--non-interactive"]
    ran = subprocess.run(
        command_line, cwd=folder, env=environment, capture_output=True, text=True, timeout=TIMEOUT, check=False
    )
    if ran.returncode:
        sys.exit(f"{ran.stdout}{ran.stderr}\npulumi {' '.join(words)} failed")
    return ran.stdout


def _reviewed(*arguments: str) -> str:
    written = io.TextIOWrapper(io.BytesIO(), encoding="utf-8")
    with redirect_stdout(written):
        command(["review", *arguments])
    written.flush()
    written.seek(0)
    return written.read()


_COMMENT = """<!doctype html><meta charset="utf-8"><style>
body { margin: 0; padding: 24px; background: #ffffff; color: #1f2328; font: 14px/1.5 "Liberation Sans", sans-serif; }
.comment { border: 1px solid #d1d9e0; border-radius: 6px; }
.head { background: #f6f8fa; border-bottom: 1px solid #d1d9e0; border-radius: 6px 6px 0 0; }
.head { padding: 8px 16px; color: #59636e; }
.body { padding: 8px 16px 16px; }
h3 { font-size: 18px; margin: 12px 0; } h4 { font-size: 15px; margin: 20px 0 10px; }
ul { padding-left: 24px; margin: 8px 0; }
table { border-collapse: collapse; margin: 8px 0 12px; }
th, td { border: 1px solid #d1d9e0; padding: 6px 13px; text-align: left; vertical-align: top; }
tr:nth-child(2n) td { background: #f6f8fa; }
code { background: #eff1f3; border-radius: 6px; padding: 2px 5px; }
code { font-family: "DejaVu Sans Mono", monospace; font-size: 85%%; }
pre { background: #f6f8fa; border-radius: 6px; padding: 12px; } pre code { background: none; padding: 0; }
.add { background: #dafbe1; color: #116329; } .del { background: #ffebe9; color: #82071e; }
details { margin: 8px 0; } summary { cursor: pointer; }
</style><div class="comment"><div class="head"><b>github-actions</b> commented</div><div class="body">%s</div></div>
<script>
document.querySelectorAll("code.language-diff, pre[lang=diff] code").forEach(code => {
  code.innerHTML = code.innerHTML.split("\\n").map(line =>
    line.startsWith("+") ? `<span class="add">${line}</span>` :
    line.startsWith("-") ? `<span class="del">${line}</span>` : line).join("\\n");
});
const all = document.querySelectorAll("details"); if (all.length) all[all.length - 1].open = true;
</script>"""
_TERMINAL = """<!doctype html><meta charset="utf-8"><style>
body { margin: 0; padding: 20px; background: #ffffff; }
pre { margin: 0; padding: 18px 22px; border-radius: 8px; background: #1b1f24; color: #d6dbe0;
      font: 13px/1.55 "DejaVu Sans Mono", monospace; white-space: pre-wrap; }
</style><pre>%s</pre>"""
_DARK = [(80, 86, 94), (255, 123, 114), (126, 231, 135), (240, 190, 90), (121, 192, 255), (210, 168, 255)]
_COLOURS = [*_DARK, (86, 212, 221), (214, 219, 224)]
_THEME = TerminalTheme((27, 31, 36), (214, 219, 224), _COLOURS, [(139, 148, 158), *_COLOURS[1:]])


def _comment_page(markdown: str) -> str:
    html: str = github_flavored_markdown_to_html(markdown, MarkdownOptions.CMARK_OPT_UNSAFE)
    return _COMMENT % html


def _terminal_page(text: str) -> str:
    console = Console(record=True, file=io.StringIO(), width=180, force_terminal=True, color_system="truecolor")
    console.print(Text.from_ansi(text.rstrip()))
    return _TERMINAL % console.export_html(inline_styles=True, code_format="{code}", theme=_THEME)


def _photograph(browser: str, folder: Path, page: str, target: Path, width: int) -> None:
    """Take a picture as high as the page is."""
    path = folder / "page.html"
    measure = "<script>document.title = String(document.body.scrollHeight)</script>"
    path.write_text(page + measure, encoding="utf-8")
    options = [
        browser,
        "--headless",
        "--no-sandbox",
        "--disable-gpu",
        "--hide-scrollbars",
        "--force-device-scale-factor=1.5",
    ]
    shown = [*options, f"--window-size={width},200", "--dump-dom", path.as_uri()]
    dom = subprocess.run(shown, capture_output=True, text=True, timeout=TIMEOUT, check=True).stdout
    height = int(dom.partition("<title>")[2].partition("</title>")[0])
    picture = [*options, f"--window-size={width},{height}", f"--screenshot={target}", path.as_uri()]
    subprocess.run(picture, capture_output=True, timeout=TIMEOUT, check=True)
    print(target.name, f"{target.stat().st_size // 1024} KB")


if __name__ == "__main__":
    sys.exit(main())
