"""Faults do to a request what they say, to as many as they say, and nothing else."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import pytest
import requests


@contextmanager
def meanwhile(call: Any) -> Iterator[Future[Any]]:
    with ThreadPoolExecutor(1) as pool:
        yield pool.submit(call)


def held(emulator: Any) -> int:
    return sum(fault["holding"] for fault in emulator.faults())


def test_an_answer_replaces_the_operation(api: Any, emulator: Any) -> None:
    job_id = api.create()
    answer = {"status": 503, "headers": {"Retry-After": "1"}, "body": {"error_code": "DLI.0012"}}
    fault = emulator.add_fault(operation="UpdateFlinkJarJob", answer=answer)
    got = api.update(job_id, desc="new")
    assert (got.status_code, got.headers["Retry-After"]) == (503, "1")
    assert got.json() == {"error_code": "DLI.0012"}
    assert api.detail(job_id)["desc"] == ""
    assert emulator.requests("UpdateFlinkJarJob")[0]["fault"] == fault


def test_an_answer_may_come_after_the_effect(api: Any, emulator: Any) -> None:
    job_id = api.create()
    emulator.add_fault(operation="UpdateFlinkJarJob", effect=True, answer={"status": 504})
    assert api.update(job_id, desc="new").status_code == 504
    assert api.detail(job_id)["desc"] == "new"


def test_an_answer_may_be_html(api: Any, emulator: Any) -> None:
    emulator.add_fault(answer={"status": 502, "text": "<html>bad gateway</html>"})
    got = api.send("GET", "/streaming/jobs")
    assert (got.text, got.headers["Content-Type"]) == (
        "<html>bad gateway</html>", "text/html; charset=utf-8",
    )  # fmt: skip


def test_an_answer_may_be_empty(api: Any, emulator: Any) -> None:
    emulator.add_fault(answer={"status": 200})
    assert api.send("GET", "/streaming/jobs").content == b""


@pytest.mark.parametrize("body", [None, [], [{"is_success": False}], "text"])
def test_an_answer_may_be_any_json(api: Any, emulator: Any, body: Any) -> None:
    emulator.add_fault(answer={"status": 200, "body": body})
    assert api.send("GET", "/streaming/jobs").json() == body


def test_a_cut_comes_before_the_effect_by_default(api: Any, emulator: Any) -> None:
    job_id = api.create()
    emulator.add_fault(operation="UpdateFlinkJarJob", cut=True)
    with pytest.raises(requests.ConnectionError):
        api.update(job_id, desc="new")
    assert api.detail(job_id)["desc"] == ""


@pytest.mark.parametrize("effect", [True, "late"])
def test_a_cut_may_come_after_the_effect(api: Any, emulator: Any, effect: Any) -> None:
    job_id = api.create()
    emulator.add_fault(operation="UpdateFlinkJarJob", cut=True, effect=effect)
    with pytest.raises(requests.ConnectionError):
        api.update(job_id, desc="new")
    assert api.detail(job_id)["desc"] == "new"


def test_a_cut_is_written_in_the_log(api: Any, emulator: Any) -> None:
    emulator.add_fault(operation="ListFlinkJobs", cut=True)
    with pytest.raises(requests.ConnectionError):
        api.send("GET", "/streaming/jobs")
    (entry,) = emulator.requests("ListFlinkJobs")
    assert (entry["cut"], entry["status"]) == (True, None)


def test_a_cut_leaves_other_connections_alone(api: Any, emulator: Any) -> None:
    other = requests.Session()
    other.get(f"{emulator.url}/v3", timeout=5)
    emulator.add_fault(operation="ListFlinkJobs", cut=True)
    with pytest.raises(requests.ConnectionError):
        api.send("GET", "/streaming/jobs")
    assert other.get(f"{emulator.url}/v3", timeout=5).status_code == 200


def test_a_delay_delays_the_normal_answer(api: Any, emulator: Any) -> None:
    emulator.add_fault(operation="ListFlinkJobs", delay=0.2)
    start = time.monotonic()
    assert api.send("GET", "/streaming/jobs").status_code == 200
    assert time.monotonic() - start >= 0.2


def test_a_held_request_has_its_effect_and_waits_for_its_release(api: Any, emulator: Any) -> None:
    job_id = api.create()
    fault = emulator.add_fault(operation="UpdateFlinkJarJob", hold=True)
    with meanwhile(lambda: api.update(job_id, desc="new")) as answer:
        emulator.wait_until_held()
        assert emulator.job(job_id)["properties"]["desc"] == "new"
        assert not answer.done()
        emulator.release(fault)
        assert answer.result(10).status_code == 200
    assert held(emulator) == 0


def test_a_late_effect_waits_for_the_release_as_well(api: Any, emulator: Any) -> None:
    job_id = api.create()
    fault = emulator.add_fault(operation="UpdateFlinkJarJob", hold=True, effect="late")
    with meanwhile(lambda: api.update(job_id, desc="new")) as answer:
        emulator.wait_until_held()
        assert "desc" not in emulator.job(job_id)["properties"]
        emulator.release(fault)
        answer.result(10)
    assert emulator.job(job_id)["properties"]["desc"] == "new"


def test_a_held_request_does_not_hold_others(api: Any, emulator: Any) -> None:
    emulator.add_fault(operation="ListFlinkJobs", hold=True)
    with meanwhile(lambda: api.send("GET", "/streaming/jobs")) as answer:
        emulator.wait_until_held()
        assert requests.get(f"{emulator.url}/v3", timeout=5).status_code == 200
        emulator.clear_faults()
        assert answer.result(10).status_code == 200


def test_held_then_cut(api: Any, emulator: Any) -> None:
    fault = emulator.add_fault(operation="ListFlinkJobs", hold=True, cut=True)
    with meanwhile(lambda: api.send("GET", "/streaming/jobs")) as answer:
        emulator.wait_until_held()
        emulator.release(fault)
        with pytest.raises(requests.ConnectionError):
            answer.result(10)


def test_a_held_request_is_in_the_log_without_a_status(api: Any, emulator: Any) -> None:
    fault = emulator.add_fault(operation="ListFlinkJobs", hold=True)
    with meanwhile(lambda: api.send("GET", "/streaming/jobs")) as answer:
        emulator.wait_until_held()
        (entry,) = emulator.requests("ListFlinkJobs")
        assert (entry["status"], entry["fault"]) == (None, fault)
        emulator.release(fault)
        answer.result(10)


def test_waiting_for_a_held_request_has_an_end(emulator: Any) -> None:
    with pytest.raises(TimeoutError):
        emulator.wait_until_held(seconds=0.02)


def codes(api: Any, job_id: int, count: int) -> list[int]:
    return [api.update(job_id, desc=str(n)).status_code for n in range(count)]


def test_a_fault_applies_once_by_default(api: Any, emulator: Any) -> None:
    emulator.add_fault(operation="UpdateFlinkJarJob", answer={"status": 503})
    assert codes(api, api.create(), 3) == [503, 200, 200]


def test_a_fault_applies_as_often_as_it_says(api: Any, emulator: Any) -> None:
    emulator.add_fault(operation="UpdateFlinkJarJob", times=2, answer={"status": 503})
    assert codes(api, api.create(), 3) == [503, 503, 200]


def test_a_fault_without_an_end_applies_until_it_is_removed(api: Any, emulator: Any) -> None:
    fault = emulator.add_fault(operation="UpdateFlinkJarJob", times=None, answer={"status": 503})
    job_id = api.create()
    assert codes(api, job_id, 3) == [503, 503, 503]
    emulator.remove_fault(fault)
    assert codes(api, job_id, 1) == [200]


def test_a_fault_lets_the_first_ones_pass(api: Any, emulator: Any) -> None:
    emulator.add_fault(operation="UpdateFlinkJarJob", after=2, answer={"status": 503})
    assert codes(api, api.create(), 4) == [200, 200, 503, 200]


def test_faults_follow_one_another(api: Any, emulator: Any) -> None:
    for status in (503, 429):
        emulator.add_fault(operation="UpdateFlinkJarJob", answer={"status": status})
    assert codes(api, api.create(), 3) == [503, 429, 200]


def test_a_fault_is_for_its_operation_only(api: Any, emulator: Any) -> None:
    job_id = api.create()
    emulator.add_fault(operation="ShowFlinkJob", answer={"status": 503})
    assert codes(api, job_id, 1) == [200]


@pytest.mark.parametrize("by", ["id", "name"])
def test_a_fault_is_for_its_job_only(api: Any, emulator: Any, by: str) -> None:
    mine, other = api.create(name=f"faulty-by-{by}"), api.create()
    job = mine if by == "id" else f"faulty-by-{by}"
    emulator.add_fault(operation="UpdateFlinkJarJob", job=job, answer={"status": 503})
    assert (codes(api, other, 1), codes(api, mine, 1)) == ([200], [503])


def test_a_fault_for_a_job_takes_the_batches_with_it(api: Any, emulator: Any) -> None:
    mine, other = api.create(), api.create()
    emulator.add_fault(operation="RunFlinkJobs", job=mine, answer={"status": 503})
    body = {"job_ids": [other, mine]}
    assert api.send("POST", "/streaming/jobs/run", body).status_code == 503


def test_a_fault_for_a_job_that_is_yet_to_come_goes_by_its_name(api: Any, emulator: Any) -> None:
    emulator.add_fault(operation="CreateFlinkJarJob", job="to-come", answer={"status": 503})
    api.create()
    assert api.send("POST", "/streaming/flink-jobs", {"name": "to-come"}).status_code == 503


def test_one_item_of_a_batch_can_be_refused(api: Any, emulator: Any) -> None:
    mine, other = api.create(entrypoint="a.jar"), api.create(entrypoint="a.jar")
    emulator.add_fault(operation="RunFlinkJobs", job=mine, item_refused={"message": "no CUs"})
    items = api.run(other, mine)
    assert [item["is_success"] for item in items] == [True, False]
    assert items[1]["message"] == "no CUs"
    assert emulator.job(mine)["runs"] == []


def test_a_fault_comes_before_the_token_is_looked_at(emulator: Any) -> None:
    emulator.add_fault(operation="ListFlinkJobs", answer={"status": 503})
    url = f"{emulator.url}/v1.0/{emulator.project_id}/streaming/jobs"
    assert requests.get(url, timeout=5).status_code == 503


def test_keystone_can_be_faulty_too(emulator: Any) -> None:
    emulator.add_fault(operation="CreateToken", answer={"status": 503})
    assert requests.post(f"{emulator.auth_url}/auth/tokens", timeout=5).status_code == 503


@pytest.mark.parametrize(
    "settings",
    [
        {"operation": "UpdateJob"},
        {"kind": "slow"},
        {"times": "2"},
        {"after": -1},
        {"delay": "1 s"},
        {"hold": "yes"},
        {"probability": 0},
        {"probability": 1.5},
        {"probability": "0.5"},
        {"probability": 0.5, "seed": "x"},
        {"answer": 503},
        {"answer": {"code": 503}},
        {"answer": {"status": "503"}},
        {"answer": {"error": "DLI.9999"}},
        {"answer": {"error": "DLI.0012", "status": 200}},
        {"effect": False},
        {"effect": "never", "cut": True},
        {"operation": "RunFlinkJobs", "item_refused": {}},
        {"operation": "UpdateFlinkJarJob", "item_refused": {"message": "x"}},
    ],
)
def test_a_fault_that_makes_no_sense_is_refused(emulator: Any, settings: Any) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        emulator.add_fault(**settings)


def struck(api: Any, emulator: Any, **settings: Any) -> list[bool]:
    emulator.clear_faults()
    emulator.add_fault(operation="ListFlinkJobs", times=None, answer={"status": 503}, **settings)
    return [api.send("GET", "/streaming/jobs").status_code == 503 for _ in range(60)]


def test_a_fault_can_strike_by_chance(api: Any, emulator: Any) -> None:
    hits = sum(struck(api, emulator, probability=0.5, seed=1))
    assert 15 <= hits <= 45


def test_the_same_seed_strikes_the_same_requests(api: Any, emulator: Any) -> None:
    """So that a failure that was seen once can be seen again."""
    once = struck(api, emulator, probability=0.5, seed=7)
    assert struck(api, emulator, probability=0.5, seed=7) == once
    assert struck(api, emulator, probability=0.5, seed=8) != once


def test_a_seed_that_was_made_up_is_reported(api: Any, emulator: Any) -> None:
    once = struck(api, emulator, probability=0.5)
    (fault,) = emulator.faults()
    assert struck(api, emulator, probability=0.5, seed=fault["seed"]) == once


def test_requests_at_the_same_time_are_all_counted(api_of: Any, emulator: Any) -> None:
    job_id = api_of(emulator).create()

    def update() -> None:
        api = api_of(emulator)
        for n in range(5):
            assert api.update(job_id, desc=f"{threading.get_ident()} {n}").status_code == 200

    threads = [threading.Thread(target=update) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    entries = emulator.requests("UpdateFlinkJarJob")
    assert len({entry["answer"]["job"]["update_time"] for entry in entries}) == 20
