"""Configuration as a resource: an explicit provider for a region or project of its own."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pulumi

from pulumi_dli.settings import SETTINGS


class Provider(pulumi.ProviderResource):
    """An explicit provider: `opts=pulumi.ResourceOptions(provider=dli.Provider("nl", region="eu-nl"))`.

    It takes nothing from the stack's config: what it needs beside the environment stands in its
    arguments. `token` and `password` are kept secret by themselves.

    A malformed setting fails in the preview. Missing credentials fail only where a request needs them.
    """

    def __init__(
        self,
        resource_name: str,
        *,
        endpoint: pulumi.Input[str] | None = None,
        region: pulumi.Input[str] | None = None,
        cloud: pulumi.Input[str] | None = None,
        project_id: pulumi.Input[str] | None = None,
        project_name: pulumi.Input[str] | None = None,
        token: pulumi.Input[str] | None = None,
        auth_url: pulumi.Input[str] | None = None,
        user_name: pulumi.Input[str] | None = None,
        password: pulumi.Input[str] | None = None,
        domain_name: pulumi.Input[str] | None = None,
        ca_cert: pulumi.Input[str] | None = None,
        change_cost: pulumi.Input[Mapping[str, str]] | None = None,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        """Declare the provider; each argument is the setting of the same name in docs/configuration.md."""
        given = {
            "endpoint": endpoint,
            "region": region,
            "cloud": cloud,
            "projectId": project_id,
            "projectName": project_name,
            "token": token,
            "authUrl": auth_url,
            "userName": user_name,
            "password": password,
            "domainName": domain_name,
            "caCert": ca_cert,
            "changeCost": change_cost,
        }
        secrets = {each.name for each in SETTINGS if each.secret}
        settings: dict[str, Any] = {
            name: pulumi.Output.secret(value) if name in secrets else value
            for name, value in given.items()
            if value is not None
        }
        super().__init__("pulumi-python", resource_name, settings, opts)
