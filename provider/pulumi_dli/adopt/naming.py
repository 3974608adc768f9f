"""Names for the variables and resources of a program, from the names of jobs, which may be any text."""

from __future__ import annotations

import builtins
import keyword
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import chain, count

# What the program itself names, and what a reader takes for Python's own.
_TAKEN = frozenset({*keyword.kwlist, *keyword.softkwlist, *dir(builtins), "pulumi", "dli", "config"})


@dataclass(frozen=True)
class Names:
    """How a job is called in the program: the variable, and the resource in the stack."""

    variable: str
    resource: str


def names_of(wanted: Mapping[str, str]) -> dict[str, Names]:
    """Return names for jobs, given by id with the names that they want; the same for the same jobs.

    The job with the smallest id gets the name it wants, others that want it get their id with it.
    """
    variables: set[str] = set()
    resources: set[str] = set()
    names = {}
    for job_id in sorted(wanted, key=lambda each: (len(each), each)):
        variable = _free(_variable(wanted[job_id], job_id), f"_{job_id}", variables)
        resource = _free(_resource(wanted[job_id]) or variable, f"-{job_id}", resources)
        names[job_id] = Names(variable, resource)
    return names


def _variable(text: str, job_id: str) -> str:
    """Return an identifier in ASCII letters, so that no two look alike."""
    letters = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    word = re.sub(r"[^a-z0-9]+", "_", letters).strip("_")
    if not word:
        return f"job_{job_id}"
    return f"job_{word}" if word[0].isdigit() else f"{word}_job" if word in _TAKEN else word


def _resource(text: str) -> str:
    """Return the name as it is where it can be a part of a URN and of a command line; else nothing."""
    return text if text[:1].isalnum() and all(char.isalnum() or char in "-_." for char in text) else ""


def _free(wanted: str, suffix: str, taken: set[str]) -> str:
    tries = chain([wanted, wanted + suffix], (f"{wanted}{suffix}{suffix[0]}{number}" for number in count(2)))
    name = next(each for each in tries if each not in taken)
    taken.add(name)
    return name
