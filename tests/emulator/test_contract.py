"""The emulator keeps to the documents: the seed page to the letter, and every limit."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest

from pulumi_dli.emulator.server import Options, Project, running

SEED_REQUEST = {
    "name": "test1",
    "desc": "job for test",
    "job_type": "flink_jar_job",
    "queue_name": "testQueue",
    "manager_cu_number": 1,
    "cu_number": 2,
    "parallel_number": 1,
    "log_enabled": False,
    "main_class": "org.apache.flink.examples.streaming.JavaQueueStream",
    "restart_when_exception": False,
    "entrypoint": "FemaleInfoCollec.jar",
    "dependency_jars": ["myGroup/test.jar", "myGroup/test1.jar"],
    "dependency_files": ["myGroup/test.csv", "myGroup/test1.csv"],
}
SEED_PROPERTIES = {
    *SEED_REQUEST, "obs_bucket", "smn_topic", "entrypoint_args", "tm_cus", "tm_slot_num",
    "resume_checkpoint", "resume_max_num", "checkpoint_path", "runtime_config",
}  # fmt: skip

GOOD: list[dict[str, Any]] = [
    {"name": ""},
    {"name": "n" * 57},
    {"desc": ""},
    {"desc": "d" * 512},
    {"cu_number": 2},
    {"cu_number": 400},
    {"manager_cu_number": 1},
    {"parallel_number": 1},
    {"parallel_number": 2000},
    {"log_enabled": True},
    {"obs_bucket": "bucket"},
    {"smn_topic": "topic"},
    {"resume_max_num": -1},
    {"resume_max_num": 1},
    {"checkpoint_mode": 1},
    {"checkpoint_mode": 2},
    {"checkpoint_interval": 30},
    {"tm_slot_num": 1},
    {"dependency_jars": []},
    {"runtime_config": '[{"key": "a", "value": "b"}]'},
    {"execution_agency_urn": "agency"},
    {"resource_config_version": "v2"},
    {"resource_config": {}},
    {"resource_config": {"max_slot": 1, "parallel_number": 1}},
    {"resource_config": {"jobmanager_resource_spec": {"cpu": 0.5, "memory": "2G"}}},
    {"resource_config": {"taskmanager_resource_spec": {"cpu": 1, "memory": "2048MB"}}},
    {"feature": "custom", "flink_version": "1.15", "image": "i", "flink_log_config": "[]"},
]
BAD: list[tuple[str, Any]] = [
    ("name", "n" * 58),
    ("name", 1),
    ("desc", "d" * 513),
    ("queue_name", ""),
    ("queue_name", "q" * 129),
    ("cu_number", 1),
    ("cu_number", 401),
    ("cu_number", 4.5),
    ("cu_number", 4.0),
    ("cu_number", "4"),
    ("cu_number", True),
    ("cu_number", None),
    ("manager_cu_number", 0),
    ("parallel_number", 0),
    ("parallel_number", 2001),
    ("log_enabled", "true"),
    ("log_enabled", 1),
    ("obs_bucket", None),
    ("smn_topic", ["t"]),
    ("entrypoint_args", ["-a", "b"]),
    ("restart_when_exception", "false"),
    ("dependency_jars", "a.jar"),
    ("dependency_jars", [1]),
    ("dependency_files", None),
    ("tm_cus", 0),
    ("tm_slot_num", 0),
    ("resume_checkpoint", 0),
    ("resume_max_num", 0),
    ("resume_max_num", -2),
    ("resume_max_num", 1.0),
    ("runtime_config", {"a": "b"}),
    ("job_type", "flink_sql_job"),
    ("checkpoint_enabled", "yes"),
    ("checkpoint_mode", 3),
    ("checkpoint_mode", "exactly_once"),
    ("checkpoint_interval", 0),
    ("resource_config_version", "v3"),
    ("resource_config", {"max_slot": 0}),
    ("resource_config", {"slots": 1}),
    ("resource_config", {"jobmanager_resource_spec": {"cpu": 0.4}}),
    ("resource_config", {"jobmanager_resource_spec": {"memory": "1G"}}),
    ("resource_config", {"taskmanager_resource_spec": {"memory": "2047M"}}),
    ("resource_config", {"taskmanager_resource_spec": {"memory": "4T"}}),
    ("resource_config", {"taskmanager_resource_spec": {"memory": 4}}),
    ("feature", "other"),
    ("tags", [{"key": "a", "value": "b"}]),
    ("job_id", 138),
    ("desired_state", "running"),
]


def test_takes_the_seeds_example_request_and_answers_in_its_shape(api: Any) -> None:
    before = time.time() * 1000
    answer = api.update(api.create(), **SEED_REQUEST)
    body = answer.json()
    update_time = body["job"].pop("update_time")
    assert (answer.status_code, body) == (
        200, {"is_success": True, "message": "The Flink job is updated successfully.", "job": {}},
    )  # fmt: skip
    assert isinstance(update_time, int)
    assert before - 1 <= update_time <= time.time() * 1000 + 1


def test_knows_every_property_of_the_seed(api: Any) -> None:
    shown = api.detail(api.create())
    assert {*shown, *shown["job_config"]} >= SEED_PROPERTIES


def test_shows_the_seeds_example_as_it_was_sent(api: Any) -> None:
    job_id = api.create()
    api.update(job_id, **{**SEED_REQUEST, "name": "seed-shown"})
    shown = api.detail(job_id)
    flat = {**shown["job_config"], **{k: v for k, v in shown.items() if k != "job_config"}}
    assert {k: flat[k] for k in SEED_REQUEST} == {**SEED_REQUEST, "name": "seed-shown"}


def test_creates_a_draft_with_an_integer_id(api: Any) -> None:
    answer = api.send("POST", "/streaming/flink-jobs", {"name": "a-draft"}).json()
    assert isinstance(answer["job"].pop("job_id"), int)
    assert answer["job"] == {"status_name": "job_init", "status_desc": ""}


@pytest.mark.covers("CreateFlinkJarJob", "DLI.0001")
def test_create_needs_a_name(api: Any, is_error: Any) -> None:
    answer = api.send("POST", "/streaming/flink-jobs", {"cu_number": 4})
    assert is_error(answer, 400, "DLI.0001")
    assert "name" in answer.json()["error_msg"]


def test_create_refuses_an_empty_name(api: Any, is_error: Any) -> None:
    assert is_error(api.send("POST", "/streaming/flink-jobs", {"name": ""}), 400, "DLI.0001")


@pytest.mark.covers("CreateFlinkJarJob", "DLI.0006")
def test_names_are_unique_in_a_project(api: Any, is_error: Any) -> None:
    api.create(name="only-one")
    answer = api.send("POST", "/streaming/flink-jobs", {"name": "only-one"})
    assert is_error(answer, 400, "DLI.0006")


@pytest.mark.covers("UpdateFlinkJarJob", "DLI.0006")
def test_a_rename_to_a_name_in_use_is_refused(api: Any, is_error: Any) -> None:
    api.create(name="in-use")
    assert is_error(api.update(api.create(), name="in-use"), 400, "DLI.0006")


def test_a_deleted_jobs_name_is_free_again(api: Any) -> None:
    job_id = api.create(name="reborn")
    api.send("DELETE", f"/streaming/jobs/{job_id}")
    assert api.create(name="reborn") > job_id


@pytest.mark.covers("UpdateFlinkJarJob", "DLI.0002")
def test_an_unknown_queue_is_refused_by_name(api: Any, is_error: Any) -> None:
    answer = api.update(api.create(), queue_name="nowhere")
    assert is_error(answer, 400, "DLI.0002")
    assert "nowhere" in answer.json()["error_msg"]


def test_create_takes_tags_which_the_details_do_not_show(api: Any) -> None:
    tags = [{"key": f"k{n}", "value": "v"} for n in range(20)]
    job_id = api.create(tags=tags)
    shown = api.detail(job_id)
    assert "tags" not in {*shown, *shown["job_config"]}
    assert len(api.send("GET", f"{api.v3}/dli_flink_job/{job_id}/tags").json()["tags"]) == 20


@pytest.mark.covers("CreateFlinkJarJob", "DLI.0001")
def test_create_refuses_more_than_20_tags(api: Any, is_error: Any) -> None:
    tags = [{"key": f"k{n}", "value": "v"} for n in range(21)]
    answer = api.send("POST", "/streaming/flink-jobs", {"name": "tagged", "tags": tags})
    assert is_error(answer, 400, "DLI.0001")


@pytest.mark.parametrize("body", GOOD, ids=lambda body: json.dumps(body)[:40])
def test_an_update_takes_what_the_documents_allow(api: Any, body: dict[str, Any]) -> None:
    assert api.update(api.create(), **body).status_code == 200


@pytest.mark.parametrize(("name", "value"), BAD, ids=lambda part: json.dumps(part)[:40])
@pytest.mark.covers("UpdateFlinkJarJob", "DLI.0001")
def test_an_update_refuses_what_the_documents_do_not_allow_and_names_the_property(
    api: Any, is_error: Any, name: str, value: Any
) -> None:
    job_id = api.create()
    before = api.detail(job_id)
    answer = api.update(job_id, **{name: value})
    assert is_error(answer, 400, "DLI.0001")
    assert name in answer.json()["error_msg"]
    assert api.detail(job_id) == before


def test_a_refusal_never_repeats_the_value(api: Any) -> None:
    answer = api.update(api.create(), entrypoint_args=["pa55word"])
    assert "pa55word" not in answer.text


@pytest.mark.parametrize("text", ["{", "", "[]", '{"cu_number": NaN}', '{"desc": "a", "desc": "b"}'])
@pytest.mark.covers("UpdateFlinkJarJob", "DLI.0001")
def test_a_body_that_is_no_proper_json_object_is_refused(api: Any, is_error: Any, text: str) -> None:
    headers = {"Content-Type": "application/json"}
    path = f"/streaming/flink-jobs/{api.create()}"
    assert is_error(api.send("PUT", path, data=text, headers=headers), 400, "DLI.0001")


def test_a_body_must_call_itself_json(api: Any, is_error: Any) -> None:
    path = f"/streaming/flink-jobs/{api.create()}"
    assert is_error(api.send("PUT", path, data='{"desc": "a"}'), 400, "DLI.0001")


@pytest.mark.covers("*", "APIG.0201")
def test_a_body_above_1_mib_is_refused(api: Any) -> None:
    assert api.update(api.create(), runtime_config="x" * (8 << 20)).status_code == 413


def test_an_update_merges(api: Any) -> None:
    job_id = api.create(cu_number=8, desc="kept", dependency_jars=["a.jar"])
    api.update(job_id, parallel_number=3)
    shown = api.detail(job_id)
    config = shown["job_config"]
    assert (shown["desc"], config["cu_number"], config["parallel_number"]) == ("kept", 8, 3)
    assert config["dependency_jars"] == ["a.jar"]


@pytest.mark.parametrize(("name", "value", "reset"), [("smn_topic", "t", ""), ("dependency_jars", ["a.jar"], [])])
def test_an_empty_value_resets(api: Any, name: str, value: Any, reset: Any) -> None:
    job_id = api.create(**{name: value})
    api.update(job_id, **{name: reset})
    assert api.config(job_id)[name] == reset


def test_update_time_rises_strictly(api: Any) -> None:
    job_id = api.create()
    times = [api.update(job_id, desc=str(n)).json()["job"]["update_time"] for n in range(20)]
    assert times == sorted(set(times))
    assert api.detail(job_id)["update_time"] == times[-1]


def test_what_was_never_set_has_the_documented_default(api: Any) -> None:
    config = api.config(api.create())
    expected = {
        "cu_number": 2, "manager_cu_number": 1, "parallel_number": 1, "tm_cus": 1,
        "tm_slot_num": 1, "log_enabled": False, "restart_when_exception": False,
        "resume_checkpoint": False, "resume_max_num": -1, "checkpoint_enabled": False,
        "checkpoint_mode": "exactly_once", "checkpoint_interval": 10, "obs_bucket": "",
        "entrypoint": "", "dependency_jars": [], "resource_config_version": "v1",
    }  # fmt: skip
    assert {name: config[name] for name in expected} == expected


def test_unset_texts_can_be_shown_as_null(api_of: Any) -> None:
    with running(Options(unset="null")) as emulator:
        api = api_of(emulator)
        assert api.config(api.create())["obs_bucket"] is None


@pytest.mark.parametrize(
    ("properties", "slots"),
    [
        ({"parallel_number": 10, "tm_cus": 2, "cu_number": 6}, 4),
        ({"parallel_number": 10, "cu_number": 5}, 2),
        ({"parallel_number": 1, "cu_number": 5}, 1),
        ({"parallel_number": 7, "cu_number": 2, "manager_cu_number": 2}, 1),
        ({"parallel_number": 7, "tm_slot_num": 3}, 3),
    ],
)
def test_the_default_of_tm_slot_num_is_the_formula(api: Any, properties: dict[str, int], slots: int) -> None:
    assert api.config(api.create(**properties))["tm_slot_num"] == slots


def test_checkpoint_mode_is_read_back_as_a_word(api: Any) -> None:
    assert api.config(api.create(checkpoint_mode=2))["checkpoint_mode"] == "at_least_once"


@pytest.mark.parametrize(
    ("sent", "shown"), [("4096MB", "4G"), ("4G", "4G"), ("8gb", "8G"), ("4", "4G"), ("2500M", "2500M")]
)
def test_memory_is_read_back_in_one_unit(api: Any, sent: str, shown: str) -> None:
    given = {"jobmanager_resource_spec": {"memory": sent}}
    config = api.config(api.create(resource_config_version="v2", resource_config=given))
    assert config["resource_config"]["jobmanager_resource_spec"] == {"cpu": 1.0, "memory": shown}


@pytest.mark.parametrize("job_id", [999_999, 0, 2**63 - 1])
@pytest.mark.covers("ShowFlinkJob", "DLI.16001")
@pytest.mark.covers("UpdateFlinkJarJob", "DLI.16001")
@pytest.mark.covers("DeleteFlinkJob", "DLI.16001")
def test_a_job_that_is_not_there_is_dli_16001(api: Any, is_error: Any, job_id: int) -> None:
    assert is_error(api.send("GET", f"/streaming/jobs/{job_id}"), 400, "DLI.16001")
    assert is_error(api.update(job_id, desc="x"), 400, "DLI.16001")
    assert is_error(api.send("DELETE", f"/streaming/jobs/{job_id}"), 400, "DLI.16001")


@pytest.mark.covers("ShowFlinkJob", "DLI.16001")
def test_a_deleted_job_is_not_there(api: Any, is_error: Any) -> None:
    job_id = api.running()
    assert api.send("DELETE", f"/streaming/jobs/{job_id}").json()["is_success"] is True
    assert is_error(api.send("GET", f"/streaming/jobs/{job_id}"), 400, "DLI.16001")


def test_a_job_of_another_project_is_not_there(api_of: Any, is_error: Any) -> None:
    projects = (Project("a" * 32, "a"), Project("b" * 32, "b"))
    with running(Options(projects=projects)) as emulator:
        api = api_of(emulator)
        job_id = api.create()
        other = f"{emulator.url}/v1.0/{'b' * 32}/streaming/jobs/{job_id}"
        assert is_error(api.send("GET", other), 400, "DLI.16001")


@pytest.mark.covers("ShowFlinkJob", "DLI.0001")
def test_a_job_id_that_is_no_number_is_a_wrong_parameter(api: Any, is_error: Any) -> None:
    assert is_error(api.send("GET", "/streaming/jobs/mine"), 400, "DLI.0001")


@pytest.mark.covers("*", "APIG.0101")
def test_an_unknown_address_is_no_job_error(api: Any, is_error: Any) -> None:
    assert is_error(api.send("GET", "/streaming/nothing"), 404, "APIG.0101")


def test_ids_above_2_to_the_53_keep_their_digits(api_of: Any) -> None:
    first = 2**53 + 1
    with running(Options(first_job_id=first)) as emulator:
        api = api_of(emulator)
        assert api.create() == first
        assert api.detail(first)["job_id"] == first


def test_huaweis_cloud_says_success_as_a_text(api_of: Any) -> None:
    with running(Options(cloud="huawei")) as emulator:
        api = api_of(emulator)
        assert api.update(api.create(), desc="x").json()["is_success"] == "true"
        assert [item["is_success"] for item in api.run(999_999)] == ["false"]


def test_a_list_is_newest_first_ten_at_a_time(api_of: Any) -> None:
    with running(Options()) as emulator:
        api = api_of(emulator)
        made = [api.create() for _ in range(12)]
        listed = api.send("GET", "/streaming/jobs").json()["job_list"]
        assert listed["total_count"] == 12
        assert [job["job_id"] for job in listed["jobs"]] == made[:1:-1]
        rest = api.send("GET", "/streaming/jobs?offset=10").json()["job_list"]["jobs"]
        assert [job["job_id"] for job in rest] == made[1::-1]


def test_the_lists_name_filter_finds_longer_names_too(api: Any) -> None:
    """The documents do not promise an exact filter, so the emulator's is none."""
    made = [api.create(name="findme"), api.create(name="findme-2")]
    found = api.send("GET", "/streaming/jobs?name=findme&order=asc").json()["job_list"]["jobs"]
    assert [job["job_id"] for job in found] == made


