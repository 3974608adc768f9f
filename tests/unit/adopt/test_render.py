"""The program that adopts jobs: any value is data in it, and what it declares is what the service has."""

from __future__ import annotations

import ast
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pulumi_dli.adopt.declarations import Found, desired_state, entry
from pulumi_dli.adopt.naming import names_of
from pulumi_dli.adopt.python_literals import comment, literal, text_literal
from pulumi_dli.adopt.render import program
from pulumi_dli.planning.check import check
from pulumi_dli.planning.diff import difference
from pulumi_dli.schema.observed_job import read_job
from pulumi_dli.schema.properties import SENSITIVE
from pulumi_dli.schema.statuses import PHASES, satisfies
from support.places import PROVIDER

RUFF = Path(sys.executable).with_name("ruff")
DETAIL = {"status": "job_running", "name": "orders", "queue_name": "streaming"}

a_rule = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])

# Lone surrogates as well: JSON can hold them.
ANY_TEXT = st.text(st.characters(exclude_categories=[]), max_size=30)
QUOTES = st.text("\"'\\\n\r\t#{}N$ a", max_size=12)
TEXTS = ANY_TEXT | QUOTES
VALUES = st.recursive(
    TEXTS | st.integers() | st.booleans() | st.floats(allow_nan=False, allow_infinity=False),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=6,
)


def written(detail: Mapping[str, Any], *, tags: Sequence[Mapping[str, str]] = (), job_id: str = "138") -> str:
    """Return the program for one job of the service."""
    found = Found(read_job(job_id, {**DETAIL, **detail}), str(detail.get("name", "orders")), tags)
    return program([entry(found, names_of({job_id: found.called})[job_id])])


def declared(text: str) -> dict[str, Any]:
    """Return the arguments of the one job of a program; those that are no literals as source text."""
    calls = (each for each in ast.walk(ast.parse(text)) if isinstance(each, ast.Call))
    (call,) = (each for each in calls if ast.unparse(each.func) == "dli.FlinkJarJob")
    return {str(each.arg): _value(each.value) for each in call.keywords}


def _value(node: ast.expr) -> Any:
    return ast.unparse(node) if isinstance(node, ast.Call) else ast.literal_eval(node)


@a_rule
@given(VALUES)
def test_a_literal_reads_back_as_the_value(value: Any) -> None:
    """Whatever is in it."""
    assert ast.literal_eval(literal(value)) == value


@a_rule
@given(TEXTS)
def test_a_text_is_one_line_that_prints(text: str) -> None:
    """So no editor or terminal shows something else than what runs."""
    assert text_literal(text).isprintable()


@a_rule
@given(TEXTS)
def test_a_comment_is_nothing_but_comment(text: str) -> None:
    """No line end of any kind ends it."""
    assert ast.parse("\n".join(comment(text))).body == []
    assert all(line.isprintable() for line in comment(text))


def formatted(text: str) -> str:
    """Return a program as ruff formats it."""
    done = subprocess.run(
        [RUFF, "format", "--isolated", "--stdin-filename", "program.py"],
        input=text.encode(),
        capture_output=True,
        check=True,
    )
    return done.stdout.decode()


JOB = st.fixed_dictionaries(
    {"name": TEXTS, "status": st.sampled_from(sorted(PHASES))},
    optional={
        "desc": TEXTS,
        "entrypoint_args": TEXTS,
        "job_config": st.fixed_dictionaries(
            {},
            optional={
                "cu_number": st.integers(-1, 500) | st.none(),
                "resume_max_num": st.integers(-1, 5),
                "log_enabled": st.booleans() | TEXTS,
                "dependency_jars": st.lists(TEXTS, max_size=3),
                "runtime_config": TEXTS | st.just('[{"key": "a", "value": "b"}]'),
                "checkpoint_mode": st.sampled_from(["exactly_once", "at_least_once", "new_mode"]),
                "resource_config": st.just({"max_slot": 3}) | VALUES,
                "flink_version": TEXTS,
                "brand_new": VALUES,
            },
        ),
    },
)


