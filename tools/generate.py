"""Write the files that derive from the declarations: typed arguments and the reference pages.

`python tools/generate.py` writes them, `--check` exits with 1 where one is out of date.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import emulator_page
from pulumi_dli.config.settings import ALLOWED_HOSTS, NAMESPACE, SETTINGS, Setting
from pulumi_dli.planning.steps import Step, steps
from pulumi_dli.planning.wording import STEPS
from pulumi_dli.review.models import Report
from pulumi_dli.schema.clouds import CLOUDS
from pulumi_dli.schema.controls import CONTROLS, Control
from pulumi_dli.schema.properties import PROPERTIES
from pulumi_dli.schema.property import Cost, Property
from pulumi_dli.schema.resource import INPUTS, OUTPUTS
from pulumi_dli.schema.statuses import PHASES, RUNNING, STOPPED

ROOT = Path(__file__).resolve().parent.parent
ARGUMENTS = ROOT / "provider/pulumi_dli/arguments.py"
PROVIDER = ROOT / "provider/pulumi_dli/provider.py"
PROPERTIES_PAGE = ROOT / "docs/reference/properties.md"
LIFE_CYCLE_PAGE = ROOT / "docs/reference/life-cycle.md"
CONFIGURATION_PAGE = ROOT / "docs/reference/configuration.md"
REVIEW_SCHEMA = ROOT / "docs/reference/review.schema.json"

_HEAD = '''"""The typed arguments and outputs of a job. Made by `tools/generate.py` from the property table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, TypedDict

import pulumi


class ResourceSpecArgs(TypedDict, total=False):
    """CPU cores and memory of a JobManager or a TaskManager."""

    cpu: pulumi.Input[float]
    """CPU cores, at least 0.5; default 1.0."""
    memory: pulumi.Input[str]
    """Memory in MB or GB, at least 2GB, such as `4GB`; default 4GB."""


class ResourceConfigArgs(TypedDict, total=False):
    """Resources of a job with resource_config_version v2."""

    max_slot: pulumi.Input[int]
    """Slots of each TaskManager, at least 1; default 1."""
    parallel_number: pulumi.Input[int]
    """Parallel instances of each operator, at least 1; default 1."""
    jobmanager_resource_spec: pulumi.Input[ResourceSpecArgs]
    """Resources of the JobManager."""
    taskmanager_resource_spec: pulumi.Input[ResourceSpecArgs]
    """Resources of each TaskManager."""


class TagArgs(TypedDict):
    """A tag of a job."""

    key: pulumi.Input[str]
    """Key of the tag, not empty."""
    value: pulumi.Input[str]
    """Value of the tag; may be empty."""


class FlinkJarJobArgs(TypedDict, total=False):
    """The inputs of a Flink JAR job: DLI's properties, then the provider's own control inputs.

    In parentheses: the type with its limits; the default that the service documents for an absent value; what a
    change costs while the job runs (LIVE: a PUT, no downtime; RESTART: stop with savepoint, PUT, run); the page
    of DLI's API reference that says so. A value outside its limits fails in the preview, before anything is sent.
    None is the same as leaving the argument out.
    """

'''

_OPTS = "opts: Options of the resource, as Pulumi has them."

_OUTPUTS_HEAD = '''

class FlinkJarJobOutputs:
    """The outputs of a Flink JAR job: every input with the value that the service has, and what it says besides."""

