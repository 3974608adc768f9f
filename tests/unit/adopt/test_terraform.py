"""Reading a Terraform state: which jobs it manages, how they are called, and what changed since."""

from __future__ import annotations

import json
from typing import Any

import pytest

from pulumi_dli.adopt.terraform import Managed, managed_jobs
from pulumi_dli.errors import ConfigurationError
from support.places import RECORDED, ROOT

STATE = RECORDED / "terraform.tfstate"
GUIDE = ROOT / "docs" / "how-to" / "migrating-from-terraform.md"


def state(*resources: dict[str, Any], version: int = 4) -> str:
    """Return a state with resources."""
    return json.dumps({"version": version, "terraform_version": "1.11.4", "resources": list(resources)})


def resource(*instances: dict[str, Any], **more: Any) -> dict[str, Any]:
    """Return a resource of jobs."""
    usual = {"mode": "managed", "type": "huaweicloud_dli_flinkjar_job", "name": "orders", "instances": list(instances)}
    return usual | more


def one(**attributes: Any) -> Managed:
    """Return the one job of a state."""
    (job,) = managed_jobs(state(resource({"attributes": {"id": "138", **attributes}})))
    return job


def test_the_recorded_state_holds_its_jobs() -> None:
    """A single one, those of `count` and `for_each`, and one in a module; other resources are none."""
    assert [(each.job_id, each.address, each.called) for each in managed_jobs(STATE.read_text())] == [
        ("138", "huaweicloud_dli_flinkjar_job.clickstream", "clickstream"),
        ("139", 'huaweicloud_dli_flinkjar_job.orders["eu"]', "orders-eu"),
        ("140", 'huaweicloud_dli_flinkjar_job.orders["us"]', "orders-us"),
        ("141", "huaweicloud_dli_flinkjar_job.batch[0]", "batch-0"),
        ("142", "module.audit.huaweicloud_dli_flinkjar_job.trail", "trail"),
    ]


@pytest.mark.parametrize(
    "other",
    [
        resource({"attributes": {"id": "1"}}, mode="data"),
        resource({"attributes": {"id": "1"}}, type="huaweicloud_dli_queue"),
        resource({"attributes": {"id": "1"}, "deposed": "0a"}),
        resource({"attributes": {"id": ""}}),
        resource({"attributes": None}),
        resource(instances=None),
    ],
    ids=["data source", "other type", "deposed", "without id", "without attributes", "without instances"],
)
def test_what_terraform_does_not_manage_is_no_job(other: dict[str, Any]) -> None:
    """Data sources, other resources, and instances that are on their way out."""
    assert managed_jobs(state(other)) == []


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "it is no JSON"),
        ("[" * 100_000, "it is no JSON"),
        ("[]", "it is no Terraform state"),
        ('{"resources": {}}', "it is no Terraform state"),
        (state(version=3), "format 3, not 4"),
    ],
    ids=["empty", "deep", "list", "no resources", "old"],
)
@pytest.mark.words
def test_another_text_is_refused_with_the_command_that_writes_a_state(text: str, reason: str) -> None:
    """The remedy is `terraform state pull`."""
    with pytest.raises(ConfigurationError, match=reason) as caught:
        managed_jobs(text)
    assert "terraform state pull" in str(caught.value)


SAME: dict[str, tuple[Any, Any]] = {
    "desc": ("a", "a"),
    "cu_number": (4, 4),
    "smn_topic": ("", None),
    "dependency_jars": (None, []),
    "runtime_config": ({"a": "1", "b": "2"}, '[{"key":"b","value":"2"},{"key":"a","value":"1"}]'),
    "resume_max_num": (-1, -1),
    "log_enabled": (False, None),
}
RENAMED = {
    "desc": "description",
    "cu_number": "cu_num",
    "parallel_number": "parallel_num",
    "manager_cu_number": "manager_cu_num",
    "tm_cus": "tm_cu_num",
}


@pytest.mark.parametrize("name", SAME)
def test_a_value_that_means_the_same_is_no_change(name: str) -> None:
    """Terraform keeps "" and null for what is not set, and runtime_config as a map."""
    seen, value = SAME[name]
    assert one(**{RENAMED.get(name, name): seen}).differing({name: value}) == []


@pytest.mark.parametrize("name", [*RENAMED, "queue_name", "runtime_config"])
def test_a_value_that_terraform_saw_otherwise_is_a_change(name: str) -> None:
    """By Terraform's own name of the attribute."""
    seen, value = ("a", "b") if name in ("desc", "queue_name") else (3, 5)
    if name == "runtime_config":
        seen, value = {"a": "1"}, '[{"key": "a", "value": "2"}]'  # type: ignore[assignment]
    assert one(**{RENAMED.get(name, name): seen}).differing({name: value}) == [name]


def test_what_terraform_does_not_know_is_no_change() -> None:
    """Nor are tags, which it keeps as a map."""
    assert one(tags={"a": "b"}).differing({"checkpoint_enabled": True, "tags": []}) == []


@pytest.mark.parametrize(("name", "attribute"), RENAMED.items())
def test_the_guide_has_every_name_that_is_another_one(name: str, attribute: str) -> None:
    """In the table of docs/how-to/migrating-from-terraform.md."""
    assert f"| `{attribute}` | `{name}` |" in GUIDE.read_text(encoding="utf-8")
