"""Which credentials are used: the first complete set, and where they may be sent."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from pulumi_dli.api.auth.base import SignedRequests, StaticToken
from pulumi_dli.api.auth.choose import make_auth
from pulumi_dli.api.auth.keystone import KeystonePassword
from pulumi_dli.config.credentials import ACCESS_KEY, PASSWORD, TOKEN, Credentials, choose, iam_address
from pulumi_dli.config.settings import ALLOWED_HOSTS, Settings, read_settings
from pulumi_dli.errors import ConfigurationError

REGION = {"region": "eu-de"}
LOGIN = {"userName": "u", "password": "hunter2-p", "domainName": "d", "projectName": "eu-de_x"}
OS_LOGIN = {"OS_USERNAME": "ou", "OS_PASSWORD": "hunter2-op", "OS_DOMAIN_NAME": "od", "OS_PROJECT_NAME": "eu-de_o"}
HW_LOGIN = {"HW_USER_NAME": "hu", "HW_USER_PASSWORD": "hunter2-hp", "HW_DOMAIN_NAME": "hd"}
OS_KEY = {"OS_ACCESS_KEY": "hunter2-oak", "OS_SECRET_KEY": "hunter2-osk"}
HW_KEY = {"HW_ACCESS_KEY": "hunter2-hak", "HW_SECRET_KEY": "hunter2-hsk"}
ENTRY = {
    "userName": "cu",
    "password": "hunter2-cp",
    "domainName": "cd",
    "projectName": "eu-de_c",
    "authUrl": "https://iam.c/v3",
}


def read(config: Mapping[str, Any], environment: Mapping[str, str], entry: Mapping[str, str] | None = None) -> Settings:
    """Read settings; `entry` is what clouds.yaml holds."""
    named = {"OS_CLOUD": "team"} if entry is not None else {}
    return read_settings({**REGION, **config}, {**environment, **named}, read_entry=lambda _: entry or {})


def chosen(config: Mapping[str, Any], environment: Mapping[str, str], entry: Mapping[str, str] | None = None) -> str:
    """Return the kind that was chosen, and where each of its parts was found."""
    credentials = choose(read(config, environment, entry))
    return f"{credentials.kind.name}: " + ", ".join(sorted(found.where for found in credentials.parts.values()))


CHOICES: dict[str, tuple[tuple[Any, ...], str]] = {
    "the config before the environment": (({"token": "hunter2-t"}, OS_KEY), "token: dli:token"),
    "OS_ before HW_": (({}, {**HW_KEY, **OS_KEY}), "access key: OS_ACCESS_KEY, OS_SECRET_KEY"),
    "HW_ before clouds.yaml": (({}, HW_KEY, ENTRY), "access key: HW_ACCESS_KEY, HW_SECRET_KEY"),
    "a token before keys": (({}, {**OS_KEY, "OS_TOKEN": "hunter2-t"}), "token: OS_TOKEN"),
    "keys before a password": (({}, {**OS_KEY, **OS_LOGIN}), "access key: OS_ACCESS_KEY, OS_SECRET_KEY"),
    "a complete set of a later source before half of an earlier one": (
        ({"accessKey": "hunter2-ak"}, {"HW_AUTH_TOKEN": "hunter2-t"}),
        "token: HW_AUTH_TOKEN",
    ),
    "OS_ and HW_ do not complete each other": (
        ({}, {"OS_ACCESS_KEY": "hunter2-oak", **HW_KEY}),
        "access key: HW_ACCESS_KEY, HW_SECRET_KEY",
    ),
    "the environment completes what the config begins": (
        ({"userName": "u", "domainName": "d", "projectId": "p"}, {"OS_PASSWORD": "hunter2-op"}),
        "user and password: OS_PASSWORD, dli:domainName, dli:projectId, dli:userName",
    ),
    "the user that the config names is not replaced": (
        ({"userName": "u"}, OS_LOGIN),
        "user and password: OS_DOMAIN_NAME, OS_PASSWORD, OS_PROJECT_NAME, dli:userName",
    ),
    "a temporary key comes with its token": (
        ({}, {**OS_KEY, "OS_SECURITY_TOKEN": "hunter2-st"}),
        "access key: OS_ACCESS_KEY, OS_SECRET_KEY, OS_SECURITY_TOKEN",
    ),
    "a key of the config does not get the environment's token": (
        ({"accessKey": "hunter2-ak", "secretKey": "hunter2-sk"}, {"OS_SECURITY_TOKEN": "hunter2-st"}),
        "access key: dli:accessKey, dli:secretKey",
    ),
    "a set takes domain and IAM of its own source first": (
        (
            {"projectId": "p"},
            {**HW_LOGIN, "OS_DOMAIN_NAME": "od", "OS_AUTH_URL": "https://iam.o/v3", "HW_AUTH_URL": "https://iam.h/v3"},
        ),
        "user and password: HW_AUTH_URL, HW_DOMAIN_NAME, HW_USER_NAME, HW_USER_PASSWORD, dli:projectId",
    ),
    "a user's id needs no domain": (
        ({}, {"OS_USER_ID": "i", "OS_PASSWORD": "hunter2-op", "OS_PROJECT_ID": "p"}),
        "user and password: OS_PASSWORD, OS_PROJECT_ID, OS_USER_ID",
    ),
    "the region's own project serves where none is named": (
        ({}, HW_LOGIN),
        "user and password: HW_DOMAIN_NAME, HW_USER_NAME, HW_USER_PASSWORD",
    ),
    "clouds.yaml at last": (
        ({}, {"OS_ACCESS_KEY": "hunter2-oak"}, ENTRY),
        "user and password: " + ", ".join(["clouds.yaml, entry team"] * 5),
    ),
}


@pytest.mark.parametrize("rule", CHOICES)
def test_the_first_complete_set_wins(rule: str) -> None:
    """The rule is the case's name."""
    (config, environment, *entry), wanted = CHOICES[rule]

    assert chosen(config, environment, *entry) == wanted