def test_the_list_filters_by_status_and_queue(api: Any) -> None:
    job_id = api.running(name="filtered", queue_name="staging")
    query = "/streaming/jobs?status=job_running&queue_name=staging&job_type=flink_jar_job"
    assert job_id in {job["job_id"] for job in api.send("GET", query).json()["job_list"]["jobs"]}
    other = api.send("GET", "/streaming/jobs?queue_name=prod").json()["job_list"]["jobs"]
    assert job_id not in {job["job_id"] for job in other}


def listed(api: Any, query: str) -> list[int]:
    answer = api.send("GET", f"/streaming/jobs?order=asc&{query}")
    assert answer.status_code == 200, answer.text
    return [job["job_id"] for job in answer.json()["job_list"]["jobs"]]


def test_the_list_filters_by_all_of_the_given_tags(api: Any) -> None:
    both = api.create(tags=[{"key": "team", "value": "a"}, {"key": "tier", "value": "1"}])
    one = api.create(tags=[{"key": "team", "value": "a"}])
    assert {both, one} <= set(listed(api, "tags=team=a&limit=100"))
    assert listed(api, "tags=team=a,tier=1") == [both]
    assert listed(api, "tags=team=b") == []


def test_the_list_filters_by_the_user_who_made_a_job(api: Any) -> None:
    job_id = api.create(name="made-by-someone")
    assert listed(api, "name=made-by-someone&user_name=emulator") == [job_id]
    assert listed(api, "name=made-by-someone&user_name=nobody") == []


