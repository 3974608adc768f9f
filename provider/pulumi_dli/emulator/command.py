"""The command line: `pulumi-dli emulator`, or `python -m pulumi_dli.emulator`."""

from __future__ import annotations

import argparse
import os
import signal
import sys
from pathlib import Path

from .flink.choose import engine_for
from .jobs.runtime import UnavailableError
from .jobs.state import State
from .jobs.storage import UnusableFileError
from .options import ACCESS_KEY, PASSWORD, PROJECT_ID, TOKEN, AccessKey, Account, Options, Project
from .server import Emulator, Server, listen, url_of, write_ready_file

PORT = 8480
INTERRUPTED = 130
BANNER = """\
DLI emulator on {url} (a page to look at)
  pulumi config set dli:endpoint {url}
  pulumi config set dli:projectId {project_id}
  export OS_TOKEN={token}    (or OS_AUTH_URL={url}/v3 with a user)
  controls: {url}/_emulator, with the header X-Emulator-Token: {control_token}
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the emulator's options to a parser."""
    one, many = parser.add_argument, _Repeated(parser)
    one("--host", default="127.0.0.1", help="address to listen on (default: %(default)s)")
    one("--port", type=int, default=PORT, help="0 picks a free one (default: %(default)s)")
    many("--allow-host", "NAME", str, "accept this name in the Host header")
    one("--data", type=Path, metavar="FILE", help="keep jobs, tokens and projects in this file")
    one("--cloud", choices=("otc", "huawei"), default="otc", help="whose answers (default: otc)")
    one(
        "--savepoint-removed",
        choices=("running", "run"),
        default="running",
        help="when a restart removes the savepoint it used: once the job runs, or when run is accepted",
    )
    one(
        "--queue-full",
        choices=("wait", "fail"),
        default="wait",
        help="what a submission does that finds too few free CUs in its queue (default: wait)",
    )
    one("--leave-out", metavar="NAME", action="append", default=[], help="a name that the details do not have")
    one("--unset", choices=("empty", "null"), default="empty", help="how unset texts are shown")
    one("--token", default=TOKEN, help="a token that is always valid (default: %(default)s)")
    many("--account", "USER:PASSWORD[:DOMAIN]", _account, f"replaces the default account, emulator:{PASSWORD}")
    one("--token-life", type=_factor, default=24 * 3600.0, metavar="SECONDS", help="how long a token lives")
    many("--access-key", "KEY:SECRET[:SECURITY_TOKEN]", _access_key, f"replaces the default key, {ACCESS_KEY}")
    one("--signature", choices=("any", "otc", "huawei"), default="any", help="accepted signatures (default: any)")
    one("--clock-ahead", type=float, default=0.0, metavar="SECONDS", help="how far its clock is ahead of this one")
    one("--requests-per-second", type=int, metavar="N", help="answer 429 to more (default: no limit)")
    many("--project", "ID[=NAME]", _project, f"replaces the default, {PROJECT_ID}=emulator")
    many("--queue", "NAME[=CUS]", _queue, "replaces the default queues")
    one("--time-factor", type=_factor, default=1.0, help="1 is life-like, 1000 is for tests")
    one("--first-job-id", type=int, default=138, help="(default: %(default)s)")
    one("--control-token", help="for /_emulator (default: made up)")
    one("--log-secrets", action="store_true", help="keep entrypoint_args and runtime_config")
    one("--quiet", action="store_true", help="no line per request on stderr")
    one(
        "--flink", action="store_true", help="run jobs on a real Flink of this machine; needs --obs, Java and the extra"
    )
    one("--obs", type=Path, metavar="DIR", help="with --flink: obs://bucket/key is DIR/bucket/key")
    one("--ready-file", type=Path, metavar="FILE", help="write url, control_token and pid here")


