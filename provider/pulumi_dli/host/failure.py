"""A failure as the user and the engine get it: one line that names the job, and what is left of the job."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from pulumi_dli.errors import DefectError, DliError, place_of
from pulumi_dli.host.bags import name_of
from pulumi_dli.host.call import Call, Left
from pulumi_dli.redaction import masked
from pulumi_dli.schema.resource import secrets_of


def _nothing(_: DliError) -> Left | None:
    return None


@contextmanager
def one_line(
    call: Call, bag: Mapping[str, Any], left: Callable[[DliError], Left | None] = _nothing, *, name: str | None = None
) -> Iterator[None]:
    """Answer the call with an error's one line, and with what `left` says of it; a mistake becomes a DefectError."""
    try:
        yield
    except DliError as error:
        error.where = name or name_of(bag)
        # The engine stores the line in plain text with what is left.
        call.fail(masked(str(error), secrets_of(bag)), left(error))
        raise error from None  # without what it was raised from
    except Exception as error:  # noqa: BLE001 - a defect must not reach the user as a traceback
        defect = DefectError(f"a defect of pulumi-dli: {place_of(error)}", remedy="please report it")
        defect.where = name or name_of(bag)
        call.fail(str(defect))
        raise defect from None
