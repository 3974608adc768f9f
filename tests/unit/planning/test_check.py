"""What the documents do not allow fails before anything is sent; what is only likely warns."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pulumi_dli.planning.check import Failure, check
from pulumi_dli.schema.controls import CONTROL_BY_NAME
from pulumi_dli.schema.properties import BY_NAME, SENSITIVE
from pulumi_dli.schema.resource import INPUT_NAMES
from pulumi_dli.schema.unknown import UNKNOWN
from support import described

# A busy machine makes no rule wrong.
a_rule = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])

JOB = {"name": "clickstream", "queue_name": "streaming", "entrypoint": "obs://artifacts/clickstream.jar"}

STRINGS = [
    *described.names_of("string"),
    "job_id",
    "desired_state",
    "upgrade_mode",
    "on_failure",
    "on_conflict",
    "on_delete",
]
INTEGERS = [*described.names_of("integer"), "stop_timeout", "start_timeout", "settle_time"]
FLAGS = [*described.names_of("boolean"), "adopt_changes"]
LISTS = described.names_of("array")

WRONG_STRINGS: list[Any] = [5, 4.0, True, ["a"], {"a": "b"}]
WRONG_INTEGERS: list[Any] = [4.5, "4", True, False, [4], {}, float("inf"), float("nan")]
WRONG_FLAGS: list[Any] = ["true", 1, 0.0, "", [], {}]
WRONG_LISTS: list[Any] = ["a,b", 5, True, {"a": "b"}]


def failures_of(olds: dict[str, Any] | None = None, /, **inputs: Any) -> dict[str, str]:
    """Return the reason by the name of each failure."""
    return {failure.name: failure.reason for failure in check(olds or {}, inputs).failures}


def warnings_of(olds: dict[str, Any] | None = None, /, *, cloud: str | None = None, **inputs: Any) -> str:
    """Return all warnings as one text."""
    return "\n".join(check(olds or {}, inputs, cloud).warnings)


def test_a_correct_job_passes() -> None:
    """Without failure or warning."""
    verdict = check({}, JOB)

    assert (verdict.inputs, verdict.failures, verdict.warnings) == (JOB, (), ())


def test_every_input_is_of_one_type() -> None:
    """The emulator's reading of the documents says which; those of control inputs are the provider's own."""
    rows = [*STRINGS, *INTEGERS, *FLAGS, *LISTS, *described.names_of("object"), "restart_nonce", "retry_nonce"]
    assert sorted(rows) == sorted(INPUT_NAMES)


@pytest.mark.parametrize("name", STRINGS)
def test_a_string_is_a_string(name: str) -> None:
    """Numbers, flags, lists and objects are none."""
    for value in WRONG_STRINGS:
        assert failures_of(**{**JOB, name: value}) == {name: "must be a string"}


@pytest.mark.parametrize("name", INTEGERS)
def test_an_integer_is_an_integer(name: str) -> None:
    """4.5, "4" and true are none."""
    for value in WRONG_INTEGERS:
        assert failures_of(**{**JOB, name: value}) == {name: "must be an integer"}


@pytest.mark.parametrize("name", FLAGS)
def test_a_flag_is_true_or_false(name: str) -> None:
    """1 and "true" are neither."""
    for value in WRONG_FLAGS:
        assert failures_of(**{**JOB, name: value}) == {name: "must be true or false"}


@pytest.mark.parametrize("name", LISTS)
def test_a_list_is_a_list(name: str) -> None:
    """A text with commas is none."""
    for value in WRONG_LISTS:
        assert failures_of(**{**JOB, name: value}) == {name: "must be a list"}


TAG = {"key": "team", "value": "streams"}

BAD: list[tuple[str, Any, dict[str, str]]] = [
    ("name", "n" * 58, {"name": "must have at most 57 characters, has 58"}),
    ("desc", "d" * 513, {"desc": "must have at most 512 characters, has 513"}),
    ("queue_name", "", {"queue_name": "must not be empty"}),
    ("queue_name", "q" * 129, {"queue_name": "must have at most 128 characters, has 129"}),
    ("cu_number", 1, {"cu_number": "must be at least 2"}),
    ("cu_number", 401, {"cu_number": "must be at most 400"}),
    ("manager_cu_number", 0, {"manager_cu_number": "must be at least 1"}),
    ("parallel_number", 0, {"parallel_number": "must be at least 1"}),
    ("parallel_number", 2001, {"parallel_number": "must be at most 2000"}),
    ("dependency_jars", ["a.jar", 5], {"dependency_jars[1]": "must be a string"}),
    ("dependency_files", [["a"]], {"dependency_files[0]": "must be a string"}),
    ("tm_cus", 0, {"tm_cus": "must be at least 1"}),
    ("tm_slot_num", 0, {"tm_slot_num": "must be at least 1"}),
    ("resume_max_num", 0, {"resume_max_num": "must be -1 or greater than 0"}),
    ("resume_max_num", -2, {"resume_max_num": "must be -1 or greater than 0"}),
    ("runtime_config", "{", {"runtime_config": "must be JSON text; it is not valid JSON at line 1 column 2"}),
    ("runtime_config", "a=b", {"runtime_config": "must be JSON text; it is not valid JSON at line 1 column 1"}),
    ("job_type", "flink_sql_job", {"job_type": 'must be "flink_jar_job"'}),
    ("job_type", "", {"job_type": 'must be "flink_jar_job"'}),
    ("checkpoint_mode", 0, {"checkpoint_mode": "must be 1 (exactly once) or 2 (at least once)"}),
    ("checkpoint_mode", 3, {"checkpoint_mode": "must be 1 (exactly once) or 2 (at least once)"}),
    ("checkpoint_interval", 0, {"checkpoint_interval": "must be at least 1"}),
    ("resource_config_version", "v3", {"resource_config_version": 'must be "v1" or "v2"'}),
    ("resource_config", "v2", {"resource_config": "must be an object"}),
    ("resource_config", [], {"resource_config": "must be an object"}),
    ("resource_config", {"max_slot": 0}, {"resource_config.max_slot": "must be at least 1"}),
    ("resource_config", {"max_slot": "2"}, {"resource_config.max_slot": "must be an integer"}),
    ("resource_config", {"parallel_number": 0}, {"resource_config.parallel_number": "must be at least 1"}),
    (
        "resource_config",
        {"jobmanager_resource_spec": {"cpu": 0.4}},
        {"resource_config.jobmanager_resource_spec.cpu": "must be at least 0.5"},
    ),
    (
        "resource_config",
        {"jobmanager_resource_spec": {"cpu": "1"}},
        {"resource_config.jobmanager_resource_spec.cpu": "must be a number"},
    ),
    (
        "resource_config",
        {"taskmanager_resource_spec": {"cpu": True}},
        {"resource_config.taskmanager_resource_spec.cpu": "must be a number"},
    ),
    (
        "resource_config",
        {"taskmanager_resource_spec": {"memory": "1.9GB"}},
        {"resource_config.taskmanager_resource_spec.memory": "must be at least 2GB"},
    ),
    (
        "resource_config",
        {"taskmanager_resource_spec": {"memory": "2047MB"}},
        {"resource_config.taskmanager_resource_spec.memory": "must be at least 2GB"},
    ),
    (
        "resource_config",
        {"jobmanager_resource_spec": {"memory": "4K"}},
        {"resource_config.jobmanager_resource_spec.memory": ('must be a size in MB or GB, such as "4GB" or "4096MB"')},
    ),
    (
        "resource_config",
        {"jobmanager_resource_spec": {"memory": 4}},
        {"resource_config.jobmanager_resource_spec.memory": "must be a string"},
    ),
    (
        "resource_config",
        {"jobmanager_resource_spec": 4},
        {"resource_config.jobmanager_resource_spec": "must be an object"},
    ),
    ("tags", [TAG] * 21, {"tags": "must have at most 20 entries, has 21"}),
    ("tags", ["team"], {"tags[0]": "must be an object"}),
    ("tags", [TAG, {"key": "", "value": "x"}], {"tags[1].key": "must not be empty"}),
    ("tags", [{"key": "team", "value": 5}], {"tags[0].value": "must be a string"}),
    ("tags", [{"value": "streams"}], {"tags[0].key": "is missing"}),
    ("feature", "fancy", {"feature": 'must be "basic" or "custom"'}),
    (
        "flink_log_config",
        "[1,",
        {"flink_log_config": "must be JSON text; it is not valid JSON at line 1 column 4"},
    ),
    ("job_id", "", {"job_id": "must not be empty"}),
    ("job_id", "clickstream", {"job_id": "must be the decimal number of a job, as a string"}),
    ("job_id", "-1", {"job_id": "must be the decimal number of a job, as a string"}),
    ("job_id", "1.5", {"job_id": "must be the decimal number of a job, as a string"}),
    ("job_id", "١٣٨", {"job_id": "must be the decimal number of a job, as a string"}),
    ("desired_state", "Running", {"desired_state": 'must be "running" or "stopped"'}),
    ("upgrade_mode", "none", {"upgrade_mode": 'must be "savepoint" or "stateless"'}),
    ("restart_nonce", 4.5, {"restart_nonce": "must be an integer"}),
    ("restart_nonce", True, {"restart_nonce": "must be an integer"}),
    ("on_failure", "ignore", {"on_failure": 'must be "rollback" or "leave"'}),
    ("on_conflict", "ignore", {"on_conflict": 'must be "fail" or "overwrite"'}),
    ("on_delete", "keep", {"on_delete": 'must be "delete" or "stop" or "retain"'}),
    ("stop_timeout", 0, {"stop_timeout": "must be at least 1"}),
    ("start_timeout", 0, {"start_timeout": "must be at least 1"}),
    ("settle_time", -1, {"settle_time": "must be at least 0"}),
]


@pytest.mark.parametrize(("name", "value", "failures"), BAD, ids=[f"{name}-{n}" for n, (name, *_) in enumerate(BAD)])
def test_a_value_outside_the_limits_fails_with_its_reason(name: str, value: Any, failures: dict[str, str]) -> None:
    """One failure, which names the place and the limit."""
    assert failures_of(**{**JOB, name: value}) == failures


@pytest.mark.parametrize("constant", ["NaN", "[Infinity]", '{"a": -Infinity}'])
def test_python_s_own_constants_are_no_json(constant: str) -> None:
    """No other reader of JSON knows them, and NaN would differ from itself at every preview."""
    assert failures_of(**JOB, runtime_config=constant)["runtime_config"].startswith("must be JSON text")


def test_json_that_is_nested_too_deeply_is_a_failure_not_a_crash() -> None:
    """Whatever the text, check answers."""
    assert "runtime_config" in failures_of(**JOB, runtime_config="[" * 200_000)


def test_an_infinite_number_is_no_number_of_cpu_cores() -> None:
    """JSON cannot carry it."""
    spec = {"jobmanager_resource_spec": {"cpu": float("inf")}}

    assert list(failures_of(**JOB, resource_config=spec)) == ["resource_config.jobmanager_resource_spec.cpu"]


GOOD: list[tuple[str, Any]] = [
    ("name", "n"),
    ("name", "n" * 57),
    ("name", "ü" * 57),
    ("desc", ""),
    ("desc", "d" * 512),
    ("queue_name", "q"),
    ("queue_name", "q" * 128),
    ("cu_number", 2),
    ("cu_number", 400),
    ("cu_number", 4.0),
    ("manager_cu_number", 1),
    ("parallel_number", 1),
    ("parallel_number", 2000),
    ("log_enabled", False),
    ("obs_bucket", ""),
    ("smn_topic", ""),
    ("main_class", ""),
    ("entrypoint_args", ""),
    ("entrypoint_args", "--user a --password hunter2"),
    ("restart_when_exception", True),
    ("entrypoint", "FemaleInfoCollec.jar"),
    ("dependency_jars", []),
    ("dependency_jars", ["myGroup/test.jar", "obs://bucket/test1.jar"]),
    ("dependency_files", ["myGroup/test.csv"]),
    ("tm_cus", 1),
    ("tm_slot_num", 1),
    ("resume_checkpoint", True),
    ("resume_max_num", -1),
    ("resume_max_num", -1.0),
    ("resume_max_num", 1),
    ("resume_max_num", 1000),
    ("checkpoint_path", "obs://bucket/checkpoints"),
    ("runtime_config", ""),
    ("runtime_config", "{}"),
    ("runtime_config", '[{"key": "a", "value": "b"}]'),
    ("job_type", "flink_jar_job"),
    ("checkpoint_enabled", True),
    ("checkpoint_mode", 1),
    ("checkpoint_mode", 2),
    ("checkpoint_interval", 1),
    ("execution_agency_urn", "agency"),
    ("resource_config_version", "v1"),
    ("resource_config_version", "v2"),
    ("resource_config", {}),
    ("resource_config", {"max_slot": 1, "parallel_number": 1.0}),
    ("resource_config", {"jobmanager_resource_spec": {"cpu": 0.5, "memory": "2GB"}}),
    ("resource_config", {"taskmanager_resource_spec": {"cpu": 2, "memory": "2048M"}}),
    ("tags", []),
    ("tags", [{"key": f"k{n}", "value": "v"} for n in range(20)]),
    ("tags", [{"key": "k"}]),
    ("tags", [{"key": "k", "value": ""}]),
    ("feature", "basic"),
    ("feature", "custom"),
    ("flink_version", "1.15"),
    ("image", "repository/image:tag"),
    ("flink_log_config", '{"a": "INFO"}'),
    ("job_id", "138"),
    ("job_id", "9007199254740993"),
    ("desired_state", "running"),
    ("desired_state", "stopped"),
    ("upgrade_mode", "savepoint"),
    ("upgrade_mode", "stateless"),
    ("restart_nonce", "2026-11-24"),
    ("retry_nonce", 1),
    ("restart_nonce", ""),
    ("restart_nonce", 3),
    ("restart_nonce", 3.0),
    ("on_failure", "rollback"),
    ("on_failure", "leave"),
    ("on_conflict", "fail"),
    ("on_conflict", "overwrite"),
    ("on_delete", "delete"),
    ("on_delete", "stop"),
    ("on_delete", "retain"),
    ("stop_timeout", 1),
    ("start_timeout", 1),
    ("settle_time", 0),
    ("adopt_changes", True),
    *((name, value) for name in described.properties() for value in described.values(name)),
]


@pytest.mark.parametrize(("name", "value"), GOOD, ids=[f"{name}-{n}" for n, (name, _) in enumerate(GOOD)])
def test_a_value_within_the_limits_passes(name: str, value: Any) -> None:
    """The edges of each limit are inside."""
    assert failures_of(**{**JOB, name: value}) == {}


def test_every_input_has_a_value_that_passes() -> None:
    """Of each property those that the description allows, beside the ones that are named here."""
    assert {name for name, _ in GOOD} == set(INPUT_NAMES)


def test_null_is_absent() -> None:
    """Pulumi drops null values in both directions."""
    assert failures_of(**{**dict.fromkeys(INPUT_NAMES), "name": "a"}) == {}


@pytest.mark.parametrize("name", INTEGERS)
def test_an_integral_double_leaves_as_an_integer(name: str) -> None:
    """4.0 is 4, and goes into JSON as 4."""
    value = check({}, {**JOB, name: 2.0}).inputs[name]

    assert (value, type(value)) == (2, int)


def test_integers_inside_an_object_leave_as_integers_and_cores_as_they_are() -> None:
    """max_slot and parallel_number are integers, cpu is a float."""
    config = {"max_slot": 2.0, "parallel_number": 3.0, "jobmanager_resource_spec": {"cpu": 2.0}}

    inputs = check({}, {**JOB, "resource_config": config}).inputs["resource_config"]

    assert json.dumps(inputs) == '{"max_slot": 2, "parallel_number": 3, "jobmanager_resource_spec": {"cpu": 2.0}}'


@pytest.mark.parametrize(
    ("written", "right"),
    [
        ("cu_numbers", "cu_number"),
        ("cuNumber", "cu_number"),
        ("paralell_number", "parallel_number"),
        ("restart_nonse", "restart_nonce"),
        ("description", None),
        ("xyz", None),
    ],
)
def test_an_unknown_property_fails_with_the_nearest_right_name(written: str, right: str | None) -> None:
    """Only a name that is near enough is suggested."""
    reason = "is no property of a Flink JAR job" + (f"; did you mean {right}?" if right else "")

    assert failures_of(**JOB, **{written: 1}) == {written: reason}


def test_an_unknown_property_fails_also_while_its_value_is_unknown() -> None:
    """Its name is wrong whatever the value will be."""
    assert "did you mean desc?" in failures_of(**JOB, descr=UNKNOWN)["descr"]


def test_an_unknown_key_of_an_object_fails_where_it_stands() -> None:
    """The place is named."""
    config = {"jobmanager_resource_spec": {"cpus": 1}}

    assert list(failures_of(**JOB, resource_config=config)) == ["resource_config.jobmanager_resource_spec.cpus"]


def test_all_failures_are_reported_at_once() -> None:
    """A user fixes all of them in one go."""
    told = failures_of(name="n" * 58, cu_number=4.5, resume_max_num=0, xyz=1, runtime_config="{", job_id="x")

    assert set(told) == {"name", "cu_number", "resume_max_num", "xyz", "runtime_config", "job_id"}


def test_a_property_with_several_mistakes_fails_once() -> None:
    """One failure per property."""
    config = {"max_slot": 0, "parallel_number": 0, "jobmanager_resource_spec": {"cpu": 0, "memory": "1"}}

    failures = check({}, {**JOB, "resource_config": config, "dependency_jars": [1, 2]}).failures

    assert sorted(failure.name for failure in failures) == ["dependency_jars[0]", "resource_config.max_slot"]


def test_a_failure_reads_as_one_sentence() -> None:
    """The property's name, then the reason."""
    assert str(Failure("cu_number", "must be at least 2")) == "cu_number must be at least 2"
    assert str(Failure("", "nothing fits")) == "nothing fits"