'''


def arguments() -> str:
    """Return the module with the typed arguments and outputs."""
    fields = "".join(_field(each) for each in INPUTS)
    inputs = [each for each in INPUTS if each.name != "job_id"]
    outs = "".join(
        f'    {each.name}: pulumi.Output[{_output_type(each)} | None]\n    """{_escaped(each.line)}"""\n'
        for each in inputs
    )
    outs += "".join(
        f'    {each.name}: pulumi.Output[{each.type.__name__}]\n    """{each.line}"""\n' for each in OUTPUTS
    )
    return _HEAD + fields + _OUTPUTS_HEAD + outs.replace("[list]", "[list[str]]")


def _field(each: Property | Control) -> str:
    return f'    {each.name}: pulumi.Input[{each.value_type.python}] | None\n    """{_facts(each)}"""\n'


def _facts(each: Property | Control) -> str:
    default = _default(each)
    facts = [each.value_type.word, f"default {default}" if default else "", *_property_facts(each)]
    return _escaped(f"{each.line} ({'; '.join(fact for fact in facts if fact)})")


def _property_facts(each: Property | Control) -> list[str]:
    """Return what is known of a property of the job, and not of a control input."""
    if isinstance(each, Control):
        return []
    change = "at create only" if each.create_only else each.cost.name
    only = [] if each.clouds == CLOUDS else [f"{', '.join(each.clouds)} only"]
    return [f"change: {change}", *only, f"source: {each.source}"]


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\")


def _default(each: Property | Control) -> str:
    if each.default in (None, "", ()):
        return ""
    if isinstance(each.default, bool):
        return str(each.default).lower()
    return "" if isinstance(each.default, dict) else str(each.default)


def _output_type(each: Property | Control) -> str:
    known = {
        "Sequence[pulumi.Input[str]]": "list[str]",
        "ResourceConfigArgs": "Mapping[str, Any]",
        "Sequence[pulumi.Input[TagArgs]]": "list[Mapping[str, str]]",
    }
    return known.get(each.value_type.python, each.value_type.python)


def properties_page() -> str:
    """Return the reference page of the inputs and outputs."""
    lines = [
        "# Properties of `FlinkJarJob`",
        "",
        "Made from the property table by `python tools/generate.py`; do not edit.",
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
        f"| `{each.name}` | {each.value_type.word} | {_cell(_default(each))} | "
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
        f"| `{each.name}` | {each.value_type.word} | {_cell(_default(each))} | {each.line} |" for each in CONTROLS
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
    return "`[]`" if each.default == () else _cell(_default(each)) or "the defaults of its parts"


def _cell(text: str) -> str:
    return f"`{text}`" if text else ""


def configuration_page() -> str:
    """Return the reference page of the configuration."""
    lines = [
        "# Configuration",
        "",
        "Made from the declarations by `python tools/generate.py`; do not edit.",
        "",
        f"A setting is looked up in the arguments of an explicit `dli.Provider` or in the stack's config (`pulumi "
        f"config set {NAMESPACE}:region eu-de`; secrets with `--secret`), else in the environment: the first variable "
        "set, else in the entry of clouds.yaml. Which credentials count where there are several: "
        "[connecting.md](../how-to/connecting.md).",
        "",
        "| setting | argument of `dli.Provider` | environment | description |",
        "|---|---|---|---|",
    ]
    lines += [
        f"| `{NAMESPACE}:{each.name}`{' (secret)' if each.secret else ''} | `{_argument(each.name)}` | "
        f"{', '.join(f'`{name}`' for name in each.environment)} | {each.line} |"
        for each in SETTINGS
    ]
    lines += [
        "",
        "`PULUMI_DLI_ACCEPT_IDENTITY=<project>/<region>` in the environment lets one run manage a job whose stored "
        "project or region differs from the configuration.",
        "",
        f"`{ALLOWED_HOSTS}` in the environment names hosts, separated by commas, that credentials of the environment "
        "may be sent to beside those of the clouds and of this machine; `.example.com` stands for all that end so.",
    ]
    return "\n".join(lines) + "\n"


def provider_class(source: str) -> str:
    """Return the module of the explicit provider with the documentation of its arguments made anew."""
    lines = [f"            {_argument(each.name)}: {each.line}{_also(each)}" for each in SETTINGS]
    documented = "\n".join(
        ["        Args:", "            resource_name: Name in the stack.", *lines, f"            {_OPTS}"]
    )
    return re.sub(r"        Args:\n(?:            .*\n)+", lambda _: documented + "\n", source)


def _also(each: Setting) -> str:
    return " Kept secret." if each.secret else ""


def _argument(setting: str) -> str:
    return re.sub("([A-Z])", r"_\1", setting).lower()


def life_cycle_page() -> str:
    """Return the page with the steps for every status, and their drawing, made from the table itself."""
    lines = [
        "# Steps by status",
        "",
        "Made from the table in `planning/steps.py` by `python tools/generate.py`; do not edit.",
        "",
        "What `pulumi up` does to a job that it finds in a status, by what changed. With "
        '`upgrade_mode="stateless"` no savepoint is made and none is restored. *start from its savepoint* is a plain '
        "start where the job never ran, and is refused where it has no savepoint to go on from.",
    ]
    for desired in (RUNNING, STOPPED):
        lines += ["", f'## `desired_state="{desired}"`', ""]
        lines += ["| status | the job | no property | `LIVE` | `RESTART` |", "|---|---|---|---|---|"]
        lines += [_steps_row(status, desired) for status in PHASES]
    return "\n".join([*lines, "", "## Drawn", "", *_drawing(), ""])


def _steps_row(status: str, desired: str) -> str:
    planned = [steps(PHASES[status], cost, desired, puts=cost is not Cost.NONE) for cost in Cost]
    cells = [", ".join(STEPS[step] for step in each) or "nothing" for each in planned]
    return f"| `{status}` | {PHASES[status].value} | {' | '.join(cells)} |"


def _drawing() -> list[str]:
    """Draw the steps of a RESTART change of a job that is to run, one path per phase."""
    lines = ["The steps of a `RESTART` change of a job that is to run:", "", "```mermaid", "flowchart LR"]
    for phase in dict.fromkeys(PHASES.values()):
        planned = steps(phase, Cost.RESTART, RUNNING)
        path = [f'{phase.name}(["{phase.value}"])', *(f'{phase.name}_{step.name}["{STEPS[step]}"]' for step in planned)]
        end = "DECIDE([decide again])" if Step.WAIT in planned else "DONE([done])"
        lines.append("    " + " --> ".join([*path, end]))
    return [*lines, "```"]


def review_schema() -> str:
    """Return the JSON schema of a review."""
    made = "Made from pulumi_dli.review.models by python tools/generate.py; do not edit."
    return json.dumps({"$comment": made} | Report.model_json_schema(mode="serialization"), indent=2) + "\n"


def _formatted(text: str) -> str:
    command = [sys.executable, "-m", "ruff", "format", "--stdin-filename", "arguments.py", "-"]
    return subprocess.run(command, input=text, capture_output=True, text=True, check=True, cwd=ROOT).stdout


def main() -> int:
    """Write or check the generated files."""
    wanted = {
        ARGUMENTS: _formatted(arguments()),
        PROVIDER: provider_class(PROVIDER.read_text(encoding="utf-8")),
        PROPERTIES_PAGE: properties_page(),
        CONFIGURATION_PAGE: configuration_page(),
        LIFE_CYCLE_PAGE: life_cycle_page(),
        emulator_page.PAGE: emulator_page.emulator_page(),
        REVIEW_SCHEMA: review_schema(),
    }
    if "--check" not in sys.argv:
        for path, text in wanted.items():
            path.write_text(text, encoding="utf-8")
        return 0
    stale = [path for path, text in wanted.items() if not path.exists() or path.read_text(encoding="utf-8") != text]
    for path in stale:
        print(f"{path.relative_to(ROOT)} is out of date: run python tools/generate.py")
    return bool(stale)


if __name__ == "__main__":
    sys.exit(main())
