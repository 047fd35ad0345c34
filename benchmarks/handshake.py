"""The request by which jambonz opens a websocket."""

from __future__ import annotations

import base64
import os

__all__ = ["upgrade_request"]


def upgrade_request(path: str, subprotocol: str = "ws.jambonz.org", more: str = "") -> bytes:
    """Return its bytes.

    ::

        sock.sendall(upgrade_request("/app"))

    ``more``: further lines of the head, each with its end.
    """
    key = base64.b64encode(os.urandom(16)).decode()
    return (
        f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        f"Sec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\n{more}"
        f"Sec-WebSocket-Protocol: {subprotocol}\r\n\r\n"
    ).encode()
