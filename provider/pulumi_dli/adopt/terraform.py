"""Which jobs a Terraform state manages: resources `huaweicloud_dli_flinkjar_job` of Huawei Cloud's provider. Pure.

The state says which jobs are meant and how the Terraform program calls them; what they are is asked of DLI.
Source: Terraform's state format 4; the schema of the resource in Huawei Cloud's Terraform provider.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from pulumi_dli.errors import ConfigurationError
from pulumi_dli.schema.properties import BY_NAME

RESOURCE = "huaweicloud_dli_flinkjar_job"
FORMAT = 4

# Attributes of the resource, by the names of the properties that they are; all others have DLI's own names.
_RENAMED = {
    "desc": "description",
    "cu_number": "cu_num",
    "parallel_number": "parallel_num",
    "manager_cu_number": "manager_cu_num",
    "tm_cus": "tm_cu_num",
}


@dataclass(frozen=True)
class Managed:
    """A job that Terraform manages: its id, its address in the Terraform program, a name for it, and its region."""

    job_id: str
    address: str
    called: str
    region: str
    attributes: Mapping[str, Any] = field(repr=False)

    def differing(self, properties: Mapping[str, Any]) -> list[str]:
        """Return the names of the properties that are no longer as Terraform last saw them."""
        return [name for name, value in properties.items() if self._differs(name, value)]

    def _differs(self, name: str, value: Any) -> bool:
        attribute = _RENAMED.get(name, name)
        each = BY_NAME[name]
        if attribute not in self.attributes or each.create_only:
            return False
        seen = self.attributes[attribute]
        if name == "runtime_config" and isinstance(seen, dict):
            # Terraform keeps it as a map, and sends it as JSON text.
            seen = json.dumps([{"key": key, "value": item} for key, item in seen.items()]) if seen else ""
        return not each.equivalent(_given(seen), _given(value))


def managed_jobs(text: str) -> list[Managed]:
    """Read the jobs out of a state (`terraform state pull`). Raises ConfigurationError for a text that is none."""
    try:
        state = json.loads(text)
    except (ValueError, RecursionError):
        raise ConfigurationError("it is no JSON: write it with `terraform state pull`") from None
    if not isinstance(state, dict) or not isinstance(state.get("resources"), list):
        raise ConfigurationError("it is no Terraform state: write it with `terraform state pull`")
    if state.get("version") != FORMAT:
        raise ConfigurationError(
            f"it is a Terraform state of format {state.get('version')}, not {FORMAT}: "
            "write it with `terraform state pull` of Terraform 0.12 or later"
        )
    return [each for resource in state["resources"] for each in _instances(resource)]


def _instances(resource: Any) -> Iterator[Managed]:
    if not isinstance(resource, dict) or (resource.get("mode"), resource.get("type")) != ("managed", RESOURCE):
        return
    name = str(resource.get("name"))
    module = f"{resource['module']}." if resource.get("module") else ""
    for instance in resource.get("instances") or ():
        attributes = instance.get("attributes") or {}
        key = instance.get("index_key")
        index = "" if key is None else f"[{json.dumps(key, ensure_ascii=False)}]"
        if attributes.get("id") and not instance.get("deposed"):
            yield Managed(
                job_id=str(attributes["id"]),
                address=f"{module}{RESOURCE}.{name}{index}",
                called=name if key is None else f"{name}-{key}",
                region=str(attributes.get("region") or ""),
                attributes=attributes,
            )


def _given(value: Any) -> Any:
    """Return a value, or None where it says nothing: Terraform keeps "" and the like for what is not set."""
    return None if value in ("", [], {}) else value