def options_from(arguments: argparse.Namespace) -> Options:
    """Return the options that the arguments mean."""
    defaults = Options()
    return Options(
        host=arguments.host,
        port=arguments.port,
        allow_hosts=tuple(arguments.allow_host),
        data=arguments.data,
        cloud=arguments.cloud,
        unset=arguments.unset,
        left_out=tuple(arguments.leave_out),
        savepoint_removed=arguments.savepoint_removed,
        queue_full=arguments.queue_full,
        token=arguments.token,
        accounts=tuple(arguments.account) or defaults.accounts,
        token_life=arguments.token_life,
        access_keys=tuple(arguments.access_key) or defaults.access_keys,
        signature=arguments.signature,
        clock_ahead=arguments.clock_ahead,
        requests_per_second=arguments.requests_per_second,
        projects=tuple(arguments.project) or defaults.projects,
        queues=tuple(arguments.queue) or defaults.queues,
        time_factor=arguments.time_factor,
        first_job_id=arguments.first_job_id,
        control_token=arguments.control_token,
        log_secrets=arguments.log_secrets,
        quiet=arguments.quiet,
        flink=arguments.flink,
        obs=arguments.obs,
        ready_file=arguments.ready_file,
    )


def run(arguments: argparse.Namespace) -> int:
    """Serve until SIGTERM or SIGINT; return the exit code."""
    options = options_from(arguments)
    try:
        listening = listen(options)
    except OSError as error:
        return _fail(f"cannot listen on {options.host}:{options.port}: {_reason(error)}")
    try:
        state = State(options, engine_for(options, _say))
    except (UnusableFileError, UnavailableError) as error:
        listening.close()
        return _fail(str(error))
    try:
        state.engine.begin(state)
        # uvicorn raises the signal again once it has stopped; that is to end in a clean exit.
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: None)
        announce(options, Emulator(state, url_of(options, listening)))
        Server(state).run([listening])
    except UnavailableError as error:
        return _fail(str(error))
    except KeyboardInterrupt:
        return INTERRUPTED
    finally:
        state.engine.close()
        state.storage.close()
    if options.ready_file is not None:
        options.ready_file.unlink(missing_ok=True)
    return 0


def announce(options: Options, emulator: Emulator) -> None:
    """Print where the emulator is; it listens already."""
    facts = {"token": options.token, "project_id": emulator.project_id, **emulator.ready()}
    print(BANNER.format(**facts), end="", flush=True)
    if emulator.engine_page is not None:
        print(f"  Flink's own page: {emulator.engine_page}", flush=True)
    if options.ready_file is not None:
        write_ready_file(options.ready_file, emulator)


def _say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


def _fail(sentence: str) -> int:
    print(sentence, file=sys.stderr)
    return 1


def _reason(error: OSError) -> str:
    # asyncio and socket lengthen the system's own words; names that do not resolve have none.
    number = error.errno or 0
    return os.strerror(number) if number > 0 else str(error.strerror or error)


def main(arguments: list[str] | None = None) -> int:
    """Run the emulator as a program of its own."""
    parser = argparse.ArgumentParser(prog="pulumi_dli.emulator", description=__doc__)
    add_arguments(parser)
    return run(parser.parse_args(arguments))


class _Repeated:
    """Adds options that may be given several times."""

    def __init__(self, parser: argparse.ArgumentParser) -> None:
        self._parser = parser

    def __call__(self, name: str, metavar: str, kind: object, text: str) -> None:
        self._parser.add_argument(
            name, metavar=metavar, type=kind, action="append", default=[],  # type: ignore[arg-type]
            help=f"{text}; repeatable",
        )  # fmt: skip


def _account(text: str) -> Account:
    user, found, rest = text.partition(":")
    if not found:
        raise argparse.ArgumentTypeError("not USER:PASSWORD[:DOMAIN]")
    password, _, domain = rest.partition(":")
    return Account(user, password, domain or Account().domain)


def _access_key(text: str) -> AccessKey:
    key, found, rest = text.partition(":")
    if not found:
        raise argparse.ArgumentTypeError("not KEY:SECRET[:SECURITY_TOKEN]")
    secret, _, token = rest.partition(":")
    return AccessKey(key, secret, token or None)


def _project(text: str) -> Project:
    project_id, _, name = text.partition("=")
    return Project(project_id, name or project_id)


def _queue(text: str) -> tuple[str, int | None]:
    name, _, cus = text.partition("=")
    try:
        return name, int(cus) if cus else None
    except ValueError:
        raise argparse.ArgumentTypeError("not NAME[=CUS]") from None


def _factor(text: str) -> float:
    factor = float(text)
    if factor <= 0:
        raise argparse.ArgumentTypeError("must be above 0")
    return factor
