"""An error as the user sees it: one line that names the job, without a traceback."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager

from pulumi_dli.errors import DefectError, DliError, place_of
from pulumi_dli.host.engine_link import in_host


@contextmanager
def one_line(name: str) -> Iterator[None]:
    """Name the job in an error, and hide its traceback; what is no error of ours becomes a DefectError."""
    try:
        yield
    except DliError as error:
        error.where = name
        _hide_traceback()
        raise error from None  # without what it was raised from: one line
    except Exception as error:  # noqa: BLE001 - a defect must not reach the user as a traceback
        _hide_traceback()
        defect = DefectError(f"a defect of pulumi-dli: {place_of(error)}", remedy="please report it")
        defect.where = name
        raise defect from None


def _hide_traceback() -> None:
    # Only in the host: in the program's process it makes registrations fail in silence.
    if in_host():
        sys.tracebacklimit = 0
