"""The fleet for the Pulumi Kubernetes Operator: resources by its schema, folders that run from a fresh clone."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from support.fleet import Fleet

REPOSITORY = "https://git.example.org/streaming.git"
PLACE = ("--repository", REPOSITORY, "--backend", "s3://state")
OPERATOR = "github.com/pulumi/pulumi-kubernetes-operator@v1.16.0"
OPERATOR_SUM = "h1:HSgXateOE1GAgetlqB85iRx5EbcCfvLI7WeDEny9fVA="


def written(fleet: Fleet, *options: str) -> dict[str, dict[str, Any]]:
    """Write the fleet into a git repository, and return the resources by name."""
    subprocess.run(["git", "init", "--quiet", str(fleet.folder)], check=True)
    ran = fleet.run("manifests", *PLACE, *options)
    assert ran.ok, ran.text
    resources = yaml.safe_load_all((fleet.folder / "deploy/stacks.yaml").read_text(encoding="utf-8"))
    return {each["metadata"]["name"]: each for each in resources}


def test_each_stack_waits_for_the_wave_before_it(fleet: Fleet) -> None:
    """The order of the waves, as prerequisites that the operator keeps."""
    specs = {name: each["spec"] for name, each in written(fleet, "--branch", "release/{wave}").items()}
    before = {name: [each["name"] for each in spec["prerequisites"]] for name, spec in specs.items()}
    assert before == {
        "clicks-dev": [],
        "clicks-staging": ["clicks-dev"],
        "clicks-nl": ["clicks-staging"],
        "clicks-de": ["clicks-nl"],
    }
    assert (specs["clicks-nl"]["repoDir"], specs["clicks-nl"]["branch"]) == ("deploy/clicks-nl", "release/canary")


def test_credentials_come_from_a_secret_and_the_budget_is_divided(fleet: Fleet) -> None:
    """No secret stands in a manifest; each workspace is a machine of its own, so each gets its part."""
    fleet.define(
        waves=["all"],
        requests_per_second=20,
        stacks={name: {"wave": "all", "jobs": {"j": job(name)}} for name in ("a", "b", "c", "d")},
    )
    environment = written(fleet, "--env", "OS_SECRET_KEY")["a"]["spec"]["envRefs"]
    assert environment == {
        "PULUMI_CONFIG_PASSPHRASE": secret("PULUMI_CONFIG_PASSPHRASE"),
        "OS_SECRET_KEY": secret("OS_SECRET_KEY"),
        "PULUMI_DLI_REQUESTS_PER_SECOND": {"type": "Literal", "literal": {"value": "5"}},
    }


def job(name: str) -> dict[str, Any]:
    """Return a job's inputs."""
    return {"name": name, "entrypoint": "obs://artifacts/job.jar"}


def secret(key: str) -> dict[str, Any]:
    """Return the operator's reference to a key of the Secret."""
    return {"type": "Secret", "secret": {"name": "fleet", "key": key}}


def test_what_the_operator_could_not_run_is_refused(fleet: Fleet) -> None:
    """A folder outside of git, and a stack whose name Kubernetes does not take; one line each."""
    outside = fleet.run("manifests", *PLACE)
    assert (outside.code, "is in no git repository" in outside.stderr) == (2, True), outside.text
    fleet.define(waves=["all"], stacks={"Clicks_1": {"wave": "all", "jobs": {"j": job("j")}}})
    subprocess.run(["git", "init", "--quiet", str(fleet.folder)], check=True)
    badly_named = fleet.run("manifests", *PLACE)
    assert badly_named.code == 2
    assert badly_named.stderr == (
        "fleet: stacks.Clicks_1: Kubernetes takes lower-case letters, digits and hyphens alone\n"
    )


@pytest.mark.full
def test_a_folder_runs_from_every_fresh_clone(fleet: Fleet) -> None:
    """The operator clones again for each run: what Pulumi writes beside the program is gone, the state is not."""
    written(fleet)
    for clone, says in (("first", "+ 3 created"), ("second", "3 unchanged")):
        folder = fleet.folder / clone
        shutil.copytree(fleet.folder / "deploy/clicks-dev", folder)
        project = yaml.safe_load((folder / "Pulumi.yaml").read_text(encoding="utf-8"))
        # Its environment is made by pip from an index; here the test's own serves.
        del project["runtime"]["options"]["virtualenv"]
        (folder / "Pulumi.yaml").write_text(yaml.safe_dump(project), encoding="utf-8")
        for words in (("stack", "select", "--create", "clicks-dev"), ("up", "--yes", "--stack", "clicks-dev")):
            ran = fleet.pulumi(folder, *words)
            assert ran.ok, ran.text
        assert says in ran.text
    assert len(fleet.names()) == 2


@pytest.mark.full
@pytest.mark.skipif(shutil.which("go") is None, reason="the operator is published as a Go module")
def test_the_resources_keep_to_the_operators_schema(fleet: Fleet, tmp_path: Path) -> None:
    """The one that it publishes; what it does not know is a mistake as well, for Kubernetes would drop it."""
    schema = stack_schema(tmp_path / "modules")
    for resource in written(fleet, "--env", "OS_SECRET_KEY").values():
        jsonschema.validate(resource, schema)
        resource["spec"]["repodir"] = "deploy"
        with pytest.raises(jsonschema.ValidationError, match="repodir"):
            jsonschema.validate(resource, schema)


def stack_schema(modules: Path) -> dict[str, Any]:
    """Return the schema of a `Stack`, from the operator's module, which must be the one that is pinned here."""
    environment = os.environ | {"GOMODCACHE": str(modules), "GOFLAGS": "-modcacherw", "GOWORK": "off", "GOSUMDB": "off"}
    command = ["go", "mod", "download", "-json", OPERATOR]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    module = json.loads(done.stdout)
    assert module["Sum"] == OPERATOR_SUM
    definition = yaml.safe_load((Path(module["Dir"]) / "deploy/crds/pulumi.com_stacks.yaml").read_text("utf-8"))
    (version,) = [each for each in definition["spec"]["versions"] if each["name"] == "v1"]
    schema: dict[str, Any] = version["schema"]["openAPIV3Schema"]
    spec = schema["properties"]["spec"]
    forbid_others(spec)
    return schema


def forbid_others(schema: dict[str, Any]) -> None:
    """Let an object have the properties alone that its schema names."""
    if "properties" in schema:
        schema.setdefault("additionalProperties", False)
    inner = [*schema.get("properties", {}).values(), schema.get("items"), schema.get("additionalProperties")]
    for each in inner:
        if isinstance(each, dict):
            forbid_others(each)
