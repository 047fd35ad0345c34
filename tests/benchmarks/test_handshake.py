from __future__ import annotations

from benchmarks.handshake import upgrade_request
from jambonz_sync.transport.framing import Framing


def test_upgrade_request() -> None:
    """It is a handshake that is accepted, with whatever lines were added, and never the same key."""
    one, two = upgrade_request("/app"), upgrade_request("/voices", "audio.jambonz.org", "User-Agent: jambonz\r\n")
    for request, path, subprotocol in ((one, "/app", "ws.jambonz.org"), (two, "/voices", "audio.jambonz.org")):
        first, *lines = request.decode().removesuffix("\r\n\r\n").split("\r\n")
        assert first == f"GET {path} HTTP/1.1"
        headers = dict(line.split(": ", 1) for line in lines)
        environ = {f"HTTP_{name.upper().replace('-', '_')}": value for name, value in headers.items()}
        assert Framing(environ, [subprotocol]).subprotocol == subprotocol
    assert b"\r\nUser-Agent: jambonz\r\n" in two
    assert one != upgrade_request("/app")
