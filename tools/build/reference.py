"""Build the API reference from the docstrings, as HTML under `.run/reference`. Called by `scripts/dev docs`.

A warning (an annotation that does not resolve, a name that is not there) is an error.
"""

from __future__ import annotations

import pkgutil
import warnings
from pathlib import Path

import pdoc
import pdoc.render
import pulumi

import pulumi_dli
from pulumi_dli import arguments, flink_jar_job, job_resource, provider

# The public names hide the modules behind them from pdoc, so each is named; of the emulator what tests of
# one's own programs use.
MODULES = [
    *(f"pulumi_dli.{each.name}" for each in pkgutil.iter_modules(pulumi_dli.__path__) if not each.ispkg),
    *(f"pulumi_dli.emulator.{name}" for name in ("server", "options", "control")),
]
FOLDER = Path(__file__).resolve().parents[2] / ".run" / "reference"


def main() -> None:
    """Build the reference of the whole package; its first page is that of the public names."""
    # pdoc looks at what a module holds; the public names are loaded when they are first used.
    vars(pulumi_dli).update({name: getattr(pulumi_dli, name) for name in pulumi_dli.__all__})
    # `pulumi.Input` names `Output` and `T` without their module: they resolve only where they are known.
    for module in (arguments, flink_jar_job, job_resource, provider):
        vars(module).update(Output=pulumi.Output, T=pulumi.output.T)
    pdoc.render.configure(docformat="markdown", include_undocumented=False)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        warnings.filterwarnings("ignore", message=r"Error parsing type annotation .* for pulumi\.")  # not ours
        pdoc.pdoc("pulumi_dli", *MODULES, output_directory=FOLDER)
    print(f"{FOLDER.relative_to(Path.cwd())}/index.html")


if __name__ == "__main__":
    main()
