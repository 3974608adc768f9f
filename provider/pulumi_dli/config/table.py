"""The settings, once: the name in a stack's config, and the environment variables that also hold it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

NAMESPACE = "dli"


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
        "Name of the project, where its id is not given: IAM is asked for it.",
        ("OS_PROJECT_NAME", "OS_TENANT_NAME", "HW_PROJECT_NAME"),
    ),
    Setting(
        "token",
        "Token of the project (X-Auth-Token).",
        ("OS_TOKEN", "OS_AUTH_TOKEN", "HW_AUTH_TOKEN"),
        secret=True,
    ),
    Setting(
        "accessKey",
        "Access key (AK): requests are signed with its secret key.",
        ("OS_ACCESS_KEY", "HW_ACCESS_KEY"),
        secret=True,
    ),
    Setting("secretKey", "Secret key (SK) of the access key.", ("OS_SECRET_KEY", "HW_SECRET_KEY"), secret=True),
    Setting(
        "securityToken",
        "Security token of a temporary access key.",
        ("OS_SECURITY_TOKEN", "HW_SECURITY_TOKEN"),
        secret=True,
    ),
    Setting("signature", "Form of signatures, `otc` or `huawei`; the cloud's own where absent."),
    Setting(
        "authUrl",
        "Address of IAM (Keystone v3); from the region where absent.",
        ("OS_AUTH_URL", "HW_AUTH_URL"),
    ),
    Setting("userName", "User for a login with a password.", ("OS_USERNAME", "HW_USER_NAME")),
    Setting("userId", "Id of the user, instead of name and domain.", ("OS_USER_ID", "HW_USER_ID")),
    Setting("password", "Password of the user.", ("OS_PASSWORD", "HW_USER_PASSWORD"), secret=True),
    Setting(
        "domainName",
        "Domain (account) of the user.",
        ("OS_USER_DOMAIN_NAME", "OS_DOMAIN_NAME", "HW_DOMAIN_NAME"),
    ),
    Setting(
        "domainId",
        "Id of the user's domain, instead of its name.",
        ("OS_USER_DOMAIN_ID", "OS_DOMAIN_ID", "HW_DOMAIN_ID"),
    ),
    Setting(
        "projectDomainName",
        "Domain of the project, where it is not the user's.",
        ("OS_PROJECT_DOMAIN_NAME",),
    ),
    Setting("projectDomainId", "Id of the project's domain, instead of its name.", ("OS_PROJECT_DOMAIN_ID",)),
    Setting("cloudsEntry", "Entry of clouds.yaml to log in with; needs the extra `clouds`.", ("OS_CLOUD",)),
    Setting(
        "caCert",
        "File with certificates to trust instead of the system's.",
        ("OS_CACERT", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"),
    ),
    Setting(
        "changeCost",
        'Overrides what a change costs, as an object: `{"smn_topic": "RESTART"}`; `LIVE` or `RESTART`.',
    ),
    Setting(
        "requestsPerSecond",
        "Requests per second to DLI at most, of all that a user runs on a machine.",
        ("PULUMI_DLI_REQUESTS_PER_SECOND",),
    ),
)
SETTING: Mapping[str, Setting] = {each.name: each for each in SETTINGS}