@a_rule
@given(JOB)
def test_adopting_what_is_declared_changes_nothing(detail: dict[str, Any]) -> None:
    """Whatever the service shows, `up` accepts the declaration and finds nothing different, the state included."""
    details = read_job("138", {**DETAIL, **detail})
    made = entry(Found(details, "orders"), names_of({"138": "orders"})["138"])
    inputs = {**made.inputs, **made.secrets}
    assert difference(details.properties, inputs).changes == ()
    assert check({}, inputs).failures == ()
    assert satisfies(details.status, str(inputs.get("desired_state", "running")))


@a_rule
@given(JOB)
def test_no_secret_is_in_the_program(detail: dict[str, Any]) -> None:
    """Sensitive properties are read from the config alone, and are kept apart on the way there."""
    arguments = declared(written(detail))
    assert all(arguments[name].startswith("config.require_secret") for name in SENSITIVE if name in arguments)
    made = entry(Found(read_job("138", {**DETAIL, **detail}), "orders"), names_of({"138": "orders"})["138"])
    assert not set(made.inputs) & set(SENSITIVE)


@pytest.mark.parametrize(("name", "lines"), [("orders", 1), ("o" * 57, 3)])
def test_the_key_of_a_secret_stands_on_the_same_line_where_it_fits(name: str, lines: int) -> None:
    """In either case as ruff leaves it."""
    text = written({"name": name, "entrypoint_args": "--x"})
    start = text.index("    entrypoint_args=")
    assert text[start : text.index("),\n", start)].count("\n") + 1 == lines
    assert formatted(text) == text


@settings(a_rule, max_examples=10)
@given(st.lists(JOB, min_size=4, max_size=8))
def test_the_program_is_as_ruff_formats_it(details: list[dict[str, Any]]) -> None:
    """For any values."""
    found = {
        str(number): Found(read_job(str(number), {**DETAIL, **each}), each["name"])
        for number, each in enumerate(details)
    }
    names = names_of({job_id: each.called for job_id, each in found.items()})
    text = program([entry(each, names[job_id]) for job_id, each in found.items()])
    assert formatted(text) == text


def test_a_job_of_defaults_has_its_id_and_its_names_alone() -> None:
    """Also where the service writes its defaults out."""
    config = {
        "cu_number": 2,
        "parallel_number": 1,
        "tm_slot_num": 1,
        "log_enabled": False,
        "smn_topic": "",
        "image": None,
    }
    assert declared(written({"job_config": config})) == {
        "job_id": "138",
        "name": "orders",
        "queue_name": "streaming",
    }


def test_slots_that_the_service_did_not_compute_are_declared() -> None:
    """Its formula gives 1 here."""
    config = {"cu_number": 2, "parallel_number": 1, "tm_slot_num": 4}
    assert declared(written({"job_config": config}))["tm_slot_num"] == 4


def test_slots_are_declared_where_the_formula_gives_no_whole_number() -> None:
    """The service rounds in a way that is not documented."""
    config = {"cu_number": 4, "parallel_number": 2, "tm_slot_num": 1}
    assert declared(written({"job_config": config}))["tm_slot_num"] == 1


def test_a_long_unknown_value_is_cut() -> None:
    """A comment is no place for a document."""
    text = written({"job_config": {"brand_new": "x" * 1000}})
    assert f"{'x' * 199}..." in text
    assert "x" * 200 not in text


def test_a_program_without_secrets_does_not_import_what_it_does_not_use() -> None:
    """`pulumi` is for the config alone."""
    assert "import pulumi\n" not in written({})
    assert "import pulumi\n" in written({"entrypoint_args": "--x"})


@pytest.mark.words
def test_a_secret_that_is_no_unicode_is_not_managed() -> None:
    """Neither Pulumi nor a file can hold it; the note does not hold its value."""
    text = written({"entrypoint_args": "left\ud800right"})
    assert "Not managed: entrypoint_args, whose value in DLI is no valid Unicode text." in text
    assert "left" not in text


@pytest.mark.words
def test_a_value_of_the_wrong_type_is_not_managed() -> None:
    """The note names the property and what it must be."""
    text = written({"job_config": {"cu_number": "many"}})
    assert "# Not managed: cu_number, whose value in DLI must be an integer." in text