@pytest.mark.parametrize(
    ("config", "kind", "auth"),
    [
        ({"token": "hunter2-t", "projectId": "p"}, TOKEN, StaticToken),
        ({"accessKey": "hunter2-a", "secretKey": "hunter2-s"}, ACCESS_KEY, SignedRequests),
        (LOGIN, PASSWORD, KeystonePassword),
    ],
    ids=["token", "key", "password"],
)
def test_each_kind_has_its_way_to_prove_a_request(config: dict[str, str], kind: Any, auth: type) -> None:
    """Token, signature, login."""
    assert choose(read(config, {})).kind is kind
    assert type(make_auth(read(config, {}))) is auth


def refusal(config: Mapping[str, Any], environment: Mapping[str, str]) -> str:
    with pytest.raises(ConfigurationError) as caught:
        choose(read(config, environment))
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_without_a_complete_set_every_begun_one_is_reported_with_what_it_lacks() -> None:
    """Where it begins, what is missing, and which variable would hold that; no value."""
    said = refusal({}, {"OS_USERNAME": "USERVALUE", "HW_SECRET_KEY": "hunter2-SKVALUE"})

    assert "access key (begun by HW_SECRET_KEY) lacks dli:accessKey or OS_ACCESS_KEY" in said
    assert (
        "user and password (begun by OS_USERNAME) lacks dli:password or OS_PASSWORD, "
        "dli:domainName or dli:domainId or OS_USER_DOMAIN_NAME" in said
    )
    assert "VALUE" not in said


def test_without_any_set_all_places_and_kinds_are_reported() -> None:
    """What was looked at, and what would do."""
    said = refusal({}, {})

    assert said.startswith("no credentials: neither a token (dli:token or OS_TOKEN), nor an access key")
    assert said.endswith("complete in the stack's config, OS_* variables, HW_* variables")


def test_an_entry_that_cannot_be_read_is_reported_only_where_it_is_needed(tmp_path: Path) -> None:
    """A preview needs none, and another complete set makes it superfluous."""
    environment = {"OS_CLOUD": "no-such-entry"}
    settings = read_settings(REGION, environment)
    assert settings.region == "eu-de"
    assert choose(read_settings({**REGION, "token": "hunter2-t"}, environment)).kind is TOKEN

    with pytest.raises(ConfigurationError, match=r"entry no-such-entry of clouds\.yaml cannot be read"):
        choose(settings)


