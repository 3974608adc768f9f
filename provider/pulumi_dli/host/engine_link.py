"""The link from the provider's host process to the Pulumi engine: live messages, and whether it still lives.

The host outlives an engine that was killed; the engine's address is the host's last argument.
"""

from __future__ import annotations

import socket
import sys
from pathlib import PurePath

import grpc
from pulumi.runtime.proto import engine_pb2, engine_pb2_grpc

_TIMEOUT = 5.0


def in_host() -> bool:
    """Tell whether this process is Pulumi's host of dynamic providers (not the user's program)."""
    program = PurePath(sys.argv[0]) if sys.argv else PurePath()
    return program.parts[-3:] == ("pulumi", "dynamic", "__main__.py") and len(sys.argv) > 1


class EngineLink:
    """Talks to the engine that started this host; silent where there is none."""

    def __init__(self) -> None:
        """Read the engine's address; connect when it is first needed."""
        self._address = sys.argv[-1] if in_host() else None
        self._stub: engine_pb2_grpc.EngineStub | None = None

    def answers(self) -> bool:
        """Tell whether the engine still accepts connections."""
        if self._address is None:
            return True
        host, _, port = self._address.rpartition(":")
        try:
            with socket.create_connection((host, int(port)), timeout=_TIMEOUT):
                return True
        except OSError:
            return False

    def progress(self, urn: str | None, text: str) -> None:
        """Show a line on the resource's row while the step lasts."""
        self._log(engine_pb2.INFO, urn, text, ephemeral=True)

    def info(self, urn: str | None, text: str) -> None:
        """Show a line that stays."""
        self._log(engine_pb2.INFO, urn, text)

    def warning(self, urn: str | None, text: str) -> None:
        """Show a warning that stays."""
        self._log(engine_pb2.WARNING, urn, text)

    def _log(
        self, severity: engine_pb2.LogSeverity.ValueType, urn: str | None, text: str, *, ephemeral: bool = False
    ) -> None:
        if self._address is None:
            return
        if self._stub is None:
            self._stub = engine_pb2_grpc.EngineStub(grpc.insecure_channel(self._address))
        request = engine_pb2.LogRequest(severity=severity, message=text, urn=urn or "", ephemeral=ephemeral)
        try:
            self._stub.Log(request, timeout=_TIMEOUT)
        except grpc.RpcError:
            return  # a message that nobody reads any more; the next step notices the dead engine
