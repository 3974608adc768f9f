"""Tokens: who gets one, and what it opens."""

from __future__ import annotations

import re
from typing import Any

import pytest
import requests
from keystoneauth1 import session
from keystoneauth1.identity import generic, v3

from pulumi_dli.emulator.options import PASSWORD
from pulumi_dli.emulator.server import Account, Options, Project, running

USER = {"name": "emulator", "password": PASSWORD, "domain": {"name": "emulator"}}
PROJECT = {"name": "emulator", "domain": {"name": "emulator"}}


def ask(emulator: Any, user: Any = None, scope: Any = None) -> requests.Response:
    auth = {"identity": {"methods": ["password"], "password": {"user": user or USER}}}
    body = {"auth": auth if scope is None else {**auth, "scope": scope}}
    return requests.post(f"{emulator.auth_url}/auth/tokens", json=body, timeout=5)


def token(emulator: Any, scope: Any) -> str:
    answer = ask(emulator, scope=scope)
    assert answer.status_code == 201
    return answer.headers["X-Subject-Token"]


def test_a_token_lasts_24_hours_and_names_its_project(emulator: Any) -> None:
    answer = ask(emulator, scope={"project": {"id": emulator.project_id}})
    body = answer.json()["token"]
    assert (answer.status_code, body["project"]["id"]) == (201, emulator.project_id)
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z", body["expires_at"])
    day = [body[key][8:10] for key in ("issued_at", "expires_at")]
    assert day[0] != day[1]


@pytest.mark.parametrize("by", ["id", "name"])
def test_a_token_opens_its_project(api_of: Any, emulator: Any, by: str) -> None:
    project = {"id": emulator.project_id} if by == "id" else PROJECT
    api = api_of(emulator, token(emulator, {"project": project}))
    assert api.send("GET", "/streaming/jobs").status_code == 200


@pytest.mark.parametrize(
    "user",
    [
        {**USER, "password": "hunter2-wrong"},
        {**USER, "name": "nobody"},
        {**USER, "domain": {"name": "elsewhere"}},
    ],
)
@pytest.mark.covers("CreateToken", "401")
def test_who_is_unknown_gets_keystones_401(emulator: Any, user: Any) -> None:
    answer = ask(emulator, user, {"project": PROJECT})
    error = answer.json()["error"]
    assert (answer.status_code, error["code"], error["title"]) == (401, 401, "Unauthorized")


def test_an_unknown_project_is_a_401_too(emulator: Any) -> None:
    assert ask(emulator, scope={"project": {"id": "f" * 32}}).status_code == 401


@pytest.mark.covers("CreateToken", "400")
def test_a_malformed_request_for_a_token_is_keystones_400(emulator: Any) -> None:
    answer = requests.post(f"{emulator.auth_url}/auth/tokens", json={}, timeout=5)
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, 400)


@pytest.mark.parametrize("headers", [{}, {"X-Auth-Token": "gAAAAA-unknown"}, {"X-Auth-Token": ""}])
@pytest.mark.covers("ListFlinkJobs", "DLI.0014")
def test_without_a_valid_token_there_is_dlis_401(emulator: Any, is_error: Any, headers: Any) -> None:
    url = f"{emulator.url}/v1.0/{emulator.project_id}/streaming/jobs"
    assert is_error(requests.get(url, headers=headers, timeout=5), 401, "DLI.0014")


@pytest.mark.covers("ListFlinkJobs", "DLI.0003")
def test_an_unscoped_token_opens_no_project(api_of: Any, emulator: Any, is_error: Any) -> None:
    api = api_of(emulator, token(emulator, None))
    assert is_error(api.send("GET", "/streaming/jobs"), 403, "DLI.0003")


def test_a_token_of_one_project_does_not_open_another(api_of: Any, is_error: Any) -> None:
    projects = (Project("a" * 32, "a"), Project("b" * 32, "b"))
    with running(Options(projects=projects)) as emulator:
        api = api_of(emulator, token(emulator, {"project": {"id": "a" * 32}}))
        other = f"{emulator.url}/v1.0/{'b' * 32}/streaming/jobs"
        assert is_error(api.send("GET", other), 403, "DLI.0003")
        static = api_of(emulator)
        assert static.send("GET", other).status_code == 200


def test_even_the_static_token_opens_no_unknown_project(api: Any, emulator: Any, is_error: Any) -> None:
    url = f"{emulator.url}/v1.0/{'e' * 32}/streaming/jobs"
    assert is_error(api.send("GET", url), 403, "DLI.0003")


@pytest.mark.covers("ListFlinkJobs", "DLI.0014")
def test_expired_tokens_are_refused(api_of: Any, emulator: Any, is_error: Any) -> None:
    api = api_of(emulator, token(emulator, {"project": PROJECT}))
    assert emulator.expire_tokens() >= 1
    assert is_error(api.send("GET", "/streaming/jobs"), 401, "DLI.0014")


def test_other_accounts_can_be_given() -> None:
    account = Account("ada", "hunter2-lovelace", "analytical")
    with running(Options(accounts=(account,), token="gAAAAA-static")) as emulator:  # noqa: S106 - made up
        user = {"name": "ada", "password": "hunter2-lovelace", "domain": {"name": "analytical"}}
        assert ask(emulator, user).status_code == 201
        assert ask(emulator, USER).status_code == 401


@pytest.mark.parametrize(("name", "found"), [("emulator", 1), ("other", 0)])
def test_projects_are_found_by_name(api: Any, emulator: Any, name: str, found: int) -> None:
    answer = api.send("GET", f"{emulator.auth_url}/projects?name={name}").json()
    assert [p["id"] for p in answer["projects"]] == [emulator.project_id] * found


@pytest.mark.covers("ListProjects", "401")
def test_projects_are_for_those_with_a_token(emulator: Any) -> None:
    answer = requests.get(f"{emulator.auth_url}/projects", timeout=5)
    assert (answer.status_code, answer.json()["error"]["code"]) == (401, 401)


@pytest.mark.parametrize("slash", ["", "/"])
@pytest.mark.parametrize("plugin", [v3.Password, generic.Password])
def test_openstacks_own_client_gets_a_token(api_of: Any, emulator: Any, plugin: Any, slash: str) -> None:
    auth = plugin(
        auth_url=emulator.auth_url + slash, username="emulator", password=PASSWORD,
        user_domain_name="emulator", project_name="emulator", project_domain_name="emulator",
    )  # fmt: skip
    client = session.Session(auth)
    assert client.get_project_id() == emulator.project_id
    api = api_of(emulator, client.get_token())
    assert api.send("GET", "/streaming/jobs").status_code == 200
