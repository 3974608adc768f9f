"""The configuration: where each setting comes from, and what is malformed."""

from __future__ import annotations

import inspect
import re
from typing import Any

import pytest

from pulumi_dli.config.addresses import is_loopback
from pulumi_dli.config.settings import Settings, read_settings, stack_settings
from pulumi_dli.config.table import SETTINGS
from pulumi_dli.errors import ConfigurationError
from pulumi_dli.provider import Provider
from pulumi_dli.schema.property import Cost

ENVIRONMENT = {
    "region": ["OS_REGION_NAME", "HW_REGION_NAME"],
    "projectId": ["OS_PROJECT_ID", "OS_TENANT_ID", "HW_PROJECT_ID"],
    "projectName": ["OS_PROJECT_NAME", "OS_TENANT_NAME", "HW_PROJECT_NAME"],
    "token": ["OS_TOKEN", "OS_AUTH_TOKEN", "HW_AUTH_TOKEN"],
    "accessKey": ["OS_ACCESS_KEY", "HW_ACCESS_KEY"],
    "secretKey": ["OS_SECRET_KEY", "HW_SECRET_KEY"],
    "securityToken": ["OS_SECURITY_TOKEN", "HW_SECURITY_TOKEN"],
    "authUrl": ["OS_AUTH_URL", "HW_AUTH_URL"],
    "userName": ["OS_USERNAME", "HW_USER_NAME"],
    "userId": ["OS_USER_ID", "HW_USER_ID"],
    "password": ["OS_PASSWORD", "HW_USER_PASSWORD"],
    "domainName": ["OS_USER_DOMAIN_NAME", "OS_DOMAIN_NAME", "HW_DOMAIN_NAME"],
    "domainId": ["OS_USER_DOMAIN_ID", "OS_DOMAIN_ID", "HW_DOMAIN_ID"],
    "projectDomainName": ["OS_PROJECT_DOMAIN_NAME"],
    "projectDomainId": ["OS_PROJECT_DOMAIN_ID"],
    "cloudsEntry": ["OS_CLOUD"],
    "caCert": ["OS_CACERT", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"],
    "requestsPerSecond": ["PULUMI_DLI_REQUESTS_PER_SECOND"],
}
WITHOUT_ENVIRONMENT = ["endpoint", "cloud", "signature", "changeCost"]

PAIRS = [(name, variable) for name, variables in ENVIRONMENT.items() for variable in variables]


def value_of(name: str, number: int) -> str:
    """Return one of several right values of a setting."""
    special = {"authUrl": f"https://iam{number}.example.com/v3", "requestsPerSecond": f"{number + 1}"}
    return special.get(name, f"{name.lower()}-{number}")


def settings(**config: Any) -> Settings:
    return read_settings(config, {})


def refusal(**config: Any) -> str:
    with pytest.raises(ConfigurationError) as caught:
        settings(**config)
    return str(caught.value)


def test_the_settings_and_their_environment_variables_are_a_persisted_contract() -> None:
    """Stacks hold the names; people already export the variables, in this order of precedence."""
    assert {each.name: list(each.environment) for each in SETTINGS} == {
        **ENVIRONMENT,
        **{name: [] for name in WITHOUT_ENVIRONMENT},
    }


def test_what_proves_who_one_is_is_secret() -> None:
    """An explicit provider encrypts these in the state."""
    assert {each.name for each in SETTINGS if each.secret} == {
        "token",
        "password",
        "accessKey",
        "secretKey",
        "securityToken",
    }


@pytest.mark.parametrize("each", SETTINGS, ids=lambda each: each.name)
def test_every_setting_is_described(each: Any) -> None:
    """In the reference page."""
    assert each.line.rstrip(".`").strip()


@pytest.mark.parametrize(("name", "variable"), PAIRS)
def test_a_setting_comes_from_each_of_its_environment_variables(name: str, variable: str) -> None:
    """Where the config has none."""
    found = read_settings({}, {variable: value_of(name, 1)})

    assert found.value(name) == value_of(name, 1)


@pytest.mark.parametrize("name", ENVIRONMENT)
def test_the_config_wins_over_the_environment(name: str) -> None:
    """What stands in the stack is what the team agreed on."""
    environment = {variable: value_of(name, 2) for variable in ENVIRONMENT[name]}

    assert read_settings({name: value_of(name, 1)}, environment).value(name) == value_of(name, 1)


@pytest.mark.parametrize("name", ENVIRONMENT)
def test_the_first_variable_that_is_set_wins(name: str) -> None:
    """In the documented order."""
    environment = {variable: value_of(name, number) for number, variable in enumerate(ENVIRONMENT[name])}

    assert read_settings({}, environment).value(name) == value_of(name, 0)


@pytest.mark.parametrize("empty", ["", None])
def test_an_empty_setting_is_an_absent_one(empty: str | None) -> None:
    """In the config as in the environment."""
    environment = {"OS_PROJECT_ID": "", "OS_TENANT_ID": "p"}

    assert read_settings({"projectId": empty}, environment).project_id == "p"


def test_nothing_is_no_error() -> None:
    """A preview needs neither credentials nor an address."""
    found = settings()

    assert found == Settings()
    assert (found.endpoint, found.region, found.cloud, found.value("token"), found.costs) == (None, "", None, None, {})


def test_an_endpoint_is_asked_for_when_it_is_needed() -> None:
    """One sentence with the remedy."""
    with pytest.raises(ConfigurationError, match=r"^no address of DLI: set dli:region \(pulumi config set .* eu-de\)"):
        settings().require_endpoint()
    assert settings(endpoint="https://dli.example.com").require_endpoint() == "https://dli.example.com"


def test_secrets_are_not_in_the_representation() -> None:
    """A traceback or a log may show it."""
    shown = repr(settings(region="eu-de", **{"token": "gAAAAA-token", "password": "hunter22"}))

    assert "eu-de" in shown
    assert "gAAAAA" not in shown
    assert "hunter22" not in shown


# Cloud, region and addresses

PLACES: list[tuple[dict[str, str], tuple[str | None, str, str | None, str | None]]] = [
    (
        {"region": "eu-de"},
        ("otc", "eu-de", "https://dli.eu-de.otc.t-systems.com", "https://iam.eu-de.otc.t-systems.com/v3"),
    ),
    (
        {"region": "eu-nl"},
        ("otc", "eu-nl", "https://dli.eu-nl.otc.t-systems.com", "https://iam.eu-nl.otc.t-systems.com/v3"),
    ),
    (
        {"region": "cn-north-4"},
        (
            "huawei",
            "cn-north-4",
            "https://dli.cn-north-4.myhuaweicloud.com",
            "https://iam.cn-north-4.myhuaweicloud.com/v3",
        ),
    ),
    (
        {"endpoint": "https://dli.eu-de.otc.t-systems.com"},
        ("otc", "eu-de", "https://dli.eu-de.otc.t-systems.com", "https://iam.eu-de.otc.t-systems.com/v3"),
    ),
    (
        {"endpoint": "https://dli.ap-southeast-1.myhuaweicloud.com/"},
        (
            "huawei",
            "ap-southeast-1",
            "https://dli.ap-southeast-1.myhuaweicloud.com",
            "https://iam.ap-southeast-1.myhuaweicloud.com/v3",
        ),
    ),
    ({"endpoint": "https://dli.example.com"}, (None, "", "https://dli.example.com", None)),
    ({"endpoint": "http://127.0.0.1:8480"}, (None, "", "http://127.0.0.1:8480", None)),
    (
        {"endpoint": "http://127.0.0.1:8480", "region": "eu-de"},
        ("otc", "eu-de", "http://127.0.0.1:8480", "https://iam.eu-de.otc.t-systems.com/v3"),
    ),
    (
        {"endpoint": "https://dli.example.com", "cloud": "huawei"},
        ("huawei", "", "https://dli.example.com", None),
    ),
    (
        {"region": "eu-x1", "cloud": "otc"},
        ("otc", "eu-x1", "https://dli.eu-x1.otc.t-systems.com", "https://iam.eu-x1.otc.t-systems.com/v3"),
    ),
    (
        {"region": "eu-de", "authUrl": "https://iam.example.com/v3"},
        ("otc", "eu-de", "https://dli.eu-de.otc.t-systems.com", "https://iam.example.com/v3"),
    ),
    (
        {"endpoint": "https://obs.eu-de.otc.t-systems.com"},
        ("otc", "", "https://obs.eu-de.otc.t-systems.com", None),
    ),
]


@pytest.mark.parametrize(("config", "place"), PLACES, ids=[str(config) for config, _ in PLACES])
def test_cloud_region_and_addresses_complete_each_other(
    config: dict[str, str], place: tuple[str | None, str, str | None, str | None]
) -> None:
    """From the region follow cloud and addresses, from a known address cloud and region; what is given wins."""
    found = settings(**config)

    assert (found.cloud, found.region, found.endpoint, found.auth_url) == place


def test_a_region_of_the_environment_does_not_override_the_cloud_of_the_address() -> None:
    """The address in the config names the cloud; OS_REGION_NAME may be left over from another one."""
    found = read_settings(
        {"endpoint": "https://dli.cn-north-4.myhuaweicloud.com"},
        {"OS_REGION_NAME": "eu-de"},
    )

    assert found.cloud == "huawei"


# Malformed settings

ADDRESS = "must be an address such as https://host, without a query"
MALFORMED: list[tuple[str, Any, str]] = [
    ("endpoint", "dli.eu-de.otc.t-systems.com", f"dli:endpoint {ADDRESS}"),
    ("endpoint", "ftp://dli.example.com", f"dli:endpoint {ADDRESS}"),
    ("endpoint", "https://", f"dli:endpoint {ADDRESS}"),
    ("endpoint", "https:///path", f"dli:endpoint {ADDRESS}"),
    ("endpoint", "https://dli.example.com?a=b", f"dli:endpoint {ADDRESS}"),
    ("endpoint", "https://dli.example.com#a", f"dli:endpoint {ADDRESS}"),
    ("endpoint", 5, "dli:endpoint must be a string"),
    ("endpoint", {"a": "b"}, "dli:endpoint must be a string"),
    ("endpoint", "https://[::1", "dli:endpoint "),
    ("endpoint", "https://dli.example.com:port", "dli:endpoint "),
    ("endpoint", "https://dli.example.com:99999", "dli:endpoint "),
    ("endpoint", "https://dli example.com", "dli:endpoint "),
    ("endpoint", "https://user@dli.example.com", "dli:endpoint must not hold a user name or a password"),
    ("endpoint", "https://:hunter22@dli.example.com", "dli:endpoint must not hold a user name or a password"),
    (
        "endpoint",
        "http://dli.example.com",
        "dli:endpoint must begin with https: plain http is accepted for this machine alone, not dli.example.com",
    ),
    ("authUrl", "iam.eu-de.otc.t-systems.com/v3", f"dli:authUrl {ADDRESS}"),
    ("authUrl", "http://iam.example.com/v3", "dli:authUrl must begin with https"),
    ("region", "eu-de/x", "dli:region "),
    ("region", "eu de", "dli:region "),
    ("region", "evil.example.com#", "dli:region "),
    ("region", ["eu-de"], "dli:region "),
    ("cloud", "OTC", "dli:cloud must be otc or huawei"),
    ("cloud", ["otc"], "dli:cloud must be a string"),
    ("changeCost", "{", 'dli:changeCost must be an object such as {"smn_topic": "RESTART"}'),
    ("changeCost", "[]", 'dli:changeCost must be an object such as {"smn_topic": "RESTART"}'),
    ("changeCost", "null", 'dli:changeCost must be an object such as {"smn_topic": "RESTART"}'),
    ("changeCost", 5, 'dli:changeCost must be an object such as {"smn_topic": "RESTART"}'),
    ("changeCost", '{"cu_numbr": "LIVE"}', "dli:changeCost names cu_numbr, which is no property of a job"),
    ("changeCost", '{"restart_nonce": "LIVE"}', "dli:changeCost names restart_nonce, which is no property of a job"),
    ("changeCost", '{"cu_number": "NONE"}', "dli:changeCost of cu_number must be LIVE or RESTART"),
    ("changeCost", '{"cu_number": 1}', "dli:changeCost of cu_number must be LIVE or RESTART"),
    ("changeCost", {"cu_number": "live"}, "dli:changeCost of cu_number must be LIVE or RESTART"),
    *(
        ("requestsPerSecond", value, "dli:requestsPerSecond must be a number above 0, at most 10000, such as 20 or 0.5")
        for value in ("many", "0", -1, "nan", "inf", True, {"a": "b"})
    ),
]


@pytest.mark.parametrize(("name", "value", "sentence"), MALFORMED, ids=[f"{n}={v}" for n, v, _ in MALFORMED])
def test_a_malformed_setting_is_one_clear_sentence(name: str, value: Any, sentence: str) -> None:
    """It names the setting as the user wrote it, in one line, without a password that it holds."""
    said = refusal(**{name: value})

    assert said.startswith(sentence)
    assert "\n" not in said
    assert "hunter22" not in said


@pytest.mark.parametrize("name", ["token", "password", "projectId", "userName"])
def test_a_setting_of_the_wrong_type_is_reported_without_its_value(name: str) -> None:
    """An explicit provider can be given anything."""
    said = refusal(**{name: {"a": "hunter22"}})

    assert said.startswith(f"dli:{name} ")
    assert "hunter22" not in said


@pytest.mark.parametrize("token", ["gAAAAA\nX-Other: 1", "gAAAAA\r\n", "ключ", "gAAAAA gAAAAA"], ids=ascii)
def test_a_token_that_no_header_can_carry_is_reported_at_once(token: str) -> None:
    """A line break from a file, say; not when the first request fails as "cut"."""
    assert refusal(token=token).startswith("dli:token ")


@pytest.mark.parametrize("host", ["127.0.0.1", "127.9.9.9", "localhost", "::1"])
def test_plain_http_is_accepted_for_this_machine(host: str) -> None:
    """The emulator speaks it."""
    address = f"http://[{host}]:8480" if ":" in host else f"http://{host}:8480"

    assert is_loopback(host)
    assert settings(endpoint=address).endpoint == address


@pytest.mark.parametrize(
    "host",
    ["example.com", "10.0.0.1", "255.255.255.255", "localhost.example.com", "127.0.0.1.nip.io", "169.254.169.254"],
)
def test_plain_http_is_accepted_for_no_other_machine(host: str) -> None:
    """A token would be readable on the way."""
    assert not is_loopback(host)
    assert "must begin with https" in refusal(endpoint=f"http://{host}")


def test_an_address_is_kept_without_its_last_slash() -> None:
    """Paths are added to it."""
    assert settings(endpoint="https://dli.example.com/gateway/").endpoint == "https://dli.example.com/gateway"


@pytest.mark.parametrize(
    "value", ['{"smn_topic": "RESTART", "desc": "LIVE"}', {"smn_topic": "RESTART", "desc": "LIVE"}]
)
def test_the_cost_of_properties_can_be_overridden(value: Any) -> None:
    """As JSON text from the stack's config, as an object from a provider."""
    assert settings(changeCost=value).costs == {"smn_topic": Cost.RESTART, "desc": Cost.LIVE}


@pytest.mark.parametrize("value", ["20", 20, 20.0])
def test_a_budget_is_a_number_in_any_form(value: Any) -> None:
    """Text from the stack's config and the environment, a number from a provider."""
    assert settings(requestsPerSecond=value).requests_per_second == 20


# The stack's config


def test_settings_are_picked_out_of_the_whole_stack_s_config() -> None:
    """Other namespaces are none of ours."""
    config = {"dli:region": "eu-de", "aws:region": "eu-west-1", "project:token": "x", "dli:projectId": "p"}

    assert stack_settings(config) == {"region": "eu-de", "projectId": "p"}


def test_an_explicit_provider_s_own_settings_have_no_namespace() -> None:
    """What the SDK adds itself is none of ours."""
    assert stack_settings({"region": "eu-nl", "token": "gAAAAA-t", "version": "1"}) == {
        "region": "eu-nl",
        "token": "gAAAAA-t",
    }


@pytest.mark.parametrize(
    ("key", "meant"),
    [
        ("dli:regoin", "dli:region"),
        ("dli:project_id", "dli:projectId"),
        ("dli:projectid", "dli:projectId"),
        ("dli:username", "dli:userName"),
        ("dli:xyz", None),
    ],
)
def test_an_unknown_setting_of_our_namespace_is_reported(key: str, meant: str | None) -> None:
    """With the nearest right one, and the names that are known."""
    with pytest.raises(ConfigurationError) as caught:
        stack_settings({key: "eu-de"})

    said = str(caught.value)
    assert said.startswith(f"{key} is no setting of this provider")
    assert (f": did you mean {meant}? (it knows" if meant else "; it knows accessKey,") in said
    assert all(each.name in said for each in SETTINGS)


def test_an_explicit_provider_takes_every_setting() -> None:
    """As an argument that has the setting's name in Python's spelling."""
    arguments = {*inspect.signature(Provider).parameters} - {"resource_name", "opts"}

    assert arguments == {re.sub("([A-Z])", r"_\1", each.name).lower() for each in SETTINGS}
