"""Connections that can be cut: ASGI alone has no way to close one without an answer."""

from __future__ import annotations

import asyncio
import socket
from typing import Any

from uvicorn.protocols.http.h11_impl import H11Protocol

_TRANSPORTS: dict[tuple[Any, Any], asyncio.Transport] = {}


class CuttableProtocol(H11Protocol):
    """uvicorn's HTTP/1.1 protocol, which also remembers the transport of each pair of addresses."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Remember the connection, and let small answers go at once."""
        super().connection_made(transport)
        # asyncio sets TCP_NODELAY only on sockets made with an explicit protocol number; without
        # it an answer's body waits 40 ms for the client's delayed acknowledgement of the head.
        transport.get_extra_info("socket").setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        _TRANSPORTS[self.client, self.server] = transport

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget the connection."""
        _TRANSPORTS.pop((self.client, self.server), None)
        super().connection_lost(exc)


def abort(client: Any, server: Any) -> None:
    """Close the connection between these two addresses (as ASGI names them) at once."""
    transport = _TRANSPORTS.get((client, server))
    if transport is not None:
        transport.abort()
