"""An echo on our own listener, framing and link, for the Autobahn testsuite: ``python -m tests.autobahn.echo_server``.

Prints the port it listens on and serves until it is told to stop.
"""

from __future__ import annotations

import argparse
import math
import signal
import socket
import threading

from jambonz_sync.transport.framing import Framing
from jambonz_sync.transport.http_request import Environ
from jambonz_sync.transport.link import Link
from jambonz_sync.transport.standalone import Listener

# Section 9 of the testsuite sends messages of 16 MiB and reads none of the echo before it has sent all.
LARGEST = 32 * 1024 * 1024


class Echo:
    """Sends every message back to where it came from."""

    def __init__(self, sock: socket.socket, framing: Framing, rest: bytes) -> None:
        self.lock = threading.Lock()
        messages = framing.receive(rest)
        self.link = Link(
            sock, framing, self, self.lock, ping_interval=None, max_unwritten=4 * LARGEST, messages=messages
        )
        self.over = False

    def message(self, message: str | bytes) -> None:
        self.link.send(message)

    def lost(self, code: int, reason: str) -> None:
        self.over = True

    def due(self) -> float:
        return math.inf

    def tick(self) -> None:
        pass

    def report(self) -> None:
        pass


def answer(environ: Environ, sock: socket.socket, rest: bytes) -> None:
    echo = Echo(sock, Framing(environ, max_message_size=LARGEST), rest)
    with echo.lock:
        echo.link.open()
    echo.link.wait(lambda: echo.over)
    echo.link.finish()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, default=0)
    listener = Listener("127.0.0.1", parser.parse_args().port, answer)
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: threading.Thread(target=listener.shutdown).start())
    print(listener.port, flush=True)
    listener.serve_forever(poll_interval=0.1)
    listener.server_close()


if __name__ == "__main__":
    main()
