"""The document is a valid one, it is what is served, and the answers keep to it."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from typing import Any

import pytest
from openapi_spec_validator import validate

from pulumi_dli.emulator import contract
from pulumi_dli.emulator.operations.routes import ROUTES
from pulumi_dli.emulator.server import Options, running
from support.places import PROVIDER

LISTING = """
import json, sys
import pulumi_dli.emulator.command
print(json.dumps(sorted(sys.modules)))
"""


def test_the_document_is_valid_openapi() -> None:
    validate(contract.document())


def test_the_document_and_the_route_table_agree() -> None:
    served = {(r.operation, r.method, r.path) for r in ROUTES}
    written = {(o.id, o.method, o.path) for o in contract.operations().values()}
    assert served == written


def test_the_document_and_the_route_table_agree_on_who_needs_a_token() -> None:
    for route in ROUTES:
        item = contract.document()["paths"][route.path][route.method.lower()]
        assert (item.get("security") == []) is (route.access == "anyone")


def test_every_property_names_its_source() -> None:
    assert all("x-source" in schema for schema in contract.job_properties().values())


def test_no_default_breaks_its_own_schema() -> None:
    for name, schema in contract.job_properties().items():
        if "default" in schema:
            contract.raise_worst(contract.validator(schema).iter_errors(schema["default"]), name)


@pytest.mark.parametrize("cloud", ["otc", "huawei"])
def test_the_answers_keep_to_the_document(api_of: Any, cloud: str) -> None:
    with running(Options(cloud=cloud, time_factor=1000)) as emulator:
        api = api_of(emulator)
        job_id = api.create(entrypoint="a.jar")
        api.update(job_id, desc="x")
        api.update(job_id, desc=4)
        api.run(job_id)
        api.wait(job_id, "job_running")
        api.stop(job_id)
        api.send("GET", "/streaming/jobs?show_detail=true")
        api.send("GET", f"{api.v3}/dli_flink_job/{job_id}/tags")
        api.send("DELETE", f"/streaming/jobs/{job_id}")
        entries = emulator.requests()
    for entry in entries:
        contract.raise_worst(contract.validator(answer_schema(entry)).iter_errors(entry["answer"]))


def answer_schema(entry: dict[str, Any]) -> dict[str, Any]:
    operation = contract.operations()[entry["operation"]]
    item = contract.document()["paths"][operation.path][operation.method.lower()]
    answer = contract.resolve(item["responses"][str(entry["status"])])
    schema: dict[str, Any] = answer["content"]["application/json"]["schema"]
    return schema


def test_the_emulator_imports_nothing_else_of_the_product() -> None:
    """Two readings of one contract check each other only while neither uses the other."""
    listed = subprocess.run(
        [sys.executable, "-c", LISTING], env={"PYTHONPATH": str(PROVIDER)},
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    modules = json.loads(listed.stdout)
    ours = [name for name in modules if name.startswith("pulumi_dli")]
    assert [n for n in ours if not re.match(r"pulumi_dli(\.version|\.emulator.*)?$", n)] == []
    assert not any(name == "pulumi" or name.startswith("pulumi.") for name in modules)