def test_a_job_needs_a_name() -> None:
    """DLI's create makes it mandatory."""
    reason = "is missing: a job needs a name (or job_id, to adopt an existing job)"

    assert failures_of(entrypoint="a.jar") == {"name": reason}


def test_an_adopted_job_needs_no_name() -> None:
    """It has one already."""
    assert failures_of(job_id="138") == {}


# Values that a preview does not know yet

PARTLY_UNKNOWN: list[tuple[str, Any]] = [
    *((name, UNKNOWN) for name in INPUT_NAMES),
    ("dependency_jars", [UNKNOWN]),
    ("dependency_files", ["a.csv", UNKNOWN]),
    ("resource_config", {"max_slot": UNKNOWN}),
    ("resource_config", {"jobmanager_resource_spec": UNKNOWN, "taskmanager_resource_spec": {"cpu": UNKNOWN}}),
    ("resource_config", {"taskmanager_resource_spec": {"memory": UNKNOWN}}),
    ("tags", [UNKNOWN]),
    ("tags", [{"key": UNKNOWN, "value": "x"}, {"key": "k", "value": UNKNOWN}]),
]


@pytest.mark.parametrize(
    ("name", "value"), PARTLY_UNKNOWN, ids=[f"{name}-{n}" for n, (name, _) in enumerate(PARTLY_UNKNOWN)]
)
def test_an_unknown_value_is_taken_to_be_right(name: str, value: Any) -> None:
    """At any depth; and it is handed on as it came."""
    verdict = check({}, {**JOB, name: value})

    assert verdict.failures == ()
    assert verdict.inputs[name] == value


