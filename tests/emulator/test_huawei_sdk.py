"""Huawei's own Python SDK for DLI talks to the emulator as to the service, with no special treatment."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

import pytest
from huaweicloudsdkcore.auth.credentials import BasicCredentials
from huaweicloudsdkcore.exceptions.exceptions import ClientRequestException
from huaweicloudsdkdli import v1 as dli

from pulumi_dli.emulator import contract
from pulumi_dli.emulator.options import ACCESS_KEY, SECRET_KEY
from pulumi_dli.emulator.server import Emulator, Options, running

SECONDS = 10.0


class Sdk:
    """The SDK's client, with a word for each of its calls."""

    def __init__(self, emulator: Emulator) -> None:
        keys = BasicCredentials(ACCESS_KEY, SECRET_KEY, emulator.project_id)
        self.client = dli.DliClient.new_builder().with_credentials(keys).with_endpoint(emulator.url).build()
        self.project_id = emulator.project_id

    def create(self, name: str) -> int:
        body = dli.CreateFlinkJarJobRequestBody(
            name=name, queue_name="dev", cu_number=4, parallel_number=2, entrypoint="obs://jars/a.jar",
            main_class="com.example.Main", dependency_jars=["obs://jars/b.jar"], checkpoint_mode=2,
            tags=[dli.Tag(key="team", value="data")],
        )  # fmt: skip
        answer = self.client.create_flink_jar_job(dli.CreateFlinkJarJobRequest(body=body))
        assert (answer.is_success, answer.job.status_name) == ("true", "job_init")
        return int(answer.job.job_id)

    def show(self, job_id: int) -> Any:
        return self.client.show_flink_job(dli.ShowFlinkJobRequest(job_id=job_id)).job_detail

    def run(self, job_id: int, **more: Any) -> list[Any]:
        body = dli.BatchRunFlinkJobsRequestBody(job_ids=[job_id], **more)
        return list(self.client.batch_run_flink_jobs(dli.BatchRunFlinkJobsRequest(body=body)).body)

    def stop(self, job_id: int, **more: Any) -> list[Any]:
        body = dli.StopFlinkJobsRequestBody(job_ids=[job_id], **more)
        return list(self.client.batch_stop_flink_jobs(dli.BatchStopFlinkJobsRequest(body=body)).body)

    def wait(self, job_id: int, status: str) -> None:
        deadline = time.monotonic() + SECONDS
        while self.show(job_id).status != status:
            assert time.monotonic() < deadline
            time.sleep(0.01)


@pytest.fixture(scope="module")
def huawei() -> Iterator[Emulator]:
    with running(Options(cloud="huawei", time_factor=1000)) as emulator:
        yield emulator


@pytest.fixture(scope="module")
def sdk(huawei: Emulator) -> Sdk:
    return Sdk(huawei)


def test_a_job_lives_its_whole_life_through_the_sdk(sdk: Sdk) -> None:
    """Create, show, list, update, run, stop with a savepoint, run from it, stop, delete."""
    job_id = sdk.create("life")
    shown = sdk.show(job_id)
    assert (shown.name, shown.job_config.cu_number, shown.job_config.checkpoint_mode) == ("life", 4, "at_least_once")

    listed = sdk.client.list_flink_jobs(dli.ListFlinkJobsRequest(name="life", show_detail=True, order="asc", limit=5))
    assert [job.job_id for job in listed.job_list.jobs] == [job_id]

    body = dli.UpdateFlinkJarJobRequestBody(cu_number=8, runtime_config='[{"key": "a", "value": "b"}]')
    updated = sdk.client.update_flink_jar_job(dli.UpdateFlinkJarJobRequest(job_id=job_id, body=body))
    shown = sdk.show(job_id)
    assert (updated.is_success, updated.job.update_time) == ("true", shown.update_time)
    assert (shown.job_config.cu_number, shown.job_config.parallel_number) == (8, 2)

    assert [item.is_success for item in sdk.run(job_id)] == ["true"]
    sdk.wait(job_id, "job_running")
    assert [item.is_success for item in sdk.stop(job_id, trigger_savepoint=True)] == ["true"]
    sdk.wait(job_id, "job_cancel_success")
    assert sdk.show(job_id).has_savepoint is True
    sdk.run(job_id, resume_savepoint=True)
    sdk.wait(job_id, "job_running")
    sdk.stop(job_id)
    sdk.wait(job_id, "job_cancel_success")

    gone = sdk.client.delete_flink_job(dli.DeleteFlinkJobRequest(job_id=job_id))
    assert gone.is_success == "true"
    with pytest.raises(ClientRequestException) as refused:
        sdk.show(job_id)
    assert (refused.value.status_code, refused.value.error_code) == (400, "DLI.16001")


def test_a_refusal_reaches_the_sdks_user_with_code_and_request_id(sdk: Sdk, huawei: Emulator) -> None:
    """In the form that the SDK takes its errors from."""
    body = dli.UpdateFlinkJarJobRequestBody(cu_number=1)
    with pytest.raises(ClientRequestException) as refused:
        sdk.client.update_flink_jar_job(dli.UpdateFlinkJarJobRequest(job_id=sdk.create("refused"), body=body))
    assert (refused.value.error_code, "cu_number" in refused.value.error_msg) == ("DLI.0001", True)
    assert refused.value.request_id == huawei.requests("UpdateFlinkJarJob")[-1]["request_id"]


