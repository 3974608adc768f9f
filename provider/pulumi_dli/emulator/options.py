"""What the emulator can be given when it starts."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

PROJECT_ID = "d11e0000000000000000000000000001"
TOKEN = "emulator-token"  # noqa: S105 (documented, and worth nothing)
PASSWORD = "emulator-password"  # noqa: S105 (as above)
ACCESS_KEY = "EMULATORACCESSKEY"
SECRET_KEY = "emulator-secret-key"  # noqa: S105 (documented, and worth nothing)


@dataclass(frozen=True)
class Account:
    """A user that can ask for tokens."""

    user: str = "emulator"
    password: str = field(default=PASSWORD, repr=False)
    domain: str = "emulator"


@dataclass(frozen=True)
class AccessKey:
    """An access key (AK) with its secret key; a temporary one has a security token, too."""

    key: str = ACCESS_KEY
    secret: str = field(default=SECRET_KEY, repr=False)
    security_token: str | None = field(default=None, repr=False)


@dataclass(frozen=True)
class Project:
    """A project; every account, access key and the static token may use it."""

    id: str = PROJECT_ID
    name: str = "emulator"


@dataclass(frozen=True)
class Options:
    """The emulator's settings; the command line has one option for each."""

    host: str = "127.0.0.1"
    port: int = 0
    """0 picks a free one. (The command line's default is 8480.)"""
    allow_hosts: tuple[str, ...] = ()
    """Names in the Host header to accept besides loopback ones and `host`."""
    data: Path | None = None
    """SQLite file; None keeps everything in memory."""
    cloud: str = "otc"
    """`otc` answers `is_success` as a boolean, `huawei` as a string."""
    unset: str = "empty"
    """How the details show texts that were never set: `empty` as "", `null` as null [otc]."""
    left_out: tuple[str, ...] = ()
    """Names that the details and the list leave out, as some services do: `start_time`, say."""
    savepoint_removed: str = "running"
    """When the savepoint that a stop made goes after a restart: `run` (accepted) or `running` (the job runs)."""
    queue_full: str = "wait"
    """What a submission does that finds too few free CUs in its queue: `wait` or `fail`."""
    token: str = TOKEN
    """A token that is always valid, in every project."""
    accounts: tuple[Account, ...] = (Account(),)
    token_life: float = 24 * 3600
    """Seconds that a token lives."""
    access_keys: tuple[AccessKey, ...] = (AccessKey(),)
    """Keys to sign requests with, in every project."""
    signature: str = "any"
    """Which form of signatures is accepted: `otc`, `huawei` or `any`."""
    clock_ahead: float = 0.0
    """Seconds that the service's clock is ahead of this machine's."""
    requests_per_second: int | None = None
    """Requests that are taken in each second; the rest is answered 429 with Retry-After. None: no limit."""
    projects: tuple[Project, ...] = (Project(),)
    queues: tuple[tuple[str, int | None], ...] = (
        ("streaming", None), ("testQueue", None), ("dev", None), ("staging", None), ("prod", None),
    )  # fmt: skip
    """Names of queues, with their CUs (None: not bounded)."""
    time_factor: float = 1.0
    """How many times faster than life the statuses pass."""
    first_job_id: int = 138
    control_token: str | None = None
    """For /_emulator/*; None makes one up."""
    log_secrets: bool = False
    """Keep the values of entrypoint_args and runtime_config in the request log."""
    quiet: bool = True
    """No line per request on stderr. (The command line's default is to write them.)"""
    flink: bool = False
    """Run jobs on a real Flink of this machine (extra `flink`, and Java) instead of by the clock."""
    obs: Path | None = None
    """The folder in which Flink finds `obs://bucket/key`, as `bucket/key`."""
    ready_file: Path | None = None
    """Where to write {url, control_token, pid} once it listens."""
