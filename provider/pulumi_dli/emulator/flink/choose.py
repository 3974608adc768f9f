"""Which engine moves jobs on: the clock, or the real Flink that the options ask for."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from ..jobs.runtime import Engine, UnavailableError
from ..options import Options


def engine_for(options: Options, say: Callable[[str], None]) -> Engine | None:
    """Return the engine that the options ask for, None for the clock; `say` takes lines on its progress.

    Raises UnavailableError.
    """
    if not options.flink:
        return None
    if options.obs is None or not options.obs.is_dir():
        raise UnavailableError("--flink needs --obs DIR: an existing folder in which obs://bucket/key is bucket/key")
    try:
        from . import distribution  # noqa: PLC0415 - an extra
        from .runtime import FlinkEngine  # noqa: PLC0415 (with what only the extra brings)
    except ImportError as error:
        raise UnavailableError(f"--flink lacks {error.name}: pip install 'pulumi-dli[flink]'") from None
    work = options.data and Path(f"{options.data}.flink")
    return FlinkEngine(distribution.find(), options.obs, work, say)