def test_credentials_do_not_show_themselves() -> None:
    """In a traceback or a log."""
    credentials = choose(read({}, {**OS_KEY, "OS_SECURITY_TOKEN": "hunter2-security"}))

    assert "hunter2" not in str(credentials)
    assert "hunter2" not in repr(read({}, OS_KEY))


# clouds.yaml


def entry_of(folder: Path, monkeypatch: pytest.MonkeyPatch, auth: dict[str, Any], **more: Any) -> Credentials:
    path = folder / "clouds.yaml"
    path.write_text(json.dumps({"clouds": {"team": {"auth": auth, **more}}}), encoding="utf-8")
    monkeypatch.setenv("OS_CLIENT_CONFIG_FILE", str(path))
    return choose(read_settings({}, {"OS_CLOUD": "team"}))


def test_clouds_yaml_is_read_by_openstacks_own_library(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """User and password as every OpenStack client reads them; the region as well."""
    auth = {"auth_url": "https://iam.eu-de.otc.t-systems.com", "username": "u", "password": "hunter2-p"}
    found = entry_of(
        tmp_path, monkeypatch, {**auth, "user_domain_name": "d", "project_name": "eu-de_x"}, region_name="eu-de"
    )

    assert found.kind is PASSWORD
    assert [found.get(name) for name in ("userName", "password", "domainName", "projectName")] == [
        "u",
        "hunter2-p",
        "d",
        "eu-de_x",
    ]
    assert found.ambient


def test_clouds_yaml_may_hold_an_access_key_as_open_telekom_clouds_tools_have_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`ak`, `sk`, `security_token`."""
    found = entry_of(
        tmp_path, monkeypatch, {"ak": "hunter2-a", "sk": "hunter2-s", "security_token": "hunter2-t", "project_id": "p"}
    )

    assert found.kind is ACCESS_KEY
    assert [found.get(name) for name in ("accessKey", "secretKey", "securityToken")] == [
        "hunter2-a", "hunter2-s", "hunter2-t",
    ]  # fmt: skip


# Where they may be sent


@pytest.mark.parametrize(
    "endpoint",
    [
        "https://dli.eu-de.otc.t-systems.com",
        "https://dli.eu-ch2.sc.otc.t-systems.com",
        "https://dli.cn-north-4.myhuaweicloud.com",
        "https://dli.eu-west-101.myhuaweicloud.eu",
        "http://127.0.0.1:8480",
        "https://localhost:8480",
    ],
)
def test_the_environments_credentials_go_to_the_clouds_and_to_this_machine(endpoint: str) -> None:
    """Nothing has to be allowed for that."""
    make_auth(read({"endpoint": endpoint}, {"OS_TOKEN": "hunter2-t"}))


STRANGE = [
    "https://dli.example.com",
    "https://dli.eu-de.otc.t-systems.com.example.com",
    "https://otc.t-systems.com",
    "https://evil-otc.t-systems.com",
    "https://abc.apic.cn-north-4.myhuaweicloud.com",
    "https://bucket.obs.eu-de.otc.t-systems.com",
    "https://10.0.0.1",
]


@pytest.mark.parametrize("endpoint", STRANGE)
@pytest.mark.parametrize(
    "environment", [{"OS_TOKEN": "hunter2-t"}, OS_KEY, OS_LOGIN, HW_KEY], ids=lambda each: next(iter(each))
)
def test_the_environments_credentials_go_to_no_other_host(endpoint: str, environment: dict[str, str]) -> None:
    """Not to one that belongs to another customer of the cloud either."""
    with pytest.raises(ConfigurationError, match=f"is not sent to .*{ALLOWED_HOSTS}="):
        make_auth(read({"endpoint": endpoint}, environment))


def test_a_host_may_be_allowed_by_name() -> None:
    """In the environment, by whoever owns the credentials there; one host, or all that end alike."""
    for allowed in ("dli.example.com", "other.com, .example.com"):
        make_auth(read({"endpoint": "https://dli.example.com"}, {"OS_TOKEN": "hunter2-t", ALLOWED_HOSTS: allowed}))
    for allowed in ("example.com", ".other.com", "dli.example.com.org"):
        with pytest.raises(ConfigurationError):
            make_auth(read({"endpoint": "https://dli.example.com"}, {"OS_TOKEN": "hunter2-t", ALLOWED_HOSTS: allowed}))


def test_the_config_cannot_allow_a_host() -> None:
    """Whoever may change the address could change that, too."""
    with pytest.raises(ConfigurationError):
        make_auth(
            read({"endpoint": "https://dli.example.com", "allowedHosts": "dli.example.com"}, {"OS_TOKEN": "hunter2-t"})
        )


def test_credentials_of_the_config_go_where_the_config_says() -> None:
    """Both stand in the same place."""
    make_auth(read({"endpoint": "https://dli.example.com", "token": "hunter2-t"}, {}))
    make_auth(read({"endpoint": "https://dli.example.com", "authUrl": "https://iam.example.com/v3", **LOGIN}, {}))


def test_a_password_of_the_environment_makes_the_whole_set_the_environments() -> None:
    """Though the config names the user."""
    config = {**LOGIN, "password": "", "endpoint": "https://dli.example.com"}
    with pytest.raises(ConfigurationError, match=r"OS_PASSWORD is not sent to dli\.example\.com"):
        make_auth(read(config, {"OS_PASSWORD": "hunter2-op"}))


def test_iam_is_guarded_as_dli_is() -> None:
    """A password goes there."""
    with pytest.raises(ConfigurationError, match=r"OS_PASSWORD is not sent to iam\.example\.com"):
        make_auth(read({"authUrl": "https://iam.example.com/v3"}, OS_LOGIN))


@pytest.mark.parametrize(
    ("url", "wanted"),
    [
        ("https://iam.private", "https://iam.private/v3"),
        ("https://iam.private/identity/v3", "https://iam.private/identity/v3"),
    ],
)
def test_the_environments_own_iam_is_trusted_as_its_credentials_are(url: str, wanted: str) -> None:
    """Both are the machine's. An address without a path is that of Keystone's v3."""
    settings = read({}, {**OS_LOGIN, "OS_AUTH_URL": url})

    assert iam_address(settings, choose(settings)) == wanted


def test_plain_http_is_refused_for_iam_of_every_source() -> None:
    """A password would be readable on the way."""
    of_environment = read({}, {**OS_LOGIN, "OS_AUTH_URL": "http://iam.private/v3"})
    of_clouds_yaml = read({}, {"OS_AUTH_URL": "https://iam.o/v3"}, {**ENTRY, "authUrl": "http://iam.c/v3"})
    for settings, place in ((of_environment, "OS_AUTH_URL"), (of_clouds_yaml, "clouds.yaml, entry team")):
        with pytest.raises(ConfigurationError, match=f"^{place} must begin with https"):
            iam_address(settings, choose(settings))


def test_an_address_that_is_left_over_from_another_cloud_does_no_harm() -> None:
    """Where the credentials need no login."""
    make_auth(read({"token": "hunter2-t"}, {"OS_AUTH_URL": "http://keystone.internal:5000"}))


# Forms of signatures


@pytest.mark.parametrize(
    ("config", "form"),
    [
        ({"region": "eu-de"}, "otc"),
        ({"region": "cn-north-4"}, "huawei"),
        ({"endpoint": "https://dli.eu-nl.otc.t-systems.com"}, "otc"),
        ({"endpoint": "https://dli.example.com", "region": "", "cloud": "huawei"}, "huawei"),
        ({"region": "eu-de", "signature": "huawei"}, "huawei"),
        ({"region": "cn-north-4", "signature": "otc"}, "otc"),
    ],
)
def test_the_form_of_signatures_follows_from_the_cloud_and_can_be_forced(config: dict[str, str], form: str) -> None:
    """By region or address, else by dli:cloud; dli:signature overrides."""
    assert read_settings(config, {}).signature == form


def test_an_unknown_form_of_signatures_is_reported_with_the_settings_that_name_it() -> None:
    """Where nothing names the cloud."""
    settings = read_settings(
        {"endpoint": "https://dli.example.com", "accessKey": "hunter2-a", "secretKey": "hunter2-s"}, {}
    )
    with pytest.raises(ConfigurationError, match="set dli:cloud or dli:signature to otc or huawei"):
        make_auth(settings)
