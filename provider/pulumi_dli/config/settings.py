"""The configuration: every `dli:*` setting, once, and how the settings become one picture.

A setting comes from an explicit `dli.Provider` or the stack's config, where neither has it from the
environment variables that users of these clouds already export, and at last from clouds.yaml.
Which credentials are taken is decided in `credentials`.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import Any

from pulumi_dli.config.addresses import (
    checked_address,
    checked_cloud,
    checked_region,
    cloud_of,
    default_address,
    region_of,
)
from pulumi_dli.config.clouds_yaml import read_cloud
from pulumi_dli.config.table import NAMESPACE, SETTING, SETTINGS
from pulumi_dli.errors import ConfigurationError
from pulumi_dli.schema.properties import BY_NAME
from pulumi_dli.schema.property import Cost

ALLOWED_HOSTS = "PULUMI_DLI_ALLOWED_HOSTS"
STACK_CONFIG = "the stack's config"
EXPLICIT = "dli.Provider"
CLOUDS_YAML = "clouds.yaml"
OTHER_VARIABLES = "other variables"
FAMILIES = ("OS_", "HW_", "")
NOT_ONLY_TEXT = frozenset({"changeCost", "requestsPerSecond"})
MOST_REQUESTS_PER_SECOND = 10_000


@dataclass(frozen=True)
class Found:
    """A value and where it was found, in words that the user knows: `dli:token`, `OS_TOKEN`."""

    value: Any = field(repr=False)
    where: str
    source: str


@dataclass(frozen=True)
class Source:
    """The settings that one place holds. `ambient`: it is not the program's nor the stack's, but the machine's."""

    name: str
    found: Mapping[str, Found] = field(default_factory=dict)
    ambient: bool = False


@dataclass(frozen=True)
class Settings:
    """The settings of one provider, read and checked. Missing credentials are no error here."""

    endpoint: str | None = None
    region: str = ""
    cloud: str | None = None
    signature: str | None = None
    project_id: str | None = None
    project_name: str | None = None
    auth_url: str | None = None
    """The config's address of IAM, else the region's; credentials may bring another (credentials.iam_address)."""
    ca_cert: str | None = None
    costs: Mapping[str, Cost] = field(default_factory=dict)
    requests_per_second: float | None = None
    allowed_hosts: tuple[str, ...] = ()
    sources: tuple[Source, ...] = field(default=(), compare=False, repr=False)
    unread: str | None = None
    """Why the entry of clouds.yaml could not be read."""

    def first(self, *names: str, before: str | None = None) -> tuple[str, Found] | None:
        """Return the first of these settings that a source has; `before` names a source to ask right after the config.

        They are alternatives: the first source that has any of them decides.
        """
        for source in sorted(self.sources, key=lambda each: (each.ambient, each.name != before)):
            for name in names:
                if name in source.found:
                    return name, source.found[name]
        return None

    def value(self, name: str) -> Any:
        """Return the value of a setting, None where no source has it."""
        found = self.first(name)
        return found[1].value if found else None

    def is_ambient(self, found: Found) -> bool:
        """Tell whether a value is this machine's own: from the environment or clouds.yaml."""
        return any(source.ambient and source.name == found.source for source in self.sources)

    def require_endpoint(self) -> str:
        """Return DLI's address; raises ConfigurationError where neither it nor the region is set."""
        if self.endpoint is None:
            raise ConfigurationError(
                f"no address of DLI: set {NAMESPACE}:region (pulumi config set {NAMESPACE}:region eu-de), "
                f"{NAMESPACE}:endpoint or OS_REGION_NAME" + (f" ({self.unread})" if self.unread else "")
            )
        return self.endpoint


def read_settings(
    config: Mapping[str, Any],
    environment: Mapping[str, str],
    origin: str = STACK_CONFIG,
    read_entry: Callable[[str], Mapping[str, str]] = read_cloud,
) -> Settings:
    """Read settings from `config` (names of SETTINGS, without namespace), the environment and clouds.yaml.

    Raises ConfigurationError for a malformed one, never for an absent one.
    """
    sources = (_from_config(config, origin), *(_from_environment(family, environment) for family in FAMILIES))
    entry, unread = _from_clouds_yaml(Settings(sources=sources).value("cloudsEntry"), read_entry)
    found = Settings(sources=(*sources, *entry))
    endpoint = _checked(found, "endpoint", checked_address)
    region = _checked(found, "region", checked_region) or region_of(endpoint) or ""
    cloud = cloud_of(_checked(found, "cloud", checked_cloud), endpoint, region)
    project, iam = found.first("projectId", "projectName"), found.first("authUrl")
    # One of the environment may be left over from another cloud; it is checked when a login needs it.
    auth_url = None if iam and found.is_ambient(iam[1]) else _checked(found, "authUrl", checked_address)
    for name in ("token", "accessKey", "securityToken"):
        _expect_header_text(found, name)
    return Settings(
        endpoint=endpoint or default_address("dli", cloud, region),
        region=region,
        cloud=cloud,
        signature=_checked(found, "signature", checked_cloud) or cloud,
        project_id=project[1].value if project and project[0] == "projectId" else None,
        project_name=found.value("projectName"),
        auth_url=auth_url or default_address("iam", cloud, region, "/v3"),
        ca_cert=found.value("caCert"),
        costs=_costs(found.value("changeCost")),
        requests_per_second=_rate(found),
        allowed_hosts=_hosts(environment.get(ALLOWED_HOSTS, "")),
        sources=found.sources,
        unread=unread,
    )