@pytest.mark.parametrize("query", ["root_job_id=1", "sys_enterprise_project_name=other"])
def test_a_filter_for_what_the_emulator_never_has_finds_nothing(api: Any, query: str) -> None:
    api.create()
    assert listed(api, query) == []


@pytest.mark.parametrize("kind", ["flink_sql_job", "flink_opensource_sql_job", "flink_sql_edge_job"])
def test_the_list_filters_by_type(api: Any, emulator: Any, kind: str) -> None:
    """Other types than JAR jobs come from the console alone."""
    api.create()
    assert listed(api, f"job_type={kind}") == []


def test_the_pages_of_a_list_add_up(api_of: Any) -> None:
    """Every job once, in the order asked for, whatever the page's size."""
    with running(Options()) as emulator:
        api = api_of(emulator)
        made = [api.create(queue_name=("dev", "prod")[n % 2]) for n in range(9)]
        pages = [listed(api, f"queue_name=dev&limit=2&offset={offset}") for offset in range(0, 6, 2)]
        assert [job_id for page in pages for job_id in page] == made[::2]
        total = api.send("GET", "/streaming/jobs?queue_name=dev&limit=0").json()["job_list"]
        assert total == {"total_count": 5, "jobs": []}


def test_the_list_names_the_user(api: Any) -> None:
    api.create(name="listed-with-user")
    (job,) = api.send("GET", "/streaming/jobs?name=listed-with-user").json()["job_list"]["jobs"]
    assert job["user_name"] == "emulator"


