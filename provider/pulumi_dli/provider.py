"""Configuration as a resource: an explicit provider for a region or project of its own."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pulumi

from pulumi_dli.settings import SETTING


class Provider(pulumi.ProviderResource):
    """An explicit provider: `opts=pulumi.ResourceOptions(provider=dli.Provider("nl", region="eu-nl"))`.

    It takes nothing from the stack's config: what it needs beside the environment stands in its
    arguments. Those that prove who one is (`token`, `access_key`, `secret_key`, `security_token`,
    `password`) are kept secret by themselves: encrypted in the state, masked in previews.

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
        access_key: pulumi.Input[str] | None = None,
        secret_key: pulumi.Input[str] | None = None,
        security_token: pulumi.Input[str] | None = None,
        signature: pulumi.Input[str] | None = None,
        auth_url: pulumi.Input[str] | None = None,
        user_name: pulumi.Input[str] | None = None,
        user_id: pulumi.Input[str] | None = None,
        password: pulumi.Input[str] | None = None,
        domain_name: pulumi.Input[str] | None = None,
        domain_id: pulumi.Input[str] | None = None,
        project_domain_name: pulumi.Input[str] | None = None,
        project_domain_id: pulumi.Input[str] | None = None,
        clouds_entry: pulumi.Input[str] | None = None,
        ca_cert: pulumi.Input[str] | None = None,
        change_cost: pulumi.Input[Mapping[str, str]] | None = None,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        """Declare the provider; each argument is the setting of the same name in docs/configuration.md.

        Malformed ones fail when the provider is configured; missing credentials when they are first needed.
        """
        given = {
            "endpoint": endpoint,
            "region": region,
            "cloud": cloud,
            "projectId": project_id,
            "projectName": project_name,
            "token": token,
            "accessKey": access_key,
            "secretKey": secret_key,
            "securityToken": security_token,
            "signature": signature,
            "authUrl": auth_url,
            "userName": user_name,
            "userId": user_id,
            "password": password,
            "domainName": domain_name,
            "domainId": domain_id,
            "projectDomainName": project_domain_name,
            "projectDomainId": project_domain_id,
            "cloudsEntry": clouds_entry,
            "caCert": ca_cert,
            "changeCost": change_cost,
        }
        settings: dict[str, Any] = {
            name: pulumi.Output.secret(value) if SETTING[name].secret else value
            for name, value in given.items()
            if value is not None
        }
        super().__init__("pulumi-python", resource_name, settings, opts)
