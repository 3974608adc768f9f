"""How many jobs this host works on at once.

Pulumi's host of dynamic providers has four worker threads (`max_workers=4` in `pulumi/dynamic/__main__.py`). The
restart of a job holds one of them for minutes, so a stack's restarts would queue behind each other. With a wider
pool the engine's `--parallel` alone is the limit.
"""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

MOST_AT_ONCE = 256


def widen() -> bool:
    """Let the pool whose worker calls this grow to `MOST_AT_ONCE` threads, as they are needed.

    Reaches the pool through private attributes of Python's threads: where these have changed, nothing
    happens, jobs only wait longer, and the answer is False.
    """
    pool = _pool_of(threading.current_thread())
    if pool is None:
        return False
    pool._max_workers = max(pool._max_workers, MOST_AT_ONCE)
    return True


def _pool_of(worker: threading.Thread) -> ThreadPoolExecutor | None:
    """Return the pool that a thread works for: it refers to it by the first argument of its target."""
    try:
        pool = worker._args[0]()  # type: ignore[attr-defined]
    except (AttributeError, IndexError, TypeError):
        return None
    known = isinstance(pool, ThreadPoolExecutor) and isinstance(getattr(pool, "_max_workers", None), int)
    return pool if known else None
