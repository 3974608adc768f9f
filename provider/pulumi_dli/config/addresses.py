"""Where DLI and IAM are: region, cloud and addresses complete each other. And whose hosts they are. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable
from ipaddress import ip_address
from urllib.parse import urlsplit

from pulumi_dli.errors import ConfigurationError
from pulumi_dli.schema.clouds import CLOUDS, HUAWEI, OTC

OTC_REGIONS = ("eu-de", "eu-nl", "eu-ch2")
_OTC_HOST = ".otc.t-systems.com"
_HUAWEI_HOSTS = (".myhuaweicloud.com", ".myhuaweicloud.eu")
_CLOUD_HOSTS = (_OTC_HOST, *_HUAWEI_HOSTS)
# The first part of their names: behind another one there may be a customer's own server.
_SERVICES = ("dli", "iam", "iam-pub")
# Regions whose hosts are not called <service>.<region>.<cloud>.
_ODD_HOSTS = {
    ("dli", "eu-ch2"): f"dli.eu-ch2.sc{_OTC_HOST}",
    ("iam", "eu-ch2"): f"iam-pub.eu-ch2.sc{_OTC_HOST}",
    ("dli", "eu-west-101"): "dli.eu-west-101.myhuaweicloud.eu",
    ("iam", "eu-west-101"): "iam.eu-west-101.myhuaweicloud.eu",
}
_REGION = re.compile(r"[A-Za-z0-9]+([-.][A-Za-z0-9]+)*")
_HOST = re.compile(r"[A-Za-z0-9_]([A-Za-z0-9_.-]*[A-Za-z0-9_.])?")


def checked_region(name: str, text: str | None) -> str | None:
    """Check a region: it becomes a part of addresses that receive credentials."""
    if text is not None and not _REGION.fullmatch(text):
        raise ConfigurationError(f"{name} must be a region's name such as eu-de: letters, digits, - and .")
    return text


def checked_address(name: str, value: str | None) -> str | None:
    """Return an address without its last slash. Plain http is accepted for this machine alone."""
    if value is None:
        return None
    try:
        parts = urlsplit(value)
        host, _ = parts.hostname, parts.port
    except ValueError:
        host = None
    if not host or parts.scheme not in {"http", "https"} or not _is_host(host) or parts.query or parts.fragment:
        raise ConfigurationError(f"{name} must be an address such as https://host, without a query")
    if parts.username or parts.password:
        raise ConfigurationError(f"{name} must not hold a user name or a password")
    if parts.scheme == "http" and not is_loopback(host):
        raise ConfigurationError(
            f"{name} must begin with https: plain http is accepted for this machine alone, not {host}"
        )
    return value.rstrip("/")


def checked_cloud(name: str, value: str | None) -> str | None:
    """Return the name of a cloud."""
    if value is not None and value not in CLOUDS:
        raise ConfigurationError(f"{name} must be {' or '.join(CLOUDS)}")
    return value


def _is_host(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return _HOST.fullmatch(host) is not None
    return True


def host_of(address: str) -> str:
    """Return the host of an address, without its port."""
    return urlsplit(address).hostname or ""


def is_loopback(host: str) -> bool:
    """Tell whether a host name or address is this machine."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def is_known(host: str) -> bool:
    """Tell whether a host is this machine, or DLI or IAM of one of the two clouds."""
    service, _, _ = host.partition(".")
    return is_loopback(host) or (service in _SERVICES and host.endswith(_CLOUD_HOSTS))


def is_allowed(host: str, allowed: Iterable[str]) -> bool:
    """Tell whether a host is among those allowed by name; `.example.com` stands for all that end so."""
    return any(host == each or (each.startswith(".") and host.endswith(each)) for each in allowed)


def region_of(endpoint: str | None) -> str | None:
    """Read the region out of `dli.<region>.otc.t-systems.com` and the like."""
    host = host_of(endpoint) if endpoint else ""
    odd = next((region for (service, region), name in _ODD_HOSTS.items() if name == host and service == "dli"), None)
    for suffix in _CLOUD_HOSTS:
        if host.endswith(suffix):
            service, _, region = host.removesuffix(suffix).partition(".")
            return odd or (region if service == "dli" and region else None)
    return None


def cloud_of(named: str | None, endpoint: str | None, region: str) -> str | None:
    """Choose by what is named, else by the address, else by the region."""
    if named is not None:
        return named
    host = host_of(endpoint) if endpoint else ""
    if host.endswith(_CLOUD_HOSTS):
        return OTC if host.endswith(_OTC_HOST) else HUAWEI
    if region:
        return OTC if region in OTC_REGIONS else HUAWEI
    return None


def default_address(service: str, cloud: str | None, region: str, path: str = "") -> str | None:
    """Return the address of `dli` or `iam` in a region; None without one."""
    if not region:
        return None
    usual = f"{service}.{region}{_OTC_HOST if cloud == OTC else _HUAWEI_HOSTS[0]}"
    return f"https://{_ODD_HOSTS.get((service, region), usual)}{path}"
