"""The emulator as a server: in a thread for tests, or for the command line."""

from __future__ import annotations

import asyncio
import json
import os
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from email.utils import formatdate
from pathlib import Path

import uvicorn

from .control import Control
from .flink.choose import engine_for
from .jobs.state import State
from .options import AccessKey, Account, Options, Project
from .web.app import application
from .web.connections import CuttableProtocol

__all__ = ["AccessKey", "Account", "Emulator", "Options", "Project", "running"]

IDLE_SECONDS = 75
WILDCARDS = ("0.0.0.0", "::")  # noqa: S104 (recognised, not bound)
START_SECONDS = 30.0


class Emulator(Control):
    """A running emulator: where it is, and (inherited) its controls."""

    def __init__(self, state: State, url: str) -> None:
        """Control a state that is served under this URL."""
        super().__init__(state)
        self.url = url
        """For `dli:endpoint`; the identity service is under `/v3` of it."""
        self.auth_url = f"{url}/v3"
        self.control_token = state.control_token
        self.project_id = state.options.projects[0].id
        self.token = state.options.token

    def wait_until_held(self, count: int = 1, seconds: float = 10.0) -> None:
        """Wait until faults hold so many requests; TimeoutError if they do not."""
        deadline = time.monotonic() + seconds
        while sum(fault["holding"] for fault in self.faults()) < count:
            if time.monotonic() > deadline:
                raise TimeoutError(f"not {count} requests are held after {seconds} s")
            time.sleep(0.005)

    @property
    def engine_page(self) -> str | None:
        """The link to the page of the engine itself, which logs a browser in; None if it has none."""
        return self.state.engine.page(self.url)

    def ready(self) -> dict[str, str | int]:
        """Return what a program that started the emulator needs to know."""
        page = {"flink": self.engine_page} if self.engine_page else {}
        return {"url": self.url, "control_token": self.control_token, "pid": os.getpid(), **page}


class Server(uvicorn.Server):
    """uvicorn's server, which lets held requests go before it waits for them."""

    def __init__(self, state: State) -> None:
        """Serve a state; sockets come later."""
        self._state = state
        ahead = state.options.clock_ahead
        super().__init__(
            uvicorn.Config(
                application(state),
                http=CuttableProtocol,
                ws="none",
                loop="asyncio",
                lifespan="off",
                log_config=None,
                access_log=False,
                server_header=False,
                date_header=not ahead,
                headers=[("date", formatdate(time.time() + ahead, usegmt=True))] if ahead else [],
                timeout_keep_alive=IDLE_SECONDS,
                timeout_graceful_shutdown=10,
            )
        )

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start to serve, and tell the faults where their requests wait."""
        self._state.faults.loop = asyncio.get_running_loop()
        await super().startup(sockets)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Stop, without waiting for those who are made to wait."""
        self._state.faults.stop()
        await super().shutdown(sockets)


def listen(options: Options) -> socket.socket:
    """Return a socket that listens where the options say; OSError if it cannot."""
    family = socket.AF_INET6 if ":" in options.host else socket.AF_INET
    return socket.create_server((options.host, options.port), family=family, backlog=512)


def url_of(options: Options, listening: socket.socket) -> str:
    """Return the URL of a listening socket, as this machine reaches it."""
    host = f"[{options.host}]" if ":" in options.host else options.host
    host = "localhost" if options.host in WILDCARDS else host
    return f"http://{host}:{listening.getsockname()[1]}"


def write_ready_file(path: Path, emulator: Emulator) -> None:
    """Write the start information so that a reader sees all of it or no file."""
    unfinished = path.with_name(f"{path.name}.{os.getpid()}.tmp")
    unfinished.write_text(json.dumps(emulator.ready()), encoding="utf-8")
    unfinished.replace(path)


@contextmanager
def running(options: Options | None = None) -> Iterator[Emulator]:
    """Run an emulator in a thread, on a free port unless the options name one."""
    options = options or Options()
    engine = engine_for(options, lambda _line: None)
    listening = listen(options)
    state = State(options, engine)
    server = Server(state)
    thread = threading.Thread(target=server.run, args=([listening],), name="pulumi-dli emulator", daemon=True)
    thread.start()
    try:
        _wait_for_start(server, thread)
        state.engine.begin(state)
        emulator = Emulator(state, url_of(options, listening))
        if options.ready_file is not None:
            write_ready_file(options.ready_file, emulator)
        yield emulator
    finally:
        server.should_exit = True
        thread.join()
        listening.close()
        state.engine.close()
        state.storage.close()


def _wait_for_start(server: Server, thread: threading.Thread) -> None:
    deadline = time.monotonic() + START_SECONDS
    while not server.started:
        if not thread.is_alive() or time.monotonic() > deadline:
            raise RuntimeError("the emulator did not start")
        time.sleep(0.005)
