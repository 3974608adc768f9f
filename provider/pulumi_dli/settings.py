"""The configuration: every `dli:*` setting, once, and how the settings become one picture.

A setting comes from an explicit `dli.Provider` or the stack's config, and where neither has it from
the environment variables that users of these clouds already export.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from ipaddress import ip_address
from typing import Any
from urllib.parse import urlsplit

from pulumi_dli.change import Cost
from pulumi_dli.errors import ConfigurationError
from pulumi_dli.spec import BY_NAME, CLOUDS, HUAWEI, OTC

NAMESPACE = "dli"
OTC_REGIONS = ("eu-de", "eu-nl", "eu-ch2")
_OTC_HOST = ".otc.t-systems.com"
_REGION = re.compile(r"[A-Za-z0-9]+([-.][A-Za-z0-9]+)*")
_HOST = re.compile(r"[A-Za-z0-9_]([A-Za-z0-9_.-]*[A-Za-z0-9_.])?")
_HUAWEI_HOSTS = (".myhuaweicloud.com", ".myhuaweicloud.eu")


@dataclass(frozen=True)
class Setting:
    """One setting: its name in the stack's config, the environment variables that also hold it."""

    name: str
    line: str
    environment: tuple[str, ...] = ()
    secret: bool = False


SETTINGS: tuple[Setting, ...] = (
    Setting("endpoint", "Address of DLI; from the region where absent."),
    Setting("region", "Region, such as `eu-de`.", ("OS_REGION_NAME", "HW_REGION_NAME")),
    Setting("cloud", "`otc` or `huawei`; from endpoint or region where absent."),
    Setting(
        "projectId",
        "Id of the project that the jobs belong to.",
        ("OS_PROJECT_ID", "OS_TENANT_ID", "HW_PROJECT_ID"),
    ),
    Setting(
        "projectName",
        "Name of the project, where its id is not given; needs a login.",
        ("OS_PROJECT_NAME", "OS_TENANT_NAME", "HW_PROJECT_NAME"),
    ),
    Setting(
        "token",
        "Token of the project (X-Auth-Token).",
        ("OS_TOKEN", "OS_AUTH_TOKEN", "HW_AUTH_TOKEN"),
        secret=True,
    ),
    Setting(
        "authUrl",
        "Address of IAM (Keystone v3); from the region where absent.",
        ("OS_AUTH_URL", "HW_AUTH_URL"),
    ),
    Setting("userName", "User for a login with a password.", ("OS_USERNAME", "HW_USER_NAME")),
    Setting("password", "Password of the user.", ("OS_PASSWORD", "HW_USER_PASSWORD"), secret=True),
    Setting(
        "domainName",
        "Domain (account) of the user.",
        ("OS_USER_DOMAIN_NAME", "OS_DOMAIN_NAME", "HW_DOMAIN_NAME"),
    ),
    Setting("caCert", "File with certificates to trust instead of the system's.", ("OS_CACERT",)),
    Setting(
        "changeCost",
        'Overrides what a change costs, as an object: `{"smn_topic": "RESTART"}`; `LIVE` or `RESTART`.',
    ),
)


@dataclass(frozen=True)
class Settings:
    """The settings of one provider, read and checked. Missing credentials are no error here."""

    endpoint: str | None = None
    region: str = ""
    cloud: str | None = None
    project_id: str | None = None
    project_name: str | None = None
    token: str | None = field(default=None, repr=False)
    auth_url: str | None = None
    user_name: str | None = None
    password: str | None = field(default=None, repr=False)
    domain_name: str | None = None
    ca_cert: str | None = None
    costs: Mapping[str, Cost] = field(default_factory=dict)

    def require_endpoint(self) -> str:
        """Return DLI's address; raises ConfigurationError where neither it nor the region is set."""
        if self.endpoint is None:
            raise ConfigurationError(
                f"no address of DLI: set {NAMESPACE}:region (pulumi config set {NAMESPACE}:region eu-de), "
                f"{NAMESPACE}:endpoint or OS_REGION_NAME"
            )
        return self.endpoint


def read_settings(config: Mapping[str, Any], environment: Mapping[str, str]) -> Settings:
    """Read settings from `config` (names of SETTINGS, without namespace) and the environment.

    Raises ConfigurationError for a malformed one, never for an absent one.
    """
    found = {each.name: _value(each, config, environment) for each in SETTINGS}
    address = _address("endpoint", found["endpoint"])
    region = _region(found["region"]) or _region_of(address) or ""
    cloud = _cloud(found["cloud"], address, region)
    return Settings(
        endpoint=address or _default_address("dli", cloud, region),
        region=region,
        cloud=cloud,
        project_id=found["projectId"],
        project_name=found["projectName"],
        token=_token(found["token"]),
        auth_url=_address("authUrl", found["authUrl"]) or _default_address("iam", cloud, region, "/v3"),
        user_name=found["userName"],
        password=found["password"],
        domain_name=found["domainName"],
        ca_cert=found["caCert"],
        costs=_costs(found["changeCost"]),
    )