def test_a_failed_item_of_a_batch_is_seen_by_the_sdk(sdk: Sdk) -> None:
    """A stop of a draft."""
    (item,) = sdk.stop(sdk.create("draft"))
    assert (item.is_success, "job_init" in item.message) == ("false", True)


def test_savepoints_go_through_the_sdk(sdk: Sdk, huawei: Emulator) -> None:
    """One is triggered, another one imported."""
    job_id = sdk.create("saved")
    sdk.run(job_id)
    sdk.wait(job_id, "job_running")
    body = dli.ExecuteFlinkJobSavepointRequestBody(action="TRIGGER", savepoint_path="obs://b/p")
    done = sdk.client.execute_flink_job_savepoint(dli.ExecuteFlinkJobSavepointRequest(job_id=job_id, body=body))
    assert done.is_success == "true"
    sdk.wait(job_id, "job_running")
    assert huawei.job(job_id)["savepoint"]["path"].startswith("obs://b/p/")
    imported = dli.ImportFlinkJobSavepointRequestBody(job_id=job_id, savepoint_path="obs://b/imported")
    sdk.client.import_flink_job_savepoint(dli.ImportFlinkJobSavepointRequest(job_id=job_id, body=imported))
    assert sdk.show(job_id).savepoint_path == "obs://b/imported"


def test_tags_go_through_the_sdk(sdk: Sdk) -> None:
    """Read, set and removed."""
    place = {"resource_type": "dli_flink_job", "resource_id": str(sdk.create("tagged"))}
    made = dli.BatchCreateResourceTagsRequestBody(tags=[dli.Tag(key="tier", value="1")])
    sdk.client.batch_create_resource_tags(dli.BatchCreateResourceTagsRequest(**place, body=made))
    gone = dli.BatchDeleteResourceTagsRequestBody(tags=[dli.Tag(key="team", value="data")])
    sdk.client.batch_delete_resource_tags(dli.BatchDeleteResourceTagsRequest(**place, body=gone))
    shown = sdk.client.show_resource_tags(dli.ShowResourceTagsRequest(**place, limit=10, offset=0))
    assert [(tag.key, tag.value) for tag in shown.tags] == [("tier", "1")]


def test_the_sdk_deletes_jobs_by_the_batch_and_authorizes_buckets(sdk: Sdk) -> None:
    """The rest of what the emulator serves."""
    body = dli.BatchDeleteFlinkJobsRequestBody(job_ids=[sdk.create("one"), sdk.create("two")])
    items = sdk.client.batch_delete_flink_jobs(dli.BatchDeleteFlinkJobsRequest(body=body)).body
    assert [item.is_success for item in items] == ["true", "true"]
    buckets = dli.RegisterBucketRequestBody(obs_buckets=["logs"])
    with pytest.warns(DeprecationWarning):
        answer = sdk.client.register_bucket(dli.RegisterBucketRequest(body=buckets))
    assert answer.is_success in ("true", True)


@pytest.mark.parametrize(
    ("body", "schema"),
    [
        (dli.CreateFlinkJarJobRequestBody, "CreateFlinkJarJob"),
        (dli.UpdateFlinkJarJobRequestBody, "UpdateFlinkJarJob"),
        (dli.BatchRunFlinkJobsRequestBody, "RunFlinkJobs"),
        (dli.StopFlinkJobsRequestBody, "StopFlinkJobs"),
        (dli.BatchDeleteFlinkJobsRequestBody, "BatchDeleteFlinkJobs"),
        (dli.ExecuteFlinkJobSavepointRequestBody, "TriggerSavepoint"),
        (dli.ImportFlinkJobSavepointRequestBody, "ImportSavepoint"),
        (dli.ResourceConfig, "ResourceConfig"),
    ],
    ids=lambda part: part if isinstance(part, str) else "",
)
def test_the_sdk_and_the_description_know_the_same_properties(body: Any, schema: str) -> None:
    """A third reading of the same contract; what only one of them knows is declared here, with the reason."""
    part = contract.document()["components"]["schemas"][schema]["properties"]
    if schema in ("CreateFlinkJarJob", "UpdateFlinkJarJob"):
        part = {**contract.job_properties(), **part}
    theirs = set(body.attribute_map.values())
    assert theirs - set(part) == set()
    assert {name for name in set(part) - theirs if not only_otc(part[name])} == KNOWN_TO_THE_DESCRIPTION.get(
        schema, set()
    )


def only_otc(described: dict[str, Any]) -> bool:
    """Tell whether OTC's newer pages alone describe it: Huawei's SDK need not know it."""
    return described.get("x-source") == "otc"


# Huawei's SDK sends job_type with an update alone; the emulator takes it with a create, too.
KNOWN_TO_THE_DESCRIPTION = {"CreateFlinkJarJob": {"job_type"}}


def test_the_sdk_and_the_description_know_the_same_queries() -> None:
    """Of the list of jobs."""
    described = {each["name"] for each in contract.operations()["ListFlinkJobs"].parameters if each["in"] == "query"}
    assert set(dli.ListFlinkJobsRequest.attribute_map.values()) == described
