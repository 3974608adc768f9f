"""HTTP sessions for one address, as every request of this package uses them.

TLS 1.2 at least; the environment's proxies, but never for this machine; nothing else of the environment
(no .netrc), no cookies; an honest name. Certificates are checked per request, by `verify`.
"""

from __future__ import annotations

import ssl
from http.cookiejar import DefaultCookiePolicy
from typing import Any

import requests
from requests.adapters import HTTPAdapter
from requests.utils import get_environ_proxies

from pulumi_dli.config.addresses import host_of, is_loopback
from pulumi_dli.version import __version__

USER_AGENT = f"pulumi-dli/{__version__}"


class _Adapter(HTTPAdapter):
    """Connections with TLS 1.2 at least. It repeats nothing: that is for those who sign a request again."""

    def init_poolmanager(self, *args: Any, **options: Any) -> None:
        options["ssl_minimum_version"] = ssl.TLSVersion.TLSv1_2
        super().init_poolmanager(*args, **options)

    def proxy_manager_for(self, proxy: str, **options: Any) -> Any:
        options["ssl_minimum_version"] = ssl.TLSVersion.TLSv1_2
        return super().proxy_manager_for(proxy, **options)


def new_session(address: str, connections: int = 10) -> requests.Session:
    """Return a session for one address. It may be shared by threads; nothing is sent yet."""
    session = requests.Session()
    session.trust_env = False
    session.headers["User-Agent"] = USER_AGENT
    if not is_loopback(host_of(address)):
        session.proxies = get_environ_proxies(address)
    session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
    adapter = _Adapter(pool_connections=1, pool_maxsize=connections)
    session.mount("https://", adapter)
    session.mount("http://", adapter)
    return session