def stack_settings(config: Mapping[str, Any]) -> dict[str, Any]:
    """Pick the provider's settings out of a whole stack's config (`dli:region`) or a provider's own (`region`)."""
    for key in config:
        namespace, _, name = key.rpartition(":")
        if namespace == NAMESPACE and name not in SETTING:
            raise ConfigurationError(f"{key} is no setting of this provider{_nearest(name)}")
    picked = {each.name: config.get(f"{NAMESPACE}:{each.name}", config.get(each.name)) for each in SETTINGS}
    return {name: value for name, value in picked.items() if value is not None}


def origin_of(config: Mapping[str, Any]) -> str:
    """Tell whose config it is: an explicit provider's own settings have no namespace."""
    return EXPLICIT if config and not any(":" in key for key in config) else STACK_CONFIG


def variables(name: str) -> tuple[str, ...]:
    """Return the environment variables that hold a setting."""
    return SETTING[name].environment


def _named(name: str) -> str:
    return f"{NAMESPACE}:{name}"


def _nearest(name: str) -> str:
    lowered = {each.lower(): each for each in SETTING}
    near = get_close_matches(name.lower().replace("_", "").replace("-", ""), lowered, n=1, cutoff=0.6)
    known = f"it knows {', '.join(sorted(SETTING))}"
    return f": did you mean {_named(lowered[near[0]])}? ({known})" if near else f"; {known}"


def _from_config(config: Mapping[str, Any], origin: str) -> Source:
    found = {}
    for each in SETTINGS:
        value = config.get(each.name)
        if value in (None, ""):
            continue
        if each.name not in NOT_ONLY_TEXT and not isinstance(value, str):
            raise ConfigurationError(f"{_named(each.name)} must be a string")
        found[each.name] = Found(value, _named(each.name), origin)
    return Source(origin, found)


def _from_environment(family: str, environment: Mapping[str, str]) -> Source:
    """Read the variables of a family: `OS_`, `HW_`, or "" for those of neither."""
    name = f"{family}* variables" if family else OTHER_VARIABLES
    found = {}
    for each in SETTINGS:
        set_ones = [variable for variable in each.environment if environment.get(variable)]
        for variable in set_ones:
            if each.name not in found and _family(variable) == family:
                found[each.name] = Found(environment[variable], variable, name)
    return Source(name, found, ambient=True)


def _family(variable: str) -> str:
    return next(each for each in FAMILIES if variable.startswith(each))


def _from_clouds_yaml(
    entry: str | None, read_entry: Callable[[str], Mapping[str, str]]
) -> tuple[Iterable[Source], str | None]:
    """Read the named entry; that it cannot be read is reported when it is needed."""
    if entry is None:
        return (), None
    name = f"{CLOUDS_YAML} ({entry})"
    try:
        values = read_entry(entry)
    except ConfigurationError as error:
        return (), str(error)
    found = {key: Found(value, f"{CLOUDS_YAML}, entry {entry}", name) for key, value in values.items()}
    return (Source(name, found, ambient=True),), None


def _checked(settings: Settings, name: str, check: Callable[[str, Any], str | None]) -> str | None:
    """Check a setting, naming the place where it stands."""
    found = settings.first(name)
    return check(found[1].where, found[1].value) if found else None


def _expect_header_text(settings: Settings, name: str) -> None:
    found = settings.first(name)
    text = found[1].value if found else ""
    if found and not (text.isascii() and text.isprintable() and " " not in text):
        raise ConfigurationError(f"{found[1].where} must be one line of ASCII text without spaces")


def _hosts(text: str) -> tuple[str, ...]:
    return tuple(host.strip().lower() for host in text.split(",") if host.strip())


def _rate(settings: Settings) -> float | None:
    found = settings.first("requestsPerSecond")
    if found is None:
        return None
    _, given = found
    try:
        rate = float("nan") if isinstance(given.value, bool) else float(given.value)
    except (TypeError, ValueError):
        rate = float("nan")
    if not 0 < rate <= MOST_REQUESTS_PER_SECOND:  # also false for what is no number
        raise ConfigurationError(
            f"{given.where} must be a number above 0, at most {MOST_REQUESTS_PER_SECOND}, such as 20 or 0.5"
        )
    return rate


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
