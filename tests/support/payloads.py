"""Texts of others that try to be more than text: for a terminal, a log, a CI system, a comment, a page."""

from __future__ import annotations

import re

MARKUP = (
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "</code></td></tr></table><h1>approved</h1>",
    "</details></details>**approved**",
    "a|b|c",
    "a\\|b",
    "a\\\\|b\\",
    "`code` ``more``",
    "```\n# approved\n```",
    "~~~\n~~~",
    "[link](https://evil.example)",
    "![image](https://evil.example/x.png)",
    "https://evil.example www.evil.example a@evil.example",
    "@everyone #1 GH-1 !1 :tada:",
    "<!-- pulumi-dli review -->",
    "--> <b>x</b>",
    "&lt;b&gt; &#60;i&#62;",
    "$`x`$ $$y$$",
    "_under_ *star* ~~gone~~ ^ + - # >",
)
CONTROL = (
    "line\nbreak\r\nmore\u2028still\u2029yes\x0b\x0c\x85",
    "\x1b[2J\x1b[31mred\x07",
    "\x1b]0;title\x07\x1b]8;;https://evil.example\x1b\\link\x1b]8;;\x1b\\",
    "\x9b31m",
    "\u202egnp.exe\u202c \u200b \u2066x\u2069",
    "over\rwritten",
    "back\b\b\b\bspaced",
    "\x00nul",
    "\ufeffmark",
    "hidden\ufe0f\u3164\u034f",
    "\ud800 lone",
    "\U000e0001\U000e0041tag",
)
COMMANDS = (
    "::error::stopped",
    "x\n::add-mask::x",
    "::stop-commands::x",
    "a ::set-output name=x::y",
    "##[group]y",
    "##[error]x",
    "##vso[task.setvariable variable=PATH]x",
    "done ##vso[task.complete result=Succeeded;]",
    "##teamcity[buildStatus status='SUCCESS']",
    "section_start:1:x\r\x1b[0Ky",
    "travis_fold:start:x",
    "[dli/1 action=none certain=yes phase=plan risks=]",
)
OTHERS = (" ", "", "x" * 100_000)

PAYLOADS = (*MARKUP, *CONTROL, *COMMANDS, *OTHERS)

# What makes a CI system act, wherever it stands in a line.
_TRIGGER = re.compile(r"::\w|##|section_(?:start|end):|travis_\w+:")


def named(text: str) -> str:
    """Return a name for a payload in a test's id."""
    return ascii(text[:16])


def harm(text: str) -> list[str]:
    """Return what a line of a log or a terminal still has that is more than text."""
    control = [ascii(each) for each in text if each != " " and not each.isprintable()]
    return [*control, *_TRIGGER.findall(text)]
