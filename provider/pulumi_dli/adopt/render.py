"""The text of a program that adopts jobs: typed arguments, secrets from the stack's config. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from pulumi_dli.adopt.declarations import Entry
from pulumi_dli.adopt.python_literals import INDENT, LINE, comment, literal, text_literal
from pulumi_dli.schema.resource import INPUT_NAMES

HEAD = '''\
"""Flink JAR jobs of DLI, as they were found: the first `pulumi up` adopts them and changes nothing.

`job_id` says that a job existed before: `pulumi destroy` leaves it alone. Remove the line, and the
stack owns the job.
"""
'''


def program(entries: Sequence[Entry]) -> str:
    """Return the program; `ruff format` leaves it as it is."""
    has_secrets = any(each.secrets for each in entries)
    imports = [*(["import pulumi"] if has_secrets else []), "import pulumi_dli as dli"]
    config = "\nconfig = pulumi.Config()\n" if has_secrets else ""
    return HEAD + "\n" + "\n".join(imports) + "\n" + config + "".join(f"\n{_declared(each)}" for each in entries)


def _declared(each: Entry) -> str:
    notes = [line for told in (*each.facts, *each.notes) for line in comment(f"{told[:1].upper()}{told[1:]}.")]
    arguments = [text_literal(each.names.resource), *_arguments(each)]
    lines = [*notes, f"{each.names.variable} = dli.FlinkJarJob("]
    return "\n".join(lines) + "\n" + "".join(f"{INDENT}{argument},\n" for argument in arguments) + ")\n"


def _arguments(each: Entry) -> Iterator[str]:
    """Yield the arguments: the id first, then the inputs in the order of the table."""
    yield f"job_id={literal(each.inputs['job_id'])}"
    for name in INPUT_NAMES:
        if name in each.secrets:
            yield f"{name}={_required(name, each.key(name))}"
        elif name in each.inputs and name != "job_id":
            yield f"{name}={literal(each.inputs[name], depth=1)}"


def _required(name: str, key: str) -> str:
    short = f"config.require_secret({text_literal(key)})"
    if len(f"{INDENT}{name}={short},") <= LINE:
        return short
    return f"config.require_secret(\n{INDENT * 2}{text_literal(key)},\n{INDENT})"
