"""Ways to log in: each kind of credentials, from each source, as data; and one way through a job's life with it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pulumi_dli.config.table import SETTING
from pulumi_dli.emulator.server import AccessKey, Account, Emulator, Options
from support.stack import Stack, job

TOKEN = "token-Q7xV"  # noqa: S105 - this and all below are made up
PASSWORD = "password-Z3kM"  # noqa: S105
KEY = AccessKey("ACCESSKEYB8RT", "secret-key-W5nD")
TEMPORARY = AccessKey("TEMPORARYC2HY", "temporary-secret-F9sL", "security-token-J4gP")
ARGUMENT, CONFIG = "argument-password-T6uE", "config-key-N1vA"
PROJECT_ID, PROJECT_NAME, DOMAIN, USER = "d11e0000000000000000000000000001", "emulator", "analytics", "ada"
ENTRY = "of-the-team"


def service(signature: str) -> Options:
    """Return the options of a service that knows all these credentials, and one form of signatures alone."""
    cloud = "huawei" if signature == "huawei" else "otc"
    accounts = (Account(USER, PASSWORD, DOMAIN),)
    keys = (KEY, TEMPORARY)
    return Options(time_factor=1000, token=TOKEN, accounts=accounts, access_keys=keys, signature=signature, cloud=cloud)


_LOGIN = {"userName": USER, "password": PASSWORD, "domainName": DOMAIN, "projectName": PROJECT_NAME}
_KEY = {"accessKey": KEY.key, "secretKey": KEY.secret}
_TEMPORARY = {"accessKey": TEMPORARY.key, "secretKey": TEMPORARY.secret, "securityToken": "security-token-J4gP"}


@dataclass(frozen=True)
class ValueType:
    """Credentials as settings. The region names the cloud, and so the form of signatures."""

    settings: Mapping[str, str]
    region: str = "eu-de"

    @property
    def signature(self) -> str:
        return "otc" if self.region == "eu-de" else "huawei"


KINDS = {
    "token": ValueType({"token": TOKEN, "projectId": PROJECT_ID}),
    "password": ValueType(_LOGIN),
    "access key of OTC": ValueType({**_KEY, "projectName": PROJECT_NAME}),
    "access key of Huawei": ValueType({**_KEY, "projectName": PROJECT_NAME}, "cn-north-4"),
    "temporary key of OTC": ValueType({**_TEMPORARY, "projectId": PROJECT_ID}),
    "temporary key of Huawei": ValueType({**_TEMPORARY, "projectId": PROJECT_ID}, "cn-north-4"),
}
SOURCES = ("provider", "stack config", "OS_", "HW_", "clouds.yaml")

PROGRAM = """
import json
from pathlib import Path
import pulumi
import pulumi_dli as dli

given = json.loads(Path("given.json").read_text())
providers = {name: dli.Provider(name, **arguments) for name, arguments in given["providers"].items()}
for name, inputs in given["jobs"].items():
    provider = providers.get(inputs.pop("provider", None))
    dli.FlinkJarJob(name, opts=pulumi.ResourceOptions(provider=provider), **inputs)
"""


def snake(name: str) -> str:
    """Return the argument of dli.Provider for a setting."""
    return "".join(f"_{each.lower()}" if each.isupper() else each for each in name)


@dataclass
class Way:
    """A stack that logs in one way; `texts` is all that its commands said."""

    stack: Stack
    providers: dict[str, dict[str, str]] = field(default_factory=dict)
    texts: list[str] = field(default_factory=list)

    def declare(self, **jobs: Mapping[str, Any]) -> None:
        """Set the jobs of the program."""
        given = {"providers": self.providers, "jobs": jobs}
        self.stack.give("given.json", json.dumps(given))

    def run(self, *command: str) -> None:
        """Run a command of the CLI that is to succeed, and keep what it said."""
        options = ["--yes", "--skip-preview"] if command[0] in ("up", "destroy", "refresh") else []
        self.texts.append(self.stack.run(command[0], *options, *command[1:]).expect_ok().text)


def way(folder: Path, emulator: Emulator, kind: ValueType, source: str) -> Way:
    """Make a stack that has credentials of a kind from one source, and nothing from any other."""
    stack = Stack.made(folder, emulator, {})
    settings = {**kind.settings, "authUrl": emulator.auth_url}
    made = Way(stack)
    stack.program(PROGRAM)
    stack.configure(
        endpoint=emulator.url, **({} if source in ("HW_", "OS_", "clouds.yaml") else {"region": kind.region})
    )
    if source == "provider":
        arguments = {snake(name): value for name, value in settings.items()}
        made.providers["own"] = {"endpoint": emulator.url, "region": kind.region, **arguments}
    elif source == "stack config":
        texts = [
            f"{'--secret' if SETTING[name].secret else '--plaintext'} dli:{name}={value}"
            for name, value in settings.items()
        ]
        stack.run("config", "set-all", *" ".join(texts).split()).expect_ok()
    elif source == "clouds.yaml":
        stack.environment = _clouds_yaml(stack, settings, kind.region)
    else:
        values = {**settings, "region": kind.region}
        stack.environment = {_variable(name, source): value for name, value in values.items()}
    stack.environment["PULUMI_DEBUG_COMMANDS"] = "true"  # they have --event-log
    return made


def _variable(name: str, family: str) -> str:
    return next(each for each in SETTING[name].environment if each.startswith(family))


def _clouds_yaml(stack: Stack, settings: Mapping[str, str], region: str) -> dict[str, str]:
    names = {
        "userName": "username",
        "domainName": "user_domain_name",
        "accessKey": "ak",
        "secretKey": "sk",
        "securityToken": "security_token",
    }
    auth = {names.get(name) or snake(name): value for name, value in settings.items()}
    entry = {"auth": auth, "region_name": region}
    stack.give("clouds.yaml", json.dumps({"clouds": {ENTRY: entry}}))
    return {"OS_CLOUD": ENTRY, "OS_CLIENT_CONFIG_FILE": str(stack.folder / "clouds.yaml")}


def inputs(**more: Any) -> dict[str, Any]:
    """Return the inputs of a job whose own properties hold secrets, too."""
    secret = {"entrypoint_args": f"--password {ARGUMENT}", "runtime_config": json.dumps({"s3.secret-key": CONFIG})}
    return job("orders", **secret, **more)