@pytest.mark.parametrize("name", INPUT_NAMES)
def test_an_unknown_value_warns_of_nothing(name: str) -> None:
    """What a value will be is not known, so nothing is likely."""
    everything = {
        **JOB,
        "resource_config_version": "v2",
        "resource_config": {"max_slot": 2},
        "checkpoint_path": "obs://b/c",
        "resume_checkpoint": True,
        "log_enabled": True,
        "obs_bucket": "logs",
    }

    assert check({}, {**everything, name: UNKNOWN}, "otc").warnings == ()


def test_a_known_part_beside_an_unknown_one_is_checked() -> None:
    """Only the unknown part is taken on trust."""
    config = {"max_slot": 0, "jobmanager_resource_spec": UNKNOWN}

    assert failures_of(**JOB, resource_config=config) == {"resource_config.max_slot": "must be at least 1"}


# Secrets

SECRET = "s3cr3t-Q7"  # noqa: S105 - looks like one, and is none


def with_the_secret() -> st.SearchStrategy[Any]:
    """Return values of any shape that hold the secret: right ones, wrong ones, broken JSON."""
    texts = st.builds(lambda before, after: f"{before}{SECRET}{after}", st.text(max_size=20), st.text(max_size=20))
    return st.recursive(
        texts,
        lambda parts: (
            st.lists(parts, min_size=1, max_size=3)
            | st.dictionaries(st.sampled_from(["key", "value", "cpu", "memory", "max_slot"]), parts, min_size=1)
            | st.builds(lambda part: json.dumps(part) + "}", parts)
        ),
        max_leaves=4,
    )


