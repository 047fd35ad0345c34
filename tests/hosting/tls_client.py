"""TLS for clients that read on one thread and write on another, as `websockets` does.

OpenSSL does not bear two calls at once on one connection, and not every version of Python keeps them apart: now and
then a handshake or a close frame is lost in the client. What is here waits outside of OpenSSL, so that there is one
call at a time.
"""

from __future__ import annotations

import select
import ssl
import threading
from typing import Any

import pytest
from typing_extensions import Self

__all__ = ["one_call_at_a_time"]


class _OneCallAtATime(ssl.SSLSocket):
    _calling: threading.RLock

    def __new__(cls, *args: Any, **options: Any) -> Self:
        self = super().__new__(cls, *args, **options)
        self._calling = threading.RLock()
        return self

    def recv(self, buflen: int = 1024, flags: int = 0) -> bytes:
        """Block until something comes; return it, or ``b""`` at the end."""
        while True:
            with self._calling:
                timeout = self.gettimeout()
                self.settimeout(0)
                try:
                    return super().recv(buflen, flags)
                except ssl.SSLWantReadError:
                    if timeout == 0:
                        raise
                finally:
                    self.settimeout(timeout)
            self._wait(timeout)

    def _wait(self, timeout: float | None) -> None:
        poll = select.poll()
        poll.register(self, select.POLLIN)
        if not poll.poll(None if timeout is None else timeout * 1000):
            raise TimeoutError("timed out")

    def send(self, data: Any, flags: int = 0) -> int:
        """Block until some of it is written; return how much."""
        with self._calling:
            return super().send(data, flags)


def one_call_at_a_time(patch: pytest.MonkeyPatch) -> None:
    """Have all clients of this process use it."""
    patch.setattr(ssl.SSLContext, "sslsocket_class", _OneCallAtATime)
