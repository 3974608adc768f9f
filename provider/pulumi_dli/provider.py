"""Configuration as a resource: an explicit provider for a region or project of its own."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pulumi

from pulumi_dli.config.table import SETTING


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
        requests_per_second: pulumi.Input[float] | None = None,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        """Declare the provider; each argument is the setting of the same name in docs/reference/configuration.md.

        Malformed ones fail when the provider is configured; missing credentials when they are first needed.

        Args:
            resource_name: Name in the stack.
            endpoint: Address of DLI; from the region where absent.
            region: Region, such as `eu-de`.
            cloud: `otc` or `huawei`; from endpoint or region where absent.
            project_id: Id of the project that the jobs belong to.
            project_name: Name of the project, where its id is not given: IAM is asked for it.
            token: Token of the project (X-Auth-Token). Kept secret.
            access_key: Access key (AK): requests are signed with its secret key. Kept secret.
            secret_key: Secret key (SK) of the access key. Kept secret.
            security_token: Security token of a temporary access key. Kept secret.
            signature: Form of signatures, `otc` or `huawei`; the cloud's own where absent.
            auth_url: Address of IAM (Keystone v3); from the region where absent.
            user_name: User for a login with a password.
            user_id: Id of the user, instead of name and domain.
            password: Password of the user. Kept secret.
            domain_name: Domain (account) of the user.
            domain_id: Id of the user's domain, instead of its name.
            project_domain_name: Domain of the project, where it is not the user's.
            project_domain_id: Id of the project's domain, instead of its name.
            clouds_entry: Entry of clouds.yaml to log in with; needs the extra `clouds`.
            ca_cert: File with certificates to trust instead of the system's.
            change_cost: Overrides what a change costs, as an object: `{"smn_topic": "RESTART"}`; `LIVE` or `RESTART`.
            requests_per_second: Requests per second to DLI at most, of all that a user runs on a machine.
            opts: Options of the resource, as Pulumi has them.

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
            "requestsPerSecond": requests_per_second,
        }
        settings: dict[str, Any] = {
            name: pulumi.Output.secret(value) if SETTING[name].secret else value
            for name, value in given.items()
            if value is not None
        }
        super().__init__("pulumi-python", resource_name, settings, opts)