@a_rule
@given(st.sampled_from(INPUT_NAMES), with_the_secret())
def test_no_value_is_ever_echoed(name: str, value: Any) -> None:
    """A failure or a warning names properties, keys and limits, never values: any of them may be a secret."""
    verdict = check({}, {**JOB, name: value}, "otc")

    assert SECRET not in " ".join([*map(str, verdict.failures), *verdict.warnings])


@pytest.mark.parametrize("value", [f"--password={SECRET}", [SECRET], {"a": SECRET}, f'{{"a": "{SECRET}"'])
@pytest.mark.parametrize("name", SENSITIVE)
def test_a_sensitive_value_is_not_echoed_when_it_is_removed_or_wrong(name: str, value: Any) -> None:
    """Neither the old value nor the new one."""
    for olds, news in [({**JOB, name: value}, JOB), (JOB, {**JOB, name: value})]:
        assert SECRET not in " ".join(map(str, check(olds, news).failures))


# Removing a property


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("queue_name", "cannot be removed: DLI documents no default queue: name the queue to use"),
        ("entrypoint", "cannot be removed: a job cannot do without its JAR: name one"),
        ("feature", "cannot be removed: no default is documented: set it explicitly"),
        ("flink_version", "cannot be removed: no default is documented: set it explicitly"),
    ],
)
def test_a_property_without_a_default_cannot_be_removed(name: str, reason: str) -> None:
    """Nothing that could be sent stands for its absence."""
    news = {key: value for key, value in JOB.items() if key != name}

    assert failures_of({**JOB, name: "custom"}, **news) == {name: reason}


