"""Why no answer came, and what to do about it: the reasons of requests, urllib3 and OpenSSL, by their classes."""

from __future__ import annotations

import ssl

import requests
from urllib3.exceptions import ReadTimeoutError

from pulumi_dli.api.retry import cause, is_unreachable
from pulumi_dli.config.table import NAMESPACE

CONNECT_TIMEOUT = 10.0
READ_TIMEOUT = 60.0
_UNCLEAR = "whether the request took effect is not known, run pulumi up again to finish"
# OpenSSL's codes of a refused certificate (source: openssl/x509_vfy.h).
_OTHER_NAME = frozenset({62, 64})
_OUT_OF_DATE = frozenset({9, 10})


def failure_of(error: requests.RequestException, host: str, setting: str) -> tuple[str, str]:
    """Return what failed and the remedy; `setting` is the one that holds the address."""
    if isinstance(error, requests.exceptions.SSLError):
        return _tls_failure(error, host, setting)
    if isinstance(error, requests.exceptions.ProxyError):
        return f"the proxy for {host} cannot be used", "check HTTPS_PROXY, or except it by NO_PROXY"
    if isinstance(error, requests.ConnectTimeout):
        return f"{host} accepted no connection within {CONNECT_TIMEOUT:.0f} s", f"check {setting}"
    if isinstance(error, requests.ReadTimeout) or isinstance(cause(error), ReadTimeoutError):
        return f"{host} gave no answer within {READ_TIMEOUT:.0f} s", _UNCLEAR
    if is_unreachable(error):
        return f"{host} cannot be reached", f"check {setting}, {NAMESPACE}:region and the network"
    return f"{host} cut the connection", _UNCLEAR


def _tls_failure(error: requests.exceptions.SSLError, host: str, setting: str) -> tuple[str, str]:
    refused = _refused_certificate(error)
    if refused is None:
        return f"{host} does not speak TLS 1.2 or newer, or no TLS at all", f"check {setting}"
    if refused.verify_code in _OTHER_NAME:
        return f"the certificate of {host} is for another name", f"check {setting}"
    if refused.verify_code in _OUT_OF_DATE:
        return f"the certificate of {host} is out of date", "check this machine's clock"
    return f"the certificate of {host} is not trusted", f"name its authority with {NAMESPACE}:caCert"


def _refused_certificate(error: requests.exceptions.SSLError) -> ssl.SSLCertVerificationError | None:
    inner = cause(error)
    while inner is not None and not isinstance(inner, ssl.SSLCertVerificationError):
        inner = inner.args[0] if inner.args and isinstance(inner.args[0], BaseException) else None
    return inner
