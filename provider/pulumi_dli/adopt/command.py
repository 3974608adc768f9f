"""`pulumi-dli adopt`: write a program that adopts existing jobs as they are.

It sends nothing but GETs and logins to DLI. Progress and remarks go to stderr, the list of jobs to stdout; exit code 0
for done (or nothing to do), 1 for an error, 2 for wrong arguments, 130 for an interruption.
"""

from __future__ import annotations

import argparse
import os
import shlex
import sys
from collections.abc import Sequence
from pathlib import Path

from pulumi_dli.adopt.declarations import Entry, Found, entry
from pulumi_dli.adopt.discovery import chosen_jobs, found_jobs, jobs_of_terraform, not_managed
from pulumi_dli.adopt.naming import names_of
from pulumi_dli.adopt.pulumi_project import Stack, Value, missing_values, new_files, set_values, stack_in, write
from pulumi_dli.adopt.python_literals import text_literal
from pulumi_dli.adopt.render import program
from pulumi_dli.adopt.terraform import RESOURCE, Managed, managed_jobs
from pulumi_dli.api.client import DliClient
from pulumi_dli.config.settings import Settings, read_settings, stack_settings
from pulumi_dli.config.table import NAMESPACE
from pulumi_dli.errors import ConfigurationError, DliError, ProjectError
from pulumi_dli.foreign_text import sanitized

_INTERRUPTED = 130
_LONGEST = 2000
# Where DLI is, as options: what may stand in a process list; credentials may not.
_PLACE = ("endpoint", "region", "projectId")

_EPILOG = """\
Settings come from the options, else from the stack's config, else from the environment, as with the provider
itself. Further runs change nothing that is there; jobs that the stack manages already are left out.
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of the subcommand to a parser."""
    one = parser.add_argument
    parser.description = "Write a program that adopts existing Flink JAR jobs, so that `pulumi up` changes nothing."
    parser.epilog = _EPILOG
    one("--name", metavar="PATTERN", default="*", help="only jobs with such a name, for example 'click*'")
    one("--queue", metavar="QUEUE", help="only jobs of this queue")
    one("--terraform-state", type=Path, metavar="FILE", help=f"only the jobs ({RESOURCE}) of this Terraform state")
    one("--output", type=Path, default=Path(), metavar="DIR", help="folder of the Pulumi project (default: this one)")
    one("--program", default="__main__.py", metavar="FILE", help="file to write in it (default: %(default)s)")
    one("--stack", help="stack whose config takes the secrets; made if absent (default: the selected one)")
    one("--endpoint", help="address of DLI, stored in the stack's config")
    one("--region", help="region, stored in the stack's config")
    one("--project-id", dest="projectId", metavar="ID", help="project of DLI, stored in the stack's config")
    one("--dry-run", action="store_true", help="print the program and write nothing")


def run(arguments: argparse.Namespace) -> int:
    """Adopt what the arguments name; return the exit code."""
    try:
        _adopt(arguments, arguments.output.resolve())
    except DliError as error:
        _say(str(error))
        return 1
    except KeyboardInterrupt:
        _say("interrupted: run it again to finish, nothing was changed in DLI")
        return _INTERRUPTED
    return 0


def _adopt(arguments: argparse.Namespace, folder: Path) -> None:
    stack = stack_in(folder, arguments.stack)
    place = {name: value for name in _PLACE if (value := getattr(arguments, name))}
    settings = read_settings({**stack_settings(stack.config if stack else {}), **place}, os.environ)
    found = _found(arguments, settings, stack)
    if not found:
        _tell("nothing to adopt")
        return
    names = names_of({each.observed.job_id: each.called for each in found})
    entries = [entry(each, names[each.observed.job_id], settings.cloud) for each in found]
    text = program(entries)
    for each in entries:
        for note in each.notes:
            _say(f"{each.names.variable}: {note}")
    if arguments.dry_run:
        _tell(text, end="")
        return
    _write(folder, folder / arguments.program, text, stack, _values(entries, place))
    _tell_jobs(found, entries)
    _tell(f"{len(entries)} jobs in {folder / arguments.program}; next, it changes nothing: {_next(folder, stack)}")


def _next(folder: Path, stack: Stack | None) -> str:
    """Return the command that adopts the jobs, as it is typed here."""
    words = ["pulumi", "up", *(["--cwd", str(folder)] if folder != Path.cwd() else [])]
    return shlex.join([*words, *(["--stack", stack.name] if stack else [])])


def _found(arguments: argparse.Namespace, settings: Settings, stack: Stack | None) -> list[Found]:
    terraform = _terraform(arguments.terraform_state)
    client = DliClient(settings)
    if arguments.terraform_state:
        chosen = jobs_of_terraform(terraform, arguments.name, settings.region, _say)
    else:
        chosen = chosen_jobs(client, arguments.name, arguments.queue)
    wanted = not_managed(chosen, stack.job_ids if stack else frozenset(), _say)
    found = (
        found_jobs(client, wanted, {each.job_id: each for each in terraform}, arguments.queue, _say) if wanted else []
    )
    if not found and len(wanted) == len(chosen):
        raise ConfigurationError(f"no Flink JAR job of project {client.project_id} fits: see --name and --queue")
    return found


def _terraform(path: Path | None) -> list[Managed]:
    if path is None:
        return []
    try:
        managed = managed_jobs(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigurationError(f"{path} cannot be read: {getattr(error, 'strerror', None) or 'no text'}") from None
    except ConfigurationError as error:
        raise ConfigurationError(f"{path}: {error}") from None
    if not managed:
        raise ConfigurationError(f"{path} holds no {RESOURCE}")
    return managed


def _values(entries: Sequence[Entry], place: dict[str, str]) -> dict[str, Value]:
    settings = {f"{NAMESPACE}:{name}": Value(text) for name, text in place.items()}
    secrets = {each.key(name): Value(text, secret=True) for each in entries for name, text in each.secrets.items()}
    return {**settings, **secrets}


def _write(folder: Path, path: Path, text: str, stack: Stack | None, values: dict[str, Value]) -> None:
    """Write files and config; every refusal comes before the first of them."""
    secrets = [key for key, value in values.items() if value.secret]
    if stack is None and secrets:
        raise ProjectError(
            f"{len(secrets)} secrets, such as {secrets[0]}, belong into the config of a stack, and none is selected: "
            "name one with --stack"
        )
    missing = missing_values(stack, values) if stack else {}
    files = new_files(folder, path, text)
    write(files)
    for each in files:
        _say(f"wrote {each}")
    if stack is None:
        for key, value in values.items():
            _say(f"left to do, in the stack of your choice: pulumi config set {key} {value.text}")
        return
    set_values(folder, stack, missing, _say)
    if missing:
        kept = sum(value.secret for value in missing.values())
        _say(f"set {len(missing)} values, {kept} of them secret, in the config of stack {stack.name}")


def _tell_jobs(found: Sequence[Found], entries: Sequence[Entry]) -> None:
    for each, made in zip(found, entries, strict=True):
        name = text_literal(str(each.observed.value("name") or ""))
        _tell(sanitized(f"{each.observed.job_id}  {each.observed.status}  {name}  {made.names.variable}"))


def _say(text: str) -> None:
    """Report progress, a remark or an error: one line on stderr."""
    print(f"pulumi-dli adopt: {sanitized(text, _LONGEST)}", file=sys.stderr, flush=True)


def _tell(text: str, end: str = "\n") -> None:
    print(text, end=end, flush=True)
