"""Write the files that derive from the declarations: typed arguments and the reference pages.

Called by `scripts/format`; with `--check`, called by `scripts/check`, it exits with 1 where one is out of date.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from pulumi_dli.review.models import Report
from tools.build.emulator_page import PAGE, emulator_page
from tools.build.life_cycle_page import life_cycle_page
from tools.build.properties_page import properties_page
from tools.build.risks_page import risks_page
from tools.build.settings_documents import configuration_page, provider_class
from tools.build.typed_arguments import arguments
from tools.build.usage import PAGE as CONTRIBUTING
from tools.build.usage import contributors_page

ROOT = Path(__file__).resolve().parents[2]
ARGUMENTS = ROOT / "provider/pulumi_dli/arguments.py"
PROVIDER = ROOT / "provider/pulumi_dli/provider.py"
PROPERTIES_PAGE = ROOT / "docs/reference/properties.md"
LIFE_CYCLE_PAGE = ROOT / "docs/reference/life-cycle.md"
CONFIGURATION_PAGE = ROOT / "docs/reference/configuration.md"
RISKS_PAGE = ROOT / "docs/reference/risks.md"
REVIEW_SCHEMA = ROOT / "docs/reference/review.schema.json"


def review_schema() -> str:
    """Return the JSON schema of a review."""
    made = "Made from pulumi_dli.review.models by scripts/format; do not edit."
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
        PAGE: emulator_page(),
        CONTRIBUTING: contributors_page(),
        RISKS_PAGE: risks_page(),
        REVIEW_SCHEMA: review_schema(),
    }
    if "--check" not in sys.argv:
        for path, text in wanted.items():
            path.write_text(text, encoding="utf-8")
        return 0
    stale = [path for path, text in wanted.items() if not path.exists() or path.read_text(encoding="utf-8") != text]
    for path in stale:
        print(f"{path.relative_to(ROOT)} is out of date: run scripts/format")
    return bool(stale)


if __name__ == "__main__":
    sys.exit(main())