def test_the_name_cannot_be_removed_from_an_adopted_job() -> None:
    """A job always has one."""
    assert failures_of({"name": "a", "job_id": "138"}, job_id="138") == {
        "name": "cannot be removed: a job always has a name: set one"
    }


@pytest.mark.parametrize("name", ["queue_name", "entrypoint"])
def test_it_cannot_be_removed_while_another_value_is_unknown_either(name: str) -> None:
    """No value of another property could make it right."""
    news = {key: value for key, value in JOB.items() if key != name}

    assert list(failures_of(JOB, **news, desc=UNKNOWN)) == [name]


@pytest.mark.parametrize(
    "name", [n for n, each in BY_NAME.items() if each.default is not None and not each.create_only]
)
def test_a_property_with_a_default_can_be_removed(name: str) -> None:
    """It is reset."""
    old = dict(GOOD)[name]

    assert failures_of({**JOB, name: old}, **JOB) == {}


@pytest.mark.parametrize("name", CONTROL_BY_NAME)
def test_a_control_input_can_be_removed(name: str) -> None:
    """It has its default again."""
    assert failures_of({**JOB, name: dict(GOOD)[name]}, **JOB) == {}


def test_tm_slot_num_can_be_removed_where_the_formula_gives_a_whole_number() -> None:
    """The wanted values count, not the old ones."""
    assert failures_of({**JOB, "tm_slot_num": 4, "cu_number": 4}, **JOB, parallel_number=6, cu_number=4) == {}


