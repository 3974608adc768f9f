"""The reference page of the inputs and outputs, from the property table."""

from __future__ import annotations

from pulumi_dli.schema.controls import CONTROLS
from pulumi_dli.schema.properties import PROPERTIES
from pulumi_dli.schema.property import Property
from pulumi_dli.schema.resource import OUTPUTS
from tools.build.typed_arguments import default_of


def properties_page() -> str:
    """Return the reference page of the inputs and outputs."""
    lines = [
        "# Properties of `FlinkJarJob`",
        "",
        "Made from the property table by `scripts/format`; do not edit.",
        "",
        "*Change* says what a change of the property costs while the job runs: `LIVE`: a PUT, no downtime; "
        "`RESTART`: stop with savepoint, PUT, run; `NONE`: nothing is sent. *Removed* is what a property that the "
        "program no longer sets is reset to. *Where*: the page of DLI's API reference that says so.",
        "",
        "## Properties of the job",
        "",
        "| property | type | default | change | removed | clouds | description | where |",
        "|---|---|---|---|---|---|---|---|",
    ]
    lines += [
        f"| `{each.name}` | {each.value_type.word} | {_cell(default_of(each))} | "
        f"{'at create only' if each.create_only else f'`{each.cost.name}`'} | {_reset(each)} | "
        f"{', '.join(each.clouds)} | {each.line.replace('|', chr(92) + '|')} | {each.source} |"
        for each in PROPERTIES
    ]
    lines += [
        "",
        "## Control inputs",
        "",
        "Never sent to DLI; a change of them alone sends no PUT.",
        "",
        "| input | type | default | description |",
        "|---|---|---|---|",
    ]
    lines += [
        f"| `{each.name}` | {each.value_type.word} | {_cell(default_of(each))} | {each.line} |" for each in CONTROLS
    ]
    lines += [
        "",
        "## Outputs",
        "",
        "Every input, with the value that the service has, and:",
        "",
        "| output | type | description |",
        "|---|---|---|",
    ]
    lines += [f"| `{each.name}` | {each.type.__name__} | {each.line} |" for each in OUTPUTS]
    return "\n".join(lines) + "\n"


def _reset(each: Property) -> str:
    if each.no_reset:
        return f"refused: {each.no_reset}"
    if each.reset_by:
        return "the value of the formula"
    if each.default == "":
        return '`""`'
    return "`[]`" if each.default == () else _cell(default_of(each)) or "the defaults of its parts"


def _cell(text: str) -> str:
    return f"`{text}`" if text else ""
