"""The end of a host whose engine has gone: nothing else ends it, and it would hold its memory for ever."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable
from functools import cache

from pulumi_dli.host.call import calls_running
from pulumi_dli.host.engine_link import in_host

LOOK_EVERY = 3.0
# A busy machine may miss one look.
LOOKS = 2


@cache
def end_with_engine(answers: Callable[[], bool]) -> None:
    """Watch the engine from now on, in Pulumi's host alone; end the process once it has gone and no call is left."""
    if in_host():
        threading.Thread(target=_watch, args=(answers,), name="pulumi-dli-end", daemon=True).start()


def _watch(answers: Callable[[], bool]) -> None:
    missed = 0
    while missed < LOOKS or calls_running():
        time.sleep(LOOK_EVERY)
        missed = 0 if answers() else missed + 1
    os._exit(0)
