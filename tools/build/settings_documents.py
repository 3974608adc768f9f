"""What is written of the settings: the page of the configuration, and the arguments of the explicit provider."""

from __future__ import annotations

import re

from pulumi_dli.config.settings import ALLOWED_HOSTS
from pulumi_dli.config.table import NAMESPACE, SETTINGS, Setting

_OPTS = "opts: Options of the resource, as Pulumi has them."


def configuration_page() -> str:
    """Return the reference page of the configuration."""
    lines = [
        "# Configuration",
        "",
        "Made from the declarations by `scripts/format`; do not edit.",
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
        f"| `{NAMESPACE}:{each.name}`{' (secret)' if each.secret else ''} | `{argument_of(each.name)}` | "
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
    """Return the module of the explicit provider with the documentation of its arguments as the settings have it."""
    lines = [f"            {argument_of(each.name)}: {each.line}{_also(each)}" for each in SETTINGS]
    documented = "\n".join(
        ["        Args:", "            resource_name: Name in the stack.", *lines, f"            {_OPTS}"]
    )
    return re.sub(r"        Args:\n(?:            .*\n)+", lambda _: documented + "\n", source)


def _also(each: Setting) -> str:
    return " Kept secret." if each.secret else ""


def argument_of(setting: str) -> str:
    """Return the name of the argument of `dli.Provider` for a setting."""
    return re.sub("([A-Z])", r"_\1", setting).lower()