def test_tm_slot_num_cannot_be_removed_where_it_gives_a_fraction() -> None:
    """The failure says what to do."""
    reason = failures_of({**JOB, "tm_slot_num": 4}, **JOB, parallel_number=5, cu_number=3)["tm_slot_num"]

    assert reason.startswith("cannot be removed: its default, (parallel_number*tm_cus)")
    assert reason.endswith("set tm_slot_num explicitly")


def test_tm_slot_num_can_be_removed_while_the_formula_is_unknown() -> None:
    """What it will give is seen in the update."""
    assert failures_of({**JOB, "tm_slot_num": 4}, **JOB, parallel_number=5, cu_number=UNKNOWN) == {}


def test_a_malformed_part_of_the_formula_fails_alone() -> None:
    """The removal of tm_slot_num is not blamed for it."""
    assert list(failures_of({**JOB, "tm_slot_num": 4}, **JOB, cu_number="many")) == ["cu_number"]


# Tags and job_id

TAGS = [{"key": "team", "value": "streams"}, {"key": "stage", "value": "prod"}]


@pytest.mark.parametrize("news", [TAGS[:1], [], None, [TAGS[0], {"key": "stage", "value": "dev"}]], ids=repr)
def test_tags_cannot_change_after_the_create(news: Any) -> None:
    """The update takes no tags."""
    inputs = {**JOB, "tags": news} if news is not None else JOB

    assert failures_of({**JOB, "tags": TAGS}, **inputs) == {
        "tags": "can only be set when the job is created: put the old value back"
    }