@pytest.mark.words
def test_an_unknown_property_that_repeats_a_secret_is_masked() -> None:
    """The value of a sensitive property is not shown under another name either."""
    text = written({"entrypoint_args": "--password hunter2x", "job_config": {"brand_new": "hunter2x"}})
    assert '# Not known to this version, and kept as it is in DLI: brand_new = "***".' in text
    assert "hunter2x" not in text


def test_members_that_are_no_properties_are_not_mentioned() -> None:
    """Facts of the job and settings of other types of jobs."""
    config = {"root_id": -1, "idle_state_retention": 3600, "graph_editor_enabled": True}
    assert "not known" not in written({"user_id": "u", "run_mode": "exclusive_cluster", "job_config": config})


@pytest.mark.full
def test_the_program_is_typed(tmp_path: Path) -> None:
    """A strict type checker accepts it, nested values included."""
    config = {
        "cu_number": 4,
        "log_enabled": True,
        "dependency_jars": ["obs://a/b.jar"],
        "runtime_config": "{}",
        "checkpoint_mode": "at_least_once",
        "resource_config": {"max_slot": 2, "taskmanager_resource_spec": {"cpu": 1.5, "memory": "6G"}},
    }
    tags = [{"key": "a", "value": "b"}]
    text = written({"entrypoint_args": "--x", "status": "job_init", "job_config": config}, tags=tags)
    (tmp_path / "program.py").write_text(text, encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-m", "mypy", "--strict", "program.py"],
        cwd=tmp_path,
        env={**os.environ, "MYPYPATH": str(PROVIDER)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout


def test_tags_are_declared() -> None:
    """As the service's list of tags has them."""
    assert declared(written({}, tags=[{"key": "a", "value": "b"}]))["tags"] == [{"key": "a", "value": "b"}]


@pytest.mark.parametrize("status", sorted({*PHASES, "job_brand_new", ""}))
def test_the_desired_state_is_satisfied_by_the_status_found(status: str) -> None:
    """So that adopting starts and stops nothing."""
    assert satisfies(status, desired_state(status))


@pytest.mark.parametrize("status", sorted({*PHASES, "job_brand_new"} - {"job_running", "job_cancel_fail"}))
def test_a_job_that_does_not_run_is_named_in_the_program(status: str) -> None:
    """With its status, for whoever wonders about it later."""
    assert f"({status})" in written({"status": status})


@a_rule
@given(st.lists(TEXTS, max_size=12))
def test_names_are_identifiers_and_unique(texts: list[str]) -> None:
    """Variables are ASCII and hide nothing of Python's; resources can stand in a URN."""
    names = names_of({str(number): text for number, text in enumerate(texts)})
    variables = [each.variable for each in names.values()]
    resources = [each.resource for each in names.values()]
    assert len(set(variables)) == len(set(resources)) == len(texts)
    assert all(each.isidentifier() and each.isascii() for each in variables)
    assert not {"class", "match", "print", "pulumi", "dli", "config"} & set(variables)
    assert all("::" not in each and each.isprintable() and " " not in each for each in resources)


@pytest.mark.parametrize(
    ("text", "variable", "resource"),
    [
        ("clickstream", "clickstream", "clickstream"),
        ("Click-Stream.v2", "click_stream_v2", "Click-Stream.v2"),
        ("1st", "job_1st", "1st"),
        ("class", "class_job", "class"),
        ("größe", "groe", "größe"),
        ("订单", "job_7", "订单"),
        ("a b", "a_b", "a_b"),
        ("", "job_7", "job_7"),
    ],
)
def test_a_name_stays_as_near_as_it_can(text: str, variable: str, resource: str) -> None:
    """A reader finds the job again."""
    (names,) = names_of({"7": text}).values()
    assert (names.variable, names.resource) == (variable, resource)


def test_the_oldest_of_those_that_clash_keeps_the_name() -> None:
    """A job that is made later changes no other's name."""
    one = names_of({"9": "a-b"})
    both = names_of({"10": "a_b", "9": "a-b"})
    assert both["9"] == one["9"]
    assert both["10"].variable == "a_b_10"


def test_names_that_are_the_same_are_two_resources() -> None:
    """The service keeps names unique in a project; a Terraform state may name two alike."""
    names = names_of({"9": "orders", "10": "orders"})
    assert [names[job_id].resource for job_id in ("9", "10")] == ["orders", "orders-10"]