def stack_settings(config: Mapping[str, Any]) -> dict[str, Any]:
    """Pick the provider's settings out of a whole stack's config (`dli:region`) or a provider's own (`region`)."""
    picked = {each.name: config.get(f"{NAMESPACE}:{each.name}", config.get(each.name)) for each in SETTINGS}
    known = {each.name for each in SETTINGS}
    for key in config:
        namespace, _, name = key.rpartition(":")
        if namespace == NAMESPACE and name not in known:
            raise ConfigurationError(f"{key} is no setting of this provider; it knows {', '.join(sorted(known))}")
    return {name: value for name, value in picked.items() if value is not None}


def _value(setting: Setting, config: Mapping[str, Any], environment: Mapping[str, str]) -> Any:
    value = config.get(setting.name)
    if value in (None, ""):
        return next((environment[name] for name in setting.environment if environment.get(name)), None)
    if setting.name != "changeCost" and not isinstance(value, str):
        raise ConfigurationError(f"{NAMESPACE}:{setting.name} must be a string")
    return value


def _region(text: str | None) -> str | None:
    """Check a region: it becomes a part of addresses that receive credentials."""
    if text is not None and not _REGION.fullmatch(text):
        raise ConfigurationError(f"{NAMESPACE}:region must be a region's name such as eu-de: letters, digits, - and .")
    return text


def _token(text: str | None) -> str | None:
    if text is not None and not (text.isascii() and text.isprintable() and " " not in text):
        raise ConfigurationError(f"{NAMESPACE}:token must be one line of ASCII text without spaces")
    return text


def _address(name: str, value: str | None) -> str | None:
    if value is None:
        return None
    try:
        parts = urlsplit(value)
        host, _ = parts.hostname, parts.port
    except ValueError:
        host = None
    if not host or parts.scheme not in {"http", "https"} or not _is_host(host) or parts.query or parts.fragment:
        raise ConfigurationError(f"{NAMESPACE}:{name} must be an address such as https://host, without a query")
    if parts.username or parts.password:
        raise ConfigurationError(f"{NAMESPACE}:{name} must not hold a user name or a password")
    if parts.scheme == "http" and not is_loopback(host):
        raise ConfigurationError(
            f"{NAMESPACE}:{name} must begin with https: plain http is accepted for this machine alone, not {host}"
        )
    return value.rstrip("/")


def _is_host(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return _HOST.fullmatch(host) is not None
    return True


def is_loopback(host: str) -> bool:
    """Tell whether a host name or address is this machine."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _region_of(endpoint: str | None) -> str | None:
    """Read the region out of `dli.<region>.otc.t-systems.com` and the like."""
    host = urlsplit(endpoint).hostname if endpoint else None
    for suffix in (_OTC_HOST, *_HUAWEI_HOSTS):
        if host and host.endswith(suffix):
            service, _, region = host.removesuffix(suffix).partition(".")
            return region if service == "dli" and region else None
    return None


def _cloud(named: str | None, endpoint: str | None, region: str) -> str | None:
    """Choose by what is named, else by the address, else by the region."""
    if named is not None:
        if named not in CLOUDS:
            raise ConfigurationError(f"{NAMESPACE}:cloud must be {' or '.join(CLOUDS)}")
        return named
    host = (urlsplit(endpoint).hostname if endpoint else None) or ""
    if host.endswith((_OTC_HOST, *_HUAWEI_HOSTS)):
        return OTC if host.endswith(_OTC_HOST) else HUAWEI
    if region:
        return OTC if region in OTC_REGIONS else HUAWEI
    return None


def _default_address(service: str, cloud: str | None, region: str, path: str = "") -> str | None:
    if not region:
        return None
    host = _OTC_HOST if cloud == OTC else _HUAWEI_HOSTS[0]
    return f"https://{service}.{region}{host}{path}"


def _costs(value: Any) -> dict[str, Cost]:
    if value is None:
        return {}
    try:
        parsed = json.loads(value) if isinstance(value, str) else dict(value)
        pairs = list(parsed.items())
    except (AttributeError, TypeError, ValueError):
        raise ConfigurationError(
            f'{NAMESPACE}:changeCost must be an object such as {{"smn_topic": "RESTART"}}'
        ) from None
    return {name: _cost(name, word) for name, word in pairs}


def _cost(name: Any, word: Any) -> Cost:
    if name not in BY_NAME:
        raise ConfigurationError(f"{NAMESPACE}:changeCost names {name}, which is no property of a job")
    if word not in (Cost.LIVE.name, Cost.RESTART.name):
        raise ConfigurationError(f"{NAMESPACE}:changeCost of {name} must be LIVE or RESTART")
    return Cost[word]
