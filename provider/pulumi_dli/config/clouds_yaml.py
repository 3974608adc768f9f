"""Entries of clouds.yaml, read by OpenStack's own library, which is loaded when an entry is named (extra `clouds`)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from warnings import catch_warnings, simplefilter

from pulumi_dli.errors import ConfigurationError

# Settings by their names in an entry's `auth`. `ak`, `sk`: as Open Telekom Cloud's own tools have them.
_AUTH = {
    "token": ("token",),
    "accessKey": ("ak", "access_key"),
    "secretKey": ("sk", "secret_key"),
    "securityToken": ("security_token",),
    "authUrl": ("auth_url",),
    "userName": ("username",),
    "userId": ("user_id",),
    "password": ("password",),
    "domainName": ("user_domain_name", "domain_name"),
    "domainId": ("user_domain_id", "domain_id"),
    "projectDomainName": ("project_domain_name",),
    "projectDomainId": ("project_domain_id",),
    "projectId": ("project_id", "tenant_id"),
    "projectName": ("project_name", "tenant_name"),
}


def read_cloud(entry: str) -> dict[str, str]:
    """Return the settings that an entry of clouds.yaml (and secure.yaml) holds, by their names in SETTINGS.

    Raises ConfigurationError where there is no such entry, or the library is missing.
    """
    try:
        from openstack.config import OpenStackConfig  # noqa: PLC0415 - slow import, rarely needed
        from openstack.exceptions import ConfigException  # noqa: PLC0415 - an extra, as above
    except ModuleNotFoundError:
        raise ConfigurationError(
            f"OS_CLOUD names the entry {entry} of clouds.yaml, which needs pip install 'pulumi-dli[clouds]'"
        ) from None
    try:
        with catch_warnings():
            simplefilter("ignore")  # what the library will drop one day is none of the user's business
            config: Mapping[str, Any] = OpenStackConfig().get_one(cloud=entry, validate=False).config
    except ConfigException as error:
        raise ConfigurationError(f"entry {entry} of clouds.yaml cannot be read: {_line(error)}") from None
    except Exception as error:  # noqa: BLE001 - the library lets YAML's and the system's errors through
        raise ConfigurationError(f"entry {entry} of clouds.yaml cannot be read ({type(error).__name__})") from None
    return _settings(config)


def _settings(config: Mapping[str, Any]) -> dict[str, str]:
    auth = config.get("auth") or {}
    found = {name: next((auth[key] for key in keys if auth.get(key)), None) for name, keys in _AUTH.items()}
    found |= {"region": config.get("region_name"), "caCert": config.get("cacert")}
    return {name: str(value) for name, value in found.items() if value}


def _line(error: Exception) -> str:
    return " ".join(str(error).split()).rstrip(".")
