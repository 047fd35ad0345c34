"""The application's end of audio connections under test, and the media server's, which shares no code with it."""

from __future__ import annotations

import contextlib
import json
import queue
import ssl
import threading
from collections.abc import Callable, Iterator
from typing import Any

from websockets.sync.client import ClientConnection, connect
from websockets.typing import Subprotocol

from jambonz_sync.audio import AudioService, AudioStream
from jambonz_sync.audio.link import AudioArrival
from jambonz_sync.audio.reception import hold
from jambonz_sync.transport.framing import Framing
from jambonz_sync.transport.standalone import Listener
from tests.golden import load

__all__ = ["FACTS", "TIMEOUT", "AudioApplication", "audio_application", "facts"]

#: Seconds after which a test fails instead of waiting.
TIMEOUT = 20.0

#: What jambonz says first, as recorded.
FACTS: dict[str, Any] = next(step.message for step in load("18_audio_clips").steps if step.message)


def facts(**more: Any) -> dict[str, Any]:
    """The facts of a call as jambonz tells them first."""
    return {**FACTS, **more}


class AudioApplication:
    """A server for audio on a free port; what its function returns or raises can be asked for."""

    def __init__(self, *, ssl_context: ssl.SSLContext | None = None, **options: Any) -> None:
        self._scheme = "ws" if ssl_context is None else "wss"
        self.service = AudioService("/audio", **options)
        self.sessions: dict[str, Any] = {}
        #: For handlers to hand something to their test.
        self.told: queue.SimpleQueue[Any] = queue.SimpleQueue()
        self._outcomes: queue.SimpleQueue[Any] = queue.SimpleQueue()
        self._calls = contextlib.ExitStack()
        self._listener = Listener("127.0.0.1", 0, self._answer, ssl_context=ssl_context)
        self._accepting = threading.Thread(
            target=self._listener.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True
        )
        self._accepting.start()

    def _answer(self, environ: dict[str, Any], sock: Any, rest: bytes) -> bytes | None:
        if environ["PATH_INFO"] != self.service.path:
            # A client of somebody else's, who had this port before.
            return b"HTTP/1.1 404 Not Found\r\nConnection: close\r\n\r\n"
        framing = Framing(environ, self.service.subprotocols, max_message_size=self.service.max_message_size)
        self.hold(self.service, environ["PATH_INFO"], AudioArrival(sock, framing, rest))
        return None

    def hold(self, service: AudioService, path: str, arrival: AudioArrival) -> None:
        """Hold a connection, as an endpoint does."""
        hold(service, arrival, path, find_session=self.sessions.get)

    @property
    def port(self) -> int:
        return self._listener.port

    def answer(self, fn: Callable[[AudioStream], Any]) -> Callable[[AudioStream], Any]:
        """Take connections with this function; a decorator."""

        def observed(stream: AudioStream) -> None:
            try:
                result = fn(stream)
            except BaseException as error:
                self._outcomes.put(error)
                raise
            self._outcomes.put(result)

        self.service.on("connection", observed)
        return fn

    def outcome(self) -> Any:
        """What the next function that ends has returned or raised; an assertion that failed in it fails the test."""
        outcome = self._outcomes.get(timeout=TIMEOUT)
        if isinstance(outcome, AssertionError):
            raise outcome
        return outcome

    def hears(self) -> Any:
        """The next that a function has put into ``told``."""
        return self.told.get(timeout=TIMEOUT)

    def connect(self, first: dict[str, Any] | str | bytes | None = FACTS, **options: Any) -> ClientConnection:
        """Connect as the media server does, and say what is said first."""
        options = {"subprotocols": [Subprotocol("audio.jambonz.org")], "compression": None, "proxy": None, **options}
        ws = self._calls.enter_context(connect(f"{self._scheme}://127.0.0.1:{self.port}/audio", **options))
        if first is not None:
            ws.send(json.dumps(first) if isinstance(first, dict) else first)
        return ws

    def close(self) -> None:
        self._calls.close()
        self._listener.shutdown()
        self._listener.server_close()
        self._accepting.join(TIMEOUT)
        self.service.close()
        assert self.service.wait_for_end(TIMEOUT), "a stream does not end"


@contextlib.contextmanager
def audio_application(**options: Any) -> Iterator[AudioApplication]:
    """Serve audio until the end of the block."""
    application = AudioApplication(**options)
    try:
        yield application
    finally:
        application.close()
