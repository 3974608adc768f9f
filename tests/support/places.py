"""Where the project's files are."""

from __future__ import annotations

from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PROVIDER = ROOT / "provider"
TESTS = ROOT / "tests"
RECORDED = TESTS / "recorded"
