"""Which credentials are used, and why: the first complete set wins. Pure.

Sets are looked for in the program's or the stack's config, then in the OS_* variables, the HW_* variables
and clouds.yaml; in each a token first, then an access key, then user and password. A set that the config
begins may be completed from the environment (the user in the config, the password in the pipeline's
secrets); the other sources do not complete each other.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from pulumi_dli.config.addresses import checked_address, host_of, is_allowed, is_known
from pulumi_dli.config.settings import ALLOWED_HOSTS, OTHER_VARIABLES, Found, Settings, Source, variables
from pulumi_dli.config.table import NAMESPACE, SETTING
from pulumi_dli.errors import ConfigurationError


@dataclass(frozen=True)
class ValueType:
    """A kind of credentials, as settings: each group is a choice of names, of which one is needed.

    `keys` are what proves who sends a request; `needs` may come from any source; `extras` come with the keys only.
    """

    name: str
    keys: tuple[tuple[str, ...], ...]
    needs: tuple[tuple[str, ...], ...] = ()
    extras: tuple[str, ...] = ()


TOKEN = ValueType("token", (("token",),))
ACCESS_KEY = ValueType("access key", (("accessKey",), ("secretKey",)), extras=("securityToken",))
PASSWORD = ValueType(
    "user and password",
    (("userName", "userId"), ("password",)),
    needs=(("domainName", "domainId"), ("authUrl",), ("projectId", "projectName")),
)
KINDS = (TOKEN, ACCESS_KEY, PASSWORD)


@dataclass(frozen=True)
class Credentials:
    """A complete set. `parts` are its settings by name, each with where it was found."""

    kind: ValueType
    source: str
    parts: Mapping[str, Found] = field(repr=False)
    ambient: bool = False
    """A secret of it comes from the machine (environment or clouds.yaml), not from program or stack."""

    def get(self, name: str) -> str | None:
        """Return a part's value, None where it has none."""
        return self.parts[name].value if name in self.parts else None


@dataclass(frozen=True)
class Attempt:
    """A set that was looked at: what it has, and which settings it lacks (of a choice, all its names)."""

    kind: ValueType
    source: Source
    parts: Mapping[str, Found] = field(repr=False)
    missing: tuple[tuple[str, ...], ...] = ()

    def words(self) -> str:
        """Say in words what is missing."""
        begun = next(found.where for group in self.kind.keys for name in group if (found := self.parts.get(name)))
        lacking = ", ".join(_with_variables(group) for group in self.missing)
        return f"{self.kind.name} (begun by {begun}) lacks {lacking}"


def attempts(settings: Settings) -> Iterator[Attempt]:
    """Yield the sets that were begun somewhere, in the order in which they are considered."""
    for source in settings.sources:
        for kind in KINDS:
            if any(name in source.found for group in kind.keys for name in group):
                yield _attempt(kind, source, settings)


def choose(settings: Settings) -> Credentials:
    """Return the first complete set.

    Raises ConfigurationError that lists what was looked at and what is missing.
    """
    begun = []
    for attempt in attempts(settings):
        if not attempt.missing:
            secret = [found for name, found in attempt.parts.items() if SETTING[name].secret]
            ambient = any(settings.is_ambient(found) for found in secret)
            return Credentials(attempt.kind, attempt.source.name, attempt.parts, ambient)
        begun.append(attempt.words())
    looked = ", ".join(source.name for source in settings.sources if source.name != OTHER_VARIABLES)
    facts = [*begun, *([settings.unread] if settings.unread else [])]
    raise ConfigurationError(
        f"no credentials: neither a token ({_with_variables(('token',))}), nor an access key "
        f"({NAMESPACE}:accessKey and {NAMESPACE}:secretKey, or OS_ACCESS_KEY and OS_SECRET_KEY), nor user and password "
        f"({NAMESPACE}:userName and {NAMESPACE}:password, or OS_USERNAME and OS_PASSWORD) is complete in {looked}"
        + "".join(f"; {fact}" for fact in facts)
    )


def expect_allowed(credentials: Credentials, address: str, settings: Settings) -> None:
    """Refuse to send credentials of this machine to a host that neither is a cloud's own nor was allowed.

    Whoever can change the stack's config could otherwise send them anywhere. Raises ConfigurationError.
    """
    host = host_of(address)
    if not credentials.ambient or is_known(host) or is_allowed(host, settings.allowed_hosts):
        return
    secret = next(found.where for name, found in credentials.parts.items() if SETTING[name].secret)
    raise ConfigurationError(
        f"{secret} is not sent to {host}, which is no host of Open Telekom Cloud or Huawei Cloud",
        remedy=f"correct the address, or allow this host by {ALLOWED_HOSTS}={host} in the environment",
    )


def iam_address(settings: Settings, credentials: Credentials) -> str:
    """Return the address of IAM for these credentials: their own source's before another's, else the region's.

    Raises ConfigurationError where there is none, or it may not receive these credentials.
    """
    found = settings.first("authUrl", before=credentials.source)
    address = _with_version(checked_address(found[1].where, found[1].value)) if found else settings.auth_url
    if address is None:
        raise ConfigurationError(
            f"no address of IAM: set {_with_variables(('authUrl',))}, or {_with_variables(('region',))}"
        )
    # The machine's own address of IAM is as good as its credentials.
    if found is None or not settings.is_ambient(found[1]):
        expect_allowed(credentials, address, settings)
    return address


def _with_version(address: str | None) -> str:
    """Complete an address without a path, as many have it, to Keystone's v3."""
    return f"{address}/v3" if address and not urlsplit(address).path else address or ""


def _attempt(kind: ValueType, source: Source, settings: Settings) -> Attempt:
    """Gather a set from the source that begins it: keys also from this machine where the config begins it."""
    others = [each for each in settings.sources if each.ambient and not source.ambient]
    asked = [(group, _first([source, *others], group)) for group in kind.keys]
    by_id = any(found is not None and found[0] == "userId" for _, found in asked)
    for group in kind.needs:
        found = settings.first(*group, before=source.name)
        if found is not None or not (_derived(group, settings) or ("domainName" in group and by_id)):
            asked.append((group, found))
    parts = dict(found for _, found in asked if found is not None)
    first = next((parts[name].source for name in kind.keys[0] if name in parts), source.name)
    beside = [each for each in settings.sources if each.name == first]
    parts |= dict(found for name in kind.extras if (found := _first(beside, (name,))) is not None)
    return Attempt(kind, source, parts, tuple(group for group, found in asked if found is None))


def _first(sources: Iterable[Source], names: tuple[str, ...]) -> tuple[str, Found] | None:
    return next(((name, each.found[name]) for each in sources for name in names if name in each.found), None)


def _derived(group: tuple[str, ...], settings: Settings) -> bool:
    """Tell whether a part follows from the region: IAM's address, and the project that has the region's name."""
    return settings.auth_url is not None if "authUrl" in group else "projectName" in group and settings.region != ""


def _with_variables(group: tuple[str, ...]) -> str:
    named = " or ".join(f"{NAMESPACE}:{name}" for name in group)
    known = variables(group[0])
    return f"{named} or {known[0]}" if known else named