def test_tags_cannot_be_added_after_the_create() -> None:
    """Not to a job that had none either."""
    assert list(failures_of(JOB, **JOB, tags=TAGS)) == ["tags"]


@pytest.mark.parametrize("news", [TAGS[::-1], TAGS, [UNKNOWN], UNKNOWN], ids=repr)
def test_tags_that_may_mean_the_same_pass(news: Any) -> None:
    """In another order, or not known yet."""
    assert failures_of({**JOB, "tags": TAGS}, **JOB, tags=news) == {}


def test_no_tags_and_an_empty_list_of_them_are_the_same() -> None:
    """In both directions."""
    assert failures_of(JOB, **JOB, tags=[]) == {}
    assert failures_of({**JOB, "tags": []}, **JOB) == {}


# What is only likely

LIKELY: list[tuple[dict[str, Any], str]] = [
    ({**JOB, "name": "click stream"}, "name has characters that DLI's console does not accept"),
    ({**JOB, "name": "clickström"}, "name has characters that DLI's console does not accept"),
    ({"name": "a"}, "entrypoint is missing: a job without a JAR cannot start"),
    (
        {**JOB, "cu_number": 4, "resource_config_version": "v2"},
        "cu_number is not used with resource_config_version v2",
    ),
    ({**JOB, "resource_config": {"max_slot": 2}}, "resource_config is used only with resource_config_version v2"),
    ({**JOB, "log_enabled": True}, "log_enabled needs obs_bucket: without it no log is kept"),
    ({**JOB, "checkpoint_path": "obs://b/c"}, "checkpoint_path is used only with resume_checkpoint"),
    (
        {**JOB, "checkpoint_path": "obs://b/c", "resume_checkpoint": False},
        "checkpoint_path is used only with resume_checkpoint",
    ),
]


@pytest.mark.parametrize(("inputs", "sentence"), LIKELY, ids=[sentence for _, sentence in LIKELY])
def test_what_is_only_likely_warns_and_does_not_fail(inputs: dict[str, Any], sentence: str) -> None:
    """The user may know better than the documents."""
    assert sentence in warnings_of(**inputs)
    assert failures_of(**inputs) == {}


@pytest.mark.parametrize("inputs", [inputs for inputs, _ in LIKELY], ids=[sentence for _, sentence in LIKELY])
def test_what_did_not_change_warns_no_more(inputs: dict[str, Any]) -> None:
    """A warning was read once; a change of something else does not repeat it."""
    assert warnings_of(inputs, **inputs, desc="changed") == ""


def test_a_job_that_shall_run_from_now_on_needs_a_jar() -> None:
    """Also where it was created without one, to stand still."""
    olds = {"name": "a", "desired_state": "stopped"}

    assert "entrypoint is missing" in warnings_of(olds, name="a", desired_state="running")


@pytest.mark.parametrize(
    "inputs",
    [
        {**JOB, "name": "Click_stream-2"},
        {"name": "a", "desired_state": "stopped"},
        {"job_id": "138", "desc": "adopted"},
        {**JOB, "cu_number": 4},
        {**JOB, "cu_number": 4, "resource_config_version": "v1"},
        {**JOB, "resource_config": {"max_slot": 2}, "resource_config_version": "v2"},
        {**JOB, "log_enabled": True, "obs_bucket": "logs"},
        {**JOB, "log_enabled": False},
        {**JOB, "checkpoint_path": "obs://b/c", "resume_checkpoint": True},
        {**JOB, "checkpoint_path": ""},
    ],
    ids=repr,
)
def test_what_is_right_does_not_warn(inputs: dict[str, Any]) -> None:
    """Warnings that are always there are read by nobody."""
    assert warnings_of(**inputs) == ""


@pytest.mark.parametrize("name", [n for n, schema in described.properties().items() if "x-cloud" in schema])
def test_what_only_huawei_documents_warns_on_otc(name: str) -> None:
    """Open Telekom Cloud may take it all the same; elsewhere, or where the cloud is not known, all is well."""
    inputs = {**JOB, name: dict(GOOD)[name]}

    assert f"{name} is documented by Huawei Cloud only" in warnings_of(cloud="otc", **inputs)
    assert warnings_of(cloud="huawei", **inputs) == ""
    assert warnings_of(**inputs) == ""
    assert warnings_of(inputs, cloud="otc", **inputs) == ""