def test_the_list_shows_details_when_asked(api: Any) -> None:
    job_id = api.create(name="shown-in-full", cu_number=9)
    query = "/streaming/jobs?name=shown-in-full&show_detail=true"
    assert api.send("GET", query).json()["job_list"]["jobs"] == [api.detail(job_id)]


@pytest.mark.parametrize(
    "query", ["limit=101", "limit=-1", "limit=x", "offset=-1", "order=up", "status=odd", "page=2",
              "offset=9999999999", "tags=x", "root_job_id=-1", "job_type=odd",
              "show_detail=yes"],
)  # fmt: skip
@pytest.mark.covers("ListFlinkJobs", "DLI.0001")
def test_a_wrong_query_is_refused_by_name(api: Any, is_error: Any, query: str) -> None:
    answer = api.send("GET", f"/streaming/jobs?{query}")
    assert is_error(answer, 400, "DLI.0001")
    assert query.partition("=")[0] in answer.json()["error_msg"]


def test_a_batch_delete_answers_for_each_job(api: Any) -> None:
    job_id = api.create()
    items = api.send("POST", "/streaming/jobs/delete", {"job_ids": [job_id, 999_999]}).json()
    assert [item["is_success"] for item in items] == [True, False]


def test_tags_can_be_set_and_removed(api: Any) -> None:
    job_id = api.create(tags=[{"key": "a", "value": "1"}])
    tags = f"{api.v3}/dli_flink_job/{job_id}/tags"
    made = api.send("POST", f"{tags}/create", {"tags": [{"key": "b", "value": "2"}]})
    gone = api.send("POST", f"{tags}/delete", {"tags": [{"key": "a"}]})
    assert (made.status_code, gone.status_code) == (204, 204)
    assert api.send("GET", tags).json()["tags"] == [{"key": "b", "value": "2"}]


def test_a_bucket_can_be_authorized(api: Any) -> None:
    answer = api.send("POST", "/dli/obs-authorize", {"obs_buckets": ["bucket"]})
    assert answer.json()["is_success"] is True


def test_every_answer_bears_a_request_id(api: Any) -> None:
    ids = {api.send("GET", "/streaming/jobs").headers["X-Request-Id"] for _ in range(2)}
    assert len(ids) == 2
