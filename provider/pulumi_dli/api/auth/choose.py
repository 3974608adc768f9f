"""How a request proves who sends it: by a given token, by one that IAM gives for a password, or by a signature."""

from __future__ import annotations

from pulumi_dli.api.auth.base import Auth, SignedRequests, StaticToken
from pulumi_dli.api.auth.keystone import KeystonePassword
from pulumi_dli.config.addresses import host_of
from pulumi_dli.config.credentials import ACCESS_KEY, TOKEN, Credentials, choose, expect_allowed
from pulumi_dli.config.settings import Settings
from pulumi_dli.config.table import NAMESPACE
from pulumi_dli.errors import ConfigurationError


def make_auth(settings: Settings) -> Auth:
    """Take the first complete set of credentials.

    Raises ConfigurationError that lists what was looked at and what is missing.
    """
    credentials = choose(settings)
    if settings.endpoint is not None:
        expect_allowed(credentials, settings.endpoint, settings)
    auth = _auth(settings, credentials)
    if not credentials.ambient:
        auth.remedy += " (destroy and refresh use the config of the last up: after a change run pulumi up first)"
    return auth


def _auth(settings: Settings, credentials: Credentials) -> Auth:
    if credentials.kind is TOKEN:
        return StaticToken(str(credentials.get("token")))
    if credentials.kind is ACCESS_KEY:
        if settings.signature is None:
            raise ConfigurationError(
                f"the form of signatures is not known for {host_of(settings.endpoint or '')}: set {NAMESPACE}:cloud or "
                f"{NAMESPACE}:signature to otc or huawei"
            )
        return SignedRequests(
            str(credentials.get("accessKey")),
            str(credentials.get("secretKey")),
            settings.signature,
            credentials.get("securityToken"),
        )
    return KeystonePassword(settings, credentials)
